"""What verbs, pages and reports ask of the stored runs. Plain records come back; SQL stays behind this door.

Open with ``open_store(home)`` once, ask as often as needed, ``refresh(store)`` to see what has come since.
Energies are in kWh, impacts in the unit of their indicator, times in ISO 8601, UTC.
"""

from footprint.queries.estimates import EstimateRow, estimate_document, list_estimates
from footprint.queries.hardware import hardware_use
from footprint.queries.hours import hours
from footprint.queries.opening import Store, open_folders, open_store, opened, rebuild, refresh, store_differences
from footprint.queries.resolving import Kept, resolve, resolve_kept
from footprint.queries.run_list import RunList, runs
from footprint.queries.runs import (
    RunRow,
    accounted_run,
    count_runs,
    delete_kept,
    document,
    folder_of_figures,
    list_runs,
    raw_run,
    state,
)
from footprint.queries.selecting import SORTS, RunFilter
from footprint.queries.sums import (
    Daily,
    EnergyShares,
    ProjectSum,
    Sum,
    by_project,
    daily,
    energy_shares,
    over_time,
    sums,
    totals,
)
from footprint.queries.targets import (
    CurvePoint,
    all_targets,
    current_catalogue,
    named_targets,
    past_standings,
    rebase_target,
    remove_target,
    set_target,
    standings_of,
    target_curve,
    target_forecast,
    target_history,
    target_standings,
)
from footprint.queries.timeline import timeline
from footprint.store.target_events import Change

__all__ = [
    "SORTS",
    "Change",
    "CurvePoint",
    "Daily",
    "EnergyShares",
    "EstimateRow",
    "Kept",
    "ProjectSum",
    "RunFilter",
    "RunList",
    "RunRow",
    "Store",
    "Sum",
    "accounted_run",
    "all_targets",
    "by_project",
    "count_runs",
    "current_catalogue",
    "daily",
    "delete_kept",
    "document",
    "energy_shares",
    "estimate_document",
    "folder_of_figures",
    "hardware_use",
    "hours",
    "list_estimates",
    "list_runs",
    "named_targets",
    "open_folders",
    "open_store",
    "opened",
    "over_time",
    "past_standings",
    "raw_run",
    "rebase_target",
    "rebuild",
    "refresh",
    "remove_target",
    "resolve",
    "resolve_kept",
    "runs",
    "set_target",
    "standings_of",
    "state",
    "store_differences",
    "sums",
    "target_curve",
    "target_forecast",
    "target_history",
    "target_standings",
    "timeline",
    "totals",
]
