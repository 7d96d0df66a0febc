"""Parts that the power model stands in for: processors and memory that nothing measures."""

import itertools
import math

from footprint import attribution, power_model
from footprint.account.part import Part
from footprint.collectors.channel import Channel
from footprint.factors import Catalogue
from footprint.interval import Interval, scaled
from footprint.records.raw import RawRun

_WHOLE = {"cpu": "package-", "dram": "dram-"}
"""How the channels are called that make up a kind; cores and the like are inside them."""


def modelled_parts(raw: RawRun, catalogue: Catalogue, read: tuple[Channel, ...], unread: tuple[str, ...]) -> list[Part]:
    """Processors and memory that are neither measured nor inside a board that is.

    Where some sockets (or memory channels) are read and others are not, each of the others is its equal part of the
    machine.
    """
    parts: list[Part] = []
    if any(channel.kind == "board" for channel in read):
        return parts
    seconds = [after.t_s - before.t_s for before, after in itertools.pairwise(raw.frames)]
    loads = _loads(raw, seconds)
    for kind in _WHOLE:
        measured = [channel for channel in read if channel.kind == kind]
        missing = _missing(raw, kind, {channel.name for channel in measured}, unread) if measured else [kind]
        share = 1.0 / (len(measured) + len(missing))
        powers = [scaled(_power(raw, catalogue, kind, load), share) for load in loads]
        idle_w = _power(raw, catalogue, kind, 0.0).central * share
        parts += [_part(kind, name, powers, seconds, idle_w) for name in missing]
    return parts


def _missing(raw: RawRun, kind: str, measured: set[str], unread: tuple[str, ...]) -> list[str]:
    """Sockets or memory channels that exist and were not read."""
    refused = [refusal.channel for refusal in raw.head.refusals if refusal.kind == kind]
    names = [name for name in (*refused, *unread) if name.startswith(_WHOLE[kind]) and not _is_read(name, measured)]
    return list(dict.fromkeys(names))


def _is_read(name: str, measured: set[str]) -> bool:
    """Whether a socket was read: itself, or its dies in another way than the one that does not know of them."""
    return name in measured or any(one.startswith(f"{name}-die-") for one in measured)


def _power(raw: RawRun, catalogue: Catalogue, kind: str, load: float) -> Interval:
    """Power (W) of all processors, or of all memory, at a load of 0 to 1."""
    if kind == "cpu":
        return power_model.cpu_power(raw.head.host, load, catalogue)
    return power_model.dram_power(raw.head.host, catalogue, load)


def _loads(raw: RawRun, seconds: list[float]) -> list[float]:
    """Busy share of all logical CPUs in each slice."""
    cpus = raw.head.host.logical_cpus
    return [
        min(1.0, attribution.cpu_use(before, after).host_s / (s * cpus)) if s > 0 else 0.0
        for (before, after), s in zip(itertools.pairwise(raw.frames), seconds, strict=True)
    ]


def _part(kind: str, name: str, powers: list[Interval], seconds: list[float], idle_w: float) -> Part:
    slices_j = tuple(power.central * s for power, s in zip(powers, seconds, strict=True))
    host_j = Interval(
        math.fsum(power.low * s for power, s in zip(powers, seconds, strict=True)),
        math.fsum(slices_j),
        math.fsum(power.high * s for power, s in zip(powers, seconds, strict=True)),
        powers[0].kind if powers else "envelope",
    )
    return Part(kind, name, "model", "modelled", "model", slices_j, host_j, idle_w, "modelled", 1.0)
