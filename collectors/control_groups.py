"""The control groups around a process: what they limit, what their processes have used, who lives in them.

Versions 1 and 2 of the kernel's interface, side by side too
(https://docs.kernel.org/admin-guide/cgroup-v2.html, https://docs.kernel.org/admin-guide/cgroup-v1/index.html).
Of equal limits the outer one counts: it is the one that is shared.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from footprint.collectors.host import Host
from footprint.collectors.inventory import listed

_ROOT = "/sys/fs/cgroup"
_NO_LIMIT = 1 << 60
"""Version 1 writes a number about this large for "no limit"."""
_CPU_MOUNTS = ("/cpu", "/cpu,cpuacct", "/cpuacct,cpu")
_ACCOUNT_MOUNTS = ("/cpuacct", "/cpu,cpuacct", "/cpuacct,cpu")
_MOST_INNER = 400
"""So many groups are looked into for limits of their own, and no more."""
_NOT_A_GROUP = "."
"""Files of a group have a dot in their names, or are known; its groups have ``cgroup.procs`` inside."""
_FILES = ("tasks", "notify_on_release", "release_agent")


class Limit(NamedTuple):
    """A limit, who sets it, and the folder of the group that does."""

    amount: float
    """CPUs, or bytes."""
    how: str
    group: str


class ControlGroups:
    """The groups of one process, from its own up to the root that it can see."""

    def __init__(self, host: Host, pid: str = "self") -> None:
        self._host = host
        self._pid = pid
        self.text = self.now()
        paths: dict[str, str] = {}
        for line in self.text.splitlines():
            _, controllers, path = (*line.split(":", 2), "", "")[:3]
            paths.update(dict.fromkeys(controllers.split(","), path))
        self.are_known = bool(paths)
        self._paths = paths
        self._unified = self._folders("", ("", "/unified"))
        self._cpu = self._folders("cpu", _CPU_MOUNTS)
        self._cpuset = self._folders("cpuset", ("/cpuset",))
        self._memory = self._folders("memory", ("/memory",))

    def now(self) -> str:
        """What the kernel says of the process's groups now: another text than at first means that it was moved."""
        return self._read(f"/proc/{self._pid}/cgroup")

    def cpu_limit(self, logical_cpus: int) -> Limit | None:
        """The tightest limit of CPUs, below the host's number; None where nothing limits them."""
        found = [limit for limit in self._cpu_limits() if limit.amount < logical_cpus]
        tightest = min((limit.amount for limit in found), default=0.0)
        return next((limit for limit in reversed(found) if limit.amount == tightest), None)

    def memory_limit(self) -> Limit | None:
        """The tightest limit of memory, in bytes."""
        found = [limit for group in (*self._unified, *self._memory) for limit in self.memory_of(group)]
        tightest = min((limit.amount for limit in found), default=0.0)
        return next((limit for limit in reversed(found) if limit.amount == tightest), None)

    def memory_of(self, group: str) -> Iterator[Limit]:
        """What one group sets for memory, in bytes."""
        text = self._read(f"{group}/memory.max") or self._read(f"{group}/memory.limit_in_bytes")
        if text.isdigit() and 0 < int(text) < _NO_LIMIT:
            yield Limit(float(text), "cgroup-limit", group)

    def memory_root(self) -> str:
        """The outermost group that can be seen, of the hierarchy that limits memory; empty where there is none."""
        return next((chain[-1] for chain in (self._memory, self._unified) if chain), "")

    def _cpu_limits(self) -> Iterator[Limit]:
        """By group, its own first: by quota and by cpuset."""
        for group in (*self._unified, *self._cpu, *self._cpuset):
            yield from self.limits_of(group)

    def limits_of(self, group: str) -> Iterator[Limit]:
        """What one group sets: a quota, in CPUs, and a set of CPUs."""
        quota, period = (self._read(f"{group}/cpu.max") + " ").split(" ")[:2]
        if not quota:
            quota, period = self._read(f"{group}/cpu.cfs_quota_us"), self._read(f"{group}/cpu.cfs_period_us")
        if quota.isdigit() and period.isdigit() and int(quota) > 0 and int(period) > 0:
            yield Limit(int(quota) / int(period), "cgroup-quota", group)
        cpus = listed(self._read(f"{group}/cpuset.cpus"))
        if cpus > 0:
            yield Limit(float(cpus), "cpuset", group)

    def named(self, name: str) -> str:
        """The group of that name around the process; empty where there is none."""
        chains = (self._unified, self._cpu, self._cpuset, self._memory)
        return next((group for chain in chains for group in chain if group.rpartition("/")[2] == name), "")

    def root(self) -> str | None:
        """The outermost group that can be seen: of the hierarchy that limits CPUs."""
        chain = self._unified if self._unified and self._has_quotas(self._unified[-1]) else self._cpu or self._unified
        return chain[-1] if chain else None

    def _has_quotas(self, group: str) -> bool:
        """Whether this hierarchy is the one that has the CPU controller."""
        return "cpu" in self._read(f"{group}/cgroup.controllers").split()

    def cpu_s(self, group: str) -> float | None:
        """CPU seconds that a group's processes have used, those of groups inside it too; None where it does not say."""
        for line in self._read(f"{group}/cpu.stat").splitlines():
            name, _, value = line.partition(" ")
            if name == "usage_usec" and value.isdigit():
                return int(value) / 1e6
        text = self._read(f"{self._account_of(group)}/cpuacct.usage")
        return int(text) / 1e9 if text.isdigit() else None

    def _account_of(self, group: str) -> str:
        """The folder of version 1 that counts the time of a group of another controller."""
        mounts = (*_CPU_MOUNTS, "/cpuset", "/memory")
        mount = next((name for name in mounts if f"{group}/".startswith(f"{_ROOT}{name}/")), None)
        if mount is None:
            return group
        inside = group[len(_ROOT + mount) :]
        account = next((name for name in _ACCOUNT_MOUNTS if self._host.list_proc(_ROOT + name + inside)), mount)
        return _ROOT + account + inside

    def hold_only(self, group: str, pids: frozenset[int]) -> bool:
        """Whether a group holds none but these processes, in groups inside it neither."""
        return self._own_only(group, pids) and all(
            self._own_only(inner, pids, may_be_empty=True) for inner in self._inside(group)
        )

    def _own_only(self, group: str, pids: frozenset[int], *, may_be_empty: bool = False) -> bool:
        held = self._read(f"{group}/cgroup.procs").split()
        return (bool(held) or may_be_empty) and all(pid.isdigit() and int(pid) in pids for pid in held)

    def inner_cpus(self, group: str, capacity: float) -> float:
        """CPUs that limited groups inside one hold for themselves: others' groups, not those of this process.

        ``capacity`` is what the group itself has: only what is less is a limit.
        """
        own = {*self._unified, *self._cpu, *self._cpuset}
        held: dict[str, float] = {}
        for outer in self._twins(group):
            for inner, amount in self._limited_inside(outer, own, self.limits_of, capacity):
                name = inner[len(outer) :]
                held[name] = min(amount, held.get(name, amount))
        return min(capacity, sum(held.values()))

    def inner_bytes(self, group: str, capacity: float) -> float:
        """Bytes of memory that they hold so."""
        own = {*self._unified, *self._memory}
        return min(capacity, sum(amount for _, amount in self._limited_inside(group, own, self.memory_of, capacity)))

    def _limited_inside(
        self, group: str, own: set[str], limits_of: Callable[[str], Iterator[Limit]], capacity: float
    ) -> list[tuple[str, float]]:
        """(group, amount) of the outermost limited groups that somebody lives in."""
        limited: dict[str, float] = {}

        def is_open(inner: str) -> bool:
            amounts = [] if inner in own else [limit.amount for limit in limits_of(inner) if limit.amount < capacity]
            if amounts:
                limited[inner] = min(amounts)
            return not amounts

        for _ in self._inside(group, is_open):
            pass
        return [(inner, amount) for inner, amount in limited.items() if self._lives(inner)]

    def _twins(self, group: str) -> list[str]:
        """A group, and the group of the same name that sets CPUs in version 1."""
        cpuset, mounts = f"{_ROOT}/cpuset", [f"{_ROOT}{name}" for name in _CPU_MOUNTS]
        inside = next((group[len(mount) :] for mount in mounts if f"{group}/".startswith(f"{mount}/")), None)
        return [group] if inside is None or not self._host.list_proc(cpuset + inside) else [group, cpuset + inside]

    def _lives(self, group: str) -> bool:
        """Whether somebody is in it: limits of empty groups hold nothing."""
        return any(self._read(f"{one}/cgroup.procs") for one in (group, *self._inside(group)))

    def _inside(self, group: str, below: Callable[[str], bool] = lambda _inner: True) -> Iterator[str]:
        """All groups inside one, those first that are nearer; ``below`` says whose own are looked into."""
        waiting, seen = [group], 0
        while waiting:
            outer = waiting.pop(0)
            for name in sorted(self._host.list_proc(outer)):
                if _NOT_A_GROUP in name and not name.endswith((".scope", ".service", ".slice", ".mount", ".swap")):
                    continue
                inner = f"{outer}/{name}"
                if name in _FILES or "cgroup.procs" not in self._host.list_proc(inner):
                    continue
                seen += 1
                if seen > _MOST_INNER:
                    return
                yield inner
                if below(inner):
                    waiting.append(inner)

    def _folders(self, controller: str, mounts: tuple[str, ...]) -> list[str]:
        """Folders of a hierarchy, own group first. A container may see its own group as the root."""
        if controller not in self._paths:
            return []
        mount = next((mount for mount in mounts if "cgroup.procs" in self._host.list_proc(_ROOT + mount)), None)
        if mount is None:
            return []
        folders, path = [], self._paths[controller].rstrip("/")
        while path:
            folders.append(_ROOT + mount + path)
            path = path.rpartition("/")[0]
        return [*folders, _ROOT + mount]

    def _read(self, path: str) -> str:
        try:
            return self._host.read_proc(path).decode("utf-8", "replace").strip()
        except OSError:
            return ""
