"""What ``show`` says of counted units and by hour, compared with golden files: the whole stands beside each part.

Renew them with ``UPDATE_GOLDEN=1 pytest tests/unit/test_units_text.py`` and read the diff.
"""

import os
from pathlib import Path

import pytest
from made_journals import frame, head, p90, result

from footprint import summary
from footprint.cli import show_text, units_text
from footprint.interval import exact
from footprint.records.raw import RawRun
from footprint.records.result import Hour, Served, UnitResult

GOLDEN = Path(__file__).parents[1] / "golden"


def unit(amount, kwh, idle_kwh, grams):
    each = {
        "job_kwh": p90(kwh / amount),
        "idle_kwh": p90(idle_kwh / amount),
        "carbon_location": p90(grams / amount, 0.3),
    }
    return UnitResult(amount, each, 0.9)


UNITS = {
    "output_tokens": unit(12_300.0, 0.03, 0.01, 1.7),
    "requests": unit(240.0, 0.03, 0.01, 1.7),
    "cached_tokens": UnitResult(0.0, {}, 0.9),
}
SERVED = Served("vLLM", tuple(UNITS), 30.0, 570.0, 61, 0, p90(0.03), p90(0.01))
RUN = result(RawRun(head(), (frame(0.0), frame(4.0))))._replace(units=UNITS, serving=SERVED)
HOURS = (
    Hour("2026-11-24T09:00:00.000Z", 0.0, 3_600.0, p90(0.03), p90(0.01), {"carbon_location": p90(1.7)}, UNITS, 60),
    Hour("2026-11-24T10:00:00.000Z", 3_600.0, 7_200.0, p90(0.01), p90(0.01), {"carbon_location": p90(0.5)},
         {"output_tokens": UnitResult(0.0, {})}, 60),
    Hour("2026-11-24T11:00:00.000Z", 7_200.0, 7_260.0, p90(0.001), exact(0.0), {"carbon_location": p90(0.05)}, {}),
)  # fmt: skip
SAID = {
    "units-served": units_text.text(RUN, plain=False),
    "units-served-plain": units_text.text(RUN, plain=True),
    "hours": units_text.hours_text(HOURS, {"carbon_location": "gCO2e"}, plain=False),
    "hours-plain": units_text.hours_text(HOURS, {"carbon_location": "gCO2e"}, plain=True),
}


@pytest.mark.parametrize("name", SAID)
def test_units_and_hours_are_shown_as_in_the_golden_file(name):
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(SAID[name] + "\n", encoding="utf-8")
    assert SAID[name] + "\n" == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("plain", [False, True])
def test_the_energy_that_is_divided_and_its_idle_part_stand_beside_the_figures(plain):
    said = units_text.text(RUN, plain=plain)
    assert said.index("Counted by vLLM") < said.index("output_tokens")
    assert "idle energy" in said
    assert "must not be added" in said
    assert said in show_text.text(RUN, plain=plain)
    line = (summary.plain if plain else summary.text)(RUN)
    assert "while they were counted" in line
    assert "of it idle" in line


def test_a_run_that_was_not_measured_has_no_hours_and_says_so():
    assert "no hours to show" in units_text.hours_text((), {}, plain=False)


def test_plain_text_is_a_fact_a_line_without_columns():
    for name in ("units-served-plain", "hours-plain"):
        assert all("  " not in line and ": " in line for line in SAID[name].splitlines() if "must not" not in line), (
            name
        )
