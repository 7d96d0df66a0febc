"""What a page is: where it lives, what stands there, and what its callbacks need."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from dash import Dash
from dash.development.base_component import Component

from footprint.dashboard.memory import Memory
from footprint.dashboard.source import RunSource


class Place(NamedTuple):
    """Where the reader is."""

    path: str
    search: str


class Asked(NamedTuple):
    """What pages ask, and what was answered last."""

    source: RunSource
    memory: Memory


class Page(NamedTuple):
    """A page. ``path`` ending in ``/*`` stands for all addresses that begin so."""

    path: str
    name: str
    """As the navigation names it; empty: it is reached from another page."""
    render: Callable[[Asked, Place], Component]
    """What stands there at first; callbacks fill in what takes longer."""
    register: Callable[[Dash, Asked], None]
    made_anew: bool = False
    """Refresh makes the whole page anew; else the page's own callbacks see to it."""

    def holds(self, path: str) -> bool:
        """Whether an address is this page's."""
        return path.startswith(self.path[:-1]) if self.path.endswith("/*") else path == self.path
