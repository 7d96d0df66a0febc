"""The machine as it is found: its parts, and what a run may use of them. No personal data; records only."""

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
    """``cpuset``, ``cgroup-quota``, ``slurm``, ``whole-host``, ``unknown``."""
