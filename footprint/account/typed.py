"""What a person typed from a meter at the wall, as a channel that contains all others of its run."""

import itertools
import math
from collections.abc import Iterable

from footprint.account.part import Part
from footprint.collectors.channel import Channel, is_at_wall
from footprint.energy import ChannelEnergy
from footprint.factors import Catalogue, find_sensor
from footprint.interval import Interval, exact
from footprint.records.gap import Gap
from footprint.records.raw import RawRun, WallReading
from footprint.records.result import Component
from footprint.records.wall_reading import STATED, UNSTATED
from footprint.units import J_PER_KWH

TYPED = Channel("board", "wall-typed", "typed", "wall-typed", "counter", "wall-typed", sensor=UNSTATED, whole=True)
_MOST_W = 200_000.0
"""More than any one machine draws: who typed this meant another unit."""


def typed_energy(
    reading: WallReading, parts: tuple[Part, ...], raw: RawRun, catalogue: Catalogue
) -> ChannelEnergy | str:
    """The reading over a run's slices; or why it cannot be what the meter counted in the run.

    A meter at the wall counts all that the parts took, so a reading that lies below them beyond the errors of both
    is none of this run's. ``parts`` are the run's without it: they say when the energy was taken.
    """
    seconds = [after.t_s - before.t_s for before, after in itertools.pairwise(raw.frames)]
    duration_s, gain = math.fsum(seconds), gain_of(reading, catalogue)
    least_j = math.fsum(part.host_j.low for part in parts)
    if reading.high_kwh * gain.high * J_PER_KWH < least_j:
        least = least_j / J_PER_KWH
        return f"the reading of {reading.said} kWh is less than the {least:.3g} kWh that the parts inside took at least"
    if reading.low_kwh * J_PER_KWH > _MOST_W * max(duration_s, 1e-3):
        mean_kw = reading.kwh * J_PER_KWH / 1_000 / max(duration_s, 1e-3)
        return f"the reading of {reading.said} kWh is {mean_kw:.3g} kW over the run, which no machine draws"
    shape = [math.fsum(slices) for slices in zip(*(part.slices_j for part in parts), strict=True)] or seconds
    whole = math.fsum(shape)
    if whole <= 0:
        shape, whole = seconds, max(duration_s, 1e-9)
    scale = reading.kwh * J_PER_KWH / whole
    below_j, above_j = ((reading.kwh - end) * J_PER_KWH for end in (reading.low_kwh, reading.high_kwh))
    return ChannelEnergy(tuple(value * scale for value in shape), below_j, -above_j, (), 1.0)


def gain_of(reading: WallReading, catalogue: Catalogue) -> Interval:
    """The meter's error beyond the range that was typed: none where the person stated one."""
    return exact(1.0)._replace(kind="envelope") if reading.error == STATED else find_sensor(catalogue.factors, UNSTATED)


def up_to_the_wall(raw: RawRun, components: Iterable[Component]) -> list[str]:
    """How the energy beyond the components is known, where it is not modelled alone."""
    boards = [one for one in components if one.kind == "board"]
    walls = [one for one in boards if is_at_wall(one.method)]
    if any(one.quality == "stated" for one in walls) and raw.head.wall is not None:
        error = "with the error stated" if raw.head.wall.error == STATED else "its error is not stated"
        when = f" on {raw.head.wall.at[:10]}" if raw.head.wall.at else ""
        return [f"up to the wall: a meter's reading of {raw.head.wall.said} kWh that a person typed{when}; {error}"]
    if walls:
        return [f"up to the wall: measured by {walls[0].channel} ({walls[0].method}); nothing is modelled beyond it"]
    if boards:
        names = " and ".join(one.channel for one in boards)
        return [f"up to the wall: measured by {names} up to the power supply, whose loss is modelled"]
    return []


def refused(why: str, raw: RawRun) -> Gap:
    """A reading that is not used, as the gap that it leaves: overhead is modelled as without it."""
    return Gap(TYPED.name, 0.0, raw.frames[-1].t_s, why, "model")
