"""What a machine's home folder keeps besides runs: the machine's random name, and its lowest power by channel."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from footprint.records.raw import IdlePower

_HOST = "host.json"
_IDLE = "idle.json"


def host_id(home: str) -> str:
    """The random name of this machine in this home, made at the first run; ``unkept`` where it cannot be written."""
    known = _read(os.path.join(home, _HOST)).get("id")
    if isinstance(known, str):
        return known
    made = os.urandom(8).hex()
    return made if _write(os.path.join(home, _HOST), {"id": made}) else "unkept"


def idle_powers(home: str) -> dict[str, IdlePower]:
    """By channel: calibrated, or the lowest power seen on this machine (W)."""
    found: dict[str, IdlePower] = {}
    for channel, entry in _read(os.path.join(home, _IDLE)).items():
        if isinstance(entry, dict) and isinstance(entry.get("power_w"), int | float):
            found[channel] = IdlePower(float(entry["power_w"]), str(entry.get("how", "lowest-seen")))
    return found


def keep_lowest(home: str, seen_w: Mapping[str, float]) -> None:
    """Keep powers that are lower than what is known. A calibrated one is not replaced."""
    known = idle_powers(home)
    lower = {
        channel: IdlePower(round(power_w, 3), "lowest-seen")
        for channel, power_w in seen_w.items()
        if channel not in known or (known[channel].how == "lowest-seen" and power_w < known[channel].power_w * 0.999)
    }
    if lower:
        _write(os.path.join(home, _IDLE), {name: one._asdict() for name, one in (known | lower).items()})


def _read(path: str) -> dict[str, object]:
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _write(path: str, content: Mapping[str, object]) -> bool:
    """Write a small file whole or not at all."""
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(content, file)
        os.replace(temporary, path)
    except OSError:
        return False
    return True
