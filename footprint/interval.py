"""An amount with what is known of its error: low ≤ central ≤ high, and what kind of range that is.

How intervals are combined (docs/method.md says the same in more words):

* a *sum* of ``exact`` and ``p90`` parts is that of independent amounts, each with 5 % of its chance below ``low``, half
  below ``central`` and 5 % above ``high``: their means, variances and third cumulants add up (``_sum_of_p90``);
  as soon as one part is an ``envelope`` or weaker, lows add to lows and highs to highs;
* a *product* of ``exact`` and ``p90`` is such a sum of logarithms (a quotient: a difference);
  otherwise low × low and high × high;
* the result has the weakest kind of its parts.

``tests/unit/test_interval.py`` draws sums and products by chance and counts how many fall inside.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

KINDS = ("exact", "p90", "envelope", "scenario", "lower_bound")
"""Kinds, the weakest last."""

_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


class Interval(NamedTuple):
    """``low ≤ central ≤ high`` in the unit that the name of the field says; ``kind`` is one of ``KINDS``."""

    low: float
    central: float
    high: float
    kind: str


ZERO = Interval(0.0, 0.0, 0.0, "exact")
UNKNOWN = Interval(math.nan, math.nan, math.nan, "lower_bound")
"""Nothing was measured: NaN in Python, null in JSON."""


def exact(value: float) -> Interval:
    """A value that is given, or counted, without error."""
    return Interval(value, value, value, "exact")


def weakest(kinds: Iterable[str]) -> str:
    """The weakest of some kinds; ``exact`` where there are none."""
    return max(kinds, key=_RANK.__getitem__, default="exact")


def ordered(low: float, central: float, high: float, kind: str) -> Interval:
    """An interval whose bounds are made to hold its central value (rounding must not break the order)."""
    return Interval(min(low, central), central, max(high, central), kind)


def is_known(value: Interval) -> bool:
    """Whether there is a number at all."""
    return not math.isnan(value.central)


def total(parts: Iterable[Interval]) -> Interval:
    """The sum of parts whose errors are independent of each other."""
    parts = tuple(parts)
    if weakest(part.kind for part in parts) == "p90":
        return _sum_of_p90(parts)
    return common_total(parts)


def common_total(parts: Iterable[Interval]) -> Interval:
    """The sum of parts that share their error (one sensor, one factor): it does not shrink."""
    parts = tuple(parts)
    return ordered(
        math.fsum(part.low for part in parts),
        math.fsum(part.central for part in parts),
        math.fsum(part.high for part in parts),
        weakest(part.kind for part in parts),
    )


def scaled(value: Interval, by: float) -> Interval:
    """An interval times an exact number that is not negative."""
    return Interval(value.low * by, value.central * by, value.high * by, value.kind)


def product(a: Interval, b: Interval) -> Interval:
    """The product of two amounts (neither negative) whose errors are independent."""
    central = a.central * b.central
    if a.kind == b.kind == "p90" and min(a.low, b.low) > 0:
        return _by_logarithms(central, (_logarithm(a), _logarithm(b)))
    return ordered(a.low * b.low, central, a.high * b.high, weakest((a.kind, b.kind)))


def quotient(a: Interval, b: Interval) -> Interval:
    """One amount over another, above zero, whose errors are independent."""
    central = a.central / b.central
    if a.kind == b.kind == "p90" and min(a.low, b.low) > 0:
        low, middle, high, kind = _logarithm(b)
        return _by_logarithms(central, (_logarithm(a), Interval(-high, -middle, -low, kind)))
    return ordered(a.low / b.high, central, a.high / b.low, weakest((a.kind, b.kind)))


def rounded(value: float, digits: int = 12) -> float:
    """A float with 12 significant digits: what is written, so that every platform writes the same."""
    if value == 0 or not math.isfinite(value):
        return value
    return float(f"{value:.{digits}g}")


# --- sums of independent amounts, each known by three points ---

Z_95 = 1.6448536269514722
"""The 95 % point of the normal distribution."""
PER_WIDTH, PER_BEND = 1 / (2 * Z_95), 1 / (2 * Z_95 * Z_95)


def _sum_of_p90(parts: tuple[Interval, ...]) -> Interval:
    """The sum of independent amounts by their cumulants: skewed ones move the middle of a sum of many of them.

    Each amount is taken as ``m + σ z + a z²`` of a normal z, the one such form that passes through its three points:
    σ = (high − low) ÷ 2 Z and a = (low + high − 2 central) ÷ 2 Z². Its mean is m + a, its variance σ² + 2 a², its
    third cumulant 6 σ² a + 8 a³. The sum is taken as the form that has the sum of each (as Cornish and Fisher 1938 do
    to the first order). Decision 0016 says how well that fits, and what it was chosen before.
    """
    central = math.fsum([part.central for part in parts])
    widest = max([part.high - part.low for part in parts])  # the unit of what follows: no power of it can vanish
    if not widest > 0:
        return Interval(central, central, central, "p90")
    straights = [(part.high - part.low) / widest * PER_WIDTH for part in parts]
    bends = [(part.low + part.high - 2 * part.central) / widest * PER_BEND for part in parts]
    squares = [(s * s, a * a) for s, a in zip(straights, bends, strict=True)]
    variance = math.fsum([s2 + 2 * a2 for s2, a2 in squares])
    third = math.fsum([a * (6 * s2 + 8 * a2) for a, (s2, a2) in zip(bends, squares, strict=True)])
    # of 4 bend³ − 6 variance × bend + third = 0 the root that is nearest to 0
    bend = math.sqrt(2 * variance) * math.sin(math.asin(third / (2 * variance * math.sqrt(2 * variance))) / 3)
    straight = math.sqrt(variance - 2 * bend * bend)
    middle = central + (math.fsum(bends) + bend * (Z_95 * Z_95 - 1)) * widest
    low = max(middle - Z_95 * straight * widest, math.fsum([part.low for part in parts]))
    high = min(middle + Z_95 * straight * widest, math.fsum([part.high for part in parts]))
    return ordered(low, central, high, "p90")


def _logarithm(value: Interval) -> Interval:
    return Interval(math.log(value.low), math.log(value.central), math.log(value.high), value.kind)


def _by_logarithms(central: float, logarithms: tuple[Interval, ...]) -> Interval:
    """A product by the sum of its logarithms, around its central value."""
    low, middle, high, kind = _sum_of_p90(logarithms)
    return ordered(central * math.exp(low - middle), central, central * math.exp(high - middle), kind)
