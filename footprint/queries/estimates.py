"""Saved estimates: jobs that have not run. They stand apart from runs, and in no sum."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select

from footprint.errors import NoSuchRun, UsageError
from footprint.impacts import INDICATORS
from footprint.interval import Interval
from footprint.queries.opening import mended
from footprint.queries.selecting import ALL, CLAIMS, RunFilter, indicator_name
from footprint.records.document import Document, interval_from
from footprint.records.raw import plain_text
from footprint.store.database import Store
from footprint.store.tables import estimates

SORTS = ("started", "name", "project", "energy", "carbon", *(key for key in INDICATORS if key not in CLAIMS))
"""What they can be sorted by; ``started`` is when they were saved."""


class EstimateRow(NamedTuple):
    """An estimate as a list shows it."""

    estimate_id: str
    name: str | None
    project: str | None
    tags: Mapping[str, str]
    route: str
    saved_at: str
    """ISO 8601, UTC."""
    zone: str
    job_kwh: Interval
    impacts: Mapping[str, Interval]
    """Totals by indicator; what cannot be had is not in it."""


@mended
def list_estimates(store: Store, asked: RunFilter = ALL) -> list[EstimateRow]:
    """The saved estimates of a filter, newest first unless it says otherwise.

    Raises UsageError for a filter that only runs have: team, status and their columns.
    """
    _check(asked)
    columns = estimates.c
    query = select(columns.document).order_by(columns.estimate_id)
    if asked.project:
        query = query.where(columns.project == plain_text(asked.project))
    if asked.since:
        query = query.where(columns.saved_at >= asked.since)
    if asked.until:
        query = query.where(columns.saved_at < asked.until)
    with store.read() as connection:
        found = [_row(json.loads(text)) for text in connection.execute(query).scalars()]
    wanted = [row for row in found if _has_tags(row, asked.tag)]
    rows = _ordered(wanted, asked)
    return rows[asked.offset :] if asked.limit is None else rows[asked.offset : asked.offset + asked.limit]


@mended
def estimate_document(store: Store, estimate_id: str) -> Document:
    """A saved estimate as ``footprint.estimate/1``. Raises NoSuchRun."""
    with store.read() as connection:
        query = select(estimates.c.document).where(estimates.c.estimate_id == estimate_id)
        text = connection.execute(query).scalar()
    if text is None:
        why = "no saved estimate has that id"
        raise NoSuchRun(f"there is no estimate {estimate_id!r}", why, "footprint list --estimates shows them")
    found: Document = json.loads(text)
    return found


def _check(asked: RunFilter) -> None:
    for name, value in (("team", asked.team), ("status", asked.status)):
        if value:
            raise UsageError(f"{name} {value!r}", f"estimates have no {name}", "leave it out")
    if asked.sort not in SORTS:
        why = "estimates cannot be sorted by that"
        raise UsageError(f"sort {asked.sort!r}", why, f"use one of: {', '.join(SORTS)}")


def _row(document: Document) -> EstimateRow:
    totals = {key: interval_from(one["total"]) for key, one in document["impacts"].items() if "total" in one}
    return EstimateRow(
        estimate_id=document["estimate_id"],
        name=document["name"],
        project=document["project"],
        tags=dict(document["tags"]),
        route=document["route"],
        saved_at=document["saved_at"],
        zone=document["region"]["zone"],
        job_kwh=interval_from(document["energy"]["job_kwh"]),
        impacts={key: total for key, total in totals.items() if key not in CLAIMS},
    )


def _has_tags(row: EstimateRow, tags: Mapping[str, str]) -> bool:
    return all(row.tags.get(plain_text(key)) == plain_text(value) for key, value in tags.items())


def _ordered(rows: Iterable[EstimateRow], asked: RunFilter) -> list[EstimateRow]:
    """In the order asked for; what has no figure comes last, the id decides among equals."""
    valued = [(_value(row, asked.sort), row) for row in rows]
    valued.sort(key=lambda one: one[1].estimate_id, reverse=asked.descending)
    known = sorted((one for one in valued if one[0] is not None), key=lambda one: one[0], reverse=asked.descending)
    return [row for _, row in known] + [row for value, row in valued if value is None]


def _value(row: EstimateRow, sort: str) -> Any:
    columns = {"started": row.saved_at, "name": row.name, "project": row.project, "energy": row.job_kwh.central}
    if sort in columns:
        return columns[sort]
    total = row.impacts.get(indicator_name(sort))
    return None if total is None else total.central
