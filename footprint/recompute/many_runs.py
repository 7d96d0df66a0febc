"""Many runs in columns: what their impacts follow from, and the impacts. Needs numpy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from footprint.impacts import INDICATORS
from footprint.interval import UNKNOWN, Interval
from footprint.recompute.columns import Column, Floats, Operand
from footprint.recompute.formulas import Program, of_use
from footprint.recompute.made_up import How, how
from footprint.records.derivation import Impact, Missing
from footprint.records.hardware import Hardware

Codes = npt.NDArray[np.int64]
Rows = slice | Codes
"""Some of the rows: from one to another, or by their places."""
FIELDS = ("operational", "embodied", "total")


class Labels(NamedTuple):
    """A column of names: each row's place in ``names``."""

    codes: Codes
    names: tuple[Any, ...]


def labels(values: Iterable[Any]) -> Labels:
    """A column of any names, zones or years for instance."""
    places: dict[Any, int] = {}
    codes = np.fromiter((places.setdefault(value, len(places)) for value in values), np.int64)
    return Labels(codes, tuple(places))


class Amounts(NamedTuple):
    """A column of intervals of any kinds; where an amount cannot be had, ``kinds`` says why."""

    low: Floats
    central: Floats
    high: Floats
    kinds: Labels
    """Names are kinds, and ``Missing``."""

    def at(self, row: int) -> Interval | Missing:
        """The amount of one row."""
        kind = self.kinds.names[self.kinds.codes[row]]
        return kind if isinstance(kind, Missing) else self.known(row)

    def known(self, row: int) -> Interval:
        """The amount of one row, where it can be had."""
        kind = self.kinds.names[self.kinds.codes[row]]
        return Interval(float(self.low[row]), float(self.central[row]), float(self.high[row]), kind)

    def by_kind(self) -> list[Interval]:
        """The sums of the rows of each kind, lows to lows and highs to highs; NaN where some have no amount."""
        sums = [UNKNOWN] if bool(np.isnan(self.central).any()) else []
        for code, kind in enumerate(self.kinds.names):
            rows = (self.kinds.codes == code) & ~np.isnan(self.central)
            if not isinstance(kind, Missing) and rows.any():
                low, central, high = (float(bound[rows].sum()) for bound in (self.low, self.central, self.high))
                sums.append(Interval(low, central, high, kind))
        return sums

    def part(self, rows: Rows, kind: str) -> Column:
        """Some rows, which are all of one kind."""
        return Column(self.low[rows], self.central[rows], self.high[rows], kind)


def amounts(values: Sequence[Interval]) -> Amounts:
    """A column of intervals."""
    bounds = np.array([value[:3] for value in values], np.float64).reshape(-1, 3)
    return Amounts(bounds[:, 0], bounds[:, 1], bounds[:, 2], labels(value.kind for value in values))


class Machines(NamedTuple):
    """What runs held of the hardware."""

    kinds: Labels
    """Names are ``Hardware`` for an hour with shares of 1, or None where nothing is known."""
    hours: Floats
    shares: Floats
    """By run, by place in its machine's ``held``: the run's part of it, 0 to 1."""


def machines(values: Sequence[Hardware | None]) -> Machines:
    """A column of what runs held."""
    shares = np.zeros((len(values), max((len(value.held) for value in values if value), default=0)))
    for row, value in enumerate(values):
        for place, held in enumerate(value.held if value else ()):
            shares[row, place] = held.share
    hours = np.array([value.hours if value else 0.0 for value in values], np.float64)
    return Machines(labels(value and kind_of(value) for value in values), hours, shares)


def kind_of(hardware: Hardware) -> Hardware:
    """A kind of machine: what is there, whoever holds it and however long."""
    return Hardware(1.0, tuple(held._replace(share=1.0) for held in hardware.held), hardware.unknown)


class Runs(NamedTuple):
    """What the impacts of runs follow from, in columns of one length."""

    job_kwh: Amounts
    pue: Amounts
    zone: Labels
    hosting: Labels
    """Cloud regions, ``aws:eu-west-3``; empty where there is none."""
    year: Labels
    """Of which the factors are; None: the latest."""
    machines: Machines


class Impacts(NamedTuple):
    """Columns of an indicator's amounts, in its unit."""

    operational: Amounts
    embodied: Amounts
    total: Amounts


class Block(NamedTuple):
    """Some of the runs with their impacts by indicator."""

    rows: Codes
    """Which runs they are: places in the columns that were given."""
    impacts: Mapping[str, Impacts]


class Sheet:
    """The impacts of a block of runs, to be filled. Places are those in the block."""

    def __init__(self, size: int) -> None:
        self._kinds: dict[str | Missing, int] = {}
        self._bounds = {(key, field): np.full((3, size), np.nan) for key in INDICATORS for field in FIELDS}
        self._codes = {(key, field): np.zeros(size, np.int64) for key in INDICATORS for field in FIELDS}

    def fill(self, places: Rows, program: Program, values: Sequence[Operand]) -> tuple[How, ...]:
        """Write what a program tells of some runs; how using the hardware turned out, by indicator."""
        for key, told in program.told.items():
            for field, use in zip(FIELDS, told, strict=True):
                self._put(key, field, places, use if isinstance(use, Missing) else of_use(use, values))
        using = [told.operational for told in program.told.values()]
        return tuple(use if isinstance(use, Missing) else how(use.value) for use in using)

    def write(self, place: int, impacts: Mapping[str, Impact]) -> tuple[How, ...]:
        """Write the impacts of one run; how using the hardware turned out, by indicator."""
        for key, impact in impacts.items():
            for field in FIELDS:
                self._put(key, field, slice(place, place + 1), getattr(impact, field))
        return tuple(how(impact.operational) for impact in impacts.values())

    def read(self, place: int) -> dict[str, Impact]:
        """The impacts of one run as they stand, without parts and derivation."""
        found = {}
        for key, about in INDICATORS.items():
            operational, embodied, total = (self._amounts(key, field).at(place) for field in FIELDS)
            found[key] = Impact(about.unit, about.kind, operational, embodied, total)
        return found

    def operational(self, key: str, places: Codes) -> Column:
        """What using the hardware gives in some runs, of one kind."""
        known = self._amounts(key, "operational")
        return known.part(places, known.kinds.names[known.kinds.codes[places[0]]])

    def impacts(self) -> dict[str, Impacts]:
        """All that was written, as columns."""
        return {key: Impacts(*(self._amounts(key, field) for field in FIELDS)) for key in INDICATORS}

    def _put(self, key: str, field: str, places: Rows, value: Operand | Missing) -> None:
        kind = value if isinstance(value, Missing) else value.kind
        self._codes[key, field][places] = self._kinds.setdefault(kind, len(self._kinds))
        if not isinstance(value, Missing):
            for bound, amount in enumerate(value[:3]):
                self._bounds[key, field][bound, places] = amount

    def _amounts(self, key: str, field: str) -> Amounts:
        low, central, high = self._bounds[key, field]
        return Amounts(low, central, high, Labels(self._codes[key, field], tuple(self._kinds)))
