"""The homes of several hosts as one store, in memory: folders that are shared or were copied here.

Nothing is ever written into them. A run that is in two of them counts once; one that was deleted in any of them
is in none. Saved estimates stay where they are: only runs are gathered.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Table, insert, select

from footprint import journal
from footprint.errors import NotPossible, UsageError
from footprint.records.result import Run
from footprint.store import database, events, rollups, segments
from footprint.store.database import Store
from footprint.store.event_intake import drop, forget
from footprint.store.intake import Derive, Progress, take_in
from footprint.store.tables import deleted, run_impacts, run_tags, runs

_TABLES = (runs, run_impacts, run_tags)
_PARTS = (journal.FOLDER, segments.FOLDER, events.FILE, database.FILE)
_AT_ONCE = 500


class Gathered(Store):
    """One store of many homes. ``home`` is the first of them."""

    def __init__(self, folders: Sequence[str]) -> None:
        """Raises UsageError for a folder that is no home, NotPossible for one that may not be read."""
        found = list(dict.fromkeys(_home(folder) for folder in folders))
        empty = database.memory(found[0])
        super().__init__(found[0], empty.engine, in_memory=True)
        self._hosts = [database.memory(home) for home in found]
        self._where: dict[str, str] = {}

    @property
    def homes(self) -> tuple[str, ...]:
        """The folders, in the order in which they were named."""
        return tuple(host.home for host in self._hosts)

    def home_of(self, run_id: str) -> str:
        """The folder that has a run's readings."""
        return self._where.get(run_id, self.home)

    def revision(self) -> str:
        """The same of all homes."""
        return "+".join(host.revision() for host in self._hosts)

    def close(self) -> None:
        """Let go of all."""
        for host in self._hosts:
            host.close()
        super().close()

    def look(self, derive: Derive, progress: Progress) -> None:
        """Take in what has come to the folders since. One that cannot be read now is told of, and left as it was."""
        live: dict[str, Run] = {}
        for host in self._hosts:
            try:
                take_in(host, derive, progress)
            except OSError as fault:
                self.say(f"the folder {host.home} cannot be read now: {fault.strerror or fault}")
            self._merge(host)
            for message in host.messages:
                self.say(message)
            for run_id, run in host.live.items():
                self._where.setdefault(run_id, host.home)
                live.setdefault(run_id, run)
        with self.read() as connection:
            over = set(connection.execute(select(runs.c.run_id).where(runs.c.run_id.in_(sorted(live)))).scalars())
        self.live = {run_id: run for run_id, run in live.items() if run_id not in over}

    def _merge(self, host: Store) -> None:
        """Copy what is new in one home. Its own rows keep all but the documents: they would be held twice."""
        with host.read() as theirs, self.read() as ours:
            known = set(ours.execute(select(runs.c.run_id)).scalars())
            gone = set(ours.execute(select(deleted.c.run_id)).scalars())
            new = [run_id for run_id in theirs.execute(select(runs.c.run_id)).scalars() if run_id not in known | gone]
            anew = theirs.execute(select(runs.c.run_id).where(runs.c.document != "")).scalars().all()
            again = [run_id for run_id in anew if run_id in known and self._where.get(run_id) == host.home]
            lost = [run_id for run_id in theirs.execute(select(deleted.c.run_id)).scalars() if run_id not in gone]
        if lost:
            with self.write() as ours:
                drop(ours, lost)
        if again:
            with self.write() as ours:
                forget(ours, again)
        new += again
        for start in range(0, len(new), _AT_ONCE):
            self._copy(host, new[start : start + _AT_ONCE])
        if new:
            with host.write() as theirs:
                theirs.execute(runs.update().values(document=""))

    def _copy(self, host: Store, run_ids: list[str]) -> None:
        with host.read() as theirs, self.write() as ours:
            for table in _TABLES:
                _insert(ours, table, theirs.execute(select(table).where(table.c.run_id.in_(run_ids))).mappings())
            rollups.renew(ours, rollups.touched(ours, run_ids))
        self._where.update(dict.fromkeys(run_ids, host.home))


def _insert(connection: Connection, table: Table, rows: Iterable[object]) -> None:
    copied = [dict(row) for row in rows]  # type: ignore[call-overload]  # SQLAlchemy's mappings are not typed
    if copied:
        connection.execute(insert(table), copied)


def _home(folder: str) -> str:
    """A home's absolute path. Raises UsageError, NotPossible."""
    path = os.path.abspath(folder)
    what = f"folder {folder!r}"
    if not os.path.isdir(path):
        raise UsageError(what, "there is no such folder", "name the home of a host: what FOOTPRINT_HOME is there")
    try:
        inside = os.listdir(path)
        for part in (journal.FOLDER, segments.FOLDER):
            if part in inside:
                os.listdir(os.path.join(path, part))
    except OSError as fault:
        raise NotPossible(f"{what} cannot be read", fault.strerror or str(fault), "make it readable") from None
    if not set(inside) & set(_PARTS):
        why = f"it holds no runs: neither {journal.FOLDER} nor {segments.FOLDER}"
        raise UsageError(what, why, "name the homes themselves, each of them")
    return path
