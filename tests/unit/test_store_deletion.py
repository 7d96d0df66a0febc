"""A deleted run is gone: from the rows, the sums and the readings; and it does not come back."""

import os
import sqlite3
from pathlib import Path

import pytest
from made_journals import START, result, run_id, write, write_live

from footprint import journal, queries
from footprint.errors import NoSuchRun, NotPossible
from footprint.store import deletion, events, folding, upkeep
from footprint.store.database import path_of
from footprint.store.event_intake import drop


def opened(home):
    return queries.open_store(str(home), derive=result)


def ids(home):
    with queries.opened(str(home), derive=result) as store:
        return sorted(row.run_id for row in queries.list_runs(store))


def everything(home):
    return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())


@pytest.mark.parametrize("folded", [False, True])
def test_a_deleted_run_is_nowhere_but_for_its_id(tmp_path, folded):
    gone, kept = write(tmp_path, 1, name="secret-name", tags={"who": "secret-tag"}), write(tmp_path, 2)
    store = opened(tmp_path)
    if folded:
        folding.fold(store, at_least=1)
    raw = queries.raw_run(store, kept)
    another = sqlite3.connect(path_of(str(tmp_path)))  # keeps the database's log from being removed
    assert another.execute("SELECT count(*) FROM runs").fetchone() == (2,)
    queries.delete_kept(store, [gone])
    assert b"secret" not in everything(tmp_path)
    another.close()
    assert [row.run_id for row in queries.list_runs(store)] == [kept]
    assert queries.sums(store).runs == 1
    assert queries.raw_run(store, kept) == raw
    store.close()
    left = everything(tmp_path)
    assert b"secret" not in left
    assert events.read(str(tmp_path))[0] == [{"what": "deleted", "run_id": gone}]


@pytest.mark.parametrize("folded", [False, True])
def test_it_does_not_come_back_when_the_store_is_made_anew(tmp_path, folded):
    gone, kept = write(tmp_path, 1), write(tmp_path, 2)
    data = Path(journal.path_of(str(tmp_path), gone)).read_bytes()
    store = opened(tmp_path)
    if folded:
        folding.fold(store, at_least=1)
    queries.delete_kept(store, [gone])
    store.close()
    queries.rebuild(str(tmp_path), derive=result)
    assert ids(tmp_path) == [kept]
    Path(path_of(str(tmp_path))).unlink()
    assert ids(tmp_path) == [kept]
    Path(journal.path_of(str(tmp_path), gone)).write_bytes(data)
    assert ids(tmp_path) == [kept], "not even when its journal is copied back"


def test_what_a_crash_left_of_a_deletion_is_finished_by_the_next_that_looks(tmp_path):
    gone = write(tmp_path, 1)
    store = opened(tmp_path)
    folding.fold(store, at_least=1)
    store.close()
    events.append(str(tmp_path), [{"what": events.DELETED, "run_id": gone}])
    assert ids(tmp_path) == []
    assert gone.encode() not in b"".join(path.read_bytes() for path in (tmp_path / "segments").iterdir())


def test_a_run_read_before_its_deletion_is_not_put_back_after_it(tmp_path):
    """One process has the run in hand while another deletes it."""
    from footprint.store.intake import Candidate, parsed, put
    from footprint.store.rows import rows_of

    name = write(tmp_path, 1)
    data = Path(journal.path_of(str(tmp_path), name)).read_bytes()
    raw = parsed(data)
    store = opened(tmp_path)
    queries.delete_kept(store, [name])
    assert put(store, [Candidate(rows_of(result(raw), raw, data))]) == 0
    assert queries.count_runs(store) == 0
    store.close()


def test_deleting_a_parent_lets_its_children_count_again(tmp_path):
    parent, child = write(tmp_path, 1), write(tmp_path, 2, START + 1, parent=run_id(1))
    store = opened(tmp_path)
    whole = queries.sums(store)
    assert whole.runs == 1
    queries.delete_kept(store, [parent])
    alone = queries.sums(store)
    assert (alone.runs, alone.value.central) == (1, pytest.approx(queries.list_runs(store)[0].job_kwh.central))
    assert queries.list_runs(store)[0].run_id == child
    assert upkeep.differences(store, result) == []
    store.close()


def test_a_run_that_is_being_measured_is_not_deleted(tmp_path):
    log = write_live(tmp_path)
    store = opened(tmp_path)
    with pytest.raises(NotPossible, match="still being measured"):
        queries.delete_kept(store, [run_id(0)])
    assert os.path.exists(journal.path_of(str(tmp_path), run_id(0)))
    store.close()
    log.abandon()


def test_one_that_asks_for_a_deleted_run_is_told_so(tmp_path):
    name = write(tmp_path, 1)
    store = opened(tmp_path)
    queries.delete_kept(store, [name])
    with pytest.raises(NoSuchRun, match="it was deleted"):
        queries.resolve(store, name)
    store.close()


def test_purging_twice_is_harmless(tmp_path):
    write(tmp_path, 1)
    store = opened(tmp_path)
    with store.write() as connection:
        drop(connection, ["01UNKNOWN"])
    deletion.purge(store)
    deletion.purge(store)
    assert queries.count_runs(store) == 1
    store.close()
