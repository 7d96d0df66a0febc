"""RAPL energy counters as Linux shows them under ``/sys/class/powercap``: lists the zones and reads them.

What a zone is follows from its ``name`` file, what contains it from its place in the tree. RAPL's memory
(``dram``) is a zone inside the package's, and yet its energy is not part of the package's. One refused
zone leaves its neighbours alone. Layout: https://docs.kernel.org/power/powercap/powercap.html
"""

from collections.abc import Mapping
from typing import NamedTuple

from footprint.collectors.channel import Channel, Refusal
from footprint.collectors.host import Host
from footprint.collectors.offer import Offer
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
from footprint.collectors.reading import GpuUse, Outcome
from footprint.collectors.sysfs import CounterFile, is_number, number, quoted, words
from footprint.units import UJ_PER_J, UW_PER_W

NAME = "rapl_powercap"
_COUNTER = "energy_uj"
_PSYS = "rapl:psys"
_KINDS = {"package": "cpu", "core": "cpu", "uncore": "cpu", "dram": "dram", "psys": "board"}
_SENSORS = {"package": "package", "core": "core", "uncore": "core", "dram": "dram", "psys": "psys"}
"""What the sensor is called in sensors.csv."""
_REFRESH_S = 0.001
"""The counters are brought up to date about once a millisecond (Intel SDM vol. 3B, 16.10.1)."""
_LIMIT_MARGIN = 2.0
"""For short times a package draws more than its limits say."""
_NO_LIMIT_W = 3_000.0
"""Firmware that knows no limit writes one far above what any package can draw."""
_POWERED = ("package", "dram", "psys")
"""Zones that are never without power; cores may be."""
_SECOND_LOOK_S = 0.003


class _Zone(NamedTuple):
    """One folder of the tree that can be read."""

    path: str
    channel: Channel


class _Found(NamedTuple):
    """A zone that has a name."""

    id: str
    """``intel-rapl:0:1``: where it is in the tree."""
    path: str
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
    suffix = "-amd" if is_amd(host) else ""
    zones: dict[tuple[str, str], _Zone] = {}
    for one in found:
        zone = _zone(host, one, suffix)
        if isinstance(zone, Refusal):
            refusals.append(zone)
        elif (zone.channel.name, zone.channel.method) in zones:
            refusals.append(_refusal(one, f"two zones are called {one.name}: {one.path} is the second", RELOAD_MODULE))
        else:
            zones[zone.channel.name, zone.channel.method] = zone
    kept = _without_orphans(tuple(zones.values()), refusals)

    def open_reader(channels: tuple[Channel, ...]) -> PowercapReader:
        wanted = {(channel.name, channel.method): channel for channel in channels}
        return PowercapReader(host, {key: zones[key].path for key in wanted if key in zones}, channels)

    return Offer(NAME, tuple(zone.channel for zone in kept), tuple(refusals), open_reader if kept else None)


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
        found[zone_id] = _Found(zone_id, path, name or zone_id, part, parent is None)
    return list(found.values())


def _zone(host: Host, found: _Found, suffix: str) -> _Zone | Refusal:
    """A zone with its channel, or why it cannot be had."""
    if found.top and found.part not in _POWERED:
        return _refusal(found, f"{found.path} is a zone called {found.name!r}: not known what it counts", NOTHING_TO_DO)
    if found.part == "psys" and found.name != "psys":
        return _refusal(
            found, f"{found.name} is the platform of a second socket: it may count the first again", NOTHING_TO_DO
        )
    if suffix and found.part == "core":
        return _refusal(found, f"on AMD processors {found.path} counts one core, not all of them", NOTHING_TO_DO)
    refusal = _unreadable(host, found)
    if refusal is not None:
        return refusal
    channel = Channel(
        kind=_KINDS.get(found.part, "other"),
        name=found.name,
        collector=NAME,
        method="rapl-mmio-counter" if "mmio" in found.id else "rapl-counter",
        reading="counter",
        thing=f"rapl:{found.name}",
        inside=_container(found),
        range_j=_range_j(host, found.path),
        limit_w=_limit_w(host, found.path),
        refresh_s=_REFRESH_S,
        sensor=f"rapl-{_SENSORS[found.part]}{suffix}" if found.part in _SENSORS else "unstated",
    )
    return _Zone(found.path, channel)


def _container(found: _Found) -> str | None:
    """What holds a zone's energy within its own: the platform holds packages and memory, a package its parts."""
    if found.part == "psys":
        return None
    if found.part in ("package", "dram"):
        return _PSYS
    return f"rapl:package-{found.name.partition('-')[2]}"


def _unreadable(host: Host, found: _Found) -> Refusal | None:
    """Why a zone's counter cannot be used, if so."""
    path = f"{found.path}/{_COUNTER}"
    try:
        text = host.read_text(path)
        if text == "0":
            host.sleep(_SECOND_LOOK_S)
            text = host.read_text(path)
    except OSError as fault:
        denied = isinstance(fault, PermissionError)
        why = f"{path} cannot be read: {words(fault)}" + ("; since Linux 5.10 only root may" if denied else "")
        return _refusal(found, why, MAY_READ if denied else RELOAD_MODULE)
    if not is_number(text):
        return _refusal(found, f"{path} holds {quoted(text)}, no counter", RELOAD_MODULE)
    if text == "0" and found.part in _POWERED:
        fix = "none inside a virtual machine: the figure is modelled" if is_virtual(host) else RELOAD_MODULE
        return _refusal(found, f"{path} stands at 0: there is no counter behind it", fix)
    return None


def _without_orphans(zones: tuple[_Zone, ...], refusals: list[Refusal]) -> tuple[_Zone, ...]:
    """Without parts whose package cannot be read (a part alone would pass for the whole), nor unread containers."""
    things = {zone.channel.thing for zone in zones}
    kept: list[_Zone] = []
    for zone in zones:
        channel = zone.channel
        if channel.inside is None or channel.inside in things:
            kept.append(zone)
        elif channel.inside == _PSYS:
            kept.append(zone._replace(channel=channel._replace(inside=None)))
        else:
            package = channel.inside.partition(":")[2]
            why = f"{channel.name} is only a part of {package}, which cannot be read"
            refusals.append(Refusal(channel.kind, channel.name, NAME, why, f"make {package} readable"))
    return tuple(kept)


def _range_j(host: Host, path: str) -> float | None:
    """Where the counter starts again; None where that is not stated."""
    value = number(host, f"{path}/max_energy_range_uj")
    return value / UJ_PER_J if value else None


def _limit_w(host: Host, path: str) -> float | None:
    """More than this is impossible: the highest limit that is stated, with a margin; None where none makes sense."""
    highest_w = 0.0
    for name in host.list_dir(path):
        if name.startswith("constraint_") and name.endswith(("_power_limit_uw", "_max_power_uw")):
            limit_w = (number(host, f"{path}/{name}") or 0) / UW_PER_W
            if limit_w < _NO_LIMIT_W:
                highest_w = max(highest_w, limit_w)
    return highest_w * _LIMIT_MARGIN or None


def _refusal(found: _Found, why: str, fix: str) -> Refusal:
    return Refusal(_KINDS.get(found.part, "other"), found.name, NAME, why, fix)


class PowercapReader:
    """Keeps the counters' files open; one ``pread`` each, a look."""

    def __init__(self, host: Host, paths: Mapping[tuple[str, str], str], channels: tuple[Channel, ...]) -> None:
        self._host = host
        self._counters = {
            channel.name: CounterFile(host, path, _COUNTER, moves=channel.name.partition("-")[0] in _POWERED)
            for channel in channels
            if (path := paths.get((channel.name, channel.method))) is not None
        }

    def read(self) -> Mapping[str, Outcome]:
        """A counter (J), or why there is none, for each channel."""
        now_s = self._host.monotonic()
        return {name: counter.read(now_s) for name, counter in self._counters.items()}

    def gpu_use(self) -> Mapping[str, GpuUse]:
        """Nothing: these are no GPUs."""
        return {}

    def close(self) -> None:
        """Close the files; a second call is harmless."""
        for counter in self._counters.values():
            counter.close()
