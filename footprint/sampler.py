"""One sampler a process: looks at the instruments once an interval for all runs that are open.

Counters are read at the edges, in the caller's thread; the sampler's own thread guards against wraps,
feeds the timeline, and watches counters that are refreshed slowly around a run's start.
"""

import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from footprint.collectors.process_activity import OwnProcess
from footprint.instruments import Instant, Instruments
from footprint.recorder import Activity, Recorder

if TYPE_CHECKING:
    from footprint.slow_counter import SlowCounter

_RAMP_S = (0.1, 0.3, 0.6, 1.0)
"""The first looks of a run come earlier, so that a short one has a timeline too."""
_POLL_S = 0.005
_WATCH_S = 0.35
_EDGE_WAIT_S = 0.11
_LOCK_WAIT_S = 0.5
"""A queue moves on within this time, however long it is; instruments that hang do not."""
_AFTER_FAULT_S = 1.0
_POWER_STEP_S = 0.2
"""A channel that has only power is looked at at least this often."""
_COSTS = 7
_CEILING = 0.005
"""Share of a core that sampling may take; above it, the sampler thins itself."""


class _Run(NamedTuple):
    recorder: Recorder
    parent: str | None
    interval_s: float


class _OncePerLook:
    """An activity that all runs of a process share: read once a look, however many runs take a frame of it."""

    def __init__(self, activity: Activity) -> None:
        self._activity = activity
        self._cpu_s = 0.0

    def renew(self) -> None:
        """Read it: a look begins."""
        self._cpu_s = self._activity.cpu_s()

    def cpu_s(self) -> float:
        """CPU seconds at the last look."""
        return self._cpu_s

    def processes(self) -> int:
        """Living processes at the last look."""
        return self._activity.processes()

    def pids(self) -> frozenset[int]:
        """Their numbers."""
        return self._activity.pids()


class Sampler:
    """Reads for all runs of this process. Methods may be called from any thread."""

    def __init__(self, instruments: Instruments) -> None:
        self.instruments = instruments
        self.cpu_s = 0.0
        """CPU seconds that the sampling thread has used."""
        self.thinned = False
        self.fault: str | None = None
        """What went wrong in the sampling thread, if something did; it went on."""
        self._lock = threading.RLock()
        self._turns = 0
        self._runs: dict[str, _Run] = {}
        self._leaving: list[Recorder] = []
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._slow = _slow_counters(instruments)
        self._own: _OncePerLook | None = None
        self._watch_until_s = 0.0
        self._watched_s = 0.0
        self._costs_s: list[float] = []
        self._cost_s = 0.0
        """CPU seconds of a look: the median of the last few, so that one slow look does not make it look away."""

    def own_activity(self) -> Activity:
        """What this process and its children do: one reading for all runs that share it."""
        if self._own is None:
            self._own = _OncePerLook(OwnProcess(self.instruments.host))
        return self._own

    def join(self, recorder: Recorder, parent: str | None, interval_s: float) -> None:
        """Begin a run: its first frame is read here. TimeoutError where the instruments hang."""
        if not self._enter():
            raise TimeoutError("the instruments did not answer")
        try:
            instant = self._look()
            self._take_for(self._siblings(parent), instant)
            self._runs[recorder.head.run_id] = _Run(recorder, parent, interval_s)
            recorder.take(instant, self._weight(recorder.head.run_id), keep=True)
            if self._ask("start", recorder, recorder.start_s, instant.values):
                self._watch_until_s = self.instruments.host.monotonic() + _WATCH_S
            self._start_thread()
        finally:
            self._lock.release()
        self._wake.set()

    def leave(self, recorder: Recorder, *, wait: bool = True) -> None:
        """End a run: its last frame is read here. With ``wait``, slow counters get up to 110 ms for their refresh."""
        if not self._enter():
            self._runs.pop(recorder.head.run_id, None)
            return
        try:
            run = self._runs.get(recorder.head.run_id)
            if run is None:
                return
            instant = self._look()
            self._take_for(self._siblings(run.parent), instant)
            del self._runs[recorder.head.run_id]
            waits = wait and run.parent not in self._runs and self._ask("stop", recorder, instant.t_s, instant.values)
            self._leaving.append(recorder)
        finally:
            self._lock.release()
        self._wake.set()
        if waits:
            self._await_refresh(recorder, instant.t_s + _EDGE_WAIT_S)
        self._forget(recorder)

    def _enter(self) -> bool:
        """Take the lock, in a queue as long as it may be. False where nobody has had a turn for a while: a hang."""
        turns = -1
        while not self._lock.acquire(timeout=_LOCK_WAIT_S):
            if self._turns == turns:
                return False
            turns = self._turns
        self._turns += 1
        return True

    def _look(self) -> Instant:
        instant = self.instruments.look()
        if self._own is not None:
            self._own.renew()
        return instant

    def _take_for(self, runs: list[_Run], instant: Instant) -> None:
        """A frame wherever the number of runs changes that divide the process's CPU time between them."""
        for run in runs:
            run.recorder.take(instant, self._weight(run.recorder.head.run_id), keep=True)

    def mark(self, recorder: Recorder) -> None:
        """Read a frame now, at the edge of a span. Skipped where the instruments are busy."""
        if not self._lock.acquire(timeout=0.01):
            return
        try:
            recorder.take(self._look(), self._weight(recorder.head.run_id), keep=True)
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
        for recorder in [*(run.recorder for run in self._runs.values()), *self._leaving]:
            if recorder.journal is not None:
                recorder.journal.abandon()
        self._runs.clear()

    def _siblings(self, parent: str | None) -> list[_Run]:
        """Open runs that share the process's CPU time at one level: those of one parent, or of none in here."""
        level = parent if parent in self._runs else None
        return [
            run for run in tuple(self._runs.values()) if (run.parent if run.parent in self._runs else None) == level
        ]

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
        if self._thread is not None and self._thread.is_alive():
            return
        thread = threading.Thread(target=self._loop, name="footprint-sampler", daemon=True)
        try:
            thread.start()
        except RuntimeError as fault:  # too many threads, or no memory for one more: the edges are read without it
            self.fault = f"the sampler could not be started ({fault}): the run has no timeline"
        else:
            self._thread = thread

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
            try:
                with self._lock:
                    self._turns += 1
                    self._tick()
            except Exception as fault:  # noqa: BLE001 - the thread must go on: the runs' edges are read without it
                self.fault = f"{type(fault).__name__}: {fault}"
                time.sleep(_AFTER_FAULT_S)
            spent_s = time.thread_time() - before_s
            self.cpu_s += spent_s
            self._costs_s = [*self._costs_s, spent_s][-_COSTS:]
            self._cost_s = sorted(self._costs_s)[len(self._costs_s) // 2] if len(self._costs_s) > 2 else 0.0

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
        instant = self._look()
        conditions = self.instruments.conditions()
        for run in self._runs.values() if conditions else ():
            run.recorder.observe(conditions)
        for run in due:
            run.recorder.take(instant, self._weight(run.recorder.head.run_id))

    def _ask(self, at: str, recorder: Recorder, t_s: float, values: tuple[float | None, ...]) -> bool:
        """Ask the slow counters for their true value at a run's edge; whether one was asked."""
        asked = False
        for channel, value in zip(self.instruments.channels, values, strict=True):
            slow = self._slow.get(channel.name)
            if slow is not None and value is not None:
                slow.ask(at, t_s, value, recorder.edge, recorder.start_s)
                asked = True
        return asked

    def _await_refresh(self, recorder: Recorder, deadline_s: float) -> None:
        """Look at the slow counters until they have answered. Others have their turn in between."""
        while self.instruments.host.monotonic() < deadline_s and any(
            slow.owes(recorder.edge) for slow in self._slow.values()
        ):
            self.instruments.host.sleep(_POLL_S / 2)
            if not self._enter():
                return
            try:
                self._watch()
            finally:
                self._lock.release()

    def _forget(self, recorder: Recorder) -> None:
        """A run is over: nobody waits for it any more."""
        if not self._enter():
            return
        try:
            for slow in self._slow.values():
                slow.give_up(recorder.edge)
            self._leaving.remove(recorder)
        finally:
            self._lock.release()

    def _watch(self) -> None:
        """Look at the slow counters, unless somebody else has just done so."""
        if self.instruments.host.monotonic() - self._watched_s < _POLL_S / 4:
            return
        self._watched_s, values = self.instruments.look_at_slow()
        for name, value in values.items():
            if name in self._slow:
                self._slow[name].see(self._watched_s, value)
        if not any(slow.asked or slow.period_s is None for slow in self._slow.values()):
            self._watch_until_s = 0.0


def _slow_counters(instruments: Instruments) -> "dict[str, SlowCounter]":
    """One for each counter that is refreshed slowly; most hosts have none, and do not load what they need."""
    if not instruments.slow:
        return {}
    from footprint.slow_counter import SlowCounter

    return {channel.name: SlowCounter(channel) for channel in instruments.slow}
