"""Primary energy, MJ: the heat of the fuels burnt in the plants, and the electricity of water, wind and sun.

By the physical energy content method (IEA): nuclear plants count their heat, hydro, wind and solar their electricity.
Winning and moving fuels is not in it. Heat rates are those of US plants, widened to the efficiencies of others.
"""

from footprint.factors import Catalogue
from footprint.impacts import electricity
from footprint.impacts.terms import Energies
from footprint.records.derivation import Impact

KEY = "primary_energy"
UNIT = "MJ"
CLASS = "status"
_NAMED = electricity.Named(
    KEY, UNIT, CLASS, "heat and electricity that plants took in",
    "the catalogue has no primary energy figure for this zone",
    "the primary energy of making the hardware: nothing is known of what it ran on",
)  # fmt: skip


def impact_of(energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:
    """The primary energy of a job's electricity (MJ), with its derivation."""
    return electricity.impact_of(_NAMED, energies, catalogue, year)
