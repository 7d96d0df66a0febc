"""Water consumed, L: in the plants that make the electricity, and on site for cooling.

The evaporation of reservoirs is a line of its own and in no sum: it is gross, charged to power alone, and uncertain
by an order of magnitude.
"""

from collections.abc import Mapping

from footprint.factors import Catalogue, find
from footprint.impacts.terms import Energies, Term, at_least, measured, spread_of, summed, term, unavailable
from footprint.interval import UNKNOWN, Interval, exact
from footprint.records.derivation import Derivation, Impact, Missing, Step

KEY = "water"
UNIT = "L"
CLASS = "direction"
NO_FACTOR = "the catalogue has no water figure for this zone"
NO_PLANTS = (
    "the electricity of this zone is made by hydropower, whose water evaporates from reservoirs: a line of its own,"
    " in no sum"
)
NO_ON_SITE = "nothing is known of the water that cools this machine's building"
NO_EMBODIED = "the water for making the hardware: nobody publishes it in a form that may be passed on"
_ON_SITE = "water that cools the data centre"


def impact_of(energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:
    """The water that a job's electricity and cooling consume (L), with its parts and derivation."""
    plants = find(catalogue.factors, KEY, "plants", year)
    if plants is None:
        return unavailable(UNIT, CLASS, NO_FACTOR)
    if not plants.central > 0 and energies.pue == exact(1.0):
        return unavailable(UNIT, CLASS, NO_PLANTS)
    if not measured(energies):
        return Impact(UNIT, CLASS, UNKNOWN, Missing(NO_EMBODIED), UNKNOWN)
    words = "water that power plants consume, without reservoirs"
    of_plants = term(words, "facility_kwh", plants, energies) if plants.central > 0 else Missing(NO_PLANTS)
    found: dict[str, Term | Step | Missing] = {"plants": of_plants, "on_site": _on_site(energies, catalogue)}
    if all(isinstance(one, Missing) for one in found.values()):
        return unavailable(UNIT, CLASS, NO_PLANTS)
    apart = find(catalogue.factors, KEY, "reservoirs", year)
    words = "evaporation of reservoirs, a line of its own"
    return _from_parts(found, term(words, "facility_kwh", apart, energies) if apart else None, energies)


def _on_site(energies: Energies, catalogue: Catalogue) -> Term | Step | Missing:
    """Cooling on site goes by the machine's own energy (WUE, ISO/IEC 30134-9); none where nothing cools it."""
    if energies.pue == exact(1.0):
        name = "no water on site: no building is cooled for this machine (PUE is 1)"
        return Step(name, "pue × on_site", {"pue": energies.pue, "on_site": exact(0.0)}, exact(0.0), UNIT)
    row = find(catalogue.factors, KEY, "on_site")
    return Missing(NO_ON_SITE) if row is None else term(_ON_SITE, "job_kwh", row, energies)


def _from_parts(found: Mapping[str, Term | Step | Missing], reservoirs: Term | None, energies: Energies) -> Impact:
    terms = [one for one in found.values() if isinstance(one, Term)]
    known = {part: one for part, one in found.items() if not isinstance(one, Missing)}
    steps = [one.step if isinstance(one, Term) else one for one in known.values()]
    parts: dict[str, Interval | Missing] = {part: one for part, one in found.items() if isinstance(one, Missing)}
    parts = {**dict(zip(known, (step.output for step in steps), strict=True)), **parts}
    operational = summed("water of using the hardware", steps, whole=len(known) == len(found))
    total = at_least(operational.output)
    last = Step(
        "water, at least: the making of the hardware is missing", "operational", {"operational": operational.output},
        total, UNIT,
    )  # fmt: skip
    factors = [one.factor.id for one in terms]
    shown = list(steps)
    if reservoirs is not None:
        parts = {**parts, "reservoirs": reservoirs.step.output}
        factors.append(reservoirs.factor.id)
        shown.append(reservoirs.step)
    derivation = Derivation(total, (*shown, operational, last), spread_of(terms, energies))
    return Impact(
        UNIT, CLASS, operational.output, Missing(NO_EMBODIED), total, parts, derivation, tuple(factors)
    )  # fmt: skip
