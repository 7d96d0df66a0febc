"""Water, and every indicator that is a place's mix of generation times a factor for each fuel."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from catalogue_rows import (
    FUELS,
    GENERATION,
    Inputs,
    Mix,
    Range,
    Record,
    Row,
    Technologies,
    ids,
    mix_of,
    of_placeless,
    of_subregion,
    percentile,
    proxy_note,
    range_of,
    widened,
)

SCOPES = {"primary_energy": "at plant"}
"""What an indicator of the mix covers, where it is not the whole life cycle."""
NOT_OF_HYDRO = tuple(fuel for fuel in FUELS if fuel != "hydro")


def oil() -> Mix:
    """What a place without any data may burn at worst."""
    return Mix({fuel: float(fuel == "oil") for fuel in FUELS}, ())


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
            rows += self._zone(zone, known)
        known = {(row.zone, row.part): row for row in rows}
        for one in self._inputs.subregions:
            for part in ("plants", "reservoirs"):
                rows.append(of_subregion(one["zone"], [known[state, part] for state in ids(one["states"])]))
        world = [self._world(weights, number) for number in (1, 2)]
        for place in self._inputs.places_without_data:
            most = self._technologies.mixed("water", oil(), NOT_OF_HYDRO).high
            rows += [of_placeless(place, row, most if row.part == "plants" else 0.0) for row in world]
        return [_with_imports(row, world[0]) for row in rows] + world

    def _zone(self, zone: Record, known: Mapping[tuple[str, str], Row]) -> list[Row]:
        own = next(one for one in self._inputs.countries if one["zone"] == zone["country"])
        mix = mix_of(zone)
        if mix is not None:
            return list(self._of(zone["zone"], mix, own, zone["mix_year"]))
        note = f"no mix of its own: figure of {own['name']}"
        parts = ("plants", "reservoirs")
        return [known[own["zone"], part]._replace(zone=zone["zone"], how="fallback", note=note) for part in parts]

    def _of(self, zone: str, mix: Mix, country: Record, year: str) -> tuple[Row, Row]:
        amount = self._technologies.mixed("water", mix, NOT_OF_HYDRO, float(country["sea_cooled"] or 0))
        sources = self._technologies.sources("water", mix, NOT_OF_HYDRO) + mix.sources + ("davies2013_via_chini",)
        how, note = "derived", "mix of generation times cooling water by fuel (US plants)"
        if country["quality"]:
            ratios = self._classes["P"]
            amount, how = widened(amount, ratios), "fallback"
            note, sources = proxy_note(country), ("proxy_choice", *sources, *ids(ratios["sources"]))
        plants = Row("water", "plants", zone, "kWh", amount, 6, "consumed", "L", year, how, sources, note, GENERATION)
        share = mix.shares["hydro"]
        evaporated = Range(*(share * litres for litres in range_of(country, "hydro_l_")))
        note = "gross evaporation of reservoirs; all of it charged to power; an order of magnitude"
        sources = ids(country["hydro_sources"]) + mix.sources
        return plants, plants._replace(part="reservoirs", amount=evaporated, note=note, sources=sources)

    def _world(self, weights: Sequence[tuple[float, Row, Row]], which: int) -> Row:
        whole = sum(one[0] for one in weights)
        rows: list[Row] = [one[which] for one in weights]  # type: ignore[misc] # the index says which of two rows
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


def _with_imports(row: Row, world: Row) -> Row:
    """A place of whose plants none is cooled may still import: up to what the world's mean is."""
    if row.part != "plants" or row.amount.high > 0:
        return row
    note = "no plant of the place is cooled; high: as if all were imported at the world's mean"
    return row._replace(amount=row.amount._replace(high=world.amount.central), note=note)


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
        known = dict(countries)
        for zone in self._inputs.zones:
            own = countries[zone["country"]]
            mix = mix_of(zone)
            if mix is None:
                note = f"no mix of its own: figure of {zone['country']}"
                known[zone["zone"]] = own._replace(zone=zone["zone"], how="fallback", note=note)
            else:
                known[zone["zone"]] = self._row(zone["zone"], mix, zone["mix_year"])
        for one in self._inputs.subregions:
            known[one["zone"]] = of_subregion(one["zone"], [known[state] for state in ids(one["states"])])
        world, most = self._world(countries), self._technologies.mixed(self._indicator, oil()).high
        return [*known.values(), world, *(of_placeless(one, world, most) for one in self._inputs.places_without_data)]

    def _country(self, record: Record) -> Row:
        mix = mix_of(record)
        assert mix is not None, record["zone"]
        row = self._row(record["zone"], mix, record["mix_year"])
        if not record["quality"]:
            return row
        ratios = self._classes["P"]
        return row._replace(
            amount=widened(row.amount, ratios), how="fallback", note=proxy_note(record),
            sources=("proxy_choice", *row.sources, *ids(ratios["sources"])),
        )  # fmt: skip

    def _row(self, zone: str, mix: Mix, year: str) -> Row:
        amount = self._technologies.mixed(self._indicator, mix)
        sources = self._technologies.sources(self._indicator, mix) + mix.sources
        unit = self._technologies.unit(self._indicator)
        note = "mix of generation times factors by fuel; imports are left out"
        scope = SCOPES.get(self._indicator, "lifecycle")
        return Row(
            self._indicator, "electricity", zone, "kWh", amount, 12, scope, unit, year, "derived", sources, note,
            GENERATION,
        )  # fmt: skip

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
