"""What a meter at the wall counted in a stored run, typed after its end: kept, and its figures made anew."""

from __future__ import annotations

import time
from typing import NamedTuple

from footprint.account.typed import TYPED
from footprint.errors import NotPossible
from footprint.queries.opening import Store, accounted, refresh
from footprint.queries.runs import document
from footprint.records.document import Document
from footprint.records.raw import WallReading
from footprint.store import wall_events
from footprint.store.intake import Derive


class Stated(NamedTuple):
    """A run after somebody said what the meter counted in it, and before."""

    before: Document
    after: Document
    """Both ``footprint.run/1``."""
    why: str | None
    """Why the reading is not used; None where it is, or where one was withdrawn."""


def state_wall(store: Store, run_id: str, reading: WallReading | None, derive: Derive = accounted) -> Stated:
    """Keep what a meter counted in a run (None: take back what was said of it), and make the run's figures anew.

    Raises NotPossible for a run that is still being measured, and where the home cannot be written.
    """
    what = "the reading cannot be kept"
    if run_id in store.live:
        raise NotPossible(what, f"run {run_id} is still being measured", "wait for its end")
    if store.in_memory:
        raise NotPossible(what, f"the home {store.home} cannot be written", "make it writable")
    before = document(store, run_id)
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    if reading is None:
        wall_events.withdraw(store.home, run_id, at)
    else:
        wall_events.keep(store.home, run_id, reading._replace(at=at))
    after = document(refresh(store, derive), run_id)
    gaps = after["energy"]["gaps"]
    return Stated(before, after, next((gap["why"] for gap in gaps if gap["channel"] == TYPED.name), None))
