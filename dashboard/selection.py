"""What a reader asked to see, as the address bar holds it: ``?q=train&project=vision&days=90&show=water``.

The address is the only place where the choice is kept: a link to it shows the same, and Back goes back.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

from footprint.impacts import INDICATORS

STATES = ("completed", "crashed", "stopped", "running")
PERIODS = (7, 30, 90, 0)
"""Days that can be chosen; 0 is all time."""
DEFAULT_DAYS = 30
SHOWN = ("energy", *(key for key, one in INDICATORS.items() if one.kind != "claim"))
"""Quantities that the chart can show; the first indicator where none is chosen."""
DEFAULT_SHOWN = SHOWN[1]
SORTABLE = ("started", "name", "project", "status", "duration", *SHOWN, "zone", "measured")
"""Columns that a table may be sorted by: nothing else reaches a query."""
LONGEST = 200
"""Characters of a filter that are looked at."""


class Selection(NamedTuple):
    """Filters of the runs page; empty strings filter nothing."""

    text: str = ""
    """Part of a run's name or id."""
    project: str = ""
    status: str = ""
    """One of ``STATES``."""
    days: int = DEFAULT_DAYS
    show: str = DEFAULT_SHOWN
    """The quantity over time, one of ``SHOWN``: it chooses no runs."""

    @property
    def runs(self) -> Selection:
        """The same choice of runs, whatever is shown of them."""
        return self._replace(show=DEFAULT_SHOWN)

    @property
    def filtered(self) -> bool:
        """Whether anything but the period is asked for."""
        return bool(self.text or self.project or self.status)


class Order(NamedTuple):
    """How the table is sorted."""

    column: str = "started"
    descending: bool = True


def parse(search: str | None) -> Selection:
    """The selection of a query string. What is not on the list of choices is not taken."""
    asked = parse_qs((search or "").removeprefix("?"))

    def first(key: str) -> str:
        return asked.get(key, [""])[0].strip()[:LONGEST]

    status, days, show = first("status"), first("days"), first("show")
    return Selection(
        text=first("q"),
        project=first("project"),
        status=status if status in STATES else "",
        days=int(days) if days in {str(period) for period in PERIODS} else DEFAULT_DAYS,
        show=show if show in SHOWN else DEFAULT_SHOWN,
    )


def query(selection: Selection) -> str:
    """The query string of a selection, with its ``?``; empty where all is as by default."""
    asked = {
        "q": selection.text,
        "project": selection.project,
        "status": selection.status,
        "days": "" if selection.days == DEFAULT_DAYS else str(selection.days),
        "show": "" if selection.show == DEFAULT_SHOWN else selection.show,
    }
    kept = {key: value for key, value in asked.items() if value}
    return f"?{urlencode(kept)}" if kept else ""


def order(sort_model: object) -> Order:
    """The order that a grid asks for, if it names a column of the list; else newest first."""
    if not isinstance(sort_model, list) or not sort_model or not isinstance(sort_model[0], dict):
        return Order()
    column = sort_model[0].get("colId")
    if column not in SORTABLE:
        return Order()
    return Order(str(column), descending=sort_model[0].get("sort") == "desc")
