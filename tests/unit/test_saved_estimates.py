"""Saved estimates: kept in the events journal, listed apart from runs, counted in nothing, and deleted for good.

Renew the golden files with ``UPDATE_GOLDEN=1 pytest tests/unit/test_saved_estimates.py`` and read the diff.
"""

import json
import os
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from made_journals import result, run_id, write

import footprint
from footprint import estimation, queries
from footprint.cli import list_text
from footprint.errors import NoSuchRun, NotPossible, UsageError
from footprint.estimation import text
from footprint.queries.selecting import RunFilter
from footprint.store import event_intake, events, saved_estimates, tables, upkeep
from footprint.store.database import path_of
from footprint.targets import target_of

GOLDEN = Path(__file__).parents[1] / "golden"
ID = "01JDFX3M2K4R8V0W6Y1Z5B7C9D"
GIVEN = {"energy_kwh": (900, 1000, 1200), "intensity": 50, "pue": 1.2}


def golden(name, said):
    """Compare with the golden file of that name."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")


@pytest.fixture
def home(monkeypatch, tmp_path):
    folder = tmp_path / "home"
    monkeypatch.setenv("FOOTPRINT_HOME", str(folder))
    return folder


def saved(**more):
    return footprint.estimate(**{**GIVEN, "save": True, **more})


def target():
    told = {"limit": "1 MWh", "project": "vision", "owner": "o", "reason": "r"}
    return target_of("t", told, current=queries.current_catalogue())


def opened(home):
    return queries.opened(str(home), derive=result)


def listed(home, **asked):
    with opened(home) as store:
        return [row.estimate_id for row in queries.list_estimates(store, RunFilter(**asked))]


def everything(home):
    return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())


def command(*words, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "footprint", *words], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == code, done.stderr
    return done


# --- kept ---


def test_an_estimate_is_kept_with_an_id_like_a_runs_and_its_time(home):
    one = saved(name="plan", project="vision", tags={"seed": 7})
    assert len(one.estimate_id) == len(run_id(0))
    with opened(home) as store:
        (row,) = queries.list_estimates(store)
        document = queries.estimate_document(store, one.estimate_id)
    assert (row.estimate_id, row.name, row.project, row.tags) == (one.estimate_id, "plan", "vision", {"seed": "7"})
    assert row.saved_at == one.saved_at == document["saved_at"]
    assert row.job_kwh == one.energy.job_kwh
    assert (document["schema"], document["estimate"]) == ("footprint.estimate/1", True)
    assert document == estimation.as_document(one)


def test_what_is_not_to_be_saved_leaves_nothing(home):
    one = footprint.estimate(**GIVEN)
    assert (one.estimate_id, one.saved_at, home.exists()) == (None, None, False)
    assert "estimate_id" not in estimation.as_document(one)


def test_nothing_is_kept_where_all_is_switched_off(home, monkeypatch):
    monkeypatch.setenv("FOOTPRINT_DISABLED", "1")
    assert saved().estimate_id is None
    assert not home.exists()


def test_a_home_that_cannot_be_written_is_one_clear_line(home):
    home.write_text("a file")
    with pytest.raises(NotPossible, match="the estimate cannot be kept"):
        saved()


@pytest.mark.parametrize("value", ["no", 1, ()])
def test_save_is_yes_or_no(home, value):
    with pytest.raises(UsageError, match="neither True nor False"):
        saved(save=value)
    assert not home.exists()


def test_names_that_are_no_text_are_spelt_out(home):
    one = saved(name="\udce9t\udce9", tags={"\udc80": "x"})
    with opened(home) as store:
        document = queries.estimate_document(store, one.estimate_id)
    assert document["name"] == "\\udce9t\\udce9"
    json.dumps(document, ensure_ascii=False).encode()


# --- in no sum ---


def test_estimates_are_in_no_list_sum_rollup_or_target(home):
    """With and without ten estimates of a GWh, whatever is said of runs is the same (pages may look again)."""
    name = write(home, 1, project="vision")
    limit = target()

    def told():
        with opened(home) as store:
            return (
                queries.list_runs(store), queries.count_runs(store), queries.sums(store), queries.daily(store),
                queries.by_project(store), queries.sums(store, "carbon_location"),
                queries.standings_of(store, (limit,), date(2026, 11, 24)), upkeep.all_rows(store)["rollups"],
                upkeep.all_rows(store)["runs"], queries.resolve(store, "last"),
            )  # fmt: skip

    before = told()
    for _ in range(10):
        saved(energy_kwh=1e6, project="vision")
    assert told() == before
    assert before[-1] == name
    assert len(listed(home)) == 10


def test_a_store_made_anew_has_the_same_estimates(home):
    write(home, 1)
    ids = sorted([saved(name=f"plan {number}").estimate_id for number in range(3)])
    with opened(home) as store:
        queries.delete_kept(store, ids[1:2])
        rows = upkeep.all_rows(store)
        assert len(rows["estimates"]) == 2
    queries.rebuild(str(home), derive=result)
    with opened(home) as store:
        assert upkeep.all_rows(store) == rows
        assert upkeep.differences(store, result) == []
    Path(path_of(str(home))).unlink()
    with opened(home) as store:
        assert upkeep.all_rows(store) == rows


def test_the_check_of_the_store_knows_of_estimates(home):
    one = saved(name="plan")
    listed(home)
    with sqlite3.connect(path_of(str(home))) as connection:
        connection.execute("UPDATE estimates SET name = 'other'")
    connection.close()
    found, _ = queries.store_differences(str(home), derive=result)
    assert found == [f"estimates {one.estimate_id}: name unlike what the journals say"]


def test_a_store_of_the_version_before_gets_the_estimates_that_it_passed_over(home):
    """Its database had read the whole events journal, and had no table for them."""
    name, one = write(home, 1), saved()
    listed(home)
    with sqlite3.connect(path_of(str(home))) as connection:
        for table in ("estimates", "seals"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    with opened(home) as store:
        assert store.messages == []
        assert [row.run_id for row in queries.list_runs(store)] == [name]
        assert [row.estimate_id for row in queries.list_estimates(store)] == [one.estimate_id]
    with sqlite3.connect(path_of(str(home))) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(tables.VERSION,)]
    connection.close()


def test_an_estimate_of_an_unknown_form_is_told_of_and_holds_up_nothing(home):
    events.append(str(home.mkdir() or home), [{"what": saved_estimates.SAVED, "document": {"schema": "another"}}])
    one = saved()
    with opened(home) as store:
        assert [row.estimate_id for row in queries.list_estimates(store)] == [one.estimate_id]
        assert ["does not know" in message for message in store.messages] == [True]


# --- found again ---


def test_a_word_is_a_run_or_an_estimate(home):
    run, one = write(home, 1), saved(name="plan")
    with opened(home) as store:
        assert queries.resolve_kept(store, one.estimate_id[:20]) == queries.Kept(one.estimate_id, is_estimate=True)
        assert queries.resolve_kept(store, run) == queries.Kept(run)
        assert queries.resolve_kept(store, "last") == queries.Kept(run)
        with pytest.raises(UsageError, match="several runs or estimates begin like that"):
            queries.resolve_kept(store, "01")
        with pytest.raises(UsageError, match="is a saved estimate, not a run"):
            queries.resolve(store, one.estimate_id)
        with pytest.raises(NoSuchRun, match=f"the last estimate named 'PLAN' is {one.estimate_id}"):
            queries.resolve_kept(store, "PLAN")
        with pytest.raises(NoSuchRun):
            queries.document(store, one.estimate_id)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["c", "b", "a"]),
        ({"descending": False}, ["a", "b", "c"]),
        ({"limit": 2}, ["c", "b"]),
        ({"limit": 2, "offset": 2}, ["a"]),
        ({"project": "vision"}, ["b", "a"]),
        ({"tag": {"seed": "1"}}, ["b"]),
        ({"sort": "energy"}, ["b", "c", "a"]),
        ({"sort": "carbon", "descending": False}, ["a", "c", "b"]),
        ({"sort": "name", "descending": False}, ["a", "b", "c"]),
        ({"since": "2030-01-01T00:00:00.000Z"}, []),
        ({"until": "2030-01-01T00:00:00.000Z", "limit": 1}, ["c"]),
    ],
)
def test_estimates_are_filtered_and_sorted_as_runs_are(home, asked, names):
    for number, (name, project, kwh) in enumerate((("a", "vision", 1), ("b", "vision", 3), ("c", None, 2))):
        saved(name=name, project=project, energy_kwh=kwh, tags={"seed": number})
    with opened(home) as store:
        assert [row.name for row in queries.list_estimates(store, RunFilter(**asked))] == names


@pytest.mark.parametrize("asked", [{"team": "a"}, {"status": "completed"}, {"sort": "duration"}])
def test_filters_that_only_runs_have_are_refused(home, asked):
    with opened(home) as store, pytest.raises(UsageError, match="estimates"):
        queries.list_estimates(store, RunFilter(**asked))


# --- gone ---


def test_a_deleted_estimate_is_nowhere_but_for_its_id_and_does_not_come_back(home):
    run, gone, kept = write(home, 1), saved(name="secret-name", tags={"who": "secret-tag"}), saved(name="open")
    event = events.read(str(home))[0][0]
    with opened(home) as store:
        queries.delete_kept(store, [gone.estimate_id])
        assert [row.run_id for row in queries.list_runs(store)] == [run]
        with pytest.raises(NoSuchRun, match="it was deleted"):
            queries.resolve_kept(store, gone.estimate_id)
    assert b"secret" not in everything(home)
    assert [event["what"] for event in events.read(str(home))[0]] == ["blotted", saved_estimates.SAVED, "deleted"]
    assert listed(home) == [kept.estimate_id]
    queries.rebuild(str(home), derive=result)
    assert listed(home) == [kept.estimate_id]
    events.append(str(home), [event])
    assert listed(home) == [kept.estimate_id], "not even when its event is copied back"


def test_blotting_out_moves_no_other_event(home):
    """A store that has read so far, or another process's, goes on from where it was."""
    first, second = saved(name="first"), saved(name="second")
    before = events.size(str(home))
    with opened(home) as store:
        queries.delete_kept(store, [first.estimate_id])
    data = Path(events.path_of(str(home))).read_bytes()
    found, damaged, _ = events.read(str(home))
    assert (len(found), damaged) == (3, 0)
    assert data.index(second.estimate_id.encode()) < before < len(data)
    third = saved(name="third")
    assert listed(home) == [third.estimate_id, second.estimate_id]


def test_what_a_crash_left_of_a_deletion_is_finished_by_the_next_that_looks(home):
    one = saved(name="secret-name")
    events.append(str(home), [{"what": events.DELETED, "run_id": one.estimate_id}])
    assert b"secret" in everything(home)
    assert listed(home) == []
    assert b"secret" not in Path(events.path_of(str(home))).read_bytes()


def test_a_deletion_that_was_taken_in_first_wins(home):
    one = saved()
    with opened(home) as store:
        with store.write() as connection:
            event_intake.drop(connection, [one.estimate_id])
            connection.execute(tables.meta.delete())
        queries.refresh(store, derive=result)
        assert queries.list_estimates(store) == []


def test_the_events_of_targets_and_runs_stay_as_they_are(home):
    run, one = write(home, 1), saved()
    queries.set_target(str(home), target())
    with opened(home) as store:
        queries.delete_kept(store, [one.estimate_id, run])
    assert list(queries.all_targets(str(home))) == ["t"]
    assert {event["what"] for event in events.read(str(home))[0]} == {"blotted", "target_set", "deleted"}


# --- told ---


def test_a_document_gives_back_its_estimate(home):
    one = saved(
        energy_kwh=None, gpu="NVIDIA H100 SXM", count=8, hours=100, region="aws:eu-west-3", units={"runs": 3},
        intensity=None, pue=None, name="train", year=2024,
    )  # fmt: skip
    back = estimation.from_document(json.loads(json.dumps(estimation.as_document(one))))
    assert estimation.as_document(back) == estimation.as_document(one)
    for plain in (False, True):
        assert list(text.lines_of(back, plain=plain)) == list(text.lines_of(one, plain=plain))


def told():
    one = footprint.estimate(**GIVEN, name="plan", project="vision", region="FR", embodied="none")
    return one._replace(estimate_id=ID, saved_at="2026-11-24T09:00:00.000Z")


@pytest.mark.parametrize("plain", [False, True])
def test_text_of_a_saved_estimate(plain):
    said = "\n".join(text.lines_of(told(), plain=plain)) + "\n"
    golden(f"estimate-saved{'-plain' if plain else ''}.txt", said)


@pytest.mark.parametrize("name", ["wide", "narrow", "plain"])
def test_list_of_estimates(home, name):
    documents = [estimation.as_document(told())]
    documents.append({**documents[0], "estimate_id": ID[:-1] + "E", "name": "été \x1b[31m", "project": None})
    for document in documents:
        saved_estimates.save(str(home), document)
    with opened(home) as store:
        rows = queries.list_estimates(store)
    said = list_text.estimates_text(rows, lambda width: name != "narrow" or width <= 90, plain=name == "plain")
    golden(f"list-estimates-{name}.txt", said)
    assert "\x1b" not in said


def test_the_verbs_from_saving_to_deleting(home):
    run = write(home, 1)
    document = json.loads(command("estimate", "--energy-kwh", "5", "--intensity", "50", "--save", "--json").stdout)
    one = document["estimate_id"]
    assert document["estimate"] is True
    assert json.loads(command("show", one, "--json").stdout) == document
    assert command("show", one[:20]).stdout.startswith("estimate  ")
    assert [row["run_id"] for row in json.loads(command("list", "--json").stdout)["runs"]] == [run]
    assert one not in command("list").stdout
    entries = json.loads(command("list", "--estimates", "--json").stdout)
    assert entries["schema"] == "footprint.estimates/1"
    assert "runs" not in entries
    (entry,) = entries["estimates"]
    assert list(entry) == [
        "estimate_id", "estimate", "name", "project", "tags", "route", "saved_at", "job_kwh", "impacts",
    ]  # fmt: skip
    assert (entry["estimate_id"], entry["estimate"]) == (one, True)
    for words in (("explain", one), ("compare", one, run), ("compare", run, one, "--json")):
        refused = command(*words, code=2)
        assert refused.stdout == ""
        assert refused.stderr.count("\n") == 1
        assert f"{one} is a saved estimate, not a run" in refused.stderr
    assert command("delete", one, "--yes").stdout == f"Deleted for good: {one}\n"
    assert command("show", one, code=3).stderr.count("it was deleted") == 1
    assert "No such estimate" in command("list", "--estimates").stdout


def test_a_file_that_cannot_be_written_is_told_of_before_anything_is_saved(home):
    command("estimate", "--energy-kwh", "5", "--save", "--json", "/nowhere/at/all.json", code=2)
    assert not home.exists()
