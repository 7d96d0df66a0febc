"""One hand-made run whose account can be followed by hand: half a server, two of its four GPUs, an hour.

An Intel server of two sockets with 64 logical CPUs and 512 GB; the run has a control group of 32 CPUs and 256 GB to itself
and two GPUs, one of which stands still. Others work on the other half.
"""

from footprint.collectors.channel import Channel
from footprint.records.raw import (
    Allocation,
    Frame,
    GpuShare,
    HeldUse,
    HostInfo,
    IdlePower,
    RawRun,
    RegionRef,
    RunEnd,
    RunHead,
    Settings,
)  # fmt: skip

HOUR_S = 3_600.0
WATTS = {
    "package-0": 150.0,
    "package-1": 150.0,
    "dram-0": 20.0,
    "gpu-0": 500.0,
    "gpu-1": 75.0,
    "gpu-2": 400.0,
    "gpu-3": 75.0,
}
IDLE_W = {"package-0": 60.0, "package-1": 60.0, "dram-0": 10.0} | {f"gpu-{number}": 75.0 for number in range(4)}
JOB_CPUS, HOST_CPUS = 24.0, 40.0
"""CPUs that the job and the whole host keep busy."""


def channels():
    packages = [
        Channel(
            "cpu",
            f"package-{n}",
            "rapl_powercap",
            "rapl-counter",
            "counter",
            f"rapl:package-{n}",
            sensor="rapl-package",
        )
        for n in range(2)
    ]
    memory = Channel("dram", "dram-0", "rapl_powercap", "rapl-counter", "counter", "rapl:dram-0", sensor="rapl-dram")
    gpus = [
        Channel(
            "gpu", f"gpu-{n}", "nvidia_nvml", "nvml-energy", "counter", f"gpu:{n}", sensor="nvml-energy", limit_w=700.0
        )
        for n in range(4)
    ]
    return (*packages, memory, *gpus)


def frame(t_s):
    gpus = (
        GpuShare(1.0, 1.0, 1, 1),  # the job's, at work
        GpuShare(0.0, 0.0, 1, 1),  # the job's, held and still
        GpuShare(0.9, 0.0, 1, 0),  # somebody else's
        GpuShare(0.0, 0.0, 0, 0),  # nobody's
    )
    readings = tuple(1e6 + watts * t_s for watts in WATTS.values())
    return Frame(
        t_s, readings, 1e5 + HOST_CPUS * t_s, JOB_CPUS * t_s, 8, 1.0, gpus, (), 0.0006 * t_s, True,
        HeldUse(cpu_busy_s=JOB_CPUS * t_s, memory_busy_s=JOB_CPUS * t_s, memory_alone=True),
    )  # fmt: skip


def run():
    """The run as measured."""
    host = HostInfo(
        "h1", "Linux", "Intel(R) Xeon(R) Platinum 8480+", 64, sockets=2, cores=32, memory_gb=512.0, virtual=False,
        gpus=("NVIDIA H100 80GB HBM3",) * 4,
    )  # fmt: skip
    allocation = Allocation(
        32.0, 256.0, alone=True, gpus=("gpu-0", "gpu-1"), how="cgroup-quota", memory_how="cgroup-limit",
        memory_alone=True, gpus_how="cuda",
    )  # fmt: skip
    head = RunHead(
        "01M8000000000000000000ACCT", 1_795_510_800.0, host, RegionRef("FR", "flag"), Settings("reserved", 1.2), name="train",
        kind="run", channels=channels(), allocation=allocation,
        idle={name: IdlePower(watts, "calibrated") for name, watts in IDLE_W.items()},
    )  # fmt: skip
    frames = tuple(frame(t_s) for t_s in (0.0, HOUR_S / 2, HOUR_S))
    return RawRun(head, frames, (), (), RunEnd(HOUR_S, "completed", 0))
