"""Carbon of the electricity by contract (market-based), gCO2e: a claim, never a status.

From a contract that the user states; else from a residual mix that the catalogue holds, for those who buy none: what is
left of a grid's electricity when all that is sold with a certificate is taken out. Direct emissions alone, as such
mixes are stated. Without either there is no figure.
"""

from footprint.factors import Catalogue, find
from footprint.impacts import electricity
from footprint.impacts.terms import Energies
from footprint.records.derivation import Impact

KEY = "carbon_market"
UNIT = "gCO2e"
CLASS = "claim"
_NAMED = electricity.Named(
    KEY, UNIT, CLASS, "carbon of what is left of the grid's electricity",
    "no contract is stated, and the catalogue has no residual mix of this zone that may be passed on: state one with"
    " contract, or bring a residual mix in a file of your own factors",
    "the making of the hardware is bought by nobody's contract: see carbon by location",
    part="residual",
    at_least="carbon by contract, at least: direct emissions alone",
)  # fmt: skip
_STATED = _NAMED._replace(
    what="carbon of the electricity as a stated contract claims it, annual", part="contract",
    at_least="carbon by contract: a claim, and of the electricity alone",
)  # fmt: skip


def impact_of(energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:
    """What a stated contract, else the residual mix, says of a job's electricity (gCO2e), with its derivation."""
    stated = find(catalogue.factors, KEY, _STATED.part, year) is not None
    return electricity.impact_of(_STATED if stated else _NAMED, energies, catalogue, year)
