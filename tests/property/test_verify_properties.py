"""``verify``: whatever was measured holds; whatever single thing somebody changes shows."""

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from made_journals import START, run_id, write

from footprint import journal, queries
from footprint.recompute import verifying
from footprint.recompute.comparing import differences
from footprint.recompute.verifying import DIFFERS, HOLDS
from footprint.store import chain, examining, folding, segments
from footprint.store.database import path_of


def write_raw(home, raw):
    """A run as its journal is written while it lasts."""
    log = journal.Journal(str(home), raw.head)
    for event in raw.events:
        log.event(event)
    for frame in raw.frames:
        log.frame(frame)
        log.newest(frame)
    log.close(raw.end)


def verdicts(home):
    """(what is found of each run, what does not hold of the home)."""
    with queries.opened(str(home)) as store:
        seen = examining.examine(store)
        found = [verifying.verify(store, one, seen) for one in verifying.all_runs(store, seen)]
        return found, [*seen.faults, *examining.faults_of_segments(store, seen)]


@settings(max_examples=40)
@given(worlds.worlds())
def test_whatever_was_measured_holds(tmp_path_factory, drawn):
    world, policy = drawn
    home = tmp_path_factory.mktemp("home")
    for number in range(len(world.windows)):
        write_raw(home, worlds.run_of(world, number, policy))
    found, faults = verdicts(home)
    assert [one.differences for one in found if one.state != HOLDS] == []
    assert (len(found), faults) == (len(world.windows), [])
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Three runs, two of them in a segment."""
    home = tmp_path_factory.mktemp("made")
    for number in range(2):
        write(home, number, START + number, tags={"seed": "7"}, units={"images": 3.0})
    with queries.opened(str(home)) as store:
        folding.fold(store, at_least=1)
    write(home, 2, START + 2)
    queries.open_store(str(home)).close()
    return home


@contextlib.contextmanager
def copy_of(home):
    target = home.with_name("copy")
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(home, target)
    yield target


def segment_of(home):
    (name,) = segments.names(str(home))
    return Path(segments.folder_of(str(home)), name)


PLACES = {
    "segment": segment_of,
    "journal": lambda home: Path(journal.path_of(str(home), run_id(2, START + 2))),
    "chain": lambda home: home / chain.FILE,
}


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=60)
@given(data=st.data())
def test_any_single_byte_that_is_changed_shows(made, place, data):
    with copy_of(made) as home:
        path = PLACES[place](home)
        content = bytearray(path.read_bytes())
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)
        found, faults = verdicts(home)
        assert faults or any(one.state == DIFFERS for one in found)


def numbers_in(value, path="$"):
    """The places of all numbers in a document, as SQLite's JSON names them."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers_in(inner, f'{path}."{key}"')
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from numbers_in(inner, f"{path}[{number}]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value


@settings(max_examples=60)
@given(data=st.data())
def test_any_number_of_a_stored_document_that_is_changed_shows(made, data):
    """In its last printed digit, and with the seal's hash ignored too."""
    with copy_of(made) as home:
        with sqlite3.connect(path_of(str(home))) as connection:
            rows = connection.execute("SELECT run_id, document FROM runs ORDER BY run_id").fetchall()
            name, text = data.draw(st.sampled_from(rows))
            document = json.loads(text)
            path, value = data.draw(st.sampled_from(list(numbers_in(document))))
            changed = value * (1 + 1e-11) if isinstance(value, float) and value else value + 1
            connection.execute(
                "UPDATE runs SET document = json_set(document, ?, ?) WHERE run_id = ?", (path, changed, name)
            )
        connection.close()
        (one,) = [one for one in verdicts(home)[0] if one.run_id == name]
        assert one.state == DIFFERS
        assert any("sha256" not in str(difference.stored) for difference in one.differences)


@settings(max_examples=60)
@given(data=st.data())
def test_any_column_of_a_list_that_is_changed_shows(made, data):
    with copy_of(made) as home:
        with sqlite3.connect(path_of(str(home))) as connection:
            table = data.draw(st.sampled_from(["runs", "run_impacts", "run_tags"]))
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            kept = [one for one in columns if not one.startswith("segment")]
            column = data.draw(st.sampled_from(kept))
            rows = [row[0] for row in connection.execute(f"SELECT rowid FROM {table} ORDER BY rowid")]
            values = ("changed", data.draw(st.sampled_from(rows)))
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", values)
        connection.close()
        found, faults = verdicts(home)
        assert faults or any(one.state == DIFFERS for one in found)


documents = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=12,
)


@given(documents, documents)
def test_documents_differ_just_where_their_values_do(one, other):
    assert list(differences(one, json.loads(json.dumps(one)))) == []
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    if same:
        assert list(differences(one, other)) == []
    elif json.dumps(one) != json.dumps(other) and one != other:
        assert list(differences(one, other)) != []
