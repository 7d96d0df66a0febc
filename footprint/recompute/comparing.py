"""Two documents of a run, value by value: what differs, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from footprint.records.document import Document

NOTHING = "(nothing)"
"""What stands for a value that one of two has not."""
_MADE_BY = ("footprint", "catalogue", "catalogue_sha256", "recomputed")


class Difference(NamedTuple):
    """A value that is not what it should be."""

    what: str
    """``energy.job_kwh.central``, ``readings``, ``list: name`` …"""
    stored: Any
    derived: Any


def differences(stored: Any, derived: Any, what: str = "") -> Iterator[Difference]:
    """Each value that differs, in the order of the document. Numbers agree to the last digit or differ."""
    if isinstance(stored, dict) and isinstance(derived, dict):
        for key in dict.fromkeys((*derived, *stored)):
            inner = f"{what}.{key}" if what else key
            yield from differences(stored.get(key, NOTHING), derived.get(key, NOTHING), inner)
    elif isinstance(stored, list) and isinstance(derived, list):
        for number in range(max(len(stored), len(derived))):
            ours, theirs = (some[number] if number < len(some) else NOTHING for some in (stored, derived))
            yield from differences(ours, theirs, f"{what}[{number}]")
    elif stored != derived or isinstance(stored, bool) != isinstance(derived, bool):
        yield Difference(what, stored, derived)


def figures(document: Document) -> Document:
    """A document without what made it: catalogue, program, and the mark of a later version."""
    provenance: Mapping[str, Any] = document["provenance"]
    return {**document, "provenance": {key: value for key, value in provenance.items() if key not in _MADE_BY}}
