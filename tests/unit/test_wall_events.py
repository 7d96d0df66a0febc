"""A reading of a meter that is typed after its run: kept as an event, applied wherever the run is looked at."""

import json
import os

import pytest
from click.testing import CliRunner
from made_journals import frame, run_id, write, write_live

from footprint import queries
from footprint.cli import group
from footprint.errors import NotPossible
from footprint.queries.wall import state_wall
from footprint.records.raw import RunEnd
from footprint.records.wall_reading import parse
from footprint.store import events, folding, segments

KWH = "0.0001"
"""Of the hand-made runs, whose package took 120 J = 0.000033 kWh in four seconds."""


def opened(home):
    return queries.opened(str(home))


def job_kwh(home, name=None):
    with opened(home) as store:
        return queries.document(store, name or run_id(0))["energy"]["job_kwh"]["central"]


def say(home, reading, name=None):
    with opened(home) as store:
        return state_wall(store, name or run_id(0), None if reading is None else parse(reading))


def wall(*words):
    return CliRunner().invoke(group, ["wall", *words], catch_exceptions=True)


def test_a_reading_replaces_the_overhead_wherever_the_run_is_looked_at(tmp_path):
    write(tmp_path)
    write(tmp_path, 1)
    plain, other = job_kwh(tmp_path), job_kwh(tmp_path, run_id(1))
    stated = say(tmp_path, KWH)
    assert stated.why is None
    assert stated.before["energy"]["job_kwh"]["central"] == plain
    with opened(tmp_path) as store:
        document = queries.document(store, run_id(0))
        host = document["energy"]["host_kwh"]["central"]
        again = queries.accounted_run(store, run_id(0))
        listed = {row.run_id: row.job_kwh.central for row in queries.list_runs(store)}
        whole = queries.sums(store)
    assert host == pytest.approx(float(KWH))
    assert {one["quality"] for one in document["energy"]["components"]} == {"measured", "stated"}
    assert again.energy.host_kwh.central == pytest.approx(float(KWH))
    assert listed[run_id(0)] == pytest.approx(again.energy.job_kwh.central)
    assert whole.value.central == pytest.approx(sum(listed.values()))
    assert listed[run_id(1)] == other
    assert queries.store_differences(str(tmp_path)) == ([], [])


def test_the_last_word_counts_and_all_are_kept(tmp_path):
    write(tmp_path)
    plain = job_kwh(tmp_path)
    say(tmp_path, KWH)
    say(tmp_path, "0.0002")
    with opened(tmp_path) as store:
        assert queries.document(store, run_id(0))["energy"]["host_kwh"]["central"] == pytest.approx(0.0002)
    say(tmp_path, None)
    assert job_kwh(tmp_path) == plain
    assert [event["what"] for event in events.read(str(tmp_path))[0]] == ["wall_read", "wall_read", "wall_withdrawn"]
    assert all(event["at"].endswith("Z") for event in events.read(str(tmp_path))[0])


def test_a_run_that_is_folded_into_a_segment_takes_it_too_and_a_rebuilt_store_has_it(tmp_path):
    write(tmp_path)
    write(tmp_path, 1)
    with opened(tmp_path) as store:
        assert folding.fold(store, at_least=1) == 2
    say(tmp_path, KWH)
    before = job_kwh(tmp_path)
    queries.rebuild(str(tmp_path))
    assert job_kwh(tmp_path) == before
    assert segments.names(str(tmp_path))
    assert queries.store_differences(str(tmp_path)) == ([], [])


def test_a_reading_below_the_parts_is_kept_and_not_used(tmp_path):
    write(tmp_path)
    plain = job_kwh(tmp_path)
    stated = say(tmp_path, "0.00001±1%")
    assert "less than" in stated.why
    assert job_kwh(tmp_path) == plain


def test_a_reading_that_was_typed_at_the_start_can_be_withdrawn(tmp_path):
    write(tmp_path, wall=parse(KWH))
    with opened(tmp_path) as store:
        assert queries.document(store, run_id(0))["energy"]["host_kwh"]["central"] == pytest.approx(float(KWH))
    say(tmp_path, None)
    with opened(tmp_path) as store:
        kinds = [one["kind"] for one in queries.document(store, run_id(0))["energy"]["components"]]
    assert "overhead" in kinds


def test_a_run_that_is_still_being_measured_has_no_reading_yet(tmp_path):
    log = write_live(tmp_path)
    with pytest.raises(NotPossible, match="still being measured"):
        say(tmp_path, KWH)
    log.close(RunEnd(2.0, "completed", 0))


def test_nothing_of_a_reading_is_left_of_a_run_that_was_deleted(tmp_path):
    write(tmp_path)
    say(tmp_path, "0.000123")
    with opened(tmp_path) as store:
        queries.delete_kept(store, [run_id(0)])
    assert b"0.000123" not in (tmp_path / events.FILE).read_bytes()


def test_folders_that_are_looked_at_together_have_it_too(tmp_path):
    home = tmp_path / "one"
    write(home)
    store = queries.open_folders([str(home)])
    plain = queries.document(store, run_id(0))["energy"]["host_kwh"]["central"]
    say(home, KWH)
    store = queries.refresh(store)
    assert queries.document(store, run_id(0))["energy"]["host_kwh"]["central"] == pytest.approx(float(KWH)) != plain
    assert len(queries.list_runs(store)) == 1
    store.close()


def test_the_verb_says_what_it_did_and_its_exit_code_whether_the_reading_is_used():
    home = os.environ["FOOTPRINT_HOME"]
    write(home)
    assert wall("last", KWH).exit_code == 0
    done = wall("last", "--before", "1.0000", "--after", "1.0001", "--json")
    document = json.loads(done.stdout)
    assert document["used"] is True
    assert document["reading"]["said"] == "1.0000 to 1.0001"
    assert document["host_kwh"]["central"] == pytest.approx(0.0001)
    refused = wall("last", "0.00001±1%")
    assert refused.exit_code == 1
    assert "not used" in refused.output
    assert wall("last", "--withdraw").exit_code == 0


@pytest.mark.parametrize("words", [(), ("1", "--withdraw"), ("--before", "1"), ("nonsense",), ("0",), ("--after", "2")])
def test_what_makes_no_reading_is_refused_before_anything_is_kept(words):
    home = os.environ["FOOTPRINT_HOME"]
    write(home)
    assert wall("last", *words).exception is not None
    assert events.size(home) == 0


def test_the_hand_made_run_is_what_the_tests_take_it_for():
    assert frame(4.0).readings[0] - frame(0.0).readings[0] == pytest.approx(120)
