"""Who else holds a GPU by a list of visible ones: runs of other processes, as their journals in this home tell.

A GPU that stands still and on which nobody has a context is its holders', equally (docs/method-attribution.md). What
the driver cannot tell of such holders stands in the heads of their journals, and how long they lived in their locks
and times. It is looked up after the fact: a look asks who has held what since the look before, so that runs count which
came and went in between. Nothing is read at a run's start.
"""

import os
import time
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from footprint import journal, journal_form
from footprint.collectors.machine import BY_OWN_LIST
from footprint.records.raw import RunHead

_LONGEST_LOOK_S = 700.0
"""A run that lives writes its journal at least so often."""
_COARSE_S = 0.02
"""File systems tell times no finer than this."""


class Holder(NamedTuple):
    """A run that lives or lived: what it holds by its own list, and when (s since 1970)."""

    run_id: str
    parent: str | None
    process: str
    """Runs of one process have one: they divide its part among themselves by their weights."""
    parts: Mapping[str, float]
    """By GPU (the ``thing`` of its channel), how much of it: below 1 for slices of a divided one."""
    from_s: float
    to_s: float


def seconds_held(run_id: str, thing: str, holders: Iterable[Holder], from_s: float, to_s: float) -> float:
    """Seconds of ``from_s`` to ``to_s``, each times the run's part of a GPU among all that hold it then."""
    here = [one for one in holders if one.run_id == run_id or (one.from_s < to_s and one.to_s > from_s)]
    instants = sorted({from_s, to_s, *(min(to_s, max(from_s, at)) for one in here for at in (one.from_s, one.to_s))})
    return sum(
        (after - before) * _part(run_id, thing, [one for one in here if one.from_s <= before and one.to_s >= after])
        for before, after in pairwise(instants)
    )


def _part(run_id: str, thing: str, holders: list[Holder]) -> float:
    """A run's part of a GPU while nothing changes: level by level, equally among those who claim it there.

    A run claims what it lists, and what runs inside it do. Where nobody at a level claims it, nothing is divided there.
    """
    by_id = {one.run_id: one for one in holders}
    line, one = [], by_id.get(run_id)
    while one is not None and one not in line:
        line.append(one)
        one = by_id.get(one.parent or "")
    part = 1.0
    for one in line:
        level = [other for other in holders if _outer(other, by_id) == _outer(one, by_id)]
        claimed = _claimed_by(level, thing, holders)
        if claimed > 0:
            part *= 1.0 / max(1.0, claimed) if _claimed_by([one], thing, holders) > 0 else 0.0
    return part


def _claimed_by(level: list[Holder], thing: str, holders: list[Holder]) -> float:
    """How much of a GPU runs claim together, by their own lists and by those of the runs inside them."""
    claims: dict[str, float] = {}
    for one in level:
        inner = [other for other in holders if other.parent == one.run_id and other not in level]
        claimed = max(one.parts.get(thing, 0.0), min(1.0, _claimed_by(inner, thing, holders) if inner else 0.0))
        claims[one.process] = max(claimed, claims.get(one.process, 0.0))
    return sum(claims.values())


def _outer(one: Holder, by_id: Mapping[str, Holder]) -> str | None:
    return one.parent if one.parent in by_id else None


class GpuHolders:
    """For one run: its part of each GPU so far, among the runs of this home."""

    def __init__(self, home: str, head: RunHead) -> None:
        self._folder = os.path.join(home, journal.FOLDER)
        self._head = head
        self._things = [channel.thing for channel in head.channels if channel.kind == "gpu"]
        self._others: dict[str, Holder] = {}
        """By the name of its journal: those that live, as far as is known."""
        self._seen: set[str] = {head.run_id + journal.SUFFIX}
        self._changed_ns = -1
        self._looked_s = time.time()
        self._looked_age_s = 0.0
        self._seconds: tuple[float, ...] = ()

    def seconds(self, age_s: float) -> tuple[float, ...]:
        """By GPU, seconds of the run's first ``age_s``, each times its part among the holders at that time.

        Empty while no other run has been seen: then all of the time is its own.
        """
        now_s = time.time()
        if age_s <= 0:  # a run begins: what was before is not its own, and who is there is looked up later
            self._looked_s = now_s
            return ()
        from_s, self._looked_s = min(self._looked_s, now_s), now_s
        spent_s, self._looked_age_s = max(0.0, age_s - self._looked_age_s), age_s
        self._meet(from_s)
        gone = self._end_those_that_are_over(now_s)
        if self._others and not self._seconds:
            self._seconds = (age_s - spent_s,) * len(self._things)
        if self._seconds:
            self._seconds = tuple(
                round(before_s + spent_s * self._part(thing, from_s, now_s), 6)
                for before_s, thing in zip(self._seconds, self._things, strict=True)
            )
        for name in gone:
            del self._others[name]
        return self._seconds

    def _part(self, thing: str, from_s: float, to_s: float) -> float:
        own = _holder(self._head, 0.0, to_s + 1.0)
        holders = [own, *self._others.values()]
        if to_s <= from_s:  # the clock was set back, or no time has passed
            return _part(own.run_id, thing, holders)
        return seconds_held(own.run_id, thing, holders, from_s, to_s) / (to_s - from_s)

    def _meet(self, since_s: float) -> None:
        """Get to know runs that have begun, or were there before this one. Costs nothing while no file came or went."""
        try:
            changed_ns = os.stat(self._folder).st_mtime_ns
            if changed_ns == self._changed_ns:
                return
            # what came in the same moment as this look may not have moved the folder's time: then look again
            self._changed_ns = changed_ns if time.time() - changed_ns / 1e9 > _COARSE_S else -1
            with os.scandir(self._folder) as entries:
                fresh = [entry for entry in entries if entry.name not in self._seen]
                for entry in fresh:
                    if entry.name.endswith(journal.SUFFIX):
                        self._seen.add(entry.name)
                        if entry.stat().st_mtime > since_s - _LONGEST_LOOK_S:
                            self._add(entry.name, since_s)
        except OSError:
            return  # no such folder: nothing is kept, or it is being tidied; the next look will see

    def _add(self, name: str, since_s: float) -> None:
        path = os.path.join(self._folder, name)
        if not journal.is_live(path) and _written_s(path, since_s) < since_s:
            return
        head = _head_of(path)
        if head is not None and head.host.id == self._head.host.id:
            self._others[name] = _holder(head, head.started_at, since_s)

    def _end_those_that_are_over(self, now_s: float) -> list[str]:
        """Say of each until when it has lived so far; the names of those that are over."""
        gone = []
        for name, one in self._others.items():
            path = os.path.join(self._folder, name)
            live = journal.is_live(path)
            self._others[name] = one._replace(to_s=now_s + 1.0 if live else _written_s(path, now_s))
            if not live:
                gone.append(name)
        return gone


def _written_s(path: str, else_s: float) -> float:
    """When a journal was last written: its run was over no later. ``else_s`` where it has been tidied away."""
    try:
        return min(os.stat(path).st_mtime + _COARSE_S, else_s)
    except OSError:
        return else_s


def _holder(head: RunHead, from_s: float, to_s: float) -> Holder:
    held = head.allocation
    names = held.gpus if held.gpus is not None and held.gpus_how in BY_OWN_LIST else ()
    parts = {channel.thing: held.gpu_parts.get(channel.name, 1.0) for channel in head.channels if channel.name in names}
    parent = head.parent if (head.parent or "") < head.run_id else None  # nobody is inside a later run
    return Holder(head.run_id, parent, head.process or head.run_id, parts, from_s, to_s)


def _head_of(path: str) -> RunHead | None:
    """The head of a run's journal; None for what is none."""
    try:
        with open(path, "rb") as file:
            areas = journal_form.read_preamble(file.read(journal_form.PREAMBLE_SIZE))
            if areas is None:
                return None
            found = journal_form.record_at(file.read(areas.head), 0)
        return None if found is None else journal_form.head_from(found[1])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # another program's, or damaged: the store says so when it reads it
