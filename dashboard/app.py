"""The dashboard as a web application: its pages, its frame, its headers. Nothing here listens; ``server`` does."""

from __future__ import annotations

import os
from typing import Any

import flask
from dash import Dash, Input, Output, State, ctx, no_update

from footprint.dashboard import security
from footprint.dashboard.components import empty, shell
from footprint.dashboard.memory import Memory
from footprint.dashboard.pages import PAGES
from footprint.dashboard.pages.page import Asked, Place
from footprint.dashboard.source import RunSource
from footprint.errors import FootprintError

INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<meta name="color-scheme" content="light dark">
<title>{%title%}</title>
<script src="/assets/theme.js"></script>
<link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
{%css%}
</head>
<body>
<noscript>This page needs JavaScript. On the command line: footprint list, footprint show RUN.</noscript>
{%app_entry%}
<div hidden>
{%config%}
{%scripts%}
{%renderer%}
</div>
</body>
</html>
"""


def build(source: RunSource) -> Dash:
    """The application over a source of runs. Every address below ``/`` shows the frame; the page is chosen in it."""
    app = Dash(
        "footprint.dashboard",
        assets_folder=os.path.join(os.path.dirname(__file__), "assets"),
        assets_ignore=r"theme\.js",
        pages_folder="",
        use_pages=False,
        serve_locally=True,
        compress=False,  # the reader is on this machine: packing 7 MB takes longer than handing them over
        title="Footprint",
        update_title="",
        index_string=INDEX,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        suppress_callback_exceptions=True,
        add_log_handler=False,
        enable_mcp=False,
    )
    app.enable_dev_tools(debug=False, dev_tools_disable_version_check=True)
    asked = Asked(source, Memory())
    app.layout = shell.shell([shell.Entry(page.path, page.name) for page in PAGES if page.name])
    _choose_pages(app, asked)
    for page in PAGES:
        page.register(app, asked)
    _tell_changes(app.server, source)
    security.guard(app.server, app.csp_hashes())
    return app


def _choose_pages(app: Dash, asked: Asked) -> None:
    @app.callback(
        Output(shell.PAGE, "children"),
        Input(shell.URL, "pathname"),
        Input(shell.REFRESH, "n_clicks"),
        State(shell.URL, "search"),
    )
    def choose(path: str | None, _clicks: int, search: str | None) -> Any:
        """The page that lives at an address."""
        place = Place(path or "/", search or "")
        for page in PAGES:
            if page.holds(place.path):
                kept = ctx.triggered_id == shell.REFRESH and not page.made_anew
                return no_update if kept else page.render(asked, place)
        return empty.no_such_page(place.path)


def _tell_changes(server: flask.Flask, source: RunSource) -> None:
    @server.get("/changes")
    def changes() -> flask.Response:
        """A word that is another one whenever runs came, ended or went: the page asks for it now and then."""
        try:
            return flask.jsonify({"state": source.state()})
        except FootprintError as problem:
            return flask.jsonify({"state": "", "problem": str(problem)})
