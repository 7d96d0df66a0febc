"""Rebuilds the store from the journals, and checks that it is what they say."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from footprint.errors import NotPossible
from footprint.store import examining, locks, sealing, segments
from footprint.store.database import Store, memory
from footprint.store.intake import Derive, Progress, take_in
from footprint.store.tables import deleted, estimates, metadata, rollups, run_impacts, run_tags, runs

_POINTERS = frozenset({"segment", "segment_offset", "segment_length"})
"""Where readings stand: it may change without a run changing."""
_COMPARED = (runs, run_impacts, run_tags, rollups, estimates)
_AT_ONCE = 500


def rebuild(store: Store, derive: Derive, progress: Progress = lambda _runs: None) -> int:
    """Make all rows anew from journals, segments and events; how many runs there are. Whole or not at all.

    Raises NotPossible where the home cannot be written, Damaged where the old database cannot be emptied.
    """
    if store.in_memory:
        raise NotPossible("the store cannot be rebuilt", f"the home {store.home} cannot be written", "make it writable")
    os.makedirs(segments.folder_of(store.home), mode=0o700, exist_ok=True)
    with locks.held(segments.lock_of(store.home)):
        with store.read() as connection:
            place = sealing.remembered(connection)
        sealing.note_restarted(store, place)
        fresh = _from_journals(store, derive, progress)
        with fresh.read() as source, store.write() as target:
            for table in metadata.sorted_tables:
                target.execute(table.delete())
                _copy(table, source, target)
        fresh.close()
    take_in(store, derive)
    sealing.catch_up(store)
    sealing.bind_all(store)
    with store.read() as connection:
        return len(connection.execute(select(runs.c.run_id)).all())


def differences(store: Store, derive: Derive, progress: Progress = lambda _runs: None) -> list[str]:
    """What the store says otherwise than the journals, and the journals than the chain; empty where they agree."""
    fresh = _from_journals(store, derive, progress)
    found: list[str] = []
    with fresh.read() as theirs, store.read() as ours:
        for table in _COMPARED:
            found += _compared(table, _rows(table, ours), _rows(table, theirs))
        gone = set(ours.execute(select(deleted.c.run_id)).scalars())
        found += [
            f"run {run_id}: deleted, and the store does not know it"
            for run_id in theirs.execute(select(deleted.c.run_id)).scalars()
            if run_id not in gone
        ]
    fresh.close()
    examined = examining.examine(store)
    return [*found, *examined.faults, *examining.faults_of_segments(store, examined)]


def all_rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All rows by table, in the order of their keys, but for where readings stand."""
    with store.read() as connection:
        return {table.name: list(_rows(table, connection).values()) for table in _COMPARED}


def _from_journals(store: Store, derive: Derive, progress: Progress) -> Store:
    fresh = memory(store.home)
    take_in(fresh, derive, progress)
    store.messages += [message for message in fresh.messages if message not in store.messages]
    return fresh


def _copy(table: Table, source: Connection, target: Connection) -> None:
    rows = source.execute(select(table)).mappings()
    for some in rows.partitions(_AT_ONCE):
        target.execute(insert(table), [dict(row) for row in some])


def _rows(table: Table, connection: Connection) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    columns = [column for column in table.c if column.name not in _POINTERS]
    keys = [column.name for column in table.primary_key]
    found = connection.execute(select(*columns).order_by(*table.primary_key)).mappings()
    return {tuple(row[key] for key in keys): tuple(row.values()) for row in found}


def _compared(
    table: Table, ours: dict[tuple[Any, ...], tuple[Any, ...]], theirs: dict[tuple[Any, ...], tuple[Any, ...]]
) -> Iterator[str]:
    names = [column.name for column in table.c if column.name not in _POINTERS]
    for key in sorted(ours.keys() | theirs.keys()):
        what = f"{table.name} {' '.join(str(part) for part in key if part != '')}"
        if key not in theirs:
            yield f"{what}: in the store, and in no journal"
        elif key not in ours:
            yield f"{what}: in a journal, and not in the store"
        elif ours[key] != theirs[key]:
            pairs = zip(names, ours[key], theirs[key], strict=True)
            unlike = {name: (mine, its) for name, mine, its in pairs if mine != its}
            reason = _by_catalogue(*unlike["document"]) if "document" in unlike else ""
            yield f"{what}: {', '.join(unlike)} unlike what the journals say{reason}"


def _by_catalogue(mine: str, its: str) -> str:
    """The plain reason, where there is one: figures were made with another catalogue of factors."""
    before, now = (json.loads(text)["provenance"]["catalogue"] for text in (mine, its))
    return "" if before == now else f" (made with catalogue {before}; this program has {now})"
