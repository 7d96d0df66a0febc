"""The parts of a host's energy during a run: what was measured, and what is modelled in its stead."""

import itertools
import math
from typing import NamedTuple

from footprint import attribution, power_model
from footprint.collectors.channel import Channel
from footprint.collectors.plan import counted
from footprint.energy import ChannelEnergy, channel_energy, lowest_power
from footprint.factors import Catalogue, find_sensor
from footprint.interval import Interval
from footprint.records.gap import Gap
from footprint.records.raw import RawRun


class Part(NamedTuple):
    """One source of energy, slice by slice, with its error."""

    kind: str
    channel: str
    method: str
    quality: str
    sensor: str
    """Sources with one sensor class share their error."""
    slices_j: tuple[float, ...]
    host_j: Interval
    idle_w: float
    idle_how: str
    coverage: float
    gaps: tuple[Gap, ...] = ()
    note: str = ""


class Parts(NamedTuple):
    """All parts of a run but the overhead, and what could not be had."""

    parts: tuple[Part, ...]
    unread: tuple[tuple[str, str], ...]
    """(channel, why) for channels that gave no energy."""
    gaps: tuple[Gap, ...]


def parts_of(raw: RawRun, catalogue: Catalogue) -> Parts:
    """Measured parts first; the model stands in for CPU and memory where nothing measures them."""
    channels = counted(raw.head.channels)
    energies: dict[str, ChannelEnergy] = {}
    unread: list[tuple[str, str]] = []
    for channel in channels:
        index = raw.head.channels.index(channel)
        energy = channel_energy(index, channel, raw.frames, raw.edges, raw.events)
        if energy is None:
            said = [event.why for event in raw.events if event.channel == channel.name]
            unread.append((channel.name, said[-1] if said else "too few readings came"))
        else:
            energies[channel.name] = energy
    read = tuple(channel for channel in channels if channel.name in energies)
    energies = _without_contained(read, energies, unread)
    read = tuple(channel for channel in read if channel.name in energies)
    measured = [_measured(channel, energies[channel.name], raw, catalogue) for channel in read]
    modelled = _modelled(raw, catalogue, {channel.kind for channel in read})
    duration_s = raw.frames[-1].t_s
    left = tuple(
        Gap(name, 0.0, duration_s, why, "model" if _kind(channels, name) in {"cpu", "dram"} else "none")
        for name, why in unread
    )
    gaps = left + tuple(gap for part in measured for gap in part.gaps)
    return Parts(tuple(measured + modelled), tuple(unread), gaps)


def _kind(channels: tuple[Channel, ...], name: str) -> str:
    return next(channel.kind for channel in channels if channel.name == name)


def _without_contained(
    read: tuple[Channel, ...], energies: dict[str, ChannelEnergy], unread: list[tuple[str, str]]
) -> dict[str, ChannelEnergy]:
    """A board channel holds others: only what it counts beyond them is its own part."""
    result = dict(energies)
    for board in read:
        inside = [channel.name for channel in read if channel.inside == board.thing]
        if not inside:
            continue
        own = energies[board.name]
        beyond = [
            max(0.0, whole - math.fsum(energies[name].slices_j[number] for name in inside))
            for number, whole in enumerate(own.slices_j)
        ]
        beyond_j = own.total_j - math.fsum(energies[name].total_j for name in inside)
        if beyond_j < 0:
            del result[board.name]
            unread.append((board.name, f"it counted less than {' and '.join(inside)}, which it should contain"))
            continue
        scale = beyond_j / math.fsum(beyond) if math.fsum(beyond) > 0 else 0.0
        result[board.name] = own._replace(slices_j=tuple(value * scale for value in beyond))
    return result


def _measured(channel: Channel, energy: ChannelEnergy, raw: RawRun, catalogue: Catalogue) -> Part:
    gain = find_sensor(catalogue.factors, channel.sensor)
    total_j = energy.total_j
    low = max(0.0, total_j * gain.low - energy.below_j)
    host_j = Interval(low, total_j, total_j * gain.high + energy.above_j, gain.kind)
    idle_w, how = _idle(channel, energy.slices_j, raw, catalogue)
    return Part(
        channel.kind, channel.name, channel.method, "measured", channel.sensor,
        energy.slices_j, host_j, idle_w, how, energy.coverage, energy.gaps,
    )  # fmt: skip


def _idle(channel: Channel, slices_j: tuple[float, ...], raw: RawRun, catalogue: Catalogue) -> tuple[float, str]:
    """Idle power: calibrated or the lowest seen on this host, else modelled and never above what was seen now."""
    known = raw.head.idle.get(channel.name)
    lowest_w = lowest_power(slices_j, raw.frames, 0.2)
    if known is not None:
        return min(known.power_w, lowest_w), known.how
    model = power_model.idle_power(channel.kind, channel.limit_w, raw.head.host, catalogue)
    return min(model.central, lowest_w), "modelled"


def _modelled(raw: RawRun, catalogue: Catalogue, measured: set[str]) -> list[Part]:
    """CPU and memory by the model, where neither they nor the board that contains them are measured."""
    parts: list[Part] = []
    if "board" in measured:
        return parts
    host = raw.head.host
    seconds = [after.t_s - before.t_s for before, after in itertools.pairwise(raw.frames)]
    loads = [
        min(1.0, attribution.cpu_use(before, after).host_s / (s * host.logical_cpus)) if s > 0 else 0.0
        for (before, after), s in zip(itertools.pairwise(raw.frames), seconds, strict=True)
    ]
    if "cpu" not in measured:
        powers = [power_model.cpu_power(host, load, catalogue) for load in loads]
        idle_w = power_model.cpu_power(host, 0.0, catalogue).central
        parts.append(_model_part("cpu", powers, seconds, idle_w))
    if "dram" not in measured:
        powers = [power_model.dram_power(host, catalogue, load) for load in loads]
        idle_w = power_model.dram_power(host, catalogue, 0.0).central
        parts.append(_model_part("dram", powers, seconds, idle_w))
    return parts


def _model_part(kind: str, powers: list[Interval], seconds: list[float], idle_w: float) -> Part:
    slices_j = tuple(power.central * s for power, s in zip(powers, seconds, strict=True))
    host_j = Interval(
        math.fsum(power.low * s for power, s in zip(powers, seconds, strict=True)),
        math.fsum(slices_j),
        math.fsum(power.high * s for power, s in zip(powers, seconds, strict=True)),
        powers[0].kind if powers else "envelope",
    )
    return Part(kind, kind, "model", "modelled", "model", slices_j, host_j, idle_w, "modelled", 1.0)
