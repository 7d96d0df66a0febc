"""``estimate``: options in, impacts out."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from footprint import catalogue, region
from footprint.estimation import embodied, given, nature, routes, text
from footprint.estimation.given import Given
from footprint.estimation.own import with_own
from footprint.estimation.record import Assumed, Estimate, EstimatedEnergy, EstimatedUnit, EstimateProvenance
from footprint.estimation.routed import Place, Question, Routed
from footprint.factors import Catalogue, Factor
from footprint.impacts.facility import pue_of
from footprint.impacts.terms import Energies
from footprint.interval import Interval, exact, product, quotient
from footprint.own_factors import is_own
from footprint.records.derivation import Impact
from footprint.records.raw import RegionRef
from footprint.version import VERSION

_OPTIONS = {
    # (indicator, part) of the catalogue -> the option that would replace it
    ("water", "plants"): "ewif",
    ("water", "on_site"): "wue",
    ("water", "reservoirs"): "reservoirs",
}


class Estimated(Estimate):
    """An estimate. ``print`` shows it."""

    __slots__ = ()

    def __str__(self) -> str:
        """For people: each line begins with its subject."""
        return text.summary(self)


def estimate(options: Mapping[str, object], origin: str = "argument") -> Estimated:
    """The impacts of a job that has not run, by the options of ``footprint estimate`` with ``_`` for ``-``.

    Numbers are exact; ``"LOW:CENTRAL:HIGH"`` or three numbers give an interval. Raises UsageError for what is
    wrong, contradictory or impossible, TypeError for an unknown name; NotPossible where it is to be saved and cannot.
    """
    asked = given.checked(options, origin)
    one = _worked_out(asked)
    if not asked.save:
        return one
    from footprint.estimation.saving import kept

    return kept(one)


def _worked_out(asked: Given) -> Estimated:
    route = routes.chosen(asked)
    place = _place_of(asked)
    mine = with_own(_rows(place.zone, place.given), place, asked.year)
    rows = mine.rows
    pue, pue_row = _pue(asked, rows)
    routed = route(Question(asked, Place(pue, rows)))
    facility_kwh = product(routed.job_kwh, pue) if routed.facility_kwh is None else routed.facility_kwh
    energies = Energies(routed.job_kwh, pue, facility_kwh)
    made = embodied.made(asked, routed, rows)
    impacts = nature.impacts_of(nature.Asked(asked, energies, rows, made, routed.route != "embodied"))
    impacts = impacts if mine.applied is None else mine.applied.explained(impacts)
    used = nature.used_rows(impacts, rows)
    assumed = (
        *routed.assumed,
        *made.assumed,
        *embodied.without_effect(asked, made),
        *_assumed(asked, place, pue_row, used, cooled=pue != exact(1.0)),
        *mine.assumed,
    )
    factors = (*routed.factors, *made.factors, *([pue_row.id] if pue_row else []), *(row.id for row in used))
    return Estimated(
        route=routed.route,
        name=asked.words.get("name"),
        project=asked.words.get("project"),
        tags=asked.tags,
        inputs=asked.inputs(),
        assumed=assumed,
        region=place,
        energy=EstimatedEnergy(energies.job_kwh, energies.facility_kwh, pue, routed.components),
        impacts=impacts,
        units=_units(asked.units, routed, impacts),
        provenance=EstimateProvenance(
            VERSION,
            rows.version,
            rows.sha256,
            tuple(dict.fromkeys(factors)),
            mine.own,
            {} if mine.applied is None else mine.applied.instead_of,
        ),
    )


@functools.lru_cache(maxsize=16)
def _rows(zone: str, given_region: str) -> Catalogue:
    """The rows of a place, and those of hardware."""
    rows = catalogue.load(zone, given_region)
    return rows._replace(factors=rows.factors + catalogue.rows(indicator="hardware"))


def _place_of(asked: Given) -> RegionRef:
    """Where the job would run; the world where nobody says, which needs no word where all factors are given."""
    if "region" in asked.words:
        return region.resolve(asked.words["region"], asked.origin, catalogue.zones())
    how = "given-factors" if "intensity" in asked.numbers else "unknown"
    return RegionRef(region.WORLD, how, "", "no --region: what is not given is the world's average")


def _pue(asked: Given, rows: Catalogue) -> tuple[Interval, Factor | None]:
    if "pue" in asked.numbers:
        return asked.numbers["pue"], None
    pue, name = pue_of(None, False, rows)  # noqa: FBT003 - no battery: its machine is not known
    return pue, next((row for row in rows.factors if row.id == name), None)


def _assumed(
    asked: Given, place: RegionRef, pue_row: Factor | None, used: list[Factor], *, cooled: bool
) -> list[Assumed]:
    """What stands for the factors that nobody gave; ``cooled`` is false where PUE is 1."""
    found = []
    if place.how in {"given-factors", "unknown"} and used:
        found.append(Assumed("region", None, None, "no --region: the world's average"))
    if pue_row is not None:
        found.append(Assumed("pue", pue_row.value, pue_row.id, f"no --pue: {_whose(pue_row)}"))
    for row in used:
        option = _OPTIONS.get((row.indicator, row.part), nature.GIVEN.get(row.indicator, row.indicator))
        found.append(Assumed(option, row.value, row.id, _why(row, option, asked)))
    if "wue" not in asked.numbers and not cooled and used:
        found.append(Assumed("wue", exact(0.0), None, "no --wue: no building is cooled where PUE is 1"))
    return found


def _why(row: Factor, option: str, asked: Given) -> str:
    year = "" if asked.year in {None, row.year} else f", as there is none of {asked.year}"
    absent = f"no --{option.replace('_', '-')}: " if option in given.NUMBERS else "of the catalogue: "
    if option == "reservoirs":
        absent = "beside the total: "
    if is_own(row.id):
        absent = "of your own factors: "
    if row.part == "contract":
        return f"a contract that you state, for {row.year}: a claim"
    return f"{absent}{row.part.replace('_', ' ')} of {_whose(row)}, {row.year}{year}"


def _whose(row: Factor) -> str:
    named = catalogue.zones().names.get(row.zone, row.zone)
    return "the world" if row.zone == region.WORLD else named.replace("unknown-hosting", "unknown hosting")


def _units(units: Mapping[str, Interval], routed: Routed, impacts: Mapping[str, Impact]) -> dict[str, EstimatedUnit]:
    """One functional unit's part of the totals (SCI, ISO/IEC 21031)."""
    totals = {"job_kwh": routed.job_kwh}
    counted = {key: impact for key, impact in impacts.items() if impact.kind != "claim"}
    totals |= {key: impact.total for key, impact in counted.items() if isinstance(impact.total, Interval)}
    return {
        name: EstimatedUnit(amount, {key: quotient(value, amount) for key, value in totals.items()})
        for name, amount in units.items()
    }
