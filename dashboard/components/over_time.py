"""Amounts over time: a bar with its range for each day, month or run, in the page's own colours.

Plotly draws a run's own charts. Here it, or an element for each bar, would let the reader wait (decision 0013).
"""

from __future__ import annotations

import json
import math
from typing import Any, NamedTuple
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from footprint.interval import Interval

HEIGHT = 240
LABELLED = 3
"""With more bars than this only the largest carries its value."""
_ROOM = 1.12
"""The axis goes so far beyond the highest whisker: a label stands there."""


class Bar(NamedTuple):
    """One day, month or run."""

    label: str
    """Under the bar."""
    value: Interval
    words: str
    """The amount as people read it."""
    hover: str
    """The amount with its range, for the pointer; the table holds the same."""


def over_time(bars: list[Bar], size: float, *, second: bool = False) -> Component:
    """Bars with whiskers and an axis in multiples of ``size``.

    ``second`` takes the second series colour, so that energy and what follows from it are told apart.
    """
    style = {"height": f"{HEIGHT}px"}
    if not bars:
        return html.Div(html.P("No figure is known", className="muted"), className="bars none", style=style)
    ticks = ticks_up_to(_ROOM * max(bar.value.high for bar in bars) / size)
    whole = ticks[-1] * size or 1.0
    lines = [html.Span(f"{tick:g}", className="tick", style=_at("bottom", tick / ticks[-1])) for tick in ticks]
    drawn: list[Component] = [
        html.Div(className="drawn drawn-bars", style=_mask(_bars(bars, whole), len(bars))),
        html.Div(className="drawn drawn-whiskers", style=_mask(_whiskers(bars, whole), len(bars))),
    ]
    plot: dict[str, Any] = {"data-hover": json.dumps([bar.hover for bar in bars])}
    labels = [html.Span(bar.label, style=_at("left", (at + 0.5) / len(bars))) for at, bar in _evenly(bars)]
    return html.Div(
        [
            html.Div([*lines, *drawn, *_values(bars, whole)], className="plot", **plot),
            html.Div(labels, className="under"),
        ],
        className=f"bars{' second' if second else ''}",
        style=style,
    )


def ticks_up_to(most: float) -> list[float]:
    """Round amounts from 0 on, 1, 2 or 5 of a power of ten apart, up to the first that is not below ``most``."""
    if not most > 0 or not math.isfinite(most):
        return [0.0, 1.0]
    rough = most / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= rough * (1 - 1e-9))
    return [float(f"{step * number:.6g}") for number in range(math.ceil(most / step * (1 - 1e-9)) + 1)]


def _bars(bars: list[Bar], whole: float) -> str:
    """The bars as one path in a box of one unit a bar by 100: an element for each would cost a millisecond each."""
    wide = 0.7 if len(bars) > LABELLED else 0.24
    left = (1 - wide) / 2
    heights = (100 * (1 - bar.value.central / whole) for bar in bars)
    path = "".join(f"M{at + left:g} 100V{top:.2f}h{wide:g}V100z" for at, top in enumerate(heights))
    return f"<path d='{path}'/>"


def _whiskers(bars: list[Bar], whole: float) -> str:
    ends = ((100 * (1 - bar.value.high / whole), 100 * (1 - bar.value.low / whole)) for bar in bars)
    path = "".join(f"M{at + 0.5:g} {top:.2f}V{bottom:.2f}" for at, (top, bottom) in enumerate(ends))
    return f"<path d='{path}' stroke='#000' vector-effect='non-scaling-stroke'/>"


def _mask(shape: str, count: int) -> dict[str, str]:
    """A shape as a mask: the style sheet fills it with the theme's colour."""
    box = f"xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {count} 100' preserveAspectRatio='none'"
    return {"--shape": f'url("data:image/svg+xml,{quote(f"<svg {box}>{shape}</svg>")}")'}


def _values(bars: list[Bar], whole: float) -> list[Component]:
    """Amounts over the bars that carry theirs."""
    named = sorted(_labelled(bars))
    place = [{**_at("bottom", bars[at].value.high / whole), **_at("left", (at + 0.5) / len(bars))} for at in named]
    return [
        html.Span(bars[at].words, className=f"value{_side(at, len(bars))}", style=style)
        for at, style in zip(named, place, strict=True)
    ]


def _labelled(bars: list[Bar]) -> set[int]:
    """The bars that carry their value: all where they are few, else the largest."""
    if len(bars) <= LABELLED:
        return set(range(len(bars)))
    return {max(range(len(bars)), key=lambda at: bars[at].value.central)}


def _side(at: int, count: int) -> str:
    """Labels near an edge lean inwards."""
    if count <= LABELLED:
        return ""
    return " first" if at < count / 6 else " last" if at >= count * 5 / 6 else ""


def _evenly(bars: list[Bar], most: int = 4) -> list[tuple[int, Bar]]:
    """Evenly spaced bars whose labels have room."""
    return list(enumerate(bars))[:: -(-len(bars) // most)]


def _at(side: str, share: float) -> dict[str, str]:
    return {side: f"{100 * share:.2f}%"}
