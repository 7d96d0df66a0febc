"""From energy to impacts: by the factors that were given, else by the catalogue's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from footprint.estimation.embodied import Made, Making
from footprint.estimation.given import Given
from footprint.factors import Catalogue, Factor
from footprint.impacts import INDICATORS, ewaste, water
from footprint.impacts.terms import Energies, at_least
from footprint.interval import ZERO, Interval, common_total, product, total
from footprint.own_factors import part_of
from footprint.records.derivation import Impact, Missing

UNITS: Mapping[str, tuple[str, str]] = {key: (one.unit, one.kind) for key, one in INDICATORS.items()}
"""(unit, class) of each indicator."""
GIVEN: Mapping[str, str] = {
    # the option that gives an indicator's factor, per kWh of facility energy
    "carbon_location": "intensity",
    "carbon_market": "intensity_market",
    "primary_energy": "primary_energy",
    "minerals": "adpe",
}


class Asked(NamedTuple):
    """What the impacts follow from."""

    given: Given
    energies: Energies
    catalogue: Catalogue
    made: Made
    """Of making the hardware, by indicator."""
    has_energy: bool
    """False on the embodied route: then no factor is needed."""


def impacts_of(asked: Asked) -> dict[str, Impact]:
    """Every indicator: those that cannot be had say why."""
    return {key: _impact(key, asked) for key in UNITS}


def used_rows(impacts: Mapping[str, Impact], catalogue: Catalogue) -> list[Factor]:
    """The catalogue's rows that made these impacts."""
    ids = {name for impact in impacts.values() for name in impact.factors}
    return [row for row in catalogue.factors if row.id in ids]


def _impact(key: str, asked: Asked) -> Impact:
    unit, kind = UNITS[key]
    base = _operational(key, unit, kind, asked)
    making = _making(key, base, asked.made)
    using, amount = base.operational, making.amount
    if isinstance(using, Missing):  # what making took is no figure of electricity by contract, or of scarcity
        return base
    base = base._replace(embodied=amount, lacking=making.lacking, derivation=None)
    if isinstance(amount, Interval):
        whole = base._replace(total=total((using, amount)))
        return ewaste.with_collection(whole, asked.catalogue) if key == ewaste.KEY else whole
    of_making_alone = not asked.has_energy or isinstance(base.total, Missing)
    return base._replace(total=amount if of_making_alone else at_least(using))


def _making(key: str, base: Impact, made: Made) -> Making:
    """What making the hardware took, or why that is not known: because of what was asked, or for want of figures."""
    found = made.of.get(key)
    if found is not None:
        return found
    return Making(Missing(made.why) if made.why else base.embodied)


def _operational(key: str, unit: str, kind: str, asked: Asked) -> Impact:
    """Of using the hardware; the whole of what can be had is missing where there is no factor."""
    missing = Missing("making the hardware is not counted with a factor that was given")
    factor = asked.given.numbers.get(GIVEN.get(key, ""))
    if factor is not None:
        amount = product(asked.energies.facility_kwh, factor)
        return Impact(unit, kind, amount, missing, amount)
    base = INDICATORS[key].impact_of(asked.energies, asked.catalogue, asked.given.year)
    if not asked.has_energy and not isinstance(base.total, Missing):
        return Impact(unit, kind, ZERO, missing, ZERO)
    return _water(base, asked) if key == water.KEY else base


def _water(base: Impact, asked: Asked) -> Impact:
    """job_kwh · wue + facility_kwh · ewif, each given or the catalogue's. PUE is applied once."""
    given = {
        name: product(energy, asked.given.numbers[option])
        for name, option, energy in (
            ("plants", "ewif", asked.energies.facility_kwh), ("on_site", "wue", asked.energies.job_kwh),
        )
        if option in asked.given.numbers
    }  # fmt: skip
    if not given:
        return base
    parts: dict[str, Interval | Missing] = {**base.parts, **given}
    if "plants" in given:
        parts.pop("reservoirs", None)  # a factor that is given holds what its giver counts
    counted = [parts.get(name, Missing(water.NO_ON_SITE)) for name in ("plants", "on_site")]
    amount = common_total(part for part in counted if isinstance(part, Interval))
    if any(isinstance(part, Missing) for part in counted):
        amount = at_least(amount)
    mine = tuple(name for name in base.factors if not _replaced(name, given))
    return base._replace(operational=amount, total=amount, parts=parts, factors=mine)


def _replaced(factor: str, given: Mapping[str, Interval]) -> bool:
    """Whether a row's place was taken by a factor that was given."""
    part = part_of(factor)
    return part in given or (part == "reservoirs" and "plants" in given)
