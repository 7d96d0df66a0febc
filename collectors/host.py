"""The one seam to the machine. Nothing else in ``collectors/`` opens a file, reads a clock or loads a library.

``RealHost`` is the machine; with a *sysroot* its hardware and host-wide counters come from a folder
that stands for ``/``, while the job's own processes always come from the real ``/proc``.
``recorded_host.RecordedHost`` replays a recorded tree through the same parsers.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
import time
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from footprint.collectors.named import Address, Named

_CHUNK = 65_536
_HEAD = 4_096
_NVML = {"linux": "libnvidia-ml.so.1"}


class Handle(Protocol):
    """A file that is kept open and read again and again from its start; a perf event or register too."""

    def read(self) -> bytes:
        """The whole content now. OSError where it cannot be read this time."""

    def close(self) -> None:
        """Give the descriptor back."""


class Host(Protocol):
    """What collectors may ask of a machine."""

    environ: Mapping[str, str]
    named: Named | None
    """Meters that answer over the network, as the user's settings name them; None: nobody is asked."""

    def read_text(self, path: str) -> str:
        """A small file's text, stripped. OSError as the system gives it."""

    def read_head(self, path: str) -> str:
        """A long file's beginning, at least its first record: what one read gives. OSError as the system gives it."""

    def list_dir(self, path: str) -> list[str]:
        """Names in a folder, sorted; empty where there is no such folder."""

    def exists(self, path: str) -> bool:
        """Whether there is such a path."""

    def open(self, path: str) -> Handle:
        """Keep a file open. OSError as the system gives it."""

    def open_perf(self, kind: int, config: int, cpu: int) -> Handle:
        """Count a perf event on one CPU from now on; each read gives its count in decimal digits.

        OSError as the system gives it.
        """

    def open_register(self, cpu: int, register: int) -> Handle:
        """A model-specific register of one CPU; each read gives its 64 bits in decimal digits.

        OSError as the system gives it.
        """

    def ipmi(self, path: str, netfn: int, command: int, data: bytes, timeout_s: float) -> bytes:
        """A management controller's answer to a message: completion code, then data. OSError as the system gives it."""

    def fetch(self, address: Address, path: str, timeout_s: float) -> bytes:
        """What a server says that the user named, at a path (empty: at its address itself). OSError with why not."""

    def monotonic(self) -> float:
        """Seconds that never step back."""

    def wall(self) -> float:
        """Seconds since 1970, which may step."""

    def sleep(self, seconds: float) -> None:
        """Wait."""

    def library(self, name: str) -> ModuleType | None:
        """A Python binding (``pynvml``), or None where the binding or its system library is missing."""

    def read_proc(self, path: str) -> bytes:
        """A file of the real ``/proc`` or cgroup tree, whatever the sysroot. OSError as the system gives it."""

    def list_proc(self, path: str) -> list[str]:
        """Names in a folder of the real ``/proc`` or cgroup tree; empty where there is no such folder."""

    def own_cpu_s(self) -> float:
        """CPU seconds of this process and of the children that it has reaped."""

    def clock_ticks(self) -> int:
        """The kernel counts CPU time in this many ticks a second."""

    def pid(self) -> int:
        """Number of this process."""


def perf_path(kind: int, config: int, cpu: int) -> str:
    """Where a recorded tree, or a folder that stands for ``/``, keeps the count of a perf event."""
    return f"/perf_event_open/{kind}/{config:#x}/{cpu}"


def register_path(cpu: int, register: int) -> str:
    """Where such a tree keeps a model-specific register."""
    return f"/dev/cpu/{cpu}/msr/{register:#x}"


def ipmi_path(path: str, netfn: int, command: int) -> str:
    """Where such a tree keeps a management controller's answer, in hexadecimal digits."""
    return f"{path}/{netfn:#04x}/{command:#04x}"


def answer_in(text: str) -> bytes:
    """A controller's answer of a file. OSError where it holds no hexadecimal digits."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise OSError(f"the recorded answer holds {text[:40]!r}, no hexadecimal digits") from None


def _read_by_seeking(descriptor: int, size: int, offset: int) -> bytes:
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, size)


_read_at = getattr(os, "pread", _read_by_seeking)  # Windows has no pread


class RealHandle:
    """A kept descriptor and one ``pread`` for each look."""

    __slots__ = ("_fd",)

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))

    def read(self) -> bytes:
        """The whole content now."""
        data = _read_at(self._fd, _CHUNK, 0)
        if len(data) < _CHUNK:
            return data
        while True:
            more = _read_at(self._fd, _CHUNK, len(data))
            if not more:
                return data
            data += more

    def close(self) -> None:
        """Close the descriptor; a second call is harmless."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class RealHost:
    """This machine, or a folder that stands for its hardware."""

    def __init__(self, sysroot: str = "", environ: Mapping[str, str] | None = None, named: Named | None = None) -> None:
        self.sysroot = sysroot.rstrip("/")
        self.named = named
        self.environ: Mapping[str, str] = os.environ if environ is None else environ

    def read_text(self, path: str) -> str:
        """A small file's text, stripped."""
        with open(self.sysroot + path, "rb") as file:
            return file.read().decode("utf-8", "replace").strip()

    def read_head(self, path: str) -> str:
        """What one read gives: ``/proc/cpuinfo`` of 256 CPUs is long, and its first record says it all."""
        descriptor = os.open(self.sysroot + path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        try:
            return os.read(descriptor, _HEAD).decode("utf-8", "replace")
        finally:
            os.close(descriptor)

    def list_dir(self, path: str) -> list[str]:
        """Names in a folder, sorted; empty where there is none."""
        try:
            return sorted(os.listdir(self.sysroot + path))
        except OSError:
            return []

    def exists(self, path: str) -> bool:
        """Whether there is such a path."""
        return os.path.exists(self.sysroot + path)

    def open(self, path: str) -> Handle:
        """Keep a file open."""
        return RealHandle(self.sysroot + path)

    def open_perf(self, kind: int, config: int, cpu: int) -> Handle:
        """Count a perf event on one CPU. What that takes is loaded only here: few hosts need it."""
        if self.sysroot:
            return self._stand_in(perf_path(kind, config, cpu))
        from footprint.collectors.host_counters import PerfEvent

        return PerfEvent(kind, config, cpu)

    def open_register(self, cpu: int, register: int) -> Handle:
        """Keep a CPU's registers open to read one of them."""
        if self.sysroot:
            return self._stand_in(register_path(cpu, register))
        from footprint.collectors.host_counters import Register

        return Register(f"/dev/cpu/{cpu}/msr", register)

    def ipmi(self, path: str, netfn: int, command: int, data: bytes, timeout_s: float) -> bytes:
        """Ask a management controller. What that takes is loaded only here: few hosts have one."""
        if self.sysroot:
            return answer_in(self.read_text(ipmi_path(path, netfn, command)))
        from footprint.collectors.ipmi_device import exchange

        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
        try:
            return exchange(descriptor, netfn, command, data, timeout_s)
        finally:
            os.close(descriptor)

    def fetch(self, address: Address, path: str, timeout_s: float) -> bytes:
        """Ask a server. What that takes is loaded only here: without a name in the settings nobody is asked."""
        from footprint.collectors.web import get, path_of

        return get(address, path or path_of(address.url), timeout_s)

    def _stand_in(self, path: str) -> Handle:
        """A file in place of what a folder that stands for the machine cannot hold. ENOTSUP where it has none."""
        try:
            return RealHandle(self.sysroot + path)
        except FileNotFoundError:
            raise OSError(errno.ENOTSUP, "not to be had through a folder that stands for the machine") from None

    def monotonic(self) -> float:
        """Seconds that never step back."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def library(self, name: str) -> ModuleType | None:
        """A binding whose system library is there. NVML's is asked for before its binding is imported:

        on a machine without it, the import would be the dearest part of a run.
        """
        if name == "pynvml" and not _loadable(_NVML.get(sys.platform)):
            return None
        try:
            return importlib.import_module(name)
        except ImportError:
            return None

    def read_proc(self, path: str) -> bytes:
        """A file of the real ``/proc`` or cgroup tree, by bare calls: they are made for each process, once a second."""
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        try:
            data = b""
            while more := os.read(descriptor, _CHUNK):
                data += more
            return data
        finally:
            os.close(descriptor)

    def list_proc(self, path: str) -> list[str]:
        """Names in a folder of the real ``/proc`` or cgroup tree, in the kernel's order."""
        try:
            return os.listdir(path)
        except OSError:
            return []

    def own_cpu_s(self) -> float:
        """CPU seconds of this process and of its reaped children, where the platform counts those."""
        if sys.platform == "win32":
            return time.process_time()
        import resource

        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + children.ru_utime + children.ru_stime

    def clock_ticks(self) -> int:
        """Ticks a second; 100 on every Linux of today."""
        return 100 if sys.platform == "win32" else os.sysconf("SC_CLK_TCK")

    def pid(self) -> int:
        """Number of this process."""
        return os.getpid()


def _loadable(library: str | None) -> bool:
    """Whether the dynamic loader finds a library, by the loader itself (LD_LIBRARY_PATH and cache included)."""
    if library is None:
        return True
    try:
        import _ctypes  # the loader without the 15 ms that `import ctypes` takes
    except ImportError:
        return True
    try:
        handle = _ctypes.dlopen(library, 0)
    except OSError:
        return False
    _ctypes.dlclose(handle)
    return True
