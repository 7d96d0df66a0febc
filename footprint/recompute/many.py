"""Impacts of many runs at once, a million in seconds. Needs numpy.

Runs that share zone, hosting, year and kinds of energy make a group. Of each group two made-up runs are worked out by
``impacts_of``, and their derivations are carried out over the columns of all (``formulas``): factors are looked up once
a group. What making the hardware adds goes the same way, by kind of machine. What cannot be read so is worked out run
by run: slow, and never another figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from footprint import catalogue
from footprint.errors import NotPossible
from footprint.factors import Catalogue, Factor
from footprint.impacts import impacts_of
from footprint.impacts.embodied import with_making
from footprint.interval import product
from footprint.recompute import made_up
from footprint.recompute.formulas import Program, Shape, carried_out
from footprint.recompute.made_up import How, Kinds
from footprint.records.hardware import Hardware

try:
    import numpy as np

    from footprint.recompute import columns
    from footprint.recompute.many_runs import Block, Codes, Runs, Sheet
except ImportError:
    raise NotPossible(
        "many runs cannot be worked out at once", "numpy is not installed", "pip install 'compute-footprint[pandas]'"
    ) from None

Factors = Callable[[str, str], Catalogue]
_Using = tuple[How, ...]
"""By indicator, how what using the hardware gives turned out."""

_MAKING = "embodied"
_OF_NO_USE = (_MAKING, "power_model", "sensor")
"""Rows that no indicator asks for when hardware is used: looking past them takes most of the time."""

BLOCK = 65_536
"""Runs whose impacts are held at a time."""


def impacts_of_many(runs: Runs, factors: Factors = catalogue.load) -> Iterator[Block]:
    """The impacts of many runs, as ``impacts_of`` gives them one by one: the same to 1e-12.

    ``factors`` gives the catalogue of a zone and hosting. Each run is in one block; blocks come in an order of their
    own. Importing this module raises NotPossible where numpy is not installed.
    """
    reckoning = _Reckoning(runs, factors)
    groups, names = _groups(runs)
    order = np.argsort(groups, kind="stable")
    for start in range(0, len(order), BLOCK):
        rows = order[start : start + BLOCK]
        yield reckoning.block(rows, groups[rows], names)


class _Group(NamedTuple):
    """What runs share that go by one program."""

    zone: str
    hosting: str
    year: int | None
    kinds: Kinds


def _groups(runs: Runs) -> tuple[Codes, list[_Group]]:
    """(each run's group, the groups)."""
    pue = runs.pue
    uncooled = (pue.low == 1.0) & (pue.central == 1.0) & (pue.high == 1.0)
    measured = ~np.isnan(runs.job_kwh.central) & ~np.isnan(pue.central)
    named = (runs.zone, runs.hosting, runs.year, runs.job_kwh.kinds, pue.kinds)
    codes = np.zeros(len(uncooled), np.int64)
    for column in named:
        codes = codes * len(column.names) + column.codes
    _, first, groups = np.unique(codes * 4 + 2 * uncooled + measured, return_index=True, return_inverse=True)
    found = []
    for row in first:
        zone, hosting, year, job, pue_kind = (column.names[column.codes[row]] for column in named)
        found.append(_Group(zone, hosting, year, Kinds(job, pue_kind, bool(uncooled[row]), bool(measured[row]))))
    return groups, found


class _Making(NamedTuple):
    """What runs share to which making the hardware adds by one program."""

    machine: Hardware
    using: _Using
    rows: int
    """Which of the sets of rows on making hardware: most catalogues share one."""


class _Reckoning:
    """Programs as they are needed, each read once, and the blocks that they fill."""

    def __init__(self, runs: Runs, factors: Factors) -> None:
        self._runs = runs
        self._factors = factors
        self._catalogues: dict[tuple[str, str], tuple[Catalogue, int]] = {}
        self._making_rows: dict[tuple[Factor, ...], int] = {}
        self._checked: set[Shape] = set()
        self._using: dict[_Group, Program | None] = {}
        self._making: dict[_Making, Program | None] = {}

    def block(self, rows: Codes, groups: Codes, names: Sequence[_Group]) -> Block:
        """The impacts of some runs, which are sorted by group."""
        sheet = Sheet(len(rows))
        alike: dict[tuple[_Using, int], list[Codes]] = {}
        edges = [0, *(int(place) + 1 for place in np.flatnonzero(np.diff(groups))), len(rows)]
        for start, stop in pairwise(edges):
            group = names[groups[start]]
            for places, using in self._used(sheet, start, rows[start:stop], group):
                alike.setdefault((using, self._catalogue(group)[1]), []).append(places)
        for (using, making_rows), parts in alike.items():
            places = np.concatenate(parts)
            for machine, some in self._by_machine(rows, places):
                self._made(sheet, rows, some, _Making(machine, using, making_rows))
        return Block(rows, sheet.impacts())

    def _catalogue(self, group: _Group) -> tuple[Catalogue, int]:
        """(a group's factors of using hardware, which set of rows on making it goes with them)."""
        place = (group.zone, group.hosting)
        if place not in self._catalogues:
            found = self._factors(*place)
            using = tuple(row for row in found.factors if row.indicator not in _OF_NO_USE)
            making = tuple(row for row in found.factors if row.indicator == _MAKING)
            number = self._making_rows.setdefault(making, len(self._making_rows))
            self._catalogues[place] = (found._replace(factors=using), number)
        return self._catalogues[place]

    def _used(self, sheet: Sheet, start: int, rows: Codes, group: _Group) -> Iterator[tuple[Codes, _Using]]:
        """Fill in what a group's energy does; (places in the block, how it turned out there)."""
        known, _ = self._catalogue(group)
        if group not in self._using:
            self._using[group] = made_up.of_using(group.kinds, known, group.year, self._checked)
        program, job_kwh, pues = self._using[group], self._runs.job_kwh, self._runs.pue
        if program is not None:
            job, pue = job_kwh.part(rows, group.kinds.job), pues.part(rows, group.kinds.pue)
            values = carried_out(program, [job, columns.product(job, pue), pue], columns)
            using = sheet.fill(slice(start, start + len(rows)), program, values)
            yield np.arange(start, start + len(rows)), using
            return
        for place, row in enumerate(rows, start):
            job_of_run, pue_of_run = job_kwh.known(row), pues.known(row)
            impacts = impacts_of(job_of_run, product(job_of_run, pue_of_run), pue_of_run, known, group.year)
            yield np.array([place]), sheet.write(place, impacts)

    def _by_machine(self, rows: Codes, places: Codes) -> Iterator[tuple[Hardware, Codes]]:
        """The places of runs that held hardware for a time, by kind of machine."""
        kinds, hours, _ = self._runs.machines
        codes = kinds.codes[rows[places]]
        codes = np.where(hours[rows[places]] > 0, codes, -1)
        for code in np.unique(codes):
            machine = kinds.names[code] if code >= 0 else None
            if machine is not None:
                yield machine, places[codes == code]

    def _made(self, sheet: Sheet, rows: Codes, places: Codes, making: _Making) -> None:
        """Add what making the hardware took."""
        machine, using, number = making
        making_rows = [*self._making_rows][number]
        if making not in self._making:
            self._making[making] = made_up.of_making(machine, using, making_rows, self._checked)
        program, (_, hours, shares) = self._making[making], self._runs.machines
        if program is not None:
            given = [sheet.operational(key, places) for key in made_up.takes(using)]
            given.append(columns.exact(hours[rows[places]]))
            given += [columns.exact(shares[rows[places], number]) for number in range(len(machine.held))]
            sheet.fill(places, program, carried_out(program, given, columns))
            return
        known = Catalogue("", "", making_rows)
        for place in places:
            row = rows[place]
            held = tuple(
                one._replace(share=float(share)) for one, share in zip(machine.held, shares[row], strict=False)
            )
            sheet.write(
                place, with_making(sheet.read(place), Hardware(float(hours[row]), held, machine.unknown), known)
            )
