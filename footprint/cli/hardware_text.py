"""What ``footprint list --hardware`` says: by host what runs held of its hardware and what stood unused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from footprint import wording
from footprint.account.hardware_use import DeviceUse, HostUse, Split
from footprint.impacts import INDICATORS
from footprint.interval import Interval
from footprint.records.document import interval_document

SCHEMA = "footprint.hardware/1"
NOTHING = "No run is kept that began in that time: nothing is known of the hardware."
_CAVEAT = "Unused is what no run that is kept here held: what else the machine did is not known."


def document(since: str | None, until: str, hosts: Iterable[HostUse]) -> dict[str, Any]:
    """``footprint.hardware/1``."""
    return {"schema": SCHEMA, "since": since, "until": until, "hosts": [_host_document(host) for host in hosts]}


def _host_document(host: HostUse) -> dict[str, Any]:
    return {
        "host": host.host_id,
        "cpu": host.cpu,
        "hours": host.hours,
        "runs": host.runs,
        "devices": [
            {
                "component": device.component, "name": device.name, "amount": device.amount,
                "held_share": device.held, "unused_share": device.unused, "impacts": _impacts(device.impacts),
                "why": device.why or None,
            }
            for device in host.devices
        ],
        "impacts": _impacts(host.impacts),
        "unknown": list(host.unknown),
        "untold_runs": host.untold,
    }  # fmt: skip


def _impacts(impacts: Mapping[str, Split]) -> dict[str, Any]:
    """Every indicator; of one that cannot be had, why."""
    return {
        key: {"unit": indicator.unit, "missing": "nobody publishes what making this hardware takes of it"}
        if key not in impacts
        else _split(impacts[key])
        for key, indicator in INDICATORS.items()
    }


def _split(split: Split) -> dict[str, Any]:
    amounts = {part: interval_document(getattr(split, part)) for part in ("whole", "held", "unused")}
    lacking = {"lacking": list(split.lacking)} if split.lacking else {}
    return {"unit": split.unit, **amounts, **lacking}


def text(since: str | None, until: str, hosts: tuple[HostUse, ...], *, plain: bool) -> str:
    """Lines that begin with their subject; in ``plain`` units are words."""
    if not hosts:
        return NOTHING
    blocks = [_lines(host, since or "", until, plain=plain) for host in hosts]
    return "\n\n".join("\n".join(block) for block in (*blocks, [_CAVEAT]))


def _lines(host: HostUse, since: str, until: str, *, plain: bool) -> list[str]:
    many = "1 run" if host.runs == 1 else f"{host.runs:,} runs"
    period = f"{since[:16].replace('T', ' ')} to {until[:16].replace('T', ' ')} UTC"
    told = [("host", f"{host.host_id} ({wording.clean(host.cpu) or 'processor not known'}): {many}, {period}")]
    told += [(wording.clean(device.name), _device(device)) for device in host.devices]
    told += [(INDICATORS[key].name, _amounts(split, plain=plain)) for key, split in host.impacts.items()]
    lacking = [one.name for key, one in INDICATORS.items() if key not in host.impacts]
    told.append(("no figure", f"{', '.join(lacking)} of making hardware"))
    told += [
        ("not counted", f"{wording.clean(name)}: nothing is known of what making it took") for name in host.unknown
    ]
    if host.untold:
        told.append(("not known", f"what {host.untold:,} of these runs held: it is among the unused"))
    if plain:
        return [f"{subject[:1].upper()}{subject[1:]}: {said}" for subject, said in told]
    width = max(len(subject) for subject, _ in told) + 2
    return [f"{subject:<{width}}{said}" for subject, said in told]


def _device(device: DeviceUse) -> str:
    why = f"; {device.why}" if device.why else ""
    return f"held by runs {_percent(device.held)} of the time, unused {_percent(device.unused)}{why}"


def _percent(part: float) -> str:
    return f"{wording.number(100 * part)} %"


def _amounts(split: Split, *, plain: bool) -> str:
    def said(value: Interval) -> str:
        return wording.interval_text(value, split.unit, spoken=plain)

    without = f"; without {', '.join(map(wording.clean, split.lacking))}" if split.lacking else ""
    parts = f"{said(split.held)} held by runs, {said(split.unused)} unused{without}"
    return f"{said(split.whole)} of making it in that time: {parts}"
