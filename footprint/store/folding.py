"""Moves the journals of runs that are in the store into monthly segments, many at once.

In this order, so that a crash at any moment loses nothing: the segment is written and safe on the disk, the
store learns the place, the single file goes. A run that stands in both counts once.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import NamedTuple

from sqlalchemy import select

from footprint import journal
from footprint.store import locks, sealing, segments
from footprint.store.database import Store
from footprint.store.intake import journal_names, note_place, note_size
from footprint.store.segments import Place
from footprint.store.tables import runs

FOLD_FROM = 32
"""Fewer single journals than this are left alone: a sync to the disk for each run would cost more than it saves."""


class _Single(NamedTuple):
    run_id: str
    segment: str
    data: bytes
    is_folded: bool
    offset: int
    """Where it stands in the segment already, after a crash between folding and removing."""


def fold(store: Store, at_least: int = FOLD_FROM) -> int:
    """Fold what is ready, if there are ``at_least`` so many and nobody else is at it; how many runs were moved.

    Where the disk is full or the home read-only, all stays as it is.
    """
    if store.in_memory or len(journal_names(store.home)) < at_least:
        return 0
    try:
        os.makedirs(segments.folder_of(store.home), mode=0o700, exist_ok=True)
        with locks.held(segments.lock_of(store.home), wait=False) as ours:
            return _fold(store, at_least) if ours else 0
    except OSError:
        return 0


def _fold(store: Store, at_least: int) -> int:
    singles = _ready(store)
    if len(singles) < at_least:
        return 0
    months: dict[str, list[_Single]] = {}
    for single in singles:
        months.setdefault(single.segment, []).append(single)
    for name, some in months.items():
        new = [single for single in some if not single.is_folded]
        _fold_month(store, name, new)
        already = sorted((single for single in some if single.is_folded), key=lambda single: single.offset)
        sealing.note_folded(store, name, [single.run_id for single in [*already, *new]])
        for single in some:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(journal.path_of(store.home, single.run_id))
    return len(singles)


def _fold_month(store: Store, name: str, some: list[_Single]) -> None:
    if not some:
        return
    path = os.path.join(segments.folder_of(store.home), name)
    places = segments.append(path, ((single.run_id, single.data) for single in some))
    with store.write() as connection:
        for single, place in zip(some, places, strict=True):
            note_place(connection, single.run_id, name, place)
        note_size(connection, name, os.stat(path).st_size)


def _ready(store: Store) -> list[_Single]:
    """Journals of runs that the store has, and that are just as it knows them."""
    found = []
    for name in journal_names(store.home):
        with store.read() as connection:
            columns = (
                runs.c.started_at,
                runs.c.raw_sha256,
                runs.c.segment,
                runs.c.segment_offset,
                runs.c.segment_length,
            )
            row = connection.execute(select(*columns).where(runs.c.run_id == name)).first()
        if row is None:
            continue
        try:
            with open(journal.path_of(store.home, name), "rb") as file:
                data = file.read()
        except FileNotFoundError:
            continue
        if hashlib.sha256(data).hexdigest() != row.raw_sha256:
            continue  # it is not what was taken in: it stays, for a person to look at
        place = Place(row.segment_offset, row.segment_length) if row.segment else None
        is_folded = place is not None and _stands(store, row.segment, name, place, data)
        found.append(_Single(name, segments.name_for(row.started_at), data, is_folded, place.offset if place else 0))
    return found


def _stands(store: Store, segment: str, run_id: str, place: Place, data: bytes) -> bool:
    """Whether the segment holds the very same journal, after a crash between folding and removing."""
    return segments.read_at(os.path.join(segments.folder_of(store.home), segment), run_id, place) == data
