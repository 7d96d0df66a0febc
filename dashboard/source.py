"""What the pages need to know, asked of one seam. ``store_source`` answers from the store; tests have their own."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypeVar

from footprint import catalogue, explain, queries
from footprint.dashboard.memory import Unchanged
from footprint.dashboard.selection import Order, Selection
from footprint.factors import Factor, SourceRef
from footprint.interval import Interval
from footprint.own_factors import known_factors, known_sources
from footprint.queries import CurvePoint, Daily, EnergyShares, ProjectSum, RunFilter, RunRow, Store, Sum
from footprint.queries.narrowed import what_narrows
from footprint.records.document import own_factors_from
from footprint.targets import Standing, Target

Document = Mapping[str, Any]
"""A run as ``footprint.run/1``."""
Timeline = list[tuple[float, dict[str, float | None]]]
"""(seconds since the run's start, power in W by channel; None: no reading)."""
Answer = TypeVar("Answer")
GUESSED = ("timezone", "unknown")
"""Ways to a region that are no more than a guess."""
MOST_DAYS = 120
"""More days than this are summed by month: their bars could not be told apart."""
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


class Derived(NamedTuple):
    """How a figure of a run was made."""

    steps: list[Mapping[str, Any]]
    """As in ``footprint.explain/1``."""
    spread: list[tuple[str, float]]
    """(what, its share of the spread), the largest first."""
    sources: dict[str, str]
    """Title, publisher, year and licence by id, in the order in which the steps use them."""
    missing: str = ""
    note: str = ""
    next_steps: tuple[str, ...] = ()
    """What would narrow its range most, and which of its factors are old: a sentence each."""


class TargetFacts(NamedTuple):
    """Where a target stands, and what its figures rest on."""

    standing: Standing
    shares: EnergyShares
    """Of the energy of its runs."""


class TargetCourse(NamedTuple):
    """A target's use, added up from the first day of its period."""

    used: list[CurvePoint]
    ahead: list[CurvePoint]
    """From today to the last day; empty where it cannot be told."""


class RunSource(Protocol):
    """Questions that the pages ask. Each may raise ``FootprintError``."""

    def runs(self, selection: Selection, order: Order, offset: int, limit: int) -> list[RunRow]:
        """The runs of a selection, from ``offset`` on."""
        ...

    def count(self, selection: Selection) -> int:
        """How many runs a selection has."""
        ...

    def totals(self, selection: Selection, indicators: tuple[str, ...]) -> dict[str, Sum]:
        """The sums of ``job_kwh`` (kWh) and of indicators, each in its own unit."""
        ...

    def over_time(self, selection: Selection, indicator: str) -> list[Daily]:
        """The sums of one of them by day, or by month where there are more than ``MOST_DAYS`` days; oldest first."""
        ...

    def projects(self, selection: Selection) -> list[ProjectSum]:
        """Energy (kWh) by project, the largest first."""
        ...

    def shares(self, selection: Selection) -> EnergyShares:
        """How much of the energy was measured, and how much of it was used in regions that are a guess."""
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

    def derived(self, run_id: str, key: str) -> Derived:
        """Every step from a run's readings to an indicator, or to its energy (``job_kwh``)."""
        ...

    def targets(self) -> list[TargetFacts]:
        """All targets, and where they stand today."""
        ...

    def course(self, target: Target) -> TargetCourse:
        """A target's use so far and ahead."""
        ...

    def state(self) -> str:
        """A word that changes whenever a run comes, ends or goes."""
        ...

    def messages(self) -> list[str]:
        """What a reader should know of the store: set aside, in memory, a journal that cannot be read."""
        ...


class StoreSource:
    """Answers from an open store, with all runs that have ended by now."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._store = store
        self._looked_at = clock()
        self._unchanged = Unchanged()

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
        return self._of_all("count", selection, queries.count_runs)

    def totals(self, selection: Selection, indicators: tuple[str, ...]) -> dict[str, Sum]:
        """See ``RunSource``."""
        return self._of_all(indicators, selection, lambda store, asked: queries.totals(store, indicators, asked))

    def over_time(self, selection: Selection, indicator: str) -> list[Daily]:
        """See ``RunSource``."""
        return self._of_all(
            indicator, selection, lambda store, asked: queries.over_time(store, indicator, asked, MOST_DAYS)
        )

    def projects(self, selection: Selection) -> list[ProjectSum]:
        """See ``RunSource``."""
        return self._of_all("projects", selection, queries.by_project)

    def shares(self, selection: Selection) -> EnergyShares:
        """See ``RunSource``."""
        return self._of_all("shares", selection, lambda store, asked: queries.energy_shares(store, asked, GUESSED))

    def _of_all(self, what: object, selection: Selection, ask: Callable[[Store, RunFilter], Answer]) -> Answer:
        """A figure of all runs of a selection: had once for as long as there are the same runs."""
        store, asked = self._now(), _filter(selection)
        return self._unchanged.ask(queries.state(store), (what, str(asked)), lambda: ask(store, asked))

    def document(self, run_id: str) -> Document:
        """See ``RunSource``."""
        return queries.document(self._now(), run_id)

    def timeline(self, run_id: str) -> Timeline:
        """See ``RunSource``."""
        return queries.timeline(self._now(), run_id)

    def factors(self, document: Document) -> list[FactorLine]:
        """See ``RunSource``."""
        region = document.get("region") or {}
        cpu = str((document.get("host") or {}).get("cpu") or "")
        folder = queries.folder_of_figures(self._now(), str(document.get("run_id")))
        known = _factors_of(str(region.get("zone", "")), str(region.get("given") or ""), cpu, folder)
        made_by = document.get("provenance") or {}
        own = own_factors_from(made_by.get("own_factors"))
        mine, theirs = ({}, {}) if own is None else (known_factors(own), known_sources(own))
        found = {**known, **mine}
        sources = {**_sources(folder), **theirs}
        return [_line(found[name], sources) for name in made_by.get("factors") or () if name in found]

    def derived(self, run_id: str, key: str) -> Derived:
        """See ``RunSource``."""
        store = self._now()
        run = queries.accounted_run(store, run_id)
        stated = queries.document(store, run_id)["provenance"]["catalogue_sha256"]
        of_today = stated == run.provenance.catalogue_sha256
        folder = queries.folder_of_figures(store, run_id) if of_today else None
        rows = _factors_of(run.region.zone, run.region.given, run.host.cpu, folder).values()
        known = explain.known_of(run, rows, _sources(folder), run.region.zone)
        steps: tuple[str, ...] = ()
        if key in run.impacts:
            known = known._replace(narrow=what_narrows(store, run))
            found = explain.document(run, known, key)
            steps = tuple(filter(None, (*explain.narrow_lines(run, known, key), explain.aged_line(run, known, key))))
        else:
            found = {"steps": explain.step_documents(explain.energy_steps(run, known), known), "spread": []}
        derived = _derived(found, known.sources, of_today=of_today)
        return derived._replace(next_steps=steps)

    def targets(self) -> list[TargetFacts]:
        """See ``RunSource``."""
        store = self._now()
        return [_target_facts(store, one) for one in queries.target_standings(store)]

    def course(self, target: Target) -> TargetCourse:
        """See ``RunSource``."""
        store = self._now()
        return TargetCourse(queries.target_curve(store, target), queries.target_forecast(store, target))

    def state(self) -> str:
        """See ``RunSource``."""
        return queries.state(self._now())

    def messages(self) -> list[str]:
        """See ``RunSource``."""
        return list(dict.fromkeys(self._now().messages))


def store_source(home: str) -> RunSource:
    """The runs of a home. Raises StoreUnusable where another process holds the store for too long."""
    return StoreSource(queries.open_store(home))


def folders_source(folders: Sequence[str]) -> RunSource:
    """The runs of several homes, none of which is written. Raises UsageError, NotPossible."""
    return StoreSource(queries.open_folders(folders))


def _filter(selection: Selection, today: datetime | None = None) -> RunFilter:
    """A selection as the store takes it. A period is so many days (UTC), today among them."""
    since = None
    if selection.days:
        first = (today or datetime.now(UTC)) - timedelta(days=selection.days - 1)
        since = f"{first:%Y-%m-%d}T00:00:00.000Z"
    return RunFilter(
        project=selection.project or None, status=selection.status or None, text=selection.text, since=since
    )


def _derived(found: Mapping[str, Any], sources: Mapping[str, SourceRef], *, of_today: bool) -> Derived:
    steps = found["steps"]
    used = dict.fromkeys(str(name) for step in steps for name in step.get("sources") or ())
    words = {name: explain.source_words(sources[name]) if name in sources else name for name in used}
    spread = [(explain.input_words(one["input"]), float(one["share"])) for one in found["spread"]]
    note = "" if of_today else "The stored figures were made with another catalogue; these are made anew with today's."
    return Derived(steps, spread, words, str(found.get("missing", "")), note)


def _target_facts(store: Store, standing: Standing) -> TargetFacts:
    scope = standing.target.scope
    asked = RunFilter(
        project=scope.name if scope.kind == "project" else None,
        team=scope.name if scope.kind == "team" else None,
        since=f"{standing.first_day}T00:00:00.000Z",
    )
    return TargetFacts(standing, queries.energy_shares(store, asked, GUESSED))


@functools.lru_cache(maxsize=64)
def _factors_of(zone: str, given: str, cpu: str, folder: str | None) -> Mapping[str, Factor]:
    return {row.id: row for row in catalogue.load(zone, given, folder, cpu).factors}


@functools.cache
def _sources(folder: str | None) -> Mapping[str, SourceRef]:
    return catalogue.sources(folder)


def _line(factor: Factor, known: Mapping[str, SourceRef]) -> FactorLine:
    sources = tuple(explain.source_words(known[name]) if name in known else name for name in factor.sources)
    return FactorLine(
        factor.id, factor.indicator, factor.zone, factor.year, factor.value, f"{factor.unit}/{factor.per}", sources
    )
