"""Figures of runs that were made anew, in the events journal: each version with its whole document.

The first version is what the readings gave when the run was taken in. It is kept with the second, so that no version
depends on a program or a catalogue that may be gone.
"""

from __future__ import annotations

import base64
import functools
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from footprint.errors import NotPossible
from footprint.records.document import Document
from footprint.store import events, wall_events
from footprint.store.rows import text_of

RECOMPUTED = "recomputed"


class Version(NamedTuple):
    """One version of a run's figures."""

    run_id: str
    number: int
    """From 1 on."""
    at: str
    """When it was made (ISO 8601, UTC); empty of the first."""
    footprint: str
    """The program that made it; empty of the first."""
    catalogue: str
    catalogue_sha256: str
    readings: str
    """SHA-256 of the journal that it was made of."""
    sensor: str
    """Classes of sensor behind it, as the store keeps them."""
    wall: str
    """Of the reading at the wall that was in force (``wall_events.mark``)."""
    packed: str
    is_overtaken: bool = False
    """A reading at the wall was typed after it: its figures are made anew with its catalogue."""

    @property
    def document(self) -> Document:
        """``footprint.run/1``. Raises ValueError where it cannot be unpacked."""
        return unpacked(self.packed)


def number_in(provenance: Mapping[str, Any]) -> int:
    """The number of the version that a document's provenance tells; 1 where none, or nonsense, is told."""
    told = provenance.get(RECOMPUTED)
    number = told.get("version") if isinstance(told, dict) else None
    return number if isinstance(number, int) else 1


def packed(document: Document) -> str:
    """A document in a fifth of its length."""
    return base64.b64encode(zlib.compress(text_of(document).encode(), 9)).decode()


def unpacked(text: str) -> Document:
    """The document again. Raises ValueError where it cannot be unpacked."""
    try:
        found: Document = json.loads(zlib.decompress(base64.b64decode(text, validate=True)))
    except zlib.error as fault:
        raise ValueError(str(fault)) from fault
    return found


def mark(version: Version) -> dict[str, object]:
    """What the document of a version says of it, in ``provenance.recomputed``."""
    return {"version": version.number, "at": version.at, "footprint": version.footprint}


def keep(home: str, made: Sequence[tuple[Version, Version | None]]) -> None:
    """Keep new versions; with the second of a run its first. Raises NotPossible where the home cannot be written."""
    try:
        events.append(home, [_event(version, first) for version, first in made])
    except OSError as fault:
        why = f"the home {home} cannot be written ({fault.strerror or fault})"
        raise NotPossible("the new figures cannot be kept", why, "make it writable") from None


def versions_in(found: Iterable[events.Event]) -> list[Version]:
    """The versions that events hold, the first ones among them, in their order; unknown forms are passed over."""
    return [version for event in found if event.get("what") == RECOMPUTED for version in _versions(event)]


def is_of(event: events.Event, run_ids: frozenset[str]) -> bool:
    """Whether an event holds figures of one of these runs."""
    return event.get("what") == RECOMPUTED and event.get("run_id") in run_ids


def versions_of(home: str, run_id: str) -> tuple[Version, ...]:
    """All versions of a run, the first first; none where its figures were never made anew."""
    return _by_run(home, events.stamp(home)).get(run_id, ())


def standing(home: str, run_id: str) -> Version | None:
    """The newest version of a run; None where its figures were never made anew."""
    found = versions_of(home, run_id)
    return found[-1] if found else None


@functools.lru_cache(maxsize=4)
def _by_run(home: str, _stamp: tuple[int, int]) -> dict[str, tuple[Version, ...]]:
    """Asked anew whenever the journal has changed."""
    found: dict[str, tuple[Version, ...]] = {}
    for event in events.read(home)[0]:
        run_id = wall_events.run_in(event)
        if run_id in found:
            *before, last = found[run_id]
            found[run_id] = (*before, last._replace(is_overtaken=True))
        if event.get("what") != RECOMPUTED:
            continue
        for version in _versions(event):
            known = found.get(version.run_id, ())
            if version.number == len(known) + 1:  # a second one of that number came too late
                found[version.run_id] = (*known, version)
    return found


def _event(version: Version, first: Version | None) -> dict[str, Any]:
    return {"what": RECOMPUTED, **_told(version), **({} if first is None else {"first": _told(first)})}


def _told(version: Version) -> dict[str, Any]:
    told = version._asdict()
    del told["is_overtaken"]
    return told


def _versions(event: events.Event) -> list[Version]:
    told = [event["first"], event] if isinstance(event.get("first"), dict) else [event]
    found = [_version(one) for one in told]
    return [version for version in found if version is not None]


def _version(told: Any) -> Version | None:
    names = [name for name in Version._fields if name != "is_overtaken"]
    if any(not isinstance(told.get(name), int if name == "number" else str) for name in names):
        return None
    return Version(*(told[name] for name in names))
