"""Open spans of a run: which phase is the innermost one in each thread, and since when."""

from __future__ import annotations

import threading
from collections.abc import Callable

from footprint.records.raw import SpanName

_EDGES_A_MINUTE = 100
"""Spans whose edges come oftener are not read at each edge: their time divides the frames' energy."""


class Spans:
    """Counts the seconds of the innermost spans. Safe for threads; takes about a microsecond a call."""

    def __init__(self, clock: Callable[[], float], add: Callable[[int, float], None]) -> None:
        self._clock = clock
        self._add = add
        self._lock = threading.RLock()  # a signal's handler may open a span too
        self._numbers: dict[tuple[int | None, str], int] = {}
        self._entered: list[int] = []
        self._open: dict[int, list[int]] = {}
        self._since: dict[int, float] = {}
        self._edges_s: list[float] = []

    def enter(self, name: str) -> int:
        """Open a span in this thread; gives its number."""
        thread = threading.get_ident()
        with self._lock:
            stack = self._open.setdefault(thread, [])
            self._settle(thread, self._clock())
            number = self._number(stack[-1] if stack else None, name)
            self._entered[number] += 1
            stack.append(number)
            return number

    def leave(self, number: int) -> None:
        """Close a span of this thread. One that is not open is left alone."""
        thread = threading.get_ident()
        with self._lock:
            stack = self._open.get(thread, [])
            self._settle(thread, self._clock())
            if number in stack:
                # the newest one of that number: tasks of one thread may close in another order than they opened
                del stack[len(stack) - 1 - stack[::-1].index(number)]
            if not stack:
                self._open.pop(thread, None)
                self._since.pop(thread, None)

    def collect(self, t_s: float) -> None:
        """Hand over the seconds of all innermost spans up to an instant."""
        with self._lock:
            for thread in list(self._open):
                self._settle(thread, t_s)

    def is_edge_due(self) -> bool:
        """Whether an edge of a span that comes now is to be read: while edges are rare."""
        now_s = self._clock()
        with self._lock:
            edges_s = self._edges_s
            while edges_s and now_s - edges_s[0] > 60:
                edges_s.pop(0)
            if len(edges_s) >= _EDGES_A_MINUTE:
                return False
            edges_s.append(now_s)
            return True

    def names(self) -> tuple[SpanName, ...]:
        """All spans so far, in the order of their first opening."""
        with self._lock:
            return tuple(
                SpanName(number, name, inside, self._entered[number])
                for (inside, name), number in self._numbers.items()
            )

    def _number(self, inside: int | None, name: str) -> int:
        number = self._numbers.setdefault((inside, name), len(self._numbers))
        if number == len(self._entered):
            self._entered.append(0)
        return number

    def _settle(self, thread: int, t_s: float) -> None:
        stack, since_s = self._open.get(thread), self._since.get(thread)
        if stack and since_s is not None and t_s > since_s:
            self._add(stack[-1], t_s - since_s)
        self._since[thread] = t_s
