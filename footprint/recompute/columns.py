"""Intervals of many runs at once: ``footprint.interval``'s arithmetic over columns of numbers. Needs numpy.

Each function does to every row what its namesake in ``footprint.interval`` does to one interval, and a test holds the
two together. Columns have one kind: whoever makes them groups rows by kind.
"""

import functools
import operator
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from footprint.interval import PER_BEND, PER_WIDTH, Z_95, Interval, weakest

Floats = npt.NDArray[np.float64]


class Column(NamedTuple):
    """``low ≤ central ≤ high`` of many runs, all of one kind; a plain number stands for all of them."""

    low: Floats | float
    central: Floats | float
    high: Floats | float
    kind: str


Operand = Column | Interval


def exact(values: Floats) -> Column:
    """Values that are given, or counted, without error."""
    return Column(values, values, values, "exact")


def total(parts: Iterable[Operand]) -> Column:
    """The sums of parts whose errors are independent of each other."""
    parts = tuple(parts)
    return _sum_of_p90(parts) if weakest(part.kind for part in parts) == "p90" else common_total(parts)


def common_total(parts: Iterable[Operand]) -> Column:
    """The sums of parts that share their error."""
    parts = tuple(parts)
    low, central, high = (_sum(part[bound] for part in parts) for bound in range(3))
    return _ordered(low, central, high, weakest(part.kind for part in parts))


def product(a: Operand, b: Operand) -> Column:
    """The products of two amounts whose errors are independent."""
    widest = _ordered(a.low * b.low, a.central * b.central, a.high * b.high, weakest((a.kind, b.kind)))
    return _narrower(widest, a, b, 1) if a.kind == b.kind == "p90" else widest


def quotient(a: Operand, b: Operand) -> Column:
    """The quotients of two amounts, above zero, whose errors are independent."""
    low, central, high = np.divide(a.low, b.high), np.divide(a.central, b.central), np.divide(a.high, b.low)
    widest = _ordered(low, central, high, weakest((a.kind, b.kind)))
    return _narrower(widest, a, b, -1) if a.kind == b.kind == "p90" else widest


def _sum(parts: Iterable[Any]) -> Any:
    return functools.reduce(operator.add, parts)


def _ordered(low: Any, central: Any, high: Any, kind: str) -> Column:
    return Column(np.minimum(low, central), central, np.maximum(high, central), kind)


def _narrower(widest: Column, a: Operand, b: Operand, power: int) -> Column:
    """``a × b`` or ``a ÷ b`` by the sum of logarithms in the rows where both have them."""
    with np.errstate(all="ignore"):  # rows at zero have no logarithm: they stay as they are
        low, middle, high, _ = _sum_of_p90((_logarithm(a, 1), _logarithm(b, power)))
        near, far = widest.central * np.exp(low - middle), widest.central * np.exp(high - middle)
    narrow = _ordered(near, widest.central, far, "p90")
    above_zero = np.minimum(a.low, b.low) > 0
    low, high = (np.where(above_zero, *bounds) for bounds in ((narrow.low, widest.low), (narrow.high, widest.high)))
    return Column(low, widest.central, high, "p90")


def _logarithm(value: Operand, power: int) -> Column:
    low, central, high = (power * np.log(bound) for bound in (value.low, value.central, value.high)[::power])
    return Column(low, central, high, "p90")


def _sum_of_p90(parts: Sequence[Operand]) -> Column:
    """See ``interval._sum_of_p90``: the same steps in the same order."""
    central = _sum(part.central for part in parts)
    widest = functools.reduce(np.maximum, [np.subtract(part.high, part.low) for part in parts])
    with np.errstate(all="ignore"):  # rows without any width are their central value
        straights = [(part.high - part.low) / widest * PER_WIDTH for part in parts]
        bends = [(part.low + part.high - 2 * part.central) / widest * PER_BEND for part in parts]
        squares = [(s * s, a * a) for s, a in zip(straights, bends, strict=True)]
        variance = _sum(s2 + 2 * a2 for s2, a2 in squares)
        third = _sum(a * (6 * s2 + 8 * a2) for a, (s2, a2) in zip(bends, squares, strict=True))
        bend = np.sqrt(2 * variance) * np.sin(np.arcsin(third / (2 * variance * np.sqrt(2 * variance))) / 3)
        straight = np.sqrt(variance - 2 * bend * bend)
        middle = central + (_sum(bends) + bend * (Z_95 * Z_95 - 1)) * widest
        low = np.maximum(middle - Z_95 * straight * widest, _sum(part.low for part in parts))
        high = np.minimum(middle + Z_95 * straight * widest, _sum(part.high for part in parts))
    wide = widest > 0
    return _ordered(np.where(wide, low, central), central, np.where(wide, high, central), "p90")
