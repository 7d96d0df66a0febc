"""Amounts as people read them: three digits, a fitting unit, the range with its kind, a dash for what is not known."""

from __future__ import annotations

import math

from footprint.interval import Interval, scaled

DASH = "–"
SPACE = "\u00a0"
"""Keeps an amount and its unit on one line."""
KIND_WORDS = {
    "exact": "exact",
    "p90": "90 % interval",
    "envelope": "lowest to highest case",
    "scenario": "by other value choices",
    "lower_bound": "at least: something is known to be missing",
}
_LADDERS: dict[str, tuple[tuple[float, str], ...]] = {
    "kWh": ((1e3, "MWh"), (1.0, "kWh"), (1e-3, "Wh"), (1e-6, "mWh"), (1e-9, "µWh")),
    "gCO2e": ((1e6, "t CO2e"), (1e3, "kg CO2e"), (1.0, "g CO2e"), (1e-3, "mg CO2e"), (1e-6, "µg CO2e")),
    "L": ((1e3, "m³"), (1.0, "L"), (1e-3, "mL"), (1e-6, "µL")),
    "W": ((1e3, "kW"), (1.0, "W"), (1e-3, "mW")),
    "J": ((1e6, "MJ"), (1e3, "kJ"), (1.0, "J"), (1e-3, "mJ")),
}
"""Units that fit small and large amounts, the largest first, as multiples of the unit that names them."""


def known(value: Interval | None) -> bool:
    """Whether there is a number to show."""
    return value is not None and math.isfinite(value.central)


def fit(amount: float, unit: str) -> tuple[float, str]:
    """The multiple and the name of the unit in which an amount has one to three digits before the point."""
    ladder = _LADDERS.get(unit, ((1.0, unit),))
    if not amount or not math.isfinite(amount):
        return next(((size, name) for size, name in ladder if size == 1.0), ladder[0])
    return next(((size, name) for size, name in ladder if abs(amount) >= size), ladder[-1])


def digits(value: float) -> str:
    """Three significant digits, with thousands apart; a dash for what is no number."""
    if not math.isfinite(value):
        return DASH
    if value == 0:
        return "0"
    if abs(value) < 0.001:
        return f"{value:.2e}"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{round(value, places):,.{places}f}"


def central(value: Interval | None, unit: str) -> str:
    """``12.4 Wh``, ``at least 12.4 Wh``, or a dash."""
    if value is None or not known(value):
        return DASH
    size, name = fit(value.central, unit)
    words = f"{digits(value.central / size)}{SPACE}{name}".rstrip(SPACE)
    return f"at least {words}" if value.kind == "lower_bound" else words


def between(value: Interval | None, unit: str) -> str:
    """``11.5–13.3 Wh``; empty where nothing is known or nothing is uncertain."""
    if value is None or not known(value) or value.kind == "exact" or value.low == value.high:
        return ""
    size, name = fit(value.central, unit)
    if not math.isfinite(value.high):
        return f"from {digits(value.low / size)}{SPACE}{name}".rstrip(SPACE)
    return f"{digits(value.low / size)}–{digits(value.high / size)}{SPACE}{name}".rstrip(SPACE)


def plus_minus(value: Interval | None) -> str:
    """``±8 %``; ``−20/+60 %`` where the two sides differ; empty where nothing is uncertain or known."""
    if value is None or not known(value) or value.central <= 0 or not math.isfinite(value.high):
        return ""
    below = (value.central - value.low) / value.central * 100
    above = (value.high - value.central) / value.central * 100
    if max(below, above) < 0.05:
        return ""
    if abs(below - above) <= 0.1 * max(below, above):
        return f"±{_percent(max(below, above))} %"
    return f"−{_percent(below)}/+{_percent(above)} %"


def kind_words(value: Interval | None) -> str:
    """What kind of range an amount has, in words."""
    return KIND_WORDS.get(value.kind, value.kind) if value is not None and known(value) else ""


def whole(value: Interval | None, unit: str) -> str:
    """``12.4 Wh (11.5–13.3 Wh, 90 % interval)``: amount, range and kind in one line."""
    shown = central(value, unit)
    inside = ", ".join(part for part in (between(value, unit), kind_words(value)) if part)
    return f"{shown} ({inside})" if shown != DASH and inside else shown


def in_unit(value: Interval, size: float) -> Interval:
    """An amount in multiples of ``size``."""
    return scaled(value, 1 / size)


def duration(seconds: float | None) -> str:
    """``21.3 s``, ``4 min 10 s``, ``3 h 05 min``, ``2 d 4 h``."""
    if seconds is None or not math.isfinite(seconds):
        return DASH
    if seconds < 60:
        return f"{digits(seconds)} s" if seconds >= 1 else f"{digits(1000 * seconds)} ms"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} min"
    return f"{hours // 24} d {hours % 24} h"


def _percent(value: float) -> str:
    return f"{value:.1f}" if value < 3 else f"{value:.0f}"
