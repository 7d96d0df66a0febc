"""The frame around every page: skip link, name, pages, refresh and theme, what is wrong, and the footer."""

from __future__ import annotations

from typing import Any, NamedTuple

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from footprint.dashboard.components.aria import aria
from footprint.dashboard.components.grade import LEGEND

REFRESH = "refresh"
URL = "url"
PAGE = "page"


class Entry(NamedTuple):
    """A page as the navigation names it."""

    path: str
    name: str


def shell(entries: list[Entry]) -> Component:
    """What stays while pages come and go. The first entry is where the name leads."""
    return html.Div(
        [
            dcc.Location(id=URL, refresh="callback-nav"),
            html.A("Skip to the content", href="#main", className="skip"),
            html.Header(html.Div([_brand(), _navigation(entries), _controls()], className="bar"), className="top"),
            html.P(id="offline", className="notice notice-over frame", role="alert", hidden=True),
            html.Main(html.Div(id=PAGE, children=skeleton()), id="main", className="frame", tabIndex=-1),
            html.Footer(_footer(), className="frame foot"),
        ]
    )


def ticking(name: str) -> Component:
    """A store of the page ``name`` that the browser fills with the theme, and anew whenever there is news.

    Each page has its own: a callback must not mix what the frame holds with what a page holds, since the
    page may not be there.
    """
    marked: dict[str, Any] = {"data-tick": tick(name)}
    return html.Div(dcc.Store(id=tick(name)), **marked)


def tick(name: str) -> str:
    """The id of a page's tick: ``{"theme": "light" or "dark", "at": …}``."""
    return f"{name}-tick"


def register_tick(app: Dash, name: str) -> None:
    """The first tick, as soon as the page is there."""
    in_browser(app, "tick", Output(tick(name), "data"), Input(tick(name), "id"))


def in_browser(app: Dash, function: str, *asks: Any, prevent_initial_call: bool = False) -> None:
    """A callback that ``assets/footprint.js`` answers, without the server."""
    app.clientside_callback(  # type: ignore[no-untyped-call]  # Dash leaves this method without types
        ClientsideFunction("footprint", function), *asks, prevent_initial_call=prevent_initial_call
    )


def skeleton() -> Component:
    """What stands in a page's place while it is being made: boxes as high as what will come."""
    return html.Div(
        [
            html.P("Loading the runs …", className="visually-hidden", role="status"),
            html.Div(className="bone bone-title"),
            html.Div([html.Div(className="bone bone-chart") for _ in range(2)], className="cards two"),
            html.Div(className="bone bone-table"),
        ],
        className="skeleton",
    )


def notice(text: str, *, level: str = "watch") -> Component:
    """Something that the reader must know before the figures; ``level``: ``watch`` or ``over``."""
    sign = {"watch": "△", "over": "✕"}[level]
    return html.Div(
        [html.Span(sign, className="sign", **aria(hidden="true")), html.Span(text)],
        className=f"notice notice-{level}",
        role="alert" if level == "over" else "status",
    )


def _brand() -> Component:
    return html.A("Footprint", href="/", className="brand go")


def _navigation(entries: list[Entry]) -> Component:
    links = [html.A(entry.name, href=entry.path, className="tab go") for entry in entries]
    return html.Nav(links, className="tabs", **aria(label="Pages"))


def _controls() -> Component:
    return html.Div(
        [
            html.Span(id="news", className="muted news", role="status"),
            html.Button("Refresh", id=REFRESH, type="button", className="control", n_clicks=0),
            html.Button("Theme", id="theme-toggle", type="button", className="control", n_clicks=0),
        ],
        className="controls",
    )


def _footer() -> list[Component]:
    return [
        html.P(LEGEND),
        html.P(
            "A range is a 90 % interval unless its kind is named. Factors' errors are shared: they do not shrink "
            "when runs are added. A dash stands for what is not known; it is never zero."
        ),
    ]
