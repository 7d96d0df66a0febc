"""A run while it lasts: ``start``, ``stop``, ``span``, ``count``, and its result.

A fault in measuring never reaches the user's job: it is logged once and the job goes on. Wrong arguments
raise at once, before the job starts.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

from footprint import config, enclosing, measuring
from footprint.errors import UsageError
from footprint.home import keep_lowest
from footprint.journal import Journal, Unreadable, read
from footprint.later import LaterResult
from footprint.measuring import Machine, Request
from footprint.recorder import Activity, Recorder
from footprint.records.raw import THINNED, Event, RawRun, RunEnd, plain_text
from footprint.spans import Spans
from footprint.unit_counts import UnitCounts

if TYPE_CHECKING:
    from footprint.account import Result
    from footprint.server_counts import ServerCounts


class LiveRun:
    """One run under measurement. Made by ``start`` or ``track``."""

    def __init__(
        self,
        request: Request,
        *,
        origin: str = "argument",
        kind: str = "track",
        activity: Activity | None = None,
        inside_started: bool = False,
    ) -> None:
        """Begin to measure. Raises UsageError for wrong arguments; nothing else."""
        self.not_kept: str | None = None
        """Why nothing of this run is kept; None where it is."""
        self.end: RunEnd | None = None
        self._units = UnitCounts()
        self._result: Result | None = None
        self._later = LaterResult(lambda: self.result)
        self._recorder: Recorder | None = None
        self._why: str | None = None
        self._own_cpu_s = 0.0
        self._server: ServerCounts | None = None
        self._pid = os.getpid()
        self._lock = threading.RLock()
        """Guards what follows. A signal's handler may come in between: it must not wait for itself."""
        self._closing = False
        self.head = measuring.unmeasured_head(request)
        if config.is_disabled(os.environ):
            self._why = "disabled"
            return
        before_s = time.thread_time()
        settings = measuring.settings_for(request, origin)
        self._server = measuring.server_counts_for(request, settings)
        eyes = self._eyes(settings)
        if eyes is None:
            return
        try:
            self._neighbours = measuring.neighbours_of(eyes, activity)
            held = self._neighbours.allocation
            parent = enclosing.of_new_run(inside_started=inside_started)
            self.head = measuring.head_for(request, settings, eyes, held, parent=parent, kind=kind)
        except UsageError:
            raise
        except Exception as fault:  # noqa: BLE001 - a fault in measuring must not reach the user's job
            self._fail(fault)
            return
        self._own_cpu_s = time.thread_time() - before_s
        self._begin(eyes, settings, activity)

    @property
    def run_id(self) -> str:
        """The run's name: 26 characters that sort by time."""
        return self.head.run_id

    @property
    def is_open(self) -> bool:
        """Whether it is being measured, in this process."""
        return self._recorder is not None and self.end is None and self._pid == os.getpid()

    @property
    def why_not_counted(self) -> str | None:
        """Why the counters of a server that was named gave nothing; None where they did, or none was named."""
        return None if self._server is None else self._server.why_not

    def stop(
        self,
        *,
        wait: bool = True,
        exit_code: int | None = 0,
        error: str | None = None,
        status: str = "completed",
    ) -> Result:
        """End the run and give its result, which is worked out when it is looked at; a second call gives the same one.

        ``wait=False`` does not wait (up to 110 ms) for the refresh of a GPU's counter: the interval is wider. Nor does
        it wait (up to 0.6 s) for a last reading of a server's counters, where ``metrics`` names one.
        """
        self.close(wait=wait, exit_code=exit_code, error=error, status=status)
        return cast("Result", self._later)

    def close(
        self, *, wait: bool = True, exit_code: int | None = 0, error: str | None = None, status: str = "completed"
    ) -> None:
        """End the run without working out its result."""
        if self._pid != os.getpid():  # a forked child's copy: whoever held the lock then will never give it back
            return
        with self._lock:
            if self._closing:
                return
            self._closing = True
            try:
                self._close(wait, RunEnd(0.0, status, exit_code, error, self._units.counted()))
            except Exception as fault:  # noqa: BLE001 - a fault in measuring must not reach the user's job
                self._fail(fault)
                self.end = RunEnd(0.0, status, exit_code, error)
            enclosing.take_back(self.head.run_id)

    def discard(self) -> None:
        """End the run and keep nothing of it: the job was never started."""
        recorder = self._recorder
        self.close()
        if recorder is not None and recorder.journal is not None:
            recorder.journal.discard()

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """A phase of the run: ``with run.span("epoch 1"): …``. Spans nest; their energies add up to the run's."""
        recorder = self._recorder
        if recorder is None or not self.is_open:
            yield
            return
        number = self._spans.enter(plain_text(str(name)))
        self._edge()
        try:
            yield
        finally:
            if self.is_open:  # not in a forked child: another thread may have held the spans' lock then
                self._edge()
                self._spans.leave(number)

    def count(self, unit: str, amount: float = 1) -> None:
        """Count functional units, such as images or requests: the result gives the impacts of one.

        Any number will do, those of numpy and torch too. Raises UsageError for one that is negative, not finite
        or none at all. Safe for threads; what a forked child counts is not seen here.
        """
        self._units.count(unit, amount)

    @property
    def result(self) -> Result:
        """The run's result: final after ``stop``, else as of now. Energies are NaN where nothing was measured."""
        if self._result is not None:
            return self._result
        from footprint import catalogue
        from footprint.account import account

        if self.is_open and self._recorder is not None and self._eyes_used is not None:
            self._eyes_used.sampler.mark(self._recorder)
        result = account(
            self.raw(), catalogue.load(self.head.region.zone, self.head.region.given, cpu=self.head.host.cpu)
        )
        if self._why is not None:
            result = type(result)(*result._replace(status=self._why))
        if self.end is not None or self._recorder is None:
            self._result = result
        return result

    def _repr_html_(self) -> str:
        """What a notebook shows: the result, as of now while the run is open."""
        from footprint.html import html_of

        return html_of(self.result, kept=self.not_kept is None)

    def raw(self) -> RawRun:
        """What has been measured so far."""
        recorder = self._recorder
        if recorder is None:
            return RawRun(self.head, (), end=self.end)
        if self.end is not None and recorder.journal is not None and recorder.journal.lost is not None:
            # A full disk: what the store will say of this run must be what its summary says.
            try:
                return read(recorder.journal.path)
            except (OSError, Unreadable):
                pass  # then memory is all there is
        return RawRun(
            self.head, tuple(recorder.frames), tuple(recorder.edges), tuple(recorder.events), self.end,
            counts=tuple(recorder.counts),
        )  # fmt: skip

    def as_started(self) -> Self:
        """Make this the run that later ``track`` blocks are inside of, while it is open."""
        enclosing.begin_beside(self)
        return self

    def __enter__(self) -> Self:
        """Make this the run that inner ones have as their parent."""
        self._token = enclosing.enter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, _where: TracebackType | None
    ) -> None:
        """Stop. A block that raised is completed with exit code 1 and the type of what it raised."""
        enclosing.leave(self._token)
        if kind is None:
            self.close()
        elif issubclass(kind, SystemExit):
            code = fault.code if isinstance(fault, SystemExit) else None
            self.close(exit_code=code if isinstance(code, int) else int(code is not None))
        else:
            self.close(exit_code=1, error=kind.__name__)

    def _eyes(self, settings: config.Settings) -> Machine | None:
        self._eyes_used: Machine | None = None
        try:
            self._eyes_used = measuring.machine_of(settings)
        except Exception as fault:  # noqa: BLE001 - a fault in measuring must not reach the user's job
            self._fail(fault)
        return self._eyes_used

    def _begin(self, eyes: Machine, settings: config.Settings, activity: Activity | None) -> None:
        """Open the journal and take the first frame. Nothing is raised."""
        self._home = str(settings.home.value)
        journal: Journal | None = None
        try:
            journal = Journal(self._home, self.head)
        except (OSError, ValueError) as fault:
            self.not_kept = f"{self._home}: {getattr(fault, 'strerror', None) or fault}"
        try:
            if activity is None:
                activity = eyes.sampler.own_activity()
            recorder = Recorder(self.head, activity, self._own_time(eyes), journal, self._neighbours)
            self._spans = Spans(eyes.host.monotonic, recorder.span_time)
            recorder.collect_spans = self._spans.collect
            if self.head.process:
                from footprint.gpu_holders import GpuHolders  # hosts without GPUs do not load it

                recorder.gpu_held_s = GpuHolders(self._home, self.head).seconds
            eyes.sampler.join(recorder, self.head.parent, self.head.settings.interval_s)
            self._recorder = recorder
            if self._server is not None:
                recorder.collect_counts = self._server.hand_over
                self._server.begin(recorder.start_s, self.head.started_at, eyes.host.monotonic)
        except Exception as fault:  # noqa: BLE001 - a fault in measuring must not reach the user's job
            self._fail(fault)
            if journal is not None:
                journal.discard()
            return
        enclosing.announce(self.head.run_id)

    def _own_time(self, eyes: Machine) -> Callable[[], float]:
        if self.head.kind == "run":
            return time.process_time
        before_s = eyes.sampler.cpu_s
        server = self._server
        return lambda: self._own_cpu_s + eyes.sampler.cpu_s - before_s + (0.0 if server is None else server.cpu_s)

    def _close(self, wait: bool, end: RunEnd) -> None:  # noqa: FBT001 - private
        recorder, eyes = self._recorder, self._eyes_used if self._recorder else None
        if recorder is None or eyes is None:
            self.end = end
            return
        if self._server is not None:
            self._server.finish(wait=wait)
        before_s = time.thread_time()
        eyes.sampler.leave(recorder, wait=wait)
        self._own_cpu_s += time.thread_time() - before_s
        lost = recorder.journal.lost if recorder.journal is not None else self.not_kept
        if eyes.sampler.thinned:
            recorder.note(
                Event(recorder.last_s, "", THINNED, "looks came less often, to keep the cost of looking down")
            )
        lost = lost or eyes.sampler.fault
        t_s = recorder.frames[-1].t_s if recorder.frames else 0.0
        self.end = end._replace(t_s=t_s, spans=self._spans.names(), lost=lost, context=recorder.context)
        if recorder.journal is not None:
            recorder.journal.close(self.end)
            self.end = self.end._replace(lost=self.end.lost or recorder.journal.lost)
            self._keep_idle()

    def _keep_idle(self) -> None:
        """Remember the lowest power of each measured channel in quiet: the idle power of later runs."""
        raw = self.raw()
        if not raw.head.channels:
            return
        from footprint.quiet import quiet_powers  # where nothing is measured, a start does not load it

        seen_w = quiet_powers(raw)
        if seen_w:
            keep_lowest(self._home, seen_w, measuring.things_of(raw.head.channels))

    def _edge(self) -> None:
        """Read a frame at a span's edge, while edges are rare."""
        if not self._spans.is_edge_due():
            return
        try:
            if self._eyes_used is not None and self._recorder is not None:
                self._eyes_used.sampler.mark(self._recorder)
        except Exception as fault:  # noqa: BLE001 - a fault in measuring must not reach the user's job
            _log_once("a span's edge was not read", fault)

    def _fail(self, fault: Exception) -> None:
        self._why = f"not measured: {type(fault).__name__}: {fault}"
        _log_once("this run is not measured", fault)


_logged: set[str] = set()


def _log_once(what: str, fault: Exception) -> None:
    """Log a fault in measuring, each kind once a process."""
    kind = f"{what}: {type(fault).__name__}: {fault}"
    if kind not in _logged:
        _logged.add(kind)
        import logging

        logging.getLogger("footprint").warning(what, exc_info=fault)
