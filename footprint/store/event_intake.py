"""Takes the events journal into the store: what was deleted, which estimates were saved, where a meter was read."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from footprint.store import events, rollups, saved_estimates, wall_events
from footprint.store.database import Store
from footprint.store.saved_estimates import SavedEstimate, saved_in
from footprint.store.tables import deleted, estimates, meta, run_impacts, run_tags, runs, segments

_EVENTS_SIZE = "events_size"


def take_events(store: Store) -> None:
    """Know of all events, those of other processes too. Raises Damaged, NotWritable."""
    with store.read() as connection:
        seen = _events_seen(connection)
    if events.size(store.home) == seen:
        return
    with store.write() as connection:
        seen = _events_seen(connection)
        if events.size(store.home) < seen:
            seen = 0
        found, _, end = events.read(store.home, seen)
        for event in found:
            _take_saved(store, connection, event)
        drop(connection, _deleted_ids(found))
        forget(connection, {run_id for event in found if (run_id := wall_events.run_in(event)) is not None})
        statement = insert(meta).values(key=_EVENTS_SIZE, value=str(end))
        connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": str(end)}))


def drop(connection: Connection, ids: Iterable[str]) -> None:
    """Take runs and estimates out of all tables for good, and remember that they must not come back."""
    gone = sorted(set(ids))
    keys = rollups.touched(connection, gone)
    for one in gone:
        for table in (runs, run_impacts, run_tags):
            connection.execute(table.delete().where(table.c.run_id == one))
        connection.execute(estimates.delete().where(estimates.c.estimate_id == one))
        connection.execute(insert(deleted).values(run_id=one, purged=0).on_conflict_do_nothing())
    rollups.renew(connection, keys)


def forget(connection: Connection, run_ids: Iterable[str]) -> None:
    """Take runs out, so that they come in anew from their journals: a person typed what a meter counted in them."""
    known = runs.c.run_id.in_(sorted(run_ids))
    rows = connection.execute(select(runs.c.run_id, runs.c.segment).where(known)).all()
    if not rows:
        return
    ids = [row.run_id for row in rows]
    keys = rollups.touched(connection, ids)
    for table in (runs, run_impacts, run_tags):
        connection.execute(table.delete().where(table.c.run_id.in_(ids)))
    again = {row.segment for row in rows if row.segment is not None}
    connection.execute(segments.delete().where(segments.c.name.in_(again)))
    rollups.renew(connection, keys)


def _events_seen(connection: Connection) -> int:
    return int(connection.execute(select(meta.c.value).where(meta.c.key == _EVENTS_SIZE)).scalar() or 0)


def _deleted_ids(found: Iterable[events.Event]) -> list[str]:
    return [str(event["run_id"]) for event in found if event.get("what") == events.DELETED and "run_id" in event]


def _take_saved(store: Store, connection: Connection, event: events.Event) -> None:
    if event.get("what") != saved_estimates.SAVED:
        return
    saved = saved_in(event)
    if saved is None:
        store.say("a saved estimate has a form that this version does not know; it is left where it is")
    elif connection.execute(select(deleted.c.run_id).where(deleted.c.run_id == saved.estimate_id)).first() is None:
        connection.execute(insert(estimates).values(_row(saved)).on_conflict_do_nothing())


def _row(saved: SavedEstimate) -> dict[str, str | None]:
    return {**saved._asdict(), "document": json.dumps(saved.document, separators=(",", ":"))}
