"""The events journal, ``events.fpj``: what runs do not hold, such as which of them were deleted.

One line an event: length, checksum and JSON. Lines are only added; one that was cut by a crash is passed over.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from footprint.store import locks

FILE = "events.fpj"
DELETED = "deleted"
"""What an event says of a run that must never come back. It holds the run's id, and nothing else of it."""

Event = Mapping[str, Any]


def path_of(home: str) -> str:
    """Where the events journal stands."""
    return os.path.join(home, FILE)


def size(home: str) -> int:
    """Its size in bytes; 0 where there is none."""
    try:
        return os.stat(path_of(home)).st_size
    except (FileNotFoundError, NotADirectoryError):
        return 0


def append(home: str, events: Iterable[Event]) -> None:
    """Add events; they are safe on the disk when this returns. OSError where that cannot be done."""
    path = path_of(home)
    with locks.held(path + ".lock"):
        is_new = not os.path.exists(path)
        with open(path, "a+b", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write((b"" if _is_whole(path) else b"\n") + b"".join(_line(event) for event in events))
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            locks.sync_folder(home)


def read(home: str, start: int = 0) -> tuple[list[Event], int, int]:
    """(events from ``start`` on, lines that cannot be read, where the next reading begins).

    A last line without its end may still be being written: it is left for the next reading.
    """
    try:
        with open(path_of(home), "rb") as file:
            file.seek(start)
            data = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return [], 0, 0
    whole = data.rfind(b"\n") + 1
    lines = [line for line in data[:whole].split(b"\n") if line]
    found = [_event(line) for line in lines]
    known = [event for event in found if event is not None]
    return known, len(found) - len(known), start + whole


def _is_whole(path: str) -> bool:
    """Whether the file ends with a line's end, or is empty."""
    with open(path, "rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _line(event: Event) -> bytes:
    body = json.dumps(event, separators=(",", ":")).encode()
    return b"%d %08x %s\n" % (len(body), zlib.crc32(body), body)


def _event(line: bytes) -> Event | None:
    parts = line.split(b" ", 2)
    if len(parts) != 3:
        return None
    length, crc, body = parts
    if length != b"%d" % len(body) or crc != b"%08x" % zlib.crc32(body):
        return None
    event: Event = json.loads(body)
    return event
