"""What would narrow a stored run's figures."""

from __future__ import annotations

from footprint import catalogue
from footprint.narrowing import Narrowing, narrowings
from footprint.queries.opening import catalogue_for
from footprint.queries.runs import folder_of_figures
from footprint.records.result import Run
from footprint.store import readings
from footprint.store.database import Store


def what_narrows(store: Store, run: Run) -> dict[str, tuple[Narrowing, ...]]:
    """By indicator, most first, of a run as ``accounted_run`` gives it. Raises NotPossible where it was not kept."""
    raw, folder = readings.raw_run(store, run.run_id), folder_of_figures(store, run.run_id)
    return narrowings(run, raw, catalogue_for(raw, folder), lambda: catalogue.usual_ranges(folder))
