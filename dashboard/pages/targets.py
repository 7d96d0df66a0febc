"""Will we stay inside our targets? Each of them with its budget, forecast and status, and the course of one."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from footprint.dashboard.components import empty, shell, tables, target_chart, target_rows
from footprint.dashboard.components.moments import clock
from footprint.dashboard.components.target_status import worst_first
from footprint.dashboard.figures.budget import HEIGHT
from footprint.dashboard.figures.theme import Palette, palette
from footprint.dashboard.pages.page import Asked, Page, Place
from footprint.dashboard.source import TargetFacts

NAME = "targets"
URL = "targets-url"
COURSE = "course"
_COURSE = {
    "title": (f"{COURSE}-title", "children"),
    "figure": (f"{COURSE}-image", "children"),
    "image": (f"{COURSE}-image", "aria-label"),
    "note": (f"{COURSE}-note", "children"),
    "table": (f"{COURSE}-table", "children"),
}


def render(_asked: Asked, _place: Place) -> Component:
    """The page's frame; a callback fills it in."""
    body = [
        html.Div(
            html.Div(
                [
                    html.H1("Targets", id="targets-headline", tabIndex=-1),
                    html.P(id="targets-finding", className="muted"),
                ]
            ),
            className="headline",
        ),
        html.Div(tables.card("targets", "Targets", target_rows.legend(), ""), className="cards"),
        html.Div(tables.chart_card(COURSE, "Against its budget", "", HEIGHT), className="cards"),
    ]
    return html.Div(
        [
            dcc.Location(id=URL, refresh="callback-nav"),
            shell.ticking(NAME),
            html.Div(id="targets-problem"),
            html.Div(id="targets-empty"),
            html.Div(body, id="targets-page"),
        ]
    )


def register(app: Dash, asked: Asked) -> None:
    """The page's callback."""
    shell.register_tick(app, NAME)

    @app.callback(
        output={
            "headline": Output("targets-headline", "children"),
            "finding": Output("targets-finding", "children"),
            "problem": Output("targets-problem", "children"),
            "empty": Output("targets-empty", "children"),
            "hidden": Output("targets-page", "hidden"),
            "rows": Output("targets-body", "children"),
            COURSE: {key: Output(*place) for key, place in _COURSE.items()},
        },
        inputs=[Input(URL, "search"), Input(shell.tick(NAME), "data"), State(URL, "pathname")],
        prevent_initial_call=True,
    )
    def fill(search: str | None, tick: dict[str, Any] | None, path: str) -> Any:
        """Headline, rows, and the course of the target that the address names."""
        if tick is None or path != PAGE.path:
            return no_update
        return _filled(asked, search or "", palette(tick["theme"]))


def _filled(asked: Asked, search: str, colours: Palette) -> dict[str, Any]:
    seen = asked.memory.ask("targets", asked.source.targets)
    problem = []
    if seen.problem:
        when = f" What you see is from {clock(seen.at)}." if seen.value is not None else ""
        problem = [shell.notice(f"{seen.problem}.{when}", level="over")]
    if not seen.value:
        return _nothing(problem, is_unknown=seen.value is None)
    found = sorted(seen.value, key=lambda one: worst_first(one.standing))
    chosen = _chosen(found, search)
    target = chosen.standing.target
    course = asked.memory.ask(("course", target), lambda: asked.source.course(target))
    if course.value is None:
        problem.append(shell.notice(course.problem, level="over"))
    drawn = _no_course() if course.value is None else target_chart.chart(chosen.standing, course.value, colours)
    if drawn["figure"]:
        drawn["figure"] = tables.graph(COURSE, drawn["figure"])
    return {
        "headline": target_rows.headline(found),
        "finding": target_rows.finding(found),
        "problem": problem,
        "empty": [],
        "hidden": False,
        "rows": target_rows.rows(found, target.name),
        COURSE: drawn,
    }


def _chosen(found: list[TargetFacts], search: str) -> TargetFacts:
    name = parse_qs(search.removeprefix("?")).get("target", [""])[0]
    return next((one for one in found if one.standing.target.name == name), found[0])


def _no_course() -> dict[str, Any]:
    return {"title": "Against its budget", "figure": [], "image": "Nothing to show", "note": "", "table": []}


def _nothing(problem: list[Component], *, is_unknown: bool) -> dict[str, Any]:
    """No target, or none that can be read."""
    return {
        "headline": "The targets cannot be read" if is_unknown else "Targets",
        "finding": "",
        "problem": problem,
        "empty": [] if is_unknown else empty.no_targets_yet(),
        "hidden": not is_unknown,
        "rows": [],
        COURSE: _no_course(),
    }


PAGE = Page("/targets", "Targets", render, register)
