"""The homes of several hosts as one store: each run once, and nothing written into them."""

import os
import shutil
from datetime import date

import made_history
import made_journals
import pytest

from footprint import journal, queries
from footprint.errors import NotPossible, UsageError
from footprint.store import events, folding, segments
from footprint.targets import target_of

TODAY = date(2026, 11, 24)
DAY_S = 86_400.0


@pytest.fixture
def homes(tmp_path):
    """Three hosts: two runs each, and the last run of the first was copied to the third too."""
    found = [tmp_path / name for name in ("rack-1", "rack-2", "rack-3")]
    for number, home in enumerate(found):
        home.mkdir()
        for run in (0, 1):
            made_history.write_run(
                home, 10 * number + run, made_journals.START + 10 * number + run, host=home.name, watts=36.0,
                project="vision",
            )  # fmt: skip
    shared = made_journals.run_id(1, made_journals.START + 1)
    shutil.copy(journal.path_of(str(found[0]), shared), journal.path_of(str(found[2]), shared))
    return [str(home) for home in found]


def content(homes):
    """Every file below some folders, with its bytes and when it was changed."""
    found = {}
    for home in homes:
        for folder, _, names in os.walk(home):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    found[path] = (file.read(), os.stat(path).st_mtime_ns)
            found[folder] = (b"", os.stat(folder).st_mtime_ns)
    return found


def opened(homes):
    return queries.open_folders(homes, derive=made_journals.result)


def test_a_run_that_two_folders_know_counts_once(homes):
    store = opened(homes)
    assert queries.count_runs(store) == 6
    assert len({row.run_id for row in queries.list_runs(store)}) == 6
    one_kwh = 4 * 36.0 / 3.6e6
    assert queries.sums(store).value.central == pytest.approx(6 * one_kwh)
    assert queries.sums(store, "job_kwh", queries.RunFilter(project="vision")).runs == 6
    assert store.messages == []
    store.close()


def test_nothing_is_written_into_the_folders(homes):
    """Not a store, not a lock, not the name of a journal that cannot be read; however often one looks."""
    broken = os.path.join(homes[1], journal.FOLDER, "01BROKEN.fpj")
    with open(broken, "wb") as file:
        file.write(b"this is no journal")
    os.utime(broken, (0, 0))
    before = content(homes)
    store = queries.refresh(opened(homes), derive=made_journals.result)
    queries.target_standings(store, TODAY)
    for row in queries.list_runs(store):
        queries.document(store, row.run_id)
        queries.timeline(store, row.run_id)
    assert content(homes) == before
    (said,) = store.messages
    assert broken in said
    assert "left where it is" in said
    store.close()


def test_readings_come_from_the_folder_that_has_them(homes):
    """From single journals and from segments alike."""
    segment_home = queries.open_store(homes[1], derive=made_journals.result)
    assert folding.fold(segment_home, at_least=1) == 2
    segment_home.close()
    assert segments.names(homes[1])
    store = opened(homes)
    raws = [queries.raw_run(store, row.run_id) for row in queries.list_runs(store)]
    assert sorted(raw.head.host.id for raw in raws) == ["rack-1", "rack-1", "rack-2", "rack-2", "rack-3", "rack-3"]
    store.close()


def test_a_run_that_was_deleted_on_one_host_is_shown_from_none(homes):
    """Whoever deleted it meant it: a copy elsewhere does not bring it back, before or after the first look."""
    store = opened(homes)
    shared = made_journals.run_id(1, made_journals.START + 1)
    assert shared in {row.run_id for row in queries.list_runs(store)}
    events.append(homes[0], [{"what": events.DELETED, "run_id": shared}])
    store = queries.refresh(store, derive=made_journals.result)
    assert shared not in {row.run_id for row in queries.list_runs(store)}
    store.close()
    again = opened(list(reversed(homes)))
    assert queries.count_runs(again) == 5
    assert queries.sums(again).runs == 5
    again.close()


def test_runs_that_come_later_are_seen(homes):
    store = opened(homes)
    live = made_journals.write_live(homes[2], 50, made_journals.START + 50)
    new = made_journals.write(homes[0], 40, made_journals.START + 40)
    store = queries.refresh(store, derive=made_journals.result)
    assert new in {row.run_id for row in queries.list_runs(store)}
    assert [row.status for row in queries.list_runs(store)].count("running") == 1
    live.abandon()
    store.close()


def test_a_folder_that_vanishes_is_told_of_and_its_runs_stay(homes):
    store = opened(homes)
    shutil.rmtree(os.path.join(homes[1], journal.FOLDER))
    with open(os.path.join(homes[1], segments.FOLDER), "w", encoding="utf-8") as file:
        file.write("no folder any more")
    store = queries.refresh(store, derive=made_journals.result)
    assert queries.count_runs(store) == 6
    store.close()


def test_targets_of_all_hosts_stand_and_a_second_of_a_name_is_told_of(homes):
    """The runs of all hosts count for them."""
    told = {"limit": "1 kWh", "owner": "Mara", "reason": "decision 12", "project": "vision"}
    pinned = queries.current_catalogue()
    queries.set_target(homes[0], target_of("ours", told, current=pinned))
    queries.set_target(homes[1], target_of("theirs", told, current=pinned))
    queries.set_target(homes[2], target_of("ours", told | {"limit": "2 kWh"}, current=pinned))
    store = queries.open_folders(homes)
    found = queries.target_standings(store, TODAY)
    assert [(one.target.name, one.target.limit) for one in found] == [("ours", 1.0), ("theirs", 1.0)]
    assert all(one.used.central > 5 * 4 * 36.0 / 3.6e6 for one in found)
    assert [message for message in store.messages if "'ours' is another one" in message] == store.messages
    store.close()


def test_one_folder_named_twice_is_one(homes):
    store = opened([homes[0], homes[0] + os.sep])
    assert store.homes == (homes[0],)
    store.close()


@pytest.mark.parametrize(
    ("name", "raised", "words"),
    [
        ("none", UsageError, "there is no such folder"),
        ("empty", UsageError, "it holds no runs: neither journals nor segments"),
        ("broken", NotPossible, "cannot be read"),
    ],
)
def test_a_folder_that_is_no_home_is_one_clear_line(tmp_path, homes, name, raised, words):
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "journals").write_text("no folder")
    with pytest.raises(raised, match=words):
        opened([*homes, str(tmp_path / name)])
