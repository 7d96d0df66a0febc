"""Sums over runs, each with what is known of its error.

A run counts only where its parent does not. Runs that share a factor or a class of sensor share that error: it
does not shrink when they are added. Runs of the idle policy ``all`` carry the whole idle energy each: their sum
is refused, and says so. Where days, project, team and status are all that is asked by, sums come from the rollups;
else from the runs themselves.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, func, literal, or_, select

from footprint.interval import KINDS, UNKNOWN, Interval, common_total, is_known, ordered, total
from footprint.queries.opening import mended
from footprint.queries.selecting import ALL, CLAIMS, RunFilter, check, conditions, indicator_name
from footprint.records.raw import plain_text
from footprint.store.database import Store
from footprint.store.rollups import JOB_KWH
from footprint.store.tables import rollups, run_impacts, runs

REFUSED = "runs with the idle policy 'all' carry the whole idle energy each: they cannot be added"
CLAIMED = "a claim is shown run by run, beside its evidence: claims are not added up"
_SUMMED = (
    "run_id", "day", "project", "sensor", "idle_policy", "job_kwh", "job_kwh_low", "job_kwh_high", "job_kwh_kind",
)  # fmt: skip
"""Columns of a run that sums are made of."""
_MIDNIGHT = "T00:00:00.000Z"
_outer = runs.alias("outer")


class Sum(NamedTuple):
    """A sum, of how many runs, and how many of these have no figure: then it is *at least* so much."""

    value: Interval
    """NaN where nothing is known, or where the sum is refused."""
    runs: int
    unknown: int = 0
    why: str = ""
    """Why a sum is refused."""


class Daily(NamedTuple):
    """The sum of a day's or month's runs."""

    day: str
    """ISO date (UTC), or year and month: ``2026-11``."""
    sum: Sum


class ProjectSum(NamedTuple):
    """What the runs of one project used."""

    project: str
    """Empty: runs without a project."""
    sum: Sum


class EnergyShares(NamedTuple):
    """Of a filter's energy, 0 to 1."""

    measured: float | None
    """How much was measured; None where nothing is known of it."""
    guessed: float
    """How much was used in regions that are a guess or not known."""


class _By(NamedTuple):
    """What sums are apart by, beside what makes their errors."""

    day: bool = False
    project: bool = False


class _Group(NamedTuple):
    """Runs that share their errors, added up; of one day and of one project where that is asked."""

    indicator: str

    day: str
    project: str
    factor: str
    sensor: str
    carries_all: bool
    """A run among them has the idle policy ``all``."""
    runs: int
    unknown: int
    value: Interval


@mended
def sums(store: Store, indicator: str = JOB_KWH, asked: RunFilter = ALL) -> Sum:
    """The sum over a filter of ``job_kwh`` (kWh) or of an indicator (its unit)."""
    return _sum(_groups(store, (indicator,), asked, _By()))


@mended
def totals(store: Store, indicators: tuple[str, ...], asked: RunFilter = ALL) -> dict[str, Sum]:
    """The same of several, by key."""
    found: dict[str, list[_Group]] = {indicator_name(key): [] for key in indicators}
    for group in _groups(store, tuple(found), asked, _By()):
        found[group.indicator].append(group)
    return {key: _sum(found[indicator_name(key)]) for key in indicators}


@mended
def daily(store: Store, indicator: str = JOB_KWH, asked: RunFilter = ALL) -> list[Daily]:
    """The sum of each day (UTC) that has runs, oldest first."""
    return _by_time(_groups(store, (indicator,), asked, _By(day=True)))


@mended
def over_time(store: Store, indicator: str, asked: RunFilter, most_days: int) -> list[Daily]:
    """The sum of each day, or of each month where there are more than ``most_days`` days with runs."""
    groups = _groups(store, (indicator,), asked, _By(day=True))
    if len({group.day for group in groups}) > most_days:
        groups = [group._replace(day=group.day[:7]) for group in groups]
    return _by_time(groups)


@mended
def by_project(store: Store, asked: RunFilter = ALL, indicator: str = JOB_KWH) -> list[ProjectSum]:
    """The sum of each project, the largest first. A run inside a run of another project counts there."""
    return _by_project(_groups(store, (indicator,), asked, _By(project=True)))


@mended
def energy_shares(store: Store, asked: RunFilter = ALL, guesses: tuple[str, ...] = ()) -> EnergyShares:
    """How much of a filter's energy was measured, and in regions that are known only in one of the ways ``guesses``."""
    check(asked)
    energy, known = runs.c.job_kwh, runs.c.measured_share.is_not(None)
    asks = (
        func.sum(case((known, runs.c.measured_share * energy))),
        func.sum(case((known, energy))),
        func.sum(case((runs.c.zone_how.in_(guesses), energy))),
        func.sum(energy),
    )
    with store.read() as connection:
        measured, of, guessed, whole = connection.execute(select(*asks).where(outermost(asked))).one()
    return EnergyShares(measured / of if of else None, (guessed or 0.0) / whole if whole else 0.0)


def _by_time(groups: Iterable[_Group]) -> list[Daily]:
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
    if any(group.indicator in CLAIMS for group in groups):
        return Sum(UNKNOWN, count, unknown, CLAIMED)
    if count > 1 and any(group.carries_all for group in groups):
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


def _groups(store: Store, indicators: tuple[str, ...], asked: RunFilter, by: _By) -> list[_Group]:
    """The groups of ``job_kwh``, or of some indicators."""
    check(asked)
    names = tuple(indicator_name(indicator) for indicator in indicators)
    with store.read() as connection:
        if _is_rolled_up(connection, asked):
            return _from_rollups(connection, names, asked, by)
        energy, impacts = (tuple(key for key in names if (key == JOB_KWH) is is_energy) for is_energy in (True, False))
        return [group for keys in (energy, impacts) if keys for group in _from_runs(connection, keys, asked, by)]


def _is_rolled_up(connection: Connection, asked: RunFilter) -> bool:
    """Whether rollups answer it: they have whole days, and count no run whose parent is in the store."""
    plain = asked._replace(
        project=None, team=None, status=None, since=None, until=None, limit=None, offset=0, sort="started",
        descending=True,
    )  # fmt: skip
    if plain != ALL or not all(not bound or bound.endswith(_MIDNIGHT) for bound in (asked.since, asked.until)):
        return False
    chosen = select(runs.c.run_id).where(conditions(asked))
    inside_others = (
        select(runs.c.run_id)
        .where(conditions(asked), runs.c.parent.in_(select(_outer.c.run_id)), runs.c.parent.not_in(chosen))
        .limit(1)
    )
    return connection.execute(inside_others).first() is None


def _from_rollups(connection: Connection, indicators: tuple[str, ...], asked: RunFilter, by: _By) -> list[_Group]:
    found: list[ColumnElement[bool]] = [rollups.c.indicator.in_(indicators)]
    if asked.since:
        found.append(rollups.c.day >= asked.since[:10])
    if asked.until:
        found.append(rollups.c.day < asked.until[:10])
    found += [
        column == plain_text(value)
        for column, value in (
            (rollups.c.project, asked.project), (rollups.c.team, asked.team), (rollups.c.status, asked.status),
        )
        if value
    ]  # fmt: skip
    table = rollups.c
    project: ColumnElement[str] = table.project if by.project else literal("")
    day: ColumnElement[str] = table.day if by.day else literal("")
    keys = (table.indicator, day, project, table.factor, table.sensor)
    amount = (table.low, table.central, table.high, table.kind)
    counts = (_carries_all(table.idle_policy), func.sum(table.runs), func.sum(table.runs - table.unknown))
    query = select(*keys, *counts, *_added(*amount)).where(and_(*found)).group_by(*keys)
    return [_group(tuple(row)) for row in connection.execute(query)]


def _added(
    low: ColumnElement[Any], central: ColumnElement[Any], high: ColumnElement[Any], kind: ColumnElement[Any]
) -> list[ColumnElement[Any]]:
    """The sums of what is known (the store has all bounds of an amount or none), and the rank of the weakest kind."""
    rank = case({name: number for number, name in enumerate(KINDS)}, value=kind)
    return [*(func.sum(bound) for bound in (low, central, high)), func.max(rank)]


def _carries_all(idle_policy: ColumnElement[str]) -> ColumnElement[Any]:
    return func.max(case((idle_policy == "all", 1), else_=0))


def outermost(asked: RunFilter) -> Any:
    """The condition of the runs of a filter whose parent the filter does not hold."""
    chosen = select(runs.c.run_id).where(conditions(asked))
    return and_(conditions(asked), or_(runs.c.parent.is_(None), runs.c.parent.not_in(chosen)))


def _from_runs(connection: Connection, indicators: tuple[str, ...], asked: RunFilter, by: _By) -> list[_Group]:
    """The groups of a filter, of ``job_kwh`` alone or of indicators, added up by the database: it has the runs."""
    chosen = (
        select(*(runs.c[name] for name in _SUMMED)).where(outermost(asked)).cte("chosen").prefix_with("MATERIALIZED")
    )
    of = chosen.c
    factor: ColumnElement[str] = literal("")
    source: FromClause = chosen
    key: ColumnElement[str] = literal(JOB_KWH)
    if JOB_KWH in indicators:
        amount = (of.job_kwh_low, of.job_kwh, of.job_kwh_high, of.job_kwh_kind)
    else:
        # An expression, not the column: else SQLite goes through all amounts of an indicator by its index, instead
        # of from the chosen runs to theirs. That takes four times as long.
        wanted = run_impacts.c.indicator.op("||")("").in_(indicators)
        source = chosen.join(run_impacts, and_(run_impacts.c.run_id == of.run_id, wanted))
        key, factor = run_impacts.c.indicator, run_impacts.c.factor
        amount = (run_impacts.c.low, run_impacts.c.central, run_impacts.c.high, run_impacts.c.kind)
    project: ColumnElement[str] = func.coalesce(of.project, "") if by.project else literal("")
    day: ColumnElement[str] = of.day if by.day else literal("")
    keys = (key, day, project, factor, of.sensor)
    counts = (_carries_all(of.idle_policy), func.count(), func.count(amount[1]))
    query = select(*keys, *counts, *_added(*amount)).select_from(source).group_by(*keys)
    return [_group(tuple(row)) for row in connection.execute(query)]


def _group(row: tuple[Any, ...]) -> _Group:
    """Five keys, whether a run is of the policy ``all``, runs, those with a figure, bounds, rank of the kind."""
    indicator, day, project, factor, sensor, carries_all, count, known, low, central, high, rank = row
    value = UNKNOWN
    if known:
        value = ordered(low, central, high, "lower_bound" if known < count else KINDS[rank])
    return _Group(indicator, day, project, factor, sensor, bool(carries_all), count, count - known, value)
