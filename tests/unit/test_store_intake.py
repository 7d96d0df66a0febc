"""The store takes in what the journals say: once, by many at once, and around what cannot be read."""

import multiprocessing
import os
import time
from pathlib import Path

import pytest
from made_journals import START, frame, head, result, run_id, write, write_live

from footprint import journal, queries
from footprint.errors import NotPossible
from footprint.records.raw import RunEnd
from footprint.store import folding, saved_estimates, segments, upkeep
from footprint.store.database import open_database, path_of
from footprint.store.intake import take_in


def opened(home):
    return queries.open_store(str(home), derive=result)


def listed(home):
    with queries.opened(str(home), derive=result) as store:
        return [(row.run_id, row.status) for row in queries.list_runs(store)]


def test_a_closed_run_is_taken_in_with_all_that_lists_ask_for(tmp_path):
    name = write(tmp_path, 3, project="vision", team="t", tags={"k": "été"}, name="été ✓ \U0001f333", exit_code=7)
    with queries.opened(str(tmp_path), derive=result) as store:
        (row,) = queries.list_runs(store)
    assert (row.run_id, row.name, row.project, row.team, row.exit_code) == (name, "été ✓ \U0001f333", "vision", "t", 7)
    assert (row.tags, row.status, row.zone, row.measured_share) == ({"k": "été"}, "completed", "FR", 1.0)
    assert row.job_kwh.central == pytest.approx(33.0 * 4 / 3.6e6)
    assert set(row.impacts) == {"carbon_location"}, "what cannot be had is not among the totals"


def test_an_orphan_becomes_crashed_and_stays_the_same_run(tmp_path):
    name = write(tmp_path, end=False)
    assert listed(tmp_path) == [(name, "crashed")]
    assert listed(tmp_path) == [(name, "crashed")]


def test_a_run_that_is_being_measured_is_shown_and_not_kept(tmp_path):
    old = write(tmp_path, 0)
    log = write_live(tmp_path, 1)
    assert listed(tmp_path) == [(run_id(1), "running"), (old, "completed")]
    log.close(RunEnd(2.0, "completed", 0))
    assert listed(tmp_path) == [(run_id(1), "completed"), (old, "completed")]


def test_live_runs_are_at_their_place_in_every_page_of_a_list(tmp_path):
    for number in range(0, 10, 2):
        write(tmp_path, number, START + number)
    logs = [write_live(tmp_path, number, START + number) for number in (1, 5, 9)]
    with queries.opened(str(tmp_path), derive=result) as store:
        whole = [row.run_id for row in queries.list_runs(store)]
        for limit in (1, 2, 3, 5):
            pages = [
                queries.list_runs(store, queries.RunFilter(limit=limit, offset=start)) for start in range(0, 10, limit)
            ]
            assert [row.run_id for page in pages for row in page] == whole
        assert queries.count_runs(store) == 8
    assert whole == sorted(whole, reverse=True)
    for log in logs:
        log.abandon()


def test_an_unreadable_journal_is_set_aside_with_a_word_and_the_rest_goes_on(tmp_path):
    good = write(tmp_path)
    bad = tmp_path / "journals" / "BAD.fpj"
    bad.write_bytes(b"no journal at all")
    os.utime(bad, (time.time() - 3600,) * 2)
    store = opened(tmp_path)
    assert [row.run_id for row in queries.list_runs(store)] == [good]
    assert any("BAD.fpj.unreadable" in message for message in store.messages)
    assert bad.with_suffix(".fpj.unreadable").read_bytes() == b"no journal at all"
    store.close()
    assert opened(tmp_path).messages == [], "it is told of once"


def test_a_journal_in_the_making_is_let_be(tmp_path):
    (tmp_path / "journals").mkdir()
    young = tmp_path / "journals" / "NEW.fpj"
    young.touch()
    store = opened(tmp_path)
    assert (store.messages, young.exists()) == ([], True)
    store.close()


def test_a_journal_that_is_locked_is_somebodys_even_if_it_cannot_be_read(tmp_path):
    log = write_live(tmp_path, 1)
    path = Path(log.path)
    with open(path, "r+b") as file:
        file.write(b"damaged")
    os.utime(path, (time.time() - 3600,) * 2)
    store = opened(tmp_path)
    assert (store.messages, path.exists()) == ([], True)
    store.close()
    log.abandon()


def test_a_journal_under_anothers_name_does_not_double_the_run(tmp_path):
    name = write(tmp_path)
    copy = tmp_path / "journals" / "COPY.fpj"
    copy.write_bytes(Path(journal.path_of(str(tmp_path), name)).read_bytes())
    os.utime(copy, (time.time() - 3600,) * 2)
    assert listed(tmp_path) == [(name, "completed")]
    assert not copy.exists()
    assert copy.with_suffix(".fpj.unreadable").exists(), "it is told of once"


def test_a_run_that_cannot_be_accounted_for_hides_no_other(tmp_path):
    good, bad = write(tmp_path, 1), write(tmp_path, 2)

    def derive(raw):
        if raw.head.run_id == bad:
            raise ZeroDivisionError("float division by zero")
        return result(raw)

    with queries.opened(str(tmp_path), derive=derive) as store:
        assert [row.run_id for row in queries.list_runs(store)] == [good]
        assert any(bad in message and "ZeroDivisionError" in message for message in store.messages)
    assert {name for name, _ in listed(tmp_path)} == {good, bad}, "its readings are kept for a version that can"


def test_a_journal_of_a_later_form_is_left_where_it_is(tmp_path):
    name = write(tmp_path)
    path = Path(journal.path_of(str(tmp_path), name))
    from footprint import journal_form as form

    content = form.record(form.HEAD, {"run_id": name, "later": True})
    path.write_bytes(form.preamble(form.Areas(len(content), 0, 0)) + content)
    store = opened(tmp_path)
    assert queries.list_runs(store) == []
    assert any("does not know" in message for message in store.messages)
    assert path.exists()
    store.close()


def take_in_once(home, barrier):
    barrier.wait()
    store = open_database(home)
    take_in(store, result)
    folding.fold(store, at_least=1)
    store.close()


def test_sixteen_processes_at_once_lose_and_double_nothing(tmp_path):
    names = [write(tmp_path, number, START + number * 3600, parent=None) for number in range(40)]
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(16)
    workers = [context.Process(target=take_in_once, args=(str(tmp_path), barrier)) for _ in range(16)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 16
    with queries.opened(str(tmp_path), derive=result) as store:
        assert [row.run_id for row in queries.list_runs(store)] == sorted(names, reverse=True)
        assert upkeep.differences(store, result) == []
        assert queries.sums(store).runs == 40
        assert [queries.raw_run(store, name).head.run_id for name in names] == names


def write_and_look(home, number, barrier):
    barrier.wait()
    write(home, number)
    with queries.opened(home, derive=result) as store:
        queries.list_runs(store)


def test_sixteen_writers_that_also_read_keep_sixteen_runs(tmp_path):
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(16)
    workers = [context.Process(target=write_and_look, args=(str(tmp_path), number, barrier)) for number in range(16)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 16
    assert sorted(listed(tmp_path)) == [(run_id(number), "completed") for number in range(16)]


def test_rebuilding_gives_the_same_rows(tmp_path):
    for number in range(12):
        write(
            tmp_path, number, START + number * 7200, project=f"p{number % 3}", tags={"n": str(number)}, end=number != 5
        )
    outer = run_id(0, START)
    write(tmp_path, 20, START + 60, parent=outer)
    store = opened(tmp_path)
    folding.fold(store, at_least=1)
    write(tmp_path, 21, START + 90, parent=outer)
    queries.delete_kept(store, [run_id(3, START + 3 * 7200)])
    saved_estimates.save(
        str(tmp_path), {"schema": saved_estimates.SCHEMA, "estimate_id": run_id(30), "saved_at": "2026-11-24"}
    )
    queries.refresh(store, derive=result)
    before = upkeep.all_rows(store)
    store.close()
    count, messages = queries.rebuild(str(tmp_path), derive=result)
    store = open_database(str(tmp_path))
    assert (upkeep.all_rows(store), count, messages) == (before, 13, [])
    store.close()
    Path(path_of(str(tmp_path))).unlink()
    store = opened(tmp_path)
    assert upkeep.all_rows(store) == before, "and so does a store made from nothing"
    assert all(before.values())
    store.close()


def test_the_check_finds_what_is_not_as_the_journals_say(tmp_path):
    name = write(tmp_path, 1)
    write(tmp_path, 2)
    store = opened(tmp_path)
    assert upkeep.differences(store, result) == []
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE runs SET name = 'other' WHERE run_id = ?", (name,))
        connection.exec_driver_sql("DELETE FROM run_impacts WHERE run_id = ?", (run_id(2),))
    found = upkeep.differences(store, result)
    assert f"runs {name}: name unlike what the journals say" in found
    assert any(run_id(2) in line and "not in the store" in line for line in found)
    store.close()


def test_a_home_that_is_not_there_has_no_runs_and_is_not_made(tmp_path):
    home = tmp_path / "none"
    assert listed(home) == []
    assert not home.exists()


def test_readings_are_read_again_from_wherever_they_stand(tmp_path):
    name = write(tmp_path)
    store = opened(tmp_path)
    single = queries.raw_run(store, name)
    folding.fold(store, at_least=1)
    assert not os.path.exists(journal.path_of(str(tmp_path), name))
    assert queries.raw_run(store, name) == single
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE runs SET segment_offset = 7")
    assert queries.raw_run(store, name) == single, "a place that is wrong is looked for"
    for segment in segments.names(str(tmp_path)):
        os.unlink(os.path.join(segments.folder_of(str(tmp_path)), segment))
    with pytest.raises(NotPossible, match="journal is gone"):
        queries.raw_run(store, name)
    store.close()


def test_the_parts_used_here_are_as_the_journal_writes_them(tmp_path):
    """The hand-made runs go through the real journal."""
    name = write(tmp_path)
    raw = journal.read(journal.path_of(str(tmp_path), name))
    assert (raw.head, raw.frames[1]) == (head(), frame(1.0))


def test_what_is_wrong_is_told_once_however_often_one_looks(tmp_path):
    write(tmp_path)

    def derive(raw):
        raise ZeroDivisionError

    store = queries.open_store(str(tmp_path), derive=derive)
    for _ in range(3):
        store = queries.refresh(store, derive=derive)
    assert len(store.messages) == 1
    store.close()
