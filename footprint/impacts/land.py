"""Land occupied for the electricity, m2.yr: plants, mines and reservoirs, as long as the job's kWh keep them.

The area between wind turbines is not in it; of dams the central value is the median one. Occupation is not the loss
of species: that is another indicator.
"""

from footprint.factors import Catalogue, find
from footprint.impacts.terms import Energies, at_least, measured, spread_of, term, unavailable
from footprint.interval import UNKNOWN
from footprint.records.derivation import Derivation, Impact, Missing, Step

KEY = "land"
UNIT = "m2.yr"
CLASS = "direction"
NO_EMBODIED = "the land for making the hardware is not counted yet: its parts are not inventoried"


def impact_of(energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:
    """The land that a job's electricity occupies (m2.yr), with its derivation."""
    factor = find(catalogue.factors, KEY, "electricity", year)
    if factor is None:
        return unavailable(UNIT, CLASS, "the catalogue has no land figure for this zone")
    if not measured(energies):
        return Impact(UNIT, CLASS, UNKNOWN, Missing(NO_EMBODIED), UNKNOWN)
    one = term("land of plants, mines and reservoirs", "facility_kwh", factor, energies)
    operational = one.step.output
    total = at_least(operational)
    last = Step(
        "land, at least: the making of the hardware is missing",
        "operational",
        {"operational": operational},
        total,
        UNIT,
    )
    derivation = Derivation(total, (one.step, last), spread_of([one], energies))
    return Impact(
        UNIT, CLASS, operational, Missing(NO_EMBODIED), total, {"electricity": operational}, derivation, (factor.id,)
    )  # fmt: skip
