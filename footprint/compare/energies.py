"""The ratio of two runs' energies, without the errors that both share.

    energy of a job = Σ over classes of sensor (own energy × gain of the class) × (1 + overhead)

A class of sensor on one machine has one gain, and a machine one overhead, whatever runs on it: all ends of these are
tried, the same for both runs. What is each run's own (the edges of its readings, CPU time as a stand-in for power) is
taken at opposite ends. The power model's error is shared as far as both runs load the machine alike: by as much as
their modelled powers differ, the ratio is wider.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from footprint.factors import Catalogue, gain_of_channel
from footprint.interval import Interval, is_known, ordered, quotient, weakest
from footprint.records.raw import RawRun
from footprint.records.result import Component, Run

_Key = tuple[str, ...]
_MOST_KEYS = 12
"""Beyond so many classes of sensor (two very unlike machines) the errors are taken as independent."""


Gains = Mapping[str, Mapping[str, Interval]]
"""By run id and channel: true energy over what its class of sensor counts. What lacks is taken as the run's own."""


class EnergyRatio(NamedTuple):
    """B ÷ A."""

    ratio: Interval
    cancelled: tuple[str, ...]


class _Part(NamedTuple):
    """The energy of one class of sensor, J: central, and with the run's own error."""

    central: float
    low: float
    high: float
    gain: Interval
    model_w: float | None
    """Power of the machine by the model; None where it was measured."""


class _Parts(NamedTuple):
    parts: Mapping[_Key, _Part]
    overhead: tuple[_Key, Interval] | None
    """Energy beyond the components over theirs."""


def gains_of(raw: RawRun, catalogue: Catalogue) -> dict[str, Interval]:
    """The gain of each channel's class of sensor."""
    return {channel.name: gain_of_channel(catalogue.factors, channel) for channel in raw.head.channels}


def ratio_of(a: Run, b: Run, gains: Gains) -> EnergyRatio:
    """The ratio of two energies that are known and not zero; what is shared by them is left out of its range."""
    shared = a.host.id == b.host.id and bool(a.host.id)
    one, two = (_parts_of(run, gains.get(run.run_id, {}), shared=shared) for run in (a, b))
    keys = list(dict.fromkeys([*_keys(one), *_keys(two)]))
    if one is None or two is None or len(keys) > _MOST_KEYS or not _sum_of(one) or not _sum_of(two):
        return EnergyRatio(quotient(b.energy.job_kwh, a.energy.job_kwh), ())
    ratios = []
    for ends in itertools.product((0, 2), repeat=len(keys)):
        at = dict(zip(keys, ends, strict=True))
        ratios.append(_energy(two, at) / _energy(one, at))
    low_a, high_a = _own(one)
    low_b, high_b = _own(_widened(two, one))
    central = b.energy.job_kwh.central / a.energy.job_kwh.central
    kind = weakest((a.energy.job_kwh.kind, b.energy.job_kwh.kind, "envelope"))
    ratio = ordered(min(ratios) * low_b / high_a, central, max(ratios) * high_b / low_a, kind)
    return EnergyRatio(ratio, _words(set(_keys(one)) & set(_keys(two))))


def _parts_of(run: Run, gains: Mapping[str, Interval], *, shared: bool) -> _Parts | None:
    """A run's energy by class of sensor; None where its components do not tell."""
    known = [one for one in run.energy.components if is_known(one.job_j)]
    beyond = [one for one in known if one.channel == "overhead"]
    groups: dict[_Key, list[Component]] = {}
    for one in known:
        if one.channel != "overhead":
            told = one.quality == "modelled" or one.channel in gains
            whose = run.host.id if shared and told else run.run_id
            groups.setdefault((whose, one.kind, one.method), []).append(one)
    if not groups:
        return None
    parts = {key: _part(group, gains, run.duration_s) for key, group in groups.items()}
    if not beyond:
        return _Parts(parts, None)
    return _Parts(parts, ((run.host.id if shared else run.run_id, "overhead"), _overhead(beyond[0], known)))


def _part(group: list[Component], gains: Mapping[str, Interval], duration_s: float) -> _Part:
    host = [math.fsum(one.host_j[:3][end] for one in group) for end in range(3)]
    job = [math.fsum(one.job_j[:3][end] for one in group) for end in range(3)]
    gain = _relative(host)
    model_w = host[1] / duration_s if group[0].quality == "modelled" and duration_s > 0 else None
    if model_w is None:
        sensors = [gains[one.channel] for one in group if one.channel in gains]
        gain = _around(sensors) if sensors else gain
    own_low = min(job[1], job[0] / gain.low) if gain.low > 0 else 0.0
    own_high = max(job[1], job[2] / gain.high)
    return _Part(job[1], own_low, own_high, gain, model_w)


def _around(gains: list[Interval]) -> Interval:
    """The range of several gains, over their central value."""
    low, high = min(one.low / one.central for one in gains), max(one.high / one.central for one in gains)
    return ordered(low, 1.0, high, "envelope")


def _widened(two: _Parts, one: _Parts) -> _Parts:
    """The second run's parts, wider by as much as the model gives the machine another power in it."""
    parts = {}
    for key, part in two.parts.items():
        other = one.parts.get(key)
        by = 1.0
        if other is not None and part.model_w and other.model_w:
            by = max(part.model_w / other.model_w, other.model_w / part.model_w)
        parts[key] = part._replace(low=part.low / by, high=part.high * by)
    return _Parts(parts, two.overhead)


def _relative(ends: list[float]) -> Interval:
    """A range over its central value; without an error where that is zero."""
    if not ends[1] > 0:
        return Interval(1.0, 1.0, 1.0, "exact")
    return ordered(ends[0] / ends[1], 1.0, ends[2] / ends[1], "envelope")


def _overhead(beyond: Component, known: Iterable[Component]) -> Interval:
    """Its ratio to the components, each end over the same end: what is left is the ratio's own error."""
    sums = [math.fsum(one.host_j[:3][end] for one in known if one.channel != "overhead") for end in range(3)]
    ends = [beyond.host_j[:3][end] / sums[end] if sums[end] > 0 else 0.0 for end in range(3)]
    return ordered(min(ends), ends[1], max(ends), "envelope")


def _keys(parts: _Parts | None) -> list[_Key]:
    if parts is None:
        return []
    return [*parts.parts, *([parts.overhead[0]] if parts.overhead else [])]


def _sum_of(parts: _Parts) -> float:
    return math.fsum(part.central for part in parts.parts.values())


def _energy(parts: _Parts, at: Mapping[_Key, int]) -> float:
    """The energy (J) where each class of sensor, and the overhead, is at one of its ends."""
    components = math.fsum(part.central * part.gain[:3][at[key]] for key, part in parts.parts.items())
    beyond = parts.overhead[1][:3][at[parts.overhead[0]]] if parts.overhead else 0.0
    return components * (1.0 + beyond)


def _own(parts: _Parts) -> tuple[float, float]:
    """The run's own error: its energy at the lowest and the highest over the central one."""
    whole = _sum_of(parts)
    low = math.fsum(part.low for part in parts.parts.values()) / whole
    high = math.fsum(part.high for part in parts.parts.values()) / whole
    return max(low, 1e-9), high


def _words(keys: Iterable[_Key]) -> tuple[str, ...]:
    """Whose error cancels."""
    said = {f"{key[1]} by {key[2]}" if len(key) > 2 else "overhead of the machine" for key in keys}
    return tuple(sorted(said))
