"""Bars over time: what stands in the page is what is known, at its right height."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("dash", reason="the dashboard's extra is not installed: pip install 'compute-footprint[dashboard]'")

from footprint.dashboard.components.over_time import LABELLED, Bar, over_time, ticks_up_to
from footprint.interval import Interval


def bar(number: int, central: float | None = None) -> Bar:
    """The bar of a day, with a range of -10 and +20 %."""
    middle = float(number + 1) if central is None else central
    value = Interval(0.9 * middle, middle, 1.2 * middle, "p90")
    return Bar(f"{number + 1} Nov", value, f"{middle:g} Wh", f"{number + 1} Nov: {middle:g} Wh, 90 %")


def styled(component: Any, name: str) -> Iterator[Any]:
    """All components inside one that have a class."""
    if name in str(getattr(component, "className", "")).split():
        yield component
    children = getattr(component, "children", None)
    for child in children if isinstance(children, list) else [children]:
        if child is not None and not isinstance(child, str):
            yield from styled(child, name)


def drawn(component: Any, name: str) -> str:
    """The shape of the bars or whiskers, as it stands in the mask."""
    return unquote(next(styled(component, name)).style["--shape"])


def test_bars_and_whiskers_are_the_interval() -> None:
    """A whisker begins and ends where the interval does, on the bar's own scale, counted from the top."""
    shown = over_time([bar(0, 10.0), bar(1, 5.0)], 1.0)
    tops = [float(top) for top in re.findall(r" 100V([\d.]+)h", drawn(shown, "drawn-bars"))]
    height = 100 - tops[0]
    assert 100 - tops[1] == pytest.approx(height / 2, abs=0.01)
    ends = re.findall(r"M[\d.]+ ([\d.]+)V([\d.]+)", drawn(shown, "drawn-whiskers"))
    assert [100 - float(end) for end in ends[0]] == pytest.approx([1.2 * height, 0.9 * height], abs=0.01)


def test_the_pointer_finds_each_amount_with_its_range() -> None:
    """What a bar stands for is told at its place, whatever is in its name."""
    shown = over_time([bar(0)._replace(hover='a "b" <i>: 1 Wh'), bar(1)], 1.0)
    plot = next(styled(shown, "plot"))
    assert json.loads(plot.to_plotly_json()["props"]["data-hover"]) == ['a "b" <i>: 1 Wh', "2 Nov: 2 Wh, 90 %"]


def test_few_bars_all_carry_their_value_and_many_only_the_largest() -> None:
    """Direct labels never become a thicket."""
    few = over_time([bar(number) for number in range(LABELLED)], 1.0)
    many = over_time([bar(number) for number in range(LABELLED + 1)], 1.0)
    assert len(list(styled(few, "value"))) == LABELLED
    assert [value.children for value in styled(many, "value")] == [f"{LABELLED + 1:g} Wh"]


def test_nothing_known_is_said_and_drawn_as_no_bar() -> None:
    """No bar of height 0 stands for what is not known."""
    shown = over_time([], 1.0)
    assert list(styled(shown, "drawn")) == []
    assert "No figure is known" in str(shown)


@given(st.floats(min_value=1e-12, max_value=1e12))
def test_ticks_are_round_and_reach_over_the_highest(most: float) -> None:
    """1, 2 or 5 of a power of ten apart, from 0 on, few, and the last is not below what must fit."""
    ticks = ticks_up_to(most)
    step = ticks[1]
    assert ticks[0] == 0
    assert ticks[-1] >= most * (1 - 1e-6)
    assert 2 <= len(ticks) <= 6
    assert round(step / 10 ** math.floor(math.log10(step * 1.0000001)), 6) in (1, 2, 5)


@pytest.mark.parametrize("most", [0.0, -1.0, math.nan, math.inf])
def test_an_axis_of_nothing_still_has_two_ticks(most: float) -> None:
    """All bars may be zero."""
    assert ticks_up_to(most) == [0.0, 1.0]
