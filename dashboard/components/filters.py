"""The filters over the runs, kept in the address: two inputs, and choices that are links."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from footprint.dashboard.components.aria import aria
from footprint.dashboard.selection import DEFAULT_DAYS, PERIODS, STATES, Selection, query

TEXT, PROJECT, PROJECTS = "filter-text", "filter-project", "project-names"


def inputs(selection: Selection, names: list[Component]) -> list[Component]:
    """Name and project, as they are now; ``names`` are offered as projects."""
    return [
        _field("Name or id", _text(TEXT, selection.text)),
        _field("Project", _text(PROJECT, selection.project, list=PROJECTS)),
        html.Datalist(names, id=PROJECTS),
    ]


def states(selection: Selection) -> list[Component]:
    """The choice of a state, and the way back to all runs."""
    options = [("", "All"), *((name, name.capitalize()) for name in STATES)]
    links = [
        option("status", key, words, selection._replace(status=key), now=selection.status == key)
        for key, words in options
    ]
    unfiltered: dict[str, Any] = {"data-clears": "q project status", "hidden": not selection.filtered}
    href = _href(Selection(days=selection.days, show=selection.show))
    clear = html.A("Clear filters", href=href, className="control go", **unfiltered)
    return [_choice("Status", links), clear]


def period(selection: Selection) -> Component:
    """The choice of a period, for the whole page."""
    links = [
        option(
            "days",
            str(days),
            f"{days} days" if days else "All time",
            selection._replace(days=days),
            now=selection.days == days,
        )
        for days in PERIODS
    ]
    return _choice("Period", links, default=str(DEFAULT_DAYS))


def project(name: str, words: str, selection: Selection) -> Component:
    """A project's name that filters by it."""
    return option("project", name, words, selection._replace(project=name))


def _href(selection: Selection) -> str:
    return query(selection) or "/"


def option(
    key: str, value: str, words: str | list[Component], selection: Selection, *, now: bool = False, style: str = ""
) -> Component:
    """A link to the same with one filter changed. The browser changes it in the address as it is at the click."""
    marked: dict[str, Any] = {"data-key": key, "data-value": value, **(aria(current="true") if now else {})}
    return html.A(words, href=_href(selection), className=f"go {style}".strip(), **marked)


def _text(name: str, value: str, **more: Any) -> Component:
    return dcc.Input(
        id=name,
        value=value,
        type="text",
        debounce=0.1,
        placeholder="any",
        className="text",
        autoComplete="off",
        **more,
    )


def _field(title: str, control: Component) -> Component:
    return html.Label([html.Span(title, className="field-name"), control], className="field")


def _choice(title: str, links: list[Component], default: str = "") -> Component:
    """Links side by side, the present one marked; the browser moves the mark as the address changes."""
    marked: dict[str, Any] = {"data-default": default}
    items = html.Ul([html.Li(link) for link in links], className="choice", **marked)
    return html.Nav([html.Span(title, className="field-name"), items], className="field", **aria(label=title))
