"""From energy to what it does to nature: one indicator a file, listed in ``INDICATORS``. Add yours there."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from footprint.factors import Catalogue
from footprint.impacts import (
    biodiversity,
    carbon_location,
    carbon_market,
    embodied,
    ewaste,
    land,
    minerals,
    primary_energy,
    water,
    water_scarcity,
)
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
    one.KEY: Indicator(name, one.UNIT, one.CLASS, one.impact_of)
    for name, one in (
        ("carbon by location", carbon_location),
        ("water", water),
        ("land", land),
        ("primary energy", primary_energy),
        ("minerals", minerals),
        ("e-waste", ewaste),
        ("biodiversity", biodiversity),
        ("water scarcity", water_scarcity),
        ("carbon by contract", carbon_market),
    )
}


def impacts_of(
    job_kwh: Interval, facility_kwh: Interval, pue: Interval, catalogue: Catalogue, year: int | None,
    *, hardware: embodied.Hardware | None = None,
) -> dict[str, Impact]:  # fmt: skip
    """Every indicator's impact of a job's energy (kWh), by the factors of ``year`` or the nearest before it.

    ``facility_kwh`` is ``job_kwh × pue``; NaN energies give NaN impacts. ``hardware`` is what the job held, and adds
    what making it took.
    """
    energies = Energies(job_kwh, pue, facility_kwh)
    using = {key: indicator.impact_of(energies, catalogue, year) for key, indicator in INDICATORS.items()}
    return embodied.with_making(using, hardware, catalogue)
