"""An amount with what is known of its error: low ≤ central ≤ high, and what kind of range that is.

How intervals are combined (docs/method.md says the same in more words):

* a *sum* of ``exact`` and ``p90`` parts adds half-widths in quadrature (independent errors);
  as soon as one part is an ``envelope`` or weaker, lows add to lows and highs to highs;
* a *product* of ``exact`` and ``p90`` adds the logarithmic half-widths in quadrature;
  otherwise low × low and high × high;
* the result has the weakest kind of its parts.
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
    kind = weakest(part.kind for part in parts)
    central = math.fsum(part.central for part in parts)
    if kind == "p90":
        below = math.sqrt(math.fsum((part.central - part.low) ** 2 for part in parts))
        above = math.sqrt(math.fsum((part.high - part.central) ** 2 for part in parts))
        return Interval(central - below, central, central + above, kind)
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
    kind = weakest((a.kind, b.kind))
    central = a.central * b.central
    if kind == "p90" and "exact" not in (a.kind, b.kind) and min(a.low, b.low) > 0:
        below = math.hypot(math.log(a.central / a.low), math.log(b.central / b.low))
        above = math.hypot(math.log(a.high / a.central), math.log(b.high / b.central))
        return ordered(central * math.exp(-below), central, central * math.exp(above), kind)
    return ordered(a.low * b.low, central, a.high * b.high, kind)


def quotient(a: Interval, b: Interval) -> Interval:
    """One amount over another, above zero, whose errors are independent: the widest that both allow."""
    return ordered(a.low / b.high, a.central / b.central, a.high / b.low, weakest((a.kind, b.kind)))


def rounded(value: float, digits: int = 12) -> float:
    """A float with 12 significant digits: what is written, so that every platform writes the same."""
    if value == 0 or not math.isfinite(value):
        return value
    return float(f"{value:.{digits}g}")
