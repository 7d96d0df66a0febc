"""RAPL energy counters as Linux shows them under ``/sys/class/powercap``: lists the zones and reads them.

What a zone is follows from its ``name`` file, what contains it from its place in the tree. RAPL's memory
(``dram``) is a zone inside the package's, and yet its energy is not part of the package's. One refused
zone leaves its neighbours alone. Layout: https://docs.kernel.org/power/powercap/powercap.html
"""

import errno
from collections.abc import Callable, Mapping
from typing import NamedTuple

from footprint.collectors.channel import Channel, Refusal
from footprint.collectors.host import Handle, Host
from footprint.collectors.offer import Offer
from footprint.collectors.rapl_generation import by_generation
from footprint.collectors.rapl_refusals import (
    FOLDER,
    MAY_READ,
    NOTHING_TO_DO,
    RELOAD_MODULE,
    hidden,
    is_amd,
    is_virtual,
    no_zones,
)
from footprint.collectors.rapl_thing import (
    KINDS,
    POWERED,
    SECOND_LOOK_S,
    RaplReader,
    channel,
    limit_w,
    moves,
    without_orphans,
)
from footprint.collectors.sysfs import CounterFile, is_number, number, quoted, words
from footprint.units import UJ_PER_J, UW_PER_W

NAME = "rapl_powercap"
_COUNTER = "energy_uj"
_CPUS = "/sys/devices/system/cpu"


class _Zone(NamedTuple):
    """One folder of the tree that can be read."""

    path: str
    written: str
    """What its ``name`` file says."""
    channel: Channel


class _Found(NamedTuple):
    """A zone that has a name."""

    id: str
    """``intel-rapl:0:1``: where it is in the tree."""
    path: str
    written: str
    """What its ``name`` file says: ``package-0``, ``dram``."""
    name: str
    """The channel's name: ``package-0``, ``dram-0``."""
    part: str
    """``package``, ``dram`` …: the name without its number."""
    top: bool


def discover(host: Host) -> Offer:
    """The RAPL zones of a host. Reads each counter once; never raises for what it finds."""
    paths = _zone_paths(host)
    if not paths:
        return Offer(NAME, refusals=(no_zones(host),))
    refusals: list[Refusal] = []
    found = _named(host, paths, refusals)
    if not found and refusals:
        refusals = [hidden(refusals[0])]
    amd = is_amd(host)
    zones: dict[tuple[str, str], _Zone] = {}
    for one in found:
        zone = _zone(host, one, amd=amd)
        if isinstance(zone, Refusal):
            refusals.append(zone)
        elif (zone.channel.name, zone.channel.method) in zones:
            refusals.append(_refusal(one, f"two zones are called {one.name}: {one.path} is the second", RELOAD_MODULE))
        else:
            zones[zone.channel.name, zone.channel.method] = zone
    refusals += _sockets_without_zone(host, found)
    kept = by_generation(host, without_orphans((zone.channel for zone in zones.values()), NAME, refusals))

    def open_reader(channels: tuple[Channel, ...]) -> RaplReader:
        chosen = {one.name: zones.get((one.name, one.method)) for one in channels}
        return RaplReader(host, {name: _counter(host, name, zone) for name, zone in chosen.items() if zone is not None})

    return Offer(NAME, kept, tuple(refusals), open_reader if kept else None)


def _counter(host: Host, name: str, zone: _Zone) -> CounterFile:
    return CounterFile(host, zone.path, _COUNTER, moves=moves(name), opened=_opener(host, zone))


def _opener(host: Host, zone: _Zone) -> Callable[[], Handle]:
    """Opens a zone's counter; opened again (the module was reloaded), only if the zone still has its name."""
    opened = False

    def open_counter() -> Handle:
        nonlocal opened
        if opened and host.read_text(f"{zone.path}/name") != zone.written:
            raise OSError(errno.ENODEV, f"the zone is not {zone.written} any more")
        opened = True
        return host.open(f"{zone.path}/{_COUNTER}")

    return open_counter


def _zone_paths(host: Host) -> dict[str, str]:
    """Folder of each zone by its id, the processor's own interface before its memory-mapped twin."""
    paths: dict[str, str] = {}
    waiting = [(FOLDER, name) for name in host.list_dir(FOLDER)]
    for folder, name in waiting:  # grows while it is gone through: parts lie inside their zone, beside it, or both
        if ":" not in name or not name.startswith("intel-rapl") or name in paths:
            continue
        paths[name] = path = f"{folder}/{name}"
        waiting += [(path, inner) for inner in host.list_dir(path) if inner.startswith(name + ":")]
    return {name: paths[name] for name in sorted(paths, key=_order)}


def _order(zone_id: str) -> tuple[bool, list[tuple[bool, int, str]]]:
    """By number where there is one: ``:2`` before ``:10`` before ``:a``."""
    parts = zone_id.split(":")[1:]
    return "mmio" in zone_id, [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]


def _named(host: Host, paths: Mapping[str, str], refusals: list[Refusal]) -> list[_Found]:
    """The zones with their channels' names; a part of a package takes the package's number."""
    found: dict[str, _Found] = {}
    for zone_id, path in paths.items():
        try:
            written = host.read_text(f"{path}/name")
        except OSError as fault:
            why = f"{path}/name cannot be read: {words(fault)}"
            refusals.append(Refusal("cpu", zone_id, NAME, why, RELOAD_MODULE))
            continue
        parent = found.get(zone_id.rpartition(":")[0])
        part, _, number = written.partition("-")
        if parent is not None and not number:
            number = parent.name.partition("-")[2]
        name = f"{part}-{number}" if number else part
        found[zone_id] = _Found(zone_id, path, written, name or zone_id, part, parent is None)
    return list(found.values())


def _zone(host: Host, found: _Found, *, amd: bool) -> _Zone | Refusal:
    """A zone with its channel, or why it cannot be had."""
    if found.top and found.part not in POWERED:
        return _refusal(found, f"{found.path} is a zone called {found.name!r}: not known what it counts", NOTHING_TO_DO)
    if found.part == "psys" and found.name != "psys":
        return _refusal(
            found, f"{found.name} is the platform of a second socket: it may count the first again", NOTHING_TO_DO
        )
    if amd and found.part == "core":
        return _refusal(found, f"on AMD processors {found.path} counts one core, not all of them", NOTHING_TO_DO)
    refusal = _unreadable(host, found)
    if refusal is not None:
        return refusal
    method = "rapl-mmio-counter" if "mmio" in found.id else "rapl-counter"
    range_j, most_w = _range_j(host, found.path), limit_w(_stated_w(host, found.path))
    return _Zone(found.path, found.written, channel(found.name, NAME, method, amd=amd, range_j=range_j, limit_w=most_w))


def _sockets_without_zone(host: Host, found: list[_Found]) -> list[Refusal]:
    """The last CPU's socket, where it has no zone: its energy would be missing, and nothing would say so."""
    packages = {one.name.split("-")[1] for one in found if one.part == "package" and "-" in one.name}
    try:
        last = host.read_text(f"{_CPUS}/online").replace(",", "-").rpartition("-")[2]
        socket = host.read_text(f"{_CPUS}/cpu{last}/topology/physical_package_id")
    except OSError:
        return []
    if not packages or not is_number(socket) or socket in packages or int(socket) < len(packages):
        return []
    why = f"{FOLDER} has no zone for it, though its processors work"
    return [Refusal("cpu", f"package-{socket}", NAME, why, RELOAD_MODULE)]


def _unreadable(host: Host, found: _Found) -> Refusal | None:
    """Why a zone's counter cannot be used, if so."""
    path = f"{found.path}/{_COUNTER}"
    try:
        text = host.read_text(path)
        if text == "0":
            host.sleep(SECOND_LOOK_S)
            text = host.read_text(path)
    except OSError as fault:
        denied = isinstance(fault, PermissionError)
        why = f"{path} cannot be read: {words(fault)}" + ("; since Linux 5.10 only root may" if denied else "")
        return _refusal(found, why, MAY_READ if denied else RELOAD_MODULE)
    if not is_number(text):
        return _refusal(found, f"{path} holds {quoted(text)}, no counter", RELOAD_MODULE)
    if text == "0" and found.part in POWERED:
        fix = "none inside a virtual machine: the figure is modelled" if is_virtual(host) else RELOAD_MODULE
        return _refusal(found, f"{path} stands at 0: there is no counter behind it", fix)
    return None


def _range_j(host: Host, path: str) -> float | None:
    """Where the counter starts again; None where that is not stated."""
    value = number(host, f"{path}/max_energy_range_uj")
    return value / UJ_PER_J if value else None


def _stated_w(host: Host, path: str) -> list[float]:
    """Every limit that a zone states, in W."""
    names = (name for name in host.list_dir(path) if name.startswith("constraint_"))
    files = [name for name in names if name.endswith(("_power_limit_uw", "_max_power_uw"))]
    return [(number(host, f"{path}/{name}") or 0) / UW_PER_W for name in files]


def _refusal(found: _Found, why: str, fix: str) -> Refusal:
    return Refusal(KINDS.get(found.part, "other"), found.name, NAME, why, fix)
