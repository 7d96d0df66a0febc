"""A database that cannot be used is set aside, never overwritten, and made anew; a read-only home is read in memory."""

import concurrent.futures
import contextlib
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest
import sqlalchemy
from made_journals import START, result, write

from footprint import queries
from footprint.errors import NotPossible
from footprint.store import folding, migration, tables
from footprint.store.database import open_database, path_of


def listed(home):
    with queries.opened(str(home), derive=result) as store:
        return [row.run_id for row in queries.list_runs(store)], store.messages


@pytest.fixture
def home(tmp_path):
    """A home with three runs in its store."""
    for number in range(3):
        write(tmp_path, number, START + number)
    names, messages = listed(tmp_path)
    assert (len(names), messages) == (3, [])
    return tmp_path


def aside(home, state):
    return sorted(path for path in home.glob(f"store.sqlite.{state}-*") if not path.name.endswith(("-wal", "-shm")))


def checkpoint(home):
    with sqlite3.connect(path_of(str(home))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to look like something" * 20, b"SQLite format 3\0" + b"\xff" * 8000]
)  # fmt: skip
def test_a_file_that_is_no_database_is_set_aside_and_the_store_made_anew(home, content):
    path = Path(path_of(str(home)))
    path.write_bytes(content)
    names, messages = listed(home)
    assert len(names) == 3
    (kept,) = aside(home, "damaged")
    assert kept.read_bytes() == content
    assert len(messages) == 1
    assert str(kept) in messages[0]
    assert listed(home) == (names, []), "it is told of once"


def test_a_database_that_lacks_a_table_is_set_aside(home):
    with sqlite3.connect(path_of(str(home))) as connection:
        connection.execute("DROP TABLE run_impacts")
    names, messages = listed(home)
    assert len(names) == 3
    assert "lacks the table run_impacts" in messages[0]
    assert len(aside(home, "damaged")) == 1


def test_somebody_elses_database_is_set_aside(home):
    path = Path(path_of(str(home)))
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mine (x)")
    names, messages = listed(home)
    assert len(names) == 3
    assert "none of the store's tables" in messages[0]
    with sqlite3.connect(aside(home, "damaged")[0]) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]


def test_damage_that_only_a_question_meets_is_mended_under_it(tmp_path):
    names = [write(tmp_path, number, START + number, name="n" * 2000) for number in range(60)]
    listed(tmp_path)
    checkpoint(tmp_path)
    path = Path(path_of(str(tmp_path)))
    whole = bytearray(path.read_bytes())
    for page in range(8 * 4096, len(whole), 4096):
        whole[page : page + 4096] = b"\x55" * 4096
    path.write_bytes(whole)
    store = queries.open_store(str(tmp_path), derive=result)
    found = [row.run_id for row in queries.list_runs(store)]
    for name in found:
        assert queries.document(store, name)["run_id"] == name
    assert sorted(found) == names
    assert len(aside(tmp_path, "damaged")) == 1
    assert any("malformed" in message for message in store.messages)
    store.close()


def test_a_newer_database_is_set_aside_under_that_name(home):
    with sqlite3.connect(path_of(str(home))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    names, messages = listed(home)
    assert len(names) == 3
    assert "newer version (9999)" in messages[0]
    (kept,) = aside(home, "newer")
    with sqlite3.connect(kept) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (3,)


def test_an_older_database_is_brought_up_to_date(tmp_path):
    with sqlite3.connect(path_of(str(tmp_path))) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES ('0000')")
        connection.execute("DELETE FROM alembic_version")
    name = write(tmp_path)
    assert listed(tmp_path) == ([name], [])
    with sqlite3.connect(path_of(str(tmp_path))) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(tables.VERSION,)]


def form_of(connection):
    found = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    return sorted((kind, name, " ".join(sql.split())) for kind, name, sql in found if name != "alembic_version")


def test_migrations_end_where_a_new_database_begins():
    """No table is changed without a migration."""
    made, migrated = sqlalchemy.create_engine("sqlite://"), sqlalchemy.create_engine("sqlite://")
    with made.begin() as connection:
        tables.metadata.create_all(connection)
        expected = form_of(connection)
    with migrated.begin() as connection:
        migration.upgrade(connection)
        assert form_of(connection) == expected
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == tables.VERSION
    assert tables.VERSIONS[-1] == tables.VERSION


def test_sums_are_there_after_a_migration(home):
    """An older version's sums were by other keys: the runs are all there, and so are their sums anew."""
    with queries.opened(str(home), derive=result) as store:
        before = queries.sums(store), queries.daily(store)
    with sqlite3.connect(path_of(str(home))) as connection:
        connection.execute("DROP TABLE rollups")
        connection.execute("CREATE TABLE rollups (day VARCHAR NOT NULL PRIMARY KEY)")
        connection.execute("UPDATE alembic_version SET version_num = '0003'")
    with queries.opened(str(home), derive=result) as store:
        assert (queries.sums(store), queries.daily(store)) == before
        assert queries.sums(store).runs == 3


def test_alembic_is_not_loaded_where_nothing_is_to_be_migrated(home):
    code = (
        "import sys; from footprint.store.database import open_database; open_database(sys.argv[1]).close();"
        "sys.exit('alembic' in sys.modules or 'pandas' in sys.modules)"
    )
    assert subprocess.run([os.sys.executable, "-c", code, str(home)], check=False).returncode == 0


def test_two_that_find_the_damage_set_aside_one_database(home):
    first, second = open_database(str(home)), open_database(str(home))
    first.renew("it is malformed", first.generation())
    second.renew("it is malformed", second.generation())
    assert len(aside(home, "damaged")) == 1
    assert second.messages == []
    first.close()
    second.close()


def test_threads_that_find_the_damage_make_one_new_database(home):
    """Pages ask at once: each finds the damage, one sets it aside, and all have their answer."""
    store = queries.open_store(str(home), derive=result)
    for part in sorted(home.glob("store.sqlite*")):
        size = part.stat().st_size
        with part.open("r+b") as file:
            file.write(bytes(size) if part.name.endswith("-shm") else b"no database".ljust(size, b"."))
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(lambda _: queries.count_runs(queries.refresh(store, result)), range(12)))
    assert counts == [3] * 12
    assert len(aside(home, "damaged")) == 1
    store.close()


@pytest.fixture
def read_only(home):
    """The same home, where nothing can be written: root is kept out by a mount, others by permissions."""
    if os.geteuid() != 0:
        home.chmod(0o500)
        yield home
        home.chmod(0o700)
        return
    if subprocess.run(["mount", "--bind", str(home), str(home)], capture_output=True, check=False).returncode:
        pytest.skip("neither a mount nor permissions can make a folder read-only here")
    subprocess.run(["mount", "-o", "remount,ro,bind", str(home)], check=True, capture_output=True)
    try:
        yield home
    finally:
        subprocess.run(["umount", str(home)], check=True, capture_output=True)


def test_a_read_only_home_is_read_in_memory_with_one_word(read_only):
    write_count = len(os.listdir(read_only))
    names, messages = listed(read_only)
    assert len(names) == 3
    assert len(messages) == 1
    assert "cannot be written" in messages[0]
    assert len(os.listdir(read_only)) == write_count
    store = queries.open_store(str(read_only), derive=result)
    with pytest.raises(NotPossible, match="cannot be written"):
        queries.delete_kept(store, names[:1])
    store.close()
    with pytest.raises(NotPossible, match="cannot be written"):
        queries.rebuild(str(read_only), derive=result)


def test_a_home_that_is_a_file_is_not_touched(tmp_path):
    path = tmp_path / "home"
    path.write_text("mine")
    names, messages = listed(path)
    assert (names, path.read_text()) == ([], "mine")
    assert "not a folder" in messages[0]


def test_all_that_is_kept_is_its_owners_alone(home):
    with queries.opened(str(home), derive=result) as store:
        folding.fold(store, at_least=1)
        queries.delete_kept(store, [queries.resolve(store, "last")])
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert {"store.sqlite", "events.fpj", "2026-11.fps"} <= {path.name for path in kept}
    assert [path.name for path in kept if path.stat().st_mode & 0o077] == []


def test_a_home_with_any_name_is_found(tmp_path):
    home = tmp_path / "été #1?mode=ro&x=%41 'q\""
    name = write(home)
    assert listed(home) == ([name], [])
    assert (home / "store.sqlite").stat().st_size > 0


def fill_up(path):
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as fill:
        while True:
            fill.write(b"x" * 512)


def test_a_full_disk_shows_all_runs_and_keeps_them_for_later(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(small)], capture_output=True, check=False
    ).returncode:
        pytest.skip("needs root, to mount a small tmpfs")
    try:
        home = small / "home"
        first = write(home, 0)
        listed(home)
        second = write(home, 1)
        fill_up(small / "fill")
        names, messages = listed(home)
        assert (sorted(names), len(messages)) == ([first, second], 1)
        assert "in memory" in messages[0]
        store = queries.open_store(str(home), derive=result)
        with pytest.raises(NotPossible):
            queries.delete_kept(store, [first])
        store.close()
        (small / "fill").unlink()
        assert sorted(listed(home)[0]) == [first, second]
        assert listed(home)[1] == []
    finally:
        subprocess.run(["umount", str(small)], check=True, capture_output=True)


def test_a_deletion_names_the_copies_that_may_still_hold_the_run(home):
    Path(path_of(str(home))).write_bytes(b"x" * 10_000)
    names, _ = listed(home)
    with queries.opened(str(home), derive=result) as store:
        queries.delete_kept(store, names[:1])
        (kept,) = aside(home, "damaged")
        assert [message for message in store.messages if str(kept) in message]
