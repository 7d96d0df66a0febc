"""What the pages need to know, asked of one seam. ``store_source`` answers from the store; tests have their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from footprint.dashboard.selection import Order, Selection
from footprint.errors import FootprintError
from footprint.interval import Interval

Document = Mapping[str, Any]
"""A run as ``footprint.run/1``."""
Timeline = list[tuple[float, dict[str, float | None]]]
"""(seconds since the run's start, power in W by channel; None: no reading)."""
Answer = TypeVar("Answer")


class RunLine(NamedTuple):
    """A run as the table shows it."""

    run_id: str
    name: str | None
    project: str | None
    status: str
    exit_code: int | None
    started_at: str
    """ISO 8601, UTC."""
    duration_s: float
    job_kwh: Interval
    impacts: Mapping[str, Interval]
    """Totals by indicator; what cannot be had is not in it."""
    zone: str
    zone_how: str
    measured_share: float | None
    """Share of the job's energy that was measured, 0 to 1; None where nothing is known of it."""


class Day(NamedTuple):
    """The sum of a day's runs; nested runs count once."""

    day: str
    """ISO date, UTC."""
    runs: int
    value: Interval


class Share(NamedTuple):
    """What the runs of one project used."""

    project: str
    """Empty: runs without a project."""
    runs: int
    value: Interval


class FactorLine(NamedTuple):
    """A factor that a run's impacts were made with."""

    id: str
    indicator: str
    zone: str
    year: int | None
    value: Interval
    unit: str
    sources: tuple[str, ...]
    """Title, publisher, year and licence of each source, as one line."""


class RunSource(Protocol):
    """Questions that the pages ask. Each may raise ``FootprintError``."""

    def runs(self, selection: Selection, order: Order, offset: int, limit: int) -> list[RunLine]:
        """The runs of a selection, from ``offset`` on."""
        ...

    def count(self, selection: Selection) -> int:
        """How many runs a selection has."""
        ...

    def daily(self, selection: Selection, indicator: str) -> list[Day]:
        """Sums by day, oldest first, of ``job_kwh`` (kWh) or of an indicator in its own unit; empty days left out."""
        ...

    def total(self, selection: Selection, indicator: str) -> Interval:
        """The sum over a selection."""
        ...

    def projects(self, selection: Selection) -> list[Share]:
        """Energy by project, in kWh, largest first."""
        ...

    def measured_share(self, selection: Selection) -> float | None:
        """The share of a selection's energy that was measured, 0 to 1; None where nothing is known of it."""
        ...

    def document(self, run_id: str) -> Document:
        """One run, whole."""
        ...

    def timeline(self, run_id: str) -> Timeline:
        """Its power by channel over time."""
        ...

    def state(self) -> str:
        """A word that changes whenever a run comes, ends or goes."""
        ...

    def factors(self, document: Document) -> list[FactorLine]:
        """The factors of a run with their sources."""
        ...


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
