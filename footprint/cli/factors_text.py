"""What ``footprint factors`` says to people: figures with their sources, or in ``plain`` one fact a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from footprint import catalogue
from footprint.explain import source_words
from footprint.factors import Factor, SourceRef
from footprint.region import ZoneTable
from footprint.wording import number

_ZONE_WIDTH = 8
_NONE: Mapping[str, tuple[str, ...]] = {}


def places(table: ZoneTable, mine: Mapping[str, int], *, plain: bool) -> Iterable[str]:
    """Places that have figures of their own, how many of them are the user's, and how many places there are."""
    for zone, name in table.names.items():
        own = f", {mine[zone]} of your own" if zone in mine else ""
        yield f"{zone}: {name}{own}" if plain else f"{zone:{_ZONE_WIDTH}} {name}{own}"
    yield f"{len(table.names)} places and {len(table.regions)} cloud regions in catalogue {catalogue.identity()[0]}"


def own_file(path: str, mine: Mapping[str, int]) -> str:
    """The user's own file, and the places that it has rows of."""
    return f"Your own factors: {path}, {sum(mine.values())} in {', '.join(mine)}"


def lines(
    zone: str, name: str, rows: Iterable[Factor], sources: Mapping[str, SourceRef], asked: int | None = None,
    *, own: Mapping[str, tuple[str, ...]] = _NONE, old: frozenset[str] = frozenset(),
) -> Iterable[str]:  # fmt: skip
    """A place's figures, each with what is known of it under it, and their sources; ``asked`` is the year asked for.

    ``own``: ids of the user's own, and what each stands for; ``old``: of those that are over 18 months old today.
    """
    version, _ = catalogue.identity()
    yield f"{name} ({zone}), catalogue {version}"
    used: dict[str, None] = {}
    for row in rows:
        yield ""
        yield f"{row.indicator}, {row.part}: {number(row.central)} {row.unit} per {_per(row)}"
        yield f"  range    {number(row.low)} to {number(row.high)} ({row.kind})"
        yield f"  scope    {row.scope}{_of_basis(row)}, {row.how}, {_of_year(row, asked)}{_of_age(row, old)}"
        if row.id in own:
            yield f"  yours    {_instead(own[row.id])}"
        if row.zone != zone:
            yield f"  of       {row.zone}"
        if row.note:
            yield f"  note     {row.note}"
        yield f"  sources  {', '.join(row.sources)}"
        used |= dict.fromkeys(row.sources)
    yield ""
    yield "Sources:"
    yield from (f"  [{source}] {source_words(sources[source])}" for source in used)


def plain_lines(
    zone: str, name: str, rows: Iterable[Factor], sources: Mapping[str, SourceRef], asked: int | None = None,
    *, own: Mapping[str, tuple[str, ...]] = _NONE, old: frozenset[str] = frozenset(),
) -> Iterable[str]:  # fmt: skip
    """The same, one fact a line: each names its factor."""
    yield f"Place: {name} ({zone})"
    yield f"Catalogue: {catalogue.identity()[0]}"
    used: dict[str, None] = {}
    for row in rows:
        facts = [
            ("size", f"{number(row.central)} {row.unit} per {_per(row)}"),
            ("range", f"{number(row.low)} to {number(row.high)} {row.unit} per {_per(row)}"),
            ("kind of range", row.kind),
            ("scope", row.scope),
            ("how it is known", row.how),
            ("year", f"{_of_year(row, asked).removeprefix('year ')}{_of_age(row, old)}"),
        ]
        if row.id in own:
            facts.append(("yours", _instead(own[row.id])))
        if row.basis:
            facts.append(("electricity", row.basis))
        if row.zone != zone:
            facts.append(("place", row.zone))
        if row.note:
            facts.append(("note", row.note))
        facts.append(("sources", ", ".join(row.sources)))
        yield from (f"Factor {row.indicator}, {row.part}, {subject}: {fact}" for subject, fact in facts)
        used |= dict.fromkeys(row.sources)
    yield from (f"Source {source}: {source_words(sources[source])}" for source in used)


def _instead(gone: tuple[str, ...]) -> str:
    return f"instead of {', '.join(gone)}" if gone else "the catalogue has none"


def of_years(years: Iterable[int]) -> str:
    """Of which years there are figures."""
    return f"Years of these figures: {', '.join(map(str, years))}. A run takes its own year's, else the nearest before."


def _of_basis(row: Factor) -> str:
    return f" ({row.basis})" if row.basis else ""


def _of_year(row: Factor, asked: int | None) -> str:
    return f"year {row.year}" if asked in {None, row.year} else f"year {row.year}, as there is none of {asked}"


def _of_age(row: Factor, old: frozenset[str]) -> str:
    return ", over 18 months old" if row.id in old else ""


def _per(row: Factor) -> str:
    """What an amount is for one of."""
    return "kWh of IT energy" if row.per == "kWh-it" else row.per
