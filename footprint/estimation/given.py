"""What a user gave for an estimate, checked one by one. What contradicts what is in ``routes``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from footprint.errors import UsageError
from footprint.interval import Interval, exact
from footprint.records.raw import plain_text


class _Number(NamedTuple):
    """What a number may be."""

    key: str
    """Its name among the document's ``inputs``, with its unit."""
    lowest: float = 0.0
    above: bool = False
    """Whether it must lie above ``lowest``."""
    highest: float = 1e15
    """More than there is of anything here: products of such numbers stay finite."""
    hint: str = "give a number such as 12.5, or LOW:CENTRAL:HIGH"


_PART = "give a part of one, such as 0.8 for 80 %"
_LIFE = "give for how long a device is used in its life, such as 35040 hours or 4 years"
NUMBERS: Mapping[str, _Number] = {
    "energy_kwh": _Number("energy_kwh"),
    "power_w": _Number("power_w"),
    "tdp_w": _Number("tdp_w"),
    "utilisation": _Number("utilisation", highest=1.25, hint=_PART),
    "count": _Number("count", above=True, hint="give the number of devices"),
    "hours": _Number("hours"),
    "device_hours": _Number("device_hours"),
    "pue": _Number("pue", lowest=1.0, hint="give what the whole facility uses for each kWh of the machines: 1 or more"),
    "intensity": _Number("intensity_g_per_kwh"),
    "intensity_market": _Number("intensity_market_g_per_kwh"),
    "wue": _Number("wue_l_per_kwh"),
    "ewif": _Number("ewif_l_per_kwh"),
    "primary_energy": _Number("primary_energy_mj_per_kwh"),
    "adpe": _Number("adpe_kg_per_kwh"),
    "embodied_kg": _Number("embodied_kg"),
    "cpu_die_mm2": _Number("cpu_die_mm2", above=True),
    "dram_gb": _Number("dram_gb", above=True),
    "ssd_gb": _Number("ssd_gb", above=True),
    "lifetime_hours": _Number("lifetime_hours", lowest=1e-3, hint=_LIFE),
    "lifetime_years": _Number("lifetime_years", lowest=1e-6, hint=_LIFE),
    "share": _Number("share", above=True, highest=1.0, hint=_PART),
    "tokens_out": _Number("tokens_out"),
    "tokens_in": _Number("tokens_in"),
    "requests": _Number("requests"),
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "energy_at": ("components", "it", "facility"),
    "embodied": ("auto", "none"),
}
WORDS = ("gpu", "cpu", "llm", "params_b", "region", "name", "project")
OTHERS = ("year", "units", "tag", "tags", "save")
NAMES = (*NUMBERS, *CHOICES, *WORDS, *OTHERS)
"""All options, by their names in Python."""
_YEARS = (1990, 2100)
_FEWEST, _MOST = 1e-15, 1e15
"""Units: an impact over such a number stays finite."""


class Given(NamedTuple):
    """The options that were given, checked; what was not given is not there."""

    numbers: Mapping[str, Interval]
    words: Mapping[str, str]
    year: int | None
    units: Mapping[str, Interval]
    tags: Mapping[str, str]
    origin: str
    """``flag`` or ``argument``: how an option is called in a message."""
    save: bool = False
    """Whether the store keeps it."""

    def has(self, *names: str) -> list[str]:
        """Which of these were given."""
        return [name for name in names if name in self.numbers or name in self.words]

    def called(self, name: str) -> str:
        """An option as the user writes it."""
        return called(name, self.origin)

    def inputs(self) -> dict[str, float | str | Interval]:
        """What the document calls ``inputs``."""
        found: dict[str, float | str | Interval] = {NUMBERS[name].key: value for name, value in self.numbers.items()}
        found |= {name: value for name, value in self.words.items() if name not in {"name", "project", "region"}}
        return found if self.year is None else {**found, "year": self.year}


def called(name: str, origin: str) -> str:
    """``--power-w`` on the command line, ``power_w`` in Python."""
    return f"--{name.replace('_', '-')}" if origin == "flag" else name


def checked(options: Mapping[str, object], origin: str) -> Given:
    """The options, each checked by itself; ``None`` is "not given". Raises UsageError, TypeError for unknown names."""
    unknown = set(options) - set(NAMES)
    if unknown:
        message = f"unknown argument {min(unknown)!r}; known are {', '.join(NAMES)}"
        raise TypeError(message)
    there = {name: value for name, value in options.items() if value is not None}
    return Given(
        {name: _number(name, there[name], origin) for name in NUMBERS if name in there},
        {name: _word(name, there[name], origin) for name in (*CHOICES, *WORDS) if name in there},
        _year(there.get("year"), origin),
        _units(there.get("units") or {}, origin),
        _tags(there.get("tag") or there.get("tags") or {}, origin),
        origin,
        _is_meant("save", there.get("save", False), origin),
    )


def _number(name: str, value: object, origin: str) -> Interval:
    rule = NUMBERS[name]
    what = f"{called(name, origin)} {value!r}" if origin == "argument" else f"{called(name, origin)} {value}"
    amount = _interval(what, value, rule.hint)
    ends = amount[:3]
    if not all(map(math.isfinite, ends)):
        raise UsageError(what, "it is not finite", rule.hint)
    if min(ends) < rule.lowest or (rule.above and min(ends) <= rule.lowest):
        why = "it is negative" if min(ends) < 0 else _too_low(rule, min(ends))
        raise UsageError(what, why, rule.hint)
    if max(ends) > rule.highest:
        raise UsageError(what, f"it is above {rule.highest:g}", rule.hint)
    return amount


def _too_low(rule: _Number, least: float) -> str:
    if least == 0 and rule.lowest < 1:
        return "it must be above 0"
    return f"it must be above {rule.lowest:g}" if rule.above else f"it is below {rule.lowest:g}"


def _interval(what: str, value: object, hint: str) -> Interval:
    """A number, ``LOW:CENTRAL:HIGH`` as text or three numbers, or an interval."""
    if isinstance(value, Interval):
        parts: list[object] = list(value[:3])
    elif isinstance(value, str):
        parts = list(value.split(":"))
    elif isinstance(value, list | tuple):
        parts = list(value)
    else:
        parts = [value]
    numbers = [_float(what, part, hint) for part in parts]
    if len(numbers) == 1:
        return exact(numbers[0])
    if len(numbers) != 3:
        raise UsageError(what, "it is neither one number nor LOW:CENTRAL:HIGH", hint)
    low, central, high = numbers
    if not any(map(math.isnan, numbers)) and not low <= central <= high:
        raise UsageError(what, "low ≤ central ≤ high does not hold", "give them in that order")
    kind = value.kind if isinstance(value, Interval) else "envelope"
    return exact(central) if low == high else Interval(low, central, high, kind)


def _float(what: str, value: object, hint: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UsageError(what, "it is not a number", hint)
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise UsageError(what, "it is not a number", hint) from None


def _word(name: str, value: object, origin: str) -> str:
    what = called(name, origin)
    text = plain_text(str(value).strip())
    if not text:
        raise UsageError(what, "it is empty", "give it a value or leave it out")
    choices = CHOICES.get(name)
    if choices is not None and text not in choices:
        raise UsageError(f"{what} {text!r}", "there is no such choice", f"use one of: {', '.join(choices)}")
    return text


def _is_meant(name: str, value: object, origin: str) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{called(name, origin)} {value!r}", "it is neither True nor False", "give one of them")
    return value


def _year(value: object, origin: str) -> int | None:
    if value is None:
        return None
    what = f"{called('year', origin)} {value}"
    try:
        year = int(str(value))
    except ValueError:
        raise UsageError(what, "it is not a year", "give one such as 2024") from None
    if not _YEARS[0] <= year <= _YEARS[1]:
        raise UsageError(what, f"it is not between {_YEARS[0]} and {_YEARS[1]}", "give one such as 2024")
    return year


def _pairs(name: str, value: object, origin: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        what = f"{called(name, origin)} {value!r}"
        raise UsageError(what, "it is no mapping", f'give {name}={{"key": …}}')
    return {str(key): one for key, one in value.items()}


def _units(value: object, origin: str) -> dict[str, Interval]:
    hint = "write it as --units requests=1000"
    found = {}
    for unit, amount in _pairs("units", value, origin).items():
        what = f"{called('units', origin)} {unit}={amount}"
        number = _interval(what, amount, hint)
        if not all(map(math.isfinite, number[:3])) or number.low <= 0:
            raise UsageError(what, "it must be above 0", hint)
        if not _FEWEST <= number.low <= number.high <= _MOST:
            raise UsageError(what, f"it is not between {_FEWEST:g} and {_MOST:g}", hint)
        found[plain_text(unit)] = number
    return found


def _tags(value: object, origin: str) -> dict[str, str]:
    return {plain_text(key): plain_text(str(one)) for key, one in _pairs("tag", value, origin).items()}
