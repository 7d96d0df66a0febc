"""One sampler a process: looks at the instruments once an interval for all runs that are open.

Counters are read at the edges, in the caller's thread; the sampler's own thread guards against wraps,
feeds the timeline, and watches counters that are refreshed slowly around a run's start.
"""

import threading
import time
from typing import NamedTuple

from footprint.instruments import Instruments
from footprint.recorder import Recorder
from footprint.records.raw import Event
from footprint.slow_counter import SlowCounter

_RAMP_S = (0.1, 0.3, 0.6, 1.0)
"""The first looks of a run come earlier, so that a short one has a timeline too."""
_POLL_S = 0.005
_WATCH_S = 0.35
_EDGE_WAIT_S = 0.11
_LOCK_WAIT_S = 0.5
_POWER_STEP_S = 0.2
"""A channel that has only power is looked at at least this often."""
_CEILING = 0.005
"""Share of a core that sampling may take; above it, the sampler thins itself."""


class _Run(NamedTuple):
    recorder: Recorder
    parent: str | None
    interval_s: float


class Sampler:
    """Reads for all runs of this process. Methods may be called from any thread."""

    def __init__(self, instruments: Instruments) -> None:
        self.instruments = instruments
        self.cpu_s = 0.0
        """CPU seconds that the sampling thread has used."""
        self.thinned = False
        self._lock = threading.RLock()
        self._runs: dict[str, _Run] = {}
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._slow = {channel.name: SlowCounter(channel) for channel in instruments.slow}
        self._watch_until_s = 0.0
        self._cost_s = 0.0

    def join(self, recorder: Recorder, parent: str | None, interval_s: float) -> None:
        """Begin a run: its first frame is read here."""
        if not self._lock.acquire(timeout=_LOCK_WAIT_S):
            raise TimeoutError("the instruments did not answer")
        try:
            self._edge_for_siblings(parent)
            self._runs[recorder.head.run_id] = _Run(recorder, parent, interval_s)
            instant = self.instruments.look()
            recorder.take(instant, self._weight(recorder.head.run_id), keep=True)
            self._begin_slow_edges(recorder, instant.values)
            self._start_thread()
        finally:
            self._lock.release()
        self._wake.set()

    def leave(self, recorder: Recorder, *, wait: bool = True) -> None:
        """End a run: its last frame is read here. With ``wait``, slow counters get up to 110 ms for their refresh."""
        if not self._lock.acquire(timeout=_LOCK_WAIT_S):
            self._runs.pop(recorder.head.run_id, None)
            return
        try:
            run = self._runs.get(recorder.head.run_id)
            if run is None:
                return
            instant = self.instruments.look()
            for sibling in self._siblings(run.parent):
                sibling.recorder.take(instant, self._weight(sibling.recorder.head.run_id), keep=True)
            if wait and self._slow and run.parent not in self._runs:
                self._end_slow_edges(recorder, instant.t_s, instant.values)
            del self._runs[recorder.head.run_id]
        finally:
            self._lock.release()
        self._wake.set()

    def mark(self, recorder: Recorder) -> None:
        """Read a frame now, at the edge of a span. Skipped where the instruments are busy."""
        if not self._lock.acquire(timeout=0.01):
            return
        try:
            recorder.take(self.instruments.look(), self._weight(recorder.head.run_id), keep=True)
        finally:
            self._lock.release()

    def acquire(self) -> None:
        """Before a fork: hold still."""
        self._lock.acquire()

    def release(self) -> None:
        """After a fork, in the parent: go on."""
        self._lock.release()

    def abandon(self) -> None:
        """After a fork, in the child: let go of the parent's journals; there is no sampling thread here."""
        for run in self._runs.values():
            if run.recorder.journal is not None:
                run.recorder.journal.abandon()
        self._runs.clear()

    def _siblings(self, parent: str | None) -> list[_Run]:
        """Open runs that share the process's CPU time at one level: those of one parent, or of none in here."""
        level = parent if parent in self._runs else None
        return [run for run in self._runs.values() if (run.parent if run.parent in self._runs else None) == level]

    def _edge_for_siblings(self, parent: str | None) -> None:
        """Overlapping runs of a process divide its CPU time between them: a frame wherever their number changes."""
        siblings = self._siblings(parent)
        if siblings:
            instant = self.instruments.look()
            for run in siblings:
                run.recorder.take(instant, self._weight(run.recorder.head.run_id), keep=True)

    def _weight(self, run_id: str) -> float:
        """A run's part of the process's CPU time: runs that overlap at one level divide it equally."""
        weight, name = 1.0, run_id
        for _ in range(len(self._runs)):
            run = self._runs.get(name)
            if run is None:
                break
            weight /= max(1, len(self._siblings(run.parent)))
            if run.parent not in self._runs or run.parent is None:
                break
            name = run.parent
        return weight

    def _start_thread(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._loop, name="footprint-sampler", daemon=True)
            self._thread.start()

    def _loop(self) -> None:
        while True:
            with self._lock:
                if not self._runs:
                    self._thread = None
                    return
                wait_s = self._wait_s()
            self._wake.wait(wait_s)
            self._wake.clear()
            before_s = time.thread_time()
            with self._lock:
                self._tick()
            spent_s = time.thread_time() - before_s
            self.cpu_s += spent_s
            self._cost_s = spent_s if self._cost_s == 0 else 0.9 * self._cost_s + 0.1 * spent_s

    def _wait_s(self) -> float:
        now_s = self.instruments.host.monotonic()
        if now_s < self._watch_until_s:
            return _POLL_S
        waits = [self._until_due(run, now_s) for run in self._runs.values()]
        return max(0.001, min(waits, default=1.0))

    def _until_due(self, run: _Run, now_s: float) -> float:
        """Seconds until a run wants its next look."""
        interval_s = max(run.interval_s, self._cost_s / _CEILING)
        self.thinned = self.thinned or interval_s > run.interval_s
        if self.instruments.has_power:
            interval_s = min(interval_s, max(_POWER_STEP_S, self._cost_s / _CEILING))
        interval_s = min(interval_s, self.instruments.wrap_guard_s)
        age_s = now_s - run.recorder.start_s
        last_s = run.recorder.last_s
        ramp = [due for due in _RAMP_S if due > last_s and due < interval_s]
        due_s = min([last_s + interval_s, *ramp])
        return due_s - age_s

    def _tick(self) -> None:
        now_s = self.instruments.host.monotonic()
        if now_s < self._watch_until_s:
            self._watch()
        due = [run for run in self._runs.values() if self._until_due(run, now_s) <= 0.001]
        if not due:
            return
        instant = self.instruments.look()
        for run in due:
            run.recorder.take(instant, self._weight(run.recorder.head.run_id))

    def _begin_slow_edges(self, recorder: Recorder, values: tuple[float | None, ...]) -> None:
        now_s = self.instruments.host.monotonic()
        for channel, value in zip(self.instruments.channels, values, strict=True):
            slow = self._slow.get(channel.name)
            if slow is not None and value is not None:
                slow.ask("start", recorder.start_s, value, recorder.edge, recorder.start_s)
                self._watch_until_s = now_s + _WATCH_S

    def _end_slow_edges(self, recorder: Recorder, t_s: float, values: tuple[float | None, ...]) -> None:
        for channel, value in zip(self.instruments.channels, values, strict=True):
            slow = self._slow.get(channel.name)
            if slow is not None and value is not None:
                slow.ask("stop", t_s, value, recorder.edge, recorder.start_s)
        deadline_s = t_s + _EDGE_WAIT_S
        while self.instruments.host.monotonic() < deadline_s and any(slow.asked for slow in self._slow.values()):
            self.instruments.host.sleep(_POLL_S / 2)
            self._watch()
        for slow in self._slow.values():
            slow.give_up()

    def _watch(self) -> None:
        t_s, values = self.instruments.look_at_slow()
        for name, value in values.items():
            if name in self._slow:
                self._slow[name].see(t_s, value)
        if not any(slow.asked or slow.period_s is None for slow in self._slow.values()):
            self._watch_until_s = 0.0

    def note(self, recorder: Recorder, what: str, why: str) -> None:
        """Write down something that happened to the measuring itself."""
        t_s = self.instruments.host.monotonic() - recorder.start_s
        with self._lock:
            recorder.note(Event(round(t_s, 6), "", what, why))
