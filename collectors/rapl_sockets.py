"""Which CPU speaks for which package, for ways to RAPL that go by CPU: packages are called as powercap calls them."""

from __future__ import annotations

from footprint.collectors.host import Host
from footprint.collectors.sysfs import number

_CPUS = "/sys/devices/system/cpu"


def listed(text: str) -> list[int]:
    """Numbers of a list such as ``0-3,8``; empty for one that cannot be read."""
    numbers: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        last = last if dash else first
        if not first.isdigit() or not last.isdigit():
            return []
        numbers += range(int(first), int(last) + 1)
    return numbers


def cpus_in(host: Host, path: str) -> list[int]:
    """CPUs that a file lists; empty where it cannot be read."""
    try:
        return listed(host.read_text(path))
    except OSError:
        return []


def online(host: Host) -> list[int]:
    """CPUs that work."""
    return cpus_in(host, f"{_CPUS}/online")


def packages(host: Host, cpus: list[int], *, by_die: bool) -> dict[str, list[int]]:
    """CPUs of each package by its number as powercap writes it: ``0``; ``0-die-1`` where packages have several dies.

    ``by_die`` where the counters are each die's own, as Intel's are. Without a topology, all are of package 0.
    """
    places: dict[tuple[int, int], list[int]] = {}
    for cpu in cpus:
        topology = f"{_CPUS}/cpu{cpu}/topology"
        die = number(host, f"{topology}/die_id") if by_die else None
        places.setdefault((number(host, f"{topology}/physical_package_id") or 0, die or 0), []).append(cpu)
    has_dies = any(die > 0 for _, die in places)
    return {
        f"{package}-die-{die}" if has_dies else f"{package}": places[package, die] for package, die in sorted(places)
    }
