"""Takes out of a recording what belongs to a person or to one machine alone; what is left can be read and published.

Two ways: of files that are known to hold more than hardware, only named lines are kept; and in every path and text,
numbers that tell one thing from all others (UUIDs, addresses, ids of containers) are replaced by ``id-1``, ``id-2``,
each always by the same, so that what belongs together still does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable

CUT = "cut"
"""Stands for a content that is left out whole."""
_UNIQUE = re.compile(
    r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"  # a UUID
    r"|\b(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}\b"  # an address of a network card
    r"|\b(?:\d{1,3}\.){3}\d{1,3}\b"  # of the internet
    r"|(?<![.])\b(?=[0-9]*[a-fA-F])[0-9a-fA-F]{12,}\b"  # an id of a container or image, not a number like 2.3e-10
)
_SECRET_FILES = re.compile(
    r"serial|uuid|asset_tag|unique_id|wwid|wwn|hostname|nodename|/address$|/cmdline$|/comm$|/environ$|/maps$|_key"
)
_LEFT_OUT = ("/etc/timezone", "/usr/share/zoneinfo", "/home", "/root", "/etc/passwd")
_GROUPS = "/sys/fs/cgroup"
_GROUP_FILE = re.compile(r"^(cgroup|cpu|cpuset|cpuacct|memory|io|pids|hugetlb)\.[a-z0-9_.]+$")
_GROUP_WORDS = frozenset((
    "kubepods", "burstable", "besteffort", "guaranteed", "pod", "docker", "libpod", "crio", "cri", "containerd",
    "lxc", "payload", "machine", "user", "system", "slice", "scope", "service", "socket", "session", "init", "app",
    "slurm", "slurmstepd", "job", "step", "uid", "task", "conmon", "nspawn", "podruntime", "garden", "cpu",
    "cpuacct", "cpuset", "memory", "unified", "systemd", "blkio", "pids", "devices", "freezer", "net", "cls",
    "prio", "perf", "event", "hugetlb", "rdma", "misc", "monitor", "ns", "supervisor", "dev", "hugepages", "mqueue",
))  # fmt: skip
_RECORD_KEYS = frozenset(
    ("processor", "physical id", "core id", "siblings", "cpu cores", "CPU implementer", "CPU part", "cpu", "hart",
     "package", "core", "book id", "drawer id", "cpu number")
)  # fmt: skip
"""What is kept of each processor but the first, of which all is."""
_MOUNTS = ("/kubelet/pods/", "/docker/", "/containers/storage/", "/containerd/")
"""What a mount's source tells of the container around us."""
_POINTS = re.compile(r"^(/|/etc/(hosts|hostname|resolv\.conf)|/proc/.*|/sys/.*|/host(/proc|/sys)?(/.*)?)$")
_DMI = ("sys_vendor", "product_name", "board_vendor", "board_name", "chassis_type", "bios_vendor")


class Redaction:
    """One recording's replacements. ``names``: what this machine and its user are called; they are replaced too."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._ids: dict[str, str] = {}
        wanted = sorted({name for name in names if len(name) > 2}, key=len, reverse=True)
        self._names = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in wanted)) if wanted else None

    def is_left_out(self, path: str) -> bool:
        """Whether nothing at all is said of a path."""
        return path.startswith(_LEFT_OUT)

    def path(self, path: str) -> str:
        """A path without what is unique in it, nor spaces."""
        if path.startswith(_GROUPS):
            path = _GROUPS + self._group(path[len(_GROUPS) :])
        return self.text(path).replace(" ", "_")

    def content(self, path: str, text: str) -> str:
        """What is kept of a file."""
        if path.startswith("/sys/class/dmi/id/") and path.rpartition("/")[2] not in _DMI:
            return CUT
        if path.startswith("/dev/ipmi"):
            return text  # answers in hexadecimal digits: sensors and models, no names
        for pattern, keep in _KEEP:
            if pattern.search(path):
                return self.text(keep(self, text))
        return CUT if _SECRET_FILES.search(path) else self.text(text)

    def text(self, text: str) -> str:
        """A text without what is unique in it."""
        text = "".join(sign if sign.isprintable() or sign in "\n\t" else "\n" if sign == "\0" else "?" for sign in text)
        if self._names is not None:
            text = self._names.sub("name", text)
        return _UNIQUE.sub(lambda found: self._id(found.group()), text)

    def abbreviated(self, text: str) -> str:
        """As ``text``, of beginnings of UUIDs too where the whole has been met."""
        words = self.text(text).split(",")
        return ",".join(self._whole(word) for word in words)

    def _whole(self, word: str) -> str:
        digits = word.rpartition("GPU-")[2].lower()
        known = [self._ids[one] for one in self._ids if len(digits) > 3 and one.startswith(digits)]
        return f"{word[: len(word) - len(digits)]}{known[0]}" if "GPU-" in word and known else word

    def _id(self, unique: str) -> str:
        return self._ids.setdefault(unique.lower(), f"id-{len(self._ids) + 1}")

    def _group(self, path: str) -> str:
        """Control groups are called after users, services and containers: of their names, known words are kept."""
        return "/".join(one if _GROUP_FILE.match(one) else self._component(one) for one in path.split("/"))

    def _component(self, name: str) -> str:
        return re.sub(r"[^-_.:,@\[\]]+", lambda found: self._word(found.group()), name)

    def _word(self, word: str) -> str:
        if word in _GROUP_WORDS:
            return word
        for start in ("pod", "uid"):
            if word.startswith(start):
                return start + self._id(word[len(start) :])
        return self._id(word)


def _lines(text: str, keep: Callable[[str], bool]) -> str:
    return "\n".join(line for line in text.splitlines() if keep(line))


def _cpuinfo(_redaction: Redaction, text: str) -> str:
    """The first processor whole, of the others what tells sockets, cores and designs apart."""
    kept, is_first = [], True
    for one in re.split(r"\n\s*\n", re.sub(r"identification = \w+,?\s*", "", text)):
        kept.append(_lines(one, _is_not_serial if is_first else _is_of_record))
        is_first = is_first and "processor" not in one
    return "\n\n".join(one for one in kept if one)


def _is_not_serial(line: str) -> bool:
    return not line.startswith("Serial")


def _is_of_record(line: str) -> bool:
    key = line.partition(":")[0].strip()
    return key in _RECORD_KEYS or key.startswith("processor ") or key in ("machine", "platform", "model")


def _process_stat(_redaction: Redaction, text: str) -> str:
    """Its number, its state and its parent's: not its name, nor what it has used."""
    after = text[text.rfind(")") + 1 :].split()
    return f"{text.partition('(')[0]}(name) {' '.join(after[:2])}" if ")" in text else CUT


def _own_groups(redaction: Redaction, text: str) -> str:
    lines = []
    for line in text.splitlines():
        number, controllers, path = (*line.split(":", 2), "", "")[:3]
        lines.append(f"{number}:{controllers}:{redaction.path(_GROUPS + path)[len(_GROUPS) :]}")
    return "\n".join(lines)


def _mountinfo(_redaction: Redaction, text: str) -> str:
    """Mounts over what we read, and what tells the container: never where a disk or folder of somebody is mounted."""
    lines = []
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) > 4 and after and _POINTS.match(fields[4]):
            kind = after.split(" ")[0]
            mark = next((mark for mark in _MOUNTS if mark in line), "/")
            lines.append(f"1 1 0:1 {mark} {fields[4]} rw - {kind} {kind} rw")
    return "\n".join(lines)


def _cloud(_redaction: Redaction, text: str) -> str:
    keys = ("cloud_name", "cloud-name", "region", "availability_zone", "availability-zone")
    try:
        told = json.loads(text)["v1"]
        return json.dumps({"v1": {key: told[key] for key in keys if key in told}})
    except (ValueError, KeyError, TypeError):
        return CUT


def _version(_redaction: Redaction, text: str) -> str:
    """Without who built it, and where."""
    return re.sub(r"\([^()]*@[^()]*\)\s*", "", text)


def _sysinfo(_redaction: Redaction, text: str) -> str:
    kept = ("Manufacturer:", "Type:", "Model:", "CPUs ", "LPAR CPUs ", "VM00 Control Program:")
    return _starting(text, *kept)


def _starting(text: str, *kept: str) -> str:
    return _lines(text, lambda line: line.startswith(kept))


def _devices(_redaction: Redaction, text: str) -> str:
    """Place, maker and model of what is on the bus."""
    return "\n".join("\t".join(line.split()[:2]) for line in text.splitlines())


_KEEP: tuple[tuple[re.Pattern[str], Callable[[Redaction, str], str]], ...] = (
    (re.compile(r"^/proc/cpuinfo$"), _cpuinfo),
    (re.compile(r"^/proc/meminfo$"), lambda _, text: "\n".join(text.splitlines()[:1])),
    (re.compile(r"^/proc/stat$"), lambda _, text: _starting(text, "cpu")),
    (re.compile(r"^/proc/(self|\d+)/status$"), lambda _, text: _starting(text, "Cpus_allowed_l")),
    (re.compile(r"^/proc/(self|\d+)/stat$"), _process_stat),
    (re.compile(r"^/proc/(self|\d+)/cgroup$"), _own_groups),
    (re.compile(r"^/proc/(self|\d+)/mountinfo$"), _mountinfo),
    (re.compile(r"^/proc/version$"), _version),
    (re.compile(r"^/proc/sysinfo$"), _sysinfo),
    (re.compile(r"^/proc/bus/pci/devices$"), _devices),
    (re.compile(r"instance-data\.json$"), _cloud),
    (re.compile(r"/uevent$"), lambda _, text: _starting(text, "DRIVER=", "PCI_")),
)  # fmt: skip
