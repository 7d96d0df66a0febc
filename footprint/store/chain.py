"""The chain of records, ``chain.fpc``: a line for each run that was taken in, each bound to all lines before it.

A line is a hash, a space and JSON. The hash is SHA-256 of the hash before it (64 zeros at the beginning), a space and
the JSON, in hexadecimal: ``sha256sum`` can follow it. Lines are only added. The last hash is the chain's *head*.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

from footprint.store import files, locks

FILE = "chain.fpc"
BEGINNING = "0" * 64
"""What stands for the hash before the first."""
SEALED, FOLDED, DELETED, RESTARTED = "sealed", "folded", "deleted", "restarted"
_HASH_SIZE = len(BEGINNING)
_STEP = 4_096

Content = Mapping[str, Any]


class Link(NamedTuple):
    """A line of the chain."""

    content: Content
    """Empty where the line holds no JSON object."""
    hash: str
    """As it is written there."""
    holds: bool
    """Whether the hash follows from the one before and from the line."""
    end: int
    """Where the next line begins, in bytes."""


def path_of(home: str) -> str:
    """Where the chain stands."""
    return os.path.join(home, FILE)


def lock_of(home: str) -> str:
    """Who holds this file may add links."""
    return path_of(home) + ".lock"


def size(home: str) -> int:
    """Its size in bytes; 0 where there is none."""
    return files.size(path_of(home))


def append(home: str, contents: Iterable[Content]) -> None:
    """Add links; they are safe on the disk when this returns. A line that a crash cut is written over.

    The caller holds the lock. OSError where they cannot be written: the chain is as before then.
    """
    path = path_of(home)
    is_new = not os.path.exists(path)
    with open(path, "a+b", opener=files.private) as file:
        end, previous = _last(file, file.seek(0, os.SEEK_END))
        file.truncate(end)
        lines = []
        for content in contents:
            body = json.dumps(content, separators=(",", ":")).encode()
            previous = _hash(previous, body)
            lines.append(b"%s %s\n" % (previous.encode(), body))
        try:
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            os.truncate(path, end)
            raise
    if is_new:
        locks.sync_folder(home)


def links(home: str, start: int = 0, previous: str = BEGINNING) -> Iterator[Link]:
    """The links from an offset on. A last line without its end may still be being written: it is left out."""
    try:
        file = open(path_of(home), "rb")  # noqa: SIM115 - closed below, and by nobody else
    except (FileNotFoundError, NotADirectoryError):
        return
    with file:
        file.seek(start)
        for line in file:
            if not line.endswith(b"\n"):
                return
            start += len(line)
            stated, _, body = line[:-1].partition(b" ")
            hash_ = stated.decode("ascii", "replace")
            yield Link(_content(body), hash_, hash_ == _hash(previous, body), start)
            previous = hash_


def stands_at(home: str, end: int, hash_: str) -> bool:
    """Whether a link with this hash ends there: what was read up to ``end`` has not been cut or written anew."""
    if end == 0:
        return True
    try:
        with open(path_of(home), "rb") as file:
            return _last(file, end) == (end, hash_)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _last(file: BinaryIO, end: int) -> tuple[int, str]:
    """(where the last whole line before ``end`` ends, its hash)."""
    start, tail = end, b""
    while start > 0 and tail.count(b"\n") < 2:
        start = max(0, start - max(_STEP, len(tail)))
        file.seek(start)
        tail = file.read(end - start)
    whole = tail.rfind(b"\n") + 1
    if whole == 0:
        return 0, BEGINNING
    begin = tail.rfind(b"\n", 0, whole - 1) + 1
    return start + whole, tail[begin : begin + _HASH_SIZE].decode("ascii", "replace")


def _hash(previous: str, body: bytes) -> str:
    return hashlib.sha256(previous.encode() + b" " + body).hexdigest()


def _content(body: bytes) -> Content:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
