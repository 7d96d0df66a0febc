"""Sums over runs, each with what is known of its error.

A run counts only where its parent does not. Runs that share a factor or a class of sensor share that error: it
does not shrink when they are added. Runs of the idle policy ``all`` carry the whole idle energy each: their sum
is refused, and says so. Without a filter but days, sums come from the rollups; else from the runs themselves.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, func, literal, or_, select

from footprint.interval import KINDS, UNKNOWN, Interval, common_total, is_known, ordered, total
from footprint.queries.opening import mended
from footprint.queries.selecting import ALL, RunFilter, check, conditions, indicator_name
from footprint.store.database import Store
from footprint.store.rollups import JOB_KWH
from footprint.store.tables import rollups, run_impacts, runs

REFUSED = "runs with the idle policy 'all' carry the whole idle energy each: they cannot be added"
_MIDNIGHT = "T00:00:00.000Z"


class Sum(NamedTuple):
    """A sum, of how many runs, and how many of these have no figure: then it is *at least* so much."""

    value: Interval
    """NaN where nothing is known, or where the sum is refused."""
    runs: int
    unknown: int = 0
    why: str = ""
    """Why a sum is refused."""


class Daily(NamedTuple):
    """The sum of a day's runs."""

    day: str
    """ISO date, UTC."""
    sum: Sum


class ProjectSum(NamedTuple):
    """What the runs of one project used."""

    project: str
    """Empty: runs without a project."""
    sum: Sum


class Summary(NamedTuple):
    """Three answers of one look at a filter's runs."""

    total: Sum
    days: list[Daily]
    """Oldest first; days without runs left out."""
    projects: list[ProjectSum]
    """The largest first."""


class _Group(NamedTuple):
    """Runs of one day and project that share their errors, added up."""

    day: str
    project: str
    zone: str
    factor: str
    sensor: str
    idle_policy: str
    runs: int
    unknown: int
    value: Interval


@mended
def sums(store: Store, indicator: str = JOB_KWH, asked: RunFilter = ALL) -> Sum:
    """The sum over a filter of ``job_kwh`` (kWh) or of an indicator (its unit)."""
    return _sum(_groups(store, indicator, asked))


@mended
def daily(store: Store, indicator: str = JOB_KWH, asked: RunFilter = ALL) -> list[Daily]:
    """The sum of each day (UTC) that has runs, oldest first."""
    return _by_day(_groups(store, indicator, asked))


@mended
def by_project(store: Store, asked: RunFilter = ALL, indicator: str = JOB_KWH) -> list[ProjectSum]:
    """The sum of each project, the largest first. A run inside a run of another project counts there."""
    return _by_project(_groups(store, indicator, asked))


@mended
def summary(store: Store, indicator: str = JOB_KWH, asked: RunFilter = ALL, *, with_projects: bool = True) -> Summary:
    """The sum over a filter, by day and by project, of one look: what a page asks for all at once."""
    groups = _groups(store, indicator, asked, with_projects=with_projects)
    return Summary(_sum(groups), _by_day(groups), _by_project(groups) if with_projects else [])


@mended
def measured_share(store: Store, asked: RunFilter = ALL) -> float | None:
    """The share of a filter's energy that was measured, 0 to 1; None where nothing is known of it."""
    check(asked)
    with store.read() as connection:
        counted = _outermost(asked)
        measured, whole = connection.execute(
            select(func.sum(runs.c.measured_share * runs.c.job_kwh), func.sum(runs.c.job_kwh)).where(
                counted, runs.c.measured_share.is_not(None)
            )
        ).one()
    return measured / whole if whole else None


def _by_day(groups: Iterable[_Group]) -> list[Daily]:
    days: dict[str, list[_Group]] = {}
    for group in groups:
        days.setdefault(group.day, []).append(group)
    return [Daily(day, _sum(some)) for day, some in sorted(days.items())]


def _by_project(groups: Iterable[_Group]) -> list[ProjectSum]:
    projects: dict[str, list[_Group]] = {}
    for group in groups:
        projects.setdefault(group.project, []).append(group)
    found = [ProjectSum(project, _sum(some)) for project, some in projects.items()]
    return sorted(found, key=lambda one: (-_central(one.sum.value), one.project))


def _central(value: Interval) -> float:
    return value.central if is_known(value) else 0.0


def _sum(groups: Iterable[_Group]) -> Sum:
    """Groups with a factor or a sensor in common add low to low; those with nothing in common are independent."""
    groups = list(groups)
    count, unknown = sum(group.runs for group in groups), sum(group.unknown for group in groups)
    if count > 1 and any(group.idle_policy == "all" for group in groups):
        return Sum(UNKNOWN, count, unknown, REFUSED)
    known = [group for group in groups if is_known(group.value)]
    if not known:
        return Sum(UNKNOWN, count, unknown)
    value = total(common_total(group.value for group in cluster) for cluster in _clusters(known))
    return Sum(value._replace(kind="lower_bound") if unknown else value, count, unknown)


def _clusters(groups: list[_Group]) -> list[list[_Group]]:
    """Groups that are linked by what they share, directly or through others."""
    alike: dict[tuple[str, str], list[_Group]] = {}
    alone = []
    for group in groups:
        if group.sensor or group.factor:
            alike.setdefault((group.sensor, group.factor), []).append(group)
        else:
            alone.append([group])
    clusters: list[tuple[frozenset[str], list[_Group]]] = []
    for pair, some in alike.items():
        names = _shared(*pair)
        linked = [cluster for cluster in clusters if cluster[0] & names]
        clusters = [cluster for cluster in clusters if not cluster[0] & names]
        members = [member for _, others in linked for member in others]
        clusters.append((names.union(*(shared for shared, _ in linked)), members + some))
    return [members for _, members in clusters] + alone


@functools.lru_cache(maxsize=1024)
def _shared(sensor: str, factor: str) -> frozenset[str]:
    """What groups share that have these sensors and factors."""
    names = [f"sensor {name}" for name in sensor.split("+") if name]
    return frozenset(names + [f"factor {name}" for name in factor.split("+") if name])


def _groups(store: Store, indicator: str, asked: RunFilter, *, with_projects: bool = True) -> list[_Group]:
    check(asked)
    indicator = indicator_name(indicator)
    with store.read() as connection:
        if _by_whole_days(asked):
            return _from_rollups(connection, indicator, asked, with_projects=with_projects)
        return _from_runs(connection, indicator, asked, with_projects=with_projects)


def _by_whole_days(asked: RunFilter) -> bool:
    """Whether rollups answer it: no filter but from one midnight to another."""
    plain = asked._replace(since=None, until=None, limit=None, offset=0, sort="started", descending=True) == ALL
    return plain and all(not bound or bound.endswith(_MIDNIGHT) for bound in (asked.since, asked.until))


def _from_rollups(connection: Connection, indicator: str, asked: RunFilter, *, with_projects: bool) -> list[_Group]:
    found = [rollups.c.indicator == indicator]
    if asked.since:
        found.append(rollups.c.day >= asked.since[:10])
    if asked.until:
        found.append(rollups.c.day < asked.until[:10])
    table = rollups.c
    project: ColumnElement[str] = table.project if with_projects else literal("")
    keys = (table.day, project, table.zone, table.factor, table.sensor, table.idle_policy)
    amount = (table.low, table.central, table.high, table.kind)
    counts = (func.sum(table.runs), func.sum(table.runs - table.unknown))
    query = select(*keys, *counts, *_added(*amount)).where(and_(*found)).group_by(*keys)
    return [_group(tuple(row)) for row in connection.execute(query)]


def _added(
    low: ColumnElement[Any], central: ColumnElement[Any], high: ColumnElement[Any], kind: ColumnElement[Any]
) -> list[ColumnElement[Any]]:
    """The sums of what is known, and the rank of its weakest kind."""
    known = and_(low.is_not(None), central.is_not(None), high.is_not(None))
    rank = case({name: number for number, name in enumerate(KINDS)}, value=kind)
    return [*(func.sum(case((known, bound))) for bound in (low, central, high)), func.max(case((known, rank)))]


def _outermost(asked: RunFilter) -> Any:
    """The runs of a filter whose parent the filter does not hold."""
    chosen = select(runs.c.run_id).where(conditions(asked))
    return and_(conditions(asked), or_(runs.c.parent.is_(None), runs.c.parent.not_in(chosen)))


def _from_runs(connection: Connection, indicator: str, asked: RunFilter, *, with_projects: bool) -> list[_Group]:
    """The groups of a filter, added up by the database: it has the runs at hand."""
    factor: ColumnElement[str] = literal("")
    source: FromClause = runs
    if indicator == JOB_KWH:
        amount = (runs.c.job_kwh_low, runs.c.job_kwh, runs.c.job_kwh_high, runs.c.job_kwh_kind)
    else:
        same = and_(run_impacts.c.run_id == runs.c.run_id, run_impacts.c.indicator == indicator)
        factor, source = run_impacts.c.factor, runs.join(run_impacts, same)
        amount = (run_impacts.c.low, run_impacts.c.central, run_impacts.c.high, run_impacts.c.kind)
    project: ColumnElement[str] = func.coalesce(runs.c.project, "") if with_projects else literal("")
    keys = (runs.c.day, project, runs.c.zone, factor, runs.c.sensor, runs.c.idle_policy)
    low, central, high, _ = amount
    known = and_(low.is_not(None), central.is_not(None), high.is_not(None))
    counts = (func.count(), func.count(case((known, 1))))
    query = select(*keys, *counts, *_added(*amount)).select_from(source).where(_outermost(asked)).group_by(*keys)
    return [_group(tuple(row)) for row in connection.execute(query)]


def _group(row: tuple[Any, ...]) -> _Group:
    """Six keys, runs, those with a figure, the sum's bounds, the rank of the weakest kind."""
    day, project, zone, factor, sensor, idle_policy, count, known, low, central, high, rank = row
    value = UNKNOWN
    if known:
        value = ordered(low, central, high, "lower_bound" if known < count else KINDS[rank])
    return _Group(day, project, zone, factor, sensor, idle_policy, count, count - known, value)
