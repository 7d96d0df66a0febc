"""Takes runs into the store: from the journals that are closed or orphaned, and from segments.

It may be done by many processes at once: a run that is there already stays as it is. One journal that cannot
be read holds up no other.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert

from footprint import journal
from footprint.errors import FootprintError, NotPossible
from footprint.records.raw import RawRun
from footprint.records.result import Run
from footprint.store import catalogues, rollups, sealing, segments, version_events, wall_events
from footprint.store.database import Store
from footprint.store.event_intake import take_events
from footprint.store.rows import Rows, rows_of, rows_of_document
from footprint.store.sealing import Seal
from footprint.store.segments import Place
from footprint.store.tables import deleted, run_impacts, run_tags, runs
from footprint.store.tables import segments as segment_table
from footprint.targets import Pinned

Derive = Callable[..., Run]
"""A run from its readings; a second argument names the folder of the catalogue, where it is not this program's."""
Progress = Callable[[int], None]
_AT_ONCE = 64
_YOUNG_S = 60.0
"""A journal that cannot be read may still be in the making: younger ones are let be."""


class Candidate(NamedTuple):
    """A run that is ready for the store."""

    rows: Rows
    segment: str | None = None
    place: Place | None = None


class NewForm(Exception):  # noqa: N818 - a state of a journal, not a fault of ours
    """A journal that is whole, and of a form that this version does not know."""


def take_in(store: Store, derive: Derive, progress: Progress = lambda _runs: None) -> None:
    """Bring the store up to what the home's journals say. ``progress`` is told how many runs are done.

    Runs that are still being measured are put into ``store.live``. What cannot be read is said in
    ``store.messages``. Raises Damaged, NotWritable.
    """
    sealing.take_chain(store)
    take_events(store)
    _take_segments(store, derive, progress)
    _take_journals(store, derive, progress)


def journal_names(home: str) -> list[str]:
    """Ids of runs that have a journal of their own."""
    try:
        found = os.listdir(os.path.join(home, journal.FOLDER))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(name.removesuffix(journal.SUFFIX) for name in found if name.endswith(journal.SUFFIX))


def _take_segments(store: Store, derive: Derive, progress: Progress) -> None:
    """Runs of segments that have grown since they were last looked at."""
    with store.read() as connection:
        known = {row.name: row.size for row in connection.execute(select(segment_table))}
    for name in segments.names(store.home):
        path = os.path.join(segments.folder_of(store.home), name)
        try:
            size = os.stat(path).st_size
        except FileNotFoundError:
            continue
        start = known.get(name, 0)
        if size == start:
            continue
        found = segments.records(path, start if size > start else 0)
        for some in _batches(_from_segment(store, name, found, derive)):
            put(store, some)
            progress(len(some))
        with store.write() as connection:
            note_size(connection, name, size)


def _from_segment(
    store: Store, name: str, found: Iterable[segments.Record], derive: Derive
) -> Iterator[Candidate]:  # fmt: skip
    """Runs of a segment as rows; those that the store knows are not accounted for again."""
    for record in found:
        with store.read() as connection:
            columns = (runs.c.segment, runs.c.segment_offset)
            row = connection.execute(select(*columns).where(runs.c.run_id == record.run_id)).first()
            gone = connection.execute(select(deleted.c.run_id).where(deleted.c.run_id == record.run_id)).first()
        if gone is not None:
            continue
        if row is not None:
            if (row.segment, row.segment_offset) != (name, record.place.offset):
                with store.write() as connection:
                    note_place(connection, record.run_id, name, record.place)
            continue
        try:
            raw = parsed(record.data)
        except (journal.Unreadable, NewForm) as fault:
            store.say(f"run {record.run_id} in {name} cannot be read: {fault}; it is left where it is")
            continue
        rows = _accounted(store, raw, record.data, derive, sealing.seals_of(store, [record.run_id]).get(record.run_id))
        if rows is not None:
            yield Candidate(rows, name, record.place)


def note_size(connection: Connection, name: str, size: int) -> None:
    """Remember how far a segment has been taken in."""
    statement = insert(segment_table).values(name=name, size=size)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"size": size}))


def note_place(connection: Connection, run_id: str, name: str, place: Place) -> None:
    """Remember where a run's journal stands."""
    connection.execute(
        update(runs)
        .where(runs.c.run_id == run_id)
        .values(segment=name, segment_offset=place.offset, segment_length=place.length)
    )


def _take_journals(store: Store, derive: Derive, progress: Progress) -> None:
    """Runs that have a journal of their own, and are over."""
    names = journal_names(store.home)
    new = _unknown(store, names)
    live: dict[str, Run] = {}
    for some in _batches(_from_journals(store, new, derive, live)):
        put(store, some)
        progress(len(some))
    store.live = live


def _unknown(store: Store, names: list[str]) -> list[str]:
    """Those that are neither in the store nor deleted."""
    known: set[str] = set()
    with store.read() as connection:
        for start in range(0, len(names), 500):
            some = names[start : start + 500]
            known.update(connection.execute(select(runs.c.run_id).where(runs.c.run_id.in_(some))).scalars())
            known.update(connection.execute(select(deleted.c.run_id).where(deleted.c.run_id.in_(some))).scalars())
    return [name for name in names if name not in known]


def _from_journals(
    store: Store, names: list[str], derive: Derive, live: dict[str, Run]
) -> Iterator[Candidate]:  # fmt: skip
    seals = sealing.seals_of(store, names)
    for name in names:
        path = journal.path_of(store.home, name)
        is_live = journal.is_live(path)
        try:
            with open(path, "rb") as file:
                data = file.read()
            raw = parsed(data, live=is_live)
        except FileNotFoundError:
            continue  # another process has folded it, or deleted it
        except NewForm as fault:
            store.say(f"the journal {path} cannot be read: {fault}; it is left where it is")
            continue
        except OSError as fault:
            store.say(f"the journal {path} cannot be read: {fault.strerror}; make it readable")
            continue
        except journal.Unreadable as fault:
            if not is_live:
                _put_aside(store, path, str(fault))
            continue
        if raw.head.run_id != name:
            _put_aside(store, path, f"it holds the run {raw.head.run_id}")
            continue
        rows = None if raw.end is None and is_live else _accounted(store, raw, data, derive, seals.get(name))
        if rows is not None:
            yield Candidate(rows)
        elif raw.end is None and is_live:
            _show_live(store, raw, derive, live)


def parsed(data: bytes, *, live: bool = False) -> RawRun:
    """A run from its journal. Raises Unreadable where there is none, NewForm where we do not know its form."""
    try:
        return journal.parse(data, live=live)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as fault:
        # The checksums are right, so a program wrote it like this on purpose.
        raise NewForm(f"it has a form that this version does not know ({type(fault).__name__}: {fault})") from fault


def _show_live(store: Store, raw: RawRun, derive: Derive, live: dict[str, Run]) -> None:
    run = _derived(store, raw, derive)
    if run is not None:
        live[run.run_id] = run


def _put_aside(store: Store, path: str, why: str) -> None:
    """Rename a journal that holds no run, so that it is told of once. It is never deleted."""
    try:
        if time.time() - os.stat(path).st_mtime < _YOUNG_S:
            return
        if store.in_memory:  # the home is not ours to write: it stays where it is
            store.say(f"the journal {path} cannot be read: {why}; it is left where it is, and the others are shown")
            return
        target = path + ".unreadable"
        if not os.path.lexists(target):
            os.rename(path, target)
            path = target
    except OSError:  # a home that is read-only: it stays where it is
        pass
    store.say(f"a journal cannot be read: {why}; it is kept as {path}, and the others are shown")


def _accounted(store: Store, raw: RawRun, data: bytes, derive: Derive, seal: Seal | None) -> Rows | None:
    """A run's rows: as they were last made anew, else from its readings with the catalogue that they were made with."""
    run_id, hash_ = raw.head.run_id, hashlib.sha256(data).hexdigest()
    kept = version_events.standing(store.home, run_id)
    if seal is not None and seal.readings != hash_:
        store.say(sealing.other_readings(run_id))
    if kept is not None and not kept.is_overtaken:
        try:
            return rows_of_document(kept.document, kept.sensor, hash_)
        except (KeyError, TypeError, ValueError) as fault:
            store.say(f"version {kept.number} of run {run_id} cannot be read ({fault}); its figures are made anew")
    before = kept or seal
    pinned = None if before is None else Pinned(before.catalogue, before.catalogue_sha256)
    run = _derived(store, raw, derive, pinned)
    if run is not None and kept is not None:
        run = run._replace(provenance=run.provenance._replace(recomputed=version_events.mark(kept)))
    return None if run is None else rows_of(run, raw, data)


def _derived(store: Store, raw: RawRun, derive: Derive, pinned: Pinned | None = None) -> Run | None:
    """The run, by the catalogue that it is pinned to where that is kept and can be read."""
    folder = None if pinned is None else catalogues.folder_of(store.home, pinned)
    try:
        raw = wall_events.applied(store.home, raw)
        if folder is not None:
            with contextlib.suppress(NotPossible):  # its form is too old for this version: that is said below
                return derive(raw, folder)
        return _by(store, pinned, derive(raw))
    except FootprintError as fault:
        why = str(fault)
    except Exception as fault:  # noqa: BLE001 - one run that cannot be accounted for must not hide the others
        why = f"{type(fault).__name__}: {fault}"
    store.say(f"run {raw.head.run_id} cannot be accounted for: {why}; its readings are kept")
    return None


def _by(store: Store, pinned: Pinned | None, run: Run) -> Run:
    """The run; where it was not made with the catalogue that it is pinned to, that is said."""
    if pinned is not None and run.provenance.catalogue_sha256 != pinned.sha256:
        store.say(
            f"the catalogue {catalogues.label(pinned)} is not kept here, or too old for this version: what was made "
            f"with it is made anew with {run.provenance.catalogue}"
        )
    return run


def _batches(candidates: Iterator[Candidate]) -> Iterator[list[Candidate]]:
    some: list[Candidate] = []
    for candidate in candidates:
        some.append(candidate)
        if len(some) >= _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def put(store: Store, candidates: list[Candidate]) -> int:
    """Put runs into the store in one transaction; those that are there, or were deleted, are passed over.

    Each is sealed before: there is no row without its link in the chain.
    """
    _seal(store, candidates)
    with store.write() as connection:
        new = [candidate for candidate in candidates if _insert(connection, candidate)]
        ids = [candidate.rows.run["run_id"] for candidate in new]
        rollups.renew(connection, rollups.touched(connection, ids))
    return len(new)


def _seal(store: Store, candidates: list[Candidate]) -> None:
    """Bind runs into the chain, and see to it that the catalogue they were made with is kept."""
    if store.in_memory:
        return
    seals = sealing.seals_of_rows(store, (candidate.rows.run for candidate in candidates))
    if any(seal.catalogue_sha256 == catalogues.current().sha256 for seal in seals):
        with contextlib.suppress(OSError):  # the runs are taken in all the same
            catalogues.keep(store.home)
    sealing.bind(store, seals)


def _insert(connection: Connection, candidate: Candidate) -> bool:
    row = dict(candidate.rows.run)
    run_id = row["run_id"]
    if connection.execute(select(deleted.c.run_id).where(deleted.c.run_id == run_id)).first() is not None:
        return False
    if candidate.place is not None:
        row |= {
            "segment": candidate.segment,
            "segment_offset": candidate.place.offset,
            "segment_length": candidate.place.length,
        }
    if connection.execute(insert(runs).values(row).on_conflict_do_nothing()).rowcount != 1:
        return False
    for table, more in ((run_impacts, candidate.rows.impacts), (run_tags, candidate.rows.tags)):
        if more:
            connection.execute(insert(table).on_conflict_do_nothing(), more)
    return True
