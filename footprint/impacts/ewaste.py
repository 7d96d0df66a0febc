"""Electronic waste, kg: the mass of hardware that a job uses up, as its part of what lives so many years.

Using hardware makes none of its own. What becomes of it, collected or not, differs by region and is no part of this.
"""

from footprint.factors import Catalogue
from footprint.impacts.terms import Energies
from footprint.interval import ZERO
from footprint.records.derivation import Impact, Missing

KEY = "ewaste"
UNIT = "kg"
CLASS = "inventory"
NO_HARDWARE = "the catalogue knows nothing of the mass of this machine's parts"


def impact_of(energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:  # noqa: ARG001 - as of every indicator
    """Nothing from using it; ``embodied`` adds what is used up."""
    missing = Missing(NO_HARDWARE)
    return Impact(UNIT, CLASS, ZERO, missing, missing)
