"""Depletion of minerals and metals, kg Sb-eq (ADPe, ultimate reserves): an order of magnitude.

Two life-cycle sources differ by 1.6 to 27 times by fuel: low reaches down by that. For most jobs the hardware's
share is the larger one.
"""

from footprint.factors import Catalogue
from footprint.impacts import electricity
from footprint.impacts.terms import Energies
from footprint.records.derivation import Impact

KEY = "minerals"
UNIT = "kgSb-eq"
CLASS = "direction"
_NAMED = electricity.Named(
    KEY, UNIT, CLASS, "minerals of plants and grids",
    "the catalogue has no minerals figure for this zone",
    "the minerals in the hardware: nothing is known of what it ran on",
)  # fmt: skip


def impact_of(energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:
    """The minerals and metals that a job's electricity uses up (kg Sb-eq), with its derivation."""
    return electricity.impact_of(_NAMED, energies, catalogue, year)
