"""Answers that were had before: shown with their time when a question fails, and not asked for twice meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from footprint.errors import FootprintError

Answer = TypeVar("Answer")


class Seen(NamedTuple, Generic[Answer]):
    """An answer with the time it was had. With a ``problem`` it is the last good one, or None."""

    value: Answer | None
    at: float
    """Seconds since 1970."""
    problem: str = ""


class Memory:
    """Keeps the last good answer to each question, so that a fault shows old figures with their time, not none."""

    def __init__(self, clock: Callable[[], float] = time.time, most: int = 64) -> None:
        self._clock, self._most = clock, most
        self._last: dict[object, Seen[Any]] = {}

    def ask(self, key: object, question: Callable[[], Answer]) -> Seen[Answer]:
        """The answer, or the last good one with what went wrong."""
        try:
            seen: Seen[Answer] = Seen(question(), self._clock())
        except FootprintError as problem:
            last = self._last.get(key, Seen(None, self._clock()))
            return Seen(last.value, last.at, str(problem))
        self._last.pop(key, None)
        self._last[key] = seen
        while len(self._last) > self._most:
            self._last.pop(next(iter(self._last)))
        return seen


class Unchanged:
    """Answers by question, for as long as there are the same runs: a figure beside it is changed more often."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._state = ""
        self._known: dict[object, Any] = {}

    def ask(self, state: str, key: object, question: Callable[[], Answer]) -> Answer:
        """The answer to a question of the runs as they are in ``state``."""
        with self._lock:
            if state != self._state:
                self._state, self._known = state, {}
            if key in self._known:
                known: Answer = self._known[key]
                return known
        answer = question()
        with self._lock:
            if state == self._state and len(self._known) < self._most:
                self._known[key] = answer
        return answer
