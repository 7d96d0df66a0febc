"""A run's raw readings, wherever its journal stands now."""

from __future__ import annotations

import os

from sqlalchemy import select

from footprint import journal
from footprint.errors import NotPossible
from footprint.records.raw import RawRun
from footprint.store import segments, wall_events
from footprint.store.database import Store
from footprint.store.intake import NewForm, parsed
from footprint.store.segments import Place
from footprint.store.tables import runs


def raw_run(store: Store, run_id: str) -> RawRun:
    """What was measured in a run, and read from a meter. Raises NotPossible where that is gone or cannot be read."""
    home = store.home_of(run_id)
    is_live = journal.is_live(journal.path_of(home, run_id))
    data = journal_of(store, run_id)
    if data is None:
        raise NotPossible(f"the readings of run {run_id} cannot be had", "its journal is gone", "footprint store check")
    try:
        return wall_events.applied(home, parsed(data, live=is_live))
    except (journal.Unreadable, NewForm) as fault:
        raise NotPossible(f"the readings of run {run_id} cannot be had", str(fault), "footprint store check") from None


def journal_of(store: Store, run_id: str) -> bytes | None:
    """A run's journal, byte by byte; None where it is gone. By the place that the store knows, the single file, and a
    search: another process may just be moving it.
    """
    home = store.home_of(run_id)
    with store.read() as connection:
        columns = (runs.c.segment, runs.c.segment_offset, runs.c.segment_length)
        row = connection.execute(select(*columns).where(runs.c.run_id == run_id)).first()
    if row is not None and row.segment is not None:
        segment = os.path.join(segments.folder_of(home), row.segment)
        found = segments.read_at(segment, run_id, Place(row.segment_offset, row.segment_length))
        if found is not None:
            return found
    try:
        with open(journal.path_of(home, run_id), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return segments.find(home, run_id)
