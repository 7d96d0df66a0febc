"""Which runs cost most? The runs over time, by project, and each of them."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from footprint.dashboard.components import filters, overview, runs_table, shell, tables
from footprint.dashboard.components.aria import aria
from footprint.dashboard.components.indicators import all_shown
from footprint.dashboard.figures.over_time import HEIGHT
from footprint.dashboard.figures.theme import palette
from footprint.dashboard.pages.page import Asked, Page, Place
from footprint.dashboard.selection import order, parse, query

NAME = "runs"
URL = "runs-url"


def render(_asked: Asked, place: Place) -> Component:
    """The page's frame with the filters as the address has them; callbacks fill it in."""
    search = place.search
    return html.Div(
        [
            dcc.Location(id=URL, refresh="callback-nav"),
            shell.ticking(NAME),
            html.Div(id="runs-problem"),
            html.Div(id="runs-empty"),
            html.Div([_head(search), _charts(), _table(search)], id="runs-body"),
        ]
    )


def _head(search: str) -> Component:
    finding = [html.H1("Runs", id="runs-headline", tabIndex=-1), html.P(id="runs-finding", className="muted")]
    period = html.Div(filters.period(parse(search)), id="runs-period")
    return html.Div([html.Div(finding), period], className="headline")


def _charts() -> Component:
    return html.Div(
        [
            *(tables.chart_card(one.place, one.name, "", HEIGHT) for one in all_shown()),
            tables.card("projects", "Where the energy went", "by project", html.Div(id="projects-list")),
        ],
        className="cards over-time",
    )


def _table(search: str) -> Component:
    chosen = parse(search)
    count = html.Span([html.Span(id="runs-count", role="status"), html.Span(id="runs-fresh")])
    states = html.Div(filters.states(chosen), id="runs-states", className="states")
    narrow: dict[str, Any] = {"data-narrow": " ".join(runs_table.NARROW)}
    return html.Section(
        [
            tables.card_head("table-title", "Each run", count),
            html.Div(
                [
                    html.Div(
                        [*filters.inputs(chosen), states], className="filters", role="search", **aria(label="Runs")
                    ),
                    runs_table.chooser(),
                ],
                className="over-table",
            ),
            html.Div(id="runs-none"),
            html.Div(runs_table.runs_table(), id="runs-rows", **narrow),
        ],
        className="card",
        **aria(labelledby="table-title"),
    )


def register(app: Dash, asked: Asked) -> None:
    """The page's callbacks."""
    shell.register_tick(app, NAME)
    _keep_filters_in_address(app)
    _fill_overview(app, asked)
    _fill_tables(app, asked)
    _fill_rows(app, asked)


def _keep_filters_in_address(app: Dash) -> None:
    @app.callback(
        Output(URL, "search"),
        Output(filters.TEXT, "value"),
        Output(filters.PROJECT, "value"),
        Output("runs-states", "children"),
        Output("runs-period", "children"),
        Input(filters.TEXT, "value"),
        Input(filters.PROJECT, "value"),
        Input(URL, "search"),
        State(URL, "pathname"),
        prevent_initial_call=True,
    )
    def keep(text: str | None, project: str | None, search: str | None, path: str) -> tuple[Any, ...]:
        """The address follows the inputs, and the inputs and choices the address (Back, a link)."""
        if path != PAGE.path:
            return (no_update,) * 5
        chosen = parse(search)
        if ctx.triggered_id == URL:
            return no_update, chosen.text, chosen.project, filters.states(chosen), filters.period(chosen)
        wanted = chosen._replace(text=(text or "").strip(), project=(project or "").strip())
        return no_update if wanted == chosen else query(wanted), *(no_update,) * 4


def _fill_overview(app: Dash, asked: Asked) -> None:
    parts = {
        "figure": ("image", "children"),
        "image": ("image", "aria-label"),
        "note": ("note", "children"),
    }
    charts = {
        one.place: {key: Output(f"{one.place}-{part}", prop) for key, (part, prop) in parts.items()}
        for one in all_shown()
    }

    @app.callback(
        output={
            "headline": Output("runs-headline", "children"),
            "finding": Output("runs-finding", "children"),
            "problem": Output("runs-problem", "children"),
            "count": Output("runs-count", "children"),
            "fresh": Output("runs-fresh", "children"),
            "none": Output("runs-none", "children"),
            "rows": Output("runs-rows", "style"),
            "empty": Output("runs-empty", "children"),
            "body_hidden": Output("runs-body", "hidden"),
            "projects": Output("projects-list", "children"),
            "names": Output(filters.PROJECTS, "children"),
            **charts,
        },
        inputs=[Input(URL, "search"), Input(shell.tick(NAME), "data"), State(URL, "pathname")],
        prevent_initial_call=True,
    )
    def fill(search: str | None, tick: dict[str, Any] | None, path: str) -> Any:
        """Headline, charts and counts of the selection."""
        if tick is None or path != PAGE.path:
            return no_update
        return overview.overview(asked.source, asked.memory, parse(search), palette(tick["theme"]))


def _fill_tables(app: Dash, asked: Asked) -> None:
    @app.callback(
        output=[Output(f"{one.place}-table", "children") for one in all_shown()],
        inputs=[
            [Input(f"{one.place}-summary", "n_clicks") for one in all_shown()],
            Input(URL, "search"),
            Input(shell.tick(NAME), "data"),
            State(URL, "pathname"),
        ],
        prevent_initial_call=True,
    )
    def fill(clicks: list[int], search: str | None, _tick: object, path: str) -> list[Any]:
        """The charts as tables, of those that are open: after every other press."""
        chosen = parse(search)
        return [
            overview.chart_table(asked.source, asked.memory, chosen, one)
            if path == PAGE.path and count % 2
            else no_update
            for one, count in zip(all_shown(), clicks, strict=True)
        ]


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
        asks = ("rows", chosen, sort, first)
        seen = asked.memory.ask(asks, lambda: asked.source.runs(chosen, sort, first, runs_table.BLOCK))
        count = asked.memory.ask(("count", chosen), lambda: asked.source.count(chosen))
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
