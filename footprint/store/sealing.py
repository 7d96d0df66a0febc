"""Binds runs into the chain of records as they are taken in, folded and deleted, and knows what was bound.

A run is sealed before its rows are written, so that each row has its link. What differs from the seal without a cause
that somebody stated (a reading at the wall, another catalogue, program or version) is never sealed again: ``verify``
tells of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.sqlite import insert

from footprint.store import chain, locks, segments, version_events, wall_events
from footprint.store.database import Store
from footprint.store.tables import meta, runs, seals
from footprint.version import VERSION

_SIZE, _HEAD, _WHOLE = "chain_size", "chain_head", "chain_whole"
_CAUSES = ("version", "catalogue_sha256", "footprint", "wall")
_AT_ONCE = 500


class Seal(NamedTuple):
    """What the chain says of a run: hashes, and what its figures were made with."""

    run_id: str
    version: int
    readings: str
    """SHA-256 of the journal's bytes."""
    document: str
    """SHA-256 of the document as the store keeps it."""
    catalogue: str
    catalogue_sha256: str
    footprint: str
    """Version of the program that made the figures."""
    wall: str
    """Of the reading at the wall that was typed after the run (``wall_events.mark``)."""


class Place(NamedTuple):
    """How far the chain has been taken in: bytes, and the hash there."""

    size: int
    head: str


def text_hash(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def seal_in(content: chain.Content) -> Seal | None:
    """The seal that a link holds; None where it holds none that this version knows."""
    if content.get("what") != chain.SEALED or not isinstance(content.get("version"), int):
        return None
    told = [content.get(name) for name in Seal._fields]
    texts = [one for name, one in zip(Seal._fields, told, strict=True) if name != "version"]
    return Seal(*told) if all(isinstance(one, str) for one in texts) else None  # type: ignore[arg-type]  # just asked


def seals_of(store: Store, run_ids: Sequence[str]) -> dict[str, Seal]:
    """What the chain last said of some runs, as far as it has been taken in."""
    with store.read() as connection:
        return _known(connection, run_ids)


def other_readings(run_id: str) -> str:
    """What is said where a journal is not the one that was sealed."""
    return f"run {run_id}: its readings are not those that were sealed; footprint verify {run_id}"


# --- from the chain into the store ---


def take_chain(store: Store) -> None:
    """Know of all links, those of other processes too. Raises Damaged, NotWritable."""
    with store.read() as connection:
        seen = remembered(connection)
    if chain.size(store.home) == seen.size:
        return
    path = chain.path_of(store.home)
    try:
        with store.write() as connection:
            if not _take_on(connection, store.home):
                store.say(
                    f"the chain of records {path} was cut or written anew: it is not the one that was read before; "
                    "footprint verify --all tells more"
                )
    except OSError as fault:
        store.say(f"the chain of records {path} cannot be read: {fault.strerror or fault}; make it readable")


def _take_on(connection: Connection, home: str) -> bool:
    """Take in what has come to the chain; whether it goes on where it was left. OSError where it cannot be read."""
    seen = remembered(connection)
    if not chain.stands_at(home, seen.size, seen.head):
        return False
    new: dict[str, Seal | None] = {}
    for link in chain.links(home, seen.size, seen.head):
        new |= _told(link.content)
        seen = Place(link.end, link.hash)
        if len(new) >= _AT_ONCE:
            _write(connection, new)
            new = {}
    _write(connection, new)
    _remember(connection, {_SIZE: str(seen.size), _HEAD: seen.head})
    return True


def remembered(connection: Connection) -> Place:
    """How far the chain was taken in, and its hash there."""
    found = {row.key: row.value for row in connection.execute(select(meta).where(meta.c.key.in_((_SIZE, _HEAD))))}
    return Place(int(found.get(_SIZE, 0)), found.get(_HEAD, chain.BEGINNING))


def _told(content: chain.Content) -> dict[str, Seal | None]:
    """What a link says of a run: its seal, or None where it was deleted."""
    seal = seal_in(content)
    if seal is not None:
        return {seal.run_id: seal}
    return {str(content.get("run_id")): None} if content.get("what") == chain.DELETED else {}


def _write(connection: Connection, new: Mapping[str, Seal | None]) -> None:
    """The last word on each run takes the place of the ones before."""
    if not new:
        return
    connection.execute(delete(seals).where(seals.c.run_id.in_(new)))
    told = [seal._asdict() for seal in new.values() if seal is not None]
    if told:
        connection.execute(insert(seals), told)


def _remember(connection: Connection, values: Mapping[str, str]) -> None:
    for key, value in values.items():
        statement = insert(meta).values(key=key, value=value)
        connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def _known(connection: Connection, run_ids: Sequence[str]) -> dict[str, Seal]:
    found: dict[str, Seal] = {}
    for start in range(0, len(run_ids), _AT_ONCE):
        some = run_ids[start : start + _AT_ONCE]
        for row in connection.execute(select(seals).where(seals.c.run_id.in_(some))):
            found[row.run_id] = Seal(*row)
    return found


# --- from the store into the chain ---


def bind(store: Store, new: Sequence[Seal]) -> None:
    """Seal runs that are about to be taken in, or were made anew. A home that cannot be written stays as it is."""
    if store.in_memory or not new:
        return
    try:
        with locks.held(chain.lock_of(store.home)):
            take_chain(store)
            with store.read() as connection:
                known = _known(connection, [seal.run_id for seal in new])
            _append(store, [_link(seal) for seal in new if _is_due(store, seal, known.get(seal.run_id))])
    except OSError:  # the runs are taken in all the same, and sealed when the home can be written again
        with store.write() as connection:
            connection.execute(delete(meta).where(meta.c.key == _WHOLE))


def note_folded(store: Store, segment: str, run_ids: Sequence[str]) -> None:
    """Say in the chain in which order runs were put into a segment. OSError where that cannot be written."""
    with locks.held(chain.lock_of(store.home)):
        _append(store, [{"what": chain.FOLDED, "segment": segment, "runs": list(run_ids), "at": _now()}])


def note_deleted(store: Store, run_ids: Iterable[str]) -> None:
    """Say in the chain which of its runs are gone for good. OSError where that cannot be written."""
    with locks.held(chain.lock_of(store.home)):
        take_chain(store)
        with store.read() as connection:
            known = _known(connection, sorted(run_ids))
        _append(store, [{"what": chain.DELETED, "run_id": run_id, "at": _now()} for run_id in sorted(known)])


def note_restarted(store: Store, place: Place) -> None:
    """Where the chain is not the one that the store remembers, have that stand in it for good."""
    if chain.stands_at(store.home, place.size, place.head):
        return
    with locks.held(chain.lock_of(store.home)):
        _append(store, [{"what": chain.RESTARTED, "remembered": place.head, "at": _now()}])


def catch_up(store: Store) -> None:
    """Seal runs that were taken in before there was a chain, or while it could not be written."""
    if store.in_memory:
        return
    with store.read() as connection:
        if connection.execute(select(meta.c.key).where(meta.c.key == _WHOLE)).first() is not None:
            return
    _bind_rows(store, lambda _row, known: known is None, program=None)
    _tell_of_segments(store)
    with store.write() as connection:
        _remember(connection, {_WHOLE: "1"})


def bind_all(store: Store) -> None:
    """Seal what is otherwise than it was sealed, after all rows were made anew by this version of the program."""
    _bind_rows(
        store, lambda row, known: known is None or known.document != text_hash(row.document), program=VERSION
    )  # fmt: skip


def _bind_rows(
    store: Store, is_due: Callable[[Row[str, str, str], Seal | None], bool], *, program: str | None
) -> None:  # fmt: skip
    for some in _rows_beside(store):
        due = [row for row, known in some if is_due(row, known)]
        bind(store, [_seal_of_row(store, row.run_id, row.raw_sha256, row.document, program=program) for row in due])


def seals_of_rows(store: Store, rows: Iterable[Mapping[str, Any]]) -> list[Seal]:
    """The seals of rows that this version of the program has just made."""
    return [
        _seal_of_row(store, row["run_id"], row["raw_sha256"], row["document"], program=VERSION) for row in rows
    ]  # fmt: skip


def _append(store: Store, contents: Sequence[chain.Content]) -> None:
    """The caller holds the chain's lock."""
    if contents:
        chain.append(store.home, contents)
        take_chain(store)


def _link(seal: Seal) -> chain.Content:
    return {"what": chain.SEALED, **seal._asdict(), "at": _now()}


def _is_due(store: Store, seal: Seal, known: Seal | None) -> bool:
    """Whether a seal says something new, and there is a cause for it."""
    if known is None:
        return True
    if seal.readings != known.readings:
        store.say(other_readings(seal.run_id))
        return False
    if seal.document == known.document:
        return (seal.version, seal.catalogue_sha256) != (known.version, known.catalogue_sha256)
    if all(getattr(seal, name) == getattr(known, name) for name in _CAUSES):
        store.say(f"run {seal.run_id}: its figures are not those that were sealed; footprint verify {seal.run_id}")
        return False
    return True


def _rows_beside(store: Store) -> Iterator[list[tuple[Row[str, str, str], Seal | None]]]:
    """Rows (run, readings, document) and what the chain says of them, some at a time."""
    last = ""
    while True:
        with store.read() as connection:
            query = select(runs.c.run_id, runs.c.raw_sha256, runs.c.document).where(runs.c.run_id > last)
            rows = connection.execute(query.order_by(runs.c.run_id).limit(_AT_ONCE)).all()
            known = _known(connection, [row.run_id for row in rows])
        if not rows:
            return
        last = rows[-1].run_id
        yield [(row, known.get(row.run_id)) for row in rows]


def _seal_of_row(store: Store, run_id: str, readings: str, document: str, *, program: str | None) -> Seal:
    """``program`` is None where it is not known: it was none before the one that measured."""
    kept = version_events.standing(store.home, run_id)
    as_kept = kept is not None and not kept.is_overtaken
    wall = kept.wall if kept is not None and as_kept else wall_events.mark(store.home, run_id)
    told = json.loads(document)["provenance"]
    by = told.get(version_events.RECOMPUTED, {}).get("footprint", program or told["footprint"])
    return Seal(
        run_id, version_events.number_in(told), readings, text_hash(document), told["catalogue"],
        told["catalogue_sha256"], by, wall,
    )  # fmt: skip


def _tell_of_segments(store: Store) -> None:
    """Have the order of the segments' runs stand in the chain, where it does not yet."""
    told = {str(link.content.get("segment")) for link in chain.links(store.home)}
    for name in segments.names(store.home):
        if name not in told:
            found = segments.records(os.path.join(segments.folder_of(store.home), name))
            note_folded(store, name, list(dict.fromkeys(record.run_id for record in found)))


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
