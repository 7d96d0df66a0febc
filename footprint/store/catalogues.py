"""Copies of factor catalogues, in ``HOME/catalogues``: those that stored runs were accounted with, and those that
targets are pinned to. A new version of this program brings another catalogue: it must not move a target, and what was
made with the old one can be made again.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil

from footprint import catalogue
from footprint.store import locks
from footprint.targets import Pinned

FOLDER = "catalogues"
_SHORT = 12


def current() -> Pinned:
    """The catalogue of this version of the program."""
    return Pinned(*catalogue.identity())


def keep(home: str) -> None:
    """Keep a copy of this version's catalogue. OSError where the home cannot be written."""
    pinned = current()
    target = _place(home, pinned)
    if os.path.isdir(target) or _digest(catalogue.DATA) != pinned.sha256:
        return
    temporary = f"{target}.{os.getpid()}.tmp"
    os.makedirs(temporary, mode=0o700, exist_ok=True)
    try:
        for name in sorted(os.listdir(catalogue.DATA)):
            shutil.copyfile(os.path.join(catalogue.DATA, name), os.path.join(temporary, name))
        if _digest(temporary) == pinned.sha256:
            with contextlib.suppress(OSError):  # another process was first
                os.rename(temporary, target)
        locks.sync_folder(os.path.dirname(target))
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def found(home: str, pinned: Pinned) -> tuple[Pinned, str | None]:
    """(a catalogue with its whole hash, the folder to read it from); None where there is no whole copy of it.

    A catalogue that is named by its version alone is this program's if that has the version, else the only copy.
    """
    now = current()
    if now.version == pinned.version and now.sha256.startswith(pinned.sha256):
        return now, catalogue.DATA
    kept = [one for one in _kept(home) if one.version == pinned.version and one.sha256.startswith(pinned.sha256)]
    if len(kept) != 1:
        return pinned, None
    folder = _place(home, kept[0])
    return kept[0], folder if _digest(folder) == kept[0].sha256 else None


def whole(home: str, pinned: Pinned) -> str | None:
    """The folder of a catalogue whose bytes are all as its hash says; None where there is none.

    Where this program's own files were changed, a copy of them in the home does as well.
    """
    named, folder = found(home, pinned)
    copy = _place(home, named)
    return next((one for one in (folder, copy) if one is not None and _digest(one) == named.sha256), None)


def folder_of(home: str, pinned: Pinned) -> str | None:
    """The folder of a catalogue that is not this program's; None where it is, or where there is no whole copy."""
    if pinned.sha256 == current().sha256:
        return None
    try:
        changed_at = os.stat(os.path.join(home, FOLDER)).st_mtime_ns
    except OSError:
        return None
    return _copy_of(home, pinned, changed_at)


@functools.lru_cache(maxsize=64)
def _copy_of(home: str, pinned: Pinned, _changed_at: int) -> str | None:
    """Asked anew whenever a copy has come or gone: its bytes are not looked at for each run."""
    return found(home, pinned)[1]


def kept(home: str) -> list[Pinned]:
    """The catalogues that can be had here: this program's, and the copies."""
    return list(dict.fromkeys([current(), *_kept(home)]))


def _kept(home: str) -> list[Pinned]:
    try:
        names = sorted(os.listdir(os.path.join(home, FOLDER)))
    except (FileNotFoundError, NotADirectoryError):
        return []
    kept = []
    for name in names:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # half a copy is no copy
            kept.append(Pinned(*catalogue.identity(os.path.join(home, FOLDER, name))))
    return [one for one in kept if os.path.basename(_place(home, one)) in names]


def kept_labels(home: str) -> str:
    """Those that are kept in a home, for a sentence: ``2026.11+e19c18c7fe41, 2026.12+…``."""
    return ", ".join(label(one) for one in kept(home))


def _place(home: str, pinned: Pinned) -> str:
    return os.path.join(home, FOLDER, f"{pinned.version}+{pinned.sha256[:_SHORT]}")


def _digest(folder: str) -> str:
    """SHA-256 over the bytes of all CSVs in the order of their names, as the catalogue's build writes it."""
    digest = hashlib.sha256()
    try:
        for name in sorted(os.listdir(folder)):
            if name.endswith(".csv"):
                with open(os.path.join(folder, name), "rb") as file:
                    digest.update(file.read())
    except OSError:
        return ""
    return digest.hexdigest()


def label(pinned: Pinned) -> str:
    """How a catalogue is written in ``ecology.toml``: ``2026.11+e19c18c7fe41``."""
    return f"{pinned.version}+{pinned.sha256[:_SHORT]}" if pinned.sha256 else pinned.version
