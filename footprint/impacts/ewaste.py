"""Electronic waste, kg: the mass of hardware that a job uses up, as its part of what lives so many years.

Using hardware makes none of its own. How much of it is collected and recycled differs by region: a part of its own,
which is in no sum.
"""

from footprint.factors import Catalogue, find
from footprint.impacts.terms import Energies
from footprint.interval import ZERO, Interval, product
from footprint.records.derivation import Impact, Missing, Step

KEY = "ewaste"
UNIT = "kg"
CLASS = "inventory"
NO_HARDWARE = "the catalogue knows nothing of the mass of this machine's parts"
COLLECTED = "collected"
"""The part of it that is documented as collected and recycled in the region."""


def impact_of(energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:  # noqa: ARG001 - as of every indicator
    """Nothing from using it; ``embodied`` adds what is used up."""
    missing = Missing(NO_HARDWARE)
    return Impact(UNIT, CLASS, ZERO, missing, missing)


def with_collection(impact: Impact, catalogue: Catalogue) -> Impact:
    """The impact, and how much of it is collected where the job runs; as it is where one of them is not known."""
    row = find(catalogue.factors, KEY, COLLECTED)
    if row is None or not isinstance(impact.embodied, Interval):
        return impact
    amount = product(impact.embodied, row.value)
    parts = {**impact.parts, COLLECTED: amount}
    factors = (*impact.factors, row.id)
    if impact.derivation is None:
        return impact._replace(parts=parts, factors=factors)
    inputs = {"embodied": impact.embodied, COLLECTED: row.value}
    what = "of it collected and recycled in the region, in no sum"
    step = Step(what, f"embodied × {COLLECTED}", inputs, amount, UNIT, row.id, row.sources)
    *before, last = impact.derivation.steps
    return impact._replace(
        parts=parts, factors=factors, derivation=impact.derivation._replace(steps=(*before, step, last))
    )
