"""Closed journals of one month in one file: ``segments/2026-11.fps``.

A record is a mark, sizes, a checksum, the run's id and its journal, compressed. Records are only added, at the
end; whoever reads looks for the next mark after a record that is cut or damaged. So a crash costs the record
that was being written (whose journal is still there) and no other. A run may stand in a segment twice.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Collection, Iterable, Iterator
from typing import BinaryIO, NamedTuple

from footprint.store import files, locks

FOLDER = "segments"
SUFFIX = ".fps"
LOCK = ".lock"
_MARK = b"FPS1"
_HEADER = struct.Struct(">4sHII")


class Place(NamedTuple):
    """Where a record stands in a segment, in bytes."""

    offset: int
    length: int


class Record(NamedTuple):
    """A run's journal as it stands in a segment."""

    run_id: str
    data: bytes
    place: Place


def folder_of(home: str) -> str:
    """Where segments stand."""
    return os.path.join(home, FOLDER)


def lock_of(home: str) -> str:
    """Who holds this file may change segments."""
    return os.path.join(home, FOLDER, LOCK)


def names(home: str) -> list[str]:
    """The segments of a home, oldest month first."""
    try:
        found = os.listdir(folder_of(home))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(name for name in found if name.endswith(SUFFIX))


def name_for(started_at: str) -> str:
    """The segment of a run that started at an ISO time."""
    return started_at[:7] + SUFFIX


def append(path: str, items: Iterable[tuple[str, bytes]]) -> list[Place]:
    """Add journals at the end, and give where they stand once they are safe on the disk.

    The caller holds the lock. OSError where they cannot be written: the segment is as before then.
    """
    is_new = not os.path.exists(path)
    places = []
    with open(path, "ab", opener=files.private) as file:
        begin = offset = file.seek(0, os.SEEK_END)
        try:
            for run_id, data in items:
                content = _record(run_id, data)
                file.write(content)
                places.append(Place(offset, len(content)))
                offset += len(content)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            os.truncate(path, begin)
            raise
    if is_new:
        locks.sync_folder(os.path.dirname(path))
    return places


def records(path: str, start: int = 0) -> Iterator[Record]:
    """Whole records of a segment, from ``start`` on."""
    with open(path, "rb") as file:
        file.seek(start)
        data = file.read()
    offset = data.find(_MARK)
    while offset >= 0:
        found = _record_at(data, offset)
        if found is None:
            offset = data.find(_MARK, offset + 1)
            continue
        run_id, content, length = found
        yield Record(run_id, content, Place(start + offset, length))
        offset = data.find(_MARK, offset + length)


def read_at(path: str, run_id: str, place: Place) -> bytes | None:
    """A run's journal; None where this run does not stand there (any more)."""
    try:
        with open(path, "rb") as file:
            file.seek(place.offset)
            found = _record_at(file.read(place.length), 0)
    except FileNotFoundError:
        return None
    return found[1] if found is not None and found[0] == run_id else None


def find(home: str, run_id: str) -> bytes | None:
    """A run's journal, looked for in all segments: where the store does not know the place."""
    for name in reversed(names(home)):
        for record in records(os.path.join(folder_of(home), name)):
            if record.run_id == run_id:
                return record.data
    return None


def remove(path: str, run_ids: Collection[str]) -> dict[str, Place] | None:
    """Write a segment anew without some runs, whole or not at all. The caller holds the lock.

    Gives where the others stand now; None where nothing had to be done.
    """
    kept = list(records(path))
    if not any(record.run_id in run_ids for record in kept):
        return None
    kept = [record for record in kept if record.run_id not in run_ids]
    temporary = f"{path}.{os.getpid()}.tmp"
    places: dict[str, Place] = {}
    with open(temporary, "wb", opener=files.private) as file:
        _write_all(file, kept, places)
    if kept:
        os.replace(temporary, path)
    else:
        os.unlink(temporary)
        os.unlink(path)
    locks.sync_folder(os.path.dirname(path))
    return places


def _write_all(file: BinaryIO, kept: Iterable[Record], places: dict[str, Place]) -> None:
    for record in kept:
        if record.run_id in places:
            continue
        content = _record(record.run_id, record.data)
        places[record.run_id] = Place(file.tell(), len(content))
        file.write(content)
    file.flush()
    os.fsync(file.fileno())


def _record(run_id: str, data: bytes) -> bytes:
    name, body = run_id.encode(), zlib.compress(data, 6)
    return _HEADER.pack(_MARK, len(name), len(body), zlib.crc32(name + body)) + name + body


def _record_at(data: bytes, offset: int) -> tuple[str, bytes, int] | None:
    """(run, journal, length of the record) at an offset; None where there is no whole one."""
    if offset + _HEADER.size > len(data):
        return None
    mark, name_size, body_size, crc = _HEADER.unpack_from(data, offset)
    start = offset + _HEADER.size
    content = data[start : start + name_size + body_size]
    if mark != _MARK or len(content) < name_size + body_size or zlib.crc32(content) != crc:
        return None
    try:
        return content[:name_size].decode(), zlib.decompress(content[name_size:]), _HEADER.size + len(content)
    except (UnicodeDecodeError, zlib.error):  # its checksum was made by somebody else
        return None
