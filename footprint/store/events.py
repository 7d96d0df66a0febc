"""The events journal, ``events.fpj``: what runs do not hold, such as which of them were deleted.

One line an event: length, checksum and JSON. Lines are only added; one that was cut by a crash is passed over.
What was deleted for good is blotted out in its place.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from footprint.store import files, locks

FILE = "events.fpj"
DELETED = "deleted"
"""What an event says of a run or an estimate that must never come back. It holds its id, and nothing else of it."""
_BLOTTED = b'{"what":"blotted"}'

Event = Mapping[str, Any]


def path_of(home: str) -> str:
    """Where the events journal stands."""
    return os.path.join(home, FILE)


def size(home: str) -> int:
    """Its size in bytes; 0 where there is none."""
    return files.size(path_of(home))


def stamp(home: str) -> tuple[int, int]:
    """What changes whenever the journal does: its size in bytes, and when it was last written."""
    try:
        status = os.stat(path_of(home))
    except (FileNotFoundError, NotADirectoryError):
        return 0, 0
    return status.st_size, status.st_mtime_ns


def append(home: str, events: Iterable[Event]) -> None:
    """Add events; they are safe on the disk when this returns. OSError where that cannot be done."""
    path = path_of(home)
    with locks.held(path + ".lock"):
        is_new = not os.path.exists(path)
        with open(path, "a+b", opener=files.private) as file:
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


def blot_out(home: str, is_gone: Callable[[Event], bool]) -> None:
    """Leave nothing of some events but their length, whole or not at all. OSError where that cannot be done.

    All others keep their places: whoever has read as far as here reads on from here.
    """
    path = path_of(home)
    if not size(home):
        return
    with locks.held(path + ".lock"):
        with open(path, "rb") as file:
            lines = file.read().split(b"\n")
        kept = [_blotted(line) if _is_such(line, is_gone) else line for line in lines]
        if kept == lines:
            return
        temporary = f"{path}.{os.getpid()}.tmp"
        try:
            with open(temporary, "wb", opener=files.private) as file:
                file.write(b"\n".join(kept))
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        locks.sync_folder(home)


def _is_such(line: bytes, is_such: Callable[[Event], bool]) -> bool:
    event = _event(line)
    return event is not None and is_such(event)


def _blotted(line: bytes) -> bytes:
    """An event that says nothing, as long as this one. JSON may end in spaces."""
    body = _BLOTTED.ljust(len(line.split(b" ", 2)[2]))
    return b"%d %08x %s" % (len(body), zlib.crc32(body), body)


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
