"""A run's energy as it grew over time: how much of it lies between two instants."""

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from footprint.account.job import Share
from footprint.account.spans import like
from footprint.interval import Interval
from footprint.records.raw import RawRun


class Curve(NamedTuple):
    """A quantity that never falls, known at some instants and taken to rise evenly in between."""

    times_s: Sequence[float]
    values: Sequence[float]

    def at(self, t_s: float) -> float:
        """Its value at an instant; before the first and after the last, that of those."""
        if not self.times_s:
            return 0.0
        after = bisect_right(self.times_s, t_s)
        if after == 0 or after == len(self.times_s):
            return self.values[0 if after == 0 else -1]
        (begin_s, end_s), (low, high) = self.times_s[after - 1 : after + 1], self.values[after - 1 : after + 1]
        return low + (high - low) * (t_s - begin_s) / (end_s - begin_s)

    def between(self, from_s: float, to_s: float) -> float:
        """How much it rose between two instants."""
        return max(0.0, self.at(to_s) - self.at(from_s))


class Elapsed(NamedTuple):
    """A job's energy over time, at its sources (J): all of it, and what of it is idle energy."""

    job_j: Curve
    idle_j: Curve

    @property
    def whole_j(self) -> float:
        """All of it, in J."""
        return self.job_j.values[-1] if self.job_j.values else 0.0


class Stretch(NamedTuple):
    """A part of a run's time: its energy at the wall, and its share of the run's."""

    job_kwh: Interval
    idle_kwh: Interval
    share: float


def elapsed(raw: RawRun, shares: tuple[Share, ...]) -> Elapsed:
    """The energy over time of a run with two frames or more."""
    times_s = [frame.t_s for frame in raw.frames]
    job_j, idle_j = (
        list(itertools.accumulate((sum(slices) for slices in zip(*columns, strict=True)), initial=0.0))
        for columns in ([share.slices_j for share in shares], [share.idle_slices_j for share in shares])
    )
    if not shares:
        job_j = idle_j = [0.0] * len(times_s)
    return Elapsed(Curve(times_s, job_j), Curve(times_s, idle_j))


def stretch(over: Elapsed, job_kwh: Interval, from_s: float, to_s: float) -> Stretch:
    """The part of ``job_kwh``, the run's energy at the wall, that lies between two instants."""
    whole_j, part_j = over.whole_j, over.job_j.between(from_s, to_s)
    idle_kwh = like(job_kwh, over.idle_j.between(from_s, to_s), whole_j)
    if part_j == whole_j:
        return Stretch(job_kwh, idle_kwh, 1.0)
    return Stretch(like(job_kwh, part_j, whole_j), idle_kwh, part_j / whole_j)
