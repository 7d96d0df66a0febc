"""Deletes runs and saved estimates for good: rows, readings, and the chance to come back.

What is left is the id in the events journal, and hashes in the chain of records: so a rebuilt store or a copied
journal does not bring it back, and nobody mistakes it for a run that was lost.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterable

from sqlalchemy import select, update

from footprint import journal
from footprint.errors import NotPossible
from footprint.store import aside, events, locks, saved_estimates, sealing, segments, version_events, wall_events
from footprint.store.database import Store, path_of
from footprint.store.event_intake import drop
from footprint.store.faults import NotWritable
from footprint.store.intake import note_place, note_size
from footprint.store.tables import deleted, runs


def delete(store: Store, kept_ids: Iterable[str]) -> None:
    """Delete runs and saved estimates. Raises NotPossible for a run that is still being measured, or where the home
    cannot be written.
    """
    ids = sorted(set(kept_ids))
    live = [run_id for run_id in ids if run_id in store.live]
    if live:
        raise NotPossible(
            f"run {live[0]} cannot be deleted", "it is still being measured", "wait for its end, or stop it"
        )
    if store.in_memory:
        raise NotPossible("nothing can be deleted", f"the home {store.home} cannot be written", "make it writable")
    try:
        events.append(store.home, ({"what": events.DELETED, "run_id": run_id} for run_id in ids))
        with store.write() as connection:
            drop(connection, ids)
        purge(store)
        store.forget_pages()
        store.messages += [
            f"{path} was set aside and may still hold deleted runs; remove it when you need it no more"
            for path in aside.all_aside(path_of(store.home))
        ]
    except NotWritable as fault:
        raise NotPossible("the deletion is not complete", str(fault), "mend that and try again") from None
    except OSError as fault:
        raise NotPossible(
            "the deletion is not complete", fault.strerror or str(fault), "mend that and try again"
        ) from None


def purge(store: Store) -> None:
    """Remove what is still there of deleted runs and estimates: after a crash, too. OSError where that fails."""
    if store.in_memory:
        return
    with store.read() as connection:
        ids = connection.execute(select(deleted.c.run_id).where(deleted.c.purged == 0)).scalars().all()
    if not ids:
        return
    os.makedirs(segments.folder_of(store.home), mode=0o700, exist_ok=True)
    with locks.held(segments.lock_of(store.home)):
        for run_id in ids:
            for path in _files(store.home, run_id):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
        for name in segments.names(store.home):
            _purge_segment(store, name, frozenset(ids))
        _blot_out_events(store.home, frozenset(ids))
        sealing.note_deleted(store, ids)
        with store.write() as connection:
            for run_id in ids:
                connection.execute(update(deleted).where(deleted.c.run_id == run_id).values(purged=1))


def _files(home: str, run_id: str) -> tuple[str, str]:
    path = journal.path_of(home, run_id)
    return path, path + ".unreadable"


def _blot_out_events(home: str, ids: frozenset[str]) -> None:
    def is_gone(event: events.Event) -> bool:
        saved = saved_estimates.saved_in(event)
        of_run = wall_events.is_of(event, ids) or version_events.is_of(event, ids)
        return of_run or (saved is not None and saved.estimate_id in ids)

    events.blot_out(home, is_gone)


def _purge_segment(store: Store, name: str, ids: Collection[str]) -> None:
    path = os.path.join(segments.folder_of(store.home), name)
    places = segments.remove(path, ids)
    if places is None:
        return
    with store.write() as connection:
        for run_id, place in places.items():
            note_place(connection, run_id, name, place)
        connection.execute(
            update(runs).where(runs.c.segment == name, runs.c.run_id.not_in(places)).values(segment=None)
        )
        note_size(connection, name, os.stat(path).st_size if places else 0)
