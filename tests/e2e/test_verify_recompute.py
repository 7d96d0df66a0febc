"""``verify`` and ``recompute`` by the command line, on runs that were really measured."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import other_catalogue
import pytest
from made_journals import START, run_id, write

from footprint.store import catalogues, chain
from footprint.store.database import path_of


def footprint(*words, **more):
    environ = os.environ | {"PYTHONIOENCODING": "utf-8"} | more
    return subprocess.run(
        [sys.executable, "-m", "footprint", *words], capture_output=True, encoding="utf-8", env=environ, timeout=120,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


@pytest.fixture
def home():
    return Path(os.environ["FOOTPRINT_HOME"])


@pytest.fixture
def measured(home, tmp_path):
    """A real run; gives its id and the file of its result."""
    path = tmp_path / "result.json"
    busy = "import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass"
    done = footprint("run", "--quiet", "--region", "FR", "--json", str(path), "--", sys.executable, "-c", busy)
    assert done.returncode == 0, done.stderr
    return json.loads(path.read_text())["run_id"], path


def verified(*words):
    done = footprint("verify", *words, "--json")
    return done.returncode, json.loads(done.stdout)


def test_a_real_run_and_its_file_hold(measured):
    name, path = measured
    code, document = verified("last")
    assert (code, document["schema"], document["chain"]["holds"]) == (0, "footprint.verify/1", True)
    (one,) = document["runs"]
    assert (one["run_id"], one["holds"], one["differences"], one["sealed"]) == (name, True, [], True)
    assert verified("--file", str(path))[0] == 0
    assert verified("--all", "--head", document["chain"]["head"])[0] == 0
    assert verified("--head", document["chain"]["head"][:16])[1]["runs"] == []


def test_a_file_that_somebody_made_look_better_does_not_hold(measured):
    _, path = measured
    told = json.loads(path.read_text())
    told["energy"]["job_kwh"]["central"] /= 2
    path.write_text(json.dumps(told))
    code, document = verified("--file", str(path))
    assert code == 1
    assert [one["what"] for one in document["runs"][0]["differences"]] == ["file: energy.job_kwh.central"]


def test_a_changed_store_is_exit_1_and_one_line(home, measured):
    footprint("list")
    with sqlite3.connect(path_of(str(home))) as connection:
        connection.execute("UPDATE runs SET job_kwh = job_kwh / 2")
    connection.close()
    done = footprint("verify", "last")
    assert done.returncode == 1
    assert "list: job_kwh: stored" in done.stdout
    assert (done.stderr.startswith("footprint: "), done.stderr.count("\n")) == (True, 1)


def test_a_head_of_another_chain_is_exit_1(measured):
    code, document = verified("--head", "ab" * 32)
    assert (code, document["chain"]["holds"]) == (1, False)


def test_recompute_keeps_both_versions_and_both_hold(home, measured, tmp_path):
    name, path = measured
    old = json.loads(path.read_text())
    other_catalogue.keep(home, other_catalogue.make(tmp_path / "dearer"))
    looked = json.loads(footprint("recompute", "last", "--catalogue", "2026.10", "--dry-run", "--json").stdout)
    assert (looked["dry_run"], looked["runs"][0]["state"]) == (True, "changed")
    done = footprint("recompute", "last", "--catalogue", "2026.10", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    (told,) = json.loads(done.stdout)["runs"]
    assert {key: told[key] for key in ("before", "after")} == {
        key: looked["runs"][0][key] for key in ("before", "after")
    }
    newest, first = (json.loads(footprint("show", name, "--json", *words).stdout) for words in ((), ("--version", "1")))
    assert first == old
    assert newest["provenance"]["recomputed"]["version"] == 2
    assert "version 2" in footprint("show", name).stdout
    assert verified("--all")[0] == 0
    assert verified("--file", str(path))[0] == 0
    assert footprint("store", "rebuild").returncode == 0
    assert footprint("store", "check").returncode == 0
    assert json.loads(footprint("show", name, "--json").stdout) == newest
    explained = footprint("explain", name, "--json")
    assert (explained.returncode, explained.stderr) == (0, "")


def test_nothing_changed_is_said_and_no_version_is_kept(measured):
    done = footprint("recompute", "last")
    assert (done.returncode, "no figure changes" in done.stdout) == (0, True)
    done = footprint("show", "last", "--version", "2")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)


def test_a_catalogue_that_is_gone_is_exit_4_and_one_line(home, measured, tmp_path):
    pinned = other_catalogue.keep(home, other_catalogue.make(tmp_path / "dearer"))
    assert footprint("recompute", "last", "--catalogue", "2026.10").returncode == 0
    shutil.rmtree(home / catalogues.FOLDER / catalogues.label(pinned))
    done = footprint("verify", "last")
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    assert catalogues.label(pinned) in done.stderr
    code, document = verified("last")
    (one,) = document["runs"]
    assert (code, one["holds"], one["state"], one["differences"]) == (4, False, "cannot_tell", [])


def test_a_store_that_was_made_anew_without_its_catalogue_says_so(home, measured):
    footprint("list")
    text = (home / chain.FILE).read_text().rstrip("\n").partition(" ")[2]
    for path in (home / chain.FILE, Path(path_of(str(home)))):
        path.unlink()
    chain.append(str(home), [json.loads(text) | {"catalogue": "2020.01", "catalogue_sha256": "ab" * 32}])
    listed = footprint("list")
    assert "2020.01+abababababab is not kept here" in listed.stderr
    done = footprint("verify", "last")
    assert (done.returncode, "first sealed with the catalogue 2020.01" in done.stdout) == (0, True)


def test_one_project_among_all(home):
    write(home, 0, START, project="vision")
    write(home, 1, START + 60, project="speech")
    done = footprint("recompute", "--all", "--project", "vision", "--json")
    assert [one["run_id"] for one in json.loads(done.stdout)["runs"]] == [run_id(0)]
    assert footprint("recompute", "--all", "--project", "none").stdout == "No run is like that.\n"


def test_kill_9_while_recomputing_leaves_a_store_that_can_be_read(home, tmp_path):
    """Killed at any moment: each run has its old figures or its new ones, and all hold."""
    for number in range(150):
        write(home, number, START + number)
    assert footprint("list").returncode == 0
    other_catalogue.keep(home, other_catalogue.make(tmp_path / "dearer"))
    changed = []
    for wait_s in (0.6, 0.8, 1.0, 1.2):
        with subprocess.Popen(
            [sys.executable, "-m", "footprint", "recompute", "--all", "--catalogue", "2026.10"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            time.sleep(wait_s)
            process.send_signal(signal.SIGKILL)
        code, document = verified("--all")
        assert (code, len(document["runs"])) == (0, 150)
        changed.append(sum(one["version"] == 2 for one in document["runs"]))
    assert changed == sorted(changed)
    assert footprint("recompute", "--all", "--catalogue", "2026.10").returncode == 0
    code, document = verified("--all")
    assert (code, {one["version"] for one in document["runs"]}) == (0, {2})
    assert footprint("store", "check").returncode == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["verify"], 2),
        (["verify", "last", "--all"], 2),
        (["verify", "--head", "xyz"], 2),
        (["verify", "--head", "ab"], 2),
        (["verify", "--file", "/nowhere/result.json"], 2),
        (["verify", "--file", "/dev/null"], 2),
        (["verify", "--file", "/tmp"], 2),
        (["verify", "01NOTHING"], 3),
        (["verify", "--frobnicate"], 2),
        (["recompute"], 2),
        (["recompute", "last", "--all"], 2),
        (["recompute", "last", "--project", "vision"], 2),
        (["recompute", "--project", "vision"], 2),
        (["recompute", "01NOTHING"], 3),
        (["recompute", "last", "--catalogue", "1999.01"], 3),
        (["recompute", "last", "--catalogue", ""], 3),
        (["show", "last", "--version", "0"], 3),
        (["show", "last", "--version", "x"], 2),
        (["show", "last", "--version", "1", "--by", "hour"], 2),
    ],
)
def test_bad_input_is_one_line(home, words, code):
    write(home, 0, START)
    done = footprint(*words)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("footprint: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"schema": "footprint.run/1"}', '{"schema": "footprint.list/1", "run_id": "x"}', "[" * 100_000],
)
def test_a_file_that_is_no_run_is_one_line(home, tmp_path, content):
    write(home, 0, START)
    path = tmp_path / "file.json"
    path.write_text(content)
    done = footprint("verify", "--file", str(path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_file_with_a_run_s_id_and_nothing_else_does_not_hold(home, tmp_path):
    write(home, 0, START)
    path = tmp_path / "file.json"
    path.write_text(json.dumps({"schema": "footprint.run/1", "run_id": run_id(0), "provenance": 3}))
    done = footprint("verify", "--file", str(path))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
