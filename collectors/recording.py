"""A host that notes all that is asked of it, and writes it down as an archive that ``RecordedHost`` replays.

So a recording holds what footprint reads of a machine and nothing else, through the very seam that all collectors use.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any, cast

from footprint.collectors.host import Handle, Host, ipmi_path, perf_path, register_path
from footprint.collectors.named import Address, Named
from footprint.collectors.recorded_library import RecordingLibrary
from footprint.collectors.redaction import Redaction

ENVIRONMENT = (
    # the only variables that are recorded, and only where they are set
    "FOOTPRINT_REGION", "FOOTPRINT_IDLE", "FOOTPRINT_PUE", "FOOTPRINT_INTERVAL", "FOOTPRINT_DISABLED",
    "FOOTPRINT_PLAIN", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_VISIBLE_DEVICES", "container",
    "KUBERNETES_SERVICE_HOST", "SLURM_JOB_ID", "SLURM_CPUS_ON_NODE", "SLURM_CPUS_PER_TASK", "SLURM_PROCID",
    "SLURM_STEP_TASKS_PER_NODE", "SLURM_MEM_PER_NODE", "AWS_EXECUTION_ENV", "AWS_REGION",
)  # fmt: skip
_SAID_TO_BE_SET = ("KUBERNETES_SERVICE_HOST", "SLURM_JOB_ID")
"""Of these only that they are set."""
_CROWDED = ("/", "/run", "/proc", "/dev", "/etc")
"""Of these folders only what is sought in them is noted, not what else lies there."""
_SOUGHT = (".dockerenv", ".containerenv", "cgroup.procs")


class RecordingHost:
    """Passes everything on to a host, and notes the answers."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.environ: Mapping[str, str] = host.environ
        self.named: Named | None = None
        """Nobody is asked: who a user's meters are is not of this machine."""
        self.sysroot = str(getattr(host, "sysroot", ""))
        self._read: dict[str, list[str]] = {}
        self._folders: dict[str, None] = {}
        self._settled: frozenset[str] = frozenset()
        self._library: RecordingLibrary | None = None

    def read_text(self, path: str) -> str:
        """As the host does, noted."""
        return self._noting(path, lambda: self._host.read_text(path))

    def read_head(self, path: str) -> str:
        """The head; what is noted is the whole file, for those who read the recording."""
        head = self._noting(path, lambda: self._host.read_head(path))
        with contextlib.suppress(OSError):  # then the head is all there is
            self._read[path][-1] = self._host.read_text(path)
        return head

    def list_dir(self, path: str) -> list[str]:
        """As the host does, noted."""
        return self._listed(path, self._host.list_dir(path))

    def exists(self, path: str) -> bool:
        """As the host does, noted."""
        found = self._host.exists(path)
        if found:
            self._folders[path] = None
        return found

    def open(self, path: str) -> Handle:
        """A handle whose reads are noted."""
        return _NotingHandle(self, path, self._noting_fault(path, lambda: self._host.open(path)))

    def open_perf(self, kind: int, config: int, cpu: int) -> Handle:
        """As the host does, noted where recordings keep perf events."""
        path = perf_path(kind, config, cpu)
        return _NotingHandle(self, path, self._noting_fault(path, lambda: self._host.open_perf(kind, config, cpu)))

    def open_register(self, cpu: int, register: int) -> Handle:
        """As the host does, noted where recordings keep registers."""
        path = register_path(cpu, register)
        return _NotingHandle(self, path, self._noting_fault(path, lambda: self._host.open_register(cpu, register)))

    def ipmi(self, path: str, netfn: int, command: int, data: bytes, timeout_s: float) -> bytes:
        """As the host does, noted where recordings keep a controller's answers."""
        where = ipmi_path(path, netfn, command)
        answer: bytes = self._noting_fault(where, lambda: self._host.ipmi(path, netfn, command, data, timeout_s))
        self.note(where, answer.hex())
        return answer

    def fetch(self, address: Address, path: str, timeout_s: float) -> bytes:
        """As the host does: it is not of the machine, and not noted."""
        return self._host.fetch(address, path, timeout_s)

    def monotonic(self) -> float:
        """The host's clock."""
        return self._host.monotonic()

    def wall(self) -> float:
        """The host's clock."""
        return self._host.wall()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._host.sleep(seconds)

    def library(self, name: str) -> ModuleType | None:
        """A binding whose calls are noted."""
        module = self._host.library(name)
        if module is None or name != "pynvml":
            return module
        self._library = self._library or RecordingLibrary(module)
        return cast("ModuleType", self._library)

    def read_proc(self, path: str) -> bytes:
        """As the host does, noted."""
        found: list[bytes] = []
        self._noting(path, lambda: _first(found, self._host.read_proc(path)).decode("utf-8", "replace"))
        return found[0]

    def list_proc(self, path: str) -> list[str]:
        """As the host does, noted."""
        return self._listed(path, self._host.list_proc(path))

    def own_cpu_s(self) -> float:
        """As the host does: it is not of the machine, and not noted."""
        return self._host.own_cpu_s()

    def clock_ticks(self) -> int:
        """As the host does."""
        return self._host.clock_ticks()

    def pid(self) -> int:
        """As the host does, noted where processes say their own number."""
        number = self._host.pid()
        self._read.setdefault("/proc/self/stat", [f"{number} (name) R 0"])
        return number

    def note(self, path: str, text: str) -> None:
        """One read's answer."""
        if path not in self._settled:
            self._read.setdefault(path, []).append(text.rstrip("\n"))

    def asked_beside(self) -> None:
        """From here on only what has not been read before is noted: a replay has each read once, in its order."""
        self._settled = frozenset(self._read)

    def variables(self) -> list[str]:
        """Names of the variables that are noted."""
        return [name for name in ENVIRONMENT if self.environ.get(name)]

    def _noting(self, path: str, read: Any) -> str:
        text: str = self._noting_fault(path, read)
        self.note(path, text)
        return text

    def _noting_fault(self, path: str, ask: Any) -> Any:
        try:
            return ask()
        except OSError as fault:
            name = errno.errorcode.get(fault.errno or 0, "EIO")
            if name != "ENOENT" or path in self._read:
                self.note(path, f"!{name}")
            raise

    def _listed(self, path: str, names: list[str]) -> list[str]:
        folder = path.rstrip("/")
        for name in names:
            if (path not in _CROWDED and not folder.startswith("/proc")) or name in _SOUGHT:
                self._folders[f"{folder}/{name}"] = None
        return names

    def archive(self, provenance: tuple[str, str], redaction: Redaction) -> str:
        """The recording as text: what is special, where it comes from, then the files by their paths."""
        told = [path for path in self._read if not redaction.is_left_out(path)]
        files = {redaction.path(path): self._block(path, redaction) for path in told}
        if self._library is not None:
            for path, lines in self._library.files().items():
                files[redaction.path(path)] = ("series", [redaction.text(line) for line in lines])
        variables = self._environment(redaction)
        if variables:
            files["/proc/self/environ"] = ("", variables)
        out = [f"# {line}" for line in provenance]
        for path in sorted(files):
            how, lines = files[path]
            out += [f"== {path} {how}".rstrip(), *lines]
        out += [f"== {path}/" for path in self._bare_folders(files, redaction)]
        return "\n".join(out) + "\n"

    def _block(self, path: str, redaction: Redaction) -> tuple[str, list[str]]:
        """How a file is written: plain where all reads gave the same or more than a line, else one line a read."""
        contents = [one if one.startswith("!") else redaction.content(path, one) for one in self._read[path]]
        if len(set(contents)) == 1 and not contents[0].startswith("!"):
            return "", contents[0].splitlines()
        if any("\n" in one for one in contents):
            return "", next(one for one in reversed(contents) if not one.startswith("!")).splitlines()
        return "series", contents

    def _bare_folders(self, files: Iterable[str], redaction: Redaction) -> list[str]:
        """What exists and was not read, without what holds something else."""
        known = sorted(files)
        paths = sorted({redaction.path(path) for path in self._folders if not redaction.is_left_out(path)} - set(known))
        taken = [*known, *paths]
        return [path for path in paths if path and not any(one.startswith(f"{path}/") for one in taken)]

    def _environment(self, redaction: Redaction) -> list[str]:
        lines = []
        for name in ENVIRONMENT:
            value = self.environ.get(name)
            if value:
                told = "1" if name in _SAID_TO_BE_SET else redaction.abbreviated(value)
                lines.append(f"{name}={told}".replace("\n", " "))
        return lines


def _first(found: list[bytes], data: bytes) -> bytes:
    found.append(data)
    return data


class _NotingHandle:
    """An open file whose reads are noted."""

    def __init__(self, host: RecordingHost, path: str, handle: Handle) -> None:
        self._recording = host
        self._path = path
        self._handle = handle

    def read(self) -> bytes:
        """The content now."""
        try:
            data = self._handle.read()
        except OSError as fault:
            self._recording.note(self._path, f"!{errno.errorcode.get(fault.errno or 0, 'EIO')}")
            raise
        self._recording.note(self._path, data.decode("utf-8", "replace"))
        return data

    def close(self) -> None:
        """Close it."""
        self._handle.close()
