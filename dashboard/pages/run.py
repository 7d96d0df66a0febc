"""Where did one run's energy go, and how sure are we?"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from footprint.dashboard.components import derivation, empty, run_cards, run_charts, shell, tables
from footprint.dashboard.components.indicators import ENERGY, label
from footprint.dashboard.components.moments import clock
from footprint.dashboard.figures.theme import palette
from footprint.dashboard.memory import Seen
from footprint.dashboard.pages.page import Asked, Page, Place
from footprint.dashboard.source import Document

NAME = "run"
URL = "run-url"
PREFIX = "/run/"


def render(asked: Asked, place: Place) -> Component:
    """All of the page but its charts, which follow the theme."""
    run_id = _id(place.path)
    seen = _document(asked, run_id)
    if seen.value is None:
        return empty.no_such_run(seen.problem)
    document = seen.value
    factors = asked.memory.ask(("factors", run_id), lambda: asked.source.factors(document))
    stale = (
        [shell.notice(f"{seen.problem}. What you see is from {clock(seen.at)}.", level="over")] if seen.problem else []
    )
    return html.Div(
        [
            dcc.Location(id=URL, refresh="callback-nav"),
            shell.ticking(NAME),
            *stale,
            html.P(html.A("← All runs", href="/", className="go", id="back"), className="back"),
            html.Div(
                html.Div([html.H1(run_cards.title(document), tabIndex=-1), run_cards.facts(document)]),
                className="headline",
            ),
            *run_cards.warnings(document),
            run_cards.figures(document),
            derivation.buttons(),
            derivation.drawer(),
            *_charts(document),
            *_optional(document),
            tables.card("impacts", "Impacts", "each in its own unit; they do not add up", run_cards.impacts(document)),
            tables.card("factors", "Factors and their sources", "", run_cards.factors(factors.value or [], document)),
            _side_by_side(
                [
                    tables.card("boundary", "What is measured, and what is not", "", run_cards.boundary(document)),
                    tables.card("method", "Method", "", run_cards.method(document)),
                ]
            ),
        ],
        className="run",
    )


def _charts(document: Document) -> list[Component]:
    rows = max(1, len(document["energy"].get("components") or ()))
    return [
        tables.chart_card("power", "Power over time", "", 240),
        tables.chart_card("components", "Energy by component", "", 44 + 34 * rows),
    ]


def _side_by_side(cards: list[Component]) -> Component:
    """Cards in two columns where the screen is wide."""
    return html.Div(cards, className="cards two" if len(cards) > 1 else "cards")


def _optional(document: Document) -> list[Component]:
    """Phases and units, where the run has any."""
    found = (("spans", "Phases", run_cards.spans(document)), ("units", "Per unit", run_cards.units(document)))
    cards = [tables.card(name, title, "", body) for name, title, body in found if body is not None]
    return [_side_by_side(cards)] if cards else []


def register(app: Dash, asked: Asked) -> None:
    """The page's callbacks: its charts, drawn anew when the theme changes."""
    shell.register_tick(app, NAME)
    _fill_drawer(app, asked)
    ids = {
        "figure": ("image", "children"),
        "image": ("image", "aria-label"),
        "note": ("note", "children"),
        "table": ("table", "children"),
    }

    @app.callback(
        output={
            name: {key: Output(f"{name}-{part}", prop) for key, (part, prop) in ids.items()}
            for name in ("power", "components")
        },
        inputs=[
            Input(shell.tick(NAME), "data"),
            State(URL, "pathname"),
        ],
        prevent_initial_call=True,
    )
    def fill(tick: dict[str, Any] | None, path: str) -> Any:
        """The charts of the run that the address names."""
        if tick is None or not path.startswith(PREFIX):
            return no_update
        seen = _document(asked, _id(path))
        if seen.value is None:
            return no_update
        document, colours = seen.value, palette(tick["theme"])
        timeline = asked.memory.ask(("timeline", _id(path)), lambda: asked.source.timeline(_id(path)))
        charts = {
            "power": run_charts.power_chart(document, timeline.value or [], colours, timeline.problem),
            "components": run_charts.components_chart(document, colours),
        }
        for name, chart in charts.items():
            chart["figure"] = tables.graph(name, chart["figure"])
        return charts


def _fill_drawer(app: Dash, asked: Asked) -> None:
    @app.callback(
        Output(derivation.TITLE, "children"),
        Output(derivation.BODY, "children"),
        Input({"type": derivation.BUTTON, "indicator": ALL}, "n_clicks"),
        State(URL, "pathname"),
        prevent_initial_call=True,
    )
    def fill(clicks: list[int], path: str) -> Any:
        """The steps of the figure whose button was pressed."""
        if not any(clicks) or not isinstance(ctx.triggered_id, dict):
            return no_update
        run_id, key = _id(path), str(ctx.triggered_id["indicator"])
        seen = asked.memory.ask(("derived", run_id, key), lambda: asked.source.derived(run_id, key))
        title = f"How {'the energy' if key == ENERGY else label(key)[:1].lower() + label(key)[1:]} was made"
        body = derivation.steps(seen.value) if seen.value is not None else []
        return title, [*([shell.notice(seen.problem, level="over")] if seen.problem else []), *body]


def _id(path: str) -> str:
    return unquote(path.removeprefix(PREFIX)).strip("/")


def _document(asked: Asked, run_id: str) -> Seen[Document]:
    return asked.memory.ask(("document", run_id), lambda: asked.source.document(run_id))


PAGE = Page("/run/*", "", render, register, made_anew=True)
