"""For how long devices are used: ``--count N --hours H``, or their product as ``--device-hours``."""

from __future__ import annotations

from typing import NamedTuple

from footprint.errors import UsageError
from footprint.estimation.given import Given
from footprint.estimation.record import Assumed
from footprint.interval import Interval, exact, product


class TimeUsed(NamedTuple):
    """How many devices, how long each, and both together."""

    amount: Interval
    device_hours: Interval
    assumed: tuple[Assumed, ...]


def count_of(given: Given) -> Interval:
    """The number of devices: 1 where nothing says so, and with ``--device-hours``."""
    return given.numbers.get("count", exact(1.0))


def check(given: Given) -> None:
    """Device-hours hold the count and the hours already. Raises UsageError."""
    both = given.has("count", "hours")
    if "device_hours" in given.numbers and both:
        what = f"{given.called('device_hours')} and {given.called(both[0])}"
        raise UsageError(what, "device-hours are devices times hours already", "give one or the other")


def needed(given: Given, route: str) -> TimeUsed:
    """Device-hours of a hardware route. Raises UsageError where no time is given."""
    if "device_hours" in given.numbers:
        return TimeUsed(exact(1.0), given.numbers["device_hours"], ())
    if "hours" not in given.numbers:
        why = f"without {given.called('hours')} or {given.called('device_hours')} a power makes no energy"
        raise UsageError(given.called(route), why, f"add {given.called('hours')} H")
    count = count_of(given)
    assumed = () if "count" in given.numbers else (Assumed("count", count, None, "no --count: one device"),)
    return TimeUsed(count, product(count, given.numbers["hours"]), assumed)
