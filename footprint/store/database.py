"""The database of the store: opened, made, brought up to date, or set aside where it cannot be used.

A database that is damaged or from a newer version is renamed, never overwritten: the journals make a new one.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, Engine, create_engine, event, select
from sqlalchemy.pool import StaticPool

from footprint.store import aside, faults, locks, tables
from footprint.store.faults import Damaged, NotWritable

if TYPE_CHECKING:
    from footprint.interval import Interval
    from footprint.records.result import Run

FILE = "store.sqlite"
LOCK = "store.lock"
_CACHE_KIB = 64 * 1024
"""At most so much of the database is kept at hand: a page asks for the same tens of thousands of rows many times."""
_IMMEDIATE = "footprint_immediate"


class Store:
    """A home's runs as a database. ``messages`` are for whoever opened it, to be said once."""

    def __init__(self, home: str, engine: Engine, *, in_memory: bool, messages: list[str] | None = None) -> None:
        self.home = home
        self.in_memory = in_memory
        self.messages: list[str] = messages or []
        self.live: dict[str, Run] = {}
        """Runs that are still being measured, as of the last look."""
        self.reckoned: dict[tuple[str, str], Mapping[str, Interval]] = {}
        """Amounts by indicator of runs that were reckoned anew, by run and hash of the catalogue."""
        self._engine = engine
        self._lock = threading.RLock()
        self._renewing = threading.Lock()
        self._settled = threading.Event()
        self._settled.set()
        self._generation = 0
        self._identity = None if in_memory else _identity(path_of(home))

    @property
    def homes(self) -> tuple[str, ...]:
        """The folders whose runs these are."""
        return (self.home,)

    def home_of(self, _run_id: str) -> str:
        """The folder that has a run's readings."""
        return self.home

    @property
    def engine(self) -> Engine:
        """The database itself: for a store that goes on with it."""
        return self._engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the store. Raises Damaged."""
        with self._guard(), faults.told(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection that alone writes, until the block ends. Raises Damaged, NotWritable."""
        with self._guard(), faults.told(), self._engine.connect() as plain:
            connection = plain.execution_options(**{_IMMEDIATE: True})
            with connection.begin():
                yield connection

    def revision(self) -> str:
        """A word that changes when an event changes what the store says: a reading that is typed, a deletion."""
        with self.read() as connection:
            size = select(tables.meta.c.value).where(tables.meta.c.key == tables.EVENTS_SIZE)
            return str(connection.execute(size).scalar() or 0)

    def say(self, message: str) -> None:
        """Have a person told of something; once, however often the store is looked at."""
        if message not in self.messages:
            self.messages.append(message)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def generation(self) -> int:
        """How often the database was made anew; waits while it is.

        An answer is good where this is the same before and after: in between, who asks may meet a database that is
        not filled yet. Whoever finds damage says in which one.
        """
        self._settled.wait()
        return self._generation

    def renew(self, why: str, generation: int, fill: Callable[[Store], object] = lambda _fresh: None) -> None:
        """Set the database that was found damaged aside, and go on with a new one that ``fill`` fills.

        Where another thread did that since the database of ``generation`` was asked, there is nothing to do.
        """
        with self._renewing:
            if generation != self._generation:
                return
            self._settled.clear()
            try:
                fresh = self._anew(why)
                fill(fresh)
                self._engine, self._identity, self.live = fresh.engine, _identity(path_of(self.home)), fresh.live
                for message in fresh.messages:
                    self.say(message)
                self._generation += 1
            finally:
                self._settled.set()

    def _anew(self, why: str) -> Store:
        self._engine.dispose()
        path = path_of(self.home)
        with locks.held(os.path.join(self.home, LOCK)):
            if self._identity is not None and _identity(path) == self._identity:
                self.say(aside.set_aside(path, "damaged", why))
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            engine = _engine(path)
            _bring_up(engine, self.home, self.messages)
        return Store(self.home, engine, in_memory=False)

    def forget_pages(self) -> None:
        """Leave nothing of deleted rows in the database's log."""
        if self.in_memory:
            return
        with faults.told(), self._engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]

    def _guard(self) -> threading.RLock | nullcontext[None]:
        """A store in memory has one connection: threads take turns."""
        return self._lock if self.in_memory else nullcontext()


def path_of(home: str) -> str:
    """Where a home's database stands."""
    return os.path.join(home, FILE)


def open_database(home: str) -> Store:
    """The store of a home, empty where it is new; in memory where the home cannot be written."""
    if not os.path.lexists(home):
        return memory(home)
    try:
        return _on_disk(home)
    except (NotWritable, OSError) as fault:
        why = fault.strerror or str(fault) if isinstance(fault, OSError) else str(fault)
        store = memory(home)
        store.say(f"the home {home} cannot be written ({why}); what you see is made anew in memory")
        return store


def memory(home: str) -> Store:
    """A store in memory."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    _prepare(engine)
    with engine.begin() as connection:
        _create(connection)
    return Store(home, engine, in_memory=True)


def _on_disk(home: str) -> Store:
    if not os.path.isdir(home):
        raise NotWritable("it is not a folder")
    if not os.access(home, os.W_OK | os.X_OK):
        raise NotWritable("it is read-only")
    messages: list[str] = []
    os.close(os.open(path_of(home), os.O_RDWR | os.O_CREAT, 0o600))  # its owner's alone, and so is its log
    engine = _engine(path_of(home))
    try:
        with faults.told():
            if not _is_current(engine):
                with locks.held(os.path.join(home, LOCK)):
                    _bring_up(engine, home, messages)
    except Damaged as fault:
        store = Store(home, engine, in_memory=False, messages=messages)
        store.renew(fault.short, store.generation())
        return store
    except BaseException:
        engine.dispose()
        raise
    return Store(home, engine, in_memory=False, messages=messages)


def _engine(path: str) -> Engine:
    url = URL.create("sqlite", database=path)
    engine = create_engine(url, connect_args={"timeout": faults.WAIT_S, "check_same_thread": False}, pool_use_lifo=True)
    _prepare(engine)
    return engine


def _prepare(engine: Engine) -> None:
    """Let us say ourselves when a transaction begins, and how."""

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        immediate = connection.get_execution_options().get(_IMMEDIATE)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _is_current(engine: Engine) -> bool:
    """Whether the database has this version's tables. Raises where it cannot be read."""
    with engine.connect() as connection:
        found = _table_names(connection)
        if tables.version.name not in found:
            return False
        stated = connection.execute(select(tables.version.c.version_num)).scalar()
    if stated != tables.VERSION:
        return False
    lacking = set(tables.metadata.tables) - found
    if lacking:
        raise Damaged(f"it lacks the table {min(lacking)}")
    return True


def _table_names(connection: Connection) -> set[str]:
    found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {str(row[0]) for row in found if not str(row[0]).startswith("sqlite_")}


def _bring_up(engine: Engine, home: str, messages: list[str]) -> None:
    """Make the database, or bring it to this version, or set a newer one aside. The caller holds the lock."""
    with engine.connect() as connection:
        found = _table_names(connection)
        known = tables.version.name in found
        stated = connection.execute(select(tables.version.c.version_num)).scalar() if known else None
    if known and stated is not None and stated not in tables.VERSIONS:
        engine.dispose()
        messages.append(
            aside.set_aside(path_of(home), "newer", f"it is from a newer version ({stated}) of this program")
        )
    elif known and stated != tables.VERSION:
        _migrate(engine)
        return
    elif found and not known:
        raise Damaged("it holds none of the store's tables")
    with engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[union-attr]
    with engine.connect() as plain:
        connection = plain.execution_options(**{_IMMEDIATE: True})
        with connection.begin():
            _create(connection)


def _create(connection: Connection) -> None:
    tables.metadata.create_all(connection)
    tables.version.create(connection, checkfirst=True)
    if connection.execute(select(tables.version.c.version_num)).scalar() is None:
        connection.execute(tables.version.insert().values(version_num=tables.VERSION))


def _migrate(engine: Engine) -> None:
    """Bring an older database to this version, and its sums. Alembic is imported here only: it takes 100 ms."""
    from footprint.store import migration, rollups

    with engine.connect() as plain:
        connection = plain.execution_options(**{_IMMEDIATE: True})
        with connection.begin():
            migration.upgrade(connection)
            rollups.renew(connection, rollups.all_keys(connection))


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
