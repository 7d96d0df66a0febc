"""Water consumed, L: in the plants that make the electricity, and on site for cooling.

The evaporation of reservoirs is a line of its own and in no sum: it is gross, charged to power alone, and uncertain
by an order of magnitude.
"""

from footprint.factors import Catalogue, find
from footprint.impacts.terms import Energies, Term, at_least, measured, spread_of, summed, term, unavailable
from footprint.interval import UNKNOWN, Interval, exact
from footprint.records.derivation import Derivation, Impact, Missing, Step

KEY = "water"
UNIT = "L"
CLASS = "direction"
NO_ON_SITE = "nothing is known of the water that cools this machine's building"
NO_EMBODIED = "the water for making the hardware is not counted yet: its parts are not inventoried"
_ON_SITE = "water that cools the data centre"


def impact_of(energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:
    """The water that a job's electricity and cooling consume (L), with its parts and derivation."""
    plants = find(catalogue.factors, KEY, "plants", year)
    if plants is None:
        return unavailable(UNIT, CLASS, "the catalogue has no water figure for this zone")
    if not measured(energies):
        return Impact(UNIT, CLASS, UNKNOWN, Missing(NO_EMBODIED), UNKNOWN)
    terms = [term("water that power plants consume, without reservoirs", "facility_kwh", plants, energies)]
    steps, parts = [terms[0].step], {"plants": terms[0].step.output}
    on_site = _on_site(energies, catalogue)
    if isinstance(on_site, Term):
        terms.append(on_site)
    if not isinstance(on_site, Missing):
        step = on_site.step if isinstance(on_site, Term) else on_site
        steps.append(step)
        parts["on_site"] = step.output
    apart = find(catalogue.factors, KEY, "reservoirs", year)
    reservoirs = (
        term("evaporation of reservoirs, a line of its own", "facility_kwh", apart, energies) if apart else None
    )
    return _from_parts(terms, steps, {**parts, **_missing(on_site)}, reservoirs, energies)


def _on_site(energies: Energies, catalogue: Catalogue) -> Term | Step | Missing:
    """Cooling on site goes by the machine's own energy (WUE, ISO/IEC 30134-9); none where nothing cools it."""
    if energies.pue == exact(1.0):
        name = "no water on site: no building is cooled for this machine (PUE is 1)"
        return Step(name, "pue × on_site", {"pue": energies.pue, "on_site": exact(0.0)}, exact(0.0), UNIT)
    row = find(catalogue.factors, KEY, "on_site")
    return Missing(NO_ON_SITE) if row is None else term(_ON_SITE, "job_kwh", row, energies)


def _missing(on_site: Term | Step | Missing) -> dict[str, Missing]:
    return {"on_site": on_site} if isinstance(on_site, Missing) else {}


def _from_parts(
    terms: list[Term],
    steps: list[Step],
    parts: dict[str, Interval | Missing],
    reservoirs: Term | None,
    energies: Energies,
) -> Impact:
    operational = summed("water of using the hardware", steps, whole=isinstance(parts["on_site"], Interval))
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
