"""Turns the sampler's instants into one run's frames: what is kept, when, and what happened to the channels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from footprint.collectors.reading import NOT_YET, GpuUse
from footprint.counters import UNWATCHED, breaks, turn_s
from footprint.instruments import Instant, failure
from footprint.journal import Journal
from footprint.records.raw import Counted, Edge, Event, Frame, GpuShare, HeldUse, Range, RunHead

_FINE_S = 600.0
"""The timeline has about a point a second for so long, then one a minute."""
_FINE_STEP_S = 0.85
_COARSE_STEP_S = 59.5


class Neighbours(Protocol):
    """Who else lives in what the run holds."""

    def none_but(self, pids: frozenset[int], /) -> bool:
        """Whether nobody does."""

    def use(self, pids: frozenset[int], age_s: float, /) -> HeldUse:
        """What all of them have used, so many seconds after the run's start."""


class Activity(Protocol):
    """The job's processes."""

    def cpu_s(self) -> float:
        """CPU seconds so far."""

    def processes(self) -> int:
        """Living processes at the last look."""

    def pids(self) -> frozenset[int]:
        """Their numbers."""


class Recorder:
    """One run's frames, in memory and in its journal. The sampler's lock guards it."""

    def __init__(
        self,
        head: RunHead,
        activity: Activity,
        own_cpu_s: Callable[[], float],
        journal: Journal | None,
        neighbours: Neighbours | None = None,
    ) -> None:
        self.head = head
        self.frames: list[Frame] = []
        self.events: list[Event] = []
        self.edges: list[Edge] = []
        self.counts: list[Counted] = []
        self.journal = journal
        self._activity = activity
        self._own_cpu_s = own_cpu_s
        self._neighbours = neighbours
        self._alone = head.allocation.alone
        self._recent: tuple[frozenset[int], ...] = ()
        """Processes of the last two looks: a driver tells of a process's GPU time until after its end."""
        self._start_s: float | None = None
        self._spans: dict[int, float] = {}
        self._gpu = _GpuMeans(sum(channel.kind == "gpu" for channel in head.channels))
        self._state = _States()
        self._before: Frame | None = None
        self._failing: dict[str, str] = {}
        self.collect_spans: Callable[[float], None] = lambda _t_s: None
        """Set by the run: adds the time of open spans up to an instant through ``span_time``."""
        self.collect_counts: Callable[[Recorder], None] = lambda _recorder: None
        """Set by the run where a server's counters are read: hands over what came since the last look."""
        self.gpu_held_s: Callable[[float], tuple[float, ...]] = lambda _t_s: ()
        """Set by the run on a host with GPUs: its part of each among the holders, in seconds up to an instant."""

    @property
    def start_s(self) -> float:
        """The run's start on the host's monotonic clock."""
        return self._start_s if self._start_s is not None else 0.0

    @property
    def last_s(self) -> float:
        """Seconds from the start to the newest look."""
        return self._before.t_s if self._before is not None else 0.0

    def observe(self, conditions: Mapping[str, Mapping[str, float]]) -> None:
        """Add one look at the state that devices are in."""
        self._state.add(conditions)

    @property
    def context(self) -> dict[str, dict[str, Range]]:
        """The state that devices were in over the looks at it: quantities by device."""
        return self._state.ranges()

    def span_time(self, number: int, seconds: float) -> None:
        """Seconds that a span was the innermost one since the last kept frame."""
        self._spans[number] = self._spans.get(number, 0.0) + seconds

    def take(self, instant: Instant, weight: float, *, keep: bool = False) -> Frame:
        """Make this run's frame of an instant; keep it where the timeline needs it or something happened."""
        if self._start_s is None:
            self._start_s = instant.t_s
        t_s = round(max(0.0, instant.t_s - self._start_s), 6)
        self.collect_spans(instant.t_s)
        cpu_s = round(self._activity.cpu_s(), 6)
        pids = self._activity.pids()
        self._recent = (*self._recent[-1:], pids)
        self._gpu.add(self.head, instant, frozenset().union(*self._recent))
        held = self._held(pids, t_s)
        frame = Frame(
            t_s,
            instant.values,
            instant.host_busy_s,
            cpu_s,
            self._activity.processes(),
            weight,
            self._gpu.means(),
            tuple((number, round(seconds, 6)) for number, seconds in self._spans.items()),
            round(self._own_cpu_s(), 6),
            self._alone,
            held,
            instant.steal_s,
            self.gpu_held_s(t_s),
        )
        changed = self._note_failures(t_s, instant)
        broke = self._broke(frame) or self._note_unwatched(t_s)
        if broke and self._before is not None and self._before is not self.frames[-1]:
            frame = frame._replace(spans=_spans_since(self._before, frame))
            self._keep(self._before)
        if keep or changed or broke or self._is_due(t_s):
            self._keep(frame)
        self.collect_counts(self)
        if self.journal is not None:
            self.journal.newest(frame)
            self.journal.sync(t_s)
        self._before = frame
        return frame

    def _held(self, pids: frozenset[int], t_s: float) -> HeldUse:
        """What goes on in what the run holds. Once others have been seen there, it is not alone any more."""
        if self._neighbours is None:
            return HeldUse()
        self._alone = self._alone and self._neighbours.none_but(pids)
        return self._neighbours.use(pids, t_s)

    def edge(self, edge: Edge) -> None:
        """Keep the refreshes of a slow counter around the start or stop."""
        self.edges.append(edge)
        if self.journal is not None:
            self.journal.edge(edge)

    def count(self, counted: Counted) -> None:
        """Keep what a server had counted."""
        self.counts.append(counted)
        if self.journal is not None:
            self.journal.counted(counted)

    def note(self, event: Event) -> None:
        """Keep something that happened."""
        self.events.append(event)
        if self.journal is not None:
            self.journal.event(event)

    def _keep(self, frame: Frame) -> None:
        if self.frames and frame.t_s <= self.frames[-1].t_s and frame == self.frames[-1]:
            return
        self.frames.append(frame)
        self._spans.clear()
        self._gpu.clear()
        if self.journal is not None:
            self.journal.frame(frame)

    def _is_due(self, t_s: float) -> bool:
        if not self.frames or t_s < 1.0:
            return True
        step = _FINE_STEP_S if t_s <= _FINE_S else _COARSE_STEP_S
        return t_s - self.frames[-1].t_s >= step

    def _broke(self, frame: Frame) -> bool:
        """Whether a counter fell or leapt since the look before."""
        if self._before is None:
            return False
        seconds = frame.t_s - self._before.t_s
        readings = zip(self.head.channels, self._before.readings, frame.readings, strict=True)
        return any(
            before is not None and now is not None and breaks(channel, before, now, seconds)
            for channel, before, now in readings
        )

    def _note_unwatched(self, t_s: float) -> bool:
        """Note the counters that may have gone round unseen since the look before: we were stopped, or starved."""
        away_s = t_s - self.last_s
        found = [channel for channel in self.head.channels if away_s > turn_s(channel)]
        why = f"nobody looked at it for {away_s:.1f} s: it may have started again more than once"
        for channel in found:
            self.note(Event(t_s, channel.name, UNWATCHED, why))
        return bool(found)

    def _note_failures(self, t_s: float, instant: Instant) -> bool:
        changed = False
        for channel, outcome in zip(self.head.channels, instant.outcomes, strict=True):
            why, before = failure(outcome), self._failing.get(channel.name)
            if why is None and before is not None:
                del self._failing[channel.name]
                changed = True
            elif why is not None and (before is None or before == NOT_YET != why):
                self._failing[channel.name] = why
                self.note(Event(t_s, channel.name, type(outcome).__name__.lower(), why))
                changed = True
        return changed


def _spans_since(before: Frame, frame: Frame) -> tuple[tuple[int, float], ...]:
    """Span seconds of a frame without those that an earlier one has taken."""
    taken = dict(before.spans)
    return tuple((number, seconds - taken.get(number, 0.0)) for number, seconds in frame.spans)


class _GpuMeans:
    """Means of GPU use over the looks since the last kept frame."""

    def __init__(self, gpus: int) -> None:
        self._sums: list[list[GpuShare]] = [[] for _ in range(gpus)]

    def add(self, head: RunHead, instant: Instant, pids: frozenset[int]) -> None:
        """One look."""
        names = [channel.name for channel in head.channels if channel.kind == "gpu"]
        for number, name in enumerate(names):
            use = instant.gpu_use.get(name)
            if use is not None:
                self._sums[number].append(_gpu_share(use, pids))

    def means(self) -> tuple[GpuShare, ...]:
        """By GPU: mean use, and who holds it by the newest look."""
        return tuple(_mean(looks) for looks in self._sums)

    def clear(self) -> None:
        """Begin anew with the newest look, so that a frame without one has something to say."""
        self._sums = [looks[-1:] for looks in self._sums]


def _gpu_share(use: GpuUse, pids: frozenset[int]) -> GpuShare:
    if not use.known:
        return GpuShare(use.util, None, None, None)
    mine = [(pid, sm) for pid, sm in use.by_pid if pid in pids]
    told = [sm for _, sm in use.by_pid if sm is not None]
    job_util = sum(sm for _, sm in mine if sm is not None) if told else None
    util = sum(told) if told else use.util
    return GpuShare(util, job_util, len(use.by_pid), len(mine), job_util if use.divided else None)


def _mean(looks: list[GpuShare]) -> GpuShare:
    if not looks:
        return GpuShare(None, None, None, None)
    newest = looks[-1]
    return newest._replace(
        util=_mean_of(look.util for look in looks), job_util=_mean_of(look.job_util for look in looks)
    )


def _mean_of(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 6) if known else None


class _States:
    """Least, sum and most of each quantity of each device."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str], tuple[float, float, float, int]] = {}

    def add(self, conditions: Mapping[str, Mapping[str, float]]) -> None:
        """One look."""
        for device, quantities in conditions.items():
            for name, value in quantities.items():
                least, total, most, looks = self._sums.get((device, name), (value, 0.0, value, 0))
                self._sums[device, name] = (min(least, value), total + value, max(most, value), looks + 1)

    def ranges(self) -> dict[str, dict[str, Range]]:
        """By device and quantity."""
        found: dict[str, dict[str, Range]] = {}
        for (device, name), (least, total, most, looks) in self._sums.items():
            found.setdefault(device, {})[name] = (round(least, 3), round(total / looks, 3), round(most, 3))
        return found
