"""The verbs ``list``, ``show``, ``delete`` and ``store``, as a user meets them.

Renew the golden files with ``UPDATE_GOLDEN=1 pytest tests/unit/test_store_verbs.py`` and read the diff.
"""

import json
import os
import pty
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from made_journals import START, result, run_id, write, write_live

from footprint import queries
from footprint.cli import list_text, show_text
from footprint.impacts import INDICATORS
from footprint.records.document import as_document
from footprint.store.database import path_of

GOLDEN = Path(__file__).parents[1] / "golden"
DAY_S = 86_400


def golden(name, text):
    """Compare with the golden file of that name."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def footprint(*words, **more):
    environ = os.environ | {"PYTHONIOENCODING": "utf-8"} | more
    return subprocess.run(
        [sys.executable, "-m", "footprint", *words], capture_output=True, encoding="utf-8", env=environ, timeout=60,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


@pytest.fixture
def home():
    """The home of the environment, with four runs."""
    folder = os.environ["FOOTPRINT_HOME"]
    write(folder, 0, START, project="vision", name="été ✓ \x1b[31mred", tags={"seed": "7"})
    write(folder, 1, START + 60, project="a project with quite a long name", exit_code=3, seconds=9)
    write(folder, 2, START + DAY_S, name=None, end=False)
    write(folder, 3, START + 2 * DAY_S, name="a name that is much too long for a table of runs", team="blue")
    return folder


@pytest.fixture
def rows(home):
    with queries.opened(home, derive=result) as store:
        yield queries.list_runs(store)


@pytest.mark.parametrize(("name", "width"), [("wide", 10_000), ("narrow", 135), ("narrower", 80)])
def test_list_as_a_table(rows, name, width):
    said = list_text.text(rows, lambda wanted: wanted <= width, plain=False)
    golden(f"list-{name}.txt", said)
    assert "\x1b" not in said


def test_list_one_fact_a_line(rows):
    golden("list-plain.txt", list_text.text(rows, lambda _: True, plain=True))


@pytest.mark.parametrize("plain", [False, True])
def test_show(home, plain):
    with queries.opened(home, derive=result) as store:
        run = result(queries.raw_run(store, run_id(0)))
    golden(f"show{'-plain' if plain else ''}.txt", show_text.text(run, plain=plain))


def test_list_json_has_exactly_the_keys_of_its_schema(home):
    done = footprint("list", "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, done.stderr, document["schema"]) == (0, "", "footprint.list/1")
    assert [run["run_id"] for run in document["runs"]] == sorted(
        (run["run_id"] for run in document["runs"]), reverse=True
    )
    keys = [
        "run_id",
        "name",
        "project",
        "team",
        "tags",
        "status",
        "exit_code",
        "started_at",
        "duration_s",
        "job_kwh",
        "impacts",
    ]
    assert all(list(run) == keys for run in document["runs"])
    without = {"water_scarcity", "carbon_market"}  # there is no factor of them for France
    assert {key for run in document["runs"] for key in run["impacts"]} == set(INDICATORS) - without
    assert all(set(run["job_kwh"]) == {"low", "central", "high", "kind"} for run in document["runs"])


def test_an_empty_store_says_what_to_do_next():
    assert json.loads(footprint("list", "--json").stdout) == {"schema": "footprint.list/1", "runs": []}
    done = footprint("list")
    assert (done.returncode, "footprint run --" in done.stdout) == (0, True)


def test_a_filter_that_holds_nothing_says_so(home):
    assert "No run is like that" in footprint("list", "--project", "none").stdout
    assert "2 of 4 runs" in footprint("list", "--limit", "2").stdout


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--project", "vision"], [0]),
        (["--tag", "seed=7"], [0]),
        (["--since", "2026-11-25"], [3, 2]),
        (["--until", "2026-11-24"], [1, 0]),
        (["--status", "crashed"], [2]),
        (["--sort", "duration", "--limit", "1"], [1]),
        (["--sort", "started", "--reverse", "--limit", "1"], [0]),
        (["--team", "blue"], [3]),
    ],
)
def test_list_filters(home, words, names):
    starts = (START, START + 60, START + DAY_S, START + 2 * DAY_S)
    found = [run["run_id"] for run in json.loads(footprint("list", "--json", *words).stdout)["runs"]]
    assert found == [run_id(number, starts[number]) for number in names]


@pytest.mark.parametrize(
    "words",
    [
        ["list", "--since", "yesterday"], ["list", "--until", "soon"], ["list", "--limit", "-1"], ["list", "--limit", "many"],
        ["list", "--sort", "beauty"], ["list", "--status", "fine"], ["list", "--tag", "seed"], ["list", "extra"], ["show"],
        ["delete"], ["delete", "last"], ["store"], ["store", "mend"], ["show", "01"],
    ],
)  # fmt: skip
def test_bad_values_are_one_line_and_exit_2(home, words):
    done = footprint(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("footprint: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("verb", ["list", "show", "delete", "store", "store rebuild", "store check"])
def test_every_verb_has_help_with_an_example(verb):
    done = footprint(*verb.split(), "--help")
    assert (done.returncode, "Example" in done.stdout) == (0, True)


@pytest.mark.parametrize("words", [["show", "nonexistent"], ["delete", "nonexistent", "--yes"]])
def test_no_such_run_is_exit_3(home, words):
    done = footprint(*words)
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "nonexistent" in done.stderr


def test_show_json_is_the_document_of_the_run(home):
    done = footprint("show", "last", "--json")
    with queries.opened(home) as store:
        run = queries.accounted_run(store, queries.resolve(store, "last"))
    assert json.loads(done.stdout) == json.loads(json.dumps(as_document(run)))


def test_show_of_a_run_that_is_being_measured_says_so(home):
    log = write_live(home, 9, START + 9 * DAY_S)
    done = footprint("show", "last")
    assert (done.returncode, done.stdout.startswith("This run is still being measured")) == (0, True)
    log.abandon()


def test_json_is_written_where_stdout_knows_ascii_only(home):
    done = footprint("show", run_id(0), "--json", PYTHONIOENCODING="ascii")
    assert json.loads(done.stdout)["name"] == "été ✓ \x1b[31mred"


def test_delete_with_yes_deletes_and_nothing_else(home):
    gone = run_id(0)
    done = footprint("delete", gone, gone, "--yes", "--json")
    assert json.loads(done.stdout) == {"schema": "footprint.delete/1", "deleted": [gone]}
    assert gone not in footprint("list").stdout
    assert len(json.loads(footprint("list", "--json").stdout)["runs"]) == 3
    assert footprint("store", "rebuild").stdout == "The store was made anew: 3 runs.\n"


def test_delete_of_several_deletes_none_where_one_is_not_there(home):
    assert footprint("delete", run_id(0), "nonexistent", "--yes").returncode == 3
    assert len(json.loads(footprint("list", "--json").stdout)["runs"]) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
@pytest.mark.parametrize(("answer", "code", "left"), [(b"y\n", 0, 3), (b"n\n", 1, 4), (b"\n", 1, 4)])
def test_delete_asks_on_a_terminal(home, answer, code, left):
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    done = subprocess.run(
        [sys.executable, "-m", "footprint", "delete", run_id(0)],
        stdin=theirs,
        capture_output=True,
        timeout=60,
        check=False,
    )
    os.close(ours)
    os.close(theirs)
    assert done.returncode == code
    assert "été ✓ ?[31mred".encode() in done.stderr
    assert len(json.loads(footprint("list", "--json").stdout)["runs"]) == left


def test_check_tells_a_store_that_is_right_from_one_that_is_not(home):
    done = footprint("store", "check")
    assert (done.returncode, done.stdout) == (0, "The store is what the journals say.\n")
    with sqlite3.connect(path_of(home)) as connection:
        connection.execute("UPDATE runs SET name = 'other' WHERE run_id = ?", (run_id(0),))
    connection.close()
    done = footprint("store", "check", "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["holds"]) == (1, False)
    assert document["differences"] == [f"runs {run_id(0)}: name unlike what the journals say"]
    assert footprint("store", "rebuild").returncode == 0
    assert footprint("store", "check").returncode == 0


def test_a_damaged_store_is_told_in_one_line_and_all_runs_are_there(home):
    assert footprint("list").returncode == 0
    Path(path_of(home)).write_bytes(b"x" * 10_000)
    done = footprint("list", "--json")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert len(json.loads(done.stdout)["runs"]) == 4
    assert "store.sqlite.damaged-" in done.stderr


@pytest.mark.parametrize("home", ["/dev/null/x", "/dev/null"])
def test_a_home_that_cannot_be_is_answered_without_a_traceback(home):
    done = footprint("list", FOOTPRINT_HOME=home)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert footprint("show", "last", FOOTPRINT_HOME=home).returncode == 3
