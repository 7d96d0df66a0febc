"""``footprint list --hardware`` through the real command: the account of each host's hardware, and what it refuses."""

import json
import os
import subprocess
import sys

import pytest

from footprint.interval import KINDS


def footprint(*words, code=0, **environ):
    command = [sys.executable, "-m", "footprint", *words]
    result = subprocess.run(command, env={**os.environ, **environ}, capture_output=True, text=True, check=False)
    assert result.returncode == code, result.stderr
    return result


def test_a_run_and_the_rest_of_the_time_are_the_whole():
    footprint("run", "--quiet", "--region", "FR", "--", sys.executable, "-c", "sum(range(3_000_000))")
    told = json.loads(footprint("list", "--hardware", "--json").stdout)
    (host,) = told["hosts"]
    assert (told["schema"], host["runs"], host["untold_runs"]) == ("footprint.hardware/1", 1, 0)
    assert told["since"] < told["until"]
    for device in host["devices"]:
        assert device["held_share"] + device["unused_share"] == pytest.approx(1, rel=1e-9)
    for impact in host["impacts"].values():
        if "missing" in impact:
            continue
        assert impact["whole"]["kind"] in KINDS
        assert impact["held"]["central"] + impact["unused"]["central"] == pytest.approx(impact["whole"]["central"])
    run = json.loads(footprint("show", "last", "--json").stdout)
    carried = run["impacts"]["carbon_location"]["embodied"]["central"]
    assert host["impacts"]["carbon_location"]["held"]["central"] == pytest.approx(carried, rel=1e-9)
    said = footprint("list", "--hardware").stdout
    assert said.startswith("host")
    assert "unused" in said
    plain = footprint("list", "--hardware", FOOTPRINT_PLAIN="1").stdout
    assert all(": " in line for line in plain.splitlines() if line and not line.startswith("Unused"))


def test_without_runs_nothing_is_known_and_said():
    assert "nothing is known" in footprint("list", "--hardware").stdout
    told = json.loads(footprint("list", "--hardware", "--json").stdout)
    assert (told["since"], told["hosts"]) == (None, [])


@pytest.mark.parametrize(
    "words",
    [("--project", "x"), ("--estimates",), ("--limit", "3"), ("--since", "2030-01-01"), ("--since", "soon")],
)
def test_what_hardware_cannot_be_asked_by_is_refused_in_one_line(words):
    result = footprint("list", "--hardware", *words, code=2)
    assert result.stderr.startswith("footprint: ")
    assert result.stderr.count("\n") == 1


def test_a_run_inside_a_run_counts_once():
    inner = [sys.executable, "-m", "footprint", "run", "--quiet", "--region", "FR", "--", sys.executable, "-c", "pass"]
    footprint("run", "--quiet", "--region", "FR", "--", *inner)
    told = json.loads(footprint("list", "--hardware", "--json").stdout)
    runs = json.loads(footprint("list", "--json").stdout)["runs"]
    assert (len(runs), told["hosts"][0]["runs"]) == (2, 1)
    outer = runs[-1]["run_id"]
    carried = json.loads(footprint("show", outer, "--json").stdout)["impacts"]["carbon_location"]["embodied"]["central"]
    assert told["hosts"][0]["impacts"]["carbon_location"]["held"]["central"] == pytest.approx(carried, rel=1e-9)
