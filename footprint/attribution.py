"""From the host's energy in a slice to the job's: ``host = job + rest`` (docs/method.md, "Whose energy is it").

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
    """What the job holds of a channel: a fraction, and whether nobody else lives in it."""

    fraction: float
    alone: bool


def cpu_use(before: Frame, after: Frame) -> CpuUse:
    """CPU seconds between two frames. Where the host's are not visible, the job's stand for them."""
    job_s = max(0.0, after.job_cpu_s - before.job_cpu_s) * after.weight
    if before.host_busy_s is None or after.host_busy_s is None:
        return CpuUse(job_s, job_s)
    whole_job_s = max(0.0, after.job_cpu_s - before.job_cpu_s)
    return CpuUse(job_s, max(whole_job_s, after.host_busy_s - before.host_busy_s))


def held_cpu(allocation: Allocation, logical_cpus: int, *, alone: bool) -> Held:
    """What the job holds of the CPUs: all of them where no allocation is known, but then never alone."""
    if allocation.how == "unknown" or logical_cpus <= 0:
        return Held(1.0, alone=False)
    return Held(min(1.0, allocation.cpus / logical_cpus), alone=alone and allocation.alone)


def held_memory(allocation: Allocation, memory_gb: float | None, cpu: Held) -> Held:
    """What the job holds of the memory: by its limit where there is one, else as of the CPUs."""
    if allocation.memory_gb is None or not memory_gb:
        return cpu
    return Held(min(1.0, allocation.memory_gb / memory_gb), cpu.alone)


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


def held_share(held: Held, use: CpuUse) -> float:
    """The job's part of the idle energy: what it holds, split by busy time where others live there too."""
    return held.fraction if held.alone else held.fraction * use.share


class GpuPart(NamedTuple):
    """The job's part of one GPU in a slice: of what is used, of what is held; ``told`` is False for a guess."""

    share: float
    held: float
    told: bool


def gpu_part(gpu: GpuShare | None, *, visible: bool | None) -> GpuPart:
    """The job's part of a GPU.

    By SM share where the driver tells it, else by the number of processes that hold it. Where the driver does
    not say who holds it, a GPU that the job may use (``CUDA_VISIBLE_DEVICES`` does not exclude it) counts as its own.
    """
    if visible is False:
        return GpuPart(0.0, 0.0, told=True)
    if gpu is None or gpu.holders is None or gpu.job_holders is None:
        return GpuPart(1.0, 1.0, told=False)
    share = held = gpu.job_holders / gpu.holders if gpu.holders else 0.0
    if not gpu.holders and visible:
        held = 1.0
    if gpu.util and gpu.job_util is not None:
        share = min(1.0, gpu.job_util / gpu.util)
    return GpuPart(share, held, told=True)


def gpu_use(before: GpuShare | None, after: GpuShare | None) -> GpuShare | None:
    """Use of a GPU in a slice: the means up to its end. Whoever held it at its start and is gone held it until then."""
    if after is None or before is None:
        return after or before
    if before.job_holders and not after.job_holders:
        return after._replace(holders=before.holders, job_holders=before.job_holders)
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
