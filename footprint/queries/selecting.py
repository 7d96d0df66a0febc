"""Which runs, and in what order: filters as conditions. Nothing that a user writes becomes part of the SQL's text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, or_, select

from footprint.errors import UsageError
from footprint.impacts import INDICATORS
from footprint.records.raw import plain_text
from footprint.records.result import Run
from footprint.store.tables import run_impacts, run_tags, runs

STATUSES = ("running", "completed", "crashed", "stopped")
_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "started": runs.c.started_at,
    "name": runs.c.name,
    "project": runs.c.project,
    "team": runs.c.team,
    "status": runs.c.status,
    "duration": runs.c.duration_s,
    "energy": runs.c.job_kwh,
    "zone": runs.c.zone,
    "measured": runs.c.measured_share,
}
_LONGEST_TEXT = 1_000
_SHORT = {"carbon": "carbon_location"}
CLAIMS = frozenset(key for key, one in INDICATORS.items() if one.kind == "claim")
"""Indicators that are shown run by run, beside their evidence, and in no list, rank or sum."""
SORTS = (*_COLUMNS, *_SHORT, *(key for key in INDICATORS if key not in CLAIMS))
"""What runs can be sorted by: columns and indicators. A claim ranks nothing."""


class RunFilter(NamedTuple):
    """Which runs; None and empty filter nothing."""

    project: str | None = None
    team: str | None = None
    tag: Mapping[str, str] = {}
    """All of these tags."""
    since: str | None = None
    """ISO 8601, UTC, as ``when.moment`` gives it: started then or later."""
    until: str | None = None
    """Started before then."""
    status: str | None = None
    text: str = ""
    """Part of a run's name or id."""
    limit: int | None = None
    offset: int = 0
    sort: str = "started"
    """One of ``SORTS``."""
    descending: bool = True


ALL = RunFilter()
"""All runs, newest first."""


def check(asked: RunFilter) -> None:
    """Raise UsageError for a status or an order that there is not, or a negative number."""
    if asked.status and asked.status not in STATUSES:
        raise UsageError(f"status {asked.status!r}", "there is no such state", f"use one of: {', '.join(STATUSES)}")
    if asked.sort not in SORTS:
        raise UsageError(f"sort {asked.sort!r}", "runs cannot be sorted by that", f"use one of: {', '.join(SORTS)}")
    if asked.offset < 0 or (asked.limit is not None and asked.limit < 0):
        raise UsageError("limit", "it is negative", "give 0 or more")
    if len(asked.text) > _LONGEST_TEXT:
        raise UsageError("the text to look for", f"it is longer than {_LONGEST_TEXT} characters", "write less of it")


def conditions(asked: RunFilter) -> ColumnElement[bool]:
    """The filter for the table of runs."""
    found: list[ColumnElement[bool]] = [runs.c.run_id.is_not(None)]
    if asked.project:
        found.append(runs.c.project == plain_text(asked.project))
    if asked.team:
        found.append(runs.c.team == plain_text(asked.team))
    if asked.status:
        found.append(runs.c.status == asked.status)
    if asked.since:
        found.append(runs.c.started_at >= asked.since)
    if asked.until:
        found.append(runs.c.started_at < asked.until)
    if asked.text:
        text = plain_text(asked.text)
        found.append(or_(*(column.icontains(text, autoescape=True) for column in (runs.c.name, runs.c.run_id))))
    for key, value in asked.tag.items():
        wanted = (run_tags.c.key == plain_text(key), run_tags.c.value == plain_text(value))
        same = and_(run_tags.c.run_id == runs.c.run_id, *wanted)
        found.append(select(run_tags.c.run_id).where(same).exists())
    return and_(*found)


def ordered(query: Select[Any], asked: RunFilter) -> Select[Any]:
    """A query of runs in the order asked for; what has no figure comes last, the id decides among equals."""
    name = _SHORT.get(asked.sort, asked.sort)
    column = _COLUMNS.get(name)
    if column is None:
        query = query.outerjoin(
            run_impacts, and_(run_impacts.c.run_id == runs.c.run_id, run_impacts.c.indicator == name)
        )
        column = run_impacts.c.central
    first, then = (column.desc(), runs.c.run_id.desc()) if asked.descending else (column.asc(), runs.c.run_id.asc())
    return query.order_by(first.nulls_last(), then)


def holds(asked: RunFilter, run: Run) -> bool:
    """Whether the filter holds a run that is not in the database: one that is being measured."""
    text = asked.text.lower()
    return (
        asked.project in (None, "", run.project)
        and asked.team in (None, "", run.team)
        and asked.status in (None, "", run.status)
        and (not asked.since or run.started_at >= asked.since)
        and (not asked.until or run.started_at < asked.until)
        and (text in (run.name or "").lower() or text in run.run_id.lower())
        and all(run.tags.get(key) == value for key, value in asked.tag.items())
    )


def indicator_name(name: str) -> str:
    """The key of an indicator, of its short name too."""
    return _SHORT.get(name, name)
