"""Water scarcity, m3 world-eq: water consumed, weighted by how scarce it is where it is taken.

The factors that fit (AWARE, non-agricultural) may not be passed on: this version has none, and says so.
"""

from footprint.factors import Catalogue
from footprint.impacts.terms import Energies, unavailable
from footprint.records.derivation import Impact

KEY = "water_scarcity"
UNIT = "m3 world-eq"
CLASS = "direction"
NO_FACTOR = "the catalogue has no factor of scarcity: AWARE states no licence under which it may be passed on"


def impact_of(energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:  # noqa: ARG001 - as of every indicator
    """No figure, and why."""
    return unavailable(UNIT, CLASS, NO_FACTOR)
