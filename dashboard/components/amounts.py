"""Amounts as the pages show them: the words of ``footprint.wording``, a dash for what is not known, the range apart."""

from __future__ import annotations

import math

from footprint import wording
from footprint.interval import Interval, scaled

DASH = "–"
SPACE = "\u00a0"
"""Keeps an amount and its unit on one line."""
KIND_WORDS = {
    "exact": "exact",
    "p90": "90 % interval",
    "envelope": "lowest to highest case",
    "scenario": "by other value choices",
    "lower_bound": "something is known to be missing",
}
_FIRM_HYPHEN = "\N{NON-BREAKING HYPHEN}"
RANGE_WORDS = KIND_WORDS | {"lower_bound": "part counted"}
"""What a range is, beside a chart."""


def known(value: Interval | None) -> bool:
    """Whether there is a number to show."""
    return value is not None and math.isfinite(value.central)


def fit(amount: float, unit: str) -> tuple[float, str]:
    """The multiple and the name of the unit in which an amount reads best."""
    return wording.scale(amount, unit)


def digits(value: float) -> str:
    """Three significant digits, with thousands apart, that no line breaks in two; a dash for what is no number."""
    return wording.number(value).replace("-", _FIRM_HYPHEN) if math.isfinite(value) else DASH


def counted(value: Interval | None, unit: str) -> str:
    """``12.4 Wh``: the central value alone, or a dash."""
    return DASH if value is None or not known(value) else _amount(value.central, unit)


def central(value: Interval | None, unit: str) -> str:
    """``12.4 Wh``; ``at least 11.5 Wh`` where something is known to be missing; or a dash."""
    if value is None or not known(value):
        return DASH
    if value.kind == "lower_bound":
        return f"at least {_scaled(value.low, *wording.scale_beside(value.low, value.central, unit))}"
    return _amount(value.central, unit)


def between(value: Interval | None, unit: str) -> str:
    """``11.5–13.3 Wh``, or ``12.4 Wh counted`` of a lower bound; empty where nothing is known or uncertain."""
    if value is None or not known(value) or value.kind == "exact" or value.low == value.high:
        return ""
    if value.kind == "lower_bound":
        return f"{_amount(value.central, unit)} counted" if value.low < value.central else ""
    size, name = fit(value.central, unit)
    return f"{digits(value.low / size)}–{digits(value.high / size)}{SPACE}{name}".rstrip(SPACE)


def below(value: Interval | None, unit: str) -> str:
    """What stands in small type under ``counted``: ``±8 %``, or ``at least 11.5 Wh``."""
    if value is not None and known(value) and value.kind == "lower_bound":
        return central(value, unit)
    return plus_minus(value)


def plus_minus(value: Interval | None) -> str:
    """``±8 %``; ``−20/+60 %`` where the two sides differ; empty where nothing is uncertain or known."""
    if value is None or not known(value) or value.central <= 0 or not math.isfinite(value.high):
        return ""
    under = (value.central - value.low) / value.central * 100
    over = (value.high - value.central) / value.central * 100
    if max(under, over) < 0.05:
        return ""
    if abs(under - over) <= 0.1 * max(under, over):
        return f"±{_percent(max(under, over))}{SPACE}%"
    return f"−{_percent(under)}/+{_percent(over)}{SPACE}%"


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
    """``21.3 s``, ``4 min 10 s``, ``3 h 5 min``; a dash for what is not known."""
    return DASH if seconds is None or not math.isfinite(seconds) else wording.duration(seconds)


def _amount(value: float, unit: str) -> str:
    return _scaled(value, *fit(value, unit))


def _scaled(value: float, size: float, name: str) -> str:
    return f"{digits(value / size)}{SPACE}{name}".rstrip(SPACE)


def _percent(value: float) -> str:
    return f"{value:.1f}" if value < 3 else f"{value:.0f}"
