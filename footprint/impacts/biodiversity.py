"""Species that may be lost, species.yr (ReCiPe 2016, endpoint of ecosystems, hierarchist): pathways apart.

The headline is land and water. The climate's pathway is over nine tenths of all three, and in carbon already: it is
shown as a part, and in no sum. Other perspectives than the hierarchist are other value choices, and no interval.
"""

from footprint.factors import Catalogue, find
from footprint.impacts import carbon_location, land, water
from footprint.impacts.terms import Energies, at_least, measured, unavailable
from footprint.interval import UNKNOWN, Interval, common_total, product
from footprint.records.derivation import Derivation, Impact, Missing, Step

KEY = "biodiversity"
UNIT = "species.yr"
CLASS = "inventory"
NO_FACTOR = "the catalogue has no land or water figure for this zone to follow to its species"
NO_EMBODIED = (
    "what making the hardware does to species: nobody publishes its land and water in a form that may be passed on"
)
_PATHWAYS = {
    "land": (land.impact_of, "species lost to the land that is occupied"),
    "water": (water.impact_of, "species lost to the water that is consumed"),
    "climate": (carbon_location.impact_of, "species lost to the climate: in carbon already, and in no sum here"),
}

_COUNTED = ("land", "water")
"""The pathways of the headline."""


def impact_of(energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:
    """What a job's electricity does to species (species.yr) by land and by water, with the climate apart."""
    bases = {part: impact(energies, catalogue, year) for part, (impact, _) in _PATHWAYS.items()}
    if any(find(catalogue.factors, KEY, part) is None for part in _COUNTED):
        return unavailable(UNIT, CLASS, NO_FACTOR)
    known = [part for part in _COUNTED if not isinstance(bases[part].operational, Missing)]
    if not known:
        return unavailable(UNIT, CLASS, NO_FACTOR)
    if not measured(energies):
        return Impact(UNIT, CLASS, UNKNOWN, Missing(NO_EMBODIED), UNKNOWN)
    steps = {part: step for part, base in bases.items() if (step := _step(part, base, catalogue)) is not None}
    counted: dict[str, Interval] = {part: steps[part].output for part in known}
    operational = common_total(counted.values())
    if len(known) < len(_COUNTED):
        operational = at_least(operational)
    total = at_least(operational)
    last = Step(
        f"species, at least: {' and '.join(known)} of the electricity", " + ".join(counted), counted, total, UNIT
    )
    before = [step for base in bases.values() if base.derivation for step in base.derivation.steps[:-1]]
    derivation = Derivation(total, (*before, *steps.values(), last), _spread(counted))
    parts: dict[str, Interval | Missing] = {part: step.output for part, step in steps.items()}
    parts |= {part: one for part in _COUNTED if isinstance(one := bases[part].operational, Missing)}
    used = [*(name for base in bases.values() for name in base.factors), *(step.factor for step in steps.values())]
    factors = tuple(dict.fromkeys(name for name in used if name is not None))
    return Impact(UNIT, CLASS, operational, Missing(NO_EMBODIED), total, parts, derivation, factors)


def _step(part: str, base: Impact, catalogue: Catalogue) -> Step | None:
    row = find(catalogue.factors, KEY, part)
    if row is None or not isinstance(base.operational, Interval):
        return None
    output = product(base.operational, row.value)
    inputs = {base.unit: base.operational, part: row.value}
    return Step(_PATHWAYS[part][1], f"{base.unit} × {part}", inputs, output, UNIT, row.id, row.sources)


def _spread(counted: dict[str, Interval]) -> tuple[tuple[str, float], ...]:
    widths = {part: amount.high - amount.low for part, amount in counted.items()}
    whole = sum(widths.values())
    shares = [(part, width / whole) for part, width in widths.items() if width > 0] if whole > 0 else []
    return tuple(sorted(shares, key=lambda share: (-share[1], share[0])))
