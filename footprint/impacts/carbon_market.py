"""Carbon of the electricity by contract (market-based), gCO2e: a claim, never a status.

Only from a residual mix that the catalogue holds, for those who buy no contract of their own: what is left of a grid's
electricity when all that is sold with a certificate is taken out. Direct emissions alone, as such mixes are stated.
"""

from footprint.factors import Catalogue, find
from footprint.impacts.terms import Energies, at_least, measured, spread_of, term, unavailable
from footprint.interval import UNKNOWN
from footprint.records.derivation import Derivation, Impact, Missing, Step

KEY = "carbon_market"
UNIT = "gCO2e"
CLASS = "claim"
NO_MIX = "no contract is stated, and the catalogue has no residual mix of this zone that may be passed on"
NO_EMBODIED = "the making of the hardware is bought by nobody's contract: see carbon by location"


def impact_of(energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:
    """What the residual mix says of a job's electricity (gCO2e), with its derivation."""
    factor = find(catalogue.factors, KEY, "residual", year)
    if factor is None:
        return unavailable(UNIT, CLASS, NO_MIX)
    if not measured(energies):
        return Impact(UNIT, CLASS, UNKNOWN, Missing(NO_EMBODIED), UNKNOWN)
    one = term("carbon of what is left of the grid's electricity", "facility_kwh", factor, energies)
    amount = at_least(one.step.output)
    last = Step(
        "carbon by contract, at least: direct emissions alone", "operational",
        {"operational": one.step.output}, amount, UNIT,
    )  # fmt: skip
    derivation = Derivation(amount, (one.step, last), spread_of([one], energies))
    parts = {"residual": one.step.output}
    return Impact(UNIT, CLASS, one.step.output, Missing(NO_EMBODIED), amount, parts, derivation, (factor.id,))
