"""A term: an energy times a factor, as a step of a derivation; and what its inputs add to the spread."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from footprint.factors import Factor
from footprint.interval import Interval, common_total, is_known, product
from footprint.records.derivation import Impact, Missing, Step


class Energies(NamedTuple):
    """What an indicator starts from (kWh); ``facility_kwh`` is ``job_kwh × pue``."""

    job_kwh: Interval
    pue: Interval
    facility_kwh: Interval


class Term(NamedTuple):
    """A part of an impact: ``facility_kwh`` (or ``job_kwh``) times a factor."""

    part: str
    base: str
    """Name of the energy: ``facility_kwh`` or ``job_kwh``."""
    factor: Factor
    step: Step


def term(name: str, base: str, factor: Factor, energies: Energies) -> Term:
    """The term of a factor; its energy and its factor are independent."""
    energy = energies.facility_kwh if base == "facility_kwh" else energies.job_kwh
    output = product(energy, factor.value)
    inputs = {base: energy, factor.part: factor.value}
    step = Step(name, f"{base} × {factor.part}", inputs, output, factor.unit, factor.id, factor.sources)
    return Term(factor.part, base, factor, step)


def spread_of(terms: Iterable[Term], energies: Energies) -> tuple[tuple[str, float], ...]:
    """Which input makes how much of the sum's spread: half-widths, each times what it is multiplied by.

    Largest first; the shares sum to 1. Empty where there is no spread, or no energy.
    """
    widths: dict[str, list[float]] = {"job_kwh": [], "pue": []}
    for one in terms:
        central = one.factor.central
        at_wall = one.base == "job_kwh"
        widths["job_kwh"].append(_half(energies.job_kwh) * central * (1.0 if at_wall else energies.pue.central))
        if not at_wall:
            widths["pue"].append(_half(energies.pue) * central * energies.job_kwh.central)
        energy = energies.job_kwh if at_wall else energies.facility_kwh
        widths.setdefault(one.part, []).append(_half(one.factor.value) * energy.central)
    sums = {name: math.fsum(parts) for name, parts in widths.items()}
    whole = math.fsum(sums.values())
    if not whole > 0:
        return ()
    shares = [(name, width / whole) for name, width in sums.items() if width > 0]
    return tuple(sorted(shares, key=lambda share: (-share[1], share[0])))


def _half(value: Interval) -> float:
    return (value.high - value.low) / 2


def at_least(value: Interval) -> Interval:
    """A sum of which a part is known to be missing."""
    return value._replace(kind="lower_bound")


def summed(name: str, steps: Iterable[Step], *, whole: bool) -> Step:
    """The sum of parts that share the energy's error; ``whole`` is false where a part of it cannot be had."""
    parts = {step.formula.rpartition(" × ")[2]: step for step in steps}
    output = common_total(step.output for step in parts.values())
    unit = next(iter(parts.values())).unit
    inputs = {part: step.output for part, step in parts.items()}
    return Step(name, " + ".join(parts), inputs, output if whole else at_least(output), unit)


def unavailable(unit: str, kind: str, why: str) -> Impact:
    """An impact without any figure."""
    missing = Missing(why)
    return Impact(unit, kind, missing, missing, missing)


def measured(energies: Energies) -> bool:
    """Whether there is an energy to multiply."""
    return is_known(energies.facility_kwh) and is_known(energies.job_kwh)
