"""What ``footprint list`` says to people: a table as wide as there is room, or in ``plain`` one fact a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from footprint import queries, wording
from footprint.interval import Interval, is_known

Row = TypeVar("Row", queries.RunRow, queries.EstimateRow)
_Column = tuple[str, Callable[[Row], str], str]
_HEADED = "Estimates of jobs that have not run. Nothing of these was measured, and no sum has them."


def text(rows: list[queries.RunRow], fits: Callable[[int], bool], *, plain: bool) -> str:
    """Runs for people: a table as wide as ``fits`` allows, or in ``plain`` one fact a line."""
    if not rows:
        return ""
    if plain:
        return "\n".join(_facts(row) for row in rows)
    return "\n".join(_as_wide_as_fits(_columns(), rows, fits)) + "\n"


def estimates_text(rows: list[queries.EstimateRow], fits: Callable[[int], bool], *, plain: bool) -> str:
    """Saved estimates for people, as such."""
    if not rows:
        return ""
    if plain:
        return "\n".join((f"{_HEADED}\n", *(_estimate_facts(row) for row in rows)))
    return "\n".join((_HEADED, *_as_wide_as_fits(_estimate_columns(), rows, fits))) + "\n"


def _as_wide_as_fits(columns: list[_Column[Row]], rows: list[Row], fits: Callable[[int], bool]) -> list[str]:
    """A table with fewer columns, and at last without ranges, where there is less room."""
    lines: list[str] = []
    for dropped in ("", "PROJECT", "TIME", "ranges"):
        columns = [column for column in columns if column[0] != dropped]
        if dropped == "ranges":
            columns = [(title, _narrow(title, cell), align) for title, cell, align in columns]
        lines = _table(columns, rows)
        if fits(max(len(line) for line in lines)):
            break
    if dropped == "ranges":
        lines.append("Central values; a wider window or --json shows their ranges.")
    return lines


def _columns() -> list[_Column[queries.RunRow]]:
    return [
        ("STARTED (UTC)", lambda row: row.started_at[:16].replace("T", " "), "<"),
        ("NAME", lambda row: _short(row.name, 24), "<"),
        ("PROJECT", lambda row: _short(row.project, 16), "<"),
        ("STATUS", _status, "<"),
        ("TIME", lambda row: "–" if row.duration_s is None else wording.duration(row.duration_s), ">"),
        ("ENERGY", lambda row: _amount(row.job_kwh, "kWh"), "<"),
        ("CARBON", lambda row: _amount(row.impacts.get("carbon_location"), "gCO2e"), "<"),
        ("RUN", lambda row: row.run_id, "<"),
    ]


def _estimate_columns() -> list[_Column[queries.EstimateRow]]:
    return [
        ("SAVED (UTC)", lambda row: row.saved_at[:16].replace("T", " "), "<"),
        ("NAME", lambda row: _short(row.name, 24), "<"),
        ("PROJECT", lambda row: _short(row.project, 16), "<"),
        ("BY", lambda row: row.route, "<"),
        ("ENERGY, ESTIMATED", lambda row: _amount(row.job_kwh, "kWh"), "<"),
        ("CARBON, ESTIMATED", lambda row: _amount(row.impacts.get("carbon_location"), "gCO2e"), "<"),
        ("ESTIMATE", lambda row: row.estimate_id, "<"),
    ]


def _narrow(title: str, cell: Callable[[Row], str]) -> Callable[[Row], str]:
    """A cell for a table that would be too wide: short names, no ranges."""
    if title.startswith(("ENERGY", "CARBON")):
        return lambda row: cell(row).split(" (")[0]
    return (lambda row: _short(row.name, 12)) if title == "NAME" else cell


def _short(name: str | None, most: int) -> str:
    said = wording.clean(name or "–")
    return said if len(said) <= most else said[: most - 1] + "…"


def _status(row: queries.RunRow) -> str:
    return f"{row.status} ({row.exit_code})" if row.exit_code else row.status


def _amount(value: Interval | None, unit: str) -> str:
    if value is None or not is_known(value):
        return "no figure"
    said = wording.interval_text(value, unit)
    return said if value.kind == "lower_bound" else said.rsplit(", ", 1)[0] + (")" if "(" in said else "")


def _table(columns: list[_Column[Row]], rows: Iterable[Row]) -> list[str]:
    cells = [[title for title, _, _ in columns]] + [[cell(row) for _, cell, _ in columns] for row in rows]
    widths = [max(len(line[number]) for line in cells) for number in range(len(columns))]
    aligned = [
        [f"{cell:{align}{width}}" for cell, width, (_, _, align) in zip(line, widths, columns, strict=True)]
        for line in cells
    ]
    return ["  ".join(line).rstrip() for line in aligned]


def _facts(row: queries.RunRow) -> str:
    """A run for a screen reader."""
    carbon = row.impacts.get("carbon_location")
    facts = [
        ("Run", row.run_id),
        ("Name", wording.clean(row.name or "none")),
        ("Project", wording.clean(row.project or "none")),
        ("State", f"{row.status}, with exit code {row.exit_code}" if row.exit_code else row.status),
        ("Started", f"{row.started_at[:16].replace('T', ' ')} UTC"),
        ("Duration", "no figure" if row.duration_s is None else wording.duration(row.duration_s)),
        ("Energy", wording.interval_text(row.job_kwh, "kWh", spoken=True)),
        ("Carbon", "no figure" if carbon is None else wording.interval_text(carbon, "gCO2e", spoken=True)),
    ]
    return "".join(f"{subject}: {fact}\n" for subject, fact in facts)


def _estimate_facts(row: queries.EstimateRow) -> str:
    """A saved estimate for a screen reader."""
    carbon = row.impacts.get("carbon_location")
    facts = [
        ("Estimate", row.estimate_id),
        ("Name", wording.clean(row.name or "none")),
        ("Project", wording.clean(row.project or "none")),
        ("Worked out by", row.route),
        ("Saved", f"{row.saved_at[:16].replace('T', ' ')} UTC"),
        ("Estimated energy", wording.interval_text(row.job_kwh, "kWh", spoken=True)),
        ("Estimated carbon", "no figure" if carbon is None else wording.interval_text(carbon, "gCO2e", spoken=True)),
    ]
    return "".join(f"{subject}: {fact}\n" for subject, fact in facts)


def rest_of_estimates(shown: int, count: int) -> str:
    """What the lines above are not: all ``count`` of them."""
    if shown < count:
        return f"{shown} of {count} estimates; more with --limit {count}"
    return "No such estimate is kept. Keep one: footprint estimate --energy-kwh 10 --region FR --save"


def rest(shown: int, count: int, *, kept: int) -> str:
    """What the lines above are not: all ``count`` of them, or anything at all of what is ``kept``."""
    if shown < count:
        return f"{shown} of {count} runs; more with --limit {count}"
    if kept:
        return "No run is like that; `footprint list` shows all."
    return "No run is kept here yet. Measure one: footprint run -- python train.py"
