"""What ``footprint verify`` says to people: each run, what differs, and the chain's head to write down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from footprint.recompute.comparing import Difference
from footprint.recompute.verifying import CANNOT_TELL, HOLDS, Verdict
from footprint.store.examining import Examined
from footprint.wording import clean

_SHOWN = 12
"""Differences of a run; JSON has all."""
_LONGEST = 80


def text(
    verdicts: Sequence[Verdict], examined: Examined, faults: Sequence[str], *, every: bool, plain: bool
) -> str:  # fmt: skip
    """All that was found. Where all runs were asked for, those that hold are counted."""
    lines: list[str] = []
    for one in verdicts:
        if not every or one.state != HOLDS or one.note:
            lines += _run(one, plain=plain)
    if every:
        held = sum(one.state == HOLDS for one in verdicts)
        lines.append(f"Runs that hold: {held} of {len(verdicts)}")
        unsealed = sum(not one.is_sealed for one in verdicts)
        if unsealed:
            lines.append(f"Runs that the chain does not know, checked from their readings alone: {unsealed}")
    lines += [f"Does not hold: {clean(fault)}" for fault in faults]
    lines += [f"Note: {clean(note)}" for note in examined.notes]
    return "\n".join([*lines, *_chain(examined, plain=plain)]) + "\n"


def _run(one: Verdict, *, plain: bool) -> Iterator[str]:
    made = f"version {one.version}, catalogue {one.catalogue}" if one.catalogue else f"version {one.version}"
    known = "" if one.is_sealed else "; the chain does not know it"
    if one.state == HOLDS:
        yield f"Run {one.run_id}: holds ({made}{known})"
        if one.note:
            yield f"{_before(one.run_id, plain=plain)}note: {clean(one.note)}"
        return
    if one.state == CANNOT_TELL:
        yield f"Run {one.run_id}: cannot be told ({made}{known}): {clean(one.why or '')}"
    else:
        yield f"Run {one.run_id}: does not hold ({made}{known})"
    for difference in one.differences[:_SHOWN]:
        yield _difference(one.run_id, difference, plain=plain)
    if len(one.differences) > _SHOWN:
        yield f"{_before(one.run_id, plain=plain)}and {len(one.differences) - _SHOWN} more: --json has all"


def _difference(run_id: str, one: Difference, *, plain: bool) -> str:
    stored, derived = _value(one.stored), _value(one.derived)
    return f"{_before(run_id, plain=plain)}{clean(one.what)}: stored {stored}, should be {derived}"


def _before(run_id: str, *, plain: bool) -> str:
    return f"Run {run_id}, " if plain else "  "


def _value(value: Any) -> str:
    said = "(no value)" if value is None else clean(str(value))
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"


def _chain(examined: Examined, *, plain: bool) -> Iterator[str]:
    if not examined.links:
        yield "Chain of records: there is none here yet"
        return
    gone = f", {len(examined.deleted)} deleted" if examined.deleted else ""
    if plain:
        yield f"Chain of records: links: {examined.links}{gone}"
        yield f"Chain of records: head: {examined.head}"
    else:
        yield f"Chain of records: {examined.links} links{gone}, head {examined.head}"
