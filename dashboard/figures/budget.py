"""A target's use over its period: used with its range, an even pace, the limit, and where it is going."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from footprint.dashboard.figures.theme import Figure, Palette, faded, label, layout, plain_axis, value_axis
from footprint.interval import Interval

HEIGHT = 300


class Point(NamedTuple):
    """The use up to the end of a day, in the target's unit."""

    day: str
    """ISO date."""
    value: Interval
    words: str
    """The amount with its range, for the pointer; the table holds the same."""


class Course(NamedTuple):
    """What the chart shows."""

    used: list[Point]
    """From the first day of the period to today."""
    ahead: list[Point]
    """From today, with the width that the use has by then, to the last day; empty where it cannot be told."""
    limit: float
    first_day: str
    last_day: str
    used_words: str
    limit_words: str
    ahead_words: str
    level: str
    """``fine``, ``watch``, ``over`` or ``none``: names the colour of what is to come."""


def budget(course: Course, size: float, colours: Palette) -> Figure:
    """The chart, in multiples of ``size``."""
    shade = {"fine": colours.accent, "watch": colours.watch, "over": colours.over}.get(course.level, colours.muted)
    top = max([course.limit, *(point.value.high for point in [*course.used, *course.ahead])]) / size
    data = [_limit(course, size, colours), _pace(course, size, colours)]
    data += _ranged(course.ahead, size, shade, "dot")
    data += _ranged(course.used, size, colours.series_1, "solid")
    axes = {
        "xaxis": plain_axis(
            colours, type="date", range=[course.first_day, course.last_day], tickformat="%-d %b", nticks=7
        ),
        "yaxis": value_axis(colours, range=[0, top * 1.16]),
    }
    notes = _labels(course, size, colours, shade)
    return {"data": data, "layout": layout(colours, HEIGHT, annotations=notes, hovermode="x", **axes)}


def _ranged(points: list[Point], size: float, colour: str, dash: str) -> list[dict[str, Any]]:
    """A line in its band: the band has an edge, so that it is seen on both surfaces."""
    if not points:
        return []
    days = [point.day for point in points]
    edge = {"mode": "lines", "line": {"color": colour, "width": 1}, "hoverinfo": "skip"}
    low = _line(days, [point.value.low / size for point in points], **edge)
    high = _line(
        days, [point.value.high / size for point in points], fill="tonexty", fillcolor=faded(colour, 0.24), **edge
    )
    middle = _line(
        days,
        [point.value.central / size for point in points],
        mode="lines+markers" if len(points) == 1 else "lines",
        line={"color": colour, "width": 2.5, "dash": dash},
        marker={"color": colour, "size": 8},
        customdata=[point.words for point in points],
        hovertemplate="%{customdata}<extra></extra>",
    )
    return [low, high, middle]


def _limit(course: Course, size: float, colours: Palette) -> dict[str, Any]:
    return _line(
        [course.first_day, course.last_day],
        [course.limit / size] * 2,
        mode="lines",
        line={"color": colours.text, "width": 1.5, "dash": "dash"},
        hoverinfo="skip",
    )


def _pace(course: Course, size: float, colours: Palette) -> dict[str, Any]:
    return _line(
        [course.first_day, course.last_day],
        [0, course.limit / size],
        mode="lines",
        line={"color": colours.border, "width": 1},
        hoverinfo="skip",
    )


def _line(days: list[str], values: list[float], **more: Any) -> dict[str, Any]:
    return {"type": "scatter", "x": days, "y": values, **more}


def _labels(course: Course, size: float, colours: Palette, shade: str) -> list[dict[str, Any]]:
    """Direct labels, each in the colour of what it names. Left: the limit; right: what is to come."""
    notes = [
        label(
            f"Budget {course.limit_words}", course.first_day, course.limit / size, colours.text,
            xanchor="left", yanchor="bottom", xshift=4,
        ),
    ]  # fmt: skip
    if course.used:
        last = course.used[-1]
        early = len(course.used) < 8
        notes.append(
            label(
                f"Used {course.used_words}", last.day, last.value.high / size, colours.series_1,
                xanchor="left" if early else "right", yanchor="bottom", xshift=4 if early else -4, yshift=2,
            )
        )  # fmt: skip
    if course.ahead:
        last = course.ahead[-1]
        notes.append(
            label(
                f"Forecast {course.ahead_words}", course.last_day, last.value.high / size, shade,
                xanchor="right", yanchor="bottom", yshift=2,
            )
        )  # fmt: skip
    notes.append(_pace_label(course, size, colours))
    return notes


def _pace_label(course: Course, size: float, colours: Palette) -> dict[str, Any]:
    """On its line, early where the used line ends late, and late where it ends early: their labels stay apart."""
    first, last = (date.fromisoformat(day) for day in (course.first_day, course.last_day))
    used_to = date.fromisoformat(course.used[-1].day) if course.used else first
    part = 0.35 if (used_to - first) > (last - first) / 2 else 0.75
    day = (first + (last - first) * part).isoformat()
    return label(
        "Even pace", day, course.limit * part / size, colours.muted, xanchor="right", yanchor="bottom", xshift=-4
    )
