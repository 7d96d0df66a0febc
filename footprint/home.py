"""What a machine's home folder keeps besides runs: the machine's random name, and its lowest power by channel."""

from __future__ import annotations

import json
import math
import os
import threading
from collections.abc import Mapping

from footprint.records.raw import IdlePower

_HOST = "host.json"
_IDLE = "idle.json"


def host_id(home: str) -> str:
    """The random name of this machine in this home, made at the first run; ``unkept`` where it cannot be written."""
    path = os.path.join(home, _HOST)
    known = _id_in(path)
    for first in (True, False):  # what another process has written first counts; what is damaged is replaced
        if known is None:
            _write(path, {"id": os.urandom(8).hex()}, first=first)
            known = _id_in(path)
    return known or "unkept"


def _id_in(path: str) -> str | None:
    known = _read(path).get("id")
    return known if isinstance(known, str) else None


def idle_powers(home: str, things: Mapping[str, str] | None = None) -> dict[str, IdlePower]:
    """By channel: calibrated, or the lowest power seen on this machine in quiet (W).

    ``things`` are what the channels read now: a power that was another thing's, or another machine's, is passed over.
    """
    path = os.path.join(home, _IDLE)
    kept = _read(path)
    machine = (
        _id_in(os.path.join(home, _HOST))
        if any(isinstance(one, dict) and one.get("host") for one in kept.values())
        else None
    )
    found: dict[str, IdlePower] = {}
    for channel, entry in kept.items():
        power_w = entry.get("power_w") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(power_w, int | float) or not 0 <= power_w < math.inf:
            continue
        thing = (things or {}).get(channel)
        if entry.get("host") not in (None, machine) or (thing is not None and entry.get("thing") not in (None, thing)):
            continue
        found[channel] = IdlePower(float(power_w), str(entry.get("how", "lowest-seen")))
    return found


def keep_lowest(home: str, seen_w: Mapping[str, float], things: Mapping[str, str] | None = None) -> None:
    """Keep powers that are lower than what is known. A calibrated one is not replaced."""
    known = idle_powers(home, things)
    lower = {
        channel: round(power_w, 3)
        for channel, power_w in seen_w.items()
        if channel not in known or (known[channel].how == "lowest-seen" and power_w < known[channel].power_w * 0.999)
    }
    if lower:
        keep_idle(home, lower, "lowest-seen", things or {})


def keep_idle(home: str, powers_w: Mapping[str, float], how: str, things: Mapping[str, str]) -> bool:
    """Keep idle powers (W) by channel, ``calibrated`` or ``lowest-seen``. False where they cannot be written."""
    path, machine = os.path.join(home, _IDLE), host_id(home)
    fresh = {
        name: {"power_w": power_w, "how": how, "host": machine, "thing": things.get(name)}
        for name, power_w in powers_w.items()
    }
    return _write(path, {**_read(path), **fresh})


def _read(path: str) -> dict[str, object]:
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _write(path: str, content: Mapping[str, object], *, first: bool = False) -> bool:
    """Write a small file whole or not at all. ``first``: not where somebody else has written it meanwhile."""
    temporary = f"{path}.{os.getpid()}-{threading.get_ident()}.tmp"
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(content, file)
        if first:
            _link(temporary, path)
        else:
            os.replace(temporary, path)
    except OSError:
        return False
    return True


def _link(temporary: str, path: str) -> None:
    """Give a file its name unless that is taken."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass  # another process was first, and its content counts
    except OSError:
        os.replace(temporary, path)  # a file system without links
        return
    os.unlink(temporary)
