"""Files of a home, which are their owner's alone."""

from __future__ import annotations

import os


def private(path: str, flags: int) -> int:
    """Opens files: a new one is its owner's alone."""
    return os.open(path, flags, 0o600)


def size(path: str) -> int:
    """Its size in bytes; 0 where there is none."""
    try:
        return os.stat(path).st_size
    except (FileNotFoundError, NotADirectoryError):
        return 0
