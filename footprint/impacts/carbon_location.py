"""Carbon of the electricity by place (location-based), gCO2e: plants, what is upstream of them, the grid's losses."""

from footprint.factors import Catalogue, Factor, find
from footprint.impacts.terms import Energies, Term, at_least, measured, spread_of, summed, term, unavailable
from footprint.interval import UNKNOWN, Interval
from footprint.records.derivation import Derivation, Impact, Missing, Step

KEY = "carbon_location"
UNIT = "gCO2e"
CLASS = "status"
NO_LOSSES = "the catalogue has no figure for the losses of this grid"
NO_EMBODIED = "the making of the hardware: nothing is known of what it ran on"
IN_TOTAL = "it is in the total, which is one factor for all of the electricity"
_WORDS = {
    "direct": "carbon from burning fuel in the plants",
    "upstream": "carbon from mining and moving fuel and building plants",
    "grid_losses": "carbon of what the grid loses on the way",
}
_LAST = "carbon, at least: the making of the hardware is missing"


def impact_of(energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:
    """The carbon of a job's electricity (gCO2e), with its parts and derivation."""
    terms = []
    for part, words in _WORDS.items():
        row = find(catalogue.factors, KEY, part, year)
        if row is not None:
            terms.append(term(words, "facility_kwh", row, energies))
    known = {one.part: one for one in terms}
    if not {"direct", "upstream"} <= set(known):
        whole = find(catalogue.factors, KEY, "total", year) if not terms else None
        if whole is not None:
            return _of_whole(whole, energies)
        return unavailable(UNIT, CLASS, "the catalogue has no carbon figure for this zone")
    if not measured(energies):
        return Impact(UNIT, CLASS, UNKNOWN, Missing(NO_EMBODIED), UNKNOWN)
    return _from_terms(terms, known, energies)


def _of_whole(row: Factor, energies: Energies) -> Impact:
    """By one factor for all parts, where there is none for each: nothing is added to it."""
    if not measured(energies):
        return Impact(UNIT, CLASS, UNKNOWN, Missing(NO_EMBODIED), UNKNOWN)
    one = term("carbon of the electricity, plants and all that is upstream of them", "facility_kwh", row, energies)
    total = at_least(one.step.output)
    last = Step(_LAST, "operational", {"operational": one.step.output}, total, UNIT)
    derivation = Derivation(total, (one.step, last), spread_of([one], energies))
    parts: dict[str, Interval | Missing] = dict.fromkeys(_WORDS, Missing(IN_TOTAL))
    return Impact(UNIT, CLASS, one.step.output, Missing(NO_EMBODIED), total, parts, derivation, (row.id,))


def _from_terms(terms: list[Term], known: dict[str, Term], energies: Energies) -> Impact:
    parts: dict[str, Interval | Missing] = {one.part: one.step.output for one in terms}
    if "grid_losses" not in known:
        parts["grid_losses"] = Missing(NO_LOSSES)
    steps = [one.step for one in terms]
    operational = summed("carbon of using the hardware", steps, whole="grid_losses" in known)
    total = at_least(operational.output)
    last = Step(_LAST, "operational", {"operational": operational.output}, total, UNIT)
    derivation = Derivation(total, (*steps, operational, last), spread_of(terms, energies))
    factors = tuple(one.factor.id for one in terms)
    return Impact(UNIT, CLASS, operational.output, Missing(NO_EMBODIED), total, parts, derivation, factors)
