"""``verify``: what is stored holds to its readings and its chain, and whatever somebody changed shows."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import other_catalogue
import pytest
from made_journals import START, run_id, write

from footprint import journal, queries
from footprint.errors import NoSuchRun, NotPossible
from footprint.queries.opening import accounted
from footprint.queries.wall import state_wall
from footprint.recompute import verifying
from footprint.recompute.verifying import CANNOT_TELL, DIFFERS, HOLDS
from footprint.records.wall_reading import parse
from footprint.store import catalogues, chain, examining, folding, segments, upkeep
from footprint.store.database import memory, path_of

RUNS = 4


@pytest.fixture
def home(tmp_path):
    """Four runs, taken in."""
    folder = tmp_path / "home"
    for number in range(RUNS):
        write(folder, number, START + number, project="vision", tags={"seed": str(number)})
    opened(folder).close()
    return folder


@pytest.fixture
def folded(home):
    """The same, in a segment."""
    with queries.opened(str(home)) as store:
        assert folding.fold(store, at_least=1) == RUNS
    return home


def ids():
    return [run_id(number, START + number) for number in range(RUNS)]


def opened(home, derive=accounted):
    return queries.open_store(str(home), derive)


def examined(home):
    with queries.opened(str(home)) as store:
        return examining.examine(store)


def verdicts(home):
    """By run what is found, and what does not hold of the home itself."""
    with queries.opened(str(home)) as store:
        seen = examining.examine(store)
        found = {one: verifying.verify(store, one, seen) for one in verifying.all_runs(store, seen)}
        return found, [*seen.faults, *examining.faults_of_segments(store, seen)]


def states(home):
    found, faults = verdicts(home)
    return {one: verdict.state for one, verdict in found.items()}, faults


def all_hold(home, count=RUNS):
    found, faults = verdicts(home)
    assert faults == []
    assert {one: verdict.differences for one, verdict in found.items() if verdict.state != HOLDS} == {}
    assert len(found) == count
    return found


def sql(home, text, *values):
    with sqlite3.connect(path_of(str(home))) as connection:
        connection.execute(text, values)
    connection.close()


def segment_of(home):
    (name,) = segments.names(str(home))
    return os.path.join(segments.folder_of(str(home)), name)


def rewrite(home, items):
    """A segment with other records, their checksums right."""
    path = segment_of(home)
    os.unlink(path)
    segments.append(path, items)


# --- what nobody touched ---


def test_what_nobody_touched_holds_and_every_run_is_in_the_chain(home):
    assert all(verdict.is_sealed for verdict in all_hold(home).values())
    assert {seal.catalogue_sha256 for some in examined(home).seals.values() for seal in some} == {
        catalogues.current().sha256
    }


def test_folding_changes_nothing_and_the_chain_knows_the_order(folded):
    all_hold(folded)
    assert list(examined(folded).orders.values()) == [tuple(ids())]


def test_the_chain_is_followed_by_hand_as_its_description_says(home):
    import hashlib

    previous = "0" * 64
    for line in (home / chain.FILE).read_text().splitlines():
        hash_, _, body = line.partition(" ")
        assert hash_ == hashlib.sha256(f"{previous} {body}".encode()).hexdigest()
        previous = hash_
    assert examined(home).head == previous


def test_a_deleted_run_leaves_the_chain_whole(folded):
    gone = ids()[1]
    with queries.opened(str(folded)) as store:
        queries.delete_kept(store, [gone])
    all_hold(folded, RUNS - 1)
    seen = examined(folded)
    assert (seen.deleted, gone in seen.seals) == ({gone}, False)


def test_a_rebuilt_store_has_the_same_rows_and_adds_nothing_to_the_chain(folded):
    write(folded, 7, START + 7)
    with queries.opened(str(folded)) as store:
        before = upkeep.all_rows(store)
    content = (folded / chain.FILE).read_bytes()
    queries.rebuild(str(folded))
    with queries.opened(str(folded)) as store:
        assert upkeep.all_rows(store) == before
    assert (folded / chain.FILE).read_bytes() == content
    all_hold(folded, RUNS + 1)


def test_a_database_that_is_gone_is_made_anew_with_the_catalogue_of_then(home, tmp_path):
    """A newer program with another catalogue rebuilds the store: the figures stay, and so does the chain."""
    folder = other_catalogue.make(tmp_path / "old")
    other_catalogue.keep(home, folder)
    name = write(home, 9, START + 9)
    opened(home, other_catalogue.by(folder)).close()
    with queries.opened(str(home)) as store:
        before = upkeep.all_rows(store)
        assert queries.document(store, name)["provenance"]["catalogue"] == "2026.10"
    for suffix in ("", "-wal", "-shm"):
        Path(path_of(str(home)) + suffix).unlink(missing_ok=True)
    with queries.opened(str(home)) as store:
        assert store.messages == []
        assert upkeep.all_rows(store) == before
        assert queries.accounted_run(store, name).provenance.catalogue == "2026.10"
    assert queries.store_differences(str(home)) == ([], [])
    all_hold(home, RUNS + 1)


def test_a_store_from_before_there_was_a_chain_is_checked_and_then_bound(folded):
    os.unlink(folded / chain.FILE)
    for table in ("seals", "meta"):
        sql(folded, f"DELETE FROM {table}")
    all_hold(folded)
    assert set(examined(folded).seals) == set(ids())
    assert list(examined(folded).orders.values()) == [tuple(ids())]


def test_a_home_that_cannot_be_written_is_checked_from_its_readings_alone(home):
    os.unlink(home / chain.FILE)
    store = queries.refresh(memory(str(home)))
    verdict = verifying.verify(store, ids()[0], examining.examine(store))
    store.close()
    assert (verdict.state, verdict.is_sealed) == (HOLDS, False)


def test_a_crash_between_folding_and_saying_so_leaves_all_whole(home):
    """The journals stand twice, and the chain does not know of the order yet: the next folding tells it."""
    copies = {path: path.read_bytes() for path in (home / "journals").iterdir()}
    content = (home / chain.FILE).read_bytes()
    with queries.opened(str(home)) as store:
        folding.fold(store, at_least=1)
    for path, data in copies.items():
        path.write_bytes(data)
    (home / chain.FILE).write_bytes(content)
    sql(home, "UPDATE meta SET value = ? WHERE key = 'chain_size'", str(len(content)))
    head = content.splitlines()[-1].split(b" ")[0].decode()
    sql(home, "UPDATE meta SET value = ? WHERE key = 'chain_head'", head)
    all_hold(home)
    write(home, 8, START + 8)
    with queries.opened(str(home)) as store:
        folding.fold(store, at_least=1)
    all_hold(home, RUNS + 1)
    assert list(examined(home).orders.values()) == [(*ids(), run_id(8, START + 8))]


def test_a_link_that_a_crash_cut_is_written_over(home):
    content = (home / chain.FILE).read_bytes()
    (home / chain.FILE).write_bytes(content + b'9f {"what":"sea')
    all_hold(home)
    write(home, 8, START + 8)
    all_hold(home, RUNS + 1)
    assert (home / chain.FILE).read_bytes().startswith(content)


def test_a_crashed_run_holds(home):
    write(home, 8, START + 8, end=False)
    all_hold(home, RUNS + 1)


def test_what_is_typed_of_a_meter_is_sealed_as_it_is_typed(home):
    for reading in (parse("0.0001", "KWH"), parse("0.0002±5%", "KWH"), None):
        with queries.opened(str(home)) as store:
            state_wall(store, ids()[0], reading)
        all_hold(home)
    assert len(examined(home).seals[ids()[0]]) == 4


def test_a_chain_that_cannot_be_read_or_written_holds_up_no_run(home):
    """It is sealed when the chain is there again."""
    path = home / chain.FILE
    path.rename(home / "away")
    path.mkdir()
    name = write(home, 8, START + 8)
    with queries.opened(str(home)) as store:
        assert queries.document(store, name)["run_id"] == name
        assert ["cannot be read" in message for message in store.messages] == [True]
        with pytest.raises(NotPossible):
            examining.examine(store)
    path.rmdir()
    (home / "away").rename(path)
    all_hold(home, RUNS + 1)
    assert name in examined(home).seals


def test_processes_that_take_in_at_once_seal_each_run_once(home):
    for number in range(10, 60):
        write(home, number, START + number)
    words = [sys.executable, "-m", "footprint", "list", "--json"]
    started = [
        subprocess.Popen(words, env=os.environ | {"FOOTPRINT_HOME": str(home)}, stdout=subprocess.DEVNULL)
        for _ in "123"
    ]
    assert [one.wait(timeout=60) for one in started] == [0, 0, 0]
    all_hold(home, RUNS + 50)
    assert {len(some) for some in examined(home).seals.values()} == {1}


# --- what somebody changed ---


def test_a_journal_with_another_reading_and_right_checksums_shows(home):
    path = journal.path_of(str(home), ids()[0])
    os.unlink(path)
    write(home, 0, START, project="vision", tags={"seed": "0"}, seconds=5)
    found, _ = verdicts(home)
    assert found[ids()[0]].state == DIFFERS
    assert "readings" in {one.what for one in found[ids()[0]].differences}
    assert {found[one].state for one in ids()[1:]} == {HOLDS}


def test_a_journal_changed_together_with_the_database_shows(home):
    """Whoever makes the store anew from changed readings does not get them sealed again."""
    os.unlink(journal.path_of(str(home), ids()[0]))
    write(home, 0, START, project="vision", tags={"seed": "0"}, seconds=5)
    _, messages = queries.rebuild(str(home))
    assert any("not those that were sealed" in message for message in messages)
    found, faults = verdicts(home)
    assert (found[ids()[0]].state, faults) == (DIFFERS, [])


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE runs SET job_kwh = job_kwh * 1.0000001", "list: job_kwh"),
        ("UPDATE runs SET project = 'other'", "list: project"),
        ("UPDATE runs SET duration_s = 1", "list: duration_s"),
        ("UPDATE runs SET raw_sha256 = 'ab'", "list: raw_sha256"),
        ("UPDATE runs SET sensor = 'better'", "list: sensor"),
        (
            "UPDATE run_impacts SET central = 0 WHERE indicator = 'carbon_location'",
            "list: impacts: carbon_location.central",
        ),
        ("DELETE FROM run_impacts WHERE indicator = 'water'", "list: impacts: water"),
        ("UPDATE run_tags SET value = 'x'", "list: tags: seed.value"),
        ('UPDATE runs SET document = replace(document, \'"name":"run\', \'"name":"Run\')', "name"),
        ("UPDATE runs SET document = json_set(document, '$.provenance.recomputed', 'x')", "document"),
        ("UPDATE runs SET document = json_set(document, '$.provenance.recomputed.version', 'x')", "document"),
        ("UPDATE runs SET document = '{'", "document"),
        ("UPDATE runs SET document = '{\"run_id\": 3}'", "document"),
    ],
)
def test_each_changed_row_shows(home, statement, what):
    sql(home, statement)
    found, _ = verdicts(home)
    assert {verdict.state for verdict in found.values()} == {DIFFERS}
    assert all(what in {one.what for one in verdict.differences} for verdict in found.values())


def test_a_document_and_its_rows_changed_alike_show(home):
    sql(home, "UPDATE runs SET name = 'x', document = json_set(document, '$.name', 'x')")
    found, _ = verdicts(home)
    assert {one.what for one in found[ids()[0]].differences} >= {"name", "document"}


def test_a_row_that_was_removed_comes_back_from_its_journal(home):
    sql(home, "DELETE FROM runs WHERE run_id = ?", ids()[0])
    all_hold(home)


def test_a_run_that_was_removed_from_its_segment_shows(folded):
    items = [(one.run_id, one.data) for one in segments.records(segment_of(folded))]
    rewrite(folded, [items[0], *items[2:]])
    found, faults = verdicts(folded)
    assert found[ids()[1]].state == DIFFERS
    assert any(f"run {ids()[1]} was removed" in fault for fault in faults)


def test_the_check_of_the_store_tells_of_the_chain_too(folded):
    items = [(one.run_id, one.data) for one in segments.records(segment_of(folded))]
    rewrite(folded, [items[1], items[0], *items[2:]])
    path = folded / chain.FILE
    path.write_text(path.read_text().replace('"version":1', '"version":2', 1))
    found, _ = queries.store_differences(str(folded))
    assert [("order" in one, "link 1 of the chain" in one) for one in found] == [(False, True), (True, False)]


def test_a_run_that_was_removed_with_its_rows_shows(folded):
    items = [(one.run_id, one.data) for one in segments.records(segment_of(folded))]
    rewrite(folded, [items[0], *items[2:]])
    queries.rebuild(str(folded))
    found, faults = verdicts(folded)
    assert found[ids()[1]].state == DIFFERS
    assert faults


def test_runs_in_another_order_show(folded):
    items = [(one.run_id, one.data) for one in segments.records(segment_of(folded))]
    rewrite(folded, [items[1], items[0], *items[2:]])
    found, faults = states(folded)
    assert set(found.values()) == {HOLDS}
    assert ["order" in fault for fault in faults] == [True]


def test_a_run_that_was_put_in_shows(folded, tmp_path):
    write(tmp_path / "elsewhere", 9, START + 9)
    data = Path(journal.path_of(str(tmp_path / "elsewhere"), run_id(9, START + 9))).read_bytes()
    items = [(one.run_id, one.data) for one in segments.records(segment_of(folded))]
    rewrite(folded, [items[0], (run_id(9, START + 9), data), *items[1:]])
    _, faults = verdicts(folded)
    assert any("put in" in fault for fault in faults)


def test_a_segment_that_is_gone_shows(folded):
    os.unlink(segment_of(folded))
    found, faults = states(folded)
    assert set(found.values()) == {DIFFERS}
    assert len(faults) == RUNS


@pytest.mark.parametrize("number", range(RUNS))
def test_a_changed_link_shows_and_so_does_a_removed_one(home, number):
    path = home / chain.FILE
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(
        "".join([*lines[:number], lines[number].replace('"version":1', '"version":2'), *lines[number + 1 :]])
    )
    assert verdicts(home)[1]
    path.write_text("".join([*lines[:number], *lines[number + 1 :]]))
    assert verdicts(home)[1]
    path.write_text("".join(lines))
    all_hold(home)


def test_a_chain_made_anew_shows_and_making_the_store_anew_does_not_hide_it(home):
    """Who owns the home can make all of the chain anew: the store remembers the head it read, and says so for good."""
    before = examined(home).head
    os.unlink(home / chain.FILE)
    _, faults = verdicts(home)
    assert ["is gone" in fault for fault in faults] == [True]
    queries.rebuild(str(home))
    seen = examined(home)
    assert (seen.faults, [before in note for note in seen.notes]) == ((), [True])


def test_a_head_that_was_written_down_is_found_until_the_chain_is_made_anew(home):
    head = examined(home).head
    write(home, 8, START + 8)
    with queries.opened(str(home)) as store:
        assert examining.examine(store, [head, head[:16], "ab" * 32]).asked == {head, head[:16]}
    for path in (home / chain.FILE, Path(path_of(str(home))), Path(journal.path_of(str(home), ids()[0]))):
        path.unlink()
    with queries.opened(str(home)) as store:
        assert examining.examine(store, [head]).asked == frozenset()


# --- what cannot be told ---


def test_a_catalogue_that_is_gone_leaves_nothing_to_tell_but_what_was_changed(home, tmp_path):
    folder = other_catalogue.make(tmp_path / "old")
    pinned = other_catalogue.keep(home, folder)
    name = write(home, 9, START + 9)
    opened(home, other_catalogue.by(folder)).close()
    all_hold(home, RUNS + 1)
    shutil.rmtree(home / catalogues.FOLDER / catalogues.label(pinned))
    verdict = verdicts(home)[0][name]
    assert (verdict.state, verdict.differences) == (CANNOT_TELL, ())
    assert catalogues.label(pinned) in verdict.why
    sql(home, "UPDATE runs SET name = 'x'")
    assert verdicts(home)[0][name].state == DIFFERS


def test_a_copy_of_a_catalogue_that_was_changed_is_none(home, tmp_path):
    folder = other_catalogue.make(tmp_path / "old")
    pinned = other_catalogue.keep(home, folder)
    name = write(home, 9, START + 9)
    opened(home, other_catalogue.by(folder)).close()
    with (home / catalogues.FOLDER / catalogues.label(pinned) / "water.csv").open("a") as file:
        file.write("\n")
    assert verdicts(home)[0][name].state == CANNOT_TELL


def test_a_catalogue_that_is_too_old_for_this_version_leaves_nothing_to_tell(home, tmp_path):
    """And nothing to make the store anew with: today's stands in, and that is said."""
    folder = other_catalogue.make(tmp_path / "old")
    made_by = other_catalogue.by(folder)
    name = write(home, 9, START + 9)
    too_old = other_catalogue.without(other_catalogue.make(tmp_path / "too old", "2025.01"), "power_model.csv")
    pinned = other_catalogue.keep(home, too_old)

    def as_of_then(raw, data=None):
        run = made_by(raw)
        told = run.provenance._replace(catalogue=pinned.version, catalogue_sha256=pinned.sha256)
        return run._replace(provenance=told)

    opened(home, as_of_then).close()
    verdict = verdicts(home)[0][name]
    assert (verdict.state, "power_model.csv" in verdict.why) == (CANNOT_TELL, True)
    with queries.opened(str(home)) as store:
        assert queries.accounted_run(store, name).provenance.catalogue == catalogues.current().version
    _, messages = queries.rebuild(str(home))
    assert ["too old for this version" in message for message in messages] == [True]
    found = all_hold(home, RUNS + 1)
    assert "first sealed with the catalogue 2025.01" in found[name].note


def test_figures_of_another_program_are_told_apart_from_tampering(home):
    """They are as they were sealed, and this version reckons otherwise."""

    def otherwise(raw, folder=None):
        run = accounted(raw, folder)
        return run._replace(duration_s=run.duration_s * 2)

    def seen_by(home, derive):
        with queries.opened(str(home)) as store:
            return verifying.verify(store, ids()[0], examining.examine(store), derive)

    assert seen_by(home, otherwise).state == DIFFERS
    path = home / chain.FILE
    links = [line.partition(" ")[2] for line in path.read_text().splitlines()]
    path.unlink()
    chain.append(str(home), [json.loads(one) | {"footprint": "0.0.9"} for one in links])
    verdict = seen_by(home, otherwise)
    assert verdict.state == CANNOT_TELL
    assert "0.0.9" in verdict.why
    sql(home, "UPDATE runs SET name = 'x'")
    assert seen_by(home, otherwise).state == DIFFERS


def test_a_run_that_is_nowhere_is_no_run(home):
    with queries.opened(str(home)) as store, pytest.raises(NoSuchRun):
        verifying.verify(store, "01NOTHING", examining.examine(store))


# --- a document that somebody has ---


def of_file(home, document):
    with queries.opened(str(home)) as store:
        return verifying.verify_document(store, document, examining.examine(store))


def document(home):
    with queries.opened(str(home)) as store:
        return queries.document(store, ids()[0])


def test_an_exported_document_holds_and_one_that_was_changed_does_not(home):
    told = json.loads(json.dumps(document(home), indent=1))
    assert of_file(home, told).state == HOLDS
    told["impacts"]["carbon_location"]["total"]["central"] /= 2
    verdict = of_file(home, told)
    assert (verdict.state, [one.what for one in verdict.differences]) == (
        DIFFERS,
        ["file: impacts.carbon_location.total.central"],
    )


def test_an_exported_document_of_a_kept_catalogue_is_made_again_with_that(home, tmp_path):
    folder = other_catalogue.make(tmp_path / "old")
    with queries.opened(str(home)) as store:
        from footprint.records.document import as_document

        old = as_document(other_catalogue.by(folder)(queries.raw_run(store, ids()[0])))
    assert of_file(home, old).state == CANNOT_TELL
    other_catalogue.keep(home, folder)
    assert of_file(home, old).state == HOLDS
    old["duration_s"] = 1.0
    assert of_file(home, old).state == DIFFERS


def test_a_document_of_a_running_run_cannot_be_told(home):
    assert of_file(home, document(home) | {"status": "running"}).state == CANNOT_TELL
