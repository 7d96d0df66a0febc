"""The job's part of each source of energy, and its sums up to the wall."""

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from footprint import attribution
from footprint.account.part import Part
from footprint.attribution import CpuUse, Held
from footprint.interval import Interval, common_total, exact, ordered, product, total, weakest
from footprint.power_model import Overhead
from footprint.records.raw import Frame, GpuShare, RawRun
from footprint.records.result import Component

_PROXY = 0.2
"""CPU time stands for dynamic power: two jobs' seconds may differ this much in watts (docs/method-attribution.md)."""


_HOLDING = ("reserved", "all")
"""Policies under which a run bears idle energy for what it holds, and not for what it does."""
_GIVEN = ("slurm", "container")
"""Who gives GPUs to all that live in an allocation, and not to one process."""


class Share(NamedTuple):
    """A source's energy that is the job's, slice by slice."""

    part: Part
    slices_j: tuple[float, ...]
    job_j: Interval
    idle_slices_j: tuple[float, ...] = ()
    """What of ``slices_j`` is idle energy: what the source draws when nothing works, as far as the run bears it."""
    held_idle_j: float = 0.0
    """What of that is for the time in which what the run holds stood still."""
    held: float = 0.0
    """The job's part of the source itself over the run's time, 0 to 1: as it bears idle energy, else as it uses."""


class _Claim(NamedTuple):
    """What a run may claim of a source in a slice: of what is used, and of what is held."""

    share: float
    held: float
    used: float
    """How busy was what it holds, by whomever, 0 to 1."""
    weight: float = 1.0
    """Below 1 where runs of one process overlap."""
    told: bool = True


def shares_of(raw: RawRun, parts: tuple[Part, ...]) -> tuple[Share, ...]:
    """The job's part of every source, by the run's idle policy."""
    gpu_numbers = {
        channel.name: number
        for number, channel in enumerate(channel for channel in raw.head.channels if channel.kind == "gpu")
    }
    uses, use = _uses(raw), run_use(raw)
    by_kind, least_by_kind = _claims_by_kind(raw, uses), {}
    if raw.head.host.hides_load:
        least_by_kind = _claims_by_kind(raw, _uses_beside_the_most(raw, uses))
    shares = []
    for part in parts:
        kind = part.kind if part.kind in by_kind else "cpu"
        if part.kind == "gpu":
            shares.append(_gpu_share(raw, part, _gpu_claims(raw, part.channel, gpu_numbers[part.channel])))
        else:
            least = least_by_kind.get(kind) if part.quality != "modelled" else None
            shares.append(_cpu_share(raw, part, by_kind[kind], use, least))
    return tuple(shares)


def _claims_by_kind(raw: RawRun, uses: tuple[CpuUse, ...]) -> dict[str, tuple[_Claim, ...]]:
    return {"dram": _memory_claims(raw, uses), "cpu": _cpu_claims(raw, uses)}


def _uses_beside_the_most(raw: RawRun, uses: tuple[CpuUse, ...]) -> tuple[CpuUse, ...]:
    """The same, if all CPUs that are not seen were busy throughout: others may be, where a container hides them."""
    cpus = raw.head.host.logical_cpus
    return tuple(
        CpuUse(use.job_s, max(use.host_s, cpus * (after.t_s - before.t_s)))
        for use, (before, after) in zip(uses, _pairs(raw.frames), strict=True)
    )


def _pairs(frames: tuple[Frame, ...]) -> Iterable[tuple[Frame, Frame]]:
    return itertools.pairwise(frames)


def _cpu_claims(raw: RawRun, uses: tuple[CpuUse, ...]) -> tuple[_Claim, ...]:
    """By CPU time: of packages, boards and what else serves the CPU."""
    head, claims = raw.head, []
    for use, (before, after) in zip(uses, _pairs(raw.frames), strict=True):
        held = attribution.held_cpu(head.allocation, head.host.logical_cpus, after)
        claims.append(_claim(held, use, attribution.use_of_held(before, after), (before, after), raw))
    return tuple(claims)


def _memory_claims(raw: RawRun, uses: tuple[CpuUse, ...]) -> tuple[_Claim, ...]:
    """By CPU time as for what is used, by the limit of memory for what is held."""
    head, claims = raw.head, []
    for use, (before, after) in zip(uses, _pairs(raw.frames), strict=True):
        held = attribution.held_memory(head.allocation, head.host.memory_gb, after)
        among = attribution.use_of_memory(before, after) if head.allocation.memory_gb is not None else None
        claims.append(_claim(held, use, among, (before, after), raw))
    return tuple(claims)


def _claim(held: Held, use: CpuUse, among: CpuUse | None, pair: tuple[Frame, Frame], raw: RawRun) -> _Claim:
    """What is held is told of all runs that overlap in this process together, and divided by the run's weight."""
    before, after = pair
    weight = after.weight if after.weight > 0 else 1.0
    together = CpuUse(use.job_s / weight, use.host_s)
    there = None if among is None else CpuUse(among.job_s / weight, among.host_s)
    held_share = attribution.held_share(held, together, there) * weight
    of_own = held.alone or there is not None
    cpus = raw.head.allocation.cpus if of_own else float(raw.head.host.logical_cpus)
    busy = CpuUse(together.job_s, together.job_s) if held.alone else there or together
    return _Claim(use.share, held_share, attribution.used_part(busy, cpus, after.t_s - before.t_s))


def _pieces(
    part: Part, idle_w: float, claims: tuple[_Claim, ...], raw: RawRun
) -> tuple[list[float], list[float], float]:
    """The job's energy slice by slice, what of it is idle energy, and what of that stood still."""
    policy, slices_j, idle_slices_j, stood_j = raw.head.settings.idle, [], [], []
    slices = zip(part.slices_j, claims, _pairs(raw.frames), strict=True)
    for number, (host_j, claim, (before, after)) in enumerate(slices):
        idle_j = part.idle_j(number, after.t_s - before.t_s, idle_w)
        slices_j.append(attribution.job_energy(host_j, idle_j, claim.share, claim.held, policy) * claim.weight)
        idle_slices_j.append(attribution.job_energy(idle_j, idle_j, claim.share, claim.held, policy) * claim.weight)
        stood_j.append(idle_slices_j[-1] * (1.0 - claim.used))
    return slices_j, idle_slices_j, math.fsum(stood_j) if policy in _HOLDING else 0.0


def _share(part: Part, claims: tuple[_Claim, ...], raw: RawRun, low: float, high: float) -> Share:
    """The job's part of a source; ``low`` and ``high`` bound it beside the source's own error."""
    slices_j, idle_slices_j, stood_j = _pieces(part, part.idle_w, claims, raw)
    job_j = math.fsum(slices_j)
    if job_j > 0 and part.idle_range_w is not None:
        # where a run holds another part than it uses, what is idle and what is not changes its energy
        others_j = [math.fsum(_pieces(part, idle_w, claims, raw)[0]) for idle_w in part.idle_range_w]
        spread = [round(other_j / job_j, 12) for other_j in others_j]
        low, high = low * min(1.0, *spread), high * max(1.0, *spread)
    job = _scaled_like(part, job_j, low, high)
    return Share(part, tuple(slices_j), job, tuple(idle_slices_j), stood_j, _held_part(claims, raw))


def _held_part(claims: tuple[_Claim, ...], raw: RawRun) -> float:
    """What the job holds of a source, by time; under policies without idle energy, what it uses."""
    policy, seconds = raw.head.settings.idle, [after.t_s - before.t_s for before, after in _pairs(raw.frames)]
    parts = [
        claim.weight * {"reserved": claim.held, "all": 1.0}.get(policy, claim.share) * slice_s
        for claim, slice_s in zip(claims, seconds, strict=True)
    ]
    return min(1.0, math.fsum(parts) / math.fsum(seconds)) if math.fsum(seconds) > 0 else 0.0


def _cpu_share(
    raw: RawRun, part: Part, claims: tuple[_Claim, ...], use: CpuUse, least: tuple[_Claim, ...] | None = None
) -> Share:
    """With the error of the clock ticks, and of CPU time as a stand-in for power.

    ``least``: what it may claim at least, where the rest of the machine is hidden.
    """
    low_share, high_share = attribution.share_bounds(use, raw.head.host.logical_cpus)
    others = 1.0 - use.share
    idle_j = math.fsum(
        part.idle_j(number, after.t_s - before.t_s, part.idle_w)
        for number, (before, after) in enumerate(_pairs(raw.frames))
    )
    dynamic = 1.0 - min(1.0, idle_j / part.host_j.central) if part.host_j.central else 0.0
    proxy = _PROXY * others * dynamic
    low = (low_share / use.share if use.share else 0.0) * (1.0 - proxy)
    high = (high_share / use.share if use.share else 1.0) * (1.0 + proxy)
    if raw.head.settings.idle in {"all", "reserved"} and (raw.head.settings.idle == "all" or raw.frames[-1].alone):
        low, high = 1.0 - proxy, 1.0 + proxy
    if least is not None:
        central_j, least_j = (math.fsum(_pieces(part, part.idle_w, one, raw)[0]) for one in (claims, least))
        low *= min(1.0, least_j / central_j) if central_j > 0 else 1.0
    share = _share(part, claims, raw, low, high)
    if share.job_j.central == 0:
        nothing = Interval(0.0, 0.0, part.host_j.high * high_share, weakest((part.host_j.kind, "envelope")))
        return share._replace(job_j=nothing)
    return share


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


def _gpu_claims(raw: RawRun, channel: str, number: int) -> tuple[_Claim, ...]:
    """By SM time and contexts; by CPU time in its allocation where nothing else tells."""
    allocation, claims = raw.head.allocation, []
    visible = None if allocation.gpus is None else channel in allocation.gpus
    for before, after in _pairs(raw.frames):
        gpu = attribution.gpu_use(_gpu_at(before, number), _gpu_at(after, number))
        by_time = attribution.part_in_allocation(allocation, before, after)
        given = allocation.gpus_how in _GIVEN
        whole = allocation.gpu_parts.get(channel, 1.0) * attribution.part_among_holders(before, after, number)
        part = attribution.gpu_part(gpu, visible=visible, by_time=by_time, given=given, whole=whole)
        used = 1.0 if gpu is None or gpu.util is None else min(1.0, gpu.util)
        claims.append(_Claim(part.share, part.held, used, after.weight, part.told))
    return tuple(claims)


def _gpu_share(raw: RawRun, part: Part, claims: tuple[_Claim, ...]) -> Share:
    """Where the driver does not say who uses a GPU, it may be nobody's of this job, or all."""
    if all(claim.told for claim in claims):
        return _share(part, claims, raw, 1.0, 1.0)
    share = _share(part, claims, raw, 0.0, 1.0)
    high_j = max(share.job_j.high, part.host_j.high)
    return share._replace(job_j=Interval(0.0, share.job_j.central, high_j, weakest((part.host_j.kind, "envelope"))))


def _gpu_at(frame: Frame, number: int) -> GpuShare | None:
    return frame.gpus[number] if number < len(frame.gpus) else None


def component(share: Share) -> Component:
    """A source as the result shows it: host = job + rest."""
    part = share.part
    host_j, job_j = part.host_j, share.job_j
    rest_j = _rest(host_j, job_j)
    return Component(
        part.kind, part.channel, part.method, part.quality, host_j, job_j, rest_j, part.coverage, part.note,
        _part_of(job_j, share.held_idle_j),
    )  # fmt: skip


def overhead(shares: tuple[Share, ...], lies_between: Overhead, seconds: Sequence[float]) -> Component:
    """From the components to the wall: power supply, fans, board, network card, disks.

    What of it is constant is the job's, slice by slice, as far as the components' energy is; ``seconds`` are theirs.
    """
    host_j = lies_between.beyond(summed([share.part.host_j for share in shares], shares), math.fsum(seconds))
    summed_j = summed([share.job_j for share in shares], shares)
    job_j = common_total((product(summed_j, lies_between.share), _constant(shares, summed_j, lies_between, seconds)))
    most_j, high_j = host_j.central, host_j.high
    job_j = ordered(min(job_j.low, high_j), min(job_j.central, most_j), min(job_j.high, high_j), job_j.kind)
    components_j = math.fsum(share.job_j.central for share in shares)
    stood = math.fsum(share.held_idle_j for share in shares) / components_j if components_j > 0 else 0.0
    return Component(
        "overhead", "overhead", "model", "modelled", host_j, job_j, _rest(host_j, job_j), 1.0,
        held_idle_j=_part_of(job_j, stood * job_j.central),
    )  # fmt: skip


def _constant(
    shares: tuple[Share, ...], summed_j: Interval, lies_between: Overhead, seconds: Sequence[float]
) -> Interval:
    """The job's part of the constant power: that of the components' energy in each slice, with its relative error."""
    held_s = []
    for number, slice_s in enumerate(seconds):
        whole_j = math.fsum(share.part.slices_j[number] for share in shares)
        job_j = math.fsum(share.slices_j[number] for share in shares)
        held_s.append(slice_s * min(1.0, job_j / whole_j) if whole_j > 0 else 0.0)
    job_s, all_s = math.fsum(held_s), math.fsum(seconds)
    low, high = job_s, job_s
    if summed_j.central > 0:
        low, high = job_s * summed_j.low / summed_j.central, min(all_s, job_s * summed_j.high / summed_j.central)
    return product(ordered(low, job_s, high, "envelope"), lies_between.base_w)


def _part_of(job_j: Interval, part_j: float) -> Interval:
    """A part of the job's energy, with its relative error."""
    if part_j <= 0 or job_j.central <= 0:
        return exact(0.0)
    part = part_j / job_j.central
    return ordered(job_j.low * part, part_j, job_j.high * part, weakest((job_j.kind, "envelope")))


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
