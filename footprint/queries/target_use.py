"""What runs used, as targets ask it: by run, day, host and catalogue, from a day on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, or_, select

from footprint.budget import ENERGY
from footprint.errors import FootprintError
from footprint.forecast import WINDOW_DAYS, Use
from footprint.interval import UNKNOWN, ZERO, Interval, is_known
from footprint.queries.opening import accounted, mended
from footprint.queries.runs import raw_run
from footprint.queries.sums import REFUSED
from footprint.records.result import Run
from footprint.silence import HostDays
from footprint.store import catalogues
from footprint.store.database import Store
from footprint.store.rollups import interval_of, summed
from footprint.store.tables import run_impacts, runs
from footprint.targets import Pinned, Scope, Target

_DAY_S = 86_400


class RunUse(NamedTuple):
    """What one run used, and whose and where it was."""

    run_id: str
    day: int
    """The day it began, as ``date.toordinal`` counts; its use is that day's."""
    last_day: int
    """The day it ended."""
    host: str
    project: str | None
    team: str | None
    parent: str | None
    idle_policy: str
    sha256: str
    """Of the catalogue that its figures were made with."""
    amounts: Mapping[str, Interval]
    """By indicator, ``energy`` (kWh) among them; NaN where nothing was measured."""


class Span(NamedTuple):
    """A calendar period as of a day; ordinals of days, both ends in it."""

    first: int
    last: int
    today: int


def span_of(period: str, today: date) -> Span:
    """The month, quarter or year that holds a day."""
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    month = (today.month - 1) // months * months + 1
    first = date(today.year, month, 1)
    after = month + months
    end = date(today.year + (after - 1) // 12, (after - 1) % 12 + 1, 1) - timedelta(days=1)
    return Span(first.toordinal(), end.toordinal(), today.toordinal())


@mended
def runs_since(store: Store, first: int, indicators: Collection[str]) -> list[RunUse]:
    """The runs that began on a day or later, or lasted into it; those that are being measured among them."""
    since = date.fromordinal(first).isoformat()
    with store.read() as connection:
        found = _stored(connection, since, indicators)
    live = [_live(run) for run in store.live.values()]
    return sorted(found + [run for run in live if run.last_day >= first], key=lambda run: run.run_id)


def _stored(connection: Connection, since: str, indicators: Collection[str]) -> list[RunUse]:
    began = or_(runs.c.day >= since, runs.c.duration_s >= _DAY_S)
    query = (
        select(run_impacts.c.run_id, run_impacts.c.indicator, run_impacts.c.low, run_impacts.c.central,
               run_impacts.c.high, run_impacts.c.kind)
        .join(runs, runs.c.run_id == run_impacts.c.run_id)
        .where(began, run_impacts.c.indicator.in_(sorted(indicators)))
    )  # fmt: skip
    amounts: dict[str, dict[str, Interval]] = {}
    for run_id, indicator, low, central, high, kind in connection.execute(query):
        amounts.setdefault(run_id, {})[indicator] = interval_of(low, central, high, kind)
    columns = (
        runs.c.run_id, runs.c.started_at, runs.c.duration_s, runs.c.host_id, runs.c.project, runs.c.team,
        runs.c.parent, runs.c.idle_policy, func.json_extract(runs.c.document, "$.provenance.catalogue_sha256"),
        runs.c.job_kwh_low, runs.c.job_kwh, runs.c.job_kwh_high, runs.c.job_kwh_kind,
    )  # fmt: skip
    found = []
    for row in connection.execute(select(*columns).where(began)):
        run_id, started_at, duration_s, host, project, team, parent, idle_policy, sha256 = row[:9]
        day, last = _days(started_at, duration_s or 0.0)
        if date.fromordinal(last).isoformat() < since:
            continue
        low, central, high, kind = row[9:]
        all_amounts = {ENERGY: interval_of(low, central, high, kind)} | amounts.get(run_id, {})
        found.append(RunUse(run_id, day, last, host, project, team, parent, idle_policy, sha256 or "", all_amounts))
    return found


def _days(started_at: str, duration_s: float) -> tuple[int, int]:
    """(the day a run began, the day it ended): of ``2026-11-24T09:00:00.000Z``."""
    day = date.fromisoformat(started_at[:10]).toordinal()
    second = int(started_at[11:13]) * 3600 + int(started_at[14:16]) * 60 + int(started_at[17:19])
    return day, day + int((second + duration_s) // _DAY_S)


def _live(run: Run) -> RunUse:
    day, last = _days(run.started_at, run.duration_s)
    return RunUse(
        run.run_id, day, last, run.host.id, run.project, run.team, run.parent, run.energy.idle_policy,
        run.provenance.catalogue_sha256, _amounts(run),
    )  # fmt: skip


def _amounts(run: Run) -> dict[str, Interval]:
    totals = {key: one.total for key, one in run.impacts.items() if isinstance(one.total, Interval)}
    return {ENERGY: run.energy.job_kwh, **totals}


# --- whose they are ---


def of_scope(found: Iterable[RunUse], scope: Scope) -> list[RunUse]:
    """The runs of a project, of a team, or all."""
    if scope.kind == "project":
        return [run for run in found if run.project == scope.name]
    if scope.kind == "team":
        return [run for run in found if run.team == scope.name]
    return list(found)


def counted(found: Collection[RunUse]) -> list[RunUse]:
    """Those whose parent is not among them: a run inside another is part of it."""
    ids = {run.run_id for run in found}
    return [run for run in found if run.parent not in ids]


def use_of(store: Store, target: Target, found: Iterable[RunUse], span: Span) -> Use:
    """A target's use as of a day: of its period, and by day of the ``WINDOW_DAYS`` before today."""
    ours = of_scope(found, target.scope)
    start = span.today - WINDOW_DAYS
    within = counted([run for run in ours if span.first <= run.day <= span.today])
    outside = counted([run for run in ours if start <= run.day < span.first])
    used, refused = _under(store, target.catalogue, [*outside, *within])
    if len(used) > 1 and any(run.idle_policy == "all" for run in used):
        refused = REFUSED
    by_day = _by_day(used, target.indicator)
    known_from = min((run.day for run in ours), default=span.today)
    days = range(max(start, known_from), span.today)
    before, _ = summed(by_day[day] for day in sorted(by_day) if span.first <= day < span.today)
    unknown = sum(not is_known(run.amounts.get(target.indicator, UNKNOWN)) for run in used)
    return Use(
        earlier=tuple(_nothing_is_zero(by_day.get(day)) for day in days),
        before=_nothing_is_zero(before),
        today=_nothing_is_zero(by_day.get(span.today)),
        days_left=span.last - span.today,
        runs=len(used),
        unknown=unknown,
        refused=refused,
    )


def _by_day(found: Iterable[RunUse], indicator: str) -> dict[int, Interval]:
    days: dict[int, list[Interval]] = {}
    for run in found:
        days.setdefault(run.day, []).append(run.amounts.get(indicator, UNKNOWN))
    return {day: summed(values)[0] for day, values in days.items()}


def _nothing_is_zero(value: Interval | None) -> Interval:
    """A day without runs used nothing; a day whose runs have no figure adds none, which ``unknown`` tells of."""
    return value if value is not None and is_known(value) else ZERO


def by_day_of_period(store: Store, target: Target, found: Iterable[RunUse], span: Span) -> dict[int, Interval]:
    """The use of each day of the period that has runs. Empty where it cannot be had under the pinned catalogue."""
    ours = of_scope(found, target.scope)
    within = counted([run for run in ours if span.first <= run.day <= span.today])
    used, refused = _under(store, target.catalogue, within)
    return {} if refused else {day: value for day, value in _by_day(used, target.indicator).items() if is_known(value)}


def host_days(found: Collection[RunUse], target: Target, today: int) -> list[HostDays]:
    """The hosts that worked for a target's scope in the last ``WINDOW_DAYS``, and each day any run of theirs lasted."""
    weights: dict[str, float] = {}
    for run in counted(of_scope(found, target.scope)):
        if today - WINDOW_DAYS < run.last_day and run.day <= today:
            amount = run.amounts.get(target.indicator, UNKNOWN)
            weights[run.host] = weights.get(run.host, 0.0) + (amount.central if is_known(amount) else 0.0)
    days: dict[str, set[int]] = {host: set() for host in weights}
    for run in found:
        if run.host in days:
            days[run.host].update(range(max(run.day, today - WINDOW_DAYS + 1), min(run.last_day, today) + 1))
    return [HostDays(host, weight, frozenset(days[host])) for host, weight in sorted(weights.items()) if days[host]]


# --- under the pinned catalogue ---


def _under(store: Store, pinned: Pinned, found: list[RunUse]) -> tuple[list[RunUse], str]:
    """(runs with figures of the pinned catalogue, why that cannot be)."""
    if all(run.sha256 == pinned.sha256 for run in found):
        return found, ""
    whole, folder = _catalogue(store, pinned)
    if all(run.sha256 == whole.sha256 for run in found):
        return found, ""
    if folder is None:
        return found, (
            f"the catalogue {catalogues.label(pinned)} that it is pinned to cannot be read here, and its runs were "
            "reckoned with another; footprint targets rebase moves it"
        )
    try:
        return [run if run.sha256 == whole.sha256 else _again(store, run, whole, folder) for run in found], ""
    except (FootprintError, OSError) as fault:
        return found, f"its runs cannot be reckoned with the catalogue {catalogues.label(whole)}: {fault}"


def _catalogue(store: Store, pinned: Pinned) -> tuple[Pinned, str | None]:
    """A catalogue with its whole hash and its folder, from the first home that keeps it."""
    found = [catalogues.found(home, pinned) for home in store.homes]
    return next((one for one in found if one[1] is not None), found[0])


def _again(store: Store, run: RunUse, pinned: Pinned, folder: str) -> RunUse:
    """A run's figures under another catalogue, from its readings. Raises NotPossible where these are gone.

    They are remembered: a page asks for the same runs again and again, and a run that is over never changes.
    """
    key = (run.run_id, pinned.sha256)
    amounts = store.reckoned.get(key)
    if amounts is None:
        raw = raw_run(store, run.run_id)
        amounts = _amounts(accounted(raw, folder))
        if run.run_id not in store.live:
            store.reckoned[key] = amounts
    return run._replace(sha256=pinned.sha256, amounts=amounts)
