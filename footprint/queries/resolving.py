"""From what somebody writes to what is kept: an id, a unique beginning of one, or ``last``."""

from __future__ import annotations

import difflib
from typing import NamedTuple

from sqlalchemy import Connection, func, literal, select

from footprint.errors import NoSuchRun, UsageError
from footprint.queries.opening import mended
from footprint.queries.runs import list_runs
from footprint.queries.selecting import RunFilter
from footprint.records.raw import plain_text
from footprint.store.database import Store
from footprint.store.tables import deleted, estimates, runs

_SHOWN = 5
_LONGEST_REF = 200
"""Longer than any id: what comes after it is not looked at."""


class Kept(NamedTuple):
    """What is kept under an id."""

    id: str
    is_estimate: bool = False
    """A saved estimate, of which nothing was measured; else a run."""


def resolve(store: Store, ref: str) -> str:
    """The id of a run from its id, a unique prefix of it, or ``last``.

    Raises NoSuchRun, with the nearest ones, and UsageError where a prefix has several or is a saved estimate's.
    """
    found = resolve_kept(store, ref)
    if found.is_estimate:
        what, why = f"{found.id} is a saved estimate, not a run", "nothing of it was measured"
        raise UsageError(what, why, f"footprint show {found.id} has what was given and assumed")
    return found.id


@mended
def resolve_kept(store: Store, ref: str) -> Kept:
    """A run or a saved estimate from its id or a unique prefix of it; ``last`` is the last run.

    Raises NoSuchRun, with the nearest ones, and UsageError where a prefix has several.
    """
    ref = plain_text(ref[:_LONGEST_REF])
    if ref == "last":
        newest = list_runs(store, RunFilter(limit=1))
        if not newest:
            raise NoSuchRun("there is no last run", "no run is kept here yet", "try: footprint run -- CMD")
        return Kept(newest[0].run_id)
    with store.read() as connection:
        found = _starting_with(connection, ref)
        gone = connection.execute(select(deleted.c.run_id).where(deleted.c.run_id == ref)).first()
    known = {one.id for one in found}
    found += [Kept(live) for live in store.live if live.lower().startswith(ref.lower()) and live not in known]
    same = [one for one in found if one.id == ref]
    if same:
        return same[0]
    if len(found) == 1 and ref:
        return found[0]
    if found and ref:
        shown = ", ".join(one.id for one in found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
        what = "runs or estimates" if any(one.is_estimate for one in found) else "runs"
        raise UsageError(f"run {ref!r}", f"several {what} begin like that ({shown})", "write more of the id")
    why = "it was deleted" if gone is not None else "no stored run has that id"
    raise NoSuchRun(f"there is no run {ref!r}", why, _nearest(store, ref))


def _starting_with(connection: Connection, ref: str) -> list[Kept]:
    both = [
        select(column.label("id"), literal(is_estimate).label("is_estimate")).where(
            column.istartswith(ref, autoescape=True)
        )
        for column, is_estimate in ((runs.c.run_id, 0), (estimates.c.estimate_id, 1))
    ]
    either = both[0].union_all(both[1]).order_by("id").limit(_SHOWN + 1)
    return [Kept(row.id, bool(row.is_estimate)) for row in connection.execute(either)]


def _nearest(store: Store, ref: str) -> str:
    """What somebody may have meant who wrote this."""
    recent = list_runs(store, RunFilter(limit=1000))
    named = [row for row in recent if row.name and row.name.lower() == ref.lower()]
    if named:
        return f"the last run named {named[0].name!r} is {named[0].run_id}"
    with store.read() as connection:
        same = select(estimates.c.estimate_id).where(func.lower(estimates.c.name) == ref.lower())
        estimate_id = connection.execute(same.order_by(estimates.c.estimate_id.desc()).limit(1)).scalar()
    if estimate_id is not None:
        return f"the last estimate named {ref!r} is {estimate_id}"
    near = difflib.get_close_matches(ref.upper(), [row.run_id for row in recent], n=3, cutoff=0.7)
    return f"near it are {', '.join(near)}" if near else "footprint list shows them"
