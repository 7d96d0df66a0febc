"""From energy to what it does to nature: one indicator a file, listed in ``INDICATORS``. Add yours there."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from footprint.factors import Catalogue
from footprint.impacts import carbon_location, land, water
from footprint.impacts.terms import Energies
from footprint.interval import Interval
from footprint.records.derivation import Impact


class Indicator(NamedTuple):
    """What can be said of a job: its unit, its class, and how it follows from energy."""

    name: str
    """For people."""
    unit: str
    kind: str
    """``status``, ``direction``, ``inventory`` or ``claim``."""
    impact_of: Callable[[Energies, Catalogue, int | None], Impact]


INDICATORS: Mapping[str, Indicator] = {
    carbon_location.KEY: Indicator(
        "carbon by location", carbon_location.UNIT, carbon_location.CLASS, carbon_location.impact_of
    ),
    water.KEY: Indicator("water", water.UNIT, water.CLASS, water.impact_of),
    land.KEY: Indicator("land", land.UNIT, land.CLASS, land.impact_of),
}


def impacts_of(
    job_kwh: Interval, facility_kwh: Interval, pue: Interval, catalogue: Catalogue, year: int | None
) -> dict[str, Impact]:
    """Every indicator's impact of a job's energy (kWh), by the factors of ``year`` or the nearest before it.

    ``facility_kwh`` is ``job_kwh × pue``; NaN energies give NaN impacts.
    """
    energies = Energies(job_kwh, pue, facility_kwh)
    return {key: indicator.impact_of(energies, catalogue, year) for key, indicator in INDICATORS.items()}
