"""Readings of a meter at the wall that a person typed after the run: in the events journal, each with its run's id.

The newest word on a run counts, and the ones before it stay to be read.
"""

from __future__ import annotations

import functools
import hashlib
import json

from footprint.errors import NotPossible
from footprint.records.raw import RawRun, WallReading
from footprint.store import events

READ, WITHDRAWN = "wall_read", "wall_withdrawn"


def keep(home: str, run_id: str, reading: WallReading) -> None:
    """Say what the meter counted in a run. Raises NotPossible where the home cannot be written."""
    _append(home, {"what": READ, "run_id": run_id, **reading._asdict()})


def withdraw(home: str, run_id: str, at: str) -> None:
    """Say that no reading belongs to a run, not even one that was typed at its start. Raises NotPossible."""
    _append(home, {"what": WITHDRAWN, "run_id": run_id, "at": at})


def is_of(event: events.Event, run_ids: frozenset[str]) -> bool:
    """Whether an event says what a meter counted in one of these runs."""
    return event.get("what") in {READ, WITHDRAWN} and event.get("run_id") in run_ids


def run_in(event: events.Event) -> str | None:
    """The run whose reading an event gives or takes back; None for other events."""
    return str(event["run_id"]) if event.get("what") in {READ, WITHDRAWN} and "run_id" in event else None


def applied(home: str, raw: RawRun) -> RawRun:
    """A run with the reading that counts, where one was typed after its end."""
    standing = _standing(home, events.stamp(home))
    if raw.head.run_id not in standing:
        return raw
    return raw._replace(head=raw.head._replace(wall=standing[raw.head.run_id]))


def mark(home: str, run_id: str) -> str:
    """SHA-256 of what was last typed of a run's meter after its end; empty where nothing was."""
    standing = _standing(home, events.stamp(home))
    if run_id not in standing:
        return ""
    reading = standing[run_id]
    return hashlib.sha256(json.dumps(None if reading is None else reading._asdict()).encode()).hexdigest()


@functools.lru_cache(maxsize=8)
def _standing(home: str, _stamp: tuple[int, int]) -> dict[str, WallReading | None]:
    """By run, the newest reading; None where it was withdrawn. Asked anew whenever the journal has changed."""
    standing: dict[str, WallReading | None] = {}
    for event in events.read(home)[0]:
        run_id = run_in(event)
        if run_id is not None:
            standing[run_id] = _reading(event)
    return standing


def _reading(event: events.Event) -> WallReading | None:
    if event["what"] != READ:
        return None
    return WallReading(**{name: event[name] for name in WallReading._fields if name in event})


def _append(home: str, event: events.Event) -> None:
    try:
        events.append(home, [event])
    except OSError as fault:
        why = f"the home {home} cannot be written ({fault.strerror or fault})"
        raise NotPossible("the reading cannot be kept", why, "make it writable") from None
