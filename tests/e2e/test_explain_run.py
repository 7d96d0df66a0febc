"""``footprint explain`` on a run that was really measured."""

import json
import os
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """An environment whose home holds one run, and the run's document."""
    folder = tmp_path_factory.mktemp("explain")
    environ = {**os.environ, "FOOTPRINT_HOME": str(folder / "home"), "FOOTPRINT_REGION": "FR"}
    work = "sum(range(3_000_000))"
    footprint(environ, "run", "--quiet", "--json", str(folder / "r.json"), "--", sys.executable, "-c", work)
    return environ, json.loads((folder / "r.json").read_text())


def footprint(environ, *words, code=0):
    command = [sys.executable, "-m", "footprint", *words]
    result = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert result.returncode == code, result.stderr
    return result


def test_it_ends_with_the_figure_that_the_run_was_given(kept):
    environ, run = kept
    told = json.loads(footprint(environ, "explain", "last", "--json").stdout)
    figures = {key: one for key, one in told["indicators"].items() if "total" in run["impacts"][key]}
    assert len(figures) >= 7
    for indicator, explained in figures.items():
        assert explained["steps"][-1]["output"] == run["impacts"][indicator]["total"]


def test_the_text_names_the_run_the_place_and_the_sources(kept):
    environ, run = kept
    text = footprint(environ, "explain", run["run_id"], "carbon_location").stdout
    assert run["name"] in text
    assert "France" in text
    assert "Ember" in text
    assert text.count("\n") > 30


def test_an_unknown_indicator_or_run_is_one_clear_line(kept):
    environ, _ = kept
    for words, code in ((("explain", "last", "noise"), 2), (("explain", "nonexistent"), 3)):
        line = footprint(environ, *words, code=code).stderr
        assert line.startswith("footprint: ")
        assert "Traceback" not in line
