"""A host of known joules and holdings, and runs of processes on it as the collectors would see them.

All is random but what a host cannot be: groups hold no more than there is, nobody is busier than the host, each GPU is
given to one group. Runs look at the same instants, as those of one process do.
"""

from typing import NamedTuple

from hypothesis import strategies as st

from footprint.collectors.channel import Channel
from footprint.records.raw import (
    Allocation,
    Event,
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
)

CPUS, MEMORY_GB = 16, 1000.0
PACKAGE = Channel("cpu", "package-0", "rapl_powercap", "rapl-counter", "counter", "rapl:p0", "psys", 1e9, 1_000)
DRAM = Channel("dram", "dram-0", "rapl_powercap", "rapl-counter", "counter", "rapl:d0", "psys", 1e9, 1_000)
PSYS = Channel("board", "psys", "rapl_powercap", "rapl-counter", "counter", "psys", None, 1e9, 4_000)
GPUS = tuple(
    Channel("gpu", f"gpu-{n}", "nvidia_nvml", "nvml-energy", "counter", f"nvml:{n}", limit_w=500) for n in (0, 1)
)
SETS = ((), (PACKAGE,), (PACKAGE, DRAM), (PACKAGE, DRAM, PSYS), (PACKAGE, DRAM, *GPUS), GPUS)
POLICIES = ("reserved", "proportional", "none")

parts = st.floats(0, 1)


class Group(NamedTuple):
    """A limited group: what it gives to those inside."""

    cpus: float | None
    memory_gb: float | None
    gpus: tuple[str, ...]


class Process(NamedTuple):
    """Where it lives (None: on the whole host), by what it is limited besides, and its CPU seconds in each slice."""

    group: int | None
    affinity: float | None
    cpu_s: tuple[float, ...]
    sm: tuple[tuple[float | None, ...], ...]
    """By GPU, slice by slice: share of the SM time; None without a context."""


class Window(NamedTuple):
    """A run: its process, and its first and last instant."""

    process: int
    first: int
    last: int


class World(NamedTuple):
    """A host over some time."""

    channels: tuple[Channel, ...]
    seconds: tuple[float, ...]
    counters: tuple[tuple[float | None, ...], ...]
    """By instant, by channel: J; None where it was not read."""
    slices_j: tuple[tuple[float, ...], ...]
    """By slice, by channel: what each used, without what is inside it."""
    groups: tuple[Group, ...]
    processes: tuple[Process, ...]
    windows: tuple[Window, ...]
    idle: dict[str, IdlePower]


@st.composite
def worlds(draw, policies=POLICIES):
    """(world, idle policy)."""
    channels = draw(st.sampled_from(SETS))
    slices = draw(st.integers(1, 5))
    seconds = tuple(draw(st.floats(0.05, 30)) for _ in range(slices))
    groups = draw(_groups(channels))
    processes = draw(_processes(seconds, groups, channels))
    windows = draw(st.lists(_windows(len(processes), slices), min_size=1, max_size=4))
    counters, slices_j = _counters(draw, channels, seconds, windows)
    idle = {
        channel.name: IdlePower(draw(st.floats(0, 300)), "calibrated") for channel in channels if draw(st.booleans())
    }
    world = World(channels, seconds, counters, slices_j, groups, processes, tuple(windows), idle)
    return world, draw(st.sampled_from(policies))


@st.composite
def _groups(draw, channels):
    count = draw(st.integers(0, 3))
    gpus = [channel.name for channel in channels if channel.kind == "gpu"]
    found = []
    for number in range(count):
        cpus = draw(st.none() | st.floats(0.1, CPUS / max(1, count)))
        memory_gb = draw(st.none() | st.floats(1, MEMORY_GB / max(1, count)))
        mine = tuple(name for place, name in enumerate(gpus) if place % count == number and draw(st.booleans()))
        found.append(Group(cpus, memory_gb, mine))
    return tuple(found)


@st.composite
def _processes(draw, seconds, groups, channels):
    count = draw(st.integers(1, 4))
    gpus = [channel for channel in channels if channel.kind == "gpu"]
    found = []
    for _ in range(count):
        group = draw(st.none() | st.integers(0, len(groups) - 1)) if groups else None
        affinity = draw(st.none() | st.floats(1, CPUS)) if group is None else None
        most = [s * CPUS / count for s in seconds]
        cpu_s = tuple(draw(st.just(0.0) | st.floats(0, top)) for top in most)
        sm = tuple(tuple(draw(st.none() | st.just(0.0) | st.floats(0, 1 / count)) for _ in seconds) for _ in gpus)
        found.append(Process(group, affinity, cpu_s, sm))
    return tuple(found)


@st.composite
def _windows(draw, processes, slices):
    first = draw(st.integers(0, slices - 1))
    return Window(draw(st.integers(0, processes - 1)), first, draw(st.integers(first + 1, slices)))


def _counters(draw, channels, seconds, windows):
    """Counters with gaps at instants that are no run's edge; psys counts what is inside it too."""
    edges = {instant for one in windows for instant in (one.first, one.last)}
    fails = {n for n in range(1, len(seconds)) if n not in edges and draw(st.booleans())}
    fails_of = draw(st.sampled_from([channel.name for channel in channels])) if channels else ""
    rows, slices_j, now = [[0.0] * len(channels)], [], [0.0] * len(channels)
    for s in seconds:
        own = [draw(st.floats(0.5, 200)) * s for _ in channels]
        inside = sum(j for j, channel in zip(own, channels, strict=True) if channel.inside)
        counted = [j + (inside if channel is PSYS else 0.0) for j, channel in zip(own, channels, strict=True)]
        now = [before + j for before, j in zip(now, counted, strict=True)]
        rows.append(now)
        slices_j.append(tuple(own))
    counters = tuple(
        tuple(None if n in fails and channel.name == fails_of else j for j, channel in zip(row, channels, strict=True))
        for n, row in enumerate(rows)
    )
    return counters, tuple(slices_j)


def run_of(world, number, policy):
    """A run as it is measured."""
    window = world.windows[number]
    process = world.processes[window.process]
    head = RunHead(
        f"01J{number}", 1_764_000_000.0, HostInfo("h", "Linux", "CPU", CPUS, memory_gb=MEMORY_GB),
        RegionRef("FR", "flag"), Settings(policy, 1.2), channels=world.channels,
        allocation=_allocation(world, process), idle=world.idle,
    )  # fmt: skip
    frames = tuple(_frame(world, window, instant) for instant in range(window.first, window.last + 1))
    events = tuple(Event(0.0, channel.name, "failed", "it did not answer") for channel in world.channels)
    return RawRun(head, frames, (), events, RunEnd(frames[-1].t_s, "completed", 0))


def _company(world, process):
    """Others that live in a process's group."""
    return [one for one in world.processes if one is not process and one.group == process.group]


def _allocation(world, process):
    group = None if process.group is None else world.groups[process.group]
    gpus = [channel.name for channel in world.channels if channel.kind == "gpu"]
    if group is None:
        affine = process.affinity is not None
        mine = () if any(one.gpus for one in world.groups) else None
        return Allocation(
            process.affinity or CPUS, None, False, mine if gpus else None, "affinity" if affine else "whole-host"
        )
    alone = not _company(world, process)
    limited = group.cpus is not None
    return Allocation(
        group.cpus if limited else CPUS, group.memory_gb, alone and limited, group.gpus if gpus else None,
        "cgroup-quota" if limited else "whole-host", "cgroup-limit" if group.memory_gb else "",
        alone and group.memory_gb is not None, "container",
    )  # fmt: skip


def _frame(world, window, instant):
    process = world.processes[window.process]
    so_far = range(instant)

    def used(processes):
        return sum(one.cpu_s[n] for one in processes for n in so_far)

    group = None if process.group is None else world.groups[process.group]
    lives = [n for n in range(len(world.groups)) if any(one.group == n for one in world.processes)]
    others = [world.groups[n] for n in lives if n != process.group]
    company = [process, *_company(world, process)]
    limited = group is not None and group.cpus is not None
    memory_limited = group is not None and group.memory_gb is not None
    held = HeldUse(
        used(company) if limited else None,
        used(company) if memory_limited else None,
        len(company) == 1 if memory_limited else None,
        0.0 if limited else sum(one.cpus or 0.0 for one in others),
        0.0 if memory_limited else sum(one.memory_gb or 0.0 for one in others),
    )
    beside = [one for one in set(_at_once(world)) if one.process == window.process]
    open_now = sum(one.first < instant <= one.last for one in world.windows if one.process == window.process)
    assert beside
    return Frame(
        sum(world.seconds[n] for n in range(window.first, instant)),
        world.counters[instant],
        used(world.processes),
        used([process]),
        1,
        1.0 / max(1, open_now),
        tuple(_gpu(world, process, gpu, max(0, instant - 1)) for gpu in range(len(process.sm))),
        alone=len(company) == 1,
        held=held,
    )


def _at_once(world):
    return world.windows


def _gpu(world, process, gpu, number):
    holders = [one.sm[gpu][number] for one in world.processes if one.sm[gpu][number] is not None]
    own = process.sm[gpu][number]
    return GpuShare(sum(holders), own or 0.0, len(holders), int(own is not None))
