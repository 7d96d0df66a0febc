"""Functional units: how many were counted, by the job or by the server itself, and what one of them took.

Each figure for one unit is all energy (or all of an impact) of the time in which it was counted, over its count. Energy
is not divided between input and output: one total cannot tell what each of them took (docs/inference.md).
"""

from collections.abc import Mapping
from typing import NamedTuple

from footprint.account.elapsed import Curve, Elapsed, Stretch, stretch
from footprint.account.spans import like
from footprint.interval import Interval, scaled
from footprint.records.derivation import Impact
from footprint.records.raw import COUNTING, RESTARTED, UNCOUNTED, Counted, RawRun
from footprint.records.result import Energy, Served, UnitResult

_ORDER = ("output_tokens", "requests", "input_tokens", "cached_tokens")
"""What is told first."""


class Units(NamedTuple):
    """All units of a run, and what the server's own counts say of their time."""

    results: Mapping[str, UnitResult]
    served: Served | None


def units_of(raw: RawRun, energy: Energy, impacts: Mapping[str, Impact], over: Elapsed | None) -> Units:
    """What one unit took. ``over``: the energy over time; None where there is none."""
    counted = raw.end.units if raw.end else {}
    own = {name: UnitResult(amount, per_unit(amount, energy.job_kwh, impacts)) for name, amount in counted.items()}
    if over is None or len(raw.counts) < 2:
        return Units(own, None)
    curves = count_curves(raw.counts)
    theirs = {
        name: _unit(curve, stretch(over, energy.job_kwh, curve.times_s[0], curve.times_s[-1]), impacts)
        for name, curve in curves.items()
        if name not in own
    }
    return Units({**own, **theirs}, _served(raw, stretch_of_all(raw, energy, over), tuple(theirs)))


def stretch_of_all(raw: RawRun, energy: Energy, over: Elapsed) -> Stretch:
    """The time from the first reading of the server's counters to the last."""
    return stretch(over, energy.job_kwh, raw.counts[0].t_s, raw.counts[-1].t_s)


def _served(raw: RawRun, over: Stretch, units: tuple[str, ...]) -> Served:
    kinds = [event.why for event in raw.events if event.what == COUNTING]
    return Served(
        server=kinds[0] if kinds else "",
        units=units,
        from_s=raw.counts[0].t_s,
        to_s=raw.counts[-1].t_s,
        readings=len(raw.counts) - 1,
        restarts=sum(event.what == RESTARTED for event in raw.events),
        job_kwh=over.job_kwh,
        idle_kwh=over.idle_kwh,
    )


def count_curves(counts: tuple[Counted, ...]) -> dict[str, Curve]:
    """By unit, its count over time. A unit that came later was at zero before."""
    names = {name for counted in counts for name in counted.amounts}
    order = sorted(names, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
    return {name: _curve(name, counts) for name in order}


def _curve(name: str, counts: tuple[Counted, ...]) -> Curve:
    times_s: list[float] = []
    values: list[float] = []
    for counted in counts:
        if name in counted.amounts or not (values and values[-1] > 0):
            times_s.append(counted.t_s)
            values.append(counted.amounts.get(name, 0.0))
    return Curve(times_s, values)


def _unit(curve: Curve, over: Stretch, impacts: Mapping[str, Impact]) -> UnitResult:
    return unit_in(curve.values[-1], over, impacts)


def unit_in(amount: float, over: Stretch, impacts: Mapping[str, Impact]) -> UnitResult:
    """What one of ``amount`` units took that were counted in a stretch of the run."""
    each = per_unit(amount, over.job_kwh, impacts, over.share)
    if amount > 0:
        each = {"job_kwh": each.pop("job_kwh"), "idle_kwh": scaled(over.idle_kwh, 1 / amount), **each}
    return UnitResult(amount, each, over.share)


def per_unit(
    amount: float, job_kwh: Interval, impacts: Mapping[str, Impact], share: float = 1.0
) -> dict[str, Interval]:
    """Energy and impacts of one of ``amount`` units; of ``share`` of the run's impacts. A claim is in no SCI."""
    if amount <= 0:
        return {}
    each = {"job_kwh": scaled(job_kwh, 1 / amount)}
    for key, impact in impacts.items():
        if isinstance(impact.total, Interval) and impact.kind != "claim":
            part = impact.total if share == 1.0 else like(impact.total, share, 1.0)
            each[key] = scaled(part, 1 / amount)
    return each


def notes_of(raw: RawRun) -> list[str]:
    """What a reader must know of a server's own counts."""
    notes = []
    if len(raw.counts) > 1:
        from_s, to_s = raw.counts[0].t_s, raw.counts[-1].t_s
        notes.append(
            f"tokens and requests are the server's own counts, read from second {from_s:.1f} to {to_s:.1f}; each figure"
            " divides all energy of that time by one count: those of several units must not be added"
        )
    restarts = [event for event in raw.events if event.what == RESTARTED]
    if restarts:
        notes.append(
            f"the server's counters began again at zero ({len(restarts)}×, first seen at second"
            f" {restarts[0].t_s:.1f}): what they counted between the last reading and that is lost"
        )
    unread = [event for event in raw.events if event.what == UNCOUNTED]
    if unread:
        more = f" (and {len(unread) - 1}× more)" if len(unread) > 1 else ""
        notes.append(f"the server's counters were not read at second {unread[0].t_s:.1f}: {unread[0].why}{more}")
    return notes
