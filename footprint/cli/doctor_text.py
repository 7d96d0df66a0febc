"""What ``footprint doctor`` says to people: what is measured and how well, what is missing, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from footprint import wording
from footprint.doctor import NAMES, NOTHING, Examination, Finding
from footprint.records.raw import HostInfo, RegionRef


def text(found: Examination) -> str:
    """The same for people: first what is measured and how well, then what is missing and how to mend it."""
    lines = []
    if found.disabled:
        lines += ["FOOTPRINT_DISABLED is set: nothing is measured or kept until it is unset.", ""]
    said: dict[str, str] = {}
    lines += [*_measured_lines(found.findings), "", *_modelled_lines(found.findings, said)]
    lines += _missing_lines(found.findings, said)
    lines += ["", f"Machine: {_machine(found.host)}", *_around(found)]
    lines += [f"A run here holds: {_held(found)}", f"Region: {_region(found.region)}"]
    set_by_hand = [f"  {name} = {value} ({origin})" for name, value, origin in found.settings if origin != "default"]
    lines += _kept(found)
    if found.home_why is not None:
        lines.append("  to mend it: set FOOTPRINT_HOME to a folder that you can write")
    lines += ["Settings that are not defaults:", *set_by_hand] if set_by_hand else ["Settings: all defaults"]
    return "\n".join(lines)


def plain(found: Examination) -> str:
    """The same, one fact a line: each names its channel, and nothing is told by its place."""
    states = ("measured", "modelled", "unavailable")
    known = {one.state for one in found.findings}
    lines = ["Footprint is disabled by FOOTPRINT_DISABLED: nothing is measured or kept"] if found.disabled else []
    lines += [f"Nothing is {state} here" for state in states[:2] if state not in known]
    for one in sorted(found.findings, key=lambda one: states.index(one.state)):
        lines += [f"Channel {one.channel}, {fact}" for fact in _facts(one)]
    lines += [f"Machine: {_machine(found.host)}", *_around(found)]
    lines += [f"A run here holds: {_held(found)}", f"Region: {_region(found.region)}"]
    lines += _kept(found)
    if found.home_why is not None:
        lines.append("To keep them: set FOOTPRINT_HOME to a folder that you can write")
    by_hand = [
        f"Setting {name}: {value}, from {origin}" for name, value, origin in found.settings if origin != "default"
    ]
    return "\n".join([*lines, *(by_hand or ["Settings: all defaults"])])


def _kept(found: Examination) -> list[str]:
    """Where runs are kept, or why they are not; nothing of a recorded host, which keeps none."""
    folder = {name: value for name, value, _ in found.settings}.get("home")
    if folder is None:
        return []
    return [f"Runs are kept in: {folder}" if found.home_why is None else f"Runs are not kept: {found.home_why}"]


def _facts(one: Finding) -> Iterable[str]:
    """What is known of a channel."""
    yield f"what it is: {NAMES.get(one.kind, one.kind)}"
    yield f"state: {'not available' if one.state == 'unavailable' else one.state}"
    if one.state == "measured":
        yield f"read by: {one.method}"
    if one.reads:
        yield f"what is read: {one.reads}"
    if one.chosen:
        yield f"choice: {one.chosen}"
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
        lines.append(f"  {one.channel}: {NAMES.get(one.kind, one.kind)}, {one.method}, {_within(one)}{inside}")
        lines += [f"    reads {one.reads}"] if one.reads else []
        lines += [f"    chosen {one.chosen}"] if one.chosen else []
    return lines


def _modelled_lines(all_found: Iterable[Finding], said: dict[str, str]) -> list[str]:
    """``said``: the fixes that stand above, and for which channel; grows."""
    lines = ["Modelled here, with wide intervals:"]
    for one in all_found:
        if one.state == "modelled":
            lines.append(f"  {one.channel}: {NAMES.get(one.kind, one.kind)}, {_within(one)}")
            lines += [f"    because {one.why}", *_fix_lines(one, said)]
            said.setdefault(one.fix or "", one.channel)
    return lines if len(lines) > 1 else ["Modelled here: nothing."]


def _missing_lines(all_found: Iterable[Finding], fixes: dict[str, str]) -> list[str]:
    """What has not been said beside a modelled channel."""
    said = {one.why for one in all_found if one.state == "modelled"}
    rest = [one for one in all_found if one.state == "unavailable" and one.why not in said]
    lines = ["", "Not available:"] if rest else []
    named = [one.channel for one in all_found]
    for one in rest:
        way = f" by {one.collector}" if named.count(one.channel) > 1 else ""
        lines += [f"  {one.channel}{way}: {one.why}", *_fix_lines(one, fixes)]
        fixes.setdefault(one.fix or "", one.channel)
    return lines


def _fix_lines(one: Finding, said: Mapping[str, str] = {}) -> list[str]:
    """The step that mends it, where there is one; once, however many channels it would give."""
    idle = not one.fix or one.fix == NOTHING or one.fix.startswith(("none on", "none yet"))
    if idle or one.fix is None:
        return []
    if one.fix in said:
        return [f"    to mend it: as for {said[one.fix]}"]
    if one.fix.startswith("none inside"):
        return [f"    nothing mends it {one.fix.removeprefix('none ')}"]
    command, comment, note = one.fix.partition(" # ")
    return [f"    to mend it: {command}", *([f"    note: {note}"] if comment else [])]


def bundled(path: str, size: int, folders: Mapping[str, int], variables: Iterable[str]) -> str:
    """After ``--bundle``: what was written, so that its owner knows before it is sent to anybody."""
    inside = ", ".join(f"{count} of {folder}" for folder, count in folders.items())
    names = ", ".join(variables) or "none"
    return (
        f"Written: {path}, {max(1, round(size / 1000))} kB of text. Read it before you send it to anybody.\n"
        f"Files in it: {inside}\n"
        f"Variables in it: {names}\n"
        "Not in it: names of host and user, addresses, serial numbers, command lines; ids are replaced by id-1, id-2 …"
    )


def _within(one: Finding) -> str:
    return f"error up to {one.error_pct:.0f} %" if one.error_pct is not None else "error not known"


def _machine(host: HostInfo) -> str:
    size = [f"{host.logical_cpus} logical CPU{'s' if host.logical_cpus != 1 else ''}"]
    if host.memory_gb is not None:
        size.append(f"{host.memory_gb:.0f} GB memory")
    kind = {True: "virtual", False: "physical", None: "not known whether virtual"}[host.virtual]
    marks = [kind, *([f"inside {host.container}"] if host.container else []), *(["battery"] if host.battery else [])]
    return ", ".join([host.cpu or "processor not named", *size, *marks, *host.gpus])


_SHOWN = {"/proc/stat": "busy time", "/proc/meminfo": "memory", "/proc/cpuinfo": "processors"}
_SANDBOXES = {
    "gvisor": "gVisor's kernel shows no sensor and no time but its own: all energy is modelled from that",
    "wsl": "WSL is a virtual machine under Windows: it is not shown the processors' counters",
}


def _around(found: Examination) -> Iterable[str]:
    """What stands between us and the machine, and what that means."""
    if found.host.container in _SANDBOXES:
        yield f"Container: {_SANDBOXES[found.host.container]}"
    if found.host.faked:
        what = ", ".join(_SHOWN.get(path, "CPUs") for path in found.host.faked.split())
        yield f"Container: lxcfs shows its own {what} in place of the machine's (it covers {found.host.faked})"
        if "/proc/stat" in found.host.faked:
            yield (
                "Container: what the rest of the machine does is not seen, so a run's share of measured energy is too "
                "high and its range wide; measure on the machine, or mount its /proc and name it with FOOTPRINT_SYSROOT"
            )


def _held(found: Examination) -> str:
    """What a run holds of the machine, and who says so."""
    held = found.allocation
    if held.how == "unknown":
        return "not known; idle energy goes by busy time"
    memory = f", {wording.number(held.memory_gb)} GB memory" if held.memory_gb is not None else ""
    alone = "alone" if held.alone else "shared with others"
    return f"{wording.number(held.cpus)} CPUs{memory} ({held.how}), {alone}"


def _region(where: RegionRef) -> str:
    note = f"; {where.note}" if where.note else ""
    return f"{where.zone} ({where.how}){note}"
