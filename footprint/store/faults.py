"""What SQLite says of a fault, as what it means for the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from footprint.errors import StoreUnusable

WAIT_S = 30
"""So long one process waits for another."""
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_DAMAGE_TOLD_AS_IO = tuple(sqlite3.SQLITE_IOERR | number << 8 for number in (2, 32, 33))
"""A file that is too short, a page whose sum is wrong, a file system that is: https://www.sqlite.org/rescode.html."""
_NOT_WRITABLE = (
    sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM,
)  # fmt: skip


class Damaged(StoreUnusable):
    """The database cannot be read: it is to be set aside and made anew."""

    def __init__(self, why: str) -> None:
        super().__init__("the store cannot be read", why, "run: footprint store rebuild")
        self.short = why


class NotWritable(Exception):  # noqa: N818 - a state of the home, not a fault of ours
    """The home cannot be written; ``str()`` says why."""


@contextmanager
def told() -> Iterator[None]:
    """Raises Damaged, NotWritable or StoreUnusable for what SQLite raises inside; other faults as they are."""
    try:
        yield
    except (exc.DatabaseError, sqlite3.DatabaseError) as fault:
        origin = fault.orig if isinstance(fault, exc.DatabaseError) else fault
        code, said = getattr(origin, "sqlite_errorcode", None), str(origin)
        primary = None if code is None else code & 0xFF
        if primary in _DAMAGE or code in _DAMAGE_TOLD_AS_IO or said.startswith(("no such table", "no such column")):
            raise Damaged(said) from fault
        if primary in _NOT_WRITABLE:
            raise NotWritable(said) from fault
        if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            what = f"another process has held the store for {WAIT_S} s"
            raise StoreUnusable("the store cannot be read now", what, "try again") from fault
        raise
