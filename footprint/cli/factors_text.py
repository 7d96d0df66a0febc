"""What ``footprint factors`` says to people: figures with their sources, or in ``plain`` one fact a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from footprint import catalogue
from footprint.explain import source_words
from footprint.factors import Factor, SourceRef
from footprint.region import ZoneTable
from footprint.wording import number

_ZONE_WIDTH = 8


def places(table: ZoneTable, *, plain: bool) -> Iterable[str]:
    """Places that have figures of their own, and how many there are."""
    for zone, name in table.names.items():
        yield f"{zone}: {name}" if plain else f"{zone:{_ZONE_WIDTH}} {name}"
    yield f"{len(table.names)} places and {len(table.regions)} cloud regions in catalogue {catalogue.identity()[0]}"


def lines(zone: str, name: str, rows: Iterable[Factor], sources: Mapping[str, SourceRef]) -> Iterable[str]:
    """A place's figures, each with what is known of it under it, and their sources."""
    version, _ = catalogue.identity()
    yield f"{name} ({zone}), catalogue {version}"
    used: dict[str, None] = {}
    for row in rows:
        yield ""
        yield f"{row.indicator}, {row.part}: {number(row.central)} {row.unit} per {_per(row)}"
        yield f"  range    {number(row.low)} to {number(row.high)} ({row.kind})"
        yield f"  scope    {row.scope}, {row.how}, year {row.year}"
        if row.zone != zone:
            yield f"  of       {row.zone}"
        if row.note:
            yield f"  note     {row.note}"
        yield f"  sources  {', '.join(row.sources)}"
        used |= dict.fromkeys(row.sources)
    yield ""
    yield "Sources:"
    yield from (f"  [{source}] {source_words(sources[source])}" for source in used)


def plain_lines(zone: str, name: str, rows: Iterable[Factor], sources: Mapping[str, SourceRef]) -> Iterable[str]:
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
            ("year", str(row.year)),
        ]
        if row.zone != zone:
            facts.append(("place", row.zone))
        if row.note:
            facts.append(("note", row.note))
        facts.append(("sources", ", ".join(row.sources)))
        yield from (f"Factor {row.indicator}, {row.part}, {subject}: {fact}" for subject, fact in facts)
        used |= dict.fromkeys(row.sources)
    yield from (f"Source {source}: {source_words(sources[source])}" for source in used)


def _per(row: Factor) -> str:
    return "kWh of IT energy" if row.per == "kWh-it" else row.per
