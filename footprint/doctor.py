"""What can be measured on this machine, how well, what is missing, and the exact step that mends it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from footprint import catalogue, config, home
from footprint.collectors.channel import Channel
from footprint.factors import Catalogue, gain_of_channel
from footprint.instruments import Instruments, failure
from footprint.interval import Interval, exact, total
from footprint.measuring import Machine, machine, region_for
from footprint.power_model import cpu_power, dram_power, overhead
from footprint.records.raw import HostInfo, RegionRef

SCHEMA = "footprint.doctor/1"
_HALF_LOAD = 0.5
"""Errors of the model are told for a host that is half busy."""
_NOTHING = "none needed"
_NAMES = {
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


def examine(settings: config.Settings) -> Examination:
    """Look at everything once. Raises UsageError for a region that does not exist."""
    eyes = machine(str(settings.sysroot.value or ""))
    where = region_for(settings, eyes.host)
    folder = str(settings.home.value)
    return Examination(
        eyes.info._replace(id=home.host_id(folder)),
        where,
        findings(eyes, catalogue.load(where.zone, where.given, cpu=eyes.info.cpu)),
        tuple(config.explain(settings)),
        _home_fault(folder),
        bool(settings.disabled.value),
    )


def findings(eyes: Machine, factors: Catalogue) -> tuple[Finding, ...]:
    """Chosen channels, what the model stands in for, and what cannot be had."""
    read = _read(eyes.instruments, factors)
    missing = _missing(eyes.instruments)
    return (*read, *_modelled(eyes, factors, read, missing), *missing)


def _read(instruments: Instruments, factors: Catalogue) -> tuple[Finding, ...]:
    """Every chosen channel, read once: one that gives nothing now is not measured."""
    chosen = instruments.plan.channels
    faults = {
        channel.name: failure(outcome)
        for channel, outcome in zip(instruments.channels, instruments.look().outcomes, strict=True)
    }
    names = {channel.thing: channel.name for channel in chosen}
    found = []
    for channel in chosen:
        inside = names.get(channel.inside or "")
        base = Finding(channel.kind, channel.name, channel.collector, "measured", channel.method, None, inside)
        fault = faults.get(channel.name)
        if fault is None:
            found.append(base._replace(error_pct=_error_pct(gain_of_channel(factors.factors, channel))))
        else:
            fix = "run `footprint doctor` again; if it stays so, look at `sudo dmesg` for this device"
            found.append(base._replace(state="unavailable", why=f"it gave no reading: {fault}", fix=fix))
    return tuple(found)


def _modelled(
    eyes: Machine, factors: Catalogue, read: Iterable[Finding], missing: Iterable[Finding]
) -> tuple[Finding, ...]:
    """What the model stands in for, as ``account`` does it."""
    kinds = {one.kind for one in read if one.state == "measured"}
    methods = [one.method or "" for one in read]
    host, found = eyes.info, []
    if "board" not in kinds:
        powers = {"cpu": cpu_power(host, _HALF_LOAD, factors), "dram": dram_power(host, factors, _HALF_LOAD)}
        for kind, power in powers.items():
            if kind not in kinds:
                found.append(_model(kind, power, *_reason(kind, kinds, missing)))
    if not any(method.startswith("wall") for method in methods):
        components = total((cpu_power(host, _HALF_LOAD, factors), dram_power(host, factors, _HALF_LOAD)))
        beyond_w = overhead(host, board_measured="board" in kinds, catalogue=factors).beyond(exact(components.central))
        why = "no meter at the wall is read: it is taken as a constant power and a share of what the components use"
        found.append(_model("overhead", beyond_w, why, "none yet: reading wall meters is not built in"))
    return tuple(found)


def _model(kind: str, value: Interval, why: str, fix: str) -> Finding:
    return Finding(kind, kind, "power_model", "modelled", "model", _error_pct(value), None, why, fix)


def _reason(kind: str, measured: set[str], missing: Iterable[Finding]) -> tuple[str, str]:
    """Why a kind is not measured, as its collectors say; memory often for the reason that processors are not."""
    asked = {kind} if "cpu" in measured else {kind, "cpu"}
    for one in missing:
        if one.kind in asked and one.why:
            return one.why, one.fix or _NOTHING
    return f"no counter for the {_NAMES[kind]} was found", "none on this machine: the figure is modelled"


def _missing(instruments: Instruments) -> tuple[Finding, ...]:
    """Refusals, and other ways to what is read already."""
    plan = instruments.plan
    refused = [
        Finding(one.kind, one.channel, one.collector, "unavailable", None, None, None, one.why, one.fix or _NOTHING)
        for one in plan.refusals
    ]
    chosen = {channel.thing: channel for channel in plan.channels}
    return (*refused, *(_other_way(channel, chosen[channel.thing]) for channel in plan.passed_over))


def _other_way(channel: Channel, chosen: Channel) -> Finding:
    why = f"another way to the same counter was chosen: {chosen.collector}, {chosen.method}"
    return Finding(
        channel.kind, channel.name, channel.collector, "unavailable", channel.method, None, None, why, _NOTHING
    )


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
    keys = ("id", "cpu", "logical_cpus", "memory_gb", "virtual", "sockets", "cores", "container")
    return {
        "schema": SCHEMA,
        "host": {key: getattr(host, key) for key in keys} | {"gpus": list(host.gpus)},
        "region": {"zone": found.region.zone, "how": found.region.how, "note": found.region.note},
        "channels": [one._asdict() for one in found.findings],
        "settings": [{"name": name, "value": value, "from": origin} for name, value, origin in found.settings],
        "home": {"writable": found.home_why is None, "why": found.home_why},
    }


def as_text(found: Examination) -> str:
    """The same for people: first what is measured and how well, then what is missing and how to mend it."""
    lines = []
    if found.disabled:
        lines += ["FOOTPRINT_DISABLED is set: nothing is measured or kept until it is unset.", ""]
    lines += [*_measured_lines(found.findings), "", *_modelled_lines(found.findings)]
    lines += _missing_lines(found.findings)
    lines += ["", f"Machine: {_machine(found.host)}", f"Region: {_region(found.region)}"]
    set_by_hand = [f"  {name} = {value} ({origin})" for name, value, origin in found.settings if origin != "default"]
    kept = {name: value for name, value, _ in found.settings}.get("home")
    lines.append(f"Runs are kept in: {kept}" if found.home_why is None else f"Runs are not kept: {found.home_why}")
    if found.home_why is not None:
        lines.append("  to mend it: set FOOTPRINT_HOME to a folder that you can write")
    lines += ["Settings that are not defaults:", *set_by_hand] if set_by_hand else ["Settings: all defaults"]
    return "\n".join(lines)


def as_plain(found: Examination) -> str:
    """The same, one fact a line: each names its channel, and nothing is told by its place."""
    states = ("measured", "modelled", "unavailable")
    known = {one.state for one in found.findings}
    lines = ["Footprint is disabled by FOOTPRINT_DISABLED: nothing is measured or kept"] if found.disabled else []
    lines += [f"Nothing is {state} here" for state in states[:2] if state not in known]
    for one in sorted(found.findings, key=lambda one: states.index(one.state)):
        lines += [f"Channel {one.channel}, {fact}" for fact in _facts(one)]
    lines += [f"Machine: {_machine(found.host)}", f"Region: {_region(found.region)}"]
    kept = {name: value for name, value, _ in found.settings}.get("home")
    lines.append(f"Runs are kept in: {kept}" if found.home_why is None else f"Runs are not kept: {found.home_why}")
    if found.home_why is not None:
        lines.append("To keep them: set FOOTPRINT_HOME to a folder that you can write")
    by_hand = [
        f"Setting {name}: {value}, from {origin}" for name, value, origin in found.settings if origin != "default"
    ]
    return "\n".join([*lines, *(by_hand or ["Settings: all defaults"])])


def _facts(one: Finding) -> Iterable[str]:
    """What is known of a channel."""
    yield f"what it is: {_NAMES.get(one.kind, one.kind)}"
    yield f"state: {'not available' if one.state == 'unavailable' else one.state}"
    if one.state == "measured":
        yield f"read by: {one.method}"
    if one.state != "unavailable":
        yield _within(one).replace("error ", "error: ", 1).replace(" %", " per cent")
    if one.inside:
        yield f"counted inside: {one.inside}"
    if one.why:
        yield f"why it is not measured: {one.why}"
    yield from (line.strip() for line in _fix_lines(one))


def _measured_lines(all_found: Iterable[Finding]) -> list[str]:
    measured = [one for one in all_found if one.state == "measured"]
    if not measured:
        return ["Measured here: nothing. All energy is modelled from the time that the processors are busy."]
    lines = ["Measured here:"]
    for one in measured:
        inside = f", counted inside {one.inside}" if one.inside else ""
        lines.append(f"  {one.channel}: {_NAMES.get(one.kind, one.kind)}, {one.method}, {_within(one)}{inside}")
    return lines


def _modelled_lines(all_found: Iterable[Finding]) -> list[str]:
    lines = ["Modelled here, with wide intervals:"]
    for one in all_found:
        if one.state == "modelled":
            lines.append(f"  {one.channel}: {_NAMES.get(one.kind, one.kind)}, {_within(one)}")
            lines += [f"    because {one.why}", *_fix_lines(one)]
    return lines if len(lines) > 1 else ["Modelled here: nothing."]


def _missing_lines(all_found: Iterable[Finding]) -> list[str]:
    """What has not been said beside a modelled channel."""
    said = {one.why for one in all_found if one.state == "modelled"}
    rest = [one for one in all_found if one.state == "unavailable" and one.why not in said]
    lines = ["", "Not available:"] if rest else []
    for one in rest:
        lines += [f"  {one.channel}: {one.why}", *_fix_lines(one)]
    return lines


def _fix_lines(one: Finding) -> list[str]:
    """The step that mends it, where there is one."""
    idle = not one.fix or one.fix == _NOTHING or one.fix.startswith(("none on", "none yet"))
    return [] if idle else [f"    to mend it: {one.fix}"]


def _within(one: Finding) -> str:
    return f"error up to {one.error_pct:.0f} %" if one.error_pct is not None else "error not known"


def _machine(host: HostInfo) -> str:
    size = [f"{host.logical_cpus} logical CPU{'s' if host.logical_cpus != 1 else ''}"]
    if host.memory_gb is not None:
        size.append(f"{host.memory_gb:.0f} GB memory")
    kind = {True: "virtual", False: "physical", None: "not known whether virtual"}[host.virtual]
    marks = [kind, *([f"inside {host.container}"] if host.container else []), *(["battery"] if host.battery else [])]
    return ", ".join([host.cpu or "processor not named", *size, *marks, *host.gpus])


def _region(where: RegionRef) -> str:
    note = f"; {where.note}" if where.note else ""
    return f"{where.zone} ({where.how}){note}"


def look(environ: Mapping[str, str]) -> Examination:
    """Examine this machine with the settings of an environment. Raises UsageError for broken settings."""
    return examine(config.load({}, environ))
