"""Water scarcity, m3 world-eq: water consumed, times how scarce it is where it is taken.

The site's water goes by the site's place, that of the plants by the grid's. The factors that fit (AWARE,
non-agricultural) may not be passed on: the catalogue has none, and a user may bring them (docs/own-factors.md).
"""

from collections.abc import Mapping

from footprint.factors import Catalogue, Factor, find
from footprint.impacts import water
from footprint.impacts.terms import Energies, at_least, measured, unavailable
from footprint.interval import UNKNOWN, ZERO, Interval, common_total, product, scaled
from footprint.records.derivation import Derivation, Impact, Missing, Step
from footprint.units import L_PER_M3

KEY = "water_scarcity"
UNIT = "m3 world-eq"
CLASS = "direction"
NO_FACTOR = (
    "the catalogue has no factor of scarcity: AWARE states no licence under which it may be passed on; bring it in a"
    " file of your own factors"
)
NO_EMBODIED = "the water for making the hardware: nobody publishes it in a form that may be passed on"
_WORDS = {
    "plants": "scarcity of the water that power plants consume, by the grid's place",
    "on_site": "scarcity of the water that cools the data centre, by the site's place",
}
"""Parts of water that are counted. The evaporation of reservoirs is a line of its own there, and in no sum here."""


def impact_of(energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:
    """What a job's water does to what others can take (m3 world-eq), with its parts and derivation."""
    rows = {part: find(catalogue.factors, KEY, part, year) for part in _WORDS}
    consumed = water.impact_of(energies, catalogue, year)
    if not any(rows.values()):
        return unavailable(UNIT, CLASS, NO_FACTOR)
    if isinstance(consumed.operational, Missing):
        return unavailable(UNIT, CLASS, consumed.operational.missing)
    if not measured(energies):
        return Impact(UNIT, CLASS, UNKNOWN, Missing(NO_EMBODIED), UNKNOWN)
    parts = {part: _of_part(part, consumed.parts[part], row) for part, row in rows.items()}
    steps = {part: one for part, one in parts.items() if isinstance(one, Step)}
    if not steps:
        return unavailable(UNIT, CLASS, NO_FACTOR)
    operational = common_total(step.output for step in steps.values())
    if len(steps) < len(parts):
        operational = at_least(operational)
    total = at_least(operational)
    each = {part: step.output for part, step in steps.items()}
    words = "water scarcity, at least: the making of the hardware is missing"
    last = Step(words, " + ".join(each), each, total, UNIT)
    before = consumed.derivation.steps if consumed.derivation else ()
    litres = [step for step in before if step.formula.rpartition(" × ")[2] in steps]
    derivation = Derivation(total, (*litres, *steps.values(), last), _spread(steps))
    amounts = {part: one.output if isinstance(one, Step) else one for part, one in parts.items()}
    used = tuple(dict.fromkeys(step.factor for step in (*litres, *steps.values()) if step.factor))
    return Impact(UNIT, CLASS, operational, Missing(NO_EMBODIED), total, amounts, derivation, used)


def _of_part(part: str, litres: Interval | Missing, row: Factor | None) -> Step | Missing:
    """A part of the water in m3, times its place's scarcity; no water is nothing wherever it is."""
    if isinstance(litres, Missing):
        return litres
    if litres == ZERO:
        return Step(_WORDS[part], part, {part: ZERO}, ZERO, UNIT)
    if row is None:
        return Missing(f"your own factors have no scarcity of the place of this water: {_WORDS[part]}")
    output = product(scaled(litres, 1 / L_PER_M3), row.value)
    inputs = {part: litres, "scarcity": row.value}
    return Step(_WORDS[part], f"{part} ÷ 1,000 × scarcity", inputs, output, UNIT, row.id, row.sources)


def _spread(steps: Mapping[str, Step]) -> tuple[tuple[str, float], ...]:
    """How much of the width is the water's, and how much that of its scarcity. Largest first; sums to 1."""
    widths = {"water": 0.0, "scarcity": 0.0}
    for part, step in steps.items():
        if "scarcity" in step.inputs:
            litres, factor = step.inputs[part], step.inputs["scarcity"]
            widths["water"] += (litres.high - litres.low) / L_PER_M3 * factor.central
            widths["scarcity"] += (factor.high - factor.low) * litres.central / L_PER_M3
    whole = sum(widths.values())
    shares = [(name, width / whole) for name, width in widths.items() if width > 0] if whole > 0 else []
    return tuple(sorted(shares, key=lambda share: (-share[1], share[0])))
