"""Species that may be lost, species.yr (ReCiPe 2016, endpoint of ecosystems, hierarchist): pathways apart.

The headline is land and water. The climate's pathway is over nine tenths of all three, and in carbon already: it is
shown as a part, and in no sum. Other perspectives than the hierarchist are other value choices, and no interval.
"""

from footprint.factors import Catalogue, Factor, find
from footprint.impacts import carbon_location, land, water
from footprint.impacts.terms import Energies, at_least, measured, unavailable
from footprint.interval import UNKNOWN, Interval, common_total, product
from footprint.records.derivation import Derivation, Impact, Missing, Step

KEY = "biodiversity"
UNIT = "species.yr"
CLASS = "inventory"
NO_FACTOR = "the catalogue has no land or water figure for this zone to follow to its species"
NO_EMBODIED = "what making the hardware does to species is not counted: its land and water are not inventoried"
_PATHWAYS = {
    "land": (land.impact_of, "species lost to the land that is occupied"),
    "water": (water.impact_of, "species lost to the water that is consumed"),
    "climate": (carbon_location.impact_of, "species lost to the climate: in carbon already, and in no sum here"),
}


def impact_of(energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:
    """What a job's electricity does to species (species.yr) by land and by water, with the climate apart."""
    rows = {part: find(catalogue.factors, KEY, part) for part in _PATHWAYS}
    bases = {part: impact(energies, catalogue, year) for part, (impact, _) in _PATHWAYS.items()}
    if any(rows[part] is None or isinstance(bases[part].operational, Missing) for part in ("land", "water")):
        return unavailable(UNIT, CLASS, NO_FACTOR)
    if not measured(energies):
        return Impact(UNIT, CLASS, UNKNOWN, Missing(NO_EMBODIED), UNKNOWN)
    steps = {part: _step(part, bases[part], row) for part, row in rows.items() if row is not None}
    steps = {part: step for part, step in steps.items() if step is not None}
    counted = {part: steps[part].output for part in ("land", "water") if part in steps}
    operational = common_total(counted.values())
    total = at_least(operational)
    last = Step("species, at least: land and water of the electricity", " + ".join(counted), counted, total, UNIT)
    before = [step for base in bases.values() if base.derivation for step in base.derivation.steps[:-1]]
    derivation = Derivation(total, (*before, *steps.values(), last), _spread(counted))
    parts: dict[str, Interval | Missing] = {part: step.output for part, step in steps.items()}
    factors = tuple(dict.fromkeys([name for base in bases.values() for name in base.factors] + [
        row.id for row in rows.values() if row is not None
    ]))  # fmt: skip
    return Impact(UNIT, CLASS, operational, Missing(NO_EMBODIED), total, parts, derivation, factors)


def _step(part: str, base: Impact, row: Factor) -> Step | None:
    if not isinstance(base.operational, Interval):
        return None
    output = product(base.operational, row.value)
    inputs = {base.unit: base.operational, part: row.value}
    return Step(_PATHWAYS[part][1], f"{base.unit} × {part}", inputs, output, UNIT, row.id, row.sources)


def _spread(counted: dict[str, Interval]) -> tuple[tuple[str, float], ...]:
    widths = {part: amount.high - amount.low for part, amount in counted.items()}
    whole = sum(widths.values())
    shares = [(part, width / whole) for part, width in widths.items() if width > 0] if whole > 0 else []
    return tuple(sorted(shares, key=lambda share: (-share[1], share[0])))
