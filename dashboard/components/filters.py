"""The filters over the runs, kept in the address: two inputs, and choices that are links."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from footprint.dashboard.components.aria import aria
from footprint.dashboard.selection import PERIODS, STATES, Selection, query

TEXT, PROJECT, PROJECTS = "filter-text", "filter-project", "project-names"


def inputs(selection: Selection) -> list[Component]:
    """Name and project, as they are now."""
    return [
        _field("Name or id", _text(TEXT, selection.text)),
        _field("Project", _text(PROJECT, selection.project, list=PROJECTS)),
        html.Datalist(id=PROJECTS),
    ]


def states(selection: Selection) -> list[Component]:
    """The choice of a state, and the way back to all runs."""
    options = [("", "All"), *((name, name.capitalize()) for name in STATES)]
    choice = _choice(
        "Status", [(words, selection._replace(status=key), selection.status == key) for key, words in options]
    )
    clear = [html.A("Clear filters", href=_href(Selection(days=selection.days)), className="control go")]
    return [choice, *(clear if selection.filtered else [])]


def period(selection: Selection) -> Component:
    """The choice of a period, for the whole page."""
    return _choice(
        "Period",
        [
            (f"{days} days" if days else "All time", selection._replace(days=days), selection.days == days)
            for days in PERIODS
        ],
    )


def _href(selection: Selection) -> str:
    return query(selection) or "/"


def _text(name: str, value: str, **more: Any) -> Component:
    return dcc.Input(
        id=name, value=value, type="text", debounce=0.3, placeholder="any", className="text", autoComplete="off", **more
    )


def _field(title: str, control: Component) -> Component:
    return html.Label([html.Span(title, className="field-name"), control], className="field")


def _choice(title: str, options: list[tuple[str, Selection, bool]]) -> Component:
    """Links side by side, the present one marked."""
    links = [
        html.Li(html.A(words, href=_href(selection), className="go", **(aria(current="true") if now else {})))
        for words, selection, now in options
    ]
    return html.Nav(
        [html.Span(title, className="field-name"), html.Ul(links, className="choice")],
        className="field",
        **aria(label=title),
    )
