"""A recorded host: a tree of files in one text archive, read through the same seam as a real one.

The archive, for people to review::

    # where it comes from (every line before the first file is provenance)
    == /sys/class/powercap/intel-rapl:0/name
    package-0
    == /sys/class/powercap/intel-rapl:0/energy_uj series
    1000
    2000
    !EIO
    == /sys/class/powercap/intel-rapl:1/energy_uj timed
    0 1000
    2.5 2000
    4 !ENOENT
    == /sys/empty/

A plain file has its lines as content. A ``series`` gives one line at each read, the last for ever; a ``timed``
file gives the line of the newest time, on the host's own clock. ``!NAME`` stands for that error, an empty line
of a series for an empty file. A path that ends in ``/`` is a folder. The clock moves by ``sleep`` alone.
What a perf event has counted is a file ``/perf_event_open/TYPE/CONFIG/CPU``, a model-specific register one of
``/dev/cpu/CPU/msr/REGISTER``: CONFIG and REGISTER as ``0x2``, the content in decimal digits. A controller's answer is
a file ``/dev/ipmi0/NETFN/COMMAND``, both as ``0x2c``, in hexadecimal digits. Calls of NVIDIA's library are under
``/library/pynvml/`` (``recorded_library``), the environment is ``/proc/self/environ``, one variable a line.
"""

import errno
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import cast

from footprint.collectors.host import Handle, Host, answer_in, ipmi_path, perf_path, register_path
from footprint.collectors.named import Address, Named

_AT_OPENING = {"EACCES", "EPERM", "ENOENT", "ELOOP"}
"""Errors that come when a file is opened; the others come when it is read."""
_WORDS = {
    "EACCES": "Permission denied",
    "EPERM": "Operation not permitted",
    "ENOENT": "No such file or directory",
    "ELOOP": "Too many levels of symbolic links",
    "EIO": "Input/output error",
    "ENODEV": "No such device",
    "ENODATA": "No data available",
    "EISDIR": "Is a directory",
    "ENOSYS": "Function not implemented",
}
_TICKS = 100


class BadArchiveError(ValueError):
    """The archive breaks its own rules."""


class RecordedHost(Host):
    """Replays an archive. ``own_s`` and ``environ`` may be set by whoever holds it."""

    def __init__(
        self,
        files: Mapping[str, "_File"],
        provenance: str = "",
        environ: Mapping[str, str] | None = None,
        libraries: Mapping[str, ModuleType] | None = None,
    ) -> None:
        self.provenance = provenance
        self._files = files
        self.environ: Mapping[str, str] = self._recorded_environ() if environ is None else environ
        self.named: Named | None = None
        self.own_s = 0.0
        self.own_pid = self._recorded_pid()
        self.now_s = 0.0
        self.epoch_s = 1_700_000_000.0
        """What the wall clock said when the monotonic one stood at 0."""
        self._libraries: Mapping[str, ModuleType] = self._recorded_libraries() if libraries is None else libraries

    @classmethod
    def from_archive(
        cls,
        path: str,
        environ: Mapping[str, str] | None = None,
        libraries: Mapping[str, ModuleType] | None = None,
    ) -> "RecordedHost":
        """The host in an archive file. OSError where it cannot be read; BadArchiveError where it is none."""
        with open(path, encoding="utf-8") as file:
            return cls.from_text(file.read(), environ, libraries)

    @classmethod
    def from_text(
        cls,
        text: str,
        environ: Mapping[str, str] | None = None,
        libraries: Mapping[str, ModuleType] | None = None,
    ) -> "RecordedHost":
        """The host in an archive's text."""
        provenance, files = _parsed(text)
        return cls(files, provenance, environ, libraries)

    def read_text(self, path: str) -> str:
        """A file's text at this read, stripped."""
        return self.open(path).read().decode("utf-8", "replace").strip()

    def read_head(self, path: str) -> str:
        """As ``read_text``, unstripped: a recorded file is short."""
        return self.open(path).read().decode("utf-8", "replace")

    def list_dir(self, path: str) -> list[str]:
        """Names of what is there now, sorted."""
        start = path.rstrip("/") + "/"
        return sorted(
            {name[len(start) :].partition("/")[0] for name in self._present() if name.startswith(start)} - {""}
        )

    def exists(self, path: str) -> bool:
        """Whether there is such a file, or a folder with something in it."""
        start = path.rstrip("/") + "/"
        return any(name == path or name.startswith(start) for name in self._present())

    def open(self, path: str) -> Handle:
        """A handle that gives the file's successive contents."""
        file = self._files.get(path)
        if file is None:
            raise _fault("EISDIR" if self.exists(path) else "ENOENT", path)
        content = file.peek(self.now_s)
        if content.startswith("!") and content[1:] in _AT_OPENING:
            file.take(self.now_s)
            raise _fault(content[1:], path)
        return _RecordedHandle(self, path, file)

    def open_perf(self, kind: int, config: int, cpu: int) -> Handle:
        """What the archive says that the event has counted. All its errors come when it is opened."""
        handle = self.open(path := perf_path(kind, config, cpu))
        content = self._files[path].peek(self.now_s)
        if content.startswith("!"):
            raise _fault(content[1:], path)
        return handle

    def open_register(self, cpu: int, register: int) -> Handle:
        """What the archive says that the register holds."""
        return self.open(register_path(cpu, register))

    def ipmi(self, path: str, netfn: int, command: int, data: bytes, timeout_s: float) -> bytes:  # noqa: ARG002 - a seam
        """What the archive says that the controller answers. OSError, as where it is no hexadecimal."""
        return answer_in(self.read_text(ipmi_path(path, netfn, command)))

    def fetch(self, address: Address, path: str, timeout_s: float) -> bytes:  # noqa: ARG002 - a seam
        """Nothing: a recording asks nobody."""
        raise OSError("a recorded host asks nobody")

    def monotonic(self) -> float:
        """The host's clock: it begins at 0 and moves by ``sleep``."""
        return self.now_s

    def wall(self) -> float:
        """Seconds since 1970 by the host's clock."""
        return self.epoch_s + self.now_s

    def sleep(self, seconds: float) -> None:
        """Move the clock on."""
        self.now_s += seconds

    def library(self, name: str) -> ModuleType | None:
        """A binding that was handed in or recorded."""
        return self._libraries.get(name)

    def read_proc(self, path: str) -> bytes:
        """The job's own processes are recorded too."""
        return self.open(path).read()

    def list_proc(self, path: str) -> list[str]:
        """Names of what is there now."""
        return self.list_dir(path)

    def own_cpu_s(self) -> float:
        """What was set."""
        return self.own_s

    def clock_ticks(self) -> int:
        """As on every Linux of today."""
        return _TICKS

    def pid(self) -> int:
        """What was set."""
        return self.own_pid

    def _recorded_environ(self) -> dict[str, str]:
        """Variables that the archive keeps, one a line."""
        file = self._files.get("/proc/self/environ")
        lines = file.peek(0.0).splitlines() if file is not None else []
        return {name: value for name, sign, value in (line.partition("=") for line in lines) if sign}

    def _recorded_pid(self) -> int:
        """Number of the process that recorded it; 1 where it does not say."""
        file = self._files.get("/proc/self/stat")
        word = file.peek(0.0).partition(" ")[0] if file is not None else ""
        return int(word) if word.isdigit() else 1

    def _recorded_libraries(self) -> dict[str, ModuleType]:
        if not any(path.startswith("/library/pynvml/") for path in self._files):
            return {}
        from footprint.collectors.recorded_library import RecordedLibrary

        return {"pynvml": cast("ModuleType", RecordedLibrary(iter(self._files), self.read_text))}

    def _present(self) -> Iterator[str]:
        return (path for path, file in self._files.items() if file.peek(self.now_s) != "!ENOENT")


class _File:
    """One file's contents over reads or over time."""

    def __init__(self, path: str, how: str, lines: list[str]) -> None:
        self._how = how
        self._read = 0
        if how == "timed":
            try:
                pairs = [line.split(" ", 1) for line in lines]
                self._times = [float(pair[0]) for pair in pairs]
                self._contents = [pair[1] if len(pair) > 1 else "" for pair in pairs]
            except ValueError as fault:
                raise BadArchiveError(f"{path}: each line of a timed file begins with a time") from fault
        else:
            self._times = []
            self._contents = lines if how == "series" else ["\n".join(lines)]
        if not self._contents:
            raise BadArchiveError(f"{path}: a {how} file has at least one line")

    def peek(self, now_s: float) -> str:
        """What the next read would give."""
        if self._how == "timed":
            return self._contents[max(0, sum(time_s <= now_s for time_s in self._times) - 1)]
        return self._contents[min(self._read, len(self._contents) - 1)]

    def take(self, now_s: float) -> str:
        """One read."""
        content = self.peek(now_s)
        self._read += 1
        return content


class _RecordedHandle:
    """An open file of the recording."""

    def __init__(self, host: RecordedHost, path: str, file: _File) -> None:
        self._host = host
        self._path = path
        self._file = file

    def read(self) -> bytes:
        """The content at this read."""
        content = self._file.take(self._host.now_s)
        if content.startswith("!"):
            raise _fault(content[1:], self._path)
        return f"{content}\n".encode() if content else b""

    def close(self) -> None:
        """Nothing is held."""


def _fault(name: str, path: str) -> OSError:
    """The error as the system would raise it: its class follows from its number."""
    return OSError(getattr(errno, name, errno.EIO), _WORDS.get(name, name), path)


def _parsed(text: str) -> tuple[str, dict[str, _File]]:
    """Provenance and files of an archive."""
    provenance: list[str] = []
    files: dict[str, _File] = {}
    head: list[str] = []
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("== "):
            _add(files, head, lines)
            head, lines = line[3:].split(), []
        elif head:
            lines.append(line)
        else:
            provenance.append(line.lstrip("# "))
    _add(files, head, lines)
    return "\n".join(provenance).strip(), files


def _add(files: dict[str, _File], head: list[str], lines: list[str]) -> None:
    if not head:
        return
    path, how = head[0], head[1] if len(head) > 1 else "plain"
    if not path.startswith("/") or how not in ("plain", "series", "timed") or len(head) > 2 or path in files:
        line = " ".join(head)
        raise BadArchiveError(f"the line '== {line}' begins no new file: a path, then nothing, series or timed")
    files[path] = _File(path, how, lines)
