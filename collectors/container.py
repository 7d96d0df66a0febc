"""What stands around this process: a container and its kind, a sandbox, WSL; and what of the machine it shows falsely.

Marks: https://systemd.io/CONTAINER_INTERFACE (``container``, /run/host/container-manager), Docker's /.dockerenv,
Podman's /run/.containerenv, mounts and control groups. lxcfs (https://linuxcontainers.org/lxcfs) puts files of its own
over some of /proc: they show the container's share, where we need the machine.
"""

from __future__ import annotations

from footprint.collectors.host import Host

_MARKS = (("/run/.containerenv", "podman"), ("/.dockerenv", "docker"))
_ACCOUNT = "/var/run/secrets/kubernetes.io"
_MANAGERS = ("/run/host/container-manager", "/run/systemd/container")
_BY_GROUP = {
    "kubepods": "kubernetes", "libpod": "podman", "docker": "docker", "/lxc": "lxc", "machine.slice": "systemd-nspawn",
    "containerd": "containerd",
}  # fmt: skip
_BY_MOUNT = {
    "/kubelet/pods/": "kubernetes", "/docker/": "docker", "/containers/storage/": "podman",
    "/containerd/": "containerd",
}  # fmt: skip
_OLD_GVISOR, _BUILT = "4.4.0", "Sun Jan 10 15:06:54 PST 2016"
"""What gVisor's kernel said of itself before it said its name: always this time."""
_TOLD_BY = ("/", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf")
"""What runtimes mount into a container from where they keep it."""
_SHOWN = ("/proc/stat", "/proc/meminfo", "/proc/cpuinfo", "/sys/devices/system/cpu", "/sys/devices/system/cpu/online")


def container(host: Host) -> str | None:
    """The kind: ``docker``, ``podman``, ``kubernetes``, ``lxc``, ``systemd-nspawn``, ``gvisor``, ``wsl`` …, or None.

    Of several the one that says most of what can be done: a sandbox's own kernel first, WSL around all last.
    """
    release = _text(host, "/proc/sys/kernel/osrelease").lower()
    if "gvisor" in release or (release == _OLD_GVISOR and _BUILT in _text(host, "/proc/version")):
        return "gvisor"
    if host.environ.get("KUBERNETES_SERVICE_HOST") or _is_there(host, _ACCOUNT):
        return "kubernetes"
    found = next((kind for path, kind in _MARKS if _is_there(host, path)), None)
    return found or _told(host) or _by_group(host) or _by_mount(host) or ("wsl" if "microsoft" in release else None)


def _is_there(host: Host, path: str) -> bool:
    """In the root that stands for the machine's, or in our own."""
    folder, _, name = path.rpartition("/")
    return host.exists(path) or (bool(_root(host)) and name in host.list_proc(folder or "/"))


def _root(host: Host) -> str:
    """Where the machine's root is mounted, if elsewhere than ours."""
    return str(getattr(host, "sysroot", ""))


def _told(host: Host) -> str | None:
    """By who manages it, as systemd and the runtimes that follow its interface say."""
    for path in _MANAGERS:
        name = _text(host, path)
        if name:
            return "wsl" if name.startswith("wsl") else name[:32]
    return host.environ.get("container") or None


def _by_group(host: Host) -> str | None:
    text = _own(host, "/proc/self/cgroup")
    for service in ("docker.service", "containerd.service", "docker.socket"):  # the daemons themselves run outside
        text = text.replace(service, "")
    return next((kind for word, kind in _BY_GROUP.items() if word in text), None)


def _by_mount(host: Host) -> str | None:
    for _, source, point, rest in _mounts(host):
        if point in _TOLD_BY:
            found = next((kind for word, kind in _BY_MOUNT.items() if word in f"{source} {rest}"), None)
            if found:
                return found
    return None


def faked(host: Host) -> tuple[str, ...]:
    """Files that lxcfs puts over those of the machine, by the machine's names."""
    root = _root(host)
    points = {point for kind, _, point, _ in _mounts(host) if kind == "fuse.lxcfs"}
    return tuple(path for path in _SHOWN if root + path in points)


def _mounts(host: Host) -> list[tuple[str, str, str, str]]:
    """(type, what of the source is mounted, where, options of the source) of each mount of this process."""
    found = []
    for line in _own(host, "/proc/self/mountinfo").splitlines():
        before, _, after = line.partition(" - ")
        first, second = before.split(" "), after.split(" ", 1)
        if len(first) > 4 and len(second) > 1:
            found.append((second[0], first[3], first[4], second[1]))
    return found


def is_rootless(host: Host) -> bool:
    """Whether root in here is an ordinary user of the machine: then even root cannot read what only root may."""
    words: list[str] = _own(host, "/proc/self/uid_map").split()
    return len(words) >= 3 and words[:2] != ["0", "0"]


def _own(host: Host, path: str) -> str:
    """A file of this process's own /proc; empty where it cannot be read."""
    try:
        return host.read_proc(path).decode("utf-8", "replace")
    except OSError:
        return ""


def _text(host: Host, path: str) -> str:
    """A file of the machine, else ours of that name."""
    try:
        text = host.read_text(path).strip("\0 \n")
    except OSError:
        text = ""
    return text or (_own(host, path).strip() if _root(host) else "")
