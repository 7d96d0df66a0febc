"""Monthly segments: a crash at any moment loses no run and doubles none."""

import os
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from made_journals import START, result, run_id, write

from footprint import journal, queries
from footprint.store import events, folding, segments, upkeep
from footprint.store.database import path_of

DAY_S = 86_400


def items(count):
    return [(run_id(number), bytes([number]) * (50 + number)) for number in range(count)]


def test_what_is_added_is_read_again_in_order_and_in_place(tmp_path):
    path = str(tmp_path / "2026-11.fps")
    places = segments.append(path, items(3)) + segments.append(path, [(run_id(9), b"later")])
    found = list(segments.records(path))
    assert [(one.run_id, one.data) for one in found] == [*items(3), (run_id(9), b"later")]
    assert [one.place for one in found] == places
    assert [segments.read_at(path, one.run_id, one.place) for one in found] == [one.data for one in found]
    assert segments.read_at(path, run_id(1), places[0]) is None


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_segment_torn_anywhere_keeps_what_stands_before_and_takes_what_comes_after(tmp_path_factory, data):
    path = str(tmp_path_factory.mktemp("torn") / "2026-11.fps")
    places = segments.append(path, items(4))
    cut = data.draw(st.integers(0, os.path.getsize(path)))
    os.truncate(path, cut)
    segments.append(path, [(run_id(9), b"later")])
    whole = [name for (name, _), place in zip(items(4), places, strict=True) if place.offset + place.length <= cut]
    assert [one.run_id for one in segments.records(path)] == [*whole, run_id(9)]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_flipped_byte_costs_one_record_at_most(tmp_path_factory, data):
    path = Path(tmp_path_factory.mktemp("flipped") / "2026-11.fps")
    segments.append(str(path), items(4))
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    found = [(one.run_id, one.data) for one in segments.records(str(path))]
    assert len(found) >= 3
    assert all(one in items(4) for one in found)


def test_a_removed_run_leaves_nothing_of_itself(tmp_path):
    path = tmp_path / "2026-11.fps"
    segments.append(str(path), [*items(3), items(3)[1]])
    places = segments.remove(str(path), {run_id(1)})
    assert set(places) == {run_id(0), run_id(2)}
    assert run_id(1).encode() not in path.read_bytes()
    assert [segments.read_at(str(path), name, place) for name, place in places.items()] == [
        items(3)[0][1],
        items(3)[2][1],
    ]
    assert segments.remove(str(path), {"no such run"}) is None
    segments.remove(str(path), {run_id(0), run_id(2)})
    assert not path.exists()


def rows(home):
    with queries.opened(str(home), derive=result) as store:
        return upkeep.all_rows(store)


def singles(home):
    return sorted(os.listdir(home / "journals"))


def test_folding_moves_runs_into_the_segments_of_their_months(tmp_path):
    for number, day in enumerate((0, 1, 20)):
        write(tmp_path, number, START + day * DAY_S)
    before = rows(tmp_path)
    with queries.opened(str(tmp_path), derive=result) as store:
        assert folding.fold(store, at_least=1) == 3
    assert singles(tmp_path) == []
    assert segments.names(str(tmp_path)) == ["2026-11.fps", "2026-12.fps"]
    assert rows(tmp_path) == before
    Path(path_of(str(tmp_path))).unlink()
    assert rows(tmp_path) == before, "the segments alone make the same store"


def test_few_journals_are_let_be_and_many_are_folded(tmp_path):
    for number in range(folding.FOLD_FROM - 1):
        write(tmp_path, number, seconds=1)
    rows(tmp_path)
    assert segments.names(str(tmp_path)) == []
    write(tmp_path, 99, seconds=1)
    rows(tmp_path)
    assert (singles(tmp_path), segments.names(str(tmp_path))) == ([], ["2026-11.fps"])


def test_a_crash_between_the_segment_and_the_store_doubles_nothing(tmp_path):
    """The segment has the run, and neither the store nor the folder knows."""
    name = write(tmp_path)
    before = rows(tmp_path)
    data = Path(journal.path_of(str(tmp_path), name)).read_bytes()
    os.makedirs(segments.folder_of(str(tmp_path)))
    segments.append(os.path.join(segments.folder_of(str(tmp_path)), "2026-11.fps"), [(name, data)])
    assert rows(tmp_path) == before
    Path(path_of(str(tmp_path))).unlink()
    assert rows(tmp_path) == before
    with queries.opened(str(tmp_path), derive=result) as store:
        folding.fold(store, at_least=1)
    assert singles(tmp_path) == []
    (segment,) = segments.names(str(tmp_path))
    kept = list(segments.records(os.path.join(segments.folder_of(str(tmp_path)), segment)))
    assert [one.run_id for one in kept] == [name], "what stands there already is not added again"
    assert rows(tmp_path) == before


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_crash_while_a_segment_is_written_loses_no_run(tmp_path_factory, data):
    """The journals of a torn batch are still there: only what is safe is removed."""
    home = tmp_path_factory.mktemp("home")
    for number in range(3):
        write(home, number, seconds=1)
    before = rows(home)
    path = os.path.join(segments.folder_of(str(home)), "2026-11.fps")
    os.makedirs(os.path.dirname(path))
    journals = [(run_id(n), Path(journal.path_of(str(home), run_id(n))).read_bytes()) for n in range(3)]
    segments.append(path, journals)
    os.truncate(path, data.draw(st.integers(0, os.path.getsize(path))))
    if data.draw(st.booleans()):
        Path(path_of(str(home))).unlink()
    assert rows(home) == before
    with queries.opened(str(home), derive=result) as store:
        folding.fold(store, at_least=1)
        assert singles(home) == []
        assert [queries.raw_run(store, name).head.run_id for name, _ in journals] == [name for name, _ in journals]
    assert rows(home) == before
    Path(path_of(str(home))).unlink()
    assert rows(home) == before


def test_a_journal_that_is_not_as_it_was_taken_in_stays(tmp_path):
    name = write(tmp_path)
    rows(tmp_path)
    with open(journal.path_of(str(tmp_path), name), "ab") as file:
        file.write(b"more")
    with queries.opened(str(tmp_path), derive=result) as store:
        assert folding.fold(store, at_least=1) == 0
    assert singles(tmp_path) == [f"{name}.fpj"]


def test_a_run_that_is_being_measured_is_not_folded(tmp_path):
    from made_journals import write_live

    log = write_live(tmp_path)
    with queries.opened(str(tmp_path), derive=result) as store:
        assert folding.fold(store, at_least=1) == 0
    assert singles(tmp_path) == [f"{run_id(0)}.fpj"]
    log.abandon()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=8), max_size=2), max_size=5), st.data())
def test_events_that_are_whole_are_read_whatever_a_crash_left(tmp_path_factory, written, data):
    home = str(tmp_path_factory.mktemp("events"))
    events.append(home, written)
    cut = data.draw(st.integers(0, os.path.getsize(events.path_of(home))))
    os.truncate(events.path_of(home), cut)
    events.append(home, [{"what": "later"}])
    found, _, end = events.read(home)
    assert found[-1] == {"what": "later"}
    assert list(found[:-1]) == written[: len(found) - 1]
    assert end == events.size(home)
