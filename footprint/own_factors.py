"""Factors of a user's own in the place of the catalogue's, and contracts that they state. ``own_file`` reads them.

A row of the user's takes the place of all rows of its part that the catalogue has for the run's place. Nothing is
mixed in silence: what stands for what is told with the result. A ``total`` takes the place of all parts of its
indicator, since none of them may be added to it.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from footprint.factors import Catalogue, Factor, SourceRef, find
from footprint.interval import Interval
from footprint.records.derivation import Impact, Missing
from footprint.records.own_factors import OWN, Contract, OwnFactors, OwnRow
from footprint.records.result import Run
from footprint.wording import claim_text, number

TOTAL = "total"
GRID, SITE, BOTH, ANYWHERE = "grid", "site", "both", "anywhere"


class Part(NamedTuple):
    """What a row of an indicator's part may be."""

    unit: str
    per: str
    of: str = GRID
    """Whose place it goes by: the ``grid``'s, the ``site``'s, ``both`` (each by its own), or ``anywhere``."""
    scope: str = ""
    """The only scope that fits, where there is one."""


PARTS: Mapping[str, Mapping[str, Part]] = {
    # indicator -> part -> what its row is: all that a user may bring
    "carbon_location": {
        "total": Part("gCO2e", "kWh", scope="lifecycle"),
        "direct": Part("gCO2e", "kWh", scope="direct"),
        "upstream": Part("gCO2e", "kWh", scope="upstream"),
        "grid_losses": Part("gCO2e", "kWh", scope="losses"),
    },
    "carbon_market": {"residual": Part("gCO2e", "kWh")},
    "primary_energy": {"electricity": Part("MJ", "kWh")},
    "water": {
        "plants": Part("L", "kWh"),
        "reservoirs": Part("L", "kWh"),
        "on_site": Part("L", "kWh-it", SITE),
    },
    "water_scarcity": {"scarcity": Part("m3 world-eq", "m3", BOTH)},
    "land": {"electricity": Part("m2.yr", "kWh")},
    "minerals": {"electricity": Part("kgSb-eq", "kWh")},
    "biodiversity": {
        "land": Part("species.yr", "m2.yr", ANYWHERE),
        "water": Part("species.yr", "L", ANYWHERE),
        "climate": Part("species.yr", "gCO2e", ANYWHERE),
    },
    "pue": {"facility": Part("kWh", "kWh-it", SITE)},
}
CONTRACTS: Mapping[str, str] = {
    # kind -> how it is called in a sentence
    "PPA": "a power purchase agreement (PPA)",
    "GO": "guarantees of origin (GO)",
    "REC": "renewable energy certificates (REC)",
    "tariff": "a supplier's tariff",
}
_CLAIMED = "carbon_market"
_CONTRACT = "contract"
_SUMMED = {"direct", "upstream"}
"""Parts of a ``total``."""
_BY_PLACE = {GRID: "plants", SITE: "on_site"}
"""Parts that one row is for, where site and grid each go by their own place."""


class Applied(NamedTuple):
    """A catalogue with a user's own factors in their places."""

    catalogue: Catalogue
    instead_of: Mapping[str, tuple[str, ...]]
    """Id of a factor of the user's own -> ids of the catalogue's that would have been used."""
    notes: tuple[str, ...]
    """What a reader must know of the result: what is the user's own, and what it stands for."""
    no_claim: str = ""
    """Why a contract that is stated does not hold; empty where it does, or none is stated."""

    def explained(self, impacts: Mapping[str, Impact]) -> dict[str, Impact]:
        """Impacts of a run: where a contract does not hold, the claim that is missing says so."""
        found = dict(impacts)
        if self.no_claim and isinstance(found[_CLAIMED].total, Missing):
            missing = Missing(f"{self.no_claim}, and the catalogue has no residual mix of this zone")
            found[_CLAIMED] = found[_CLAIMED]._replace(operational=missing, embodied=missing, total=missing)
        return found


# --- which rows stand for a place ---


def for_place(rows: Iterable[OwnRow], zone: str, given: str, country: str) -> tuple[OwnRow, ...]:
    """The rows that stand for a run in ``zone``: of each part those of its nearest place that has any.

    ``given`` is the cloud region (``aws:eu-west-3``), if any; ``country`` that of a zone that is a part of one. What
    is known by country alone (scarcity, species) falls to the country, and then to the world; a grid's does not.
    """
    by_part: dict[tuple[str, str], list[OwnRow]] = {}
    for row in rows:
        by_part.setdefault((row.indicator, row.part), []).append(row)
    provider = given.partition(":")[0] if ":" in given else ""
    cloud = given if ":" in given else ""
    wide = tuple(dict.fromkeys(filter(None, (zone, country, "WORLD"))))
    places: Mapping[str, tuple[tuple[str, ...], ...]] = {
        GRID: ((cloud, zone),),
        SITE: ((cloud, provider) if cloud else (zone,),),  # a building in a country is none of a cloud's there
        BOTH: ((cloud, *wide), wide),
        ANYWHERE: ((cloud, *wide),),
    }
    found: dict[OwnRow, None] = {}
    for (indicator, part), some in by_part.items():
        for one in places[PARTS[indicator][part].of]:
            found |= dict.fromkeys(_of_nearest(some, one))
    return tuple(found)


def _of_nearest(rows: Iterable[OwnRow], places: Iterable[str]) -> list[OwnRow]:
    rows = list(rows)
    return next((found for place in places if place and (found := [row for row in rows if row.zone == place])), [])


# --- a run with them ---


def applied(catalogue: Catalogue, own: OwnFactors, given: str, year: int | None) -> Applied:
    """A run's catalogue with its own factors in their places; ``given`` and ``year`` are the run's."""
    rows = list(catalogue.factors)
    instead_of: dict[str, tuple[str, ...]] = {}
    for row in chosen(own.rows, catalogue, given, year):
        gone = {row.part} if row.part != TOTAL else {*PARTS[row.indicator]}
        before = [find(catalogue.factors, row.indicator, part, year) for part in sorted(gone)]
        instead_of.setdefault(row.id, ())
        instead_of[row.id] += tuple(one.id for one in before if one is not None)
        untrue = {TOTAL} if row.part in _SUMMED else set()  # a sum of parts of which one is another now
        rows = [one for one in rows if one.indicator != row.indicator or one.part not in gone | untrue]
        rows.append(row)
    no_claim = "" if own.contract is None else _not_in_force(own.contract, year)
    if own.contract is not None and not no_claim:
        rows.append(contract_factor(own.contract))
    changed = catalogue._replace(factors=tuple(rows))
    notes = _notes(own.file, instead_of, changed, catalogue)
    return Applied(changed, instead_of, (*notes, *([f"{no_claim}: it is not used"] if no_claim else [])), no_claim)


def chosen(rows: tuple[OwnRow, ...], catalogue: Catalogue, given: str, year: int | None) -> list[Factor]:
    """One factor of each part that a user's rows give: of the run's year, else the nearest before, else the nearest.

    A row of a later year than the run's gives way to the catalogue's, where that has one.
    """
    factors: dict[tuple[str, str], list[Factor]] = {}
    for row in rows:
        factor = factor_of(row)
        for part in _parts_of(row, rows, given):
            factors.setdefault((row.indicator, part), []).append(factor._replace(part=part))
    found = []
    for (indicator, part), some in factors.items():
        one = find(some, indicator, part, year)
        known = part == TOTAL or find(catalogue.factors, indicator, part, year) is not None
        if one is not None and not (known and year is not None and one.year > year):
            found.append(one)
    return found


def _parts_of(row: OwnRow, rows: Iterable[OwnRow], given: str) -> tuple[str, ...]:
    """What a row is for: itself; of a place's scarcity the water there, on site by the site's place if it has one."""
    if PARTS[row.indicator][row.part].of != BOTH:
        return (row.part,)
    if ":" in row.zone:
        return (_BY_PLACE[SITE],)
    site = any(one.indicator == row.indicator and one.zone == given for one in rows if ":" in given)
    return (_BY_PLACE[GRID],) if site else (_BY_PLACE[GRID], _BY_PLACE[SITE])


def factor_of(row: OwnRow) -> Factor:
    """A user's row as a factor; its source has the same id."""
    return Factor(
        row.id, row.indicator, row.part, row.zone, row.per, row.low, row.central, row.high, row.kind, row.scope,
        row.unit, row.year, row.how, (row.id,), row.note,
    )  # fmt: skip


def is_own(name: str) -> bool:
    """Whether an id is that of a user's own factor."""
    return name.startswith(OWN)


def part_of(name: str) -> str:
    """The part in a factor's id, be it the catalogue's or a user's own."""
    return name.removeprefix(OWN).partition("/")[2].partition("/")[0]


# --- contracts ---


def contract_factor(contract: Contract) -> Factor:
    """A stated contract as the factor that it claims."""
    name, amount = contract.id, contract.intensity_g_per_kwh
    return Factor(
        name, _CLAIMED, _CONTRACT, _CONTRACT, "kWh", amount, amount, amount, "exact", "market-based", "gCO2e",
        contract.year, "published", (name,), "stated by the user: a claim beside its evidence",
    )  # fmt: skip


def claim_of(contract: Contract) -> str:
    """Whose claim it is: what follows ``claim of``."""
    return f"{CONTRACTS[contract.kind]} for {contract.year}"


def claim_words(amount: Interval | Missing, unit: str, contract: Contract, *, spoken: bool = False) -> str:
    """An amount as the claim that it is, beside its evidence; zero as ``claim of X, annual``."""
    return claim_text(amount, unit, claim_of(contract), contract.evidence, spoken=spoken)


def claimed(run: Run) -> Mapping[str, Contract]:
    """By indicator, the contract that a run's figure follows from: it is shown as a claim beside its evidence."""
    own = run.provenance.own
    if own is None or own.contract is None:
        return {}
    return {key: own.contract for key, impact in run.impacts.items() if own.contract.id in impact.factors}


def _not_in_force(contract: Contract, year: int | None) -> str:
    if year is None or contract.year == year:
        return ""
    return f"the contract that is stated covers {contract.year}, and this run is of {year}"


# --- for people, and for who asks what a factor is ---


def known_factors(own: OwnFactors) -> dict[str, Factor]:
    """All factors of a user's own that a run was measured with, by id."""
    found = {row.id: factor_of(row) for row in own.rows}
    if own.contract is not None:
        found[own.contract.id] = contract_factor(own.contract)
    return found


def known_sources(own: OwnFactors) -> dict[str, SourceRef]:
    """Their sources, by id."""
    found = {
        row.id: SourceRef(row.id, row.source_title, row.source_publisher, row.source_year, row.source_licence)
        for row in own.rows
    }
    if own.contract is not None:
        name = own.contract.id
        found[name] = SourceRef(
            name, own.contract.evidence, CONTRACTS[own.contract.kind], own.contract.year, "stated by the user"
        )
    return found


def _notes(file: str, instead_of: Mapping[str, tuple[str, ...]], after: Catalogue, before: Catalogue) -> list[str]:
    known = {factor.id: factor for factor in before.factors}
    mine = {factor.id: factor for factor in after.factors if is_own(factor.id) and factor.part != _CONTRACT}
    notes = [_note(mine[name], [known[old] for old in gone], file) for name, gone in instead_of.items()]
    mixed = [
        indicator
        for indicator in sorted({row.indicator for row in mine.values()})
        if _is_mixed(row for row in after.factors if row.indicator == indicator)
    ]
    return notes + [f"{one}: some of its parts are of {file}, the others the catalogue's" for one in mixed]


def _note(factor: Factor, gone: list[Factor], file: str) -> str:
    value = f"{number(factor.central)} {factor.unit} per {factor.per}"
    said = f"{factor.indicator}, {part_of(factor.id)} of {factor.zone}: {value} of {file}"
    if not gone:
        return f"{said}; the catalogue has none"
    if part_of(factor.id) == TOTAL:
        return f"{said}, whole: no part of the catalogue's is added to it"
    return f"{said}, instead of the catalogue's {number(gone[0].central)} ({gone[0].id})"


def _is_mixed(rows: Iterable[Factor]) -> bool:
    """Whether some parts of a sum are the user's and some the catalogue's. Its total is no part of one."""
    return len({is_own(row.id) for row in rows if row.part != TOTAL}) == 2
