"""Made-up runs, and the programs that are read from their derivations: what any run of the same kinds goes by.

Their numbers are odd on purpose: no two amounts of such a run may be alike by chance, see ``formulas``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from footprint.factors import Catalogue, Factor
from footprint.impacts import INDICATORS, impacts_of
from footprint.impacts.embodied import with_making
from footprint.impacts.terms import at_least
from footprint.interval import UNKNOWN, Interval, exact, is_known, weakest
from footprint.recompute.formulas import NotReadable, Program, Shape, check, read, shape_of
from footprint.records.derivation import Impact, Missing
from footprint.records.hardware import Hardware

_TURN = 0.6180339887498949
"""Its multiples, without their whole parts, are spread evenly and never meet."""

How = str | Missing
"""The kind of an amount, ``""`` where it is no number, or why there is none."""
_Made = tuple[Mapping[str, Impact], list[Interval]]
"""(a made-up run's impacts, what they follow from)."""


class Kinds(NamedTuple):
    """What decides by which formulas a run's energies go."""

    job: str
    pue: str
    uncooled: bool
    """PUE is exactly 1."""
    measured: bool


def how(value: Interval | Missing) -> How:
    """What kind of amount it is, if it is one."""
    if isinstance(value, Missing):
        return value
    return value.kind if is_known(value) else ""


def of_using(kinds: Kinds, catalogue: Catalogue, year: int | None, checked: set[Shape]) -> Program | None:
    """From job_kwh, facility_kwh and pue to the impacts without hardware; None where that cannot be read.

    ``checked``: the shapes of programs that need no second look, to which this one's is added.
    """

    def made(run: int) -> _Made:
        job = _amount(run, 0, kinds.job) if kinds.measured else UNKNOWN
        facility = _amount(run, 1, weakest((kinds.job, kinds.pue))) if kinds.measured else UNKNOWN
        pue = Interval(1.0, 1.0, 1.0, kinds.pue) if kinds.uncooled else _amount(run, 2, kinds.pue)
        return impacts_of(job, facility, pue, catalogue, year), [job, facility, pue]

    return _program(made, checked)


def of_making(
    machine: Hardware, using: tuple[How, ...], rows: tuple[Factor, ...], checked: set[Shape]
) -> Program | None:  # fmt: skip
    """From what it ``takes``, hours and shares to the impacts that hardware adds to; None where that cannot be read."""

    def made(run: int) -> _Made:
        used = {key: _used(run, key, kind) for key, kind in zip(INDICATORS, using, strict=True)}
        hours = exact(_amount(run, 100, "exact").central)
        shares = [_amount(run, 101 + place, "exact") for place in range(len(machine.held))]
        held = tuple(one._replace(share=share.central) for one, share in zip(machine.held, shares, strict=True))
        impacts = with_making(used, Hardware(hours.central, held, machine.unknown), Catalogue("", "", rows))
        added = {key: one for key, one in impacts.items() if not isinstance(one.embodied, Missing)}
        known = [one for key in takes(using) if isinstance(one := used[key].operational, Interval)]
        return added, [*known, hours, *shares]

    return _program(made, checked)


def takes(using: tuple[How, ...]) -> list[str]:
    """The indicators whose amount of using the hardware a program of making it starts from, in their order."""
    return [key for key, kind in zip(INDICATORS, using, strict=True) if isinstance(kind, str) and kind]


def _program(made: Callable[[int], _Made], checked: set[Shape]) -> Program | None:
    impacts, given = made(0)
    try:
        program = read(impacts, given)
        if (shape := shape_of(program)) not in checked:
            check(program, *made(1))
            checked.add(shape)
    except NotReadable:
        return None
    return program


def _amount(run: int, place: int, kind: str) -> Interval:
    """The amount of a made-up run that has this place among its amounts: from 1 to 2, and its bounds far away."""
    turns = (1000 * run + place + 1) * _TURN % 1.0
    central = 1.0 + turns
    return exact(central) if kind == "exact" else Interval(0.1 * turns + 0.001, central, 3.0 + 2.0 * turns, kind)


def _used(run: int, key: str, kind: How) -> Impact:
    """What using the hardware is made up to give."""
    about = INDICATORS[key]
    value = (
        kind if isinstance(kind, Missing) else _amount(run, 10 + [*INDICATORS].index(key), kind) if kind else UNKNOWN
    )
    none = Missing("it is not asked for here")
    return Impact(about.unit, about.kind, value, none, value if isinstance(value, Missing) else at_least(value))
