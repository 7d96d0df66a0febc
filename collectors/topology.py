"""Sockets and cores of a machine whose first processor's record does not say them: right, or not known.

Only what is online counts. Cores are told apart by which CPUs share one, on every architecture. Sockets are told by the
number of each CPU's package, and that is a socket's only on some: Arm and RISC-V boards count clusters there, POWER
counts chips of which a socket may hold two, mainframes begin anew in every book.
https://docs.kernel.org/admin-guide/cputopology.html
"""

from __future__ import annotations

from collections.abc import Mapping

from footprint.collectors.host import Host

_CPUS = "/sys/devices/system/cpu"
_TREE = "/proc/device-tree/cpus"


def topology(host: Host, fields: Mapping[str, str], online: tuple[int, ...]) -> tuple[int | None, int | None]:
    """(sockets, cores) of the CPUs that are online; None for each that cannot be told. ``fields``: of one processor."""
    sockets, cores = _sockets(host, fields, online), _cores(host, online)
    if cores is None and "physical id" in fields:
        return _by_records(host)
    return sockets, cores


def _cores(host: Host, online: tuple[int, ...]) -> int | None:
    """How many groups of CPUs share a core."""
    if not online:
        return None
    if _read(host, f"{_CPUS}/smt/active") == "0":
        return len(online)
    seen: set[int] = set()
    cores = 0
    for cpu in online:
        if cpu in seen:
            continue
        folder = f"{_CPUS}/cpu{cpu}/topology"
        together = _read(host, f"{folder}/core_cpus_list") or _read(host, f"{folder}/thread_siblings_list")
        members = _numbers(together)
        if cpu not in members:
            return None
        seen.update(members)
        cores += 1
    return cores


def _sockets(host: Host, fields: Mapping[str, str], online: tuple[int, ...]) -> int | None:
    """How many packages there are, where a package is a socket."""
    if "flags" in fields:
        return _packages(host, online)
    if "cpu implementer" in fields or "isa" in fields:
        if host.exists(_TREE):
            named = sum(name.startswith("socket") for name in host.list_dir(f"{_TREE}/cpu-map"))
            return named or None
        return _packages(host, online)
    if "loongson" in fields.get("cpu family", "").lower():
        return 1 if _packages(host, online) == 1 else None  # some sockets hold several
    if fields.get("cpu", "").startswith("POWER9"):  # the one POWER of late whose socket holds one chip
        return _packages(host, online)
    return None


def _packages(host: Host, online: tuple[int, ...]) -> int | None:
    """Different packages of the CPUs that are online; None where one does not say its own."""
    found: set[str] = set()
    seen: set[int] = set()
    for cpu in online:
        if cpu in seen:
            continue
        folder = f"{_CPUS}/cpu{cpu}/topology"
        package = _read(host, f"{folder}/physical_package_id")
        if not package.isdigit():  # -1 where firmware says nothing
            return None
        found.add(package)
        together = _read(host, f"{folder}/package_cpus_list") or _read(host, f"{folder}/core_siblings_list")
        seen.update(_numbers(together), (cpu,))
    return len(found) or None


def _by_records(host: Host) -> tuple[int | None, int | None]:
    """From the records of all processors, where there is no other way."""
    packages: set[str] = set()
    cores: set[tuple[str, str]] = set()
    package = ""
    for line in _read(host, "/proc/cpuinfo").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "physical id":
            package = value.strip()
            packages.add(package)
        elif name.strip() == "core id":
            cores.add((package, value.strip()))
    return len(packages) or None, len(cores) or None


def memory_of_nodes_kib(host: Host) -> int | None:
    """Memory of all nodes (KiB), those without CPUs too: what the kernel counts whatever a container is shown."""
    total = 0
    folder = "/sys/devices/system/node"
    for name in host.list_dir(folder):
        if name.startswith("node") and name[4:].isdigit():
            words = _read(host, f"{folder}/{name}/meminfo").split()
            if "MemTotal:" not in words[:-1]:
                return None
            size = words[words.index("MemTotal:") + 1]
            if not size.isdigit():
                return None
            total += int(size)
    return total or None


def _read(host: Host, path: str) -> str:
    try:
        return host.read_text(path)
    except OSError:
        return ""


def _numbers(text: str) -> set[int]:
    """The numbers of a list such as ``0-3,8``; none where it cannot be read."""
    found: set[int] = set()
    try:
        for part in text.split(","):
            first, _, last = part.partition("-")
            found.update(range(int(first), int(last or first) + 1))
    except ValueError:
        return set()
    return found
