"""What the pages need to know, asked of one seam. ``store_source`` answers from the store; tests have their own."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from footprint import catalogue, explain, queries
from footprint.dashboard.selection import Order, Selection
from footprint.errors import FootprintError
from footprint.factors import Factor, SourceRef
from footprint.interval import Interval
from footprint.queries import Daily, ProjectSum, RunFilter, RunRow, Store, Sum

Document = Mapping[str, Any]
"""A run as ``footprint.run/1``."""
Timeline = list[tuple[float, dict[str, float | None]]]
"""(seconds since the run's start, power in W by channel; None: no reading)."""
Answer = TypeVar("Answer")
LOOK_EVERY_S = 0.5
"""The home is looked at for new runs at most so often: one page asks several questions at once."""


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

    def runs(self, selection: Selection, order: Order, offset: int, limit: int) -> list[RunRow]:
        """The runs of a selection, from ``offset`` on."""
        ...

    def count(self, selection: Selection) -> int:
        """How many runs a selection has."""
        ...

    def daily(self, selection: Selection, indicator: str) -> list[Daily]:
        """Sums by day, oldest first, of ``job_kwh`` (kWh) or of an indicator in its own unit; empty days left out."""
        ...

    def total(self, selection: Selection, indicator: str) -> Sum:
        """The sum over a selection."""
        ...

    def projects(self, selection: Selection) -> list[ProjectSum]:
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

    def factors(self, document: Document) -> list[FactorLine]:
        """The factors of a run with their sources."""
        ...

    def state(self) -> str:
        """A word that changes whenever a run comes, ends or goes."""
        ...

    def messages(self) -> list[str]:
        """What a reader should know of the store: set aside, in memory, a journal that cannot be read."""
        ...


class StoreSource:
    """Answers from the store of one home, with all runs that have ended by now."""

    def __init__(self, home: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._store = queries.open_store(home)
        self._looked_at = clock()

    def _now(self) -> Store:
        """The store, brought up to date."""
        with self._lock:
            if self._clock() - self._looked_at >= LOOK_EVERY_S:
                self._store = queries.refresh(self._store)
                self._looked_at = self._clock()
            return self._store

    def runs(self, selection: Selection, order: Order, offset: int, limit: int) -> list[RunRow]:
        """See ``RunSource``."""
        asked = _filter(selection)._replace(sort=order.column, descending=order.descending, offset=offset, limit=limit)
        return queries.list_runs(self._now(), asked)

    def count(self, selection: Selection) -> int:
        """See ``RunSource``."""
        return queries.count_runs(self._now(), _filter(selection))

    def daily(self, selection: Selection, indicator: str) -> list[Daily]:
        """See ``RunSource``."""
        return queries.daily(self._now(), indicator, _filter(selection))

    def total(self, selection: Selection, indicator: str) -> Sum:
        """See ``RunSource``."""
        return queries.sums(self._now(), indicator, _filter(selection))

    def projects(self, selection: Selection) -> list[ProjectSum]:
        """See ``RunSource``."""
        return queries.by_project(self._now(), _filter(selection))

    def measured_share(self, selection: Selection) -> float | None:
        """See ``RunSource``."""
        return queries.measured_share(self._now(), _filter(selection))

    def document(self, run_id: str) -> Document:
        """See ``RunSource``."""
        return queries.document(self._now(), run_id)

    def timeline(self, run_id: str) -> Timeline:
        """See ``RunSource``."""
        return queries.timeline(self._now(), run_id)

    def factors(self, document: Document) -> list[FactorLine]:
        """See ``RunSource``."""
        region = document.get("region") or {}
        known = _factors_of(str(region.get("zone", "")), str(region.get("given") or ""))
        named = (document.get("provenance") or {}).get("factors") or ()
        return [_line(known[name]) for name in named if name in known]

    def state(self) -> str:
        """See ``RunSource``."""
        return queries.state(self._now())

    def messages(self) -> list[str]:
        """See ``RunSource``."""
        return list(dict.fromkeys(self._now().messages))


def store_source(home: str) -> RunSource:
    """The runs of a home. Raises StoreUnusable where another process holds the store for too long."""
    return StoreSource(home)


def _filter(selection: Selection, today: datetime | None = None) -> RunFilter:
    """A selection as the store takes it. A period is so many days (UTC), today among them."""
    since = None
    if selection.days:
        first = (today or datetime.now(UTC)) - timedelta(days=selection.days - 1)
        since = f"{first:%Y-%m-%d}T00:00:00.000Z"
    return RunFilter(
        project=selection.project or None, status=selection.status or None, text=selection.text, since=since
    )


@functools.lru_cache(maxsize=64)
def _factors_of(zone: str, given: str) -> Mapping[str, Factor]:
    return {row.id: row for row in catalogue.load(zone, given).factors}


@functools.cache
def _sources() -> Mapping[str, SourceRef]:
    return catalogue.sources()


def _line(factor: Factor) -> FactorLine:
    known = _sources()
    sources = tuple(explain.source_words(known[name]) if name in known else name for name in factor.sources)
    return FactorLine(
        factor.id, factor.indicator, factor.zone, factor.year, factor.value, f"{factor.unit}/{factor.per}", sources
    )


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
