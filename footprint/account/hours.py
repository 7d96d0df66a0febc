"""A run by hours of the clock: energy, idle energy, impacts, and what a server counted. For services and their months.

Impacts follow the energy: the factors are means of a year, and say nothing about an hour.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping

from footprint.account.account import account
from footprint.account.elapsed import Curve, Elapsed, elapsed, stretch
from footprint.account.job import shares_of
from footprint.account.parts import parts_of
from footprint.account.spans import like
from footprint.account.units import count_curves, unit_in
from footprint.account.when import iso_time
from footprint.factors import Catalogue
from footprint.interval import Interval
from footprint.records.raw import RawRun
from footprint.records.result import Hour, Run, UnitResult

HOUR_S = 3_600.0


def hours_of(raw: RawRun, catalogue: Catalogue) -> tuple[Hour, ...]:
    """The hours of a run, in their order; none where nothing was measured. They add up to the run."""
    if len(raw.frames) < 2:
        return ()
    run = account(raw, catalogue)
    over = elapsed(raw, shares_of(raw, parts_of(raw, catalogue).parts))
    curves = count_curves(raw.counts) if len(raw.counts) > 1 else {}
    read_s = [counted.t_s for counted in raw.counts[1:]]
    hours = []
    for from_s, to_s in _edges(raw.head.started_at, raw.frames[-1].t_s):
        begins_at = iso_time((raw.head.started_at + from_s) // HOUR_S * HOUR_S)
        readings = bisect_right(read_s, to_s) - bisect_right(read_s, from_s)
        hours.append(_hour(run, over, curves, from_s, to_s)._replace(begins_at=begins_at, readings=readings))
    return tuple(hours)


def _edges(started_at: float, duration_s: float) -> Iterator[tuple[float, float]]:
    """(from, to) of each hour that a run touches, in seconds since its start."""
    from_s = 0.0
    to_s = HOUR_S - started_at % HOUR_S
    while to_s < duration_s:
        yield from_s, to_s
        from_s, to_s = to_s, to_s + HOUR_S
    yield from_s, duration_s


def _hour(run: Run, over: Elapsed, curves: Mapping[str, Curve], from_s: float, to_s: float) -> Hour:
    whole = stretch(over, run.energy.job_kwh, from_s, to_s)
    impacts = {
        key: impact.total if whole.share == 1.0 else like(impact.total, whole.share, 1.0)
        for key, impact in run.impacts.items()
        if isinstance(impact.total, Interval)
    }
    return Hour(
        begins_at="",
        from_s=from_s,
        to_s=to_s,
        job_kwh=whole.job_kwh,
        idle_kwh=whole.idle_kwh,
        impacts=impacts,
        units=dict(_units(run, over, curves, from_s, to_s)),
    )


def _units(
    run: Run, over: Elapsed, curves: Mapping[str, Curve], from_s: float, to_s: float
) -> Iterator[tuple[str, UnitResult]]:
    """What was counted in an hour, over the energy of as much of it as was counted."""
    for name, curve in curves.items():
        begin_s, end_s = max(from_s, curve.times_s[0]), min(to_s, curve.times_s[-1])
        if end_s > begin_s:
            part = stretch(over, run.energy.job_kwh, begin_s, end_s)
            yield name, unit_in(curve.between(begin_s, end_s), part, run.impacts)
