"""Carbon of the electricity by contract (market-based), gCO2e: a claim, never a status.

Only from a residual mix that the catalogue holds, for those who buy no contract of their own: what is left of a grid's
electricity when all that is sold with a certificate is taken out. Direct emissions alone, as such mixes are stated.
"""

from footprint.factors import Catalogue
from footprint.impacts import electricity
from footprint.impacts.terms import Energies
from footprint.records.derivation import Impact

KEY = "carbon_market"
UNIT = "gCO2e"
CLASS = "claim"
_NAMED = electricity.Named(
    KEY, UNIT, CLASS, "carbon of what is left of the grid's electricity",
    "no contract is stated, and the catalogue has no residual mix of this zone that may be passed on",
    "the making of the hardware is bought by nobody's contract: see carbon by location",
    part="residual",
    at_least="carbon by contract, at least: direct emissions alone",
)  # fmt: skip


def impact_of(energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:
    """What the residual mix says of a job's electricity (gCO2e), with its derivation."""
    return electricity.impact_of(_NAMED, energies, catalogue, year)
