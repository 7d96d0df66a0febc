"""Carbon of a kWh by zone and year: life cycle, its direct and upstream parts, and what the grid loses."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from catalogue_mix import oil
from catalogue_rows import (
    GENERATION,
    Inputs,
    Range,
    Record,
    Row,
    Technologies,
    ids,
    mix_of,
    of_placeless,
    percentile,
    proxy_note,
    range_of,
    spanning,
    widened,
)

MIXED_BASIS = "direct of consumption and upstream of generation"
_PUBLISHED_SINCE = 2020
_OF_GENERATION = "of generation; imports are left out"


class Weighed(NamedTuple):
    """A country's part in the mean of the world."""

    twh: float
    total: float
    upstream: float
    year: int


class Ratios(NamedTuple):
    """How far a second method lies below and above."""

    low: float
    high: float


NO_SECOND_METHOD = Ratios(1.0, 1.0)


def split(total: Range, upstream: float, hint: Range, ratios: Ratios) -> tuple[Range, Range, Range]:
    """Total, direct and upstream whose lows, centrals and highs all add up, in thousandths.

    Upstream keeps its own low and high. Direct spans ``ratios`` of its central, and what the total needs beyond. Where
    little is burnt, at least half of what a second method adds is taken for fuel burnt for imports.
    """
    low, central, high = (round(value * 1000) for value in total)
    up = round(upstream * 1000)
    burnt = central - up
    up_low, up_high = min(round(hint.low * 1000), up), max(round(hint.high * 1000), up)
    low = max(0, min(low, round(burnt * ratios.low) + up_low))
    high = max(high, burnt + round((ratios.high - 1) * max(burnt, central / 2)) + up_high)
    up_low = min(up_low, low)
    parts = ((low, central, high), (low - up_low, burnt, high - up_high), (up_low, up, up_high))
    whole, direct, above = (Range(*(value / 1000 for value in part)) for part in parts)
    return whole, direct, above


def _ratios(record: Record) -> Ratios:
    return Ratios(float(record["low_ratio"]), float(record["high_ratio"]))


class Carbon:
    """The rows of ``carbon_location.csv``."""

    def __init__(self, inputs: Inputs, technologies: Technologies) -> None:
        self._inputs, self._technologies = inputs, technologies
        self._classes = {one["class"]: one for one in inputs.uncertainty}
        self._facts = {one["fact"]: one for one in inputs.facts}
        self._countries = {one["zone"]: one for one in inputs.countries}
        self._zones = {one["zone"]: one for one in inputs.zones}
        self._in_zone_country = {one["zone"]: one["country"] for one in (*inputs.zones, *inputs.subregions)}

    def rows(self) -> list[Row]:
        """All rows."""
        latest = {zone: self._latest(record) for zone, record in self._countries.items()}
        earlier = {zone: self._earlier(record) for zone, record in self._countries.items()}
        for zone in self._inputs.zones:
            latest[zone["zone"]] = self._zone(zone, latest[zone["country"]][0])
        for record in self._inputs.zones_earlier:
            earlier[record["zone"]] = self._zone_earlier(record)
        subregions = {record["zone"]: self._subregion(record, latest) for record in self._inputs.subregions}
        for state, served in self._served().items():
            latest[state] = self._spanning(latest[state], [subregions[zone] for zone in served])
        latest |= subregions
        latest["WORLD"] = self._world(self._weighed(latest, latest))
        earlier["WORLD"] = self._world(self._weighed(earlier, latest))
        most = self._technologies.mixed("lifecycle", oil()).high
        for record in self._inputs.places_without_data:
            latest[record["zone"]] = self._placeless(record, latest["WORLD"], most)
        rows = [row for found in (latest, earlier) for parts in found.values() for row in parts]
        return rows + [self._grid_losses(row) for row in rows if row.part == "total"]

    def _latest(self, record: Record) -> list[Row]:
        year = int(record["published_year"] or 0)
        if record["quality"]:
            amount, sources = range_of(record, "proxy_"), ("proxy_choice", "owid_ember_2026_ci")
            row = _carbon(record["zone"], amount, record["mix_year"], "fallback", sources)
            return self._country(record, row._replace(note=proxy_note(record)))
        if year >= _PUBLISHED_SINCE:
            return self._published(record, "published")
        row = _carbon(record["zone"], self._of_mix(record), record["mix_year"], "derived", ())
        note = "mix of generation times factors by fuel; imports are left out"
        return self._country(record, row._replace(note=note))

    def _earlier(self, record: Record) -> list[Row]:
        """Of the year before the latest of which the same series and the mix of that year are at hand."""
        return self._published(record, "earlier") if record["earlier_year"] else []

    def _published(self, record: Record, when: str) -> list[Row]:
        central, derived = float(record[f"{when}_g_per_kwh"]), self._of_mix(record)
        total = Range(min(derived.low, central), central, max(derived.high, central))
        sources = ids(record[f"{when}_sources"])
        row = _carbon(record["zone"], total, record[f"{when}_year"], "published", sources)
        return self._country(record, row._replace(note=_OF_GENERATION))

    def _of_mix(self, record: Record) -> Range:
        mix = mix_of(record)
        assert mix is not None, record["zone"]
        return self._technologies.mixed("lifecycle", mix)

    def _country(self, record: Record, row: Row) -> list[Row]:
        """The row of a country's total, widened by a second method, and its parts in the ratio of its mix."""
        mix = mix_of(record)
        assert mix is not None, record["zone"]
        ratios = self._classes[record["uncertainty_class"]]
        upstream = self._technologies.mixed("upstream", mix)
        share = upstream.central / self._of_mix(record).central
        sources = row.sources + mix.sources + self._technologies.sources("lifecycle", mix) + ids(ratios["sources"])
        sources += self._technologies.sources("upstream", mix)
        row = row._replace(amount=widened(row.amount, ratios), sources=sources)
        return _with_parts(row, row.amount.central * share, upstream, _ratios(ratios))

    def _zone(self, record: Record, country: Row) -> list[Row]:
        own = self._countries[record["country"]]
        mix = mix_of(record) or mix_of(own)
        assert mix is not None
        hint = self._technologies.mixed("upstream", mix)
        sources = ids(record["sources"]) + mix.sources + self._technologies.sources("upstream", mix)
        if not record["direct_g"]:
            central = float(record["lifecycle_central"])
            ratio = Range(*(value / country.amount.central for value in country.amount))
            total = Range(central * ratio.low, central, central * ratio.high)
            share = hint.central / self._technologies.mixed("lifecycle", mix).central
            note = f"of generation; spread and upstream share are those of {own['name']}"
            sources += country.sources
            row = _carbon(record["zone"], total, record["year"], "published", sources)._replace(note=note)
            return _with_parts(row, central * share, hint, _ratios(self._classes[own["uncertainty_class"]]))
        direct = float(record["direct_g"])
        total = Range(*(direct + value for value in hint))
        if record["lifecycle_central"]:
            total = range_of(record, "lifecycle_")
        whose = "its own mix" if mix_of(record) else f"the mix of {own['name']}"
        note = f"direct figure ({record['direct_scope']}) plus upstream of {whose}"
        if record["country"] == "AU":
            note = f"direct figure ({record['direct_scope']}) plus scope 3 of the same (it holds the grid's losses)"
        sources = ids(record["direct_sources"]) + sources
        row = _carbon(record["zone"], total, record["direct_year"], "derived", sources)._replace(note=note)
        return self._with_direct(row, direct, hint, record["direct_scope"])

    def _zone_earlier(self, record: Record) -> list[Row]:
        """An earlier edition of national accounts that state scope 2 and scope 3."""
        zone = self._zones[record["zone"]]
        mix = mix_of(zone)
        assert mix is not None, record["zone"]
        hint = self._technologies.mixed("upstream", mix)
        direct, upstream = float(record["direct_g"]), float(record["upstream_g"])
        total = Range(direct + min(upstream, hint.low), direct + upstream, direct + max(upstream, hint.high))
        sources = ids(record["sources"]) + mix.sources + self._technologies.sources("upstream", mix)
        note = f"direct figure ({zone['direct_scope']}) plus scope 3 of the same (it holds the grid's losses)"
        row = _carbon(record["zone"], total, record["year"], "derived", sources)._replace(note=note)
        return self._with_direct(row, direct, hint, zone["direct_scope"])

    def _subregion(self, record: Record, latest: dict[str, list[Row]]) -> list[Row]:
        """Direct as published; upstream that of the states in it, as far as more or less fuel is burnt."""
        direct, states = float(record["direct_g"]), ids(record["states"])
        above = [self._upstream_of(state) for state in states]
        burnt = statistics.fmean(latest[state][1].amount.central for state in states)
        scaled = [Range(*(value * direct / burnt for value in one)) for one in above]
        hint = spanning([*above, *scaled])._replace(central=spanning(scaled).central)
        sources = ids(record["direct_sources"]) + ids(record["place_sources"])
        sources += tuple(source for state in states for source in latest[state][2].sources)
        total = Range(*(direct + value for value in hint))
        note = f"direct figure (generation) plus upstream by the mix of {' and '.join(states)}"
        row = _carbon(record["zone"], total, record["direct_year"], "derived", sources)._replace(note=note)
        return self._with_direct(row, direct, hint, GENERATION)

    def _served(self) -> dict[str, list[str]]:
        """State -> the subregions that it lies in."""
        found: dict[str, list[str]] = {}
        for record in self._inputs.subregions:
            for state in set(ids(record["states"])) & set(self._zones):
                found.setdefault(state, []).append(record["zone"])
        return found

    def _spanning(self, state: Sequence[Row], subregions: Sequence[Sequence[Row]]) -> list[Row]:
        """A state's rows. It may consume what plants elsewhere in its subregion generate: the range holds both."""
        whole, burnt, above = state
        direct = [one[1].amount.central for one in subregions]
        totals = [one[0].amount.central for one in subregions]
        low = min(whole.amount.low, *totals, min(direct) + above.amount.low)
        high = max(whole.amount.high, *totals, max(direct) + above.amount.high)
        served = " and ".join(sorted(one[0].zone for one in subregions))
        row = whole._replace(
            amount=Range(low, whole.amount.central, high), sources=(*whole.sources, "vote_7_transcriptions"),
            note=f"{whole.note}; low and high span those of {served}",
        )  # fmt: skip
        parts = _with_parts(row, above.amount.central, above.amount, NO_SECOND_METHOD)
        return [parts[0], parts[1]._replace(how=burnt.how), parts[2]]

    def _upstream_of(self, zone: str) -> Range:
        mix = mix_of(self._zones.get(zone) or self._countries[zone])
        assert mix is not None, zone
        return self._technologies.mixed("upstream", mix)

    def _with_direct(self, row: Row, direct: float, hint: Range, scope: str) -> list[Row]:
        """A row of a direct figure plus upstream, and both; the range is that of such sums."""
        ratios = self._classes["direct_plus_upstream"]
        total = widened(row.amount, ratios)
        row = row._replace(amount=total, sources=row.sources + ids(ratios["sources"]))
        whole, burnt, above = _with_parts(row, total.central - direct, hint, _ratios(ratios))
        if scope.startswith(GENERATION):
            return [whole, burnt._replace(how="published"), above]
        burnt = burnt._replace(how="published", basis="consumption")
        return [whole._replace(basis=MIXED_BASIS), burnt, above]

    def _placeless(self, record: Record, world: Iterable[Row], most: float) -> list[Row]:
        total, _, above = world
        whole = of_placeless(record, total, most)
        hint = self._technologies.mixed("upstream", oil())
        return _with_parts(whole, above.amount.central, hint._replace(low=0.0), NO_SECOND_METHOD)

    def _weighed(self, rows: dict[str, list[Row]], instead: dict[str, list[Row]]) -> list[Weighed]:
        """Countries with figures of their own; where ``rows`` has none, by ``instead``."""
        found = []
        for zone, record in self._countries.items():
            if record["generation_twh"] and not record["quality"]:
                total, _, above = rows[zone] or instead[zone]
                twh = float(record["generation_twh"])
                found.append(Weighed(twh, total.amount.central, above.amount.central, int(total.year)))
        return found

    def _world(self, countries: Sequence[Weighed]) -> list[Row]:
        whole = sum(one.twh for one in countries)
        central = sum(one.twh * one.total for one in countries) / whole
        upstream = sum(one.twh * one.upstream for one in countries) / whole
        totals, ups = [one.total for one in countries], [one.upstream for one in countries]
        total = Range(percentile(totals, 0.05), central, percentile(totals, 0.95))
        hint = Range(percentile(ups, 0.05), upstream, percentile(ups, 0.95))
        sources = ("owid_ember_2026_ci", "owid_codecarbon_mix", "ipcc_ar5_annex3", "unece2021_owid")
        note = "mean weighted by generation; low and high are the 5th and 95th percentile of countries"
        year = str(round(statistics.median(one.year for one in countries)))
        row = _carbon("WORLD", total, year, "derived", sources)._replace(note=note)
        return _with_parts(row, upstream, hint, NO_SECOND_METHOD)

    def _grid_losses(self, total: Row) -> Row:
        """What is generated beyond what arrives: loss ÷ (1 − loss) of the total."""
        country = self._in_zone_country.get(total.zone, total.zone)
        american = country == "US"
        fact = self._facts["us_grid_losses" if american else "grid_losses"]
        note = "mean losses of the country" if american else "no figure for this grid: the range of European grids"
        low, central, high = range_of(fact)
        sources = ids(fact["sources"]) + total.sources
        if country == "AU" and total.zone != "AU":
            low = central = high = 0.0
            note, sources = "nothing to add: the upstream figure of the national accounts holds them", total.sources
        elif total.basis == MIXED_BASIS:
            low, note = 0.0, f"{note}; none where the direct figure of consumption holds them already"
        extra = (share / (1 - share) for share in (low, central, high))
        amount = Range(*(value * more for value, more in zip(total.amount, extra, strict=True)))
        if central:
            note = f"{note}; of {fact['year']}"
        how = "derived" if american or not central else "fallback"
        return total._replace(part="grid_losses", amount=amount, scope="losses", how=how, sources=sources, note=note)


def _carbon(zone: str, total: Range, year: str, how: str, sources: tuple[str, ...]) -> Row:
    return Row(
        "carbon_location", "total", zone, "kWh", total, 3, "lifecycle", "gCO2e", year, how, sources, "", GENERATION
    )


def _with_parts(row: Row, upstream: float, hint: Range, ratios: Ratios) -> list[Row]:
    """The row of a total, and those of its direct and upstream part."""
    whole, direct, above = split(row.amount, upstream, hint, ratios)
    how = "fallback" if row.how == "fallback" else "derived"
    note = f"{row.note}; split by what the mix burns and what lies upstream of it" if row.how != "derived" else row.note
    return [
        row._replace(amount=whole),
        row._replace(part="direct", amount=direct, scope="direct", how=how, note=note),
        row._replace(part="upstream", amount=above, scope="upstream", how=how, note=note),
    ]
