"""Where the use of a period is going: used so far, and the days to come drawn from the days before. Pure.

* The use of a period is the sum of its runs. Runs share their factors and sensors, so lows add to lows and highs
  to highs: that error does not shrink with days.
* The days to come are drawn from the days before: from a Pólya urn (the predictive distribution of the Bayesian
  bootstrap; Rubin 1981) that holds the days seen and, for what few days cannot show, four days of nothing and one
  of five times the mean. Each draw goes back with two copies, so that a mean known from few days is an uncertain one.
* Each draw gives a sum with low, central and high. Between low and high it is a split normal distribution of which
  they are the 5 % and 95 % points; what lies beyond them stands at the ends. ``p_over`` is the mean over draws.

Each sum is a weighted one of daily uses, and no weight is negative: more use never lowers ``p_over``.
"""

import functools
import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

from footprint.interval import Interval, common_total, ordered, scaled, weakest

WINDOW_DAYS = 28
"""Days before today that hosts and the daily use are known from: four whole weeks."""
_DRAWS = 400
_MOST_DRAWN = 92
"""Days drawn one by one; of more days each drawn day stands for several, which spreads the sum a little more."""
_UNSEEN = (0.0, 0.0, 0.0, 0.0, 5.0)
"""Days that might have been seen, in means of those that were: as many as a busy and idle machine needs for nine of
ten periods to end within the forecast (docs/method-targets.md). Their own mean is 1: they move no forecast."""
_COPIES = 2
_FEW_DAYS = 14
"""Fewer days than these say what comes if all days are like them: no interval of confidence."""
_Z = 1.6448536269514722
"""The 95 % point of the normal distribution."""


class Use(NamedTuple):
    """What is known of a target's use as of a day."""

    earlier: tuple[Interval, ...]
    """Of each of the last ``WINDOW_DAYS`` days before today since the first run that is known, the oldest first."""
    before: Interval
    """Of the period's days before today."""
    today: Interval
    """So far."""
    days_left: int
    """Whole days of the period after today."""
    runs: int
    """Of the period and the window."""
    unknown: int = 0
    """Those of them that have no figure."""
    refused: str = ""
    """Why the use cannot be added up, or not under the pinned catalogue."""

    @property
    def used(self) -> Interval:
        """Of the period so far."""
        return common_total((self.before, self.today))


class Forecast(NamedTuple):
    """What a period comes to: sums of equal probability, each with low, central and high."""

    interval: Interval
    """From 5 % to 95 %; its central value is used + rate × days that are left."""
    sums: tuple[Interval, ...]

    def p_over(self, limit: float) -> float:
        """The probability of more than ``limit``."""
        return math.fsum(above(one, limit) for one in self.sums) / len(self.sums)


def forecast(use: Use) -> Forecast:
    """What the period comes to at its end. Use so far is taken for certain but for its factors and sensors."""
    return forecasts(use, (use.days_left,))[0]


def forecasts(use: Use, ahead: Iterable[int]) -> tuple[Forecast, ...]:
    """What the period comes to after so many days (0: at the end of today), for a curve."""
    days = use.earlier or (use.today,)
    mean = scaled(common_total(days), 1 / len(days))
    urn = (*days, *(scaled(mean, times) for times in _UNSEEN))
    kinds = (use.before.kind, use.today.kind, *(day.kind for day in days))
    kind = weakest(("p90" if len(days) >= _FEW_DAYS else "scenario", *kinds))
    now = common_total(_rest_of_today(day, use.today) for day in urn)
    expected_today = scaled(now, 1 / len(urn))
    found = []
    for count in ahead:
        sums = tuple(_sum(use, urn, draw) for draw in _draws(len(urn), count))
        central = use.before.central + expected_today.central + mean.central * count
        low, high = _point(sums, 0.95), _point(sums, 0.05)
        found.append(Forecast(ordered(low, central, high, kind), sums))
    return tuple(found)


def _rest_of_today(day: Interval, so_far: Interval) -> Interval:
    """What today comes to if it is a day like ``day``: at least what it has come to already."""
    return Interval(
        max(day.low, so_far.low), max(day.central, so_far.central), max(day.high, so_far.high), "envelope"
    )  # fmt: skip


class _Draw(NamedTuple):
    """One future: which day of the urn today is like, and how often each of them comes after it."""

    today: int
    counts: tuple[tuple[int, float], ...]


def _sum(use: Use, urn: tuple[Interval, ...], draw: _Draw) -> Interval:
    now = _rest_of_today(urn[draw.today], use.today)
    low, central, high = use.before.low + now.low, use.before.central + now.central, use.before.high + now.high
    for index, count in draw.counts:
        day = urn[index]
        low += day.low * count
        central += day.central * count
        high += day.high * count
    return Interval(low, central, high, "p90")


@functools.lru_cache(maxsize=64)
def _draws(size: int, days: int) -> tuple[_Draw, ...]:
    """Futures from a Pólya urn of ``size`` days. The same ones each time: a figure must not change by being asked."""
    state = 0x9E3779B97F4A7C15
    futures = []
    for _ in range(_DRAWS):
        drawn: list[int] = []
        for count in range(min(days, _MOST_DRAWN) + 1):
            # splitmix64 (Steele, Lea and Flood 2014)
            state = (state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
            mixed = ((state ^ state >> 30) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
            mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
            chosen = (mixed ^ mixed >> 31) % (size + _COPIES * count)
            drawn.append(chosen if chosen < size else drawn[(chosen - size) // _COPIES])
        each = max(1.0, days / _MOST_DRAWN)
        counts: dict[int, float] = {}
        for index in drawn[1:]:
            counts[index] = counts.get(index, 0.0) + each
        futures.append(_Draw(drawn[0], tuple(sorted(counts.items()))))
    return tuple(futures)


def above(value: Interval, limit: float) -> float:
    """The probability that an amount is above a limit: split normal between its ends, what lies beyond at the ends."""
    if limit < value.low:
        return 1.0
    if limit >= value.high:
        return 0.0
    if limit < value.central:
        return _normal(_Z * (value.central - limit) / (value.central - value.low))
    return _normal(-_Z * (limit - value.central) / (value.high - value.central))


def _normal(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def _point(sums: tuple[Interval, ...], p: float) -> float:
    """The largest value that is passed with a probability of ``p`` at least, to 1e-7 of the range of the sums."""
    low, high = min(one.low for one in sums), max(one.high for one in sums)
    return _bisected(lambda value: math.fsum(above(one, value) for one in sums) / len(sums) >= p, low, high)


def _bisected(holds: Callable[[float], bool], low: float, high: float) -> float:
    if holds(high):
        return high
    for _ in range(24):
        middle = (low + high) / 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return low
