"""Amounts over time, a bar with its range for each day or each run."""

from __future__ import annotations

from typing import NamedTuple

from footprint.dashboard.figures.theme import Figure, Palette, label, layout, plain_axis, value_axis
from footprint.interval import Interval

HEIGHT = 240
LABELLED = 3
"""With more bars than this only the largest carries its value."""


class Bar(NamedTuple):
    """One day or one run."""

    key: str
    """Unique among the bars; dates sort as text."""
    label: str
    """Under the bar."""
    value: Interval
    words: str
    """The amount as people read it."""
    hover: str
    """The amount with its range, for the pointer; the table holds the same."""


def over_time(bars: list[Bar], size: float, colours: Palette, *, second: bool = False) -> Figure:
    """Bars with whiskers, in multiples of ``size``.

    ``second`` takes the second series colour, so that two indicators side by side are told apart.
    """
    middles = [bar.value.central / size for bar in bars]
    trace = {
        "type": "bar",
        "x": [bar.key for bar in bars],
        "y": middles,
        "error_y": _whiskers(bars, size, colours),
        "customdata": [bar.hover for bar in bars],
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {"color": colours.series_2 if second else colours.series_1},
        "width": 0.7 if len(bars) > 3 else 0.24,
    }
    ticks = _ticks(bars)
    axes = {
        "xaxis": plain_axis(
            colours,
            type="category",
            tickvals=[bar.key for bar in ticks],
            ticktext=[bar.label for bar in ticks],
            tickangle=0,
            range=[-0.6, max(len(bars), 2) - 0.4],
        ),
        "yaxis": value_axis(colours),
    }
    return {
        "data": [trace],
        "layout": layout(colours, HEIGHT, annotations=_labels(bars, size, colours) or [_nothing(colours)], **axes),
    }


def _whiskers(bars: list[Bar], size: float, colours: Palette) -> dict[str, object]:
    """The ranges as Plotly takes them: distances from the middle."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [(bar.value.high - bar.value.central) / size for bar in bars],
        "arrayminus": [(bar.value.central - bar.value.low) / size for bar in bars],
        "color": colours.text,
        "thickness": 1,
        "width": 3 if len(bars) <= LABELLED else 0,
    }


def _ticks(bars: list[Bar], most: int = 4) -> list[Bar]:
    """Evenly spaced bars whose labels have room."""
    step = -(-len(bars) // most)
    return bars[::step] if bars else []


def _labels(bars: list[Bar], size: float, colours: Palette) -> list[dict[str, object]]:
    """Values over the bars: of all where they are few, else of the largest."""
    largest = max(range(len(bars)), key=lambda at: bars[at].value.central, default=None)
    named = range(len(bars)) if len(bars) <= LABELLED else [largest]
    return [
        label(
            bars[at].words,
            bars[at].key,
            bars[at].value.high / size,
            colours.text,
            yanchor="bottom",
            yshift=2,
            xanchor=_side(at, len(bars)),
        )
        for at in named
        if at is not None
    ]


def _nothing(colours: Palette) -> dict[str, object]:
    return label("No figure is known", 0.5, 0.5, colours.muted, xref="paper", yref="paper")


def _side(at: int, count: int) -> str:
    """The side of a label that stands over its bar: labels near an edge lean inwards."""
    if count <= LABELLED:
        return "center"
    return "left" if at < count / 6 else "right" if at >= count * 5 / 6 else "center"
