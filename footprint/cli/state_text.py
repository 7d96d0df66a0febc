"""The state that devices were in during a run, in a line for each: what may explain a figure, and is part of none."""

from __future__ import annotations

from collections.abc import Mapping

from footprint import wording
from footprint.records.raw import Range
from footprint.records.result import Run

_AMOUNTS = (("temperature_c", "", "°C"), ("clock_mhz", "clock ", "MHz"), ("power_limit_w", "power limit ", "W"))
_SLOWED = (
    ("slowed_by_power", "slowed by its power limit"),
    ("slowed_by_heat", "slowed by heat"),
    ("slowed_by_hardware", "slowed by its hardware"),
)
_LEAST = 0.005


def text(run: Run) -> str:
    """A line for each device; empty where nothing was told."""
    return "\n".join(
        f"State of {wording.clean(device)}: {said}"
        for device, told in run.host.context.items()
        if (said := _said(told))
    )


def _said(told: Mapping[str, Range]) -> str:
    parts = [f"{before}{_amount(told[name], unit)}" for name, before, unit in _AMOUNTS if name in told]
    parts += [
        f"{words} for {told[name][1]:.0%} of the time"
        for name, words in _SLOWED
        if name in told and told[name][1] >= _LEAST
    ]
    least, _, most = told.get("throttle_count", (0.0, 0.0, 0.0))
    if most > least:
        parts.append(f"slowed by heat {wording.count(most - least)} times")
    return ", ".join(parts)


def _amount(range_: Range, unit: str) -> str:
    least, mean, most = (f"{value:,.0f}" for value in range_)
    return f"{mean} {unit}" if least == most else f"{mean} {unit} ({least} to {most})"
