"""Builds the C parts once per content, into the temporary folder."""

from __future__ import annotations

import getpass
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_HERE = Path(__file__).parent


class NoCompiler(Exception):  # noqa: N818 - it is a state of the machine
    """No C compiler on this machine."""


def library(*without: str) -> Path:
    """The folder with ``libnvidia-ml.so.1``; ``without`` leaves functions out (``ENERGY``, ``PROCESSES_V3``)."""
    flags = ["-fPIC", "-shared", *(f"-DWITHOUT_{name}" for name in without)]
    return _built("fake_nvml.c", "libnvidia-ml.so.1", flags).parent


def writer() -> Path:
    """The program that moves a powercap tree's counters."""
    return _built("powercap_writer.c", "powercap_writer", [])


def controller() -> Path:
    """A library to preload, which answers for ``/dev/ipmi0`` as the kernel's header says."""
    return _built("fake_ipmi.c", "libfakeipmi.so", ["-fPIC", "-shared"])


def _built(source: str, target: str, flags: list[str]) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise NoCompiler("no gcc or cc on this machine: install one (apt-get install gcc libc6-dev)")
    content = b"".join((_HERE / name).read_bytes() for name in (source, "curves.h")) + " ".join(flags).encode()
    name = f"virtual-host-{getpass.getuser()}-{hashlib.sha256(content).hexdigest()[:16]}"
    folder = Path(tempfile.gettempdir()) / name
    built = folder / target
    if not built.exists():
        folder.mkdir(exist_ok=True)
        half_done = folder / f"{target}.{os.getpid()}"
        command = [compiler, "-O2", "-Wall", "-o", half_done, _HERE / source, *flags, "-lm"]
        subprocess.run(command, check=True, capture_output=True, text=True)
        half_done.rename(built)
    return built
