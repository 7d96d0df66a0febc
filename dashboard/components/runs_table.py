"""The table of runs: a grid that asks for a hundred rows at a time and sorts by columns of one list."""

from __future__ import annotations

from typing import Any

import dash_ag_grid
from dash import html
from dash.development.base_component import Component

from footprint.dashboard.components import amounts
from footprint.dashboard.components.aria import aria
from footprint.dashboard.components.indicators import AT_FIRST, Shown, added
from footprint.dashboard.components.moments import moment
from footprint.dashboard.components.status import state
from footprint.dashboard.selection import SORTABLE
from footprint.interval import Interval
from footprint.queries import RunRow

GRID, CHOOSER = "runs-grid", "runs-columns"
BLOCK = 100
HEAD, ROW, MOST_ROWS = 40, 48, 10
"""Heights in px, and how many rows are seen at once."""
_AMOUNT: dict[str, Any] = {"type": "rightAligned", "cellRenderer": "FootprintAmount"}


def _indicators() -> tuple[Shown, ...]:
    """Those that have a column: a claim is shown on the run's own page, beside its evidence."""
    return tuple(one for one in added() if not one.is_energy)


COLUMNS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("started", "Started", {"minWidth": 150}),
    ("name", "Name", {"minWidth": 110, "flex": 2, "cellRenderer": "FootprintRun"}),
    ("project", "Project", {"minWidth": 110}),
    ("status", "Status", {"minWidth": 120, "cellRenderer": "FootprintState"}),
    ("duration", "Duration", {"minWidth": 106, "type": "rightAligned"}),
    ("energy", "Energy", {"minWidth": 92, **_AMOUNT}),
    *((one.place, one.name, {"minWidth": 150, **_AMOUNT}) for one in _indicators()),
    ("zone", "Zone", {"minWidth": 88, "cellRenderer": "FootprintAmount"}),
    ("measured", "Measured", {"minWidth": 110, "cellRenderer": "FootprintAmount"}),
)
"""Key, head and form of each column."""
NARROW = ("name", "energy", *(one.place for one in _indicators()[:1]))
"""What is left of them on a narrow screen."""
LATER = tuple(one.place for one in _indicators()[AT_FIRST:])
"""Columns that are shown when they are asked for."""


def chooser() -> Component:
    """Which columns the table has: switches behind a word, since there may be more than the screen has room for.

    The name always stays. The browser does it, and keeps the choice.
    """
    switches = [_switch(key, head, on=key not in LATER) for key, head, _ in COLUMNS if key != "name"]
    group = html.Div(switches, className="switches", role="group", **aria(label="Columns"))
    return html.Details([html.Summary("Columns", className="control"), group], className="chooser", id=CHOOSER)


def _switch(key: str, head: str, *, on: bool) -> Component:
    marked: dict[str, Any] = {"data-column": key, **aria(pressed=str(on).lower())}
    return html.Button(head, type="button", className="switch", **marked)


def runs_table() -> Component:
    """The grid, empty: its rows come when it asks for them."""
    grid: Component = dash_ag_grid.AgGrid(
        id=GRID,
        rowModelType="infinite",
        columnDefs=[
            {
                "field": key,
                "colId": key,
                "headerName": head,
                "sortable": key in SORTABLE,
                "flex": 1,
                "hide": key in LATER,
                **form,
            }
            for key, head, form in COLUMNS
        ],
        defaultColDef={"resizable": True, "suppressHeaderMenuButton": True, "sortingOrder": ["desc", "asc", None]},
        getRowId="params.data.id",
        columnSize=None,
        className="grid",
        dashGridOptions={
            "cacheBlockSize": BLOCK,
            "maxBlocksInCache": 5,
            "rowHeight": ROW,
            "headerHeight": HEAD,
            "rowBuffer": 0,
            "infiniteInitialRowCount": 1,
            "suppressRowHoverHighlight": False,
            "suppressColumnVirtualisation": True,
            "animateRows": False,
        },
        style={"height": "100%", "width": "100%"},
    )
    return grid


def height(count: int) -> int:
    """The height of a table of so many rows, px."""
    return HEAD + ROW * min(count, MOST_ROWS) + 4


def row(line: RunRow) -> dict[str, Any]:
    """A run as the grid takes it: words, since sorting and filtering are done where the runs are kept."""
    shown = state(line.status, line.exit_code)
    impacts = [_amount(one.place, line.impacts.get(one.key), one.unit) for one in _indicators()]
    return {
        "id": line.run_id,
        "name": line.name or line.run_id,
        "started": moment(line.started_at),
        "project": line.project or amounts.DASH,
        "status": shown.word,
        "status_sign": shown.sign,
        "status_level": shown.level,
        "duration": amounts.duration(line.duration_s),
        **_amount("energy", line.job_kwh, "kWh"),
        **{key: words for impact in impacts for key, words in impact.items()},
        "zone": line.zone,
        "zone_below": line.zone_how,
        **_how(line.measured_share),
    }


def _how(share: float | None) -> dict[str, str]:
    """How much of the energy was measured; the rest is modelled."""
    if share is None:
        return {"measured": amounts.DASH, "measured_below": "not known"}
    if share < 0.005:
        return {"measured": "modelled", "measured_below": ""}
    if share > 0.995:
        return {"measured": "measured", "measured_below": ""}
    return {"measured": f"{100 * share:.0f}{amounts.SPACE}%", "measured_below": "of the energy"}


def _amount(key: str, value: Interval | None, unit: str) -> dict[str, str]:
    """The amount, and under it its error; under a dash where its reason stands."""
    if value is None or not amounts.known(value):
        return {key: amounts.DASH, f"{key}_below": "see the run"}
    return {key: amounts.counted(value, unit), f"{key}_below": amounts.below(value, unit)}
