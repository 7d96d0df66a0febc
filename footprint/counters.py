"""Readings of one energy counter: how it stepped between two of them, and which of them cannot be believed.

A counter that rises tells energy. A fall is a *wrap* (it reached its range) or a *reset* (it began anew). A counter of
something powered that stands still has failed; one that rises by more than its power limit allows has *leapt*.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from footprint.collectors.channel import Channel

UNWATCHED = "unwatched"
"""An event: a counter was not looked at for so long that it may have gone round unseen."""

NO_LIMIT_W = 3_000.0
"""More than any one package, memory or device draws: the bound where a channel states none."""
_NO_BOARD_LIMIT_W = 30_000.0
"""More than one machine draws."""
_STILL_REFRESHES = 20
"""A counter of something powered that shows one value for so many of its refreshes stands still."""
_LAGS = 2
"""At both readings a counter may lag by a refresh: its energy may be of so much more time than lies between them."""
STOOD_STILL = "its counter stood still: what it counted then is known, but not when"
_RULED_OUT = "it gave a value that its neighbours and its power limit rule out"


class Step(NamedTuple):
    """What a counter counted between two readings."""

    energy_j: float
    how: str
    """``plain``, ``wrap`` or ``reset``: then ``energy_j`` is only what was counted since the reset."""


class Readings(NamedTuple):
    """One channel's readings with their times."""

    channel: Channel
    times: list[float]
    values: list[float | None]

    def good(self) -> list[int]:
        """Numbers of the frames that have a reading."""
        return [number for number, value in enumerate(self.values) if value is not None]

    def value(self, number: int) -> float:
        """A reading that is there."""
        value = self.values[number]
        return 0.0 if value is None else value

    def seconds(self, first: int, last: int) -> float:
        """Time between two frames."""
        return self.times[last] - self.times[first]

    def leaps(self, first: int, last: int) -> bool:
        """Whether the counter rose by more than its power limit allows, a refresh's delay at both ends included."""
        before_j, after_j = self.value(first), self.value(last)
        return after_j > before_j and breaks(self.channel, before_j, after_j, self.seconds(first, last))

    def follows(self, first: int, last: int) -> bool:
        """Whether one reading can follow another without a reset."""
        if self.value(last) >= self.value(first):
            return not self.leaps(first, last)
        limit_w = bound_w(self.channel)
        step = counter_step(self.value(first), self.value(last), self.seconds(first, last), self.channel, limit_w)
        return step.how == "wrap"


def bound_w(channel: Channel) -> float:
    """The power that a channel cannot exceed (W): what it states, else what nothing of its kind reaches."""
    if channel.limit_w is not None:
        return channel.limit_w
    return _NO_BOARD_LIMIT_W if channel.kind == "board" else NO_LIMIT_W


def is_powered(channel: Channel) -> bool:
    """Whether a channel counts what always draws power and is refreshed steadily. GPUs sleep, and lag behind."""
    return channel.reading == "counter" and channel.kind != "gpu"


def breaks(channel: Channel, before_j: float, after_j: float, seconds: float) -> bool:
    """Whether a counter fell or leapt between two looks: then both are kept, so that it can be judged later."""
    if after_j <= before_j:
        return after_j < before_j
    return is_powered(channel) and after_j - before_j > _most_j(channel, seconds)


def _most_j(channel: Channel, seconds: float) -> float:
    """What a counter can rise by."""
    return bound_w(channel) * (seconds + _LAGS * channel.refresh_s)


def counter_step(before_j: float, after_j: float, seconds: float, channel: Channel, most_w: float) -> Step:
    """The energy between two readings of one counter.

    ``most_w`` is the power above which a wrap is not believed. A counter without a stated range
    cannot be mended: its fall is a reset.
    """
    if after_j >= before_j:
        return Step(after_j - before_j, "plain")
    if channel.range_j is not None:
        wrapped_j = channel.range_j - before_j + after_j
        if 0 <= wrapped_j <= most_w * (seconds + _LAGS * channel.refresh_s):
            return Step(wrapped_j, "wrap")
    return Step(after_j, "reset")


def believed(readings: Readings) -> tuple[Readings, Mapping[int, str]]:
    """The readings without those that cannot be, and why these were left out, by the number of their frame.

    Left out are readings of a counter that stands still (its first value was true; at the start of a run not even
    that is known), and those that no power within the limit leads to while their neighbours fit each other.
    """
    if not is_powered(readings.channel):
        return readings, {}
    left_out: dict[int, str] = {}
    moving = _moving(readings, left_out)
    kept = set(_without_strays(readings, moving, left_out))
    values = [value if number in kept else None for number, value in enumerate(readings.values)]
    return readings._replace(values=values), left_out


def _moving(readings: Readings, left_out: dict[int, str]) -> list[int]:
    """Readings of a counter that moves."""
    still_s = _STILL_REFRESHES * readings.channel.refresh_s
    groups: list[list[int]] = []
    for number in readings.good():
        if groups and readings.value(groups[-1][0]) == readings.value(number):
            groups[-1].append(number)
        else:
            groups.append([number])
    moving: list[int] = []
    for place, group in enumerate(groups):
        is_still = readings.seconds(group[0], group[-1]) > still_s
        true = 0 if is_still and place == 0 else 1 if is_still else len(group)
        moving += group[:true]
        left_out.update(dict.fromkeys(group[true:], STOOD_STILL))
    return moving


def _without_strays(readings: Readings, moving: list[int], left_out: dict[int, str]) -> list[int]:
    """Without values that break a series which fits together without them."""
    kept: list[int] = []
    for place, number in enumerate(moving):
        strays: list[int] = []
        if kept and readings.leaps(kept[-1], number):
            same = _same_value(readings, kept)
            before = kept[: -len(same)]
            if before and readings.follows(before[-1], number):
                strays, kept = same, before
            elif place + 1 < len(moving) and readings.follows(kept[-1], moving[place + 1]):
                strays = [number]
        left_out.update(dict.fromkeys(strays, _RULED_OUT))
        if number not in strays:
            kept.append(number)
    return kept


def _same_value(readings: Readings, kept: list[int]) -> list[int]:
    """The last of the kept readings, and those just before it that show the same."""
    same = [kept[-1]]
    for number in reversed(kept[:-1]):
        if readings.value(number) != readings.value(kept[-1]):
            break
        same.append(number)
    return same


def turn_s(channel: Channel) -> float:
    """The shortest time (s) in which a counter can go round once; infinite where it does not."""
    return channel.range_j / bound_w(channel) if channel.range_j else math.inf
