"""What can be measured on this machine, how well, what is missing, and the exact step that mends it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from footprint import catalogue, config, home
from footprint.collectors import allocation, registry
from footprint.collectors.channel import Channel, Refusal
from footprint.collectors.container import is_rootless
from footprint.collectors.host import Host
from footprint.collectors.machine import Allocation
from footprint.collectors.plan import Plan
from footprint.collectors.reading import NOT_YET, Outcome
from footprint.doctor_fixes import command_in, in_container
from footprint.errors import UsageError
from footprint.factors import Catalogue, gain_of_channel
from footprint.instruments import Instruments, failure
from footprint.interval import Interval, exact, total
from footprint.measuring import Machine, looked_at, machine_of, own_for, region_for
from footprint.power_model import cpu_power, dram_power, overhead
from footprint.records.raw import HostInfo, RegionRef

SCHEMA = "footprint.doctor/1"
_HALF_LOAD = 0.5
"""Errors of the model are told for a host that is half busy."""
NOTHING = "none needed"
_LOOK_AGAIN = "run `footprint doctor` again; if it stays so, look at `sudo dmesg` for this device"
_ASKED = {
    # beginning of a method's name: what to do where the meter that the user named gives nothing
    "redfish": "ask it by hand: `curl -k -u USER ADDRESS/redfish/v1/Chassis`, and mend [redfish] in footprint.toml",
    "wall": "ask it by hand: `curl URL`, and mend [wall_meter] in footprint.toml",
}
_FIRST_ANSWER_S = 8.0
_BEYOND_PARTS = "no meter at the wall is read: it is modelled, as a constant power and a share of the components"
_BEYOND_BOARD = "the board's meter ends before the power supply, whose loss is modelled"
_METER = "name a smart plug as [wall_meter] in footprint.toml, or type what one counted: `footprint wall RUN KWH`"
NAMES = {
    "cpu": "processors",
    "dram": "memory",
    "gpu": "GPU",
    "board": "whole board",
    "overhead": "power supply, fans, board, disks and network",
}


class Finding(NamedTuple):
    """A channel, and what can be had of it."""

    kind: str
    channel: str
    collector: str
    state: str
    """``measured``, ``modelled`` or ``unavailable``."""
    method: str | None
    error_pct: float | None
    """Largest deviation from the central value, in per cent; None where there is no value."""
    inside: str | None
    """The channel that contains it."""
    why: str | None = None
    fix: str | None = None
    reads: str | None = None
    """What it reads, for people; None where nothing is read."""
    chosen: str | None = None
    """Why this way was chosen among several to the same thing, or why it was not."""


class Examination(NamedTuple):
    """All that was found."""

    host: HostInfo
    region: RegionRef
    findings: tuple[Finding, ...]
    settings: tuple[tuple[str, object, str], ...]
    """(name, value, where it came from)."""
    home_why: str | None
    """Why runs cannot be kept; None where they can."""
    disabled: bool
    allocation: Allocation = Allocation(0.0)
    """What a run that is started here would hold of the machine."""


def examine(settings: config.Settings) -> Examination:
    """Look at everything once. Raises UsageError for a region that does not exist, and for factors that cannot be."""
    own_for(settings, None)
    eyes = machine_of(settings)
    folder = str(settings.home.value)
    found = of_machine(settings, eyes)
    return found._replace(host=eyes.info._replace(id=home.host_id(folder)), home_why=_home_fault(folder))


def of_machine(settings: config.Settings, eyes: Machine) -> Examination:
    """What is found with these eyes, whoever's they are: nothing is asked of this machine or its home."""
    where = region_for(settings, eyes.host)
    return Examination(
        eyes.info,
        where,
        findings(eyes, catalogue.load(where.zone, where.given, cpu=eyes.info.cpu)),
        tuple(config.explain(settings)),
        None,
        bool(settings.disabled.value),
        allocation.allocation(eyes.host, eyes.info, eyes.host.environ),
    )


def recorded(path: str) -> Examination:
    """The same of a recorded host, as ``--bundle`` writes it. Raises UsageError where the file holds none."""
    from footprint.collectors.recorded_host import BadArchiveError, RecordedHost

    try:
        host = RecordedHost.from_archive(path)
    except (OSError, UnicodeDecodeError, BadArchiveError) as fault:
        why = getattr(fault, "strerror", None) or str(fault)
        raise UsageError(f"--from {path}", why, "name a file that `footprint doctor --bundle FILE` wrote") from None
    return of_host(host)


def of_host(host: Host) -> Examination:
    """Any host with the settings of its own environment."""
    settings = config.load({}, {"FOOTPRINT_HOME": os.sep, **host.environ}, folder=os.sep)
    eyes = looked_at(host)
    try:
        found = of_machine(settings, eyes)
    finally:
        eyes.instruments.close()
    return found._replace(settings=tuple(one for one in found.settings if one[0] != "home"))


def findings(eyes: Machine, factors: Catalogue) -> tuple[Finding, ...]:
    """Chosen channels, what the model stands in for, and what cannot be had."""
    read = _read(eyes.instruments, factors)
    missing = _missing(eyes)
    return (*read, *_modelled(eyes, factors, read, missing), *missing)


def _read(instruments: Instruments, factors: Catalogue) -> tuple[Finding, ...]:
    """Every chosen channel, read once: one that gives nothing now is not measured."""
    chosen = instruments.plan.channels
    faults = {
        channel.name: failure(outcome)
        for channel, outcome in zip(instruments.channels, _looked_at(instruments), strict=True)
    }
    names = {channel.thing: channel.name for channel in chosen}
    found = []
    for channel in chosen:
        inside = names.get(channel.inside or "")
        base = Finding(
            channel.kind, channel.name, channel.collector, "measured", channel.method, None, inside,
            reads=reads_of(channel), chosen=_chosen(channel, instruments.plan),
        )  # fmt: skip
        fault = faults.get(channel.name)
        if fault is None:
            found.append(base._replace(error_pct=_error_pct(gain_of_channel(factors.factors, channel))))
        else:
            fix = next((fix for start, fix in _ASKED.items() if channel.method.startswith(start)), _LOOK_AGAIN)
            found.append(base._replace(state="unavailable", why=f"it gave no reading: {fault}", fix=fix))
    return tuple(found)


def _looked_at(instruments: Instruments) -> tuple[Outcome, ...]:
    """What each channel says now; meters that answer over the network get some seconds for their first answer."""
    end_s = instruments.host.monotonic() + _FIRST_ANSWER_S
    outcomes = instruments.look().outcomes
    while any(failure(one) == NOT_YET for one in outcomes) and instruments.host.monotonic() < end_s:
        instruments.host.sleep(0.05)
        outcomes = instruments.look().outcomes
    return outcomes


def _modelled(
    eyes: Machine, factors: Catalogue, read: Iterable[Finding], missing: Iterable[Finding]
) -> tuple[Finding, ...]:
    """What the model stands in for, as ``account`` does it."""
    kinds = {one.kind for one in read if one.state == "measured"}
    methods = [one.method or "" for one in read if one.state == "measured"]
    host, found = eyes.info, []
    if "board" not in kinds:
        powers = {"cpu": cpu_power(host, _HALF_LOAD, factors), "dram": dram_power(host, factors, _HALF_LOAD)}
        for kind, power in powers.items():
            if kind not in kinds:
                found.append(_model(kind, power, *_reason(kind, kinds, missing)))
    if not any(method.startswith("wall") for method in methods):
        components = total((cpu_power(host, _HALF_LOAD, factors), dram_power(host, factors, _HALF_LOAD)))
        beyond_w = overhead(host, board_measured="board" in kinds, catalogue=factors).beyond(exact(components.central))
        why = _BEYOND_BOARD if "board" in kinds else _BEYOND_PARTS
        found.append(_model("overhead", beyond_w, why, _METER))
    return tuple(found)


def _model(kind: str, value: Interval, why: str, fix: str) -> Finding:
    return Finding(kind, kind, "power_model", "modelled", "model", _error_pct(value), None, why, fix)


def _reason(kind: str, measured: set[str], missing: Iterable[Finding]) -> tuple[str, str]:
    """Why a kind is not measured, as its collectors say; memory often for the reason that processors are not."""
    asked = {kind} if "cpu" in measured else {kind, "cpu"}
    for one in missing:
        if one.kind in asked and one.why:
            return one.why, one.fix or NOTHING
    return f"no counter for the {NAMES[kind]} was found", "none on this machine: the figure is modelled"


def _missing(eyes: Machine) -> tuple[Finding, ...]:
    """Refusals, and other ways to what is read already."""
    plan = eyes.instruments.plan
    refused = [
        Finding(one.kind, one.channel, one.collector, "unavailable", None, None, None, one.why, _fix(eyes, one))
        for one in plan.refusals
    ]
    chosen = {channel.thing: channel for channel in plan.channels}
    return (*refused, *(_other_way(channel, chosen[channel.thing]) for channel in plan.passed_over))


def _fix(eyes: Machine, refusal: Refusal) -> str:
    """What mends it; in a container, what is to be done outside of it."""
    kind = eyes.info.container
    is_shown = refusal.kind == "gpu" or not eyes.info.virtual  # a virtual machine has no counters, and may have GPUs
    if kind is not None and is_shown and not _is_mounted_elsewhere(eyes):
        outside = in_container(kind, rootless=is_rootless(eyes.host), of=refusal.kind)
        if outside is not None:
            return outside
    return refusal.fix or NOTHING


def _is_mounted_elsewhere(eyes: Machine) -> bool:
    """Whether the machine's own trees are there: then what is refused in them is refused outside too."""
    return bool(getattr(eyes.host, "sysroot", ""))


def _chosen(channel: Channel, plan: Plan) -> str | None:
    """Why this way to a thing: better than others that there are, or left where those before it are refused."""
    beside = [other for other in plan.passed_over if other.thing == channel.thing]
    if beside:
        names = " and ".join(f"{other.collector} ({other.method})" for other in beside)
        return f"rather than {names}: {_better(channel, beside[0])}"
    ranks = {name: place for place, name in enumerate(registry.BUILT_IN)}
    mine = ranks.get(channel.collector, 0)
    before = [one for one in plan.refusals if ranks.get(one.collector, mine) < mine]
    hidden = [one for one in before if channel.thing.startswith("rapl:") and one.channel.startswith("package-")]
    same = [one for one in before if one.channel == channel.name] or hidden
    return f"since {same[0].collector} does not give it" if same else None


def _better(chosen: Channel, other: Channel) -> str:
    if chosen.reading == "counter" and other.reading == "power":
        return "a counter misses nothing between two readings"
    if chosen.reading == other.reading == "counter":
        return "the same counter, by the way that costs least and needs the fewest rights"
    return "it is the better known way to the same figure"


def _other_way(channel: Channel, chosen: Channel) -> Finding:
    why = f"another way to the same thing was chosen: {chosen.collector}, {chosen.method}; {_better(chosen, channel)}"
    return Finding(
        channel.kind, channel.name, channel.collector, "unavailable", channel.method, None, None, why, NOTHING,
        reads_of(channel), f"passed over for {chosen.collector}",
    )  # fmt: skip


_READS = (
    # beginning of a method's name: what is read
    ("rapl-mmio", "the processor's energy counter, under /sys/class/powercap (memory-mapped)"),
    ("rapl-perf", "the processor's energy counter, as perf events power/energy-*"),
    ("rapl-msr", "the processor's energy counter, in its model-specific registers (/dev/cpu/*/msr)"),
    ("rapl", "the processor's energy counter, under /sys/class/powercap"),
    ("nvml-energy", "the GPU's energy counter, by NVIDIA's library"),
    ("nvml-power-mean", "the GPU's mean power of each last second, by NVIDIA's library"),
    ("nvml-module", "the power of the module that the GPU is on, by NVIDIA's library"),
    ("nvml", "the GPU's power, by NVIDIA's library"),
    ("hwmon-energy", "a driver's energy counter, under /sys/class/hwmon"),
    ("hwmon", "a driver's power, under /sys/class/hwmon"),
    ("ipmi", "the board controller's power, by IPMI"),
    ("dcmi", "the board controller's power, by IPMI"),
    ("redfish", "the board controller's power, by Redfish"),
    ("wall", "a meter at the wall"),
)


def reads_of(channel: Channel) -> str:
    """What a channel reads, for people."""
    said = next((what for start, what in _READS if channel.method.startswith(start)), channel.method)
    return f"{said}: {channel.device}" if channel.device else said


def _error_pct(value: Interval) -> float:
    """Largest deviation from the central value, in per cent."""
    return round(100 * max(value.high / value.central - 1, 1 - value.low / value.central), 1)


def _home_fault(folder: str) -> str | None:
    """Why nothing can be kept in the home folder."""
    place = folder
    while not os.path.exists(place) and os.path.dirname(place) != place:
        place = os.path.dirname(place)
    if not os.path.isdir(place):
        return f"{place} is no folder"
    return None if os.access(place, os.W_OK | os.X_OK) else f"{place} cannot be written by this user"


def as_document(found: Examination) -> dict[str, object]:
    """The document ``footprint.doctor/1``."""
    host = found.host
    keys = ("id", "cpu", "logical_cpus", "memory_gb", "virtual", "sockets", "cores", "container", "faked")
    return {
        "schema": SCHEMA,
        "host": {key: getattr(host, key) for key in keys} | {"gpus": list(host.gpus)},
        "region": {"zone": found.region.zone, "how": found.region.how, "note": found.region.note},
        "channels": [one._asdict() | {"command": command_in(one.fix or "")} for one in found.findings],
        "allocation": {key: getattr(found.allocation, key) for key in ("cpus", "memory_gb", "alone", "how")},
        "settings": [{"name": name, "value": value, "from": origin} for name, value, origin in found.settings],
        "home": {"writable": found.home_why is None, "why": found.home_why},
    }


def look(environ: Mapping[str, str]) -> Examination:
    """Examine this machine with the settings of an environment. Raises UsageError for broken settings."""
    return examine(config.load({}, environ))
