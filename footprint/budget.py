"""A budget for one run, and the amounts that people write for budgets and targets: ``2 kgCO2e``, ``0.5 kWh``."""

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from footprint.errors import UsageError
from footprint.interval import Interval
from footprint.records.result import Run
from footprint.units import D_PER_YEAR

ENERGY = "energy"
UNITS: Mapping[str, Mapping[str, float]] = {
    # what it is of: its units as people write them, and how many of the indicator's own unit each is
    "carbon_location": {"gCO2e": 1.0, "kgCO2e": 1e3, "tCO2e": 1e6},
    ENERGY: {"J": 1 / 3_600_000, "kJ": 1 / 3_600, "MJ": 1 / 3.6, "mWh": 1e-6, "Wh": 1e-3, "kWh": 1.0, "MWh": 1e3},
    "water": {"mL": 1e-3, "L": 1.0, "m3": 1e3},
    "land": {"m2.day": 1 / D_PER_YEAR, "m2.yr": 1.0},
    "primary_energy": {"MJ": 1.0, "GJ": 1e3},
    "minerals": {"gSb-eq": 1e-3, "kgSb-eq": 1.0},
    "water_scarcity": {"m3 world-eq": 1.0},
}
"""A unit without a word on what it is of means the first that has it."""
_EXAMPLE = 'write it like "2 kgCO2e" or "0.5 kWh"'
_AMOUNT = re.compile(
    r"\s*([-+]?[\d.]+(?:e[-+]?\d+)?|[-+]?nan|[-+]?inf(?:inity)?)\s*([^\W\d_][\w.·*²³ -]*)?", re.IGNORECASE
)


class Budget(NamedTuple):
    """A limit for one run."""

    text: str
    indicator: str
    """``energy`` (kWh at the wall) or an indicator."""
    limit: float
    """In kWh, or the indicator's unit."""

    def used(self, run: Run) -> Interval | None:
        """What a run has used of it; None where there is no figure."""
        if self.indicator == ENERGY:
            value = run.energy.job_kwh
        else:
            impact = run.impacts.get(self.indicator)
            if impact is None or not isinstance(impact.total, Interval):
                return None
            value = impact.total
        return None if math.isnan(value.central) else value


def parse(text: str) -> Budget:
    """A budget from ``2 kgCO2e``. Raises UsageError for no number, a negative one or an unknown unit."""
    indicator, limit = amount(text, "budget")
    return Budget(text.strip(), indicator, limit)


def amount(text: str, what: str, indicator: str | None = None) -> tuple[str, float]:
    """(``energy`` or an indicator, an amount above 0 in kWh or the indicator's unit) of ``50 kgCO2e``.

    ``what`` names it in messages. ``indicator`` says what it must be of, where the unit does not say it alone.
    Raises UsageError for no number, one that is not above 0 or not finite, and a unit that does not fit.
    """
    found = _AMOUNT.fullmatch(text)
    name = f"{what} {text!r}"
    if found is None or not found[2]:
        raise UsageError(name, "it is not a number and a unit", _EXAMPLE)
    try:
        number = float(found[1])
    except ValueError:
        raise UsageError(name, f"{found[1]!r} is not a number", _EXAMPLE) from None
    if not math.isfinite(number) or number <= 0:
        raise UsageError(name, "it must be a finite number above 0", _EXAMPLE)
    of, by = _unit(found[2].strip(), name, indicator)
    if not math.isfinite(number * by) or number * by <= 0:
        raise UsageError(name, "it is beyond any number that can be counted", _EXAMPLE)
    return of, number * by


def _unit(written: str, name: str, indicator: str | None) -> tuple[str, float]:
    """What a unit is of, and how many of the indicator's own unit it is."""
    asked = _folded(written)
    candidates = UNITS if indicator is None else {indicator: UNITS.get(indicator, {})}
    for of, units in candidates.items():
        for unit, by in units.items():
            if _folded(unit) == asked:
                return of, by
    known = [unit for units in candidates.values() for unit in units]
    elsewhere = next((of for of, units in UNITS.items() if asked in map(_folded, units)), None)
    why = f"there is no unit {written!r}" if elsewhere is None else f"{written} is a unit of {elsewhere}"
    why += "" if elsewhere is None else f", not of {indicator}"
    raise UsageError(name, why + _nearest(written, known), f"use one of: {', '.join(known)}")


def _folded(unit: str) -> str:
    """A unit however it is written; but m is not M: a milliwatt-hour is no megawatt-hour."""
    for written, plain in (("·", "."), ("*", "."), ("²", "2"), ("³", "3"), (" ", "")):
        unit = unit.replace(written, plain)
    return unit[:1] + unit[1:].casefold() if unit[:1] in {"m", "M"} else unit.casefold()


def _nearest(written: str, known: list[str]) -> str:
    import difflib  # only when something is wrong: it costs milliseconds

    by_folded = {unit.casefold(): unit for unit in known}
    near = difflib.get_close_matches(written.casefold(), by_folded, n=1, cutoff=0.5)
    return f" (the nearest is {by_folded[near[0]]})" if near else ""
