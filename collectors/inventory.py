"""What machine this is: processor, memory, whether it is virtual, in a container, on a battery.

Nothing personal is read: no host name, no serial number, no user. What is not known stays None.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from footprint.collectors.container import container, faked
from footprint.collectors.host import Host
from footprint.collectors.machine import HostInfo
from footprint.units import BYTES_PER_GB, BYTES_PER_KIB

_SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}
_DMI = "/sys/class/dmi/id/"
_CPUS = "/sys/devices/system/cpu"
_NAMED_BY = ("model name", "cpu", "uarch", "cpu model")
"""Where a processor's name stands in its record: x86 and LoongArch, POWER, RISC-V, MIPS."""
_VIRTUAL = (
    # what hypervisors write where a board's maker and model stand
    "qemu", "kvm", "vmware", "virtualbox", "innotek", "xen", "virtual machine", "bochs", "parallels", "openstack",
    "google compute engine", "alibaba cloud", "digitalocean", "vserver", "droplet", "bhyve", "firecracker",
    "apple virtualization", "rhev", "nutanix ahv", "amazon ec2",
)  # fmt: skip


def inventory(host: Host, home_id: str) -> HostInfo:
    """The machine without its GPUs. ``home_id`` is the random name that its store made for itself."""
    if not host.exists("/proc/cpuinfo") and sys.platform != "linux":
        return _elsewhere(host, home_id)
    fields, around, false = _cpuinfo(host), container(host), faked(host)
    online = _online_by_nodes(host) if false else numbers(_text(host, f"{_CPUS}/online"))
    logical = len(online) or _logical(host)
    # gVisor makes a topology up, and lxcfs shows the records of some processors only
    sockets, cores = (None, None) if around == "gvisor" else _topology(host, fields, online, are_all=not false)
    return HostInfo(
        id=home_id,
        system="Linux",
        cpu=_cpu_name(host, fields),
        logical_cpus=logical,
        sockets=sockets,
        cores=cores,
        memory_gb=_memory_of_nodes_gb(host) if "/proc/meminfo" in false else _memory_gb(host),
        virtual=True if around == "wsl" else _is_virtual(host, fields),
        container=around,
        battery=_has_battery(host),
        faked=" ".join(false),
    )


def _text(host: Host, path: str) -> str:
    """A small file's text; empty where it cannot be read."""
    try:
        return host.read_text(path).strip("\0 \n")
    except OSError:
        return ""


def _cpuinfo(host: Host) -> Mapping[str, str]:
    """The first processor's fields, by their names in lower case."""
    try:
        head = host.read_head("/proc/cpuinfo")
    except OSError:
        return {}
    fields: dict[str, str] = {}
    for line in head.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _cpu_name(host: Host, fields: Mapping[str, str]) -> str:
    """The processor as it calls itself; on Arm its core's name, with the board's where one is known."""
    part = _arm_cores(host) if "cpu part" in fields and "model name" not in fields else ""
    name = part or next((fields[key] for key in _NAMED_BY if fields.get(key)), "")
    if not name and fields.get("vendor_id") == "IBM/S390":
        machine = fields.get("processor 0", "").rpartition("machine = ")[2]
        name = f"IBM/S390 {machine}".strip()
    if fields.get("cpu family", "").isdigit() and not _has_number(name.partition("@")[0]):
        # hypervisors hide the model's number: family and model still say which design it is
        name = f"{name} (family {fields['cpu family']} model {fields.get('model', '')})"
    board = _text(host, "/proc/device-tree/model") if (part and "0x" not in part) or not name else ""
    named = f"{name} ({board})" if name and board else name or board
    return " ".join(named.split())


def _arm_cores(host: Host) -> str:
    """Every core's record is looked at: a machine may have cores of several designs."""
    from footprint.collectors.arm_cores import cores

    return cores(_text(host, "/proc/cpuinfo"))


def _has_number(name: str) -> bool:
    """Whether a name holds a model's number: a word of three signs or more that begins with a digit."""
    words = name.replace("-", " ").replace("(", " ").split()
    return any(len(word.lstrip("EWXLDewxld")) >= 3 and word.lstrip("EWXLDewxld")[0].isdigit() for word in words)


def listed(text: str) -> int:
    """How many numbers a list such as ``0-3,8`` holds; 0 for one that cannot be read."""
    return sum(last - first + 1 for first, last in _stretches(text))


def numbers(text: str) -> tuple[int, ...]:
    """The numbers of such a list."""
    return tuple(number for first, last in _stretches(text) for number in range(first, last + 1))


def _stretches(text: str) -> list[tuple[int, int]]:
    """First and last of each part of a list such as ``0-3,8``; none where it cannot be read."""
    found = []
    try:
        for part in text.strip().split(","):
            first, _, last = part.partition("-")
            found.append((int(first), int(last or first)))
    except ValueError:
        return []
    return found


def _logical(host: Host) -> int:
    """Logical CPUs of a host that does not say which are online: those it has records of, else may be used by us."""
    counted = sum(line.lower().startswith("processor") for line in _text(host, "/proc/cpuinfo").splitlines())
    return counted or affinity(host) or 1


def _online_by_nodes(host: Host) -> tuple[int, ...]:
    """The CPUs of all nodes, which the kernel tells whatever a container is shown; else as it is shown them."""
    folder = "/sys/devices/system/node"
    nodes = [name for name in host.list_dir(folder) if name.startswith("node") and name[4:].isdigit()]
    found = [cpu for name in nodes for cpu in numbers(_text(host, f"{folder}/{name}/cpulist"))]
    return tuple(sorted(found)) or numbers(_text(host, f"{_CPUS}/online"))


def affinity(host: Host, pid: str = "self") -> int:
    """How many CPUs the kernel lets a process run on; 0 where it does not say."""
    return listed(_allowed_list(host, pid))


def allowed(host: Host, pid: str = "self") -> tuple[int, ...]:
    """The numbers of those CPUs."""
    return numbers(_allowed_list(host, pid))


def _allowed_list(host: Host, pid: str) -> str:
    try:
        status = host.read_proc(f"/proc/{pid}/status").decode("ascii", "replace")
    except OSError:
        return ""
    return status.partition("Cpus_allowed_list:")[2].partition("\n")[0]


def _topology(
    host: Host, fields: Mapping[str, str], online: tuple[int, ...], *, are_all: bool
) -> tuple[int | None, int | None]:
    """Sockets and cores: by the first processor's siblings where all is alike, else by what the kernel tells of all.

    ``are_all``: the processors' records are those of the machine.
    """
    logical = len(online)
    siblings, per_socket = _whole(fields.get("siblings")), _whole(fields.get("cpu cores"))
    if are_all and "flags" in fields and siblings and per_socket:
        logical = logical or _logical(host)
        if logical % siblings == 0 and _all_online(host, logical):
            return logical // siblings, logical // siblings * per_socket
    from footprint.collectors.topology import topology

    return topology(host, fields, online)


def _all_online(host: Host, logical: int) -> bool:
    """Whether no CPU that is there is switched off: sockets may then have unlike numbers of them."""
    return listed(_text(host, f"{_CPUS}/present")) in {0, logical}


def _whole(text: str | None) -> int:
    return int(text) if text is not None and text.isdigit() else 0


def _memory_gb(host: Host) -> float | None:
    try:
        words = host.read_head("/proc/meminfo").split(maxsplit=2)
        return int(words[1]) * BYTES_PER_KIB / BYTES_PER_GB if words[0] == "MemTotal:" else None
    except (OSError, ValueError, IndexError):
        return None


def _memory_of_nodes_gb(host: Host) -> float | None:
    """The machine's memory where /proc/meminfo shows a container's; None where its nodes do not say it."""
    from footprint.collectors.topology import memory_of_nodes_kib

    size_kib = memory_of_nodes_kib(host)
    return None if size_kib is None else size_kib * BYTES_PER_KIB / BYTES_PER_GB


def _is_virtual(host: Host, fields: Mapping[str, str]) -> bool | None:
    """Whether a hypervisor shows itself. None where neither processor nor firmware says anything."""
    board = " ".join(_text(host, _DMI + name) for name in ("sys_vendor", "product_name")).lower()
    tree = _text(host, "/proc/device-tree/compatible")
    if "hypervisor" in fields.get("flags", "").split() or _has_hypervisor(host):
        return True
    if ".metal" in board:
        return False
    if any(word in board for word in _VIRTUAL) or "dummy-virt" in tree or "qemu" in tree:
        return True
    return False if board.strip() or "flags" in fields or tree else None


def _has_hypervisor(host: Host) -> bool:
    """Whether the kernel knows one above it: Xen (but for its own first domain), a device tree's, z/VM or KVM."""
    if host.exists("/sys/hypervisor/type") and "control_d" not in _text(host, "/proc/xen/capabilities"):
        return True
    return host.exists("/proc/device-tree/hypervisor/compatible") or "VM00" in _text(host, "/proc/sysinfo")


def _has_battery(host: Host) -> bool:
    """A battery that feeds the machine: not that of a mouse or of an uninterruptible supply."""
    folder = "/sys/class/power_supply/"
    for name in host.list_dir(folder):
        if _text(host, f"{folder}{name}/type") == "Battery" and _text(host, f"{folder}{name}/scope") != "Device":
            return True
    return False


def _elsewhere(host: Host, home_id: str) -> HostInfo:
    """macOS, Windows and others, as far as Python and psutil know them."""
    platform, psutil = host.library("platform"), host.library("psutil")
    cpu = (platform.processor() or platform.machine()) if platform else ""
    info = HostInfo(home_id, _SYSTEMS.get(sys.platform, sys.platform), cpu, 1)
    if psutil is None:
        return info
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    return info._replace(
        logical_cpus=psutil.cpu_count() or 1,
        cores=psutil.cpu_count(logical=False),
        memory_gb=psutil.virtual_memory().total / BYTES_PER_GB,
        battery=battery is not None,
    )
