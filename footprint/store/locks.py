"""Locks between processes on one home: a file that one process holds at a time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@contextmanager
def held(path: str, *, wait: bool = True) -> Iterator[bool]:
    """Hold a lock file; yields whether it is ours. Without ``wait`` it may be somebody else's.

    OSError where the file cannot be made.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        yield _take(fd, wait=wait)
    finally:
        os.close(fd)


def _take(fd: int, *, wait: bool) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(fd, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(fd, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        if wait:
            raise
        return False
    return True


def sync_folder(path: str) -> None:
    """See to it that a power cut does not undo a new or renamed file of a folder."""
    if sys.platform == "win32":
        return
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
