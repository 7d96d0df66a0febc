"""Figures are data: each is compared whole with a golden file, and checked by Plotly's own validator.

Renew the golden files with ``UPDATE_GOLDEN=1 pytest tests/unit/test_figures.py`` and read the diff.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("dash", reason="the dashboard's extra is not installed: pip install 'compute-footprint[dashboard]'")

from footprint.dashboard.figures import theme
from footprint.dashboard.figures.budget import Course, Point, budget
from footprint.dashboard.figures.power import ALONE, MOST_POINTS, channels_of, power
from footprint.dashboard.figures.shares import Part, shares
from footprint.interval import Interval

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "figures"


def p90(central: float) -> Interval:
    return Interval(0.9 * central, central, 1.2 * central, "p90")


TWO_CHANNELS = [(float(t_s), {"package-0": 10.0 + t_s, "gpu-0": None if t_s == 2 else 100.0}) for t_s in range(5)]
FOUR_CHANNELS = [(float(t_s), {f"gpu-{number}": 50.0 * number + t_s for number in range(4)}) for t_s in range(3)]
GAP = {"channel": "gpu-0", "from_s": 1.5, "to_s": 2.5, "why": "it did not answer", "filled": "none"}
PARTS = [
    Part("package-0 (cpu)", p90(1200.0), p90(300.0), "1.2 kJ", "1.2 kJ"),
    Part("overhead modelled", p90(400.0), None, "400 J", "400 J"),
]

COURSE = Course(
    [Point(f"2026-11-{day:02d}", p90(3.0 * day), f"{3 * day} g") for day in (1, 2, 3)],
    [Point("2026-11-03", p90(9.0), "9 g"), Point("2026-11-30", p90(90.0), "90 g")],
    60.0, "2026-11-01", "2026-11-30", "9.00 g", "60.0 g", "90.0 g", "watch",
)  # fmt: skip

FIGURES = {
    "budget-likely-over-light": budget(COURSE, 1.0, theme.LIGHT),
    "budget-cannot-tell-dark": budget(COURSE._replace(ahead=[], level="none"), 1.0, theme.DARK),
    "power-together": power(TWO_CHANNELS, [GAP], theme.LIGHT),
    "power-apart": power(FOUR_CHANNELS, [GAP], theme.DARK),
    "power-none": power([], [], theme.LIGHT),
    "shares": shares(PARTS, "kJ", 1000.0, theme.LIGHT),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_as_its_golden_file(name: str) -> None:
    """What a page draws changes only where somebody means it to."""
    path = GOLDEN / f"{name}.json"
    text = json.dumps(FIGURES[name], indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_takes_the_figure(name: str) -> None:
    """No key is misspelt: Plotly's own classes take every one."""
    graph_objects = pytest.importorskip("plotly.graph_objects")
    graph_objects.Figure(FIGURES[name])


def test_a_gap_stays_a_gap_and_is_named() -> None:
    """No line is drawn over a time without readings, which is shaded and said."""
    figure = power(TWO_CHANNELS, [GAP], theme.LIGHT)
    line = next(trace for trace in figure["data"] if trace["name"] == "gpu-0")
    assert list(zip(line["x"], line["y"], strict=True)) == [
        (0.0, 100.0),
        (0.0, 100.0),
        (1.0, 100.0),
        (2.0, None),
        (2.0, 100.0),
        (3.0, 100.0),
        (4.0, 100.0),
    ]
    assert line["connectgaps"] is False
    assert (figure["layout"]["shapes"][0]["x0"], figure["layout"]["shapes"][0]["x1"]) == (1.5, 2.5)
    assert any("no reading" in note["text"] for note in figure["layout"]["annotations"])


def test_a_run_of_one_stretch_is_a_line_from_its_start() -> None:
    """Power is the mean over the time before its point: one point is drawn from 0 to there."""
    trace = power([(0.4, {"cpu": 7.0})], [], theme.LIGHT)["data"][0]
    assert (trace["x"], trace["y"], trace["line"]["shape"]) == ([0.0, 0.4], [7.0, 7.0], "vh")


def test_more_channels_than_colours_get_a_panel_each() -> None:
    """Two colours stay apart for all kinds of colour blindness; beyond two, place tells channels apart."""
    figure = power(FOUR_CHANNELS, [], theme.LIGHT)
    assert [trace["yaxis"] for trace in figure["data"]] == ["y", "y2", "y3", "y4"]
    assert {trace["line"]["color"] for trace in figure["data"]} == {theme.LIGHT.series_1}
    assert figure["layout"]["height"] > ALONE


def test_every_channel_is_named_in_the_chart() -> None:
    """No legend to hunt in: each line has its name beside it."""
    for points in (TWO_CHANNELS, FOUR_CHANNELS):
        words = {note["text"] for note in power(points, [], theme.LIGHT)["layout"]["annotations"]}
        assert set(channels_of(points)) <= words


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e4)), min_size=1, max_size=3 * MOST_POINTS))
def test_thinning_keeps_first_last_and_the_edges_of_gaps(powers: list[float | None]) -> None:
    """A long run's chart is thinned, and still begins, ends and breaks where the run does."""
    points = [(float(t_s), {"board": power_w}) for t_s, power_w in enumerate(powers)]
    trace = power(points, [], theme.LIGHT)["data"][0]
    drawn = set(trace["x"])
    edges = {t_s for t_s in range(1, len(powers)) if (powers[t_s] is None) != (powers[t_s - 1] is None)}
    ends = {t_s for t_s in (0, len(powers) - 1) if powers[t_s] is not None}
    assert ends | edges <= drawn
    assert len(drawn) <= MOST_POINTS + 1 + 2 * len(edges)


def css_variables(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-F]{6});", block))


@pytest.mark.parametrize(("name", "colours"), [("light", theme.LIGHT), ("dark", theme.DARK)])
def test_charts_and_page_have_the_same_colours(name: str, colours: theme.Palette) -> None:
    """The style sheet and the charts' palette are one, in each place where the style sheet has it."""
    css = (ROOT / "dashboard" / "assets" / "footprint.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root[^{]*\{([^}]*)\}", css)
    expected = {key.replace("_", "-"): value for key, value in colours._asdict().items()}
    of_theme = [css_variables(block) for block in blocks if f"color-scheme: {name}" in block]
    assert len(of_theme) == (1 if name == "light" else 2)
    assert all(found == expected for found in of_theme)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK])
def test_contrast_is_enough(colours: theme.Palette) -> None:
    """WCAG 2: 4.5 for text, 3 for graphics, on the surface and on the page."""
    for surface in (colours.surface, colours.page):
        for text in (colours.text, colours.muted, colours.accent, colours.watch, colours.over):
            assert contrast(text, surface) >= 4.5
        for graphic in (colours.series_1, colours.series_2, colours.border):
            assert contrast(graphic, surface) >= 3


def all_texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in all_texts(part)]
    if isinstance(value, list | tuple):
        return [text for part in value for text in all_texts(part)]
    return [value] if isinstance(value, str) else []


def test_no_figure_names_an_address() -> None:
    """A chart loads nothing: no address stands in it."""
    assert not [text for figure in FIGURES.values() for text in all_texts(figure) if "//" in text]
