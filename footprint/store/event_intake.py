"""Takes the events journal into the store: what was deleted, which estimates were saved, where a meter was read, and
which figures were made anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects.sqlite import insert

from footprint.store import events, rollups, saved_estimates, sealing, version_events, wall_events
from footprint.store.database import Store
from footprint.store.rows import rows_of_document, text_of
from footprint.store.saved_estimates import SavedEstimate, saved_in
from footprint.store.tables import EVENTS_SIZE, deleted, estimates, meta, run_impacts, run_tags, runs, segments
from footprint.store.version_events import Version


def take_events(store: Store) -> None:
    """Know of all events, those of other processes too. Raises Damaged, NotWritable."""
    with store.read() as connection:
        seen = _events_seen(connection)
    if events.size(store.home) == seen:
        return
    _seal_versions(store, seen)
    with store.write() as connection:
        seen = _events_seen(connection)
        if events.size(store.home) < seen:
            seen = 0
        found, _, end = events.read(store.home, seen)
        for event in found:
            _take_saved(store, connection, event)
        for version in version_events.versions_in(found):
            _take_version(store, connection, version)
        drop(connection, _deleted_ids(found))
        forget(connection, {run_id for event in found if (run_id := wall_events.run_in(event)) is not None})
        statement = insert(meta).values(key=EVENTS_SIZE, value=str(end))
        connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": str(end)}))


def _seal_versions(store: Store, seen: int) -> None:
    """Bind figures that were made anew into the chain, before they come into the rows."""
    if store.in_memory:
        return
    found, _, _ = events.read(store.home, seen if events.size(store.home) >= seen else 0)
    made = [version for version in version_events.versions_in(found) if _stands(store, version)]
    with store.read() as connection:
        gone = _among(connection, deleted, made)
    sealing.bind(store, [_seal_of(version) for version in made if version.run_id not in gone])


def _stands(store: Store, version: Version) -> bool:
    """Whether it is the newest that is known of its run: not the first, and no second one of its number."""
    return version.number > 1 and version_events.standing(store.home, version.run_id) == version


def _seal_of(version: Version) -> sealing.Seal:
    return sealing.Seal(
        version.run_id, version.number, version.readings, sealing.text_hash(text_of(version.document)),
        version.catalogue, version.catalogue_sha256, version.footprint, version.wall,
    )  # fmt: skip


def _among(connection: Connection, table: Table, made: Iterable[Version]) -> set[str]:
    ids = sorted({version.run_id for version in made})
    return set(connection.execute(select(table.c.run_id).where(table.c.run_id.in_(ids))).scalars())


def _take_version(store: Store, connection: Connection, version: Version) -> None:
    """Write a run's rows anew from the version that stands now. One that is not taken in yet comes with it later."""
    if not _stands(store, version):
        return
    columns = ("raw_sha256", "segment", "segment_offset", "segment_length")
    row = connection.execute(select(*(runs.c[name] for name in columns)).where(runs.c.run_id == version.run_id)).first()
    if row is None:
        return
    try:
        rows = rows_of_document(version.document, version.sensor, row.raw_sha256)
    except (KeyError, TypeError, ValueError) as fault:
        store.say(f"version {version.number} of run {version.run_id} cannot be read ({fault}); the one before it stays")
        return
    keys = rollups.touched(connection, [version.run_id])
    for table in (runs, run_impacts, run_tags):
        connection.execute(table.delete().where(table.c.run_id == version.run_id))
    connection.execute(insert(runs).values(rows.run | row._asdict()))
    for table, more in ((run_impacts, rows.impacts), (run_tags, rows.tags)):
        if more:
            connection.execute(insert(table), more)
    rollups.renew(connection, keys | rollups.touched(connection, [version.run_id]))


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
    return int(connection.execute(select(meta.c.value).where(meta.c.key == EVENTS_SIZE)).scalar() or 0)


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
