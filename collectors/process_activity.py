"""CPU seconds: of the whole host, of this process and its children, of a job's process tree.

What is read costs as much as the job has processes, however many the host has. A process's name and
command line are never read: they can hold personal data.

Why no time is counted twice: within one look a parent is read before its children. A child that is seen
after its parent had not been reaped when the parent was read, so its time was not yet in the parent's.
What moves in between is missed by that look, never doubled, and the next look has it.
"""

from typing import NamedTuple

from footprint.collectors.host import Handle, Host

_BUSY_FIELDS = (0, 1, 2, 5, 6)
"""user, nice, system, irq, softirq of a ``cpu`` line. Guests are inside user; idle, iowait and steal are not work."""
_STEAL_FIELD = 7


def busy_ticks(fields: list[bytes]) -> int:
    """Busy ticks of a ``cpu`` line of ``/proc/stat``. ValueError and IndexError for what is none."""
    return sum(int(fields[number + 1]) for number in _BUSY_FIELDS)


class HostActivity:
    """Busy CPU seconds of all processes of the host, from ``/proc/stat``."""

    def __init__(self, host: Host) -> None:
        self._ticks = host.clock_ticks()
        self._handle: Handle | None = None
        self._psutil = None
        self.steal_s: float | None = None
        """CPU seconds that a hypervisor has kept from this machine, at the last look; None where it kept none."""
        try:
            self._handle = host.open("/proc/stat")
        except OSError:
            if not _has_proc(host):
                self._psutil = host.library("psutil")

    def busy_s(self) -> float | None:
        """Cumulative busy seconds of all CPUs together; None where they are not visible."""
        if self._handle is None:
            return self._busy_by_psutil()
        try:
            line = self._handle.read().split(b"\n", 1)[0]
            fields = line.split()
            ticks = busy_ticks(fields)
            steal = int(fields[_STEAL_FIELD + 1]) if len(fields) > _STEAL_FIELD + 1 else 0
        except (OSError, ValueError, IndexError):
            return None
        self.steal_s = steal / self._ticks if steal > 0 else None
        # A sandbox that hides the host's time shows zeros.
        return ticks / self._ticks if ticks > 0 and fields[0] == b"cpu" else None

    def _busy_by_psutil(self) -> float | None:
        if self._psutil is None:
            return None
        times = self._psutil.cpu_times()
        names = ("user", "nice", "system", "irq", "softirq", "interrupt", "dpc")
        return sum(float(getattr(times, name, 0.0)) for name in names)

    def close(self) -> None:
        """Give the descriptor back; a second call is harmless."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None


class OwnProcess:
    """This process with its children, dead or alive: what ``track`` counts."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._descendants = descendants(host)
        self._highest_s = 0.0
        self._pids: frozenset[int] = frozenset((host.pid(),))

    def cpu_s(self) -> float:
        """CPU seconds so far: own, of reaped children and of living descendants. Never falls."""
        own = self._host.pid()
        for _ in range(2):
            own_s = self._host.own_cpu_s()  # before the children: see the module's docstring
            found = self._descendants.look(own)
            self._highest_s = max(self._highest_s, own_s + found.cpu_s)
            if not found.missed:
                break
        self._pids = found.pids | {own}
        return self._highest_s

    def processes(self) -> int:
        """How many processes the last look saw, this one included."""
        return len(self._pids)

    def pids(self) -> frozenset[int]:
        """Numbers of the processes that the last look saw, this one included."""
        return self._pids


class Tree:
    """A job's processes: everything that descends from ``root_pid``, without the root itself.

    The root is the runner. It is a child subreaper, so orphans stay in its tree; it tells with
    ``add_dead`` what the children it reaped had used, their own reaped children included.
    """

    def __init__(self, host: Host, root_pid: int) -> None:
        self._root = root_pid
        self._descendants = descendants(host)
        self._dead_s = 0.0
        self._highest_s = 0.0
        self._pids: frozenset[int] = frozenset()

    def add_dead(self, cpu_s: float) -> None:
        """A child of the root was reaped: ``cpu_s`` is what ``wait4`` says that it used."""
        self._dead_s += cpu_s

    def cpu_s(self) -> float:
        """CPU seconds of the job so far, dead processes included. Never falls."""
        for _ in range(2):
            dead_s = self._dead_s  # before the living: see the module's docstring
            found = self._descendants.look(self._root)
            self._highest_s = max(self._highest_s, dead_s + found.cpu_s)
            if not found.missed:
                break
        self._pids = found.pids
        return self._highest_s

    def processes(self) -> int:
        """How many living processes the last look saw."""
        return len(self._pids)

    def pids(self) -> frozenset[int]:
        """Numbers of the living processes that the last look saw."""
        return self._pids


class _Stat(NamedTuple):
    """What we take from ``/proc/PID/stat``."""

    parent: int
    cpu_s: float
    """Own and of reaped children."""
    started_ticks: int = 0
    """When it began: tells a process from a later one with its number."""


class _Look(NamedTuple):
    """What one look at the living descendants found."""

    cpu_s: float
    pids: frozenset[int]
    missed: bool
    """A process went away during the look: its time may have moved to where we had already been."""


def parsed_stat(data: bytes, ticks: int) -> _Stat:
    """Fields after the name, which is in parentheses and may itself hold spaces and parentheses."""
    fields = data[data.rindex(b")") + 1 :].split()
    used = int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])
    return _Stat(int(fields[1]), used / ticks, int(fields[19]))


class _ByChildrenFiles:
    """Follows ``/proc/PID/task/TID/children``: the cost is that of the tree."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._ticks = host.clock_ticks()

    def look(self, root: int) -> _Look:
        """The descendants of a process, without the process itself."""
        cpu_s, missed, seen = 0.0, False, set()
        waiting = self._children(root)
        while waiting:
            pid = waiting.pop()
            if pid in seen or pid == root:
                continue
            children = self._children(pid)  # before its time: a child that ends in between is noticed as missing
            try:
                stat = parsed_stat(self._host.read_proc(f"/proc/{pid}/stat"), self._ticks)
            except (OSError, ValueError, IndexError):
                missed = True
                continue
            seen.add(pid)
            cpu_s += stat.cpu_s
            waiting.extend(children)
        return _Look(cpu_s, frozenset(seen), missed)

    def _children(self, pid: int) -> list[int]:
        """Children belong to the thread that made them, so every thread has its own list."""
        children: list[int] = []
        for task in self._host.list_proc(f"/proc/{pid}/task"):
            try:
                data = self._host.read_proc(f"/proc/{pid}/task/{task}/children")
            except OSError:
                continue  # the thread ended: the kernel gave its children to another, the next look finds them
            children.extend(map(int, data.split()))
        return children


class _ByScan:
    """Reads the parent of every process: for kernels that keep no ``children`` files."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._ticks = host.clock_ticks()

    def look(self, root: int) -> _Look:
        """The descendants of a process, without the process itself."""
        children: dict[int, list[int]] = {}
        for name in self._host.list_proc("/proc"):
            if name.isdigit() and (stat := self._stat(int(name))) is not None:
                children.setdefault(stat.parent, []).append(int(name))
        cpu_s, missed, seen = 0.0, False, set()
        waiting = children.get(root, [])
        while waiting:
            pid = waiting.pop()
            stat = self._stat(pid)  # once more, so that a parent is read before its children
            if stat is None:
                missed = True
                continue
            seen.add(pid)
            cpu_s += stat.cpu_s
            waiting.extend(child for child in children.get(pid, ()) if child not in seen)
        return _Look(cpu_s, frozenset(seen), missed)

    def _stat(self, pid: int) -> _Stat | None:
        try:
            return parsed_stat(self._host.read_proc(f"/proc/{pid}/stat"), self._ticks)
        except (OSError, ValueError, IndexError):
            return None


class _ByPsutil:
    """For systems without ``/proc``: what dead grandchildren used is not known there."""

    def __init__(self, host: Host) -> None:
        self._psutil = host.library("psutil")

    def look(self, root: int) -> _Look:
        """The living descendants of a process; none where psutil is not there."""
        if self._psutil is None:
            return _Look(0.0, frozenset(), missed=False)
        cpu_s, missed, seen = 0.0, False, set()
        try:
            for child in self._psutil.Process(root).children(recursive=True):
                times = child.cpu_times()
                cpu_s += times.user + times.system
                seen.add(child.pid)
        except self._psutil.Error:
            missed = True
        return _Look(cpu_s, frozenset(seen), missed)


def _has_proc(host: Host) -> bool:
    return bool(host.list_proc("/proc/self/task"))


def descendants(host: Host) -> _ByChildrenFiles | _ByScan | _ByPsutil:
    """The cheapest way that this system has."""
    if not _has_proc(host):
        return _ByPsutil(host)
    try:
        pid = host.pid()
        host.read_proc(f"/proc/{pid}/task/{pid}/children")
    except OSError:
        return _ByScan(host)
    return _ByChildrenFiles(host)
