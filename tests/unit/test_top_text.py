"""What ``footprint top`` shows of a view, as in its golden files."""

import os
from pathlib import Path

import pytest

from footprint.cli import top_text
from footprint.interval import UNKNOWN, Interval
from footprint.watching import ChannelPower, RunPower, View, _in_order, as_document

GOLDEN = Path(__file__).parents[1] / "golden"
START = 1_764_061_000.0


def watts(central):
    return Interval(central * 0.9, central, central * 1.1, "envelope")


RUNS = (
    RunPower("01A", "train", "vision", None, 125.4, watts(60.0), 1.0, 0.4),
    RunPower("01B", "epoch \x1b[31m1 of a run with a name that is long", None, "01A", 10.0, watts(20.0), 1.0, 0.4),
    RunPower("01C", "slow", None, None, 4_000.0, watts(5.0), 60.0, 45.0),
    RunPower("01D", None, None, None, 0.2, UNKNOWN, 0.0, 0.2, "it has only just begun"),
)
CHANNELS = (
    ChannelPower("cpu", "package-0", "rapl-counter", "measured", watts(80.0)),
    ChannelPower("dram", "dram", "model", "modelled", watts(12.0)),
    ChannelPower("gpu", "gpu-0", None, "unavailable", UNKNOWN, "the NVIDIA driver says of gpu-0: GPU is lost"),
)
VIEWS = {
    "top": View(START, 1.002, CHANNELS, watts(110.0), RUNS, 45.0),
    "top-nothing": View(START, 1.0, (), UNKNOWN, (), None),
}


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("how", ["screen", "plain"])
def test_a_view_is_shown_as_in_its_golden_file(name, how):
    lines = getattr(top_text, how)(VIEWS[name])
    text = "\n".join(lines) + "\n"
    assert "\x1b" not in text
    path = GOLDEN / f"{name}{'-plain' if how == 'plain' else ''}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_the_document_has_null_where_there_is_no_figure():
    document = as_document(VIEWS["top"])
    assert [one["power_w"] is None for one in document["runs"]] == [False, False, False, True]
    assert document["channels"][2]["why"]
    assert as_document(VIEWS["top-nothing"])["host_w"] is None


def test_a_run_inside_another_follows_it():
    inner, outer, later = (
        RUNS[0]._replace(run_id=name, parent=parent) for name, parent in (("3", "1"), ("1", None), ("2", None))
    )
    assert [run.run_id for run in _in_order((inner, later, outer))] == ["1", "3", "2"]
