"""RAPL energy counters as perf events, ``power/energy-*/``: another way in where powercap's files cannot be read.

The kernel adds the processor's counters up to 64 bits of 2⁻³² J each, from when they are opened, so these never wrap.
Names, codes and scale stand under the device's ``events``; ``cpumask`` lists one CPU for each package that counts.
A container that hides powercap's files still shows these. The system call: https://man7.org/linux/man-pages/man2/perf_event_open.2.html
"""

from collections.abc import Callable
from typing import NamedTuple

from footprint.collectors.channel import Channel, Refusal
from footprint.collectors.host import Handle, Host
from footprint.collectors.offer import Offer
from footprint.collectors.rapl_generation import by_generation
from footprint.collectors.rapl_refusals import (
    LOAD_PERF,
    MAY_COUNT,
    MAY_READ,
    NOTHING_TO_DO,
    OLDER_KERNEL,
    OUTSIDE_SECCOMP,
    is_amd,
)
from footprint.collectors.rapl_sockets import cpus_in, packages
from footprint.collectors.rapl_thing import KINDS, RaplReader, channel, moves, without_orphans
from footprint.collectors.sysfs import CounterFile, number, quoted, words

NAME = "rapl_perf"
_DEVICE = "/sys/bus/event_source/devices/power"
_PARANOID = "/proc/sys/kernel/perf_event_paranoid"
_PARTS = {
    # event, and the part whose energy it counts
    "energy-pkg": "package",
    "energy-ram": "dram",
    "energy-cores": "core",
    "energy-gpu": "uncore",
    "energy-psys": "psys",
}


class _Event(NamedTuple):
    """One event of the device."""

    name: str
    part: str
    config: int
    per_j: float
    """How far it counts in a joule."""


class _Way(NamedTuple):
    """A channel, and the event and CPU that count it."""

    channel: Channel
    event: _Event
    cpu: int


def discover(host: Host) -> Offer:
    """The energy events of a host, each opened once; never raises for what it finds."""
    kind = number(host, f"{_DEVICE}/type")
    if kind is None:
        why = f"the kernel shows no energy events: there is no {_DEVICE}"
        return Offer(NAME, refusals=(Refusal("cpu", "package-0", NAME, why, LOAD_PERF),))
    refusals: list[Refusal] = []
    events = _events(host, refusals)
    amd = is_amd(host)
    sockets = packages(host, cpus_in(host, f"{_DEVICE}/cpumask"), by_die=not amd)
    if not sockets:
        why = f"{_DEVICE}/cpumask names no CPU to count on"
        refusals.append(Refusal("cpu", "package-0", NAME, why, LOAD_PERF))
    ways: dict[str, _Way] = {}
    for place, (socket, cpus) in enumerate(sockets.items()):
        for event in events:
            if event.part == "psys" and place > 0:
                continue  # the platform of a second socket may count the first again
            name = event.part if event.part == "psys" else f"{event.part}-{socket}"
            refusal = _unopened(host, kind, event, cpus[0], name)
            if refusal is not None and refusal.fix in (MAY_COUNT, OUTSIDE_SECCOMP, OLDER_KERNEL, MAY_READ):
                return Offer(NAME, refusals=(*refusals, refusal))  # what holds for one holds for all
            if refusal is not None:
                refusals.append(refusal)
            else:
                ways[name] = _Way(channel(name, NAME, "rapl-perf", amd=amd), event, cpus[0])
    kept = by_generation(host, without_orphans((way.channel for way in ways.values()), NAME, refusals))

    def open_reader(channels: tuple[Channel, ...]) -> RaplReader:
        return RaplReader(host, {one.name: _counter(host, kind, ways[one.name]) for one in channels})

    return Offer(NAME, kept, tuple(refusals), open_reader if kept else None)


def _counter(host: Host, kind: int, way: _Way) -> CounterFile:
    return CounterFile(
        host,
        _DEVICE,
        f"events/{way.event.name} on CPU {way.cpu}",
        moves=moves(way.channel.name),
        per_j=way.event.per_j,
        opened=_opener(host, kind, way.event.config, way.cpu),
    )


def _opener(host: Host, kind: int, config: int, cpu: int) -> Callable[[], Handle]:
    return lambda: host.open_perf(kind, config, cpu)


def _events(host: Host, refusals: list[Refusal]) -> list[_Event]:
    """The device's events whose code and unit are understood."""
    found = []
    names = host.list_dir(f"{_DEVICE}/events")
    for name, part in _PARTS.items():
        if name not in names:
            continue
        event = _event(host, name, part)
        if isinstance(event, str):
            refusals.append(Refusal(KINDS[part], f"{part}-0", NAME, event, NOTHING_TO_DO))
        else:
            found.append(event)
    return found


def _event(host: Host, name: str, part: str) -> _Event | str:
    """An event, or why it cannot be used."""
    path = f"{_DEVICE}/events/{name}"
    try:
        code, scale, unit = (host.read_text(path + end) for end in ("", ".scale", ".unit"))
    except OSError as fault:
        return f"{path} does not say what it counts: {words(fault)}"
    try:
        config = int(code.removeprefix("event="), 0)
        joules = float(scale)
    except ValueError:
        return f"{path} is {quoted(code)} in steps of {quoted(scale)}: not understood"
    if unit != "Joules" or not 0 < joules < 1:
        return f"{path} counts in {quoted(unit)} of {quoted(scale)}: not understood"
    return _Event(name, part, config, 1 / joules)


def _unopened(host: Host, kind: int, event: _Event, cpu: int, name: str) -> Refusal | None:
    """Why an event cannot be counted, if so."""
    try:
        handle = host.open_perf(kind, event.config, cpu)
        try:
            handle.read()
        finally:
            handle.close()
    except OSError as fault:
        why, fix = _refused(host, fault)
        return Refusal(KINDS[event.part], name, NAME, f"power/{event.name}/ cannot be opened: {why}", fix)
    return None


def _refused(host: Host, fault: OSError) -> tuple[str, str]:
    """(why, fix): the kernel's own setting, a container's filter of system calls, or the event itself."""
    said = words(fault)
    if isinstance(fault, PermissionError):
        try:
            paranoid = host.read_text(_PARANOID)
        except OSError:
            paranoid = ""
        if paranoid.lstrip("-").isdigit() and int(paranoid) > 0:
            return f"{said}; kernel.perf_event_paranoid is {paranoid}, and above 0 needs CAP_PERFMON", MAY_COUNT
        return f"{said}, though the kernel allows it: a container's filter of system calls may not", OUTSIDE_SECCOMP
    if "not implemented" in said:
        return f"{said}: this kernel or sandbox has no perf events", OLDER_KERNEL
    return said, MAY_READ if "folder that stands" in said else LOAD_PERF
