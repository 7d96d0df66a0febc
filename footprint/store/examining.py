"""Looks at the whole chain of records: does each link follow from the one before, and is it what it was?"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from footprint.errors import NotPossible
from footprint.store import chain, sealing, segments
from footprint.store.database import Store
from footprint.store.sealing import Seal


class Examined(NamedTuple):
    """A home's chain of records, read from its beginning."""

    links: int
    head: str
    """The last hash: who has it can tell later whether anything before it was changed."""
    faults: tuple[str, ...]
    """Why the chain does not hold; none where it does."""
    notes: tuple[str, ...]
    """What a reader should know of it all the same."""
    seals: Mapping[str, tuple[Seal, ...]]
    """By run, in their order; those of deleted runs are not among them."""
    deleted: frozenset[str]
    orders: Mapping[str, tuple[str, ...]]
    """By segment: the runs that were put into it, in their order."""
    asked: frozenset[str]
    """Those of the hashes that were asked for that the chain has."""


class _Notes:
    """What is gathered from link to link."""

    def __init__(self) -> None:
        self.links = 0
        self.head = chain.BEGINNING
        self.broken: list[int] = []
        self.notes: list[str] = []
        self.seals: dict[str, list[Seal]] = {}
        self.deleted: set[str] = set()
        self.orders: dict[str, dict[str, None]] = {}

    def add(self, link: chain.Link) -> None:
        """Another link."""
        self.links += 1
        self.head = link.hash
        if not link.holds:
            self.broken.append(self.links)
        seal = sealing.seal_in(link.content)
        what, run_id = link.content.get("what"), str(link.content.get("run_id"))
        if seal is not None:
            self.seals.setdefault(seal.run_id, []).append(seal)
        elif what == chain.DELETED:
            self.deleted.add(run_id)
        elif what == chain.FOLDED and isinstance(link.content.get("runs"), list):
            order = self.orders.setdefault(str(link.content.get("segment")), {})
            order.update(dict.fromkeys(str(one) for one in link.content["runs"] if one not in order))
        elif what == chain.RESTARTED:
            before = link.content.get("remembered")
            self.notes.append(f"until {link.content.get('at')} the store knew another chain, with the head {before}")


def examine(store: Store, hashes: Collection[str] = ()) -> Examined:
    """Read the chain of a home. ``hashes``: heads that were written down, or beginnings of them.

    Raises NotPossible where it cannot be read.
    """
    try:
        return _examined(store, hashes)
    except OSError as fault:
        why = fault.strerror or str(fault)
        raise NotPossible(f"the chain of records {chain.path_of(store.home)}", why, "make it readable") from None


def _examined(store: Store, hashes: Collection[str]) -> Examined:
    with store.read() as connection:
        remembered = sealing.remembered(connection)
    found, known = _Notes(), remembered.size == 0
    asked: set[str] = set()
    for link in chain.links(store.home):
        found.add(link)
        known = known or (link.end, link.hash) == remembered
        asked.update(one for one in hashes if link.hash.startswith(one))
    return Examined(
        found.links, found.head, tuple(_faults(found, is_known=known)), tuple(found.notes),
        {run_id: tuple(some) for run_id, some in found.seals.items() if run_id not in found.deleted},
        frozenset(found.deleted), {name: tuple(order) for name, order in found.orders.items()}, frozenset(asked),
    )  # fmt: skip


def _faults(found: _Notes, *, is_known: bool) -> Iterator[str]:
    if found.broken:
        many = f", nor do {len(found.broken) - 1} more" if len(found.broken) > 1 else ""
        yield f"link {found.broken[0]} of the chain does not follow from the one before it{many}"
    if not is_known:
        what = "was cut or written anew" if found.links else "is gone"
        yield f"the chain {what}: the store has read another one before"


def faults_of_segments(store: Store, examined: Examined) -> list[str]:
    """Runs that do not stand in their segment as they were put there: removed, put in, or in another order."""
    found: list[str] = []
    here = segments.names(store.home)
    for name in sorted({*here, *examined.orders}):
        told = [run_id for run_id in examined.orders.get(name, ()) if run_id not in examined.deleted]
        path = os.path.join(segments.folder_of(store.home), name)
        records = (record.run_id for record in segments.records(path)) if name in here else ()
        stand = [run_id for run_id in dict.fromkeys(records) if run_id not in examined.deleted]
        found += [f"segment {name}: {fault}" for fault in _faults_of_order(told, stand, examined.seals)]
    return found


def _faults_of_order(told: list[str], stand: list[str], sealed: Collection[str]) -> Iterable[str]:
    """A run that was being folded when a crash came stands at the end, and the chain does not know of it."""
    inside, meant = set(stand), set(told)
    yield from (f"run {run_id} was removed" for run_id in told if run_id not in inside)
    if [run_id for run_id in told if run_id in inside] != [run_id for run_id in stand if run_id in meant]:
        yield "its runs stand in another order than they were put there"
    last = max((number for number, run_id in enumerate(stand) if run_id in meant), default=-1)
    for number, run_id in enumerate(stand):
        if run_id not in meant and (number < last or run_id not in sealed):
            yield f"run {run_id} was put in by somebody else"
