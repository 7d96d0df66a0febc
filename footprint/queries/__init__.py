"""What verbs, pages and reports ask of the stored runs. Plain records come back; SQL stays behind this door.

Open with ``open_store(home)`` once, ask as often as needed, ``refresh(store)`` to see what has come since.
Energies are in kWh, impacts in the unit of their indicator, times in ISO 8601, UTC.
"""

from footprint.queries.opening import Store, open_store, opened, rebuild, refresh, store_differences
from footprint.queries.run_list import RunList, runs
from footprint.queries.runs import (
    RunRow,
    accounted_run,
    count_runs,
    delete_runs,
    document,
    list_runs,
    raw_run,
    resolve,
    state,
)
from footprint.queries.selecting import SORTS, RunFilter
from footprint.queries.sums import Daily, ProjectSum, Sum, by_project, daily, measured_share, sums
from footprint.queries.timeline import timeline

__all__ = [
    "SORTS",
    "Daily",
    "ProjectSum",
    "RunFilter",
    "RunList",
    "RunRow",
    "Store",
    "Sum",
    "accounted_run",
    "by_project",
    "count_runs",
    "daily",
    "delete_runs",
    "document",
    "list_runs",
    "measured_share",
    "open_store",
    "opened",
    "raw_run",
    "rebuild",
    "refresh",
    "resolve",
    "runs",
    "state",
    "store_differences",
    "sums",
    "timeline",
]
