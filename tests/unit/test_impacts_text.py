"""``footprint show`` has every indicator: a figure, what is in it and what lacks, or why there is none."""

import pytest
from made_journals import frame, head

from footprint import catalogue
from footprint.account import account
from footprint.cli import impacts_text, show_text
from footprint.impacts import INDICATORS, impacts_of
from footprint.interval import exact
from footprint.records.hardware import Hardware, Held
from footprint.records.raw import RawRun, RunEnd

FR = catalogue.load("FR")
RUN = account(RawRun(head(), (frame(0.0, 0.0), frame(10.0, 100.0)), end=RunEnd(10.0, "completed", 0)), FR)
HELD = (Held("server-cpu", "2 processors", 2.0, 1.0), Held("gpu-h100", "NVIDIA H100\x1b[2J", 1.0, 1.0))


def line_of(run, key, *, plain=False):
    name = INDICATORS[key].name
    return next(line for line in impacts_text.text(run, plain=plain).splitlines() if name in line)


@pytest.mark.parametrize("plain", [False, True])
def test_every_indicator_is_there_and_none_is_passed_over(plain):
    lines = impacts_text.text(RUN, plain=plain).splitlines()
    assert len(lines) == len(INDICATORS) == len(RUN.impacts)
    for key in INDICATORS:
        assert line_of(RUN, key, plain=plain)
    assert impacts_text.text(RUN, plain=plain) in show_text.text(RUN, plain=plain)


def test_what_lacks_is_named_and_what_is_in_no_sum_is_said():
    kwh = exact(1.0)
    made = impacts_of(kwh, kwh, exact(1.0), FR, 2026, hardware=Hardware(10.0, HELD))
    run = RUN._replace(impacts=made)
    assert "without making NVIDIA H100" in line_of(run, "minerals")
    assert "of it collected and recycled there" in line_of(run, "ewaste")
    assert "apart from that, reservoirs" in line_of(run, "water")
    assert "in carbon already, climate" in line_of(run, "biodiversity")
    assert "without the land for making the hardware" in line_of(run, "land")
    assert "licence" in line_of(run, "water_scarcity")
    assert "\x1b" not in impacts_text.text(run, plain=False)


def test_a_run_of_which_nothing_was_measured_has_no_figure():
    nothing = account(RawRun(head(), (frame(0.0, 0.0),), end=RunEnd(0.0, "completed", 0)), FR)
    for key in INDICATORS:
        assert "no figure" in line_of(nothing, key), key
