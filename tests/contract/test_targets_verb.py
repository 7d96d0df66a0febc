"""``footprint targets`` as its users call it: documents, exit codes, one line for what is wrong."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import made_history
import pytest

FOOTPRINT = str(Path(sys.executable).with_name("footprint"))
DAY_S = 86_400
KEYS = {
    "name", "indicator", "scope", "period", "limit", "used", "forecast", "remaining", "p_over", "coverage", "catalogue",
    "status", "owner", "reason",
}  # fmt: skip
OWNED = ("--owner", "Mara", "--reason", "decision 12")


@pytest.fixture
def home():
    path = Path(os.environ["FOOTPRINT_HOME"])
    path.mkdir(parents=True)
    return path


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "work"
    path.mkdir()
    return path


def footprint(folder, *words, code=0):
    done = subprocess.run([FOOTPRINT, *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done


def check(folder, *words, code=0):
    document = json.loads(footprint(folder, "targets", "check", "--json", *words, code=code).stdout)
    assert document["schema"] == "footprint.targets/1"
    return {one["name"]: one for one in document["targets"]}


def now():
    return datetime.now(UTC).timestamp()


def work(home, *, days=range(1), project="vision"):
    """A run on each of some days before now."""
    for day in days:
        made_history.write_run(home, day, now() - day * DAY_S - 5, project=project)


def test_a_gate_that_is_passed_and_one_that_is_not(home, folder):
    work(home)
    kept = footprint(folder, "targets", "set", "kept", "--limit", "50 kgCO2e", "--project", "vision", *OWNED)
    assert kept.stdout.startswith("kept  on track\n")
    found = check(folder, code=0)["kept"]
    assert set(found) >= KEYS
    assert (found["indicator"], found["limit"], found["period"]) == ("carbon_location", 50_000.0, "month")
    assert found["scope"] == {"kind": "project", "name": "vision"}
    assert (found["owner"], found["reason"], found["status"]) == ("Mara", "decision 12", "on_track")
    assert found["used"]["low"] <= found["used"]["central"] <= found["used"]["high"]
    assert found["forecast"]["central"] >= found["used"]["central"] > 0
    assert found["remaining"] == pytest.approx(50_000.0 - found["used"]["central"])
    assert (found["p_over"], found["coverage"]) == (0.0, 1.0)
    assert found["catalogue"]
    footprint(folder, "targets", "set", "passed", "--limit", "1 mWh", *OWNED)
    assert check(folder, code=1)["passed"]["status"] == "over"
    assert list(check(folder, "kept", code=0)) == ["kept"]


def test_what_cannot_be_told_is_no_pass(home, folder):
    """No run at all; then hosts that worked for twelve days and fell silent."""
    footprint(folder, "targets", "set", "t", "--limit", "50 kgCO2e", "--project", "vision", *OWNED)
    found = check(folder, code=4)["t"]
    assert (found["status"], found["p_over"], found["used"]["central"]) == ("cannot_tell", None, None)
    work(home, days=range(8, 20))
    found = check(folder, code=4)["t"]
    assert found["status"] == "cannot_tell"
    assert found["silent"] == ["h1"]
    assert found["coverage"] < 0.9
    work(home, days=range(8))
    assert check(folder, code=0)["t"]["status"] == "on_track"


def test_no_target_is_no_pass_either(folder):
    assert check(folder, code=4) == {}
    assert json.loads(footprint(folder, "targets", "list", "--json").stdout) == {
        "schema": "footprint.targets/1", "targets": [],
    }  # fmt: skip
    assert "no target is set" in footprint(folder, "targets", "list").stdout


def test_list_is_no_gate(home, folder):
    work(home)
    footprint(folder, "targets", "set", "passed", "--limit", "1 mWh", *OWNED)
    listed = json.loads(footprint(folder, "targets", "list", "--json").stdout)
    assert listed["schema"] == "footprint.targets/1"
    assert [one["status"] for one in listed["targets"]] == ["over"]


def test_water_has_no_status_and_no_gate(home, folder):
    work(home)
    found = json.loads(footprint(folder, "targets", "set", "w", "--limit", "1 mL", *OWNED, "--json").stdout)
    (water,) = found["targets"]
    assert (water["class"], water["status"], water["p_over"]) == ("direction", "cannot_tell", None)
    assert "direction" in water["why"]
    check(folder, code=4)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--limit", "-5 kWh", *OWNED), "above 0"),
        (("--limit", "nan kWh", *OWNED), "above 0"),
        (("--limit", "5 kgCO3e", *OWNED), "nearest is kgCO2e"),
        (("--limit", "5", *OWNED), "a number and a unit"),
        (("--limit", "5 kWh", "--indicator", "enrgy", *OWNED), "nearest is energy"),
        (("--limit", "5 kWh", "--indicator", "biodiversity", *OWNED), "can have no target"),
        (("--limit", "5 kWh", "--indicator", "carbon_market", *OWNED), "can have no target"),
        (("--limit", "5 kWh", "--period", "0", *OWNED), "no period '0'"),
        (("--limit", "5 kWh", "--period", "yaer", *OWNED), "nearest is year"),
        (("--limit", "5 kWh", "--reason", "r"), "no owner"),
        (("--limit", "5 kWh", "--owner", "o"), "no reason"),
        (OWNED, "no limit"),
        (("--limit", "5 kWh", "--projct", "p", *OWNED), "--project"),
    ],
)
def test_wrong_targets_are_one_line_and_nothing_is_kept(folder, words, said):
    done = footprint(folder, "targets", "set", "t", *words, code=2)
    assert done.stderr.startswith("footprint: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert done.stdout == ""
    assert not os.path.exists(os.path.join(os.environ["FOOTPRINT_HOME"], "events.fpj"))


def test_a_second_target_of_a_name_is_refused(folder):
    footprint(folder, "targets", "set", "t", "--limit", "5 kWh", *OWNED)
    done = footprint(folder, "targets", "set", "t", "--limit", "6 kWh", *OWNED, code=2)
    assert "one of that name already" in done.stderr
    assert json.loads(footprint(folder, "targets", "list", "--json").stdout)["targets"][0]["limit"] == 5.0
    footprint(folder, "targets", "set", "t", "--limit", "6 kWh", *OWNED, "--replace")
    changes = json.loads(footprint(folder, "targets", "history", "t", "--json").stdout)["changes"]
    assert [(one["what"], one["limit"]) for one in changes] == [("set", 5.0), ("changed", 6.0)]


def test_an_unknown_name_is_told_with_the_nearest(folder):
    footprint(folder, "targets", "set", "vision-carbon", "--limit", "5 kWh", *OWNED)
    done = footprint(folder, "targets", "check", "vison-carbon", code=3)
    assert "nearest is vision-carbon" in done.stderr


def test_a_reviewed_file_works_and_its_typo_is_one_line(home, folder):
    work(home)
    deeper = folder / "a" / "b"
    deeper.mkdir(parents=True)
    text = '[targets.f]\nlimit = "50 kgCO2e"\nproject = "vision"\nowner = "Mara"\nreason = "r"\ncatalogue = "{}"\n'
    version = json.loads((Path(made_history.__file__).parents[1] / "footprint/data/catalogue.json").read_text())[
        "version"
    ]
    path = folder / "ecology.toml"
    path.write_text(text.format(version))
    found = check(deeper, code=0)["f"]
    assert (found["status"], found["from"]) == ("on_track", str(path))
    path.write_text(text.format(version).replace("owner", "ownr"))
    done = footprint(deeper, "targets", "check", code=2)
    assert "nearest is owner" in done.stderr
    assert str(path) in done.stderr
    assert done.stderr.count("\n") == 1
    path.write_text(text.format("2001.01"))
    assert "rebase" in check(deeper, code=4)["f"]["why"]


def test_rebase_and_remove_need_a_reason_and_leave_a_trace(home, folder):
    work(home)
    footprint(folder, "targets", "set", "t", "--limit", "5 kWh", *OWNED)
    for verb in ("rebase", "remove"):
        done = footprint(folder, "targets", verb, "t", code=2)
        assert "no reason" in done.stderr
    assert "already" in footprint(folder, "targets", "rebase", "t", "--reason", "why not").stdout
    footprint(folder, "targets", "remove", "t", "--reason", "over and done")
    check(folder, code=4)
    changes = json.loads(footprint(folder, "targets", "history", "--json").stdout)["changes"]
    assert [(one["what"], one["reason"]) for one in changes] == [("set", "decision 12"), ("removed", "over and done")]


def test_a_home_that_cannot_be_written_is_said(folder, tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("FOOTPRINT_HOME", str(blocked / "home"))
    done = footprint(folder, "targets", "set", "t", "--limit", "5 kWh", *OWNED, code=3)
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("verb", [(), ("set",), ("list",), ("check",), ("history",), ("rebase",), ("remove",)])
def test_every_verb_has_help_with_an_example(folder, verb):
    assert "Example" in footprint(folder, "targets", *verb, "--help").stdout


def test_all_of_it_one_fact_a_line(home, folder, monkeypatch):
    """FOOTPRINT_PLAIN: each line is a subject and a fact, without columns."""
    work(home)
    monkeypatch.setenv("FOOTPRINT_PLAIN", "1")
    said = footprint(folder, "targets", "set", "t", "--limit", "50 kgCO2e", *OWNED).stdout
    said += footprint(folder, "targets", "list").stdout + footprint(folder, "targets", "check").stdout
    said += footprint(folder, "targets", "history", "t").stdout
    for line in filter(None, said.splitlines()):
        subject, colon, fact = line.partition(": ")
        assert colon, line
        assert subject[0].isupper(), line
        assert "  " not in fact, line
