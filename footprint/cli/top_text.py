"""What ``footprint top`` says to people: a screen of watts by channel and by run, or in ``plain`` one fact a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from footprint import wording
from footprint.doctor import NAMES
from footprint.interval import Interval, is_known
from footprint.watching import ChannelPower, RunPower, View, is_late

_NAME = 24
KEYS = "q ends"


def first(seconds: float) -> list[str]:
    """Before there is a view."""
    return [f"Looking for {wording.duration(seconds)} ..."]


def screen(view: View) -> list[str]:
    """Lines for people, the most important first."""
    lines = [f"{_clock(view)} UTC, mean of {wording.duration(view.window_s)}: {_power(view.host_w)} at the wall", ""]
    rows = [("CHANNEL", "POWER", "HOW")]
    rows += [(one.channel, _power(one.power_w), _how(one)) for one in view.channels]
    lines += [*_table(rows), ""]
    if view.runs:
        rows = [("RUN", "POWER", "FOR")]
        rows += [(_indent(one, view.runs) + _short(one), _power(one.power_w), _since(one)) for one in view.runs]
        if view.rest_w is not None:
            rows.append(("rest of the machine", f"{wording.number(view.rest_w)} W", ""))
        lines += _table(rows)
    else:
        lines.append("No run is being measured here.")
    modelled = _modelled(view)
    return [*lines, "", modelled] if modelled else lines


def plain(view: View) -> list[str]:
    """One fact a line, units in words."""
    lines = [
        f"Time: {_clock(view)} UTC",
        f"Mean over: {wording.duration(view.window_s)}",
        f"Whole machine, at the wall: {_power(view.host_w, spoken=True)}",
    ]
    for one in view.channels:
        lines.append(f"Channel {one.channel}, what it is: {NAMES.get(one.kind, one.kind)}")
        lines.append(f"Channel {one.channel}, power: {_power(one.power_w, spoken=True)}")
        lines.append(f"Channel {one.channel}, how: {_how(one)}")
    for run in view.runs:
        lines.append(f"Run {run.run_id}, name: {wording.clean(run.name or 'none')}")
        lines.append(f"Run {run.run_id}, power: {_power(run.power_w, spoken=True)}")
        lines.append(f"Run {run.run_id}, running for: {_since(run)}")
        if run.parent:
            lines.append(f"Run {run.run_id}, counted inside: {run.parent}")
    if not view.runs:
        lines.append("Runs: none is being measured here")
    elif view.rest_w is not None:
        lines.append(f"Rest of the machine: {wording.number(view.rest_w)} watts")
    return lines


def _clock(view: View) -> str:
    return datetime.fromtimestamp(view.at, UTC).strftime("%H:%M:%S")


def _power(value: Interval, *, spoken: bool = False) -> str:
    return wording.interval_text(value, "W", spoken=spoken) if is_known(value) else "no figure"


def _how(one: ChannelPower) -> str:
    if one.why is not None:
        return f"not read: {wording.clean(one.why)}"
    return one.quality if one.quality == "modelled" else f"{one.quality}, {one.method}"


def _since(one: RunPower) -> str:
    """How long it has run; how old its power is, where it is."""
    said = wording.duration(one.duration_s)
    if one.why is not None:
        return f"{said}; {one.why}"
    late = f"; read {wording.duration(one.age_s)} ago" if is_late(one) else ""
    return f"{said}{late}"


def _short(one: RunPower) -> str:
    name = wording.clean(one.name or one.run_id)
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"


def _indent(one: RunPower, runs: Iterable[RunPower]) -> str:
    """A run inside another stands under it, a little to the right."""
    parents = {run.run_id: run.parent for run in runs}
    depth, inside = 0, one.parent
    while inside is not None and depth < len(parents):
        depth, inside = depth + 1, parents.get(inside)
    return "  " * depth


def _modelled(view: View) -> str:
    names = [one.channel for one in view.channels if one.quality == "modelled"]
    return f"Modelled, not measured: {', '.join(names)}. `footprint doctor` says why." if names else ""


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[number]) for row in rows) for number in range(len(rows[0]))]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
