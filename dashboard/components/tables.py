"""Native tables, and the figure card that holds a chart and the same as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from footprint.dashboard.components.aria import aria
from footprint.dashboard.figures import theme

Cell = str | Component | list[Any]


def table(heads: Sequence[str], rows: Sequence[Sequence[Cell]], caption: str, numbers: Sequence[int] = ()) -> Component:
    """A table whose first column names the row. ``numbers``: columns that hold amounts, set to the right."""
    right = set(numbers)

    def style(column: int) -> str:
        return "number" if column in right else ""

    head = html.Tr([html.Th(text, scope="col", className=style(at)) for at, text in enumerate(heads)])
    body = [
        html.Tr(
            [html.Th(row[0], scope="row", className=style(0))]
            + [html.Td(cell, className=style(at)) for at, cell in enumerate(row[1:], 1)]
        )
        for row in rows
    ]
    return html.Div(
        html.Table([html.Caption(caption, className="visually-hidden"), html.Thead(head), html.Tbody(body)]),
        className="scroll",
        tabIndex=0,
        role="region",
        **aria(label=f"{caption}, table"),
    )


def chart_card(
    name: str, title: str, note: Cell, height: int, *, image: Cell | None = None, spoken: str = ""
) -> Component:
    """A card for a chart: ``NAME-image``, ``NAME-note``, ``NAME-table``. Without ``image`` a callback fills it."""
    room = html.Div(style={"height": f"{height}px"}) if image is None else image
    return html.Section(
        [
            card_head(f"{name}-title", title, html.Span(note, id=f"{name}-note")),
            html.Div(room, id=f"{name}-image", role="img", className="chart", **aria(label=spoken or title)),
            html.Details(
                [html.Summary("Show as table", id=f"{name}-summary", n_clicks=0), html.Div(id=f"{name}-table")],
                className="as-table",
            ),
        ],
        className="card",
        **aria(labelledby=f"{name}-title"),
    )


def graph(name: str, figure: theme.Figure) -> Component:
    """A chart, ``NAME-chart``, for ``NAME-image``. It comes with its figure: an empty one would be drawn first."""
    return dcc.Graph(
        id=f"{name}-chart",
        config={"displayModeBar": False, "responsive": True},
        style={"height": f"{figure['layout']['height']}px"},
        figure=figure,
    )


def card(name: str, title: str, note: Cell, children: Cell, *, style: str = "") -> Component:
    """A card with a title, a muted note beside it, and what it holds."""
    return html.Section(
        [card_head(f"{name}-title", title, note), html.Div(children, id=f"{name}-body")],
        className=f"card {style}".strip(),
        **aria(labelledby=f"{name}-title"),
    )


def card_head(name: str, title: str, note: Cell) -> Component:
    """A card's title with its note."""
    return html.Div([html.H2(title, id=name), html.Span(note, className="muted note")], className="card-head")


def amount(main: str, below: str = "") -> Component:
    """An amount with its range under it."""
    lines: list[Component] = [html.Span(main, className="main")]
    if below:
        lines.append(html.Span(below, className="below"))
    return html.Span(lines, className="amount")
