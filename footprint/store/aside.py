"""Databases that cannot be used are set aside: renamed, never overwritten."""

from __future__ import annotations

import os
import time


def set_aside(path: str, state: str, why: str) -> str:
    """Rename the database with its log, and say so. OSError where that cannot be done."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    target = f"{path}.{state}-{stamp}"
    number = 1
    while os.path.lexists(target):
        number += 1
        target = f"{path}.{state}-{stamp}-{number}"
    for suffix in ("-wal", "-shm", ""):
        if os.path.lexists(path + suffix):
            os.rename(path + suffix, target + suffix)
    return f"the store {path} cannot be used: {why}; it is kept as {target}, and made anew from the journals"


def all_aside(path: str) -> list[str]:
    """Databases that were set aside, and are still there."""
    home, name = os.path.split(path)
    found = [one for one in os.listdir(home) if one.startswith((f"{name}.damaged-", f"{name}.newer-"))]
    return sorted(os.path.join(home, one) for one in found if not one.endswith(("-wal", "-shm")))
