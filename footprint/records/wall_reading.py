"""What a person read from a meter at the wall and typed: energy of the whole machine over a run's window."""

import math
from typing import NamedTuple

from footprint.errors import UsageError

UNSTATED, STATED = "unstated", "stated"
_LONGEST = 60
"""More characters than any such reading has."""
_HINT = "write the kWh that the meter counted, such as 0.41, 0.40:0.41:0.42 or 0.41±2%"


class WallReading(NamedTuple):
    """Energy (kWh) at the plug. Where ``error`` is ``unstated``, low and high hold the meter's last digit alone."""

    low_kwh: float
    kwh: float
    high_kwh: float
    error: str = UNSTATED
    """``stated`` where the person gave a range, else ``unstated``."""
    said: str = ""
    """As it was typed."""
    at: str = ""
    """When it was typed (ISO 8601, UTC); empty where it was typed with the run's start."""


def parse(given: object, option: str = "wall_kwh") -> WallReading:
    """The reading of ``0.41``, ``LOW:KWH:HIGH``, ``0.41±0.01`` or ``0.41±2%`` (``+-`` for ``±``), or of a number.

    A text's last digit is its resolution: ``0.4`` may be 0.3 to 0.5. Raises UsageError for what is no energy above 0.
    """
    if isinstance(given, int | float) and not isinstance(given, bool):
        value = _number(repr(given), option, repr(given))
        return WallReading(value, value, value, UNSTATED, repr(given))
    text = str(given).strip()
    said = " ".join(text.split())[:_LONGEST]
    parts = text.replace("+-", "±").split("±")
    if len(parts) == 2:
        return _around(parts[0], parts[1], option, said)
    ends = text.split(":")
    if len(ends) == 3:
        low, value, high = (_number(end, option, said) for end in ends)
        if not low <= value <= high:
            raise UsageError(f"{option} {said}", "it is not in the order low, central, high", _HINT)
        return WallReading(low, value, high, STATED, said)
    value, step = _number(text, option, said), last_digit(text)
    return WallReading(max(0.0, value - step), value, value + step, UNSTATED, said)


def between(before: str, after: str) -> WallReading:
    """What a meter counted from one reading of its display (kWh) to a later one: each is good to its last digit.

    Raises UsageError where the second is not above the first.
    """
    said = f"{before.strip()} to {after.strip()}"[:_LONGEST]
    first, last = (
        _number(text, option, text, lowest=0.0) for text, option in ((before, "--before"), (after, "--after"))
    )
    value = last - first
    if value <= 0:
        why = "the meter had not counted on, or was set to zero in between"
        raise UsageError(
            f"--after {after.strip()}", why, "give the later reading with --after, as the display showed it"
        )
    step = max(last_digit(before), last_digit(after))
    value = round(value, 12)
    return WallReading(max(0.0, value - step), value, value + step, UNSTATED, said)


def last_digit(text: str) -> float:
    """What the last digit of a number's text stands for: 0.01 in ``0.41``, 1 in ``12``, 0.001 in ``1.2e-2``."""
    mantissa, _, exponent = text.strip().lower().partition("e")
    _, _, decimals = mantissa.partition(".")
    try:
        return math.pow(10.0, int(exponent or 0) - len(decimals))
    except (ValueError, OverflowError):
        return 0.0


def _around(central: str, by: str, option: str, said: str) -> WallReading:
    value = _number(central, option, said)
    share = by.strip().endswith("%")
    width = _number(by.strip().removesuffix("%"), option, said, lowest=0.0)
    if share:
        width *= value / 100
    if width >= value:
        raise UsageError(f"{option} {said}", "its error is as large as the reading", _HINT)
    return WallReading(value - width, value, value + width, STATED, said)


def _number(text: str, option: str, said: str, lowest: float | None = None) -> float:
    """A finite number above 0, or of at least ``lowest``."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    fits = math.isfinite(value) and (value > 0 if lowest is None else value >= lowest)
    if not fits or value > 1e9:
        raise UsageError(f"{option} {said[:_LONGEST]}", "it is no energy above 0", _HINT)
    return value
