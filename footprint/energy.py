"""From readings to energy: what a channel counted between the frames of a run.

A counter is read at the edges, so its energy is a difference of two readings, whatever happened
between. What must be told apart is a fall: a *wrap* (the counter reached its range), or a *reset*
(it started anew, and what it counted before is lost).
"""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

from footprint.collectors.channel import Channel
from footprint.counters import UNWATCHED, Readings, believed, bound_w, counter_step, is_powered
from footprint.records.gap import Gap
from footprint.records.raw import Edge, Event, Frame

_FALL_MARGIN = 4.0
"""A fall is no wrap if it implies more than this many times the highest power seen besides."""
_RESET = "the counter started again: what it had counted since the reading before is lost"
_LEAP = "the counter rose by more than its power limit allows: what it counted then is not known"


class ChannelEnergy(NamedTuple):
    """A channel's energy over a run, slice by slice, with what is known of its error besides the sensor's gain."""

    slices_j: tuple[float, ...]
    """One for each pair of neighbouring frames; gaps are filled in."""
    below_j: float
    """How far the total may lie below, by gaps and edges."""
    above_j: float
    gaps: tuple[Gap, ...]
    coverage: float
    """Share of the time in which the channel was read, 0 to 1."""

    @property
    def total_j(self) -> float:
        """Energy over the run."""
        return math.fsum(self.slices_j)


def edge_value(edge: Edge) -> float:
    """The counter's value at the instant asked about: on the line between the refreshes before and after."""
    width_s = edge.after_t_s - edge.before_t_s
    if width_s <= 0:
        return edge.before_j
    part = min(1.0, max(0.0, (edge.t_s - edge.before_t_s) / width_s))
    return edge.before_j + (edge.after_j - edge.before_j) * part


class _Lost(NamedTuple):
    """Between two readings a counter lost what it had counted: all, or all but what it counted since."""

    first: int
    last: int
    since_j: float
    why: str


class _Series(NamedTuple):
    """One channel's readings that are believed, and what happened to it."""

    readings: Readings
    events: tuple[Event, ...]
    left_out: Mapping[int, str]
    """Why readings were not believed, by frame."""

    @property
    def channel(self) -> Channel:
        """Whose readings they are."""
        return self.readings.channel

    @property
    def times(self) -> list[float]:
        """Seconds from the run's start, by frame."""
        return self.readings.times

    def seconds(self, first: int, last: int) -> float:
        """Time between two frames."""
        return self.readings.seconds(first, last)

    def gap(self, first: int, last: int, why: str = "") -> Gap:
        """A gap from one frame to another, filled by interpolation."""
        said = (self.left_out[number] for number in range(first, last + 1) if number in self.left_out)
        why = why or next(said, "") or _why(self.events, self.channel, self.times[last])
        return Gap(self.channel.name, self.times[first], self.times[last], why, "interpolated")


def channel_energy(
    index: int, channel: Channel, frames: tuple[Frame, ...], edges: tuple[Edge, ...], events: tuple[Event, ...]
) -> ChannelEnergy | None:
    """The energy of one channel over the frames.

    None where fewer than two readings can be believed, or where a counter of something powered did not move.
    """
    mine = tuple(edge for edge in edges if edge.channel == channel.name and edge.after_j >= edge.before_j)
    values = _with_edges([frame.readings[index] for frame in frames], mine)
    readings, left_out = believed(Readings(channel, [frame.t_s for frame in frames], values))
    series = _Series(readings, events, left_out)
    good = readings.good()
    if len(good) < 2:
        return None
    slices_j = [0.0] * (len(frames) - 1)
    gaps: list[Gap] = []
    below_j, above_j = _fill_between(series, good, slices_j, gaps)
    if is_powered(channel) and math.fsum(slices_j) <= 0:
        return None
    covered_s = series.seconds(good[0], good[-1])
    mean_w = min(math.fsum(slices_j) / covered_s, bound_w(channel)) if covered_s > 0 else 0.0
    for first, last in ((0, good[0]), (good[-1], len(frames) - 1)):
        seconds = series.seconds(first, last)
        if seconds > 0:
            _spread(slices_j, series.times, first, last, mean_w * seconds)
            gaps.append(series.gap(first, last))
            below_j += mean_w * seconds
            above_j += max(0.0, bound_w(channel) - mean_w) * seconds
    stale_below_j, stale_above_j = _stale_j(channel, mine, mean_w)
    duration_s = series.seconds(0, -1)
    missing_s = math.fsum(gap.to_s - gap.from_s for gap in gaps)
    coverage = 1.0 if duration_s <= 0 else max(0.0, 1.0 - missing_s / duration_s)
    total_j = math.fsum(slices_j)
    below_j = min(total_j, below_j + stale_below_j)
    return ChannelEnergy(tuple(slices_j), below_j, above_j + stale_above_j, tuple(gaps), coverage)


def _with_edges(readings: list[float | None], mine: tuple[Edge, ...]) -> list[float | None]:
    """Readings of a slow counter with its true values at the edges; the stale ones between are kept inside them.

    An edge speaks of the counter's own stretch only: what lies beyond a wrap or reset is left as it was read.
    """
    mended = list(readings)
    for edge in mine:
        at_start, value, near = edge.at == "start", edge_value(edge), edge.before_j
        order = range(len(mended)) if at_start else range(len(mended) - 1, -1, -1)
        if mended[order[0]] is None:
            continue
        for number in order:
            reading, kept = readings[number], mended[number]
            if reading is None or kept is None:
                continue
            if reading < near if at_start else reading > near:
                break
            near = reading
            mended[number] = max(kept, value) if at_start else min(kept, value)
        mended[order[0]] = value
    return _without_new_falls(readings, mended)


def _without_new_falls(readings: list[float | None], mended: list[float | None]) -> list[float | None]:
    """Mended readings that fall only where the counter did: two edges in one slot may cross by their own error."""
    good = [number for number, reading in enumerate(readings) if reading is not None]
    for first, last in pairwise(good):
        before, after, mended_before = readings[first], readings[last], mended[first]
        if before is not None and after is not None and mended_before is not None and after >= before:
            mended[last] = max(mended_before, mended[last] or 0.0)
    return mended


def _fill_between(series: _Series, good: list[int], slices_j: list[float], gaps: list[Gap]) -> tuple[float, float]:
    """Put the energy between neighbouring readings into their slices; give what stays open, below and above."""
    most_w = _most_w(series.readings, good)
    lost: list[_Lost] = []
    unseen_j = 0.0
    for first, last in pairwise(good):
        before, after = series.readings.value(first), series.readings.value(last)
        step = counter_step(before, after, series.seconds(first, last), series.channel, most_w)
        if step.how == "reset":
            since_j = step.energy_j if _is_followed(series.readings, good, last) else 0.0
            lost.append(_Lost(first, last, since_j, _RESET))
            continue
        if step.how == "plain" and series.readings.leaps(first, last):
            lost.append(_Lost(first, last, 0.0, _LEAP))
            continue
        _spread(slices_j, series.times, first, last, step.energy_j)
        turns_j = _turns_j(series, first, last, step.energy_j)
        unseen_j += turns_j
        if last - first > 1 or turns_j > 0:
            gaps.append(series.gap(first, last))
    below_j, above_j = _fill_lost(series, slices_j, gaps, lost)
    return below_j, above_j + unseen_j


def _is_followed(readings: Readings, good: list[int], number: int) -> bool:
    """Whether the next reading follows from one: then it was one of the counter, and not a file cut short."""
    place = good.index(number) + 1
    return place < len(good) and readings.follows(number, good[place])


def _turns_j(series: _Series, first: int, last: int, energy_j: float) -> float:
    """What a counter may have counted unseen: whole turns, where nobody looked at it for longer than one takes."""
    name, since_s, until_s = series.channel.name, series.times[first], series.times[last]
    unwatched = any(
        event.what == UNWATCHED and event.channel == name and since_s < event.t_s <= until_s for event in series.events
    )
    if not unwatched or series.channel.range_j is None:
        return 0.0
    most_j = bound_w(series.channel) * (until_s - since_s)
    return max(0.0, (most_j - energy_j) // series.channel.range_j * series.channel.range_j)


def _fill_lost(series: _Series, slices_j: list[float], gaps: list[Gap], lost: list[_Lost]) -> tuple[float, float]:
    """What was counted before a reset is lost: it is filled by the mean power around it, and the interval says so."""
    lost_s = math.fsum(series.seconds(one.first, one.last) for one in lost)
    known_s = series.seconds(0, -1) - lost_s
    mean_w = math.fsum(slices_j) / known_s if known_s > 0 else 0.0
    limit_w = bound_w(series.channel)
    filled: list[tuple[_Lost, float]] = []
    below_j = above_j = 0.0
    for one in lost:
        seconds = series.seconds(one.first, one.last)
        near_w = _power_near(series.times, slices_j, one.first, one.last, mean_w)
        since_j = one.since_j if one.since_j <= limit_w * seconds else 0.0
        energy_j = max(min(near_w, limit_w) * seconds, since_j)
        filled.append((one, energy_j))
        gaps.append(series.gap(one.first, one.last, one.why))
        below_j += energy_j - since_j
        above_j += limit_w * seconds - energy_j
    for one, energy_j in filled:
        _spread(slices_j, series.times, one.first, one.last, energy_j)
    return below_j, above_j


def _power_near(times: list[float], slices_j: list[float], first: int, last: int, mean_w: float) -> float:
    """Mean power of the slices beside a gap; the run's mean where there is none."""
    beside = [number for number in (first - 1, last) if 0 <= number < len(slices_j) and slices_j[number] > 0]
    seconds = math.fsum(times[number + 1] - times[number] for number in beside)
    return math.fsum(slices_j[number] for number in beside) / seconds if seconds > 0 else mean_w


def _most_w(readings: Readings, good: list[int]) -> float:
    """The power above which a fall is no wrap: the stated limit, else a multiple of what was seen besides."""
    if readings.channel.limit_w is not None:
        return readings.channel.limit_w
    seen = [0.0]
    for first, last in pairwise(good):
        energy_j, seconds = readings.value(last) - readings.value(first), readings.seconds(first, last)
        if energy_j > 0 and seconds > 0 and not readings.leaps(first, last):
            seen.append(energy_j / seconds)
    return min(max(seen) * _FALL_MARGIN, bound_w(readings.channel)) or bound_w(readings.channel)


def _spread(slices_j: list[float], times: list[float], first: int, last: int, energy_j: float) -> None:
    """Divide energy over the slices from one frame to another, by their time."""
    seconds = times[last] - times[first]
    for number in range(first, last):
        part = (times[number + 1] - times[number]) / seconds if seconds > 0 else 1.0 / (last - first)
        slices_j[number] += energy_j * part


def _stale_j(channel: Channel, mine: tuple[Edge, ...], mean_w: float) -> tuple[float, float]:
    """How far a counter that is refreshed now and then may be off at a run's edges (J below, J above).

    At a bracketed edge the truth lies between the two refreshes, and the line between them is the central value.
    Of a power that is a mean over a window, nobody knows how it went within the window that ended at the start: it
    was taken to be even. A part f of the window then held f · (1 - f) of the limit more or less, a quarter at most.
    """
    below_j = above_j = mean_w * channel.refresh_s * (2 - len(mine)) + bound_w(channel) * channel.window_s / 4
    for edge in mine:
        value = edge_value(edge)
        early_j, late_j = value - edge.before_j, edge.after_j - value
        below_j += late_j if edge.at == "start" else early_j
        above_j += early_j if edge.at == "start" else late_j
    return below_j, above_j


def _why(events: tuple[Event, ...], channel: Channel, until_s: float) -> str:
    """Why a channel gave no reading: the last that was said of it."""
    said = [event.why for event in events if event.channel == channel.name and event.t_s <= until_s]
    return said[-1] if said else "no reading came"
