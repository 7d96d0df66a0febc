"""The job's part of each source of energy, and its sums up to the wall."""

import itertools
import math
from collections.abc import Iterable
from typing import NamedTuple

from footprint import attribution
from footprint.account.part import Part
from footprint.attribution import CpuUse
from footprint.interval import Interval, common_total, ordered, product, total, weakest
from footprint.records.raw import Frame, GpuShare, RawRun
from footprint.records.result import Component

_PROXY = 0.2
"""CPU time stands for dynamic power: two jobs' seconds may differ this much in watts (docs/method.md)."""


class Share(NamedTuple):
    """A source's energy that is the job's, slice by slice."""

    part: Part
    slices_j: tuple[float, ...]
    job_j: Interval
    idle_slices_j: tuple[float, ...] = ()
    """What of ``slices_j`` is idle energy: what the source draws when nothing works, as far as the run bears it."""


def shares_of(raw: RawRun, parts: tuple[Part, ...]) -> tuple[Share, ...]:
    """The job's part of every source, by the run's idle policy."""
    gpu_numbers = {
        channel.name: number
        for number, channel in enumerate(channel for channel in raw.head.channels if channel.kind == "gpu")
    }
    uses = _uses(raw)
    return tuple(
        _gpu_share(raw, part, gpu_numbers[part.channel]) if part.kind == "gpu" else _cpu_share(raw, part, uses)
        for part in parts
    )


def _pairs(frames: tuple[Frame, ...]) -> Iterable[tuple[Frame, Frame]]:
    return itertools.pairwise(frames)


def _cpu_share(raw: RawRun, part: Part, uses: tuple[CpuUse, ...]) -> Share:
    """By CPU time: for packages, memory, boards and what else serves the CPU."""
    head, policy = raw.head, raw.head.settings.idle
    slices_j, idle_slices_j = [], []
    for host_j, use, (before, after) in zip(part.slices_j, uses, _pairs(raw.frames), strict=True):
        held = attribution.held_cpu(head.allocation, head.host.logical_cpus, alone=after.alone)
        if part.kind == "dram":
            held = attribution.held_memory(head.allocation, head.host.memory_gb, held)
        idle_j = part.idle_w * (after.t_s - before.t_s)
        # use is by the run's weight already; what is held alone is shared with the runs that overlap in this process
        held_share = attribution.held_share(held, use) * (after.weight if held.alone else 1.0)
        slices_j.append(attribution.job_energy(host_j, idle_j, use.share, held_share, policy))
        idle_slices_j.append(attribution.job_energy(min(host_j, idle_j), idle_j, use.share, held_share, policy))
    job_j = math.fsum(slices_j)
    return Share(part, tuple(slices_j), _with_error(raw, part, job_j, _whole(uses)), tuple(idle_slices_j))


def _with_error(raw: RawRun, part: Part, job_j: float, use: CpuUse) -> Interval:
    """The job's energy with the error of the source, of the clock ticks, and of CPU time as a stand-in for power."""
    low_share, high_share = attribution.share_bounds(use, raw.head.host.logical_cpus)
    if job_j == 0:
        return Interval(0.0, 0.0, part.host_j.high * high_share, weakest((part.host_j.kind, "envelope")))
    others = 1.0 - use.share
    dynamic = 1.0 - min(1.0, part.idle_w * raw.frames[-1].t_s / part.host_j.central) if part.host_j.central else 0.0
    proxy = _PROXY * others * dynamic
    low = (low_share / use.share if use.share else 0.0) * (1.0 - proxy)
    high = (high_share / use.share if use.share else 1.0) * (1.0 + proxy)
    if raw.head.settings.idle in {"all", "reserved"} and (raw.head.settings.idle == "all" or raw.frames[-1].alone):
        low, high = 1.0 - proxy, 1.0 + proxy
    return _scaled_like(part, job_j, low, high)


def _scaled_like(part: Part, job_j: float, low: float, high: float) -> Interval:
    """A job's energy whose relative error is its source's, times the bounds of its share; never above the host's."""
    host = part.host_j
    below = host.low / host.central if host.central else 1.0
    above = host.high / host.central if host.central else 1.0
    kind = host.kind if low == high == 1.0 else weakest((host.kind, "envelope"))
    return ordered(job_j * below * low, job_j, min(host.high, job_j * above * high), kind)


def run_use(raw: RawRun) -> CpuUse:
    """CPU seconds over the whole run."""
    return _whole(_uses(raw))


def _uses(raw: RawRun) -> tuple[CpuUse, ...]:
    """CPU seconds, slice by slice."""
    return tuple(attribution.cpu_use(before, after) for before, after in _pairs(raw.frames))


def _whole(uses: tuple[CpuUse, ...]) -> CpuUse:
    return CpuUse(math.fsum(use.job_s for use in uses), math.fsum(use.host_s for use in uses))


def _gpu_share(raw: RawRun, part: Part, number: int) -> Share:
    """By SM time and contexts."""
    allocated = raw.head.allocation.gpus
    visible = None if allocated is None else part.channel in allocated
    slices_j, idle_slices_j, told = [], [], True
    for host_j, (before, after) in zip(part.slices_j, _pairs(raw.frames), strict=True):
        gpu = attribution.gpu_use(_gpu_at(before, number), _gpu_at(after, number))
        share = attribution.gpu_part(gpu, visible=visible)
        told = told and share.told
        idle_j = part.idle_w * (after.t_s - before.t_s)
        policy = raw.head.settings.idle
        job_j = attribution.job_energy(host_j, idle_j, share.share, share.held, policy)
        slices_j.append(job_j * after.weight)
        idle_j = attribution.job_energy(min(host_j, idle_j), idle_j, share.share, share.held, policy)
        idle_slices_j.append(idle_j * after.weight)
    job_j = math.fsum(slices_j)
    low = 1.0 if told else 0.0
    return Share(part, tuple(slices_j), _scaled_like(part, job_j, low, 1.0), tuple(idle_slices_j))


def _gpu_at(frame: Frame, number: int) -> GpuShare | None:
    return frame.gpus[number] if number < len(frame.gpus) else None


def component(share: Share) -> Component:
    """A source as the result shows it: host = job + rest."""
    part = share.part
    host_j, job_j = part.host_j, share.job_j
    rest_j = _rest(host_j, job_j)
    return Component(
        part.kind, part.channel, part.method, part.quality, host_j, job_j, rest_j, part.coverage, part.note
    )


def overhead(shares: tuple[Share, ...], ratio: Interval) -> Component:
    """From the components to the wall: power supply, fans, board, network card, disks."""
    host_j = product(summed([share.part.host_j for share in shares], shares), ratio)
    job_j = product(summed([share.job_j for share in shares], shares), ratio)
    return Component("overhead", "overhead", "model", "modelled", host_j, job_j, _rest(host_j, job_j), 1.0)


def _rest(host_j: Interval, job_j: Interval) -> Interval:
    """What of the host's energy is not this job's: host = job + rest, in central values."""
    rest = max(0.0, host_j.central - job_j.central)
    return ordered(max(0.0, host_j.low - job_j.high), rest, max(rest, host_j.high - job_j.low), job_j.kind)


def summed(amounts: list[Interval], shares: tuple[Share, ...]) -> Interval:
    """A sum over sources: sources of one sensor class share their error, classes are independent."""
    classes: dict[str, list[Interval]] = {}
    for amount, share in zip(amounts, shares, strict=True):
        classes.setdefault(share.part.sensor, []).append(amount)
    return total(common_total(group) for group in classes.values())
