"""A run as HTML for notebooks: tables with captions and headers, readable without colour, by sight or by ear.

Nothing in it comes from outside: no script, no style sheet, no picture. Everything is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from footprint import summary, wording
from footprint.interval import Interval
from footprint.records.derivation import Missing
from footprint.records.result import Run, UnitResult

_ROWS = 30
"""Phases that are shown; `footprint show` has all."""
_NAMES = {"job_kwh": "energy", "idle_kwh": "idle energy in it", "carbon_location": "carbon"}
"""What people call an amount, where its key says it otherwise."""
_LEFT = 'style="text-align: left"'
"""Notebooks set cells flush right, which is right for numbers and wrong for sentences."""


def html_of(run: Run, *, kept: bool = True) -> str:
    """The summary of a run as a table, and one more each for its phases and counted units, where it has any.

    ``kept`` as in ``summary.text``.
    """
    (_, headline), *facts = summary.facts(run, kept=kept)
    said = [(subject.capitalize(), text) for subject, text in facts if subject != "units"]
    tables = [_table(f"Run {headline}", ("What", "Amount or reason"), said)]
    if run.spans:
        tables.append(_phases(run))
    if run.units:
        tables.append(_units(run))
    return f'<div class="footprint-run">{"".join(tables)}</div>'


def _phases(run: Run) -> str:
    rows = [
        (" / ".join(span.path), f"{span.entered:,}", wording.duration(span.duration_s),
         wording.interval_text(span.job_kwh, "kWh"))
        for span in run.spans[:_ROWS]
    ]  # fmt: skip
    more = len(run.spans) - len(rows)
    caption = "Phases" if more == 0 else f"Phases: the first {len(rows)} of {len(run.spans)}; footprint show has all"
    return _table(caption, ("Phase", "Entered", "Time", "Energy, with the phases inside it"), rows)


def _units(run: Run) -> str:
    """A figure for one unit never stands without how many there were, nor without its total: the last row."""
    keys = list(dict.fromkeys(key for unit in run.units.values() for key in unit.per_unit))
    names = [_NAMES.get(key, key.replace("_", " ")).capitalize() for key in keys]
    rows = [
        (name, wording.count(unit.amount), *(_each(run, unit, key) for key in keys)) for name, unit in run.units.items()
    ]
    rows.append(("all of the run", "", *(_total(run, key) for key in keys)))
    caption = f"Counted units{summary.served_text(run.serving)}"
    return _table(caption, ("Unit", "How many", *(f"{name} of one" for name in names)), rows)


def _each(run: Run, unit: UnitResult, key: str) -> str:
    return _text(run, unit.per_unit.get(key), key)


def _total(run: Run, key: str) -> str:
    if key == "idle_kwh":
        return _text(run, None if run.serving is None else run.serving.idle_kwh, key)
    return _text(run, run.energy.job_kwh if key == "job_kwh" else run.impacts[key].total, key)


def _text(run: Run, value: Interval | Missing | None, key: str) -> str:
    if not isinstance(value, Interval) or not math.isfinite(value.central):
        return "no figure"
    return wording.interval_text(value, "kWh" if key.endswith("_kwh") else run.impacts[key].unit)


def _table(caption: str, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the first cell of each row is its header."""
    top = "".join(f'<th scope="col" {_LEFT}>{_safe(header)}</th>' for header in headers)
    body = "".join(
        f'<tr><th scope="row" {_LEFT}>{_safe(first)}</th>'
        + "".join(f"<td {_LEFT}>{_safe(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    head = f"<caption {_LEFT}>{_safe(caption)}</caption><thead><tr>{top}</tr></thead>"
    return f"<table>{head}<tbody>{body}</tbody></table>"


def _safe(text: str) -> str:
    return escape(wording.clean(text))
