"""One source of energy of a host during a run."""

from typing import NamedTuple

from footprint.interval import Interval
from footprint.records.gap import Gap


class Part(NamedTuple):
    """One source of energy, slice by slice, with its error."""

    kind: str
    channel: str
    method: str
    quality: str
    sensor: str
    """Sources with one sensor class share their error."""
    slices_j: tuple[float, ...]
    host_j: Interval
    idle_w: float
    idle_how: str
    coverage: float
    gaps: tuple[Gap, ...] = ()
    note: str = ""
    idle_range_w: tuple[float, float] | None = None
    """The least and the most that the idle power may be; None where it moves with the energy itself (the model's)."""
    most_idle_j: tuple[float, ...] | None = None
    """The most that can be idle of each slice's energy; None: all of it."""

    def idle_j(self, number: int, seconds: float, idle_w: float) -> float:
        """Idle energy of a slice that lasted so long, at this idle power."""
        most_j = self.slices_j[number] if self.most_idle_j is None else self.most_idle_j[number]
        return min(most_j, idle_w * seconds)
