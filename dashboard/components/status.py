"""A run's state as sign, word and colour: never by colour alone."""

from __future__ import annotations

from typing import NamedTuple

from dash import html
from dash.development.base_component import Component

from footprint.dashboard.components.aria import aria


class State(NamedTuple):
    """How a state is shown."""

    sign: str
    word: str
    level: str
    """``fine``, ``watch``, ``over`` or ``live``: names the colour."""


def state(status: str, exit_code: int | None = None) -> State:
    """The sign and word of a status; a job that ended with an error says its exit code."""
    if status == "completed" and exit_code:
        return State("✕", f"Exit {exit_code}", "over")
    return {
        "completed": State("✓", "Completed", "fine"),
        "crashed": State("△", "Crashed", "watch"),
        "stopped": State("■", "Stopped", "watch"),
        "running": State("●", "Running", "live"),
    }.get(status, State("?", status or "Unknown", "watch"))


def badge(status: str, exit_code: int | None = None) -> Component:
    """The state for a page's text."""
    shown = state(status, exit_code)
    return html.Span(
        [html.Span(shown.sign, **aria(hidden="true")), f" {shown.word}"], className=f"state state-{shown.level}"
    )
