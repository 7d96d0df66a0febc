"""Writes this host down as a recorded host: what footprint reads of it, without personal data, as text for people.

``collectors.recording`` notes what the collectors ask while ``doctor`` looks; ``collectors.redaction`` takes out what
belongs to a person or to one machine alone. What comes out is what ``tests/hosts`` hold.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import sys
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from footprint import config, doctor
from footprint.collectors.host import Host, RealHost
from footprint.collectors.recording import RecordingHost
from footprint.collectors.redaction import Redaction
from footprint.errors import NotPossible, UsageError
from footprint.measuring import looked_at
from footprint.version import VERSION

SCHEMA = "footprint.bundle/1"
_LARGEST = 1_000_000
"""Bytes; a reader's patience ends before."""
_WHAT = "A machine as footprint sees it: say here what is special about it."
_TREES = {
    # folder: beginnings of names in its folders that are read beside what doctor asks, for those who look for a bug
    "/sys/class/powercap": ("name", "energy_uj", "max_energy_range_uj", "constraint_", "enabled"),
    "/sys/class/hwmon": ("name", "energy", "power", "in1_input"),
}
_ALSO = ("/proc/sys/kernel/osrelease", "/sys/devices/system/cpu/possible", "/sys/devices/system/cpu/smt/control")


class Bundle(NamedTuple):
    """A recorded host."""

    text: str
    folders: Mapping[str, int]
    """How many files it has, by the two first folders of their paths."""
    variables: tuple[str, ...]
    """Names of the variables in it."""


def record(environ: Mapping[str, str]) -> Bundle:
    """This host with the settings of an environment. Raises UsageError for broken settings, NotPossible elsewhere."""
    if sys.platform != "linux":
        raise NotPossible("doctor --bundle", "only Linux hosts can be written down", "send `footprint doctor --json`")
    settings = config.load({}, environ)
    return of_host(RealHost(str(settings.sysroot.value or ""), environ), settings, _names(environ))


def of_host(host: Host, settings: config.Settings, names: Iterable[str] = ()) -> Bundle:
    """Any host, as ``doctor`` sees it with these settings; ``names`` are replaced wherever they stand."""
    recording = RecordingHost(host)
    eyes = looked_at(recording)
    try:
        doctor.of_machine(settings, eyes)
    finally:
        eyes.instruments.close()
    recording.asked_beside()
    for path in _ALSO:
        _try(recording, path)
    for folder, wanted in _TREES.items():
        for inner in recording.list_dir(folder):
            for name in recording.list_dir(f"{folder}/{inner}"):
                if name.startswith(wanted):
                    _try(recording, f"{folder}/{inner}/{name}")
    redaction = Redaction(names)
    origin = f"Recorded on Linux {_release(recording)} ({os.uname().machine}) by footprint {VERSION}, doctor --bundle."
    text = recording.archive((_WHAT, origin), redaction)
    if len(text.encode()) > _LARGEST:
        raise NotPossible("doctor --bundle", "this host would fill more than a megabyte", "send `doctor --json`")
    return Bundle(text, _counted(text), tuple(recording.variables()))


def write(path: str, text: str) -> None:
    """Write a new file. Raises UsageError for one that is there or cannot be written."""
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"--bundle {path}", "there is such a file, and it is not replaced", "name another") from None
    except OSError as fault:
        raise UsageError(f"--bundle {path}", fault.strerror or str(fault), "name a file that can be written") from None


def as_document(path: str, made: Bundle) -> dict[str, object]:
    """What was written, as JSON."""
    return {
        "schema": SCHEMA,
        "file": path,
        "bytes": len(made.text.encode()),
        "files": dict(made.folders),
        "variables": list(made.variables),
    }


def _names(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What this machine, its user and that user's folder are called."""
    found = [os.uname().nodename, os.uname().nodename.partition(".")[0]]
    found += [environ.get(name, "") for name in ("USER", "LOGNAME", "SUDO_USER", "HOSTNAME")]
    found.append(os.path.basename(os.path.expanduser("~")))
    with contextlib.suppress(OSError, KeyError):  # a user without a name, as containers have them
        found.append(getpass.getuser())
    return tuple(name for name in found if name not in {"root", "localhost", "name"})


def _release(host: Host) -> str:
    """The kernel's version without what its builder added."""
    try:
        return ".".join(host.read_text("/proc/sys/kernel/osrelease").partition("-")[0].split(".")[:2])
    except OSError:
        return ""


def _try(host: Host, path: str) -> None:
    with contextlib.suppress(OSError):  # it is noted that it cannot be read
        host.read_text(path)


def _counted(text: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for line in text.splitlines():
        if line.startswith("== ") and not line.endswith("/"):
            folder = "/".join(line[3:].split("/")[:3])
            counts[folder] = counts.get(folder, 0) + 1
    return counts
