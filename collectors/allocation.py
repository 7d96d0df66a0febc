"""What a run holds of its machine: by its control groups, its CPU affinity, Slurm, or the whole host.

Where several limits hold, the tightest counts. What cannot be told stays open: then a run is never
said to be alone.
"""

from collections.abc import Mapping

from footprint.collectors.control_groups import ControlGroups, Limit
from footprint.collectors.host import Host
from footprint.collectors.inventory import affinity, allowed
from footprint.collectors.machine import Allocation, HeldUse, HostInfo
from footprint.collectors.process_activity import busy_ticks
from footprint.units import BYTES_PER_GB

_MB_PER_GB = 1_000
_INNER_AFTER_S = 0.5
_INNER_STEP_S = 60.0
"""Others' groups are looked for so seldom, as there may be hundreds."""


def allocation(host: Host, info: HostInfo, environ: Mapping[str, str]) -> Allocation:
    """What this process, and so the run that it starts, may use. GPUs are for their collector to tell."""
    return Neighbours(host, info, environ).allocation


class Neighbours:
    """What a process holds; and, looked at again and again, who else lives there and what all of them have used."""

    def __init__(self, host: Host, info: HostInfo, environ: Mapping[str, str], pid: str = "self") -> None:
        """``environ`` is that of the process; empty where it is not ours to read."""
        self._host = host
        self._pid = pid
        self._groups = ControlGroups(host, pid)
        self._own = _ancestry(host, pid)
        self._limit = _cpu_limit(host, info, environ, self._groups, pid)
        memory = _memory_limit(self._groups, info, environ)
        shared = memory is not None and memory.group == self._limit.group and self._limit.how != "whole-host"
        self._memory_group = memory.group if memory is not None and not shared else ""
        self._memory_bytes = memory.amount if memory is not None else (info.memory_gb or 0.0) * BYTES_PER_GB
        self.allocation = self._allocation(info, memory)
        self._cpus: _AllowedCpus | None = None
        self._moved = False
        self._looked_at_s: float | None = None
        self._inner = (0.0, 0.0)

    def _allocation(self, info: HostInfo, memory: Limit | None) -> Allocation:
        if self._limit.how == "whole-host" and not self._groups.are_known:
            return Allocation(float(info.logical_cpus))
        limited = self._limit.how != "whole-host" and bool(self._limit.group)
        alone = limited and self._groups.hold_only(self._limit.group, self._own)
        held = Allocation(self._limit.amount, None, alone, None, self._limit.how)
        if memory is None:
            return held
        memory_alone = self._groups.hold_only(self._memory_group, self._own) if self._memory_group else alone
        return held._replace(memory_gb=memory.amount / BYTES_PER_GB, memory_how=memory.how, memory_alone=memory_alone)

    def none_but(self, pids: frozenset[int]) -> bool:
        """Whether what limits the run's CPUs holds only these processes, this one and its ancestors."""
        return self.allocation.alone and self._groups.hold_only(self._limit.group, self._own | pids)

    def use(self, pids: frozenset[int], age_s: float) -> HeldUse:
        """What goes on in what the run holds, ``age_s`` seconds after its start."""
        now = self._groups.now() if self._groups.are_known else ""
        self._moved = self._moved or now not in {"", self._groups.text}  # one that has ended says nothing
        if self._moved:
            return HeldUse(moved=True)
        memory_alone = None
        if self._memory_group:
            memory_alone = self.allocation.memory_alone and self._groups.hold_only(self._memory_group, self._own | pids)
        memory_busy_s = self._groups.cpu_s(self._memory_group) if self._memory_group else None
        return HeldUse(self._busy_s(), memory_busy_s, memory_alone, *self._inner_of(age_s))

    def _busy_s(self) -> float | None:
        """CPU seconds of all that share the run's CPUs. Of the whole host they stand elsewhere."""
        if self._limit.how == "whole-host":
            return None
        if self._limit.how == "affinity":
            if self._cpus is None:
                self._cpus = _AllowedCpus(self._host, allowed(self._host, self._pid))
            return self._cpus.busy_s()
        return self._groups.cpu_s(self._limit.group) if self._limit.group else None

    def _inner_of(self, age_s: float) -> tuple[float, float]:
        """CPUs, and GB of memory, that others hold for themselves inside what the run holds and shares."""
        since_s = age_s - (self._looked_at_s or 0.0)
        if since_s >= (_INNER_AFTER_S if self._looked_at_s is None else _INNER_STEP_S):
            self._looked_at_s = age_s
            held, groups, cpus, gb = self.allocation, self._groups, 0.0, 0.0
            if self._limit.group and not held.alone:
                cpus = groups.inner_cpus(self._limit.group, self._limit.amount)
            shared = (self._memory_group or self._limit.group) if held.memory_gb else groups.memory_root()
            if shared and not held.memory_alone:
                gb = groups.inner_bytes(shared, self._memory_bytes) / BYTES_PER_GB
            self._inner = (cpus, gb)
        return self._inner


def _cpu_limit(host: Host, info: HostInfo, environ: Mapping[str, str], groups: ControlGroups, pid: str) -> Limit:
    """What limits the CPUs most, with the group that can be asked who lives there; of equals the first."""
    limits = [Limit(float(info.logical_cpus), "whole-host", groups.root() or "")]
    by_group = groups.cpu_limit(info.logical_cpus)
    if by_group is not None:
        limits.append(by_group)
    job = environ.get("SLURM_JOB_ID")
    slurm = _slurm_cpus(environ) if job else None
    if slurm is not None:
        # a rank's own part is less than its job's group: how busy that is says nothing of the part
        limits.append(Limit(slurm, "slurm", "" if "SLURM_PROCID" in environ else groups.named(f"job_{job}")))
    by_affinity = affinity(host, pid)
    if by_affinity:
        limits.append(Limit(float(by_affinity), "affinity", ""))
    return min(limits, key=lambda limit: limit.amount)


class _AllowedCpus:
    """Busy time of the CPUs that a process may run on, by the host's own account of each."""

    def __init__(self, host: Host, cpus: tuple[int, ...]) -> None:
        self._host = host
        self._names = frozenset(f"cpu{number}".encode() for number in cpus)

    def busy_s(self) -> float | None:
        """Their busy seconds so far; None where the host does not tell of each."""
        try:
            handle = self._host.open("/proc/stat")  # not kept: nobody would close it when the run is over
            try:
                rows = [row.split() for row in handle.read().split(b"\n") if row.startswith(b"cpu")]
            finally:
                handle.close()
            found = [busy_ticks(row) for row in rows if row[0] in self._names]
        except (OSError, ValueError, IndexError):
            return None
        return sum(found) / self._host.clock_ticks() if len(found) == len(self._names) else None


def _ancestry(host: Host, pid: str) -> frozenset[int]:
    """A process and its ancestors, who wait for it; this process too."""
    pids = {host.pid()}
    number = host.pid() if pid == "self" else int(pid)
    while number > 0 and (number not in pids or number == host.pid()):
        pids.add(number)
        try:
            stat = host.read_proc(f"/proc/{number}/stat")
            number = int(stat[stat.rindex(b")") + 1 :].split()[1])
        except (OSError, ValueError, IndexError):
            break
    return frozenset(pids)


def _memory_limit(groups: ControlGroups, info: HostInfo, environ: Mapping[str, str]) -> Limit | None:
    """The tightest limit of memory (bytes), where something limits it below the host's."""
    limits = [limit for limit in (groups.memory_limit(), _slurm_memory(environ)) if limit is not None]
    tightest = min(limits, key=lambda limit: limit.amount, default=None)
    if tightest is None or (info.memory_gb is not None and tightest.amount >= info.memory_gb * BYTES_PER_GB):
        return None
    return tightest


def _slurm_memory(environ: Mapping[str, str]) -> Limit | None:
    """Memory (bytes) that Slurm gave on this node: stated for the node, or for each of its CPUs."""
    if not environ.get("SLURM_JOB_ID"):
        return None
    on_node = _first_number(environ.get("SLURM_MEM_PER_NODE", ""))
    per_cpu = _first_number(environ.get("SLURM_MEM_PER_CPU", ""))
    cpus = _slurm_cpus(environ)
    if on_node is None and per_cpu is not None and cpus is not None:
        on_node = per_cpu * cpus
    return None if on_node is None else Limit(on_node / _MB_PER_GB * BYTES_PER_GB, "slurm", "")


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
