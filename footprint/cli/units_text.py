"""What ``footprint show`` says of counted units: of the whole run, and by hour; a table, or in ``plain`` a fact a line.

A figure for one unit never stands without the whole and the count that it is made of.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from footprint import wording
from footprint.interval import Interval, exact, scaled
from footprint.records.result import Hour, Run, UnitResult
from footprint.summary import label
from footprint.units import J_PER_KWH

_IMPACTS = ("carbon_location", "water")
"""The indicators that a table has room for; ``--json`` has them all."""
_NOTE = (
    "Each figure for one unit is all of the energy (or impact) over that one count: those of several units must not be"
    " added. What input and output tokens took apart from each other cannot be told from one total."
)
_CENTRAL = "Central values; --json has the ranges."
_NO_HOURS = "Nothing was measured in this run, so that there are no hours to show."


def text(run: Run, *, plain: bool) -> str:
    """The units of a run; empty where none were counted."""
    if not run.units:
        return ""
    served = _served(run, plain=plain)
    if plain:
        lines = [line for name, unit in run.units.items() for line in _facts(f"Unit {name}", unit, _units_of(run))]
    else:
        keys = [key for key in _IMPACTS if any(key in unit.per_unit for unit in run.units.values())]
        has_idle = any("idle_kwh" in unit.per_unit for unit in run.units.values())
        head = ["unit", "how many", "energy of one", *(["idle in it"] if has_idle else [])]
        rows = [head + [f"{label(key)} of one" for key in keys]]
        rows += [[name, *_cells(unit, keys, _units_of(run), idle=has_idle)] for name, unit in run.units.items()]
        lines = _table(rows)
    note = [] if run.serving is None else [f"Note: {_NOTE}" if plain else _NOTE]
    return "\n".join([*served, *lines, *note])


def hours_text(hours: Sequence[Hour], units_of: Mapping[str, str], *, plain: bool) -> str:
    """A run by hours. ``units_of``: the unit of each indicator."""
    if not hours:
        return _NO_HOURS
    counted = any(hour.units for hour in hours)
    if plain:
        lines = [line for hour in hours for line in _hour_facts(hour, units_of)]
        return "\n".join([*lines, *([f"Note: {_NOTE}"] if counted else [])])
    keys = [key for key in _IMPACTS if any(key in hour.impacts for hour in hours)]
    head = ["hour (UTC)", "energy", "idle in it", *map(label, keys)]
    if counted:
        head += ["unit", "how many", "energy of one", "idle in it", *(f"{label(key)} of one" for key in keys)]
    rows = [head, *(row for hour in hours for row in _rows(hour, keys, units_of))]
    return "\n".join([*_table(rows), _CENTRAL, *([_NOTE] if counted else [])])


def _units_of(run: Run) -> dict[str, str]:
    return {key: impact.unit for key, impact in run.impacts.items()}


def _served(run: Run, *, plain: bool) -> list[str]:
    """Who counted, over which time, and the energy of that time."""
    served = run.serving
    if served is None:
        return []
    when = f"from {wording.duration(served.from_s)} to {wording.duration(served.to_s)} of the run"
    whole = wording.interval_text(served.job_kwh, "kWh", spoken=plain)
    idle = wording.interval_text(served.idle_kwh, "kWh", spoken=plain)
    return [f"Counted by {wording.clean(served.server)}, {when}: {whole} in all, of it {idle} idle energy"]


def _cells(unit: UnitResult, keys: Sequence[str], units_of: Mapping[str, str], *, idle: bool) -> list[str]:
    """How many, and what one took with its range."""
    each = unit.per_unit
    cells = [wording.count(unit.amount), _joules(each.get("job_kwh"))]
    if idle:
        cells.append(_joules(each.get("idle_kwh")))
    return cells + [_text(each.get(key), units_of[key]) for key in keys]


def _facts(subject: str, unit: UnitResult, units_of: Mapping[str, str]) -> Iterator[str]:
    yield f"{subject}, how many: {wording.count(unit.amount)}"
    for key, value in unit.per_unit.items():
        if key in {"job_kwh", "idle_kwh", *_IMPACTS}:
            name = {"job_kwh": "energy of one", "idle_kwh": "idle energy in one"}.get(key) or f"{label(key)} of one"
            said = _joules(value, spoken=True) if key.endswith("_kwh") else _text(value, units_of[key], spoken=True)
            yield f"{subject}, {name}: {said}"


def _rows(hour: Hour, keys: Sequence[str], units_of: Mapping[str, str]) -> Iterator[list[str]]:
    """A row for each unit; the hour's own figures stand in the first."""
    first = [
        _clock(hour), _central(hour.job_kwh, "kWh"), _central(hour.idle_kwh, "kWh"),
        *(_central(hour.impacts.get(key), units_of[key]) for key in keys),
    ]  # fmt: skip
    for name, unit in hour.units.items():
        each = unit.per_unit
        yield [
            *first, name, wording.count(unit.amount),
            _central(_in_joules(each.get("job_kwh")), "J"), _central(_in_joules(each.get("idle_kwh")), "J"),
            *(_central(each.get(key), units_of[key]) for key in keys),
        ]  # fmt: skip
        first = [""] * len(first)
    if not hour.units:
        yield first


def _hour_facts(hour: Hour, units_of: Mapping[str, str]) -> Iterator[str]:
    subject = f"Hour {_clock(hour)} UTC"
    yield f"{subject}, energy: {_text(hour.job_kwh, 'kWh', spoken=True)}"
    yield f"{subject}, idle energy in it: {_text(hour.idle_kwh, 'kWh', spoken=True)}"
    for key in _IMPACTS:
        if key in hour.impacts:
            yield f"{subject}, {label(key)}: {_text(hour.impacts[key], units_of[key], spoken=True)}"
    for name, unit in hour.units.items():
        yield from _facts(f"{subject}, unit {name}", unit, units_of)


def _clock(hour: Hour) -> str:
    return hour.begins_at[:16].replace("T", " ")


def _text(value: Interval | None, unit: str, *, spoken: bool = False) -> str:
    return "no figure" if value is None else wording.interval_text(value, unit, spoken=spoken)


def _central(value: Interval | None, unit: str) -> str:
    if value is None or not math.isfinite(value.central):
        return "no figure"
    return wording.interval_text(exact(value.central), unit)


def _joules(value: Interval | None, *, spoken: bool = False) -> str:
    return _text(_in_joules(value), "J", spoken=spoken)


def _in_joules(value: Interval | None) -> Interval | None:
    return None if value is None else scaled(value, J_PER_KWH)


def _table(rows: Iterable[Sequence[str]]) -> list[str]:
    cells = [[wording.clean(cell) for cell in row] for row in rows]
    columns = max(len(row) for row in cells)
    whole = [row + [""] * (columns - len(row)) for row in cells]
    widths = [max(len(row[number]) for row in whole) for number in range(columns)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in whole]
