"""Which runs cost most? The runs over time, by project, and each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from footprint.dashboard.components import filters, overview, runs_table, shell, tables, target_rows
from footprint.dashboard.components.aria import aria
from footprint.dashboard.components.over_time import HEIGHT
from footprint.dashboard.pages.page import Asked, Page, Place
from footprint.dashboard.selection import Selection, order, parse

NAME = "runs"
URL = "runs-url"
AMOUNTS = "amounts"
_SHOWN = {
    "headline": ("runs-headline", "children"),
    "finding": ("runs-finding", "children"),
    "problem": ("runs-problem", "children"),
    "count": ("runs-count", "children"),
    "fresh": ("runs-fresh", "children"),
    "none": ("runs-none", "children"),
    "rows": ("runs-rows", "style"),
    "empty": ("runs-empty", "children"),
    "body_hidden": ("runs-body", "hidden"),
    "projects": ("projects-list", "children"),
    "names": (filters.PROJECTS, "children"),
    "tiles": ("runs-tiles", "children"),
    "title": (f"{AMOUNTS}-title", "children"),
    "figure": (f"{AMOUNTS}-image", "children"),
    "image": (f"{AMOUNTS}-image", "aria-label"),
    "note": (f"{AMOUNTS}-note", "children"),
}
"""Where each part of the overview stands."""


def render(asked: Asked, place: Place) -> Component:
    """The whole page as the address has it, in one answer: only the table's rows come later."""
    search = place.search
    chosen = parse(search)
    shown = overview.overview(asked.source, asked.memory, chosen)
    body = [_head(chosen, shown), _amounts(shown), _table(chosen, shown)]
    return html.Div(
        [
            dcc.Location(id=URL, refresh="callback-nav", search=search),
            shell.ticking(NAME),
            html.Div(shown["problem"], id="runs-problem"),
            html.Div(shown["empty"], id="runs-empty"),
            html.Div(body, id="runs-body", hidden=shown["body_hidden"]),
        ]
    )


def _head(chosen: Selection, shown: Mapping[str, Any]) -> Component:
    finding = [
        html.H1(shown["headline"], id="runs-headline", tabIndex=-1),
        html.P(shown["finding"], id="runs-finding", className="muted"),
        html.P(id="runs-targets", className="muted"),
    ]
    return html.Div([html.Div(finding), html.Div(filters.period(chosen), id="runs-period")], className="headline")


def _amounts(shown: Mapping[str, Any]) -> Component:
    over_time = tables.chart_card(
        AMOUNTS, shown["title"], shown["note"], HEIGHT, image=shown["figure"], spoken=shown["image"]
    )
    projects = html.Div(shown["projects"], id="projects-list")
    cards = [over_time, tables.card("projects", "Where the energy went", "by project", projects)]
    tiles = html.Div(shown["tiles"], id="runs-tiles", className="amounts")
    return html.Div([tiles, html.Div(cards, className="cards over-time")])


def _table(chosen: Selection, shown: Mapping[str, Any]) -> Component:
    count = [html.Span(shown["count"], id="runs-count", role="status"), html.Span(shown["fresh"], id="runs-fresh")]
    states = html.Div(filters.states(chosen), id="runs-states", className="states")
    narrow: dict[str, Any] = {"data-narrow": " ".join(runs_table.NARROW)}
    fields = [*filters.inputs(chosen, shown["names"]), states]
    return html.Section(
        [
            tables.card_head("table-title", "Each run", html.Span(count)),
            html.Div(
                [html.Div(fields, className="filters", role="search", **aria(label="Runs")), runs_table.chooser()],
                className="over-table",
            ),
            html.Div(shown["none"], id="runs-none"),
            html.Div(runs_table.runs_table(), id="runs-rows", style=shown["rows"], **narrow),
        ],
        className="card",
        **aria(labelledby="table-title"),
    )


def register(app: Dash, asked: Asked) -> None:
    """The page's callbacks."""
    _keep_filters_in_address(app)
    _fill_overview(app, asked)
    _fill_targets(app, asked)
    _fill_table(app, asked)
    _fill_rows(app, asked)


def _keep_filters_in_address(app: Dash) -> None:
    """The address follows the inputs, and the inputs and choices the address (Back, a link), in the browser itself."""
    shell.in_browser(
        app,
        "keepFilters",
        Output(URL, "search"),
        Output(filters.TEXT, "value"),
        Output(filters.PROJECT, "value"),
        Input(filters.TEXT, "value"),
        Input(filters.PROJECT, "value"),
        Input(URL, "search"),
        State(URL, "pathname"),
        prevent_initial_call=True,
    )


def _fill_overview(app: Dash, asked: Asked) -> None:
    @app.callback(
        output={key: Output(*place) for key, place in _SHOWN.items()},
        inputs=[Input(URL, "search"), Input(shell.tick(NAME), "data"), State(URL, "pathname")],
        prevent_initial_call=True,
    )
    def fill(search: str | None, _tick: object, path: str) -> Any:
        """Headline, amounts and counts of the selection."""
        if path != PAGE.path:
            return no_update
        return overview.overview(asked.source, asked.memory, parse(search))


def _fill_targets(app: Dash, asked: Asked) -> None:
    @app.callback(Output("runs-targets", "children"), Input(shell.tick(NAME), "data"), Input(URL, "pathname"))
    def fill(_tick: object, path: str) -> Any:
        """Where the targets stand, in a line that leads to them; nothing where there are none."""
        if path != PAGE.path:
            return no_update
        return target_rows.line(asked.memory.ask("targets", asked.source.targets).value or [])


def _fill_table(app: Dash, asked: Asked) -> None:
    @app.callback(
        Output(f"{AMOUNTS}-table", "children"),
        Input(f"{AMOUNTS}-summary", "n_clicks"),
        Input(URL, "search"),
        Input(shell.tick(NAME), "data"),
        State(URL, "pathname"),
        prevent_initial_call=True,
    )
    def fill(clicks: int, search: str | None, _tick: object, path: str) -> Any:
        """The chart as a table, where that is open: after every other press."""
        if path != PAGE.path or clicks % 2 == 0:
            return no_update
        return overview.chart_table(asked.source, asked.memory, parse(search))


def _fill_rows(app: Dash, asked: Asked) -> None:
    @app.callback(
        Output(runs_table.GRID, "getRowsResponse"),
        Input(runs_table.GRID, "getRowsRequest"),
        State(URL, "search"),
        prevent_initial_call=True,
    )
    def rows(request: dict[str, Any] | None, search: str | None) -> Any:
        """The block of rows that the grid asks for."""
        if not request:
            return no_update
        chosen, sort = parse(search), order(request.get("sortModel"))
        first = max(0, int(request.get("startRow") or 0))
        asks = ("rows", chosen.runs, sort, first)
        seen = asked.memory.ask(asks, lambda: asked.source.runs(chosen, sort, first, runs_table.BLOCK))
        count = asked.memory.ask(("count", chosen.runs), lambda: asked.source.count(chosen))
        return {"rowData": [runs_table.row(line) for line in seen.value or []], "rowCount": count.value or 0}

    shell.in_browser(
        app,
        "renewRows",
        Input(URL, "search"),
        Input(shell.tick(NAME), "data"),
        State(URL, "pathname"),
        prevent_initial_call=True,
    )


PAGE = Page("/", "Runs", render, register)
