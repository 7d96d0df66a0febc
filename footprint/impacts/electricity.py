"""What follows from the electricity by one factor of the zone: the shape of land, minerals and primary energy."""

from typing import NamedTuple

from footprint.factors import Catalogue, find
from footprint.impacts.terms import Energies, at_least, measured, spread_of, term, unavailable
from footprint.interval import UNKNOWN
from footprint.records.derivation import Derivation, Impact, Missing, Step


class Named(NamedTuple):
    """An indicator of this shape, in words."""

    key: str
    unit: str
    kind: str
    what: str
    """What the electricity does: ``land of plants, mines and reservoirs``."""
    no_factor: str
    no_embodied: str
    part: str = "electricity"
    """The factor's, and what it makes of the impact."""
    at_least: str = ""
    """The last step in words, where it is not the making of the hardware alone that is missing."""


def impact_of(named: Named, energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:
    """``facility_kwh × factor`` with its derivation: a lower bound, as making the hardware is missing."""
    factor = find(catalogue.factors, named.key, named.part, year)
    if factor is None:
        return unavailable(named.unit, named.kind, named.no_factor)
    missing = Missing(named.no_embodied)
    if not measured(energies):
        return Impact(named.unit, named.kind, UNKNOWN, missing, UNKNOWN)
    one = term(named.what, "facility_kwh", factor, energies)
    operational = one.step.output
    total = at_least(operational)
    words = named.at_least or f"{named.key.replace('_', ' ')}, at least: the making of the hardware is missing"
    last = Step(words, "operational", {"operational": operational}, total, named.unit)
    derivation = Derivation(total, (one.step, last), spread_of([one], energies))
    parts = {named.part: operational}
    return Impact(named.unit, named.kind, operational, missing, total, parts, derivation, (factor.id,))
