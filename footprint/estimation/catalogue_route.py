"""Devices by name: the catalogue's rated power, at a utilisation, and the overhead of their server up to the wall.

W of a GPU = rated × (idle + (full − idle) × U)       W of a CPU = rated × curve(U)
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from footprint.errors import UsageError
from footprint.estimation import devices, parts_made, time_used
from footprint.estimation.devices import Device
from footprint.estimation.given import Given
from footprint.estimation.record import Assumed, Component
from footprint.estimation.routed import Question, Routed
from footprint.factors import Factor
from footprint.interval import Interval, exact, ordered, product, scaled, total

_Rows = Mapping[str, Factor]
_CURVE = ((0.0, "curve_0"), (0.1, "curve_10"), (0.5, "curve_50"), (1.0, "curve_100"))


def routed(question: Question) -> Routed:
    """IT energy (kWh) of named devices, with the power supply, fans and board of their server.

    Raises UsageError for an unknown device or a utilisation above 1.
    """
    given = question.given
    named = [devices.find(kind, given.words[kind], given.called(kind)) for kind in given.has("gpu", "cpu")]
    time = time_used.needed(given, named[0].kind)
    used, assumed = _utilisation(given)
    rows = {row.id: row for row in question.place.catalogue.factors if row.indicator in {"hardware", "power_model"}}
    components, factors = [], []
    for device in named:
        ratio, by = _ratio(device, used, rows)
        power_w = product(device.rated_w, ratio)
        job = scaled(product(power_w, time.device_hours), 1 / 1000)
        components.append(Component(device.kind, device.name, time.amount, power_w, "catalogue", job))
        assumed += (_about(device, ratio), *(_about_ratio(device, row) for row in by))
        factors += [device.factor, *(row.id for row in by)]
    overhead = rows[f"power_model/{'server' if given.has('cpu') else 'gpu'}/overhead"]
    parts = total(one.job_kwh for one in components)
    beyond = product(parts, overhead.value)
    components.append(Component("overhead", None, time.amount, None, "catalogue", beyond))
    return Routed(
        "hardware",
        total((parts, beyond)),
        None,
        tuple(components),
        (*time.assumed, *assumed, _about_overhead(overhead, named)),
        (*factors, overhead.id),
        tuple(parts_made.named(device.kind, device.name) for device in named),
    )


def _utilisation(given: Given) -> tuple[Interval, tuple[Assumed, ...]]:
    used = given.numbers.get("utilisation")
    if used is None:
        return exact(1.0), (Assumed("utilisation", exact(1.0), None, "no --utilisation: busy all the time"),)
    if used.high > 1:
        what = f"{given.called('utilisation')} {used.high:g}"
        raise UsageError(what, "a device is busy all the time at 1", "give a part of one, such as 0.8 for 80 %")
    return used, ()


def _ratio(device: Device, used: Interval, rows: _Rows) -> tuple[Interval, list[Factor]]:
    """Power over rated power at a utilisation; the rows that say so."""
    if device.kind == "cpu":
        points = [(at, rows[f"hardware/cpu/{part}"]) for at, part in _CURVE]
        ends = [_on_curve(points, at) for at in used[:3]]
        by = [row for _, row in points]
    else:
        idle = rows["power_model/gpu/idle"]
        full = rows[f"hardware/gpu/{'average' if device.rating == 'average_measured' else 'full'}"]
        ends = [_between(idle.value, full.value, at) for at in used[:3]]
        by = [idle, full]
    return ordered(ends[0].low, ends[1].central, ends[2].high, "envelope"), by


def _between(below: Interval, above: Interval, part: float) -> Interval:
    """On a straight line from one range to another."""
    low, central, high = (
        start + (end - start) * part for start, end in zip(below[:3], above[:3], strict=True)
    )  # fmt: skip
    return ordered(low, central, high, "envelope")


def _on_curve(points: list[tuple[float, Factor]], at: float) -> Interval:
    for (start, below), (end, above) in itertools.pairwise(points):
        if at <= end:
            return _between(below.value, above.value, (at - start) / (end - start))
    return points[-1][1].value


def _about(device: Device, ratio: Interval) -> Assumed:
    note = f" ({device.note})" if device.note else ""
    why = f"catalogue power of {device.name}{note}: {device.rating} × {ratio.central:.2g} at this utilisation"
    return Assumed(f"{device.kind}_power_w", product(device.rated_w, ratio), device.factor, why)


def _about_ratio(device: Device, row: Factor) -> Assumed:
    return Assumed(f"{device.kind}_{row.part}", row.value, row.id, f"{row.scope}: {row.note}")


def _about_overhead(row: Factor, named: list[Device]) -> Assumed:
    both = {"gpu", "cpu"} <= {one.kind for one in named}
    beside = "memory" if both else "memory and other processors"
    why = f"power supply, fans and board of a server are added; not its {beside}"
    return Assumed("overhead", row.value, row.id, why)
