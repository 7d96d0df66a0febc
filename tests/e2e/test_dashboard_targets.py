"""The targets' page and the drawer with a figure's derivation, in a real browser over figures that are made up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("dash", reason="the dashboard's extra is not installed: pip install 'compute-footprint[dashboard]'")

from fake_runs import standing
from test_dashboard_pages import CLAIMS, LOOKS, Served

if TYPE_CHECKING:
    from browser import Open, Watched

pytest_plugins = ["browser"]
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

STANDINGS = [
    standing("fine", "on_track", 20.0, 50.0, "energy"),
    standing("near", "likely_over", 45.0, 50.0),
    standing("past", "over", 70.0, 50.0),
    standing("silent", "cannot_tell", 10.0, 50.0),
    standing("drops", "cannot_tell", 30.0, 50.0, "water")._replace(why="water is of the class direction"),
]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    started = Served(12)
    started.runs.standings = list(STANDINGS)
    yield started
    started.stop()


def ready(watched: Watched) -> Watched:
    watched.page.wait_for_selector("#course-chart .annotation:has-text('Budget')")
    return watched


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_targets_page_is_sound_in_every_look(served: Served, open_page: Open, scheme: str, width: int) -> None:
    """No axe violation, no console error, no host but this one, no sideways scrolling, no claim."""
    watched = ready(open_page(served.url("/targets"), scheme=scheme, width=width))
    watched.page.click("summary:has-text('Show as table')")
    assert watched.violations() == []
    assert watched.complaints == []
    assert watched.hosts == {"127.0.0.1"}
    assert watched.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert not CLAIMS.search(watched.page.inner_text("body"))


def test_each_target_has_budget_forecast_status_grade_owner_and_reason(served: Served, open_page: Open) -> None:
    """The worst first; status by sign, word and reason; a class without a status has none; the headline counts."""
    watched = ready(open_page(served.url("/targets")))
    page = watched.page
    assert page.text_content("h1") == "1 of 4 targets on track"
    rows = [row.inner_text().replace("\u00a0", " ") for row in page.query_selector_all(".targets tbody tr")]
    assert [row.split("\n")[0].split("\t")[0] for row in rows] == ["past", "near", "silent", "fine", "drops"]
    said = ("✕ Over", "△ Likely over", "? Cannot tell", "✓ On track", "– No status")
    assert all(words in row for words, row in zip(said, rows, strict=True))
    assert "the budget is used up" in rows[0]
    assert "−20.0 g CO2e" in rows[0]
    assert "80 % chance that the budget is passed" in rows[1]
    assert "silence is no saving" in rows[2]
    assert "30.0 kWh" in rows[3]
    assert "water is of the class direction" in rows[4]
    for row in rows:
        assert "platform team" in row
        assert "budget of 2026, decision 12" in row
        assert "% of the energy was measured" in row
    label = str(page.get_attribute(".targets tbody tr:nth-child(2) .bullet", "aria-label")).replace("\u00a0", " ")
    assert label.startswith("Used 45.0 g CO2e of 50.0 g CO2e, forecast 36.6–84.4 g CO2e")


def test_a_target_is_chosen_by_keyboard_and_kept_in_the_address(served: Served, open_page: Open) -> None:
    """Its course is drawn with direct labels and stands as a table too; where it cannot be told, nothing is drawn."""
    watched = ready(open_page(served.url("/targets")))
    page = watched.page
    assert page.text_content("#course-title") == "past against its budget"
    page.focus(".targets a:text-is('near')")
    page.keyboard.press("Enter")
    page.wait_for_selector("#course-title:text-is('near against its budget')")
    assert page.url.endswith("/targets?target=near")
    drawn = page.inner_text("#course-chart").replace("\u00a0", " ")
    for words in ("Budget 50.0 g CO2e", "Used 45.0 g CO2e", "Forecast 56.2 g CO2e", "Even pace"):
        assert words in drawn
    page.click("summary:has-text('Show as table')")
    assert len(page.query_selector_all("#course-table tbody tr")) == 25
    again = ready(open_page(served.url("/targets?target=silent")))
    assert "Forecast" not in again.page.inner_text("#course-chart")
    assert watched.complaints == again.complaints == []


def test_without_a_target_the_page_says_how_one_is_set(served: Served, open_page: Open) -> None:
    """A target is a choice of people: none is there by itself, and the command is there to copy."""
    served.runs.standings = []
    try:
        watched = open_page(served.url("/targets"))
        watched.page.wait_for_selector("h1:text-is('No targets yet')")
        body = watched.page.inner_text("main")
        assert "footprint targets set" in body
        assert "a choice of people" in body
        assert watched.violations() == []
        assert watched.complaints == []
    finally:
        served.runs.standings = list(STANDINGS)


@pytest.mark.parametrize(("scheme", "width"), [("dark", 1440), ("light", 390)])
def test_a_derivation_opens_and_closes_by_keyboard(served: Served, open_page: Open, scheme: str, width: int) -> None:
    """Enter opens the drawer with all steps, Tab stays in it, Escape closes it, and the focus is where it was."""
    watched = open_page(served.url("/run/01JDRUN00003"), scheme=scheme, width=width)
    page = watched.page
    page.wait_for_selector("#power-chart .scatterlayer .js-line")
    page.focus("button:text-is('Water')")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] .steps li")
    assert page.text_content("#derivation-title") == "How water was made"
    words = page.inner_text("dialog").replace("\u00a0", " ")
    for part in ("the water of 01JDRUN00003", "facility_kwh × direct", "carbon_location/direct/FR/2024", "published",
                 "A yearly data set", "80 %: burning fuel in the plants"):  # fmt: skip
        assert part in words
    assert watched.violations() == []
    for _ in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="hidden")
    assert page.evaluate("document.activeElement.textContent") == "Water"
    assert watched.complaints == []
