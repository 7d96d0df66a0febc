"""What a run holds of its machine: by cpuset, by its cgroup's quota, by Slurm, or the whole host.

Where several limits hold, the tightest counts. What cannot be told stays open: then a run is never
said to be alone.
"""

from collections.abc import Mapping
from typing import NamedTuple

from footprint.collectors.host import Host
from footprint.collectors.inventory import affinity
from footprint.collectors.machine import Allocation, HostInfo
from footprint.units import BYTES_PER_GB

_ROOT = "/sys/fs/cgroup"
_NO_LIMIT = 1 << 60
"""Version 1 of cgroups writes a number about this large for "no limit"."""
_MB_PER_GB = 1_000


def allocation(host: Host, info: HostInfo, environ: Mapping[str, str]) -> Allocation:
    """What this process, and so the run that it starts, may use. GPUs are for their collector to tell."""
    whole = float(info.logical_cpus)
    groups = _Groups(host)
    limits = [(whole, "whole-host")]
    allowed = affinity(host)
    if allowed:
        limits.append((float(allowed), "cpuset"))
    quota = groups.cpu_quota()
    if quota is not None:
        limits.append((quota.amount, "cgroup-quota"))
    if environ.get("SLURM_JOB_ID"):
        cpus = _slurm_cpus(environ)
        if cpus is not None:
            limits.append((cpus, "slurm"))
    if len(limits) == 1 and not groups.are_known:
        return Allocation(whole)
    cpus, how = min(limits, key=lambda limit: limit[0])  # of equals the first: the whole host is no limit
    alone = how == "cgroup-quota" and quota is not None and groups.hold_only(quota.group, _ancestry(host))
    return Allocation(cpus, _memory(groups, info, environ), alone, None, how)


class Neighbours:
    """Looks, again and again, whether others have come into the run's allocation."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._groups = _Groups(host)
        self._quota = self._groups.cpu_quota()
        self._own = _ancestry(host)

    def none_but(self, pids: frozenset[int]) -> bool:
        """Whether the cgroup that limits the run holds only these processes, this one and its ancestors."""
        return self._quota is not None and self._groups.hold_only(self._quota.group, self._own | pids)


class _Limit(NamedTuple):
    """A limit and the folder of the group that sets it."""

    amount: float
    group: str


class _Groups:
    """The control groups around this process, from its own up to the root that it can see."""

    def __init__(self, host: Host) -> None:
        self._host = host
        try:
            lines = host.read_proc("/proc/self/cgroup").decode("utf-8", "replace").splitlines()
        except OSError:
            lines = []
        paths = {}
        for line in lines:
            _, controllers, path = (*line.split(":", 2), "", "")[:3]
            for controller in controllers.split(","):
                paths[controller] = path
        self.are_known = bool(paths)
        self._unified = self._folders(paths, "", ("", "/unified"))
        self._cpu = self._folders(paths, "cpu", ("/cpu", "/cpu,cpuacct", "/cpuacct,cpu"))
        self._memory = self._folders(paths, "memory", ("/memory",))

    def _folders(self, paths: Mapping[str, str], controller: str, mounts: tuple[str, ...]) -> list[str]:
        """Folders of a hierarchy, own group first. A container may see its own group as the root."""
        if controller not in paths:
            return []
        mount = next((mount for mount in mounts if "cgroup.procs" in self._host.list_proc(_ROOT + mount)), None)
        if mount is None:
            return []
        folders, path = [], paths[controller].rstrip("/")
        while path:
            folders.append(_ROOT + mount + path)
            path = path.rpartition("/")[0]
        return [*folders, _ROOT + mount]

    def _read(self, path: str) -> str:
        try:
            return self._host.read_proc(path).decode("ascii", "replace").strip()
        except OSError:
            return ""

    def cpu_quota(self) -> _Limit | None:
        """The tightest CPU quota, in CPUs."""
        limits = [(*(self._read(f"{group}/cpu.max") + " ").split(" ")[:2], group) for group in self._unified]
        limits += [
            (self._read(f"{group}/cpu.cfs_quota_us"), self._read(f"{group}/cpu.cfs_period_us"), group)
            for group in self._cpu
        ]
        found = [
            _Limit(int(quota) / int(period), group)
            for quota, period, group in limits
            if quota.isdigit() and period.isdigit() and int(quota) > 0 and int(period) > 0
        ]
        return min(found, default=None)

    def memory_bytes(self) -> int | None:
        """The tightest memory limit."""
        texts = [self._read(f"{group}/memory.max") for group in self._unified]
        texts += [self._read(f"{group}/memory.limit_in_bytes") for group in self._memory]
        return min((int(text) for text in texts if text.isdigit() and int(text) < _NO_LIMIT), default=None)

    def hold_only(self, group: str, pids: frozenset[int]) -> bool:
        """Whether a group holds none but these processes. One with groups inside it is not looked into: False."""
        inside = self._host.list_proc(group)
        if any("." not in name and "cgroup.procs" in self._host.list_proc(f"{group}/{name}") for name in inside):
            return False
        if any(name.endswith((".scope", ".service", ".slice")) for name in inside):
            return False
        held = self._read(f"{group}/cgroup.procs").split()
        return bool(held) and all(pid.isdigit() and int(pid) in pids for pid in held)


def _ancestry(host: Host) -> frozenset[int]:
    """This process and its ancestors: they wait for it."""
    pids, pid = set(), host.pid()
    while pid > 0 and pid not in pids:
        pids.add(pid)
        try:
            stat = host.read_proc(f"/proc/{pid}/stat")
            pid = int(stat[stat.rindex(b")") + 1 :].split()[1])
        except (OSError, ValueError, IndexError):
            break
    return frozenset(pids)


def _memory(groups: _Groups, info: HostInfo, environ: Mapping[str, str]) -> float | None:
    """GB that the run may use, where something limits it below the host's."""
    limits = []
    group_bytes = groups.memory_bytes()
    if group_bytes is not None:
        limits.append(group_bytes / BYTES_PER_GB)
    slurm_mb = environ.get("SLURM_MEM_PER_NODE", "")
    if environ.get("SLURM_JOB_ID") and slurm_mb.isdigit() and int(slurm_mb) > 0:
        limits.append(int(slurm_mb) / _MB_PER_GB)
    limit = min(limits, default=None)
    if limit is None or (info.memory_gb is not None and limit >= info.memory_gb):
        return None
    return limit


def _slurm_cpus(environ: Mapping[str, str]) -> float | None:
    """CPUs that Slurm gave on this node; for one of several ranks its own part."""
    on_node = _first_number(environ.get("SLURM_CPUS_ON_NODE", ""))
    if "SLURM_PROCID" not in environ:
        return on_node
    per_task = _first_number(environ.get("SLURM_CPUS_PER_TASK", ""))
    if per_task is not None:
        return per_task if on_node is None else min(per_task, on_node)
    tasks = _first_number(environ.get("SLURM_STEP_TASKS_PER_NODE", ""))
    return on_node / tasks if on_node is not None and tasks is not None else on_node


def _first_number(text: str) -> float | None:
    """``4`` of ``4(x2),3``; None where there is no number above 0."""
    digits = text.partition("(")[0].partition(",")[0].strip()
    return float(digits) if digits.isdigit() and int(digits) > 0 else None
