"""From the catalogue's inputs to its rows: the arithmetic. ``build_catalogue`` reads, checks and writes.

All amounts are per kWh. ``docs/method-impacts.md`` says the same in words.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

Record = Mapping[str, str]
FUELS = ("coal", "gas", "oil", "nuclear", "hydro", "wind", "solar", "biomass", "geothermal")
SEA_COOLED_FUELS = {"coal", "nuclear", "biomass"}
UNKNOWN_HOSTING = "unknown-hosting"
HEADER: tuple[str, ...] = (
    "id",
    "indicator",
    "part",
    "zone",
    "per",
    "low",
    "central",
    "high",
    "kind",
    "scope",
    "unit",
    "year",
    "how",
)
HEADER += ("sources", "note")
STEPS = {"lifecycle", "upstream", "water"}
SCOPES = {"primary_energy": "at plant"}
"""What an indicator of the mix covers, where it is not the whole life cycle."""
SITE_SPREAD = 0.25
"""A provider's yearly figure for one region, as it says itself: a quarter either way is an assumption."""


class Range(NamedTuple):
    """``low ≤ central ≤ high``."""

    low: float
    central: float
    high: float


class Row(NamedTuple):
    """One row of a catalogue file, as text."""

    indicator: str
    part: str
    zone: str
    per: str
    amount: Range
    digits: int
    scope: str
    unit: str
    year: str
    how: str
    sources: tuple[str, ...]
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        """The cells in the order of ``HEADER``."""
        low, central, high = (number(value, self.digits) for value in self.amount)
        name = f"{self.indicator}/{self.part}/{self.zone}/{self.year}"
        return (
            name, self.indicator, self.part, self.zone, self.per, low, central, high, "envelope", self.scope,
            self.unit, self.year, self.how, ";".join(dict.fromkeys(self.sources)), self.note,
        )  # fmt: skip


class Inputs(NamedTuple):
    """The build's inputs, by file."""

    countries: Sequence[Record]
    technologies: Sequence[Record]
    zones: Sequence[Record]
    cloud_regions: Sequence[Record]
    uncertainty: Sequence[Record]
    facts: Sequence[Record]


class Mix(NamedTuple):
    """Shares of generation by fuel, summing to 1, and their sources."""

    shares: Mapping[str, float]
    sources: tuple[str, ...]


def number(value: float, digits: int) -> str:
    """A number with at most ``digits`` decimals, without trailing zeros."""
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def ids(text: str) -> tuple[str, ...]:
    """The ids in a cell."""
    return tuple(part for part in text.split(";") if part)


class Technologies:
    """What a kWh of each fuel does, and mixtures of them."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._ranges: dict[tuple[str, str], Range] = {}
        self._sources: dict[tuple[str, str], tuple[str, ...]] = {}
        self._units: dict[str, str] = {}
        for one in records:
            key = (one["quantity"], one["technology"])
            self._ranges[key] = Range(float(one["low"]), float(one["central"]), float(one["high"]))
            self._sources[key] = ids(one["sources"])
            self._units[one["quantity"]] = one["unit"].partition("/")[0]

    def mixed(self, quantity: str, mix: Mix, fuels: Iterable[str] = FUELS, sea_cooled: float = 0.0) -> Range:
        """Sum of share × factor, once with all lows, centrals and highs (an envelope)."""
        sums = [0.0, 0.0, 0.0]
        for fuel in fuels:
            low, central, high = self._ranges[quantity, fuel]
            if quantity == "water" and fuel in SEA_COOLED_FUELS:
                low *= 1.0 - sea_cooled
            share = mix.shares[fuel]
            sums = [sums[0] + share * low, sums[1] + share * central, sums[2] + share * high]
        return Range(*sums)

    def indicators(self) -> tuple[str, ...]:
        """Quantities that are an indicator by themselves: all but the steps towards carbon and water."""
        return tuple(quantity for quantity in self._units if quantity not in STEPS)

    def unit(self, quantity: str) -> str:
        """Unit of a quantity, of one kWh."""
        return self._units[quantity]

    def sources(self, quantity: str, mix: Mix, fuels: Iterable[str] = FUELS) -> tuple[str, ...]:
        """Sources of the factors that the mix uses."""
        return tuple(
            source for fuel in fuels if mix.shares[fuel] > 0 for source in self._sources[quantity, fuel]
        )  # fmt: skip


def mix_of(record: Record) -> Mix | None:
    """The mix in a record; None where it has none."""
    if not record["coal"]:
        return None
    shares = {fuel: float(record[fuel] or 0) for fuel in FUELS}
    whole = sum(shares.values())
    return Mix({fuel: share / whole for fuel, share in shares.items()}, ids(record["mix_sources"]))


def split(total: Range, upstream: float, hint: Range) -> tuple[Range, Range, Range]:
    """Total, direct and upstream whose lows, centrals and highs all add up, in thousandths.

    The upstream part keeps its own low and high as far as the total's bounds leave room for them.
    """
    low, central, high = (round(value * 1000) for value in total)
    up = round(upstream * 1000)
    up_low = _clamped(round(hint.low * 1000), max(0, up - (central - low)), min(up, low))
    up_high = _clamped(round(hint.high * 1000), up, up + high - central)
    parts = ((low, central, high), (low - up_low, central - up, high - up_high), (up_low, up, up_high))
    whole, direct, above = (Range(*(value / 1000 for value in part)) for part in parts)
    return whole, direct, above


def _clamped(value: int, low: int, high: int) -> int:
    return min(max(value, low), high)


def widened(total: Range, ratios: Record) -> Range:
    """A range that also spans what a second method says for nine places of ten."""
    low, high = float(ratios["low_ratio"]), float(ratios["high_ratio"])
    return Range(min(total.low, total.central * low), total.central, max(total.high, total.central * high))


def percentile(values: Sequence[float], share: float) -> float:
    """By linear interpolation between the order statistics."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


class Carbon:
    """Carbon of a kWh by zone: life cycle, and its direct and upstream parts."""

    def __init__(self, inputs: Inputs, technologies: Technologies) -> None:
        self._inputs, self._technologies = inputs, technologies
        self._classes = {one["class"]: one for one in inputs.uncertainty}
        self._facts = {one["fact"]: one for one in inputs.facts}
        self._zones = {one["zone"]: one for one in inputs.zones}

    def rows(self) -> list[Row]:
        """All rows."""
        rows: list[Row] = []
        weights: list[tuple[float, float, float]] = []
        for country in self._inputs.countries:
            of_country = self._country(country)
            rows += of_country
            if country["generation_twh"] and not country["quality"]:
                total, upstream = of_country[0].amount.central, of_country[2].amount.central
                weights.append((float(country["generation_twh"]), total, upstream))
        by_zone = {row.zone: row for row in rows if row.part == "total"}
        for zone in self._inputs.zones:
            rows += self._zone(zone, by_zone[zone["country"]])
        rows += self._world(weights)
        return rows + [self._grid_losses(row) for row in rows if row.part == "total"]

    def _country(self, record: Record) -> list[Row]:
        mix = mix_of(record)
        assert mix is not None, record["zone"]
        derived = self._technologies.mixed("lifecycle", mix)
        ratios = self._classes[record["uncertainty_class"]]
        sources = mix.sources + self._technologies.sources("lifecycle", mix) + ids(ratios["sources"])
        published = float(record["published_g_per_kwh"]) if int(record["published_year"] or 0) >= 2020 else None
        how, year, note = "derived", record["mix_year"], "mix of generation times factors by fuel; imports are left out"
        if record["quality"]:
            total = Range(*(float(record[f"proxy_{part}"]) for part in Range._fields))
            how, note = "fallback", _proxy_note(record)
            sources = ("proxy_choice", "owid_ember_2026_ci", *sources)
        elif published is not None:
            total = Range(min(derived.low, published), published, max(derived.high, published))
            how, year, note = "published", record["published_year"], "of generation; imports are left out"
            sources = ids(record["published_sources"]) + sources
        else:
            total = derived
        upstream = self._technologies.mixed("upstream", mix)
        share = upstream.central / derived.central
        total = widened(total, ratios)
        sources += self._technologies.sources("upstream", mix)
        row = _carbon(record["zone"], total, year, how, sources)._replace(note=note)
        return _with_parts(row, total.central * share, upstream)

    def _zone(self, record: Record, country: Row) -> list[Row]:
        own = next(one for one in self._inputs.countries if one["zone"] == record["country"])
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
            return _with_parts(row, central * share, hint)
        ratios = self._classes["direct_plus_upstream"]
        total = Range(*(float(record[f"lifecycle_{part}"]) for part in Range._fields))
        total = widened(total, ratios)
        direct = float(record["direct_g"])
        whose = "its own mix" if mix_of(record) else f"the mix of {own['name']}"
        note = f"direct figure ({record['direct_scope']}) plus upstream of {whose}"
        if record["country"] == "AU":
            note += "; upstream is scope 3 of the national accounts and holds the grid's losses"
        sources = ids(record["direct_sources"]) + sources + ids(ratios["sources"])
        upstream = total.central - direct
        row = _carbon(record["zone"], total, record["direct_year"], "derived", sources)._replace(note=note)
        whole, burnt, above = _with_parts(row, upstream, hint)
        return [whole, burnt._replace(how="published"), above]

    def _world(self, weights: Sequence[tuple[float, float, float]]) -> list[Row]:
        whole = sum(weight for weight, _, _ in weights)
        central = sum(weight * total for weight, total, _ in weights) / whole
        upstream = sum(weight * up for weight, _, up in weights) / whole
        totals, ups = [total for _, total, _ in weights], [up for _, _, up in weights]
        total = Range(percentile(totals, 0.05), central, percentile(totals, 0.95))
        hint = Range(percentile(ups, 0.05), upstream, percentile(ups, 0.95))
        sources = ("owid_ember_2026_ci", "owid_codecarbon_mix", "ipcc_ar5_annex3", "unece2021_owid")
        note = "mean weighted by generation; low and high are the 5th and 95th percentile of countries"
        years = [int(one["published_year"]) for one in self._inputs.countries if one["published_year"]]
        year = str(round(statistics.median(years)))
        return _with_parts(_carbon("WORLD", total, year, "derived", sources)._replace(note=note), upstream, hint)

    def _grid_losses(self, total: Row) -> Row:
        """What is generated beyond what arrives: loss ÷ (1 − loss) of the total."""
        american = total.zone.partition("-")[0] == "US"
        fact = self._facts["us_grid_losses" if american else "grid_losses"]
        note = "mean losses of the country" if american else "no figure for this grid: the range of European grids"
        low, central, high = (float(fact[part]) for part in Range._fields)
        zone = self._zones.get(total.zone)
        sources = ids(fact["sources"]) + total.sources
        if zone is not None and zone["country"] == "AU":
            low = central = high = 0.0
            note, sources = "nothing to add: the upstream figure of the national accounts holds them", total.sources
        elif zone is not None and zone["direct_scope"].startswith("consumption"):
            low, note = 0.0, f"{note}; none where the direct figure of consumption holds them already"
        extra = (share / (1 - share) for share in (low, central, high))
        amount = Range(*(value * more for value, more in zip(total.amount, extra, strict=True)))
        how = "derived" if american or not central else "fallback"
        return total._replace(
            part="grid_losses", amount=amount, scope="losses", how=how, sources=sources, note=note, year=fact["year"]
        )


def _proxy_note(record: Record) -> str:
    of = record["proxy_of"]
    if not of or of == "own_approximation":
        return "an approximation from few figures"
    return f"no figures of its own: those of {' and '.join(of.split(';'))} stand in"


def _carbon(zone: str, total: Range, year: str, how: str, sources: tuple[str, ...]) -> Row:
    return Row("carbon_location", "total", zone, "kWh", total, 3, "lifecycle", "gCO2e", year, how, sources)


def _with_parts(row: Row, upstream: float, hint: Range) -> list[Row]:
    """The row of a total, and those of its direct and upstream part."""
    whole, direct, above = split(row.amount, upstream, hint)
    how = "fallback" if row.how == "fallback" else "derived"
    note = f"{row.note}; split by what the mix burns and what lies upstream of it" if row.how != "derived" else row.note
    return [
        row._replace(amount=whole),
        row._replace(part="direct", amount=direct, scope="direct", how=how, note=note),
        row._replace(part="upstream", amount=above, scope="upstream", how=how, note=note),
    ]


class Water:
    """Water consumed for a kWh by zone: plants without hydropower, and the evaporation of reservoirs apart."""

    def __init__(self, inputs: Inputs, technologies: Technologies) -> None:
        self._inputs, self._technologies = inputs, technologies
        self._classes = {one["class"]: one for one in inputs.uncertainty}

    def rows(self) -> list[Row]:
        """All rows."""
        rows: list[Row] = []
        weights: list[tuple[float, Row, Row]] = []
        for country in self._inputs.countries:
            mix = mix_of(country)
            assert mix is not None
            plants, reservoirs = self._of(country["zone"], mix, country, country["mix_year"])
            rows += [plants, reservoirs]
            if country["generation_twh"] and not country["quality"]:
                weights.append((float(country["generation_twh"]), plants, reservoirs))
        known = {(row.zone, row.part): row for row in rows}
        for zone in self._inputs.zones:
            own = next(one for one in self._inputs.countries if one["zone"] == zone["country"])
            mix = mix_of(zone)
            if mix is not None:
                rows += self._of(zone["zone"], mix, own, zone["mix_year"])
                continue
            for part in ("plants", "reservoirs"):
                note = f"no mix of its own: figure of {own['name']}"
                rows.append(known[zone["country"], part]._replace(zone=zone["zone"], how="fallback", note=note))
        return rows + [self._world(weights, number) for number in (1, 2)]

    def _of(self, zone: str, mix: Mix, country: Record, year: str) -> tuple[Row, Row]:
        fuels = tuple(fuel for fuel in FUELS if fuel != "hydro")
        amount = self._technologies.mixed("water", mix, fuels, float(country["sea_cooled"] or 0))
        sources = self._technologies.sources("water", mix, fuels) + mix.sources + ("davies2013_via_chini",)
        how, note = "derived", "mix of generation times cooling water by fuel (US plants)"
        if country["quality"]:
            ratios = self._classes["P"]
            amount, how = widened(amount, ratios), "fallback"
            note, sources = _proxy_note(country), ("proxy_choice", *sources, *ids(ratios["sources"]))
        plants = Row("water", "plants", zone, "kWh", amount, 6, "consumed", "L", year, how, sources, note)
        share = mix.shares["hydro"]
        evaporated = Range(*(share * float(country[f"hydro_l_{part}"]) for part in Range._fields))
        note = "gross evaporation of reservoirs; all of it charged to power; an order of magnitude"
        sources = ids(country["hydro_sources"]) + mix.sources
        return plants, plants._replace(part="reservoirs", amount=evaporated, note=note, sources=sources)

    def _world(self, weights: Sequence[tuple[float, Row, Row]], which: int) -> Row:
        whole = sum(one[0] for one in weights)
        rows: list[Row] = [one[which] for one in weights]  # type: ignore[misc]
        centrals = [row.amount.central for row in rows]
        central = sum(one[0] * value for one, value in zip(weights, centrals, strict=True)) / whole
        low, high = percentile(centrals, 0.05), percentile(centrals, 0.95)
        sources: tuple[str, ...] = ("macknick2012", "chini_peer2020", "owid_codecarbon_mix")
        if which == 2:
            sources = ("macknick2012", "mekonnen2015_via_chini", "wri2020_via_ecologits", "owid_codecarbon_mix")
        note = "mean weighted by generation; low and high span the 5th and 95th percentile of countries"
        amount = Range(min(low, central), central, max(high, central))
        year = str(round(statistics.median(int(row.year) for row in rows)))
        return rows[0]._replace(zone="WORLD", amount=amount, sources=sources, note=note, year=year, how="derived")


class Mixed:
    """An indicator of a kWh by zone, as the zone's mix of generation times a factor for each fuel.

    For every quantity of ``technologies.csv`` that is no step towards carbon or water: a new indicator of this
    kind is nine rows there.
    """

    def __init__(self, inputs: Inputs, technologies: Technologies, indicator: str) -> None:
        self._inputs, self._technologies, self._indicator = inputs, technologies, indicator
        self._classes = {one["class"]: one for one in inputs.uncertainty}

    def rows(self) -> list[Row]:
        """All rows."""
        countries = {one["zone"]: self._country(one) for one in self._inputs.countries}
        rows = list(countries.values())
        for zone in self._inputs.zones:
            own = countries[zone["country"]]
            mix = mix_of(zone)
            if mix is None:
                note = f"no mix of its own: figure of {zone['country']}"
                rows.append(own._replace(zone=zone["zone"], how="fallback", note=note))
            else:
                rows.append(self._row(zone["zone"], mix, zone["mix_year"]))
        return [*rows, self._world(countries)]

    def _country(self, record: Record) -> Row:
        mix = mix_of(record)
        assert mix is not None, record["zone"]
        row = self._row(record["zone"], mix, record["mix_year"])
        if not record["quality"]:
            return row
        ratios = self._classes["P"]
        return row._replace(
            amount=widened(row.amount, ratios), how="fallback", note=_proxy_note(record),
            sources=("proxy_choice", *row.sources, *ids(ratios["sources"])),
        )  # fmt: skip

    def _row(self, zone: str, mix: Mix, year: str) -> Row:
        amount = self._technologies.mixed(self._indicator, mix)
        sources = self._technologies.sources(self._indicator, mix) + mix.sources
        unit = self._technologies.unit(self._indicator)
        note = "mix of generation times factors by fuel; imports are left out"
        scope = SCOPES.get(self._indicator, "lifecycle")
        return Row(self._indicator, "electricity", zone, "kWh", amount, 12, scope, unit, year, "derived", sources, note)

    def _world(self, countries: Mapping[str, Row]) -> Row:
        weights = {
            one["zone"]: float(one["generation_twh"])
            for one in self._inputs.countries
            if one["generation_twh"] and not one["quality"]
        }
        centrals = [countries[zone].amount.central for zone in weights]
        central = sum(weight * countries[zone].amount.central for zone, weight in weights.items()) / sum(
            weights.values()
        )
        amount = Range(min(central, percentile(centrals, 0.05)), central, max(central, percentile(centrals, 0.95)))
        sources = tuple(source for zone in weights for source in countries[zone].sources)
        year = str(round(statistics.median(int(countries[zone].year) for zone in weights)))
        note = "mean weighted by generation; low and high span the 5th and 95th percentile of countries"
        whole = next(iter(countries.values()))
        return whole._replace(zone="WORLD", amount=amount, sources=sources, year=year, how="derived", note=note)


class Hosting:
    """PUE and on-site water of cloud regions, of their providers, and of a machine of which nothing is known."""

    def __init__(self, inputs: Inputs) -> None:
        self._regions = inputs.cloud_regions
        self._facts = {one["fact"]: one for one in inputs.facts}

    def rows(self, use: str) -> list[Row]:
        """All rows of ``pue`` or ``wue``."""
        rows = [self._region(one, use) for one in self._regions]
        providers = sorted({one["region"].partition(":")[0] for one in self._regions})
        rows += [self._spread(provider, provider, use) for provider in providers]
        fact = self._facts[f"unknown_{use}"]
        amount = Range(*(float(fact[part]) for part in Range._fields))
        row = _hosting_row(use, UNKNOWN_HOSTING, amount, fact["year"], "fallback")
        return [*rows, row._replace(sources=ids(fact["sources"]), note=fact["note"])]

    def _region(self, record: Record, use: str) -> Row:
        region = record["region"]
        if not record[use]:
            return self._spread(region, region.partition(":")[0], use)
        value, year, sources = float(record[use]), record[f"{use}_year"], ids(record["use_sources"])
        if record[f"{use}_of"] == "fleet":
            spread = self._of_sites(None, use)
            amount = Range(min(spread.low, value), value, max(spread.high, value))
            note = "mean of all the provider's sites; low and high are those of all cloud sites"
            row = _hosting_row(use, region, amount, year, "published")
            return row._replace(sources=(*sources, "gsf_rtc"), note=note)
        base = 1.0 if use == "pue" else 0.0
        half = (value - base) * SITE_SPREAD + 0.005
        amount = Range(max(base, value - half), value, value + half)
        note = "yearly mean that the provider publishes; the spread is an assumption"
        row = _hosting_row(use, region, amount, year, "published")
        return row._replace(sources=(*sources, "assumption"), note=note)

    def _spread(self, zone: str, provider: str, use: str) -> Row:
        """A region without a figure: its provider's mean, else the median and range of sites that have one."""
        fleet = next((one for one in self._regions if _is_fleet(one, provider, use)), None)
        if fleet is not None and zone == provider:
            return self._region({**fleet, "region": zone}, use)
        own = self._values(provider, use)
        spread = self._of_sites(provider if len(own) > 2 else None, use)
        whose = provider if len(own) > 2 else "all cloud providers"
        note = f"no figure of its own: median and range of the sites of {whose}"
        return _hosting_row(use, zone, spread, "2024", "fallback")._replace(sources=("gsf_rtc",), note=note)

    def _of_sites(self, provider: str | None, use: str) -> Range:
        values = self._values(provider, use)
        return Range(min(values), statistics.median(values), max(values))

    def _values(self, provider: str | None, use: str) -> list[float]:
        return [
            float(one[use]) for one in self._regions
            if one[f"{use}_of"] == "site" and provider in {None, one["region"].partition(":")[0]}
        ]  # fmt: skip


def _hosting_row(use: str, zone: str, amount: Range, year: str, how: str) -> Row:
    if use == "pue":
        return Row("pue", "facility", zone, "kWh-it", amount, 4, "facility over IT", "kWh", year, how, ())
    return Row("water", "on_site", zone, "kWh-it", amount, 4, "consumed", "L", year, how, ())


def _is_fleet(record: Record, provider: str, use: str) -> bool:
    return record["region"].startswith(f"{provider}:") and record[f"{use}_of"] == "fleet"
