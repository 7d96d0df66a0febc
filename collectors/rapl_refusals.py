"""Why RAPL cannot be read on a host, and what to do about it."""

from __future__ import annotations

from footprint.collectors.channel import Refusal
from footprint.collectors.host import Host
from footprint.collectors.sysfs import GROUP

FOLDER = "/sys/class/powercap"
_NAME = "rapl_powercap"
MAY_READ = (
    f'sudo groupadd --force --system {GROUP} && sudo usermod --append --groups {GROUP} "$USER" && '
    'echo \'ACTION=="add", SUBSYSTEM=="powercap", KERNEL=="intel-rapl*:*", '
    f'RUN+="/bin/chgrp {GROUP} /sys%p/energy_uj", RUN+="/bin/chmod 0440 /sys%p/energy_uj"\' '
    "| sudo tee /etc/udev/rules.d/70-rapl-energy.rules && sudo udevadm control --reload && "
    "sudo udevadm trigger --action=add --subsystem-match=powercap; then log in again "
    "(only this group can read it, since fine energy readings can give secrets away: PLATYPUS, CVE-2020-8694)"
)
LOAD_MODULE = "sudo modprobe intel_rapl_msr && echo intel_rapl_msr | sudo tee /etc/modules-load.d/intel_rapl_msr.conf"
OUTSIDE_CONTAINER = (
    "measure on the host, or start the container with --security-opt systempaths=unconfined "
    "(container runtimes hide these files: CVE-2020-8694)"
)
RELOAD_MODULE = (
    "look at `sudo dmesg | grep -i rapl`, and reload the module: "
    "sudo modprobe -r intel_rapl_msr && sudo modprobe intel_rapl_msr"
)
LOAD_PERF = (
    "sudo modprobe rapl && echo rapl | sudo tee /etc/modules-load.d/rapl.conf (before Linux 5.8: intel_rapl_perf); "
    "or open powercap's files, which is the better way"
)
MAY_COUNT = (
    "echo 'kernel.perf_event_paranoid = 0' | sudo tee /etc/sysctl.d/70-energy-events.conf && sudo sysctl --system "
    "(then every user may count events of whole CPUs, so opening powercap's files to one group is the narrower way); "
    "in a container: start it with --cap-add PERFMON, or in Kubernetes add PERFMON to securityContext.capabilities"
)
OUTSIDE_SECCOMP = (
    "measure on the host, or start the container with --cap-add PERFMON, which lets its filter pass perf_event_open; "
    "in Kubernetes add PERFMON to securityContext.capabilities"
)
OLDER_KERNEL = "measure on the host, or where the kernel is built with CONFIG_PERF_EVENTS"
LOAD_MSR = "sudo modprobe msr && echo msr | sudo tee /etc/modules-load.d/msr.conf; then measure as root"
MAY_READ_REGISTERS = (
    "measure as root (sudo), in a container with --device /dev/cpu/0/msr (one for each socket's first CPU) and "
    "--cap-add SYS_RAWIO; that is much might for one figure: opening powercap's files to one group is the better way"
)
NOTHING_TO_DO = "none on this machine: the figure is modelled"


def no_zones(host: Host) -> Refusal:
    """Why a host has no RAPL zones at all, as far as its processor says."""
    cpuinfo = _cpuinfo(host)
    if not cpuinfo:
        why, fix = "powercap is a part of Linux, and this is not Linux", NOTHING_TO_DO
    elif "GenuineIntel" not in cpuinfo and "AuthenticAMD" not in cpuinfo and "HygonGenuine" not in cpuinfo:
        why, fix = "RAPL is a part of Intel's and AMD's processors, and this is neither", NOTHING_TO_DO
    elif is_virtual(host):
        why, fix = f"{FOLDER} has no RAPL zones: a virtual machine is not shown the host's counters", NOTHING_TO_DO
    else:
        why = f"{FOLDER} has no RAPL zones: the kernel module intel_rapl_msr is not loaded, or a container hides them"
        fix = f"{LOAD_MODULE}; in a container: {OUTSIDE_CONTAINER}"
    return Refusal("cpu", "package-0", _NAME, why, fix)


def hidden(first: Refusal) -> Refusal:
    """Zones that are named and yet empty are what a container runtime leaves of them."""
    return Refusal("cpu", "package-0", _NAME, f"the RAPL zones are hidden: {first.why}", OUTSIDE_CONTAINER)


def _cpuinfo(host: Host) -> str:
    try:
        return host.read_head("/proc/cpuinfo")
    except OSError:
        return ""


def is_amd(host: Host) -> bool:
    """Whether the processor is AMD's, or Hygon's of the same make."""
    cpuinfo = _cpuinfo(host)
    return "AuthenticAMD" in cpuinfo or "HygonGenuine" in cpuinfo


def processor(host: Host) -> tuple[str, int | None, int | None]:
    """(maker, family, model) as the processor says; None where it does not."""
    fields: dict[str, str] = {}
    for line in _cpuinfo(host).splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    family, model = (fields.get(key, "") for key in ("cpu family", "model"))
    return (
        fields.get("vendor_id", ""),
        int(family) if family.isdigit() else None,
        int(model) if model.isdigit() else None,
    )


def is_virtual(host: Host) -> bool:
    """Whether the processor says that a hypervisor stands between."""
    flags = _cpuinfo(host).partition("\nflags")[2].partition("\n")[0]
    return " hypervisor" in flags
