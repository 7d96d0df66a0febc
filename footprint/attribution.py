"""From the host's energy in a slice to the job's: ``host = job + rest`` (docs/method-attribution.md).

Dynamic energy (above idle) goes by what a job uses: its share of the busy CPU or SM time. Idle energy
goes by the idle policy:

* ``reserved``: by what the job holds; where others live in the same allocation, by busy time;
* ``proportional``: like the dynamic part;
* ``all``: all of it to the job;
* ``none``: none of it.
"""

from typing import NamedTuple

from footprint.records.raw import Allocation, Frame, GpuShare

_TICK_S = 0.01
"""The kernel counts a host's busy time in hundredths of a second."""


class CpuUse(NamedTuple):
    """CPU seconds in a slice: the job's and the whole host's. ``host_s`` is never below ``job_s``."""

    job_s: float
    host_s: float

    @property
    def share(self) -> float:
        """The job's share of the busy time; 0 where nothing was busy."""
        return self.job_s / self.host_s if self.host_s > 0 else 0.0


class Held(NamedTuple):
    """What the job holds of a channel: a fraction, and whether nobody else lives in it.

    ``bounded``: others may hold the same, and nobody can tell: then it is never more than the job's busy share.
    """

    fraction: float
    alone: bool
    bounded: bool = False


def cpu_use(before: Frame, after: Frame) -> CpuUse:
    """CPU seconds between two frames. Where the host's are not visible, the job's stand for them."""
    return _use(before, after, before.host_busy_s, after.host_busy_s)


def use_of_held(before: Frame, after: Frame) -> CpuUse | None:
    """The same, of all that share the job's part of the CPUs; None where that is not told."""
    busy = (before.held.cpu_busy_s, after.held.cpu_busy_s)
    return None if after.held.moved or None in busy else _use(before, after, *busy)


def use_of_memory(before: Frame, after: Frame) -> CpuUse | None:
    """The same, of all that share the job's memory limit; where they are those who share its CPUs, of those."""
    busy = (before.held.memory_busy_s, after.held.memory_busy_s)
    if after.held.moved or None in busy:
        return use_of_held(before, after)
    return _use(before, after, *busy)


def _use(before: Frame, after: Frame, busy_before_s: float | None, busy_after_s: float | None) -> CpuUse:
    whole_job_s = max(0.0, after.job_cpu_s - before.job_cpu_s)
    job_s = whole_job_s * after.weight
    if busy_before_s is None or busy_after_s is None:
        return CpuUse(job_s, job_s)
    return CpuUse(job_s, max(whole_job_s, busy_after_s - busy_before_s))


def held_cpu(allocation: Allocation, logical_cpus: int, after: Frame) -> Held:
    """What the job holds of the CPUs: all of them where no allocation is known, but then never alone.

    What others hold for themselves inside it is not the job's.
    """
    if allocation.how == "unknown" or logical_cpus <= 0 or after.held.moved:
        return Held(1.0, alone=False)
    alone = after.alone and allocation.alone
    cpus = allocation.cpus if alone else max(0.0, allocation.cpus - after.held.inner_cpus)
    told = allocation.how == "whole-host" or after.held.cpu_busy_s is not None
    return Held(min(1.0, cpus / logical_cpus), alone, bounded=allocation.how == "affinity" or not told)


def held_memory(allocation: Allocation, memory_gb: float | None, after: Frame) -> Held:
    """What the job holds of the memory: by its limit; without one it shares what no limit gives to others."""
    if not memory_gb or allocation.how == "unknown" or after.held.moved:
        return Held(1.0, alone=False)
    if allocation.memory_gb is None:
        return Held(max(0.0, 1.0 - after.held.inner_gb / memory_gb), alone=False)
    by_cpu = allocation.memory_alone or (allocation.alone and not allocation.memory_how)  # as older readings have it
    alone = by_cpu and (after.alone if after.held.memory_alone is None else after.held.memory_alone)
    gb = allocation.memory_gb if alone else max(0.0, allocation.memory_gb - after.held.inner_gb)
    return Held(min(1.0, gb / memory_gb), alone, bounded=allocation.memory_how != "cgroup-limit")


def held_share(held: Held, use: CpuUse, among: CpuUse | None = None) -> float:
    """The job's part of the idle energy: what it holds, split by busy time ``among`` those that live there too.

    ``use`` is of the whole host. Where nobody tells how busy the others are, it holds its part, and never more than
    its busy share of the host: so jobs that hold the same do not add up to more than there is.
    """
    if held.alone:
        return held.fraction
    if not held.bounded:
        return held.fraction * (among or use).share
    part = held.fraction if among is None else held.fraction * among.share
    return min(part, use.share)


def used_part(use: CpuUse, cpus: float, seconds: float) -> float:
    """How busy what is held was, 0 to 1: all its busy time over all its CPUs' time."""
    return min(1.0, use.host_s / (cpus * seconds)) if cpus > 0 and seconds > 0 else 1.0


def job_energy(host_j: float, idle_j: float, share: float, held_share: float, policy: str) -> float:
    """The job's part of a slice's energy, in J: between 0 and ``host_j``.

    ``share`` is its share of the use (0 to 1), ``held_share`` its part of the idle energy under ``reserved``.
    """
    idle_j = min(idle_j, host_j)
    dynamic_j = host_j - idle_j
    if policy == "proportional":
        job_j = host_j * share
    elif policy == "all":
        job_j = idle_j + dynamic_j * share
    elif policy == "none":
        job_j = dynamic_j * share
    else:
        job_j = dynamic_j * share + idle_j * held_share
    return min(host_j, max(0.0, job_j))


class GpuPart(NamedTuple):
    """The job's part of one GPU in a slice: of what is used, of what is held; ``told`` is False for a guess."""

    share: float
    held: float
    told: bool


def part_in_allocation(allocation: Allocation, before: Frame, after: Frame) -> float:
    """The job's part of the CPU time in what it holds: all of it where it is alone there."""
    if allocation.how != "unknown" and allocation.alone and after.alone and not after.held.moved:
        return 1.0
    return (use_of_held(before, after) or cpu_use(before, after)).share


def part_among_holders(before: Frame, after: Frame, number: int) -> float:
    """The run's part of a GPU in a slice, among the runs that hold it by a list of visible ones; 1 where alone."""
    if number >= len(after.gpu_held_s) or after.t_s <= before.t_s:
        return 1.0
    so_far_s = before.gpu_held_s[number] if number < len(before.gpu_held_s) else before.t_s
    return min(1.0, max(0.0, (after.gpu_held_s[number] - so_far_s) / (after.t_s - before.t_s)))


def gpu_part(
    gpu: GpuShare | None, *, visible: bool | None, by_time: float = 1.0, given: bool = False, whole: float = 1.0
) -> GpuPart:
    """The job's part of a GPU.

    By SM share where the driver tells it, else by the number of processes that hold it. One that nobody has a
    context on is its holder's, by its list of visible GPUs; where Slurm or the container gave it (``given``), of all
    that live there, by ``by_time``: the job's part of the CPU time in its allocation. That stands in too where the
    driver does not say who holds a GPU, and nothing else does.

    Of a divided GPU (MIG) the job holds its slices' part, and of what is used that part among the slices that are
    in use: a guess, since nobody tells how busy each is. ``whole``: the part of it that the job's list gives it, among
    the other runs that have it on theirs.
    """
    known = gpu is not None and gpu.holders is not None and gpu.job_holders is not None
    if gpu is not None and known and (gpu.job_holders or gpu.job_util):
        by_contexts = (gpu.job_holders or 0) / gpu.holders if gpu.holders else 1.0
        share = min(1.0, gpu.job_util / gpu.util) if gpu.util and gpu.job_util is not None else by_contexts
        if gpu.job_part is not None:
            return GpuPart(share, min(1.0, gpu.job_part), told=share >= 1.0)
        return GpuPart(share, by_contexts if gpu.holders else share, told=True)
    if visible is False:
        return GpuPart(0.0, 0.0, told=True)
    part = whole * (by_time if given or not visible else 1.0)
    if gpu is None or not known:
        return GpuPart(part, part, told=False)
    stands = part if visible and not gpu.holders else 0.0
    return GpuPart(0.0 if gpu.util else stands, stands, told=True)


def gpu_use(before: GpuShare | None, after: GpuShare | None) -> GpuShare | None:
    """Use of a GPU in a slice: the means up to its end, and who holds it then; where nobody does, who did at its start.

    All runs that look at the same instants see the same holders so, and their parts are no more than the whole.
    """
    if after is None or before is None:
        return after or before
    if before.holders and after.holders == 0:
        return after._replace(holders=before.holders, job_holders=before.job_holders, job_part=before.job_part)
    return after


def share_bounds(use: CpuUse, cpus: int) -> tuple[float, float]:
    """How far the share of a whole run may lie from its central value: the host's clock ticks are coarse."""
    if use.host_s <= 0:
        return 0.0, 1.0
    tick_s = _TICK_S * max(1, cpus) ** 0.5
    if use.job_s <= 0:
        return 0.0, min(1.0, _TICK_S / use.host_s)
    low = use.job_s / (use.host_s + tick_s)
    high = use.job_s / max(use.job_s, use.host_s - tick_s)
    return min(low, use.share), min(1.0, max(high, use.share))
