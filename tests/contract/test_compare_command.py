"""``footprint compare`` through the real command: exit codes, the document, what is refused."""

import json
import os
import subprocess
import sys

import made_journals
import pytest

from footprint import queries
from footprint.queries.opening import accounted


def footprint(*words, code=0, **environ):
    command = [sys.executable, "-m", "footprint", "compare", *words]
    result = subprocess.run(command, env={**os.environ, **environ}, capture_output=True, text=True, check=False)
    assert result.returncode == code, (result.stdout, result.stderr)
    return result


def home():
    return os.environ["FOOTPRINT_HOME"]


@pytest.fixture
def two():
    """Two runs of one machine: 30 W and 20 % more, for four seconds, ten images each."""
    units = {"images": 10.0}
    return [made_journals.write(home(), number, units=units) for number in (0, 6)]


def test_more_power_of_the_same_sensor_is_seen(two):
    told = json.loads(footprint(*two, "--json").stdout)
    assert (told["schema"], told["baseline"]) == ("footprint.compare/1", two[0])
    pair = told["comparisons"][0]
    assert (pair["run_id"], pair["with"], pair["same_run"]) == (two[1], two[0], False)
    energy = pair["quantities"][0]
    assert energy["quantity"] == "job_kwh"
    assert energy["verdict"] == "more"
    assert energy["ratio"]["low"] <= energy["ratio"]["central"] <= energy["ratio"]["high"]
    each = next(one for one in pair["quantities"] if one["per"] == "images")
    assert each["a_total"] == energy["a"]


def test_gates_decide_the_exit_code(two):
    footprint(*two, "--gate", "job_kwh<=+100%")
    footprint(*two, "--gate", "job_kwh<=+0%", code=1)
    told = json.loads(footprint(*two, "--gate", "job_kwh<=+0%", "--json", code=1).stdout)
    assert told["gates"] == [{"gate": "job_kwh<=+0%", "run_id": two[1], "holds": False, "why": ""}]


def test_without_a_gate_a_difference_is_no_failure(two):
    said = footprint(*two).stdout
    assert "beyond the uncertainty" in said
    assert " in all" in said, "a unit's part stands with its total"


def test_a_run_with_itself_is_the_same(two):
    said = footprint(two[0], two[0], "--gate", "job_kwh<=+0%").stdout
    assert "the same run as A" in said


def test_a_crashed_run_is_flagged_and_passes_no_gate(two):
    crashed = made_journals.write(home(), 9, end=False)
    said = footprint(two[0], crashed, "--gate", "job_kwh<=+100%", code=4).stdout
    assert "crashed: its figures end where the measuring did" in said


def test_unlike_idle_policies_are_refused_unless_anyway(two):
    from footprint.records.raw import Settings

    other = made_journals.write(home(), 7, settings=Settings("all", 1.2))
    line = footprint(two[0], other, code=2).stderr
    assert line.startswith("footprint: these runs cannot be compared: their idle policies differ (all, reserved)")
    assert line.count("\n") == 1
    assert "compared anyway" in footprint(two[0], other, "--anyway").stdout


def test_figures_of_two_catalogues_are_made_anew_with_one(two):
    """The first run is stored as another catalogue gave it; its readings are there, so all is made anew."""

    def by_another(raw):
        made = accounted(raw)
        return made._replace(provenance=made.provenance._replace(catalogue="2020.01", catalogue_sha256="old"))

    queries.open_store(home(), by_another).close()
    later = made_journals.write(home(), 8)
    result = footprint(two[0], later, "--json")
    assert "all are made anew with today's" in result.stderr
    assert len({run["catalogue_sha256"] for run in json.loads(result.stdout)["runs"]}) == 1


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("last",), 2, "give two or more"),
        (("last", "nonexistent"), 3, "there is no run 'nonexistent'"),
        (("last", "last", "--gate", "much"), 2, "--gate 'much'"),
        (("last", "last", "--gate", "joules<=5%"), 2, "they have job_kwh"),
        ((), 2, "Missing argument"),
    ],
)
def test_wrong_usage_is_one_line(two, words, code, says):
    result = footprint(*words, code=code)
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


def test_plain_is_one_fact_a_line(two):
    said = footprint(*two, FOOTPRINT_PLAIN="1").stdout
    assert all(line.strip() == line and "  " not in line for line in said.splitlines())
    assert "watt-hours" in said


def test_help_has_examples_and_says_what_a_gate_is():
    said = footprint("--help").stdout
    assert "Example" in said
    assert "QUANTITY[/UNIT] <= PERCENT%" in said
