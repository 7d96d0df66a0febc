"""Single runs and lists of runs, those that are being measured among them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, func, select

from footprint.errors import NoSuchRun, NotPossible
from footprint.interval import Interval, is_known
from footprint.queries.opening import accounted, mended
from footprint.queries.selecting import ALL, CLAIMS, RunFilter, check, conditions, holds, indicator_name, ordered
from footprint.records.document import Document, as_document, interval_from
from footprint.records.raw import RawRun
from footprint.records.result import Run
from footprint.store import catalogues, deletion, readings, version_events
from footprint.store.database import Store
from footprint.store.kept_rows import made_with
from footprint.store.rollups import interval_of
from footprint.store.rows import measured_share
from footprint.store.tables import deleted, run_impacts, run_tags, runs

_COLUMNS = [column for column in runs.c if column.name != "document"]


class RunRow(NamedTuple):
    """A run as a list shows it."""

    run_id: str
    name: str | None
    project: str | None
    team: str | None
    tags: Mapping[str, str]
    status: str
    exit_code: int | None
    started_at: str
    """ISO 8601, UTC."""
    duration_s: float | None
    job_kwh: Interval
    """NaN where nothing was measured."""
    impacts: Mapping[str, Interval]
    """Totals by indicator; what cannot be had is not in it, and no claim: that is shown beside its evidence."""
    zone: str
    zone_how: str
    measured_share: float | None
    """Share of the job's energy that was measured, 0 to 1; None where there is none."""
    parent: str | None
    group: str | None
    idle_policy: str


@mended
def list_runs(store: Store, asked: RunFilter = ALL) -> list[RunRow]:
    """The runs of a filter, newest first unless it says otherwise. Raises UsageError."""
    check(asked)
    live = [run for run in store.live.values() if holds(asked, run)]
    with store.read() as connection:
        query = ordered(select(*_COLUMNS).where(conditions(asked)), asked)
        start = max(0, asked.offset - len(live))
        most = -1 if asked.limit is None else asked.offset - start + asked.limit
        query = query.offset(start).limit(most)
        found = _with_details(connection, query)
    merged = _merged(found, [_live_row(run) for run in live], asked)
    first = asked.offset - start
    return merged[first:] if asked.limit is None else merged[first : first + asked.limit]


@mended
def count_runs(store: Store, asked: RunFilter = ALL) -> int:
    """How many runs a filter has, whatever its limit."""
    check(asked)
    with store.read() as connection:
        stored = connection.execute(select(func.count()).select_from(runs).where(conditions(asked))).scalar_one()
    return int(stored) + sum(holds(asked, run) for run in store.live.values())


@mended
def document(store: Store, run_id: str) -> Document:
    """A run as ``footprint.run/1``; one that is being measured as of the last look. Raises NoSuchRun."""
    if run_id in store.live:
        return as_document(store.live[run_id])
    with store.read() as connection:
        text = connection.execute(select(runs.c.document).where(runs.c.run_id == run_id)).scalar()
    if text is None:
        raise NoSuchRun(f"there is no run {run_id!r}", "no stored run has that id", "footprint list shows them")
    found: Document = json.loads(text)
    return found


@mended
def raw_run(store: Store, run_id: str) -> RawRun:
    """What was measured in a run. Raises NotPossible where its readings are gone."""
    return readings.raw_run(store, run_id)


def accounted_run(store: Store, run_id: str, *, by_todays: bool = False) -> Run:
    """A run made anew from its readings, with the derivation of each impact: with the catalogue of its stored figures
    where that is kept, else with today's (``by_todays``: always). Raises NotPossible.
    """
    raw = raw_run(store, run_id)
    if by_todays:
        return accounted(raw)
    try:
        run = accounted(raw, folder_of_figures(store, run_id))
    except NotPossible:  # of a form that is too old for this version
        run = accounted(raw)
    standing = version_events.standing(store.home_of(run_id), run_id)
    if standing is None:
        return run
    return run._replace(provenance=run.provenance._replace(recomputed=version_events.mark(standing)))


def folder_of_figures(store: Store, run_id: str) -> str | None:
    """Where the catalogue of a run's stored figures is read; None: it is today's, or is kept no more."""
    pinned = made_with(store, run_id)
    return None if pinned is None else catalogues.folder_of(store.home_of(run_id), pinned)


def delete_kept(store: Store, ids: Iterable[str]) -> None:
    """Delete runs with their readings, and saved estimates, for good. Raises NotPossible."""
    deletion.delete(store, ids)


@mended
def state(store: Store) -> str:
    """A word that changes whenever a run comes, ends, goes or is told anew: of the last look (``refresh``)."""
    with store.read() as connection:
        stored = connection.execute(select(func.count(), func.max(runs.c.run_id)).select_from(runs)).one()
        gone = connection.execute(select(func.count()).select_from(deleted)).scalar_one()
    return f"{stored[0]}-{stored[1]}-{gone}-{store.revision()}-{'-'.join(sorted(store.live))}"


def _with_details(connection: Connection, query: Select[Any]) -> list[RunRow]:
    """Runs with their totals and tags: three queries, however many runs."""
    found = connection.execute(query).all()
    if not found:
        return []
    ids = query.with_only_columns(runs.c.run_id).subquery()
    inside = select(ids.c.run_id)
    impacts: dict[str, dict[str, Interval]] = {}
    total = run_impacts.c
    totals = select(total.run_id, total.indicator, total.low, total.central, total.high, total.kind)
    known = totals.where(total.run_id.in_(inside), total.central.is_not(None))
    for run_id, indicator, *amount in connection.execute(known).all():
        if indicator not in CLAIMS:
            impacts.setdefault(run_id, {})[indicator] = Interval(*amount)
    tags: dict[str, dict[str, str]] = {}
    tagged = select(run_tags.c.run_id, run_tags.c.key, run_tags.c.value).where(run_tags.c.run_id.in_(inside))
    for run_id, key, value in connection.execute(tagged).all():
        tags.setdefault(run_id, {})[key] = value
    return [_row(row, impacts.get(row.run_id, {}), tags.get(row.run_id, {})) for row in found]


def _row(row: Row[Any], impacts: Mapping[str, Interval], tags: Mapping[str, str]) -> RunRow:
    return RunRow(
        run_id=row.run_id,
        name=row.name,
        project=row.project,
        team=row.team,
        tags=tags,
        status=row.status,
        exit_code=row.exit_code,
        started_at=row.started_at,
        duration_s=row.duration_s,
        job_kwh=interval_of(row.job_kwh_low, row.job_kwh, row.job_kwh_high, row.job_kwh_kind),
        impacts=impacts,
        zone=row.zone,
        zone_how=row.zone_how,
        measured_share=row.measured_share,
        parent=row.parent,
        group=row.group_id,
        idle_policy=row.idle_policy,
    )


def _live_row(run: Run) -> RunRow:
    """A run that is being measured, as a list shows it."""
    shown = as_document(run)
    totals = {key: interval_from(one["total"]) for key, one in shown["impacts"].items() if "total" in one}
    return RunRow(
        run_id=run.run_id,
        name=run.name,
        project=run.project,
        team=run.team,
        tags=dict(run.tags),
        status=run.status,
        exit_code=run.exit_code,
        started_at=run.started_at,
        duration_s=shown["duration_s"],
        job_kwh=interval_from(shown["energy"]["job_kwh"]),
        impacts={key: total for key, total in totals.items() if is_known(total) and key not in CLAIMS},
        zone=run.region.zone,
        zone_how=run.region.how,
        measured_share=measured_share(shown),
        parent=run.parent,
        group=run.group,
        idle_policy=run.energy.idle_policy,
    )


def _merged(stored: list[RunRow], live: list[RunRow], asked: RunFilter) -> list[RunRow]:
    if not live:
        return stored
    rows = sorted(stored + live, key=lambda row: row.run_id, reverse=asked.descending)
    known = [row for row in rows if _sort_value(row, asked.sort) is not None]
    unknown = [row for row in rows if _sort_value(row, asked.sort) is None]
    return sorted(known, key=lambda row: _sort_value(row, asked.sort), reverse=asked.descending) + unknown


def _sort_value(row: RunRow, sort: str) -> Any:
    columns = {
        "started": row.started_at, "duration": row.duration_s, "measured": row.measured_share,
        "energy": row.job_kwh.central if is_known(row.job_kwh) else None,
    }  # fmt: skip
    if sort in columns:
        return columns[sort]
    if sort in RunRow._fields:
        return getattr(row, sort)
    total = row.impacts.get(indicator_name(sort))
    return None if total is None else total.central
