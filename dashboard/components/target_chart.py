"""The chart of one target's use, with its words and the same as a table."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from dash import html

from footprint.dashboard.components import amounts, tables
from footprint.dashboard.components.moments import day
from footprint.dashboard.components.target_rows import period, whole_range
from footprint.dashboard.components.target_status import told
from footprint.dashboard.figures.budget import Course, Point, budget
from footprint.dashboard.figures.theme import Palette
from footprint.dashboard.source import TargetCourse
from footprint.interval import Interval, exact
from footprint.queries import CurvePoint
from footprint.targets import Standing


def chart(one: Standing, course: TargetCourse, colours: Palette) -> dict[str, Any]:
    """Title, figure, finding, note and table of a target's use."""
    unit = one.target.unit
    shown = _course(one, course)
    highest = max([one.target.limit, *(point.value.high for point in [*shown.used, *shown.ahead])])
    size, name = amounts.fit(highest, unit)
    return {
        "title": f"{one.target.name} against its budget",
        "figure": budget(shown, size, colours),
        "image": f"{one.target.name}, {period(one)}: {_finding(one, course)}",
        "note": f"{name}, added up; {told(one).state.word.lower()}. {_finding(one, course)}",
        "table": _table(one, course),
    }


def _course(one: Standing, course: TargetCourse) -> Course:
    unit = one.target.unit
    return Course(
        used=[_point("Used", point, unit) for point in course.used],
        ahead=[_point("Forecast", point, unit) for point in course.ahead],
        limit=one.target.limit,
        first_day=one.first_day,
        last_day=one.last_day,
        used_words=amounts.counted(course.used[-1].used, unit) if course.used else "",
        limit_words=amounts.counted(exact(one.target.limit), unit),
        ahead_words=amounts.counted(course.ahead[-1].used, unit) if course.ahead else "",
        level=told(one).state.level,
    )


def _point(word: str, point: CurvePoint, unit: str) -> Point:
    return Point(point.day, point.used, f"{day(point.day)}: {word.lower()} {_amount(point.used, unit)}")


def _amount(value: Interval, unit: str) -> str:
    spread = whole_range(value, unit)
    return amounts.counted(value, unit) + (f" ({spread})" if spread else "")


def _finding(one: Standing, course: TargetCourse) -> str:
    """When the budget is used up at this rate, if it is."""
    if not course.used:
        return told(one).why or "Nothing is known of its use."
    passed = next((point.day for point in course.used if point.used.central > one.target.limit), None)
    if passed:
        return f"The budget was used up on {day(passed)}."
    out = runs_out(course.ahead, one.target.limit)
    if out:
        early = (date.fromisoformat(one.last_day) - date.fromisoformat(out)).days
        return f"At this rate it is used up on {day(out)}, {early} days early."
    if course.ahead:
        return "At this rate it lasts to the end of the period."
    return told(one).why


def runs_out(ahead: list[CurvePoint], limit: float) -> str | None:
    """The day on which the forecast's middle passes a limit, between its points in a straight line; None: never."""
    for before, after in itertools.pairwise(ahead):
        if before.used.central <= limit < after.used.central:
            first, last = date.fromisoformat(before.day).toordinal(), date.fromisoformat(after.day).toordinal()
            part = (limit - before.used.central) / (after.used.central - before.used.central)
            return date.fromordinal(first + round(part * (last - first))).isoformat()
    return None


def _table(one: Standing, course: TargetCourse) -> Any:
    unit = one.target.unit
    points = [("used", point) for point in course.used] + [("forecast", point) for point in course.ahead[1:]]
    if not points:
        return html.P(f"{amounts.DASH} {told(one).why}")
    rows: list[list[tables.Cell]] = [
        [
            day(point.day),
            word,
            amounts.counted(point.used, unit),
            whole_range(point.used, unit) or amounts.DASH,
            amounts.kind_words(point.used),
        ]
        for word, point in points
    ]
    heads = ["Up to the end of", "What", "Amount", "Range", "Kind of range"]
    return tables.table(heads, rows, f"{one.target.name}, added up", numbers=(2, 3))
