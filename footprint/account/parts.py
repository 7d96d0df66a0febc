"""The parts of a host's energy during a run: what was measured, and what is modelled in its stead."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from footprint import power_model
from footprint.account.modelled import modelled_parts
from footprint.account.part import Part
from footprint.account.typed import TYPED, gain_of, refused, typed_energy
from footprint.collectors.channel import Channel
from footprint.collectors.plan import counted, inside_the_whole
from footprint.energy import ChannelEnergy, channel_energy
from footprint.factors import Catalogue, gain_of_channel
from footprint.interval import Interval, common_total
from footprint.quiet import most_idle_j
from footprint.records.gap import Gap
from footprint.records.raw import RawRun

_KNOWN_WITHIN = {"calibrated": (0.9, 1.1), "lowest-seen": (0.5, 1.0)}
"""Idle power over what is kept of it: it drifts with temperature, and what was seen in passing was not all idle."""


class Parts(NamedTuple):
    """All parts of a run but the overhead, and what could not be had."""

    parts: tuple[Part, ...]
    unread: tuple[tuple[str, str], ...]
    """(channel, why) for channels that gave no energy."""
    gaps: tuple[Gap, ...]


class _Own(NamedTuple):
    """What a channel counted beyond what is read inside it."""

    energy: ChannelEnergy
    inside_j: float
    """What was taken off for those inside it."""
    inside: tuple[Channel, ...]


def parts_of(raw: RawRun, catalogue: Catalogue) -> Parts:
    """Measured parts first; the model stands in for CPU and memory where nothing measures them.

    What a person typed from a meter at the wall contains them all; where it cannot be true, it is not used.
    """
    energies, unread = _energies(raw)
    parts = _parts(raw, catalogue, raw.head.channels, energies, unread)
    if raw.head.wall is None:
        return parts
    energy = typed_energy(raw.head.wall, parts.parts, raw, catalogue)
    if isinstance(energy, str):
        gaps = (refused(energy, raw), *parts.gaps)
        return parts._replace(unread=(*parts.unread, (TYPED.name, energy)), gaps=gaps)
    channels = inside_the_whole((*raw.head.channels, TYPED))
    return _parts(raw, catalogue, channels, {**energies, TYPED.name: energy}, unread)


def _energies(raw: RawRun) -> tuple[dict[str, ChannelEnergy], list[tuple[str, str]]]:
    """(energy by channel, (channel, why) of those that gave none)."""
    energies: dict[str, ChannelEnergy] = {}
    unread: list[tuple[str, str]] = []
    for channel in counted(raw.head.channels):
        index = raw.head.channels.index(channel)
        energy = channel_energy(index, channel, raw.frames, raw.edges, raw.events)
        if energy is None:
            said = [event.why for event in raw.events if event.channel == channel.name]
            unread.append((channel.name, said[-1] if said else "too few readings came"))
        else:
            energies[channel.name] = energy
    return energies, unread


def _parts(
    raw: RawRun, catalogue: Catalogue, all_channels: tuple[Channel, ...],
    energies: Mapping[str, ChannelEnergy], not_read: list[tuple[str, str]],
) -> Parts:  # fmt: skip
    channels, unread = counted(all_channels), list(not_read)
    read = tuple(channel for channel in channels if channel.name in energies)
    own = _without_contained(read, all_channels, energies, unread)
    read = tuple(channel for channel in read if channel.name in own)
    measured = [_measured(channel, own[channel.name], raw, catalogue) for channel in read]
    modelled = modelled_parts(raw, catalogue, read, tuple(name for name, _ in unread))
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
    read: tuple[Channel, ...],
    channels: tuple[Channel, ...],
    energies: Mapping[str, ChannelEnergy],
    unread: list[tuple[str, str]],
) -> dict[str, _Own]:
    """A board channel holds others: only what it counts beyond them is its own part. Inner boards come first."""
    outer = {channel.thing: channel.inside for channel in channels}
    kept = {channel.name: channel for channel in read}
    result = {name: _Own(energy, 0.0, ()) for name, energy in energies.items()}
    for board in sorted(read, key=lambda channel: -_depth(channel.thing, outer)):
        things = {channel.thing for channel in kept.values()}
        inside = [channel for channel in kept.values() if _container(channel, outer, things) == board.thing]
        if not inside:
            continue
        contents = [energies[channel.name] for channel in inside]
        inside_j = math.fsum(energy.total_j for energy in contents)
        beyond = _beyond(energies[board.name], contents, inside_j)
        if beyond is None and board is TYPED:  # it was looked at already: it is less by no more than the errors allow
            beyond = energies[board.name]._replace(slices_j=(0.0,) * len(energies[board.name].slices_j))
        if beyond is None:
            del kept[board.name], result[board.name]
            names = " and ".join(channel.name for channel in inside)
            unread.append((board.name, f"it counted less than {names}, which it should contain"))
        else:
            result[board.name] = _Own(beyond, inside_j, tuple(inside))
    return result


def _container(channel: Channel, outer: Mapping[str, str | None], things: set[str]) -> str | None:
    """The nearest thing around a channel that was read."""
    thing = channel.inside
    while thing is not None and thing not in things:
        thing = outer.get(thing)
    return thing


def _depth(thing: str, outer: Mapping[str, str | None]) -> int:
    """How many things are around one."""
    inside = outer.get(thing)
    return 0 if inside is None else 1 + _depth(inside, outer)


def _beyond(whole: ChannelEnergy, contents: list[ChannelEnergy], inside_j: float) -> ChannelEnergy | None:
    """What a board counted beyond its contents, slice by slice; None where it counted less."""
    beyond_j = whole.total_j - inside_j
    if beyond_j < 0:
        return None
    slices_j = [
        max(0.0, energy_j - math.fsum(part.slices_j[number] for part in contents))
        for number, energy_j in enumerate(whole.slices_j)
    ]
    sum_j = math.fsum(slices_j)
    scale = beyond_j / sum_j if sum_j > 0 else 0.0
    return whole._replace(slices_j=tuple(value * scale for value in slices_j))


def _measured(channel: Channel, own: _Own, raw: RawRun, catalogue: Catalogue) -> Part:
    """A channel's own part. A board's error is that of all it counted, its contents too: it stays in the difference."""
    gain, energy = _gain(channel, raw, catalogue), own.energy
    total_j = energy.total_j
    low = max(0.0, total_j * gain.low - energy.below_j - own.inside_j * (1 - gain.low))
    high = total_j * gain.high + energy.above_j + own.inside_j * (gain.high - 1)
    host_j = Interval(low, total_j, high, gain.kind)
    idle_w, how, range_w = _idle(channel, own, raw, catalogue)
    quality = "stated" if channel is TYPED else "measured"
    return Part(
        channel.kind, channel.name, channel.method, quality, channel.sensor,
        energy.slices_j, host_j, idle_w, how, energy.coverage, energy.gaps,
        idle_range_w=range_w, most_idle_j=most_idle_j(energy.slices_j, raw, channel),
    )  # fmt: skip


def _gain(channel: Channel, raw: RawRun, catalogue: Catalogue) -> Interval:
    """True energy over what a channel counts."""
    if channel is TYPED and raw.head.wall is not None:
        return gain_of(raw.head.wall, catalogue)
    return gain_of_channel(catalogue.factors, channel)


def _idle(channel: Channel, own: _Own, raw: RawRun, catalogue: Catalogue) -> tuple[float, str, tuple[float, float]]:
    """(idle power, how it is known, its range): calibrated, else the lowest seen on this host, else modelled."""
    known = raw.head.idle.get(channel.name)
    inside = [raw.head.idle.get(one.name) for one in own.inside]
    if known is not None and None not in inside:
        beyond_w = known.power_w - math.fsum(one.power_w for one in inside if one is not None)
        idle_w = max(0.0, beyond_w)
        low, high = _KNOWN_WITHIN.get(known.how, _KNOWN_WITHIN["lowest-seen"])
        return idle_w, known.how, (idle_w * low, idle_w * high)
    model = power_model.idle_power(channel.kind, channel.limit_w, raw.head.host, catalogue)
    if channel.kind == "board":
        model = common_total((model, *_idle_inside(own, raw, catalogue)))
    return model.central, "modelled", (model.low, model.high)


def _idle_inside(own: _Own, raw: RawRun, catalogue: Catalogue) -> list[Interval]:
    """Idle power of processors and memory that a board counts and no channel inside it does."""
    kinds = {channel.kind for channel in own.inside}
    cpu, dram = (
        power_model.cpu_power(raw.head.host, 0.0, catalogue),
        power_model.dram_power(raw.head.host, catalogue, 0.0),
    )
    return [power for kind, power in (("cpu", cpu), ("dram", dram)) if kind not in kinds]
