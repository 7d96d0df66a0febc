"""A channel: one physical source that can be read, and which thing it is."""

from typing import NamedTuple


class Channel(NamedTuple):
    """What is known of a source before it is read. Nothing here changes while a run lasts."""

    kind: str
    """``cpu``, ``gpu``, ``dram``, ``board`` or ``other``."""
    name: str
    """Its name for people and in results: ``package-0``, ``dram-1``, ``gpu-0``, ``psys``."""
    collector: str
    """The module that reads it, e.g. ``rapl_powercap``."""
    method: str
    """How: ``rapl-counter``, ``nvml-energy``, ``nvml-power``, ``model`` …"""
    reading: str
    """``counter`` (J, rising) or ``power`` (W)."""
    thing: str
    """The physical thing that is counted. Two channels with one ``thing`` are two ways to one counter."""
    inside: str | None = None
    """The ``thing`` that contains this one (``rapl:core-0`` is inside ``rapl:package-0``), if any."""
    range_j: float | None = None
    """A counter starts again from 0 after this many joules; None where that is not known."""
    limit_w: float | None = None
    """More than this is impossible for the thing: tells a wrap from a reset."""
    refresh_s: float = 0.001
    """The sensor brings its value up to date this often."""
    sensor: str = "unstated"
    """Key into ``sensors.csv``: the class of sensor whose error applies."""
    device: str = ""
    """Model of the device, for the catalogue of sensors and of hardware."""
    whole: bool = False
    """It counts the whole machine: whatever else is read, by whichever collector, is inside it."""
    error_pct: float | None = None
    """The error (per cent, either way) that the user states of this very device; None: that of its class of sensor."""
    window_s: float = 0.0
    """A power is the mean over so long before it was read; 0: power now."""
    slices: tuple[tuple[str, float], ...] = ()
    """Where a GPU is divided (MIG): each slice's UUID, and its part of the GPU (0 to 1)."""


MACHINE = "hwmon:board"
"""The ``thing`` of whatever meters the machine on its own board, up to its power supply. (Journals name it so.)"""
AT_WALL = "wall"
"""The ``thing`` of a meter at the plug; methods that read there begin with this word."""


def is_at_wall(method: str) -> bool:
    """Whether a method measures at the plug: then nothing is left out that a model would have to add."""
    return method.startswith(AT_WALL)


class Refusal(NamedTuple):
    """A channel that cannot be had here: why, and what to do about it."""

    kind: str
    channel: str
    collector: str
    why: str
    fix: str
    """The exact command or step; empty only where nothing can be done on this machine."""
