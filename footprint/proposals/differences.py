"""What differs between two catalogues of factors, or between a user's own file and the catalogue: row by row."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Iterable
from typing import Any, NamedTuple

from footprint import catalogue
from footprint.errors import NotPossible, UsageError
from footprint.factors import Factor, find
from footprint.interval import rounded
from footprint.own_factors import PARTS, TOTAL, factor_of
from footprint.own_file import OwnFile
from footprint.store import catalogues
from footprint.targets import pinned_of

SCHEMA = "footprint.factors_diff/1"
_AMOUNTS = ("low", "central", "high", "kind", "scope", "unit", "per", "how")
"""What of a row is its figure; sources and notes are told apart from it."""
_MADE = "catalogue.json"


class Side(NamedTuple):
    """One of the two that are compared."""

    name: str
    """A version, a folder or a file, for people."""
    sha256: str
    rows: tuple[Factor, ...]


class Change(NamedTuple):
    """A row of both that is not the same."""

    old: Factor
    new: Factor

    @property
    def fields(self) -> tuple[str, ...]:
        """What of it differs."""
        names = (*_AMOUNTS, "year", "sources", "note")
        return tuple(name for name in names if getattr(self.old, name) != getattr(self.new, name))

    @property
    def part(self) -> float:
        """How much more or less the central value is, as a part of the old one; NaN where that is zero."""
        return self.new.central / self.old.central - 1.0 if self.old.central else math.nan


class Differences(NamedTuple):
    """All that differs."""

    old: Side
    new: Side
    come: tuple[Factor, ...]
    """Rows that the old one has not."""
    gone: tuple[Factor, ...]
    """Rows that the new one has not; of a total, the parts that nothing adds to it any more."""
    changed: tuple[Change, ...]


# --- what is compared ---


def catalogue_of(text: str, home: str) -> Side:
    """A catalogue by its version (``2026.11+e19c18c7fe41``) or its folder. Raises NotPossible, UsageError."""
    if os.path.isdir(text):
        if not os.path.isfile(os.path.join(text, _MADE)):
            raise UsageError(f"folder {text!r}", f"it holds no catalogue: no {_MADE}", "name the folder of a catalogue")
        return _side(text, os.path.normpath(text))
    named, folder = catalogues.found(home, pinned_of(text))
    if folder is None:
        have = catalogues.kept_labels(home)
        why = "no whole copy of it is kept here, or several are of that version"
        raise NotPossible(f"catalogue {text!r}", why, f"name one of {have}, a folder, or a CSV of your own factors")
    return _side(folder, catalogues.label(named))


def current() -> Side:
    """This program's catalogue."""
    return _side(catalogue.DATA, catalogues.label(catalogues.current()))


def _side(folder: str, name: str) -> Side:
    try:
        return Side(name, catalogue.identity(folder)[1], catalogue.rows(data=folder))
    except (OSError, ValueError, KeyError, IndexError) as fault:
        why = getattr(fault, "strerror", None) or f"a file in it is none of a catalogue ({type(fault).__name__})"
        raise NotPossible(f"catalogue {name!r}", why, "name a folder with a whole catalogue") from None


def between(old: Side, new: Side) -> Differences:
    """What differs between two catalogues, by the ids of their rows."""
    before, after = ({row.id: row for row in side.rows} for side in (old, new))
    changes = (Change(before[name], after[name]) for name in before if name in after)
    return Differences(
        old, new,
        tuple(row for name, row in after.items() if name not in before),
        tuple(row for name, row in before.items() if name not in after),
        tuple(change for change in changes if change.fields),
    )  # fmt: skip


def of_own(file: OwnFile) -> Differences:
    """What a user's own file changes of this program's catalogue: each row against that which a run would take."""
    side = current()
    come, gone, changed = [], [], []
    for row in file.rows:
        mine = factor_of(row)
        theirs = _counterpart(mine)
        if theirs is None:
            come.append(mine)
        else:
            changed.append(Change(theirs, mine))
        if row.part == TOTAL:
            others = (_counterpart(mine._replace(part=part)) for part in PARTS[row.indicator] if part != TOTAL)
            gone += [one for one in others if one is not None]
    mine_side = Side(file.path, file.sha256, tuple(factor_of(row) for row in file.rows))
    return Differences(side, mine_side, tuple(come), tuple(gone), tuple(changed))


def _counterpart(mine: Factor) -> Factor | None:
    """The catalogue's row that a run of that place and year takes; None where there is none."""
    table, given = catalogue.zones(), mine.zone if ":" in mine.zone else ""
    if mine.zone not in table.names and not given:
        given = f"{mine.zone}:"  # a provider: all of its regions
    rows = _loaded(table.regions.get(mine.zone, mine.zone), given)
    return find(rows, mine.indicator, mine.part, mine.year)


@functools.lru_cache(maxsize=512)
def _loaded(zone: str, given: str) -> tuple[Factor, ...]:
    return catalogue.load(zone, given).factors


def only(found: Differences, zone: str | None, indicator: str | None) -> Differences:
    """Those of a zone and an indicator; None: of all."""

    def fits(row: Factor) -> bool:
        return zone in {None, row.zone} and indicator in {None, row.indicator}

    return found._replace(
        come=tuple(filter(fits, found.come)),
        gone=tuple(filter(fits, found.gone)),
        changed=tuple(change for change in found.changed if fits(change.new)),
    )


# --- as data ---


def document(found: Differences) -> dict[str, Any]:
    """``footprint.factors_diff/1``."""
    return {
        "schema": SCHEMA,
        "from": {"name": found.old.name, "sha256": found.old.sha256, "rows": len(found.old.rows)},
        "to": {"name": found.new.name, "sha256": found.new.sha256, "rows": len(found.new.rows)},
        "new": _rows(found.come),
        "gone": _rows(found.gone),
        "changed": [_change(change) for change in found.changed],
    }


def _rows(rows: Iterable[Factor]) -> list[dict[str, Any]]:
    return [{**row._asdict(), "sources": list(row.sources)} for row in rows]


def _change(change: Change) -> dict[str, Any]:
    new, part = change.new, change.part
    return {
        "id": new.id,
        "indicator": new.indicator,
        "part": new.part,
        "zone": new.zone,
        "year": new.year,
        "fields": list(change.fields),
        "old": _rows([change.old])[0],
        "new": _rows([new])[0],
        "change_pct": None if math.isnan(part) else rounded(100 * part),
    }
