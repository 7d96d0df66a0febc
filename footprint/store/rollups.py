"""Sums by day, kept so that a page need not add up a year of runs.

A row's runs have one zone, factor, class of sensor and idle policy, so they share their errors: lows add to
lows, highs to highs. They have one status too, since people ask by it. A run whose parent is in the store is part
of its parent, and not counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, delete, func, insert, or_, select

from footprint.interval import UNKNOWN, Interval, common_total, is_known
from footprint.store.tables import rollups, run_impacts, runs

JOB_KWH = "job_kwh"


class Key(NamedTuple):
    """Runs whose sums are made together."""

    day: str
    project: str
    team: str
    zone: str


class _Group(NamedTuple):
    """Runs of a key whose figures are one row."""

    indicator: str
    factor: str
    sensor: str
    idle_policy: str
    status: str


_KEY = (runs.c.day, func.coalesce(runs.c.project, ""), func.coalesce(runs.c.team, ""), runs.c.zone)


def touched(connection: Connection, run_ids: Iterable[str]) -> set[Key]:
    """The sums that runs come into or go out of: their own, and those of the runs inside them."""
    found: set[Key] = set()
    ids = sorted(run_ids)
    for start in range(0, len(ids), 200):
        some = ids[start : start + 200]
        query = select(*_KEY).where(or_(runs.c.run_id.in_(some), runs.c.parent.in_(some))).distinct()
        found.update(Key(*row) for row in connection.execute(query))
    return found


def renew(connection: Connection, keys: Iterable[Key]) -> None:
    """Make the sums of some keys anew from their runs, in the order of the runs' ids: the same whoever comes first."""
    for key in sorted(keys):
        columns = (rollups.c.day, rollups.c.project, rollups.c.team, rollups.c.zone)
        same = and_(*(column == value for column, value in zip(columns, key, strict=True)))
        connection.execute(delete(rollups).where(same))
        rows = _rows(connection, key)
        if rows:
            connection.execute(insert(rollups), rows)


def all_keys(connection: Connection) -> set[Key]:
    """The keys of all runs there are."""
    return {Key(*row) for row in connection.execute(select(*_KEY).distinct())}


def interval_of(low: float | None, central: float | None, high: float | None, kind: str) -> Interval:
    """An interval of the store's columns; no number is NaN."""
    if low is None or central is None or high is None:
        return Interval(math.nan, math.nan, math.nan, kind)
    return Interval(low, central, high, kind)


def summed(values: Iterable[Interval]) -> tuple[Interval, int]:
    """The sum of values that share their errors, and how many of them have no number: it is *at least* the sum then."""
    values = list(values)
    known = [value for value in values if is_known(value)]
    lacking = len(values) - len(known)
    if not known:
        return UNKNOWN, lacking
    value = common_total(known)
    return (value._replace(kind="lower_bound") if lacking else value), lacking


def _rows(connection: Connection, key: Key) -> list[dict[str, Any]]:
    groups: dict[_Group, list[tuple[Interval, Interval]]] = {}
    for row in connection.execute(_counted(key)):
        energy = interval_of(row.job_kwh_low, row.job_kwh, row.job_kwh_high, row.job_kwh_kind)
        indicator, factor = row.indicator, row.factor
        value = interval_of(row.low, row.central, row.high, row.kind) if indicator is not None else energy
        whole = _Group(JOB_KWH, "", row.sensor, row.idle_policy, row.status)
        if row.is_first:
            groups.setdefault(whole, []).append((energy, energy))
        if indicator is not None:
            groups.setdefault(whole._replace(indicator=indicator, factor=factor), []).append((energy, value))
    return [_row(key, group, pairs) for group, pairs in groups.items()]


def _counted(key: Key) -> Any:
    """A key's runs with their impacts, but not those that are inside a run of the store."""
    outer = runs.alias("outer")
    within = select(outer.c.run_id).where(outer.c.run_id == runs.c.parent).exists()
    first = func.row_number().over(partition_by=runs.c.run_id, order_by=run_impacts.c.indicator) == 1
    return (
        select(
            runs.c.sensor, runs.c.idle_policy, runs.c.status, runs.c.job_kwh_low, runs.c.job_kwh,
            runs.c.job_kwh_high, runs.c.job_kwh_kind, run_impacts.c.indicator, run_impacts.c.factor, run_impacts.c.low,
            run_impacts.c.central, run_impacts.c.high, run_impacts.c.kind, first.label("is_first"),
        )
        .select_from(runs.outerjoin(run_impacts, run_impacts.c.run_id == runs.c.run_id))
        .where(and_(*(column == value for column, value in zip(_KEY, key, strict=True))), ~within)
        .order_by(runs.c.run_id, run_impacts.c.indicator)
    )  # fmt: skip


def _row(key: Key, group: _Group, pairs: list[tuple[Interval, Interval]]) -> dict[str, Any]:
    energy, _ = summed(energy for energy, _ in pairs)
    value, unknown = summed(value for _, value in pairs)
    return {
        **key._asdict(),
        **group._asdict(),
        "runs": len(pairs),
        "unknown": unknown,
        **_columns("job_kwh", energy),
        **_columns("", value),
    }


def _columns(name: str, value: Interval) -> dict[str, Any]:
    known = is_known(value)
    prefix = f"{name}_" if name else ""
    return {
        f"{prefix}low": value.low if known else None,
        name or "central": value.central if known else None,
        f"{prefix}high": value.high if known else None,
        f"{prefix}kind": value.kind,
    }
