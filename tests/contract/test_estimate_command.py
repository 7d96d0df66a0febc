"""``footprint estimate`` through the real command: exit codes, the document, one line of error, help."""

import json
import os
import subprocess
import sys

import pytest


def footprint(*words, code=0, **environ):
    command = [sys.executable, "-m", "footprint", "estimate", *words]
    result = subprocess.run(command, env={**os.environ, **environ}, capture_output=True, text=True, check=False)
    assert result.returncode == code, result.stderr
    return result


def is_interval(value):
    return set(value) == {"low", "central", "high", "kind"} and value["low"] <= value["central"] <= value["high"]


def test_the_example_of_the_help_gives_the_whole_document():
    told = json.loads(
        footprint(
            "--gpu", "NVIDIA H100 SXM", "--count", "8", "--hours", "100", "--utilisation", ".8",
            "--region", "aws:eu-west-3", "--units", "runs=1", "--tag", "team=a", "--name", "train", "--json",
        ).stdout
    )  # fmt: skip
    assert list(told) == [
        "schema", "estimate", "route", "name", "project", "tags", "inputs", "assumed", "region", "energy", "impacts",
        "units", "provenance",
    ]  # fmt: skip
    assert (told["schema"], told["estimate"], told["route"]) == ("footprint.estimate/1", True, "hardware")
    assert (told["region"]["zone"], told["region"]["how"]) == ("FR", "flag")
    assert told["tags"] == {"team": "a"}
    assert all(is_interval(told["energy"][name]) for name in ("job_kwh", "facility_kwh", "pue"))
    gpu = told["energy"]["components"][0]
    assert (gpu["kind"], gpu["name"], gpu["count"], gpu["method"]) == ("gpu", "NVIDIA H100 SXM 80GB", 8, "catalogue")
    assert {"carbon_location", "carbon_market", "primary_energy", "water", "minerals"} <= set(told["impacts"])
    for impact in told["impacts"].values():
        assert impact["unit"]
        assert impact.get("missing") or is_interval(impact["total"])
    assert is_interval(told["units"]["runs"]["per_unit"]["carbon_location"])
    for item in told["assumed"]:
        assert set(item) == {"what", "value", "factor", "why"}
        assert item["factor"] is None or item["factor"] in told["provenance"]["factors"]


def test_json_to_a_file_prints_the_summary_too(tmp_path):
    path = tmp_path / "estimate.json"
    said = footprint("--energy-kwh", "1", "--intensity", "50", "--json", str(path)).stdout
    assert said.startswith("estimate")
    assert json.loads(path.read_text(encoding="utf-8"))["schema"] == "footprint.estimate/1"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--energy-kwh", "1", "--tdp-w", "1"),
        ("--energy-kwh", "-1"),
        ("--energy-kwh", "nan"),
        ("--energy-kwh", "1", "--pue", "0.99"),
        ("--embodied-kg", "1", "--share", "1.01"),
        ("--energy-kwh", "1", "--region", "Atlantis"),
        ("--gpu", "NVIDIA H1000", "--hours", "1"),
        ("--power-w", "1", "--hours", "1", "--utilisation", "1"),
        ("--tdp-w", "1", "--device-hours", "1", "--hours", "1"),
        ("--llm", "some-model", "--tokens-out", "1"),
        ("--params-b", "8"),
        ("--energy-kwh", "1", "--units", "requests"),
        ("--energy-kwh", "1", "--units", "a=1", "--units", "a=2"),
        ("--energy-kwh", "1", "--json", "/nowhere/at/all.json"),
        ("--energy", "1"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_one_line(words):
    result = footprint(*words, code=2)
    assert result.stdout == ""
    assert result.stderr.startswith("footprint: ")
    assert result.stderr.count("\n") == 1


def test_an_interval_goes_in_and_comes_out():
    told = json.loads(footprint("--power-w", "200:250:400", "--hours", "10", "--intensity", "100", "--json").stdout)
    assert told["inputs"]["power_w"] == {"low": 200, "central": 250, "high": 400, "kind": "envelope"}
    assert told["energy"]["job_kwh"] == {"low": 2.0, "central": 2.5, "high": 4.0, "kind": "envelope"}


def test_plain_is_one_fact_a_line_without_columns():
    said = footprint("--energy-kwh", "1", "--region", "FR", FOOTPRINT_PLAIN="1").stdout
    assert said.startswith("Estimate, not measured: ")
    assert all(": " in line and "  " not in line for line in said.splitlines())


def test_help_has_examples():
    said = footprint("--help").stdout
    assert "Example" in said
    assert "--gpu" in said
