"""The two charts of a run, with their words and tables: power over time, and energy by component."""

from __future__ import annotations

import math
from typing import Any

from footprint.dashboard.components import amounts, tables
from footprint.dashboard.components.document import component_words, interval
from footprint.dashboard.figures.power import channels_of, power
from footprint.dashboard.figures.shares import Part, shares
from footprint.dashboard.figures.theme import Palette
from footprint.dashboard.source import Document, Timeline
from footprint.interval import Interval
from footprint.units import J_PER_KWH, joules, kwh

ROWS = 60
"""Rows of the timeline's table; more points are summed up in so many equal times."""


def power_chart(document: Document, timeline: Timeline, colours: Palette, problem: str = "") -> dict[str, Any]:
    """Figure, finding, note and table of the power timeline; ``problem``: why there is none."""
    names = channels_of(timeline)
    gaps = document["energy"].get("gaps") or []
    peaks = {name: _peak(timeline, name) for name in names}
    told = "; ".join(f"{name} at most {_watts(peaks[name])}" for name in names)
    return {
        "figure": power(timeline, gaps, colours),
        "image": f"Power by channel over {amounts.duration(document.get('duration_s'))}. {told}."
        if told
        else "No power was read.",
        "note": problem or _note(names, gaps),
        "table": _timeline_table(timeline, names),
    }


def _note(names: list[str], gaps: list[Any]) -> str:
    if not names:
        return f"{amounts.DASH} no channel was read"
    return "whole host, W; shaded: no reading" if gaps else "whole host, W"


def _peak(timeline: Timeline, name: str) -> float:
    return max((value for _, powers in timeline if (value := powers.get(name)) is not None), default=math.nan)


def _watts(power_w: float | None) -> str:
    return amounts.DASH if power_w is None or math.isnan(power_w) else f"{amounts.digits(power_w)} W"


def _timeline_table(timeline: Timeline, names: list[str]) -> Any:
    step = max(1, -(-len(timeline) // ROWS))
    rows: list[list[tables.Cell]] = [
        [f"{t_s:.1f} s", *(_watts(powers.get(name)) for name in names)] for t_s, powers in timeline[::step]
    ]
    caption = "Power by channel" + (f", every {step}th reading" if step > 1 else "")
    return tables.table(["Time", *names], rows, caption, numbers=range(1, len(names) + 1))


def components_chart(document: Document, colours: Palette) -> dict[str, Any]:
    """Figure, finding, note and table of the energy by component."""
    found = [
        (part, interval(part["job_j"]), interval(part["rest_j"])) for part in document["energy"].get("components") or ()
    ]
    largest = max((_ends(job, rest) for _, job, rest in found if job), default=0.0)
    size, unit = amounts.fit(kwh(largest), "kWh")
    parts = [_part(part, job, rest) for part, job, rest in found if job is not None]
    told = "; ".join(f"{part.name} {part.words}" for part in parts)
    return {
        "figure": shares(parts, unit, joules(size), colours),
        "image": f"Energy by component: {told}." if told else "No energy is known.",
        "note": "blue: this run, pale: rest of the host; whisker: range of the run's part",
        "table": _components_table(document),
    }


def _ends(job: Interval | None, rest: Interval | None) -> float:
    return (job.central if job else 0.0) + (rest.central if rest else 0.0)


def _part(part: Any, job: Interval, rest: Interval | None) -> Part:
    name = component_words(part) + (" modelled" if part["quality"] == "modelled" else "")
    lines = (f"<b>{name}</b>", f"this run: {_whole(job)}", f"rest of the host: {_whole(rest)}", str(part["method"]))
    return Part(name, job, rest, _energy(job), "<br>".join(lines))


def _components_table(document: Document) -> Any:
    rows: list[list[tables.Cell]] = [
        [
            component_words(part),
            _amount(part["job_j"]),
            _amount(part["rest_j"]),
            tables.amount(str(part["quality"]), str(part["method"])),
            f"{100 * float(part.get('coverage') or 0):.0f} %",
        ]
        for part in document["energy"].get("components") or ()
    ]
    heads = ["Component", "This run", "Rest of the host", "How", "Time read"]
    return tables.table(heads, rows, "Energy by component", numbers=(1, 2, 4))


def _amount(found: Any) -> Any:
    value = interval(found)
    if value is None:
        return tables.amount(amounts.DASH, "not known")
    energy = amounts.in_unit(value, J_PER_KWH)
    return tables.amount(amounts.central(energy, "kWh"), amounts.between(energy, "kWh"))


def _energy(value: Interval) -> str:
    return amounts.counted(amounts.in_unit(value, J_PER_KWH), "kWh")


def _whole(value: Interval | None) -> str:
    return amounts.whole(amounts.in_unit(value, J_PER_KWH), "kWh") if value else amounts.DASH
