"""``ecology.toml``: targets in a file that people review together, sought from the working directory upwards."""

from __future__ import annotations

import os
from typing import Any

from footprint.errors import UsageError, nearest
from footprint.targets import Pinned, Target, target_of

FILE = "ecology.toml"
_EXAMPLE = '[targets.NAME] with limit = "50 kgCO2e"'


def find(folder: str) -> str | None:
    """The nearest ``ecology.toml``, upwards from a folder."""
    folder = os.path.abspath(folder)
    while True:
        path = os.path.join(folder, FILE)
        if os.path.isfile(path):
            return path
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def targets(path: str, pin: str) -> tuple[Target, ...]:
    """The targets of a file. ``pin`` is what a target that names no catalogue is told to add.

    Raises UsageError that names the file, the word and the nearest one, where it cannot be read or is wrong.
    """
    content = _read(path)
    for key in content:
        if key != "targets":
            why = f"it has an unknown word {key!r}{nearest(key, ['targets'])}"
            raise UsageError(f"file {path}", why, f"write {_EXAMPLE}")
    told = content.get("targets", {})
    if not isinstance(told, dict):
        raise UsageError(f"file {path}", "targets is no table", f"write {_EXAMPLE}")
    return tuple(_target(name, one, path, pin) for name, one in told.items())


def _target(name: str, told: object, path: str, pin: str) -> Target:
    if not isinstance(told, dict):
        raise UsageError(f"target {name!r} in {path}", "it is no table", f"write {_EXAMPLE}")
    target = target_of(name, told, current=Pinned(""), origin=path)
    if not target.catalogue.version:
        why = "it names no catalogue, so that a new one would move it"
        raise UsageError(f"target {name!r} in {path}", why, f'add the line: catalogue = "{pin}"')
    return target


def _read(path: str) -> dict[str, Any]:
    import tomllib  # verbs that ask for no target do not pay for it

    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise UsageError(f"file {path}", f"it cannot be read as TOML ({fault})", "mend that line") from None
    except OSError as fault:
        raise UsageError(f"file {path}", fault.strerror or str(fault), "make it readable") from None
