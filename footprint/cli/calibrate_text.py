"""What ``footprint calibrate`` says: idle power by channel, what was known before, and what is kept."""

from __future__ import annotations

from footprint import wording
from footprint.calibration import Calibration, Idle

_KNOWN = {"calibrated": "calibrated", "lowest-seen": "lowest seen"}


def text(found: Calibration) -> str:
    """A table for people."""
    lines = [("channel", "idle power", "spread", "before", "kept")]
    lines += [
        (one.channel, _power(one.power_w), _power(one.spread_w), _before(one), _kept(one, found))
        for one in found.channels
    ]
    widths = [max(len(line[number]) for line in lines) for number in range(len(lines[0]))]
    table = "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
    return f"{_headline(found)}\n\n{table}"


def plain_text(found: Calibration) -> str:
    """The same, one fact a line, units in words."""
    lines = [_headline(found)]
    for one in found.channels:
        lines += [
            f"Channel {one.channel}, idle power: {_power(one.power_w, spoken=True)}",
            f"Channel {one.channel}, spread: {_power(one.spread_w, spoken=True)}",
            f"Channel {one.channel}, before: {_before(one, spoken=True)}",
            f"Channel {one.channel}, kept: {_kept(one, found)}",
        ]
    return "\n".join(lines)


def _headline(found: Calibration) -> str:
    busy = "how busy it was is not visible" if found.load is None else f"{found.load:.1%} of its CPU time was busy"
    return f"Idle power of this machine over {wording.duration(found.seconds)}; {busy}"


def _power(power_w: float | None, *, spoken: bool = False) -> str:
    return "no figure" if power_w is None else wording.amount(power_w, "W", spoken=spoken)


def _before(one: Idle, *, spoken: bool = False) -> str:
    if one.before is None:
        return "nothing known"
    how = _KNOWN.get(one.before.how, one.before.how)
    return f"{wording.amount(one.before.power_w, 'W', spoken=spoken)}, {how}"


def _kept(one: Idle, found: Calibration) -> str:
    if one.why is not None:
        return f"no: {wording.clean(one.why)}"
    return "yes" if found.written else "no: the home cannot be written"
