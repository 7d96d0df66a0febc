"""The average draw of a device is known: W × N × H."""

from __future__ import annotations

from footprint.errors import UsageError
from footprint.estimation import time_used
from footprint.estimation.record import Component
from footprint.estimation.routed import Question, Routed
from footprint.interval import product, scaled


def routed(question: Question) -> Routed:
    """IT energy (kWh) = W · device-hours ÷ 1000. Raises UsageError with ``--utilisation``: it is in W already."""
    given = question.given
    if "utilisation" in given.numbers:
        what = f"{given.called('power_w')} and {given.called('utilisation')}"
        why = "the average draw of a device holds its utilisation already"
        raise UsageError(what, why, f"leave {given.called('utilisation')} out, or give {given.called('tdp_w')}")
    time = time_used.needed(given, "power_w")
    power_w = given.numbers["power_w"]
    job_kwh = scaled(product(power_w, time.device_hours), 1 / 1000)
    component = Component("other", None, time.amount, power_w, "given", job_kwh)
    return Routed("hardware", job_kwh, None, (component,), time.assumed)
