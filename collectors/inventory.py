"""What machine this is: processor, memory, whether it is virtual, in a container, on a battery.

Nothing personal is read: no host name, no serial number, no user. What is not known stays None.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from footprint.collectors.host import Host
from footprint.collectors.machine import HostInfo
from footprint.units import BYTES_PER_GB, BYTES_PER_KIB

_SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}
_DMI = "/sys/class/dmi/id/"
_ARM_PARTS = {
    # (implementer, part) as the architecture's main identification register has them
    ("0x41", "0xd03"): "Arm Cortex-A53",
    ("0x41", "0xd07"): "Arm Cortex-A57",
    ("0x41", "0xd08"): "Arm Cortex-A72",
    ("0x41", "0xd0b"): "Arm Cortex-A76",
    ("0x41", "0xd0c"): "Arm Neoverse-N1",
    ("0x41", "0xd40"): "Arm Neoverse-V1",
    ("0x41", "0xd49"): "Arm Neoverse-N2",
    ("0x41", "0xd4f"): "Arm Neoverse-V2",
    ("0x41", "0xd83"): "Arm Neoverse-V3AE",
    ("0x41", "0xd84"): "Arm Neoverse-V3",
    ("0x41", "0xd8e"): "Arm Neoverse-N3",
    ("0x43", "0x0af"): "Cavium ThunderX2",
    ("0x46", "0x001"): "Fujitsu A64FX",
    ("0x48", "0xd01"): "HiSilicon Kunpeng 920",
    ("0xc0", "0xac3"): "Ampere-1",
    ("0xc0", "0xac4"): "Ampere-1a",
}
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
    fields = _cpuinfo(host)
    logical = _logical(host)
    sockets, cores = _topology(host, fields, logical)
    return HostInfo(
        id=home_id,
        system="Linux",
        cpu=_cpu_name(host, fields),
        logical_cpus=logical,
        sockets=sockets,
        cores=cores,
        memory_gb=_memory_gb(host),
        virtual=_is_virtual(host, fields),
        container=_container(host),
        battery=_has_battery(host),
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
    part = _ARM_PARTS.get((fields.get("cpu implementer", ""), fields.get("cpu part", "")), "")
    name = fields.get("model name") or part or fields.get("cpu") or fields.get("uarch") or ""
    if not name and fields.get("vendor_id") == "IBM/S390":
        machine = fields.get("processor 0", "").rpartition("machine = ")[2]
        name = f"IBM/S390 {machine}".strip()
    if not name and "cpu part" in fields:
        name = f"Arm {fields.get('cpu implementer', '')}:{fields['cpu part']}"
    if "cpu family" in fields and not _has_number(name.partition("@")[0]):
        # hypervisors hide the model's number: family and model still say which design it is
        name = f"{name} (family {fields['cpu family']} model {fields.get('model', '')})"
    board = _text(host, "/proc/device-tree/model") if part or not name else ""
    named = f"{name} ({board})" if name and board else name or board
    return " ".join(named.split())


def _has_number(name: str) -> bool:
    """Whether a name holds a model's number: a word of three signs or more that begins with a digit."""
    words = name.replace("-", " ").replace("(", " ").split()
    return any(len(word.lstrip("EWXLDewxld")) >= 3 and word.lstrip("EWXLDewxld")[0].isdigit() for word in words)


def listed(text: str) -> int:
    """How many numbers a list such as ``0-3,8`` holds; 0 for one that cannot be read."""
    count = 0
    try:
        for part in text.strip().split(","):
            first, _, last = part.partition("-")
            count += int(last or first) - int(first) + 1
    except ValueError:
        return 0
    return count


def _logical(host: Host) -> int:
    """Logical CPUs that are online; where the host does not say, those that this process may use."""
    online = listed(_text(host, "/sys/devices/system/cpu/online"))
    if online > 0:
        return online
    counted = sum(line.lower().startswith("processor") for line in _text(host, "/proc/cpuinfo").splitlines())
    return counted or affinity(host) or 1


def affinity(host: Host) -> int:
    """How many CPUs the kernel lets this process run on; 0 where it does not say."""
    try:
        status = host.read_proc("/proc/self/status").decode("ascii", "replace")
    except OSError:
        return 0
    return listed(status.partition("Cpus_allowed_list:")[2].partition("\n")[0])


def _topology(host: Host, fields: Mapping[str, str], logical: int) -> tuple[int | None, int | None]:
    """Sockets and cores: by the first processor's siblings where they divide evenly, else by all processors."""
    siblings, per_socket = _whole(fields.get("siblings")), _whole(fields.get("cpu cores"))
    if siblings and per_socket and logical % siblings == 0:
        sockets = logical // siblings
        return sockets, sockets * per_socket
    if "physical id" not in fields:
        return None, None
    packages: set[str] = set()
    cores: set[tuple[str, str]] = set()
    package = ""
    for line in _text(host, "/proc/cpuinfo").splitlines():
        if line.startswith("physical id"):
            package = line.partition(":")[2].strip()
            packages.add(package)
        elif line.startswith("core id"):
            cores.add((package, line.partition(":")[2].strip()))
    return len(packages) or None, len(cores) or None


def _whole(text: str | None) -> int:
    return int(text) if text is not None and text.isdigit() else 0


def _memory_gb(host: Host) -> float | None:
    try:
        words = host.read_head("/proc/meminfo").split(maxsplit=2)
        return int(words[1]) * BYTES_PER_KIB / BYTES_PER_GB if words[0] == "MemTotal:" else None
    except (OSError, ValueError, IndexError):
        return None


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


def _container(host: Host) -> str | None:
    """The kind of container around this process, if any."""
    if host.environ.get("KUBERNETES_SERVICE_HOST"):
        return "kubernetes"
    for path, kind in (("/run/.containerenv", "podman"), ("/.dockerenv", "docker")):
        if host.exists(path):
            return kind
    return host.environ.get("container") or _container_by_cgroup(host)


def _container_by_cgroup(host: Host) -> str | None:
    try:
        cgroup = host.read_proc("/proc/self/cgroup").decode("utf-8", "replace")
    except OSError:
        return None
    for service in ("docker.service", "containerd.service"):  # the daemons themselves run outside
        cgroup = cgroup.replace(service, "")
    kinds = {
        "kubepods": "kubernetes",
        "libpod": "podman",
        "docker": "docker",
        "/lxc": "lxc",
        "containerd": "containerd",
    }
    return next((kind for word, kind in kinds.items() if word in cgroup), None)


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
