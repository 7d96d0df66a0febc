"""A run by hours of the clock: energy, idle energy, impacts, and what a server counted. For services and their months.

Impacts follow the energy: the factors are means of a year, and say nothing about an hour.
"""

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
    return tuple(_hour(raw, run, over, curves, *edges) for edges in _edges(raw.head.started_at, raw.frames[-1].t_s))


def _edges(started_at: float, duration_s: float) -> Iterator[tuple[float, float]]:
    """(from, to) of each hour that a run touches, in seconds since its start."""
    from_s = 0.0
    to_s = HOUR_S - started_at % HOUR_S
    while to_s < duration_s:
        yield from_s, to_s
        from_s, to_s = to_s, to_s + HOUR_S
    yield from_s, duration_s


def _hour(raw: RawRun, run: Run, over: Elapsed, curves: Mapping[str, Curve], from_s: float, to_s: float) -> Hour:  # noqa: PLR0917 - the run as it is known, and an hour of it
    whole = stretch(over, run.energy.job_kwh, from_s, to_s)
    impacts = {
        key: impact.total if whole.share == 1.0 else like(impact.total, whole.share, 1.0)
        for key, impact in run.impacts.items()
        if isinstance(impact.total, Interval)
    }
    return Hour(
        begins_at=iso_time((raw.head.started_at + from_s) // HOUR_S * HOUR_S),
        from_s=from_s,
        to_s=to_s,
        job_kwh=whole.job_kwh,
        idle_kwh=whole.idle_kwh,
        impacts=impacts,
        units=dict(_units(run, over, curves, from_s, to_s)),
        readings=sum(from_s < counted.t_s <= to_s for counted in raw.counts[1:]),
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
