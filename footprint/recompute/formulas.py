"""A derivation as a program: the formulas that ``explain`` prints, worked out again for other runs.

The impacts of one made-up run are worked out as always, and their derivations are read: which formula makes what of
what. Nothing is written a second time. What a formula takes is told by its numbers, as no two amounts of that run are
alike. A formula must give its own step's output, and the program the impacts of a second run: else ``NotReadable``.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from footprint import interval
from footprint.interval import Interval, is_known
from footprint.records.derivation import Impact, Missing, Step

Value = TypeVar("Value")
_CLOSE = 1e-12
_SUMS = ("total", "common_total")


class NotReadable(Exception):  # noqa: N818 - it says what a derivation is
    """A derivation whose formulas do not give its numbers."""


class Arithmetic(Protocol[Value]):
    """What formulas are worked out with: ``footprint.interval``, or ``footprint.recompute.columns``."""

    def total(self, parts: Iterable[Value], /) -> Value:
        """See ``interval.total``."""

    def common_total(self, parts: Iterable[Value], /) -> Value:
        """See ``interval.common_total``."""

    def product(self, a: Value, b: Value, /) -> Value:
        """See ``interval.product``."""

    def quotient(self, a: Value, b: Value, /) -> Value:
        """See ``interval.quotient``."""


class Use(NamedTuple):
    """An amount where it is used: what is given or was worked out before, or a constant."""

    at: int | None
    """Its place among what is given and worked out; None: it is a constant."""
    value: Interval
    """The constant. Its kind counts either way: a sum may be a lower bound in one place and whole in another."""


class Operation(NamedTuple):
    """A step: its formula, what its names stand for, and how it adds up if it is a sum."""

    formula: str
    uses: Mapping[str, Use]
    sums: str


class Told(NamedTuple):
    """Where an indicator's amounts are found."""

    operational: Use | Missing
    embodied: Use | Missing
    total: Use | Missing


class Program(NamedTuple):
    """Operations in their order, and what they tell of each indicator."""

    operations: tuple[Operation, ...]
    told: Mapping[str, Told]


Shape = tuple[tuple[object, ...], ...]
"""What a program does, whatever its constants."""


def shape_of(program: Program) -> Shape:
    """Formulas, what is taken from where, and the kinds of what is told."""
    done = [(formula, sums, *(use.at for use in uses.values())) for formula, uses, sums in program.operations]
    told = [
        (key, *(use if isinstance(use, Missing) else (use.at, use.value.kind) for use in one))
        for key, one in program.told.items()
    ]
    return (*done, *told)


def read(impacts: Mapping[str, Impact], given: Sequence[Interval]) -> Program:
    """The program of a made-up run's impacts, which started from what is ``given``. Raises NotReadable."""
    places: dict[tuple[float, ...], int] = {}
    for place, value in enumerate(given):
        if is_known(value):
            places.setdefault(value[:3], place)
    operations: list[Operation] = []
    for impact in impacts.values():
        for step in impact.derivation.steps if impact.derivation else ():
            if step.output[:3] not in places:
                operations.append(_operation(step, places))
                places[step.output[:3]] = len(given) + len(operations) - 1
    told = {
        key: Told(*(_use(value, places) for value in (impact.operational, impact.embodied, impact.total)))
        for key, impact in impacts.items()
    }
    return Program(tuple(operations), told)


def check(program: Program, impacts: Mapping[str, Impact], given: Sequence[Interval]) -> None:
    """Whether a program gives the impacts of another run: what it takes for a constant is one. Raises NotReadable."""
    values = carried_out(program, given, interval)
    for key, impact in impacts.items():
        for use, value in zip(program.told[key], (impact.operational, impact.embodied, impact.total), strict=True):
            again = use if isinstance(use, Missing) else of_use(use, values)
            if isinstance(again, Missing) or isinstance(value, Missing):
                if again != value:
                    raise NotReadable(f"{key}: {value} and {again}")
            elif again.kind != value.kind or difference(again, value) > _CLOSE:
                raise NotReadable(f"{key}: {value} and {again}")


def carried_out(program: Program, given: Sequence[Value], arithmetic: Arithmetic[Value]) -> list[Value]:
    """What is given, and what each operation makes of it."""
    values = list(given)
    for formula, uses, sums in program.operations:
        values.append(_worked_out(formula, {name: of_use(use, values) for name, use in uses.items()}, arithmetic, sums))
    return values


def of_use(use: Use, values: Sequence[Any]) -> Any:
    """An amount where it is used, with the kind that it has there: an interval or a column, as the values are."""
    return use.value if use.at is None else values[use.at]._replace(kind=use.value.kind)


def difference(a: Interval, b: Interval) -> float:
    """How far two intervals are apart: the largest relative difference of their bounds."""
    return max(_apart(x, y) for x, y in zip(a[:3], b[:3], strict=True))


def _apart(x: float, y: float) -> float:
    if x == y or (math.isnan(x) and math.isnan(y)):
        return 0.0
    return abs(x - y) / max(abs(x), abs(y)) if math.isfinite(x) and math.isfinite(y) else math.inf


def _use(value: Interval | Missing, places: Mapping[tuple[float, ...], int]) -> Use | Missing:
    return value if isinstance(value, Missing) else Use(places.get(value[:3]), value)


def _operation(step: Step, places: Mapping[tuple[float, ...], int]) -> Operation:
    try:
        found = [
            (difference(_worked_out(step.formula, step.inputs, interval, sums), step.output), sums) for sums in _SUMS
        ]
    except KeyError as name:
        raise NotReadable(f"{step.name}: {step.formula} does not say what {name} is") from None
    apart, sums = min(found, key=lambda one: one[0])
    if not apart <= _CLOSE:
        raise NotReadable(f"{step.name}: {step.formula} is not {step.output}")
    uses = {name: Use(places.get(value[:3]), value) for name, value in step.inputs.items()}
    return Operation(step.formula, uses, sums)


def _worked_out(formula: str, inputs: Mapping[str, Value], arithmetic: Arithmetic[Value], sums: str) -> Value:
    """A sum of names, or a product of names and of quotients of two."""
    terms, factors = _parsed(formula)
    if len(terms) > 1:
        parts = [inputs[name] for name in terms]
        return arithmetic.total(parts) if sums == "total" else arithmetic.common_total(parts)
    amounts = [
        inputs[names[0]] if len(names) == 1 else functools.reduce(arithmetic.quotient, [inputs[one] for one in names])
        for names in factors
    ]
    return functools.reduce(arithmetic.product, amounts)


@functools.lru_cache(maxsize=1024)
def _parsed(formula: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """(the terms of a sum, the factors of a product with what each is divided by)."""
    return tuple(formula.split(" + ")), tuple(tuple(part.split(" ÷ ")) for part in formula.split(" × "))
