"""Only the nameplate of a device is known: TDP × utilisation × N × H, linear: the convention of model cards."""

from __future__ import annotations

from footprint.estimation import time_used
from footprint.estimation.record import Assumed, Component
from footprint.estimation.routed import Question, Routed
from footprint.interval import exact, product, scaled


def routed(question: Question) -> Routed:
    """IT energy (kWh) = TDP · U · device-hours ÷ 1000."""
    given = question.given
    time = time_used.needed(given, "tdp_w")
    assumed = time.assumed
    used = given.numbers.get("utilisation")
    if used is None:
        used = exact(1.0)
        assumed += (Assumed("utilisation", used, None, "no --utilisation: 1, the convention of model cards"),)
    power_w = product(given.numbers["tdp_w"], used)
    job_kwh = scaled(product(power_w, time.device_hours), 1 / 1000)
    component = Component("other", None, time.amount, power_w, "nameplate", job_kwh)
    return Routed("hardware", job_kwh, None, (component,), assumed)
