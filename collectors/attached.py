"""Activity of what already runs: a process with its descendants, or a control group."""

from footprint.collectors.channel import Refusal
from footprint.collectors.host import Host
from footprint.collectors.process_activity import descendants, parsed_stat

_GROUPS = "/sys/fs/cgroup"
_UNIFIED = ("", "/unified")
_ACCOUNTS = ("/cpuacct", "/cpu,cpuacct", "/cpuacct,cpu")


class ProcessTree:
    """A process that somebody else started, with its descendants. It ends when that process does."""

    def __init__(self, host: Host, pid: int) -> None:
        """OSError where there is no such process."""
        self._host = host
        self._pid = pid
        self.subject = pid
        """The process whose limits say what the run holds."""
        self._ticks = host.clock_ticks()
        self._descendants = descendants(host)
        self._started = parsed_stat(host.read_proc(f"/proc/{pid}/stat"), self._ticks).started_ticks
        self._highest_s = 0.0
        self._pids: frozenset[int] = frozenset((pid,))

    def lives(self) -> bool:
        """Whether it is still there: a later process with its number is another one, and a zombie is over."""
        try:
            data = self._host.read_proc(f"/proc/{self._pid}/stat")
            stat = parsed_stat(data, self._ticks)
        except (OSError, ValueError, IndexError):
            return False
        state = data[data.rindex(b")") + 1 :].split()[0]
        return stat.started_ticks == self._started and state not in {b"Z", b"X"}

    def cpu_s(self) -> float:
        """CPU seconds so far, of reaped children too. Never falls."""
        try:
            own = parsed_stat(self._host.read_proc(f"/proc/{self._pid}/stat"), self._ticks)
        except (OSError, ValueError, IndexError):
            return self._highest_s
        if own.started_ticks != self._started:
            return self._highest_s
        found = self._descendants.look(self._pid)
        self._pids = found.pids | {self._pid}
        self._highest_s = max(self._highest_s, own.cpu_s + found.cpu_s)
        return self._highest_s

    def processes(self) -> int:
        """How many processes the last look saw."""
        return len(self._pids)

    def pids(self) -> frozenset[int]:
        """Their numbers."""
        return self._pids


class ControlGroup:
    """A control group: all that lives in it, and what dead processes used there."""

    def __init__(self, host: Host, path: str) -> None:
        """``path`` as in ``/proc/PID/cgroup`` or below ``/sys/fs/cgroup``. FileNotFoundError where there is none."""
        self._host = host
        inside = "/" + path.removeprefix(_GROUPS).strip("/")
        folders = [_GROUPS + mount + inside for mount in (*_UNIFIED, *_ACCOUNTS)] + [_GROUPS + inside]
        found = [folder for folder in folders if _usage(host, folder) is not None]
        if not found:
            raise FileNotFoundError(path)
        self._folder = found[0]
        self._highest_s = 0.0
        self._pids: frozenset[int] = frozenset()
        self.subject = min(self._look(), default=None)
        """A process whose limits say what the group holds; None where it is empty."""

    def lives(self) -> bool:
        """Whether the group is still there and holds somebody."""
        return bool(self._look())

    def cpu_s(self) -> float:
        """CPU seconds that its processes have used since it was made. Never falls."""
        self._look()
        self._highest_s = max(self._highest_s, _usage(self._host, self._folder) or 0.0)
        return self._highest_s

    def processes(self) -> int:
        """How many processes the last look saw."""
        return len(self._pids)

    def pids(self) -> frozenset[int]:
        """Their numbers."""
        return self._pids

    def _look(self) -> frozenset[int]:
        folders: list[str] = [self._folder]
        pids: set[int] = set()
        while folders:
            folder = folders.pop()
            try:
                pids.update(map(int, self._host.read_proc(f"{folder}/cgroup.procs").split()))
            except (OSError, ValueError):
                continue
            names = self._host.list_proc(folder)
            folders += [
                f"{folder}/{name}" for name in names if "cgroup.procs" in self._host.list_proc(f"{folder}/{name}")
            ]
        self._pids = frozenset(pids)
        return self._pids


def _usage(host: Host, folder: str) -> float | None:
    """CPU seconds of a group, by version 2 (``cpu.stat``, microseconds) or 1 (``cpuacct.usage``, nanoseconds)."""
    try:
        for line in host.read_proc(f"{folder}/cpu.stat").splitlines():
            name, _, value = line.partition(b" ")
            if name == b"usage_usec":
                return int(value) / 1e6
    except (OSError, ValueError):
        pass  # version 1 has another file
    try:
        return int(host.read_proc(f"{folder}/cpuacct.usage")) / 1e9
    except (OSError, ValueError):
        return None


def refusal(host: Host, pid: int) -> Refusal | None:
    """Why a process may not be attached to; None where it may."""
    if pid == 1:
        why = "that is the machine's first process, and everything is inside it"
        return Refusal("other", str(pid), "attached", why, "name the service's own process or control group")
    try:
        status = host.read_proc(f"/proc/{pid}/status").decode("utf-8", "replace")
        own = host.read_proc("/proc/self/status").decode("utf-8", "replace")
    except OSError:
        return Refusal("other", str(pid), "attached", "there is no such process", "look it up with `pgrep` or `ps`")
    uid, own_uid = _effective_uid(status), _effective_uid(own)
    if own_uid not in {0, uid}:
        why = "it belongs to another user"
        return Refusal("other", str(pid), "attached", why, "run footprint as that user, or as root")
    return None


def _effective_uid(status: str) -> int:
    for line in status.splitlines():
        if line.startswith("Uid:"):
            return int(line.split()[2])
    return -1
