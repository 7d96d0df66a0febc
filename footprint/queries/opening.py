"""Opens the store with all runs in it that are over."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, TypeVar

from footprint import catalogue
from footprint.account.account import account
from footprint.errors import NotPossible
from footprint.factors import Catalogue
from footprint.records.raw import RawRun
from footprint.records.result import Run
from footprint.store import deletion, folding, sealing, upkeep
from footprint.store.database import Store as Store  # noqa: PLC0414 - whoever asks holds one
from footprint.store.database import memory, open_database
from footprint.store.faults import Damaged, NotWritable
from footprint.store.gathered import Gathered
from footprint.store.intake import Derive, Progress, take_in

P = ParamSpec("P")
R = TypeVar("R")


@functools.lru_cache(maxsize=1024)
def _catalogue_of(zone: str, given: str, cpu: str, folder: str | None) -> Catalogue:
    return catalogue.load(zone, given, folder, cpu)


def catalogue_for(raw: RawRun, folder: str | None = None) -> Catalogue:
    """The factors that a run's place and machine need: of this version's catalogue, or of the one in a folder."""
    return _catalogue_of(raw.head.region.zone, raw.head.region.given, raw.head.host.cpu, folder)


def accounted(raw: RawRun, folder: str | None = None) -> Run:
    """A run from its readings and this version's catalogue, or the one in a folder.

    Raises NotPossible where that one has a form with which this version cannot reckon.
    """
    if folder is None:
        return account(raw, catalogue_for(raw))
    try:
        return account(raw, catalogue_for(raw, folder))
    except (LookupError, ValueError, OSError) as fault:
        what, why = f"the catalogue in {folder}", f"this version cannot reckon with it ({fault})"
        raise NotPossible(what, why, "a version of then can") from fault


def _nothing(_runs: int) -> None:
    """No progress is shown."""


def open_store(home: str, derive: Derive = accounted, progress: Progress = _nothing) -> Store:
    """The store of a home, with all its closed and orphaned runs taken in.

    What a person should know (a damaged store set aside, a journal that cannot be read, a home that is read-only)
    is in ``store.messages``. Raises StoreUnusable where another process holds the store for too long.
    """
    store = open_database(home)
    return refresh(store, derive, progress)


@contextmanager
def opened(home: str, derive: Derive = accounted, progress: Progress = _nothing) -> Iterator[Store]:
    """The store of a home as ``open_store`` gives it, closed at the block's end."""
    store = open_store(home, derive, progress)
    try:
        yield store
    finally:
        store.close()


def open_folders(folders: Sequence[str], derive: Derive = accounted, progress: Progress = _nothing) -> Store:
    """The homes of several hosts as one store, in memory; none of them is written.

    Raises UsageError for a folder that is no home, NotPossible for one that cannot be read.
    """
    return refresh(Gathered(folders), derive, progress)


def refresh(store: Store, derive: Derive = accounted, progress: Progress = _nothing) -> Store:
    """Bring an open store up to what has been measured since. Gives the store to ask from now on."""
    generation = store.generation()
    try:
        _bring_in(store, derive, progress)
    except Damaged as fault:
        store.renew(fault.short, generation, lambda fresh: _bring_in(fresh, derive, progress))
        _bring_in(store, derive, progress)
    except NotWritable as fault:
        instead = memory(store.home)
        instead.messages = [*store.messages, f"the store in {store.home} cannot be written ({fault}); made in memory"]
        store.close()
        store = instead
        _bring_in(store, derive, progress)
    return store


def _bring_in(store: Store, derive: Derive, progress: Progress) -> None:
    if isinstance(store, Gathered):
        store.look(derive, progress)
        return
    take_in(store, derive, progress)
    try:
        sealing.catch_up(store)
        deletion.purge(store)
        folding.fold(store)
    except (OSError, NotWritable):  # the runs are all there; the rest is done when the home can be written again
        return


def mended(question: Callable[Concatenate[Store, P], R]) -> Callable[Concatenate[Store, P], R]:
    """A question that is asked again of a new store, where the database turns out to be damaged."""

    @functools.wraps(question)
    def ask(store: Store, /, *args: P.args, **kwargs: P.kwargs) -> R:
        generation = store.generation()
        try:
            answer = question(store, *args, **kwargs)
        except Damaged as fault:
            store.renew(fault.short, generation, lambda fresh: take_in(fresh, accounted))
        else:
            if store.generation() == generation:
                return answer
        return question(store, *args, **kwargs)

    return ask


def rebuild(home: str, derive: Derive = accounted, progress: Progress = _nothing) -> tuple[int, list[str]]:
    """Make the store anew from the journals: (how many runs it has, messages).

    Raises NotPossible where the home cannot be written.
    """
    store = open_database(home)
    try:
        try:
            count = upkeep.rebuild(store, derive, progress)
        except Damaged as fault:
            store.renew(fault.short, store.generation())
            count = upkeep.rebuild(store, derive, progress)
    except (OSError, NotWritable) as fault:
        raise NotPossible("the store cannot be rebuilt", str(fault), "make the home writable and try again") from None
    finally:
        store.close()
    return count, store.messages


def store_differences(
    home: str, derive: Derive = accounted, progress: Progress = _nothing
) -> tuple[list[str], list[str]]:
    """(what the store says otherwise than the journals, messages), after taking in what is new."""
    store = open_store(home, derive)
    found = upkeep.differences(store, derive, progress)
    store.close()
    return found, store.messages
