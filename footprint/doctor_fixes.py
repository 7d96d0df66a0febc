"""What mends it: in a container the command that is given outside of it; and where in a text a command is.

Runtimes hide powercap by an empty folder over /sys/devices/virtual/powercap (CVE-2020-8694), which also covers what is
mounted there. So the machine's own trees are mounted elsewhere, and FOOTPRINT_SYSROOT says where.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

_MOUNTS = "-v /proc:/host/proc:ro -v /sys:/host/sys:ro -e FOOTPRINT_SYSROOT=/host"
_ANEW = "# start the container anew so; FOOTPRINT_SYSROOT names where the machine's files are"
_PATCH = {
    "spec": {
        "template": {
            "spec": {
                "volumes": [{"name": name, "hostPath": {"path": f"/{name}"}} for name in ("proc", "sys")],
                "containers": [
                    {
                        "name": "CONTAINER",
                        "env": [{"name": "FOOTPRINT_SYSROOT", "value": "/host"}],
                        "securityContext": {"runAsUser": 0},
                        "volumeMounts": [
                            {"name": name, "mountPath": f"/host/{name}", "readOnly": True} for name in ("proc", "sys")
                        ],
                    }
                ],
            }
        }
    }
}
_GPU_PATCH = {
    "spec": {
        "template": {
            "spec": {"containers": [{"name": "CONTAINER", "resources": {"limits": {"nvidia.com/gpu": 1}}}]}
        }
    }
}  # fmt: skip


def _patch(content: object, note: str) -> str:
    return f"kubectl patch deployment NAME --patch '{json.dumps(content)}' # {note}"


_COUNTERS: Mapping[str, str] = {
    "docker": f"docker run {_MOUNTS} IMAGE COMMAND {_ANEW}",
    "docker-rootless": (
        f"docker run --userns=host {_MOUNTS} IMAGE COMMAND # root in here is an ordinary user outside: of the daemon's "
        "own user namespace this lets the container out; a daemon that runs as a user cannot"
    ),
    "containerd": f"nerdctl run {_MOUNTS} IMAGE COMMAND {_ANEW}",
    "podman": f"sudo podman run {_MOUNTS} IMAGE COMMAND {_ANEW}; its root must be the machine's",
    "podman-rootless": (
        f"podman run --group-add keep-groups {_MOUNTS} IMAGE COMMAND # first let your group read the counters on the "
        "machine itself, as `footprint doctor` says there: root in here is an ordinary user outside"
    ),
    "kubernetes": _patch(_PATCH, "only root may read the counters; with a group that may, use supplementalGroups"),
    "lxc": (
        "lxc config device add NAME hostsys disk source=/sys path=/host/sys readonly=true && "
        "lxc config device add NAME hostproc disk source=/proc path=/host/proc readonly=true && "
        "lxc config set NAME environment.FOOTPRINT_SYSROOT /host && lxc restart NAME "
        "# where the container's root is not the machine's, a group that may read the counters must be mapped too"
    ),
    "systemd-nspawn": (
        "printf '[Files]\\nBindReadOnly=/sys:/host/sys\\nBindReadOnly=/proc:/host/proc\\n[Exec]\\n"
        "Environment=FOOTPRINT_SYSROOT=/host\\n' | sudo tee /etc/systemd/nspawn/NAME.nspawn && "
        "sudo machinectl reboot NAME # on the machine; without PrivateUsers"
    ),
    "gvisor": "none inside gVisor, whose kernel has no sensors: measure on the machine, with footprint attach PID",
    "wsl": "none inside WSL, which is a virtual machine without the counters: the figure is modelled",
}
_GPUS: Mapping[str, str] = {
    "docker": "docker run --gpus all IMAGE COMMAND # where the machine has an NVIDIA GPU and its container toolkit",
    "containerd": "nerdctl run --gpus all IMAGE COMMAND # where the machine has an NVIDIA GPU and its toolkit",
    "podman": "podman run --device nvidia.com/gpu=all IMAGE COMMAND # where the machine has an NVIDIA GPU",
    "podman-rootless": "podman run --device nvidia.com/gpu=all IMAGE COMMAND # where the machine has an NVIDIA GPU",
    "kubernetes": _patch(_GPU_PATCH, "where the node has NVIDIA GPUs and their device plugin"),
    "lxc": "lxc config device add NAME gpu gpu && lxc config set NAME nvidia.runtime true && lxc restart NAME",
    "systemd-nspawn": (
        "sudo systemd-nspawn --bind=/dev/nvidia0 --bind=/dev/nvidiactl --bind=/dev/nvidia-uvm "
        "--bind-ro=/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1 --directory=FOLDER # where the machine has an NVIDIA GPU"
    ),
    "gvisor": "docker run --runtime=runsc --gpus all IMAGE COMMAND # with --nvproxy in runsc's own options",
    "wsl": "none inside: install NVIDIA's driver in Windows, and it puts its library at /usr/lib/wsl/lib",
}
_STARTS = re.compile(
    r"(?:^|(?<=[:,;] ))(?:sudo|docker|podman|nerdctl|kubectl|lxc|pip|echo|printf|footprint|export) (?=\S)"
)
_ENDS = ("; then", "; or", "; in a", "; where", "; that", " (", " # ", ", or ", ", then", ", and ", ", in ", "; pip")


def in_container(kind: str, *, rootless: bool, of: str) -> str | None:
    """What to do outside of a container of a kind so that it sees counters, or its GPUs (``of`` is ``gpu``).

    None for a kind that is not known.
    """
    table = _GPUS if of == "gpu" else _COUNTERS
    return table.get(f"{kind}-rootless" if rootless else kind) or table.get(kind)


def command_in(fix: str) -> str | None:
    """The command in what mends it, as a shell takes it; None where it holds none."""
    start = _STARTS.search(fix)
    if start is None or fix.startswith("none"):
        return None
    quote, end = "", start.start()
    while end < len(fix):
        sign = fix[end]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif fix.startswith(_ENDS, end):
            break
        end += 1
    return fix[start.start() : end].rstrip(" .,;")
