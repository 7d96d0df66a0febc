"""A run's power over time, by channel, from its raw readings."""

from __future__ import annotations

import itertools

from footprint.account.part import Part
from footprint.account.parts import parts_of
from footprint.queries.opening import catalogue_for
from footprint.queries.runs import raw_run
from footprint.records.raw import RawRun
from footprint.store.database import Store

Timeline = list[tuple[float, dict[str, float | None]]]

_SHORTEST_S = 0.2
"""Shorter slices are put together: a counter that is refreshed every 100 ms says little about them."""


def timeline(store: Store, run_id: str) -> Timeline:
    """(seconds since the run's start, power in W by channel) of the host, at the end of each stretch of time.

    None where a channel gave no reading. What is modelled is among the channels (``cpu``, ``dram``), the overhead
    is not. Empty where the run has fewer than two readings. Raises NotPossible where the readings are gone.
    """
    return of_readings(raw_run(store, run_id))


def of_readings(raw: RawRun) -> Timeline:
    """The same of readings that are at hand."""
    if len(raw.frames) < 2:
        return []
    parts = parts_of(raw, catalogue_for(raw)).parts
    times = [frame.t_s for frame in raw.frames]
    points: Timeline = []
    for first, last in _stretches(times):
        seconds = times[last] - times[first]
        points.append((times[last], {part.channel: _power_w(part, times, first, last, seconds) for part in parts}))
    return points


def _stretches(times: list[float]) -> list[tuple[int, int]]:
    """(first frame, last frame) of neighbouring slices that last long enough together."""
    found: list[tuple[int, int]] = []
    first = 0
    for last in range(1, len(times)):
        if times[last] - times[first] >= _SHORTEST_S:
            found.append((first, last))
            first = last
    if not found and times[-1] > times[0]:
        found.append((0, len(times) - 1))
    return found


def _power_w(part: Part, times: list[float], first: int, last: int, seconds: float) -> float | None:
    for before, after in itertools.pairwise(times[first : last + 1]):
        if any(gap.from_s <= before and after <= gap.to_s for gap in part.gaps):
            return None
    return sum(part.slices_j[first:last]) / seconds
