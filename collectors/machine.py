"""The machine as it is found: its parts, and what a run may use of them. No personal data; records only."""

from collections.abc import Mapping
from typing import NamedTuple


class HostInfo(NamedTuple):
    """The machine, without personal data. ``None`` is "not known"."""

    id: str
    """A random name that this machine's store made for itself."""
    system: str
    """``Linux``, ``Darwin``, ``Windows``."""
    cpu: str
    """Model name of the processor, ``""`` where not known."""
    logical_cpus: int
    sockets: int | None = None
    cores: int | None = None
    memory_gb: float | None = None
    virtual: bool | None = None
    container: str | None = None
    """``docker``, ``podman``, ``kubernetes``, ``lxc``, ``gvisor``, ``wsl`` …; None outside one."""
    battery: bool = False
    gpus: tuple[str, ...] = ()
    """Model names, in the order of their channels."""
    faked: str = ""
    """Files that a container's file system (lxcfs) puts over the machine's, with spaces between; empty: none."""

    @property
    def hides_load(self) -> bool:
        """Whether a container shows its own busy time in place of the machine's: nobody tells what the rest does."""
        return "/proc/stat" in self.faked.split()


BY_OWN_LIST = ("cuda", "rank")
"""Of ``Allocation.gpus_how``: where a process chose its GPUs for itself. Slurm's and a container's are of all that
live there."""


class Allocation(NamedTuple):
    """What the run holds of the host."""

    cpus: float
    """Logical CPUs it may use: at most the host's."""
    memory_gb: float | None = None
    alone: bool = False
    """No other process than the run's own lived in the allocation at the start."""
    gpus: tuple[str, ...] | None = None
    """GPU channels it may use; None where nothing says so."""
    how: str = "unknown"
    """What limits its CPUs most: ``cpuset``, ``cgroup-quota``, ``slurm``, ``affinity``, ``whole-host``, ``unknown``."""
    memory_how: str = ""
    """What limits its memory: ``cgroup-limit``, ``slurm``; empty where nothing does."""
    memory_alone: bool = False
    """As ``alone``, of what limits the memory."""
    gpus_how: str = ""
    """Who says which GPUs: ``cuda`` (its list of visible ones), ``rank``, ``slurm``, ``container``."""
    gpu_parts: Mapping[str, float] = {}
    """Of divided GPUs, by channel: the part that the job's slices hold (0 to 1)."""


class HeldUse(NamedTuple):
    """What goes on in what a run holds, at an instant. ``None``: not told."""

    cpu_busy_s: float | None = None
    """CPU seconds that all processes in the run's part of the CPUs have used; None: the host's stand for them."""
    memory_busy_s: float | None = None
    """The same of those that share its memory limit."""
    memory_alone: bool | None = None
    """As a frame's ``alone``, of those that share its memory limit; None: as of the CPUs."""
    inner_cpus: float = 0.0
    """CPUs of the run's part that others, in limited groups inside it, hold for themselves."""
    inner_gb: float = 0.0
    """Memory (GB) that others hold so, of what the run shares."""
    moved: bool = False
    """The run was moved to another control group: what it holds is not known any more."""
