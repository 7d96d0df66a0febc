"""This host's idle power by channel: measured while it has nothing to do, and kept for its later runs.

A second counts as quiet up to a small load; what others did in it is then at most a few per cent of its power. Where
most seconds were not quiet, nothing is kept: a wrong idle power would be worse than that of the model.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping
from typing import NamedTuple

from footprint import home
from footprint.collectors.channel import Channel
from footprint.energy import channel_energy
from footprint.instruments import Instant, Instruments
from footprint.quiet import loads_of
from footprint.records.raw import Event, Frame, GpuShare, HostInfo, IdlePower, RawRun, RegionRef, RunHead, Settings

SCHEMA = "footprint.calibrate/1"
_STEP_S = 1.0
QUIET_CPU = 0.05
"""A second is quiet for all but the GPUs up to this share of all CPUs' time."""
QUIET_GPU = 0.01
"""And for a GPU up to this utilisation."""
_MOSTLY = 0.8
"""So many of the seconds must have been quiet."""
SHORTEST_S = 5.0


class Idle(NamedTuple):
    """What was found of one channel."""

    kind: str
    channel: str
    method: str
    power_w: float | None
    """Mean over the quiet seconds; None where there is none."""
    spread_w: float | None
    """Standard deviation of the quiet seconds' powers."""
    quiet: float
    """Share of the seconds that were quiet, 0 to 1."""
    before: IdlePower | None
    """What was known before."""
    why: str | None
    """Why it is not kept; None where it is."""


class Calibration(NamedTuple):
    """What was found."""

    host: str
    seconds: float
    load: float | None
    """Mean share of all CPUs' time that was busy; None where that is not visible."""
    channels: tuple[Idle, ...]
    written: bool = True
    """Whether the home could be written."""

    @property
    def kept(self) -> tuple[Idle, ...]:
        """Channels whose idle power is kept."""
        return tuple(one for one in self.channels if one.why is None) if self.written else ()


def measure(
    instruments: Instruments, info: HostInfo, folder: str, seconds: float, on_second: Callable[[], None]
) -> Calibration:
    """Look once a second for so long; keep the idle power of each quiet channel in the home ``folder``."""
    channels, host = instruments.channels, instruments.host
    instants = [instruments.look()]
    end_s = instants[0].t_s + seconds
    while (left_s := end_s - host.monotonic()) > 0:
        host.sleep(min(_STEP_S, left_s))
        instants.append(instruments.look())
        on_second()
    raw = _as_run(channels, info, instants)
    things = {channel.name: channel.thing for channel in channels}
    before = home.idle_powers(folder, things)
    found = tuple(_idle(index, channel, raw, before.get(channel.name)) for index, channel in enumerate(channels))
    powers_w = {one.channel: round(one.power_w, 3) for one in found if one.why is None and one.power_w is not None}
    written = home.keep_idle(folder, powers_w, "calibrated", things) if powers_w else True
    return Calibration(home.host_id(folder), raw.frames[-1].t_s, _load(raw), found, written)


def _as_run(channels: tuple[Channel, ...], info: HostInfo, instants: list[Instant]) -> RawRun:
    """The looks as a run's frames, so that counters are judged as everywhere."""
    gpus = [channel.name for channel in channels if channel.kind == "gpu"]
    start_s = instants[0].t_s
    frames = tuple(
        Frame(
            one.t_s - start_s,
            one.values,
            one.host_busy_s,
            0.0,
            gpus=tuple(
                GpuShare(one.gpu_use[name].util if name in one.gpu_use else None, None, None, None) for name in gpus
            ),
        )
        for one in instants
    )
    head = RunHead("", 0.0, info, RegionRef("WORLD", "unknown"), Settings(), channels=channels)
    return RawRun(head, frames, events=tuple(_events(channels, instants)))


def _events(channels: tuple[Channel, ...], instants: list[Instant]) -> list[Event]:
    """Why a channel gave no reading."""
    found = {}
    for one in instants:
        for channel, outcome in zip(channels, one.outcomes, strict=True):
            why = getattr(outcome, "why", None)
            if why is not None:
                found[channel.name] = Event(one.t_s - instants[0].t_s, channel.name, "failed", why)
    return list(found.values())


def _idle(index: int, channel: Channel, raw: RawRun, before: IdlePower | None) -> Idle:
    energy = channel_energy(index, channel, raw.frames, raw.edges, raw.events)
    nothing = Idle(channel.kind, channel.name, channel.method, None, None, 0.0, before, None)
    if energy is None:
        said = [event.why for event in raw.events if event.channel == channel.name]
        return nothing._replace(why=said[-1] if said else "too few readings came")
    most = QUIET_GPU if channel.kind == "gpu" else QUIET_CPU
    seconds = [after.t_s - before_.t_s for before_, after in zip(raw.frames, raw.frames[1:], strict=False)]
    loads = loads_of(raw, channel)
    slices = [
        (energy_j, s)
        for energy_j, s, load in zip(energy.slices_j, seconds, loads, strict=True)
        if s > 0 and (load is None or load <= most)
    ]
    quiet = math.fsum(s for _, s in slices) / math.fsum(seconds) if seconds else 0.0
    if not slices:
        return nothing._replace(why=_busy(channel, quiet))
    power_w = math.fsum(energy_j for energy_j, _ in slices) / math.fsum(s for _, s in slices)
    spread_w = statistics.pstdev([energy_j / s for energy_j, s in slices])
    why = None
    if quiet < _MOSTLY:
        why = _busy(channel, quiet)
    elif energy.gaps:
        why = energy.gaps[0].why
    elif power_w <= 0:
        why = "it counted nothing"
    return Idle(channel.kind, channel.name, channel.method, power_w, spread_w, quiet, before, why)


def _busy(channel: Channel, quiet: float) -> str:
    what = "the GPU" if channel.kind == "gpu" else "the host"
    return f"{what} was busy in {1 - quiet:.0%} of the seconds"


def _load(raw: RawRun) -> float | None:
    first, last = raw.frames[0], raw.frames[-1]
    if first.host_busy_s is None or last.host_busy_s is None or last.t_s <= 0:
        return None
    return max(0.0, last.host_busy_s - first.host_busy_s) / (last.t_s * max(1, raw.head.host.logical_cpus))


def as_document(found: Calibration) -> dict[str, object]:
    """The document ``footprint.calibrate/1``."""
    kept = {one.channel for one in found.kept}
    return {
        "schema": SCHEMA,
        "host": {"id": found.host},
        "seconds": found.seconds,
        "load": found.load,
        "channels": [_channel_document(one, kept=one.channel in kept) for one in found.channels],
    }


def _channel_document(one: Idle, *, kept: bool) -> Mapping[str, object]:
    before = None if one.before is None else one.before._asdict()
    return one._asdict() | {"before": before, "kept": kept}
