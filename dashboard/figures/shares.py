"""Amounts in one unit, side by side: a horizontal bar each, in one or two parts, the first with its range."""

from __future__ import annotations

from typing import NamedTuple

from footprint.dashboard.figures.theme import Figure, Palette, layout, plain_axis, value_axis
from footprint.interval import Interval

ROW = 34
"""Height of a bar with its space, px."""
FRAME = 44


class Part(NamedTuple):
    """A row: what it is, its two parts, and its amount in words."""

    name: str
    first: Interval
    second: Interval | None
    words: str
    hover: str


def shares(parts: list[Part], unit: str, size: float, colours: Palette) -> Figure:
    """Bars from the top down. The second part is paler: what the host used for others."""
    names = [part.name for part in parts]
    data = [_bars(parts, size, colours)]
    if any(part.second for part in parts):
        data.append(_rest(parts, size, colours))
    ends = [_end(part) / size for part in parts]
    notes = [
        {
            "text": part.words,
            "x": end,
            "y": part.name,
            "xanchor": "left",
            "xshift": 6,
            "showarrow": False,
            "font": {"color": colours.text, "size": 12},
        }
        for part, end in zip(parts, ends, strict=True)
    ]
    widest = max(ends, default=0) or 1
    axes = {
        "xaxis": value_axis(
            colours, range=[0, widest * 1.35], title={"text": unit, "font": {"color": colours.muted}}, nticks=4
        ),
        "yaxis": plain_axis(
            colours, autorange="reversed", categoryarray=names, automargin=True, tickfont={"color": colours.text}
        ),
    }
    height = FRAME + ROW * max(1, len(parts))
    return {
        "data": data,
        "layout": layout(
            colours, height, barmode="stack", annotations=notes, margin={"l": 8, "r": 8, "t": 4, "b": 36}, **axes
        ),
    }


def _bars(parts: list[Part], size: float, colours: Palette) -> dict[str, object]:
    return {
        "type": "bar",
        "orientation": "h",
        "y": [part.name for part in parts],
        "x": [part.first.central / size for part in parts],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [(part.first.high - part.first.central) / size for part in parts],
            "arrayminus": [(part.first.central - part.first.low) / size for part in parts],
            "color": colours.text,
            "thickness": 1.2,
            "width": 4,
        },
        "customdata": [part.hover for part in parts],
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {"color": colours.series_1},
        "width": 0.5,
    }


def _rest(parts: list[Part], size: float, colours: Palette) -> dict[str, object]:
    return {
        "type": "bar",
        "orientation": "h",
        "y": [part.name for part in parts],
        "x": [part.second.central / size if part.second else 0 for part in parts],
        "customdata": [part.hover for part in parts],
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {"color": colours.track, "line": {"color": colours.border, "width": 1}},
        "width": 0.5,
    }


def _end(part: Part) -> float:
    """Where a row's label may begin: right of the bar and of its whisker."""
    whole = part.first.central + (part.second.central if part.second else 0)
    return max(whole, part.first.high)
