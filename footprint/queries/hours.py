"""A run by hours of the clock, from its raw readings."""

from __future__ import annotations

from footprint.account.hours import hours_of
from footprint.queries.opening import catalogue_for
from footprint.queries.runs import folder_of_figures, raw_run
from footprint.records.result import Hour
from footprint.store.database import Store


def hours(store: Store, run_id: str) -> tuple[Hour, ...]:
    """The hours of a run, in their order. Raises NotPossible where its readings are gone."""
    raw = raw_run(store, run_id)
    return hours_of(raw, catalogue_for(raw, folder_of_figures(store, run_id)))
