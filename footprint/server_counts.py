"""Reads a server's own counters beside a run, in a thread of its own: the run neither waits for it nor fails by it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from footprint import scrape
from footprint.records.raw import COUNTING, RESTARTED, UNCOUNTED, Counted, Event
from footprint.serving.counters import Server, names_in
from footprint.serving.exposition import NoPage, Page, parse
from footprint.serving.increase import Counts, advance, begins_inside

SHORTEST_S, LONGEST_S = 0.5, 60.0
_PART = 0.1
"""The newest reading is never older than this part of the run, nor than ``LONGEST_S``."""
_CEILING = 0.005
"""Share of a core that reading may take; above it, it is done less often."""
_MOST_EVENTS = 100
_PATIENCE_S = scrape.TIMEOUT_S + 0.1


class Keeper(Protocol):
    """What keeps the readings: the run's recorder."""

    def count(self, counted: Counted) -> None:
        """Keep a reading."""

    def note(self, event: Event) -> None:
        """Keep something that happened."""


class ServerCounts:
    """A server's counters during one run."""

    def __init__(self, address: scrape.Address, servers: tuple[Server, ...]) -> None:
        """``servers``: the kinds of server that are looked for."""
        self.cpu_s = 0.0
        """CPU seconds that reading has used."""
        self._address, self._servers, self._wanted = address, servers, names_in(servers)
        self._counts = Counts()
        self._run_started_at, self._clock, self._start_s = 0.0, time.monotonic, 0.0
        self._first_s: float | None = None
        self._nobody_before: bool | None = None
        self._why: str | None = None
        self._odd: dict[str, str] = {}
        self._events = 0
        self._cost_s = 0.0
        self._ready: deque[Counted | Event] = deque()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def why_not(self) -> str | None:
        """Why nothing was counted; None where something was."""
        if self._counts.server is not None:
            return None
        return self._why or "no reading was made"

    def begin(self, start_s: float, run_started_at: float, clock: Callable[[], float]) -> None:
        """Read from now on, beside. The run's start on the clock, which never steps back, and in seconds since 1970."""
        self._start_s, self._run_started_at, self._clock = start_s, run_started_at, clock
        self._thread = threading.Thread(target=self._loop, name="footprint-metrics", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as fault:  # too many threads, or no memory for one more: the run goes on without counts
            self._thread, self._why = None, f"no thread could be started ({fault})"

    def finish(self, *, wait: bool = True) -> None:
        """Read no more. With ``wait`` once more before that, for 0.6 s at most."""
        self._stop.set()
        if self._thread is not None and wait:
            self._thread.join(_PATIENCE_S)

    def hand_over(self, keeper: Keeper) -> None:
        """Give what has been read since the last time. Called by whoever keeps the run, in his own thread."""
        while self._ready:
            one = self._ready.popleft()
            if isinstance(one, Counted):
                keeper.count(one)
            else:
                keeper.note(one)

    def _loop(self) -> None:
        first = True
        while True:
            last = self._stop.is_set()
            before_s = time.thread_time()
            try:
                self._read()
            except Exception as fault:  # noqa: BLE001 - the thread must go on: the next page may be read again
                self._unread(self._clock() - self._start_s, f"{type(fault).__name__}: {fault}")
            spent_s = time.thread_time() - before_s
            self.cpu_s += spent_s
            self._cost_s = 0.0 if first else spent_s  # the first one loads what it needs, and is no measure of the next
            first = False
            if last:
                return
            self._stop.wait(self._wait_s())

    def _wait_s(self) -> float:
        age_s = self._clock() - self._start_s
        return max(SHORTEST_S, min(LONGEST_S, age_s * _PART), self._cost_s / _CEILING)

    def _read(self) -> None:
        before_s = self._clock()
        got = scrape.get(self._address)
        t_s = round(max(0.0, (before_s + self._clock()) / 2 - self._start_s), 3)
        if self._nobody_before is None:
            self._nobody_before = isinstance(got, scrape.NotGot) and got.nobody and self._address.is_here
        if isinstance(got, scrape.NotGot):
            if not got.nobody or self._counts.server is not None or self._why is None:
                self._unread(t_s, got.why)  # that a server is gone in the end does not say why it was not read before
            return
        page = parse(got.data, self._wanted, whole=got.whole, open_metrics=got.open_metrics)
        if isinstance(page, NoPage):
            self._unread(t_s, page.why)
        else:
            self._count(t_s, page)

    def _count(self, t_s: float, page: Page) -> None:
        """Go on from the readings before: the first says from when on is counted."""
        from_zero = begins_inside(page.counts, self._run_started_at, nobody_before=bool(self._nobody_before))
        known = self._counts.server is not None
        advanced = advance(self._counts, page, self._servers, from_zero=from_zero)
        if self._first_s is None:
            self._first_s = 0.0 if from_zero else t_s
        self._counts = advanced.counts
        if advanced.counts.server is None:
            self._why = f"its page has no counter of {', '.join(server.name for server in self._servers)}"
            return
        if not known:
            self._note(Event(t_s, "", COUNTING, advanced.counts.server.name))
            self._ready.append(Counted(self._first_s, {}))
        if not advanced.units:
            self._unread(t_s, "its page has none of the counters any more")
            return
        if advanced.restarted:
            self._note(Event(t_s, "", RESTARTED, "the server's counters began again at zero"))
        self._note_odd(t_s, page)
        self._why = None
        amounts = {unit: round(advanced.counts.amounts[unit], 6) for unit in sorted(advanced.units)}
        self._ready.append(Counted(t_s, amounts))

    def _unread(self, t_s: float, why: str) -> None:
        """No count this time. Told once each time that it begins; not before the server starts nor when it has ended."""
        if self._counts.server is not None and why != self._why and not self._stop.is_set():
            self._note(Event(t_s, "", UNCOUNTED, why))
        self._why = why

    def _note_odd(self, t_s: float, page: Page) -> None:
        for name, value in page.odd.items():
            if name not in self._odd:
                self._note(Event(t_s, "", UNCOUNTED, f"{name} is {value}, which is no count"))
        self._odd = dict(page.odd)

    def _note(self, event: Event) -> None:
        if self._events < _MOST_EVENTS:
            self._events += 1
            self._ready.append(event)
