"""How much power a host draws in quiet: what its runs have seen of it, and the most that its idle power can be."""

from itertools import pairwise

from footprint import attribution
from footprint.collectors.channel import Channel
from footprint.energy import channel_energy
from footprint.records.raw import Frame, RawRun

_QUIET = 0.1
"""A slice counts as quiet up to this load of its processors, or of the GPU."""
_SLICE_S = 0.9
"""A slice must last so long for its power to count as seen."""
_WORK = 0.3
"""At full load at least this part of the power is for the work: no server idles above 0.7 of its full power (the
bound of the power model too)."""


def quiet_powers(raw: RawRun) -> dict[str, float]:
    """By measured channel: the lowest mean power (W) of a quiet slice, where there was one and no gap."""
    seen_w = {}
    for index, channel in enumerate(raw.head.channels):
        energy = channel_energy(index, channel, raw.frames, raw.edges, raw.events)
        if energy is None or energy.gaps:
            continue
        loads: list[float | None] = list(loads_of(raw, channel))
        if channel.kind != "gpu" and any(frame.host_busy_s is None for frame in raw.frames):
            loads = [None] * len(loads)  # how busy others were is not visible: then the lowest of all counts
        powers_w = [
            energy_j / seconds
            for energy_j, seconds, load in zip(energy.slices_j, _seconds(raw.frames), loads, strict=True)
            if seconds >= _SLICE_S and (load is None or load <= _QUIET)
        ]
        lowest_w = min(powers_w, default=0.0)
        if lowest_w > 0:
            seen_w[channel.name] = lowest_w
    return seen_w


def most_idle_j(slices_j: tuple[float, ...], raw: RawRun, channel: Channel) -> tuple[float, ...]:
    """The most that can be idle of each slice's energy (J): what was drawn, less the least that its work takes.

    So work always has a part, whatever is known of idle; and it is the same for all runs that look at one slice.
    """
    loads = loads_of(raw, channel)
    return tuple(energy_j * (1.0 - _WORK * (load or 0.0)) for energy_j, load in zip(slices_j, loads, strict=True))


def loads_of(raw: RawRun, channel: Channel) -> list[float | None]:
    """Load (0 to 1) in each slice: the GPU's for a GPU (None where not told), else that of all processors."""
    pairs = list(pairwise(raw.frames))
    if channel.kind == "gpu":
        gpus = [one.name for one in raw.head.channels if one.kind == "gpu"]
        number = gpus.index(channel.name)
        return [after.gpus[number].util if number < len(after.gpus) else None for _, after in pairs]
    cpus = max(1, raw.head.host.logical_cpus)
    uses = [attribution.cpu_use(before, after).host_s for before, after in pairs]
    return [
        min(1.0, busy_s / (seconds * cpus)) if seconds > 0 else 0.0
        for busy_s, seconds in zip(uses, _seconds(raw.frames), strict=True)
    ]


def _seconds(frames: tuple[Frame, ...]) -> list[float]:
    return [after.t_s - before.t_s for before, after in pairwise(frames)]
