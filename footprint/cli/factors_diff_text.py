"""What ``footprint factors diff`` says to people: what changed with per cent, what is new and what is gone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from footprint.factors import Factor
from footprint.own_factors import is_own
from footprint.proposals.differences import Change, Differences
from footprint.wording import number

_MOST = 60
"""So many lines of each kind; ``--json`` has all."""
_AMOUNTS = {"low", "central", "high", "kind", "unit", "per"}


def lines(found: Differences, *, plain: bool) -> Iterator[str]:
    """All that differs, or that nothing does."""
    yield f"Compared: {found.old.name} ({len(found.old.rows)} rows) with {found.new.name} ({len(found.new.rows)} rows)"
    amounts = [change for change in found.changed if _AMOUNTS & set(change.fields)]
    others = [change for change in found.changed if not _AMOUNTS & set(change.fields)]
    gone = "not added any more" if any(is_own(row.id) for row in found.new.rows[:1]) else "gone"
    yield f"{len(found.come)} new, {len(found.gone)} {gone}, {len(amounts)} changed, {len(others)} with other sources"
    yield from _block("changed", [_changed(change) for change in amounts], plain=plain)
    yield from _block("new", map(_row, found.come), plain=plain)
    yield from _block(gone, map(_row, found.gone), plain=plain)
    yield from _block("other sources", [f"{_called(c.new)}: {', '.join(c.fields)}" for c in others], plain=plain)


def _block(name: str, said: Iterable[str], *, plain: bool) -> Iterator[str]:
    all_of_it = list(said)
    if not all_of_it:
        return
    if not plain:
        yield ""
        yield f"{name.capitalize()}:"
    for line in all_of_it[:_MOST]:
        yield f"{name.capitalize()}: {line}" if plain else f"  {line}"
    if len(all_of_it) > _MOST:
        more = f"and {len(all_of_it) - _MOST} more; --zone and --indicator choose, --json has all"
        yield more if plain else f"  {more}"


def _called(row: Factor) -> str:
    return f"{row.indicator}, {row.part}, {row.zone}, {row.year}"


def _row(row: Factor) -> str:
    return f"{_called(row)}: {_amount(row)}"


def _amount(row: Factor) -> str:
    return f"{_range(row)} {row.unit} per {row.per}"


def _range(row: Factor) -> str:
    if row.low == row.high:
        return number(row.central)
    return f"{number(row.central)} ({number(row.low)} to {number(row.high)})"


def _changed(change: Change) -> str:
    part = "" if math.isnan(change.part) or change.part == 0 else f", {100 * change.part:+.3g} %"
    year = f" of {change.old.year}" if change.old.year != change.new.year else ""
    kind = f", {change.old.kind} before" if change.old.kind != change.new.kind else ""
    return f"{_called(change.new)}: {_range(change.old)}{year} to {_amount(change.new)}{part}{kind}"
