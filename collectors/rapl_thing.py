"""What RAPL counts, whichever way it is read: its parts, what holds them, and a reader of their counters.

All ways name one thing alike (``rapl:package-0``), so that the plan takes one of them. RAPL's memory (``dram``) lies
beside the package's energy, never in it; cores and graphics lie in it; the platform (``psys``) holds all of them.
"""

from collections.abc import Iterable, Mapping

from footprint.collectors.channel import Channel, Refusal
from footprint.collectors.host import Host
from footprint.collectors.reading import GpuUse, Outcome
from footprint.collectors.sysfs import CounterFile

KINDS = {"package": "cpu", "core": "cpu", "uncore": "cpu", "dram": "dram", "psys": "board"}
POWERED = ("package", "dram", "psys")
"""Parts that are never without power; cores may be."""
LIMIT_MARGIN = 2.0
"""For short times a package draws more than its limits say."""
NO_LIMIT_W = 3_000.0
"""Firmware that knows no limit writes one far above what any package can draw."""
SECOND_LOOK_S = 0.003
"""A counter that stands at 0 is looked at again after so long."""
_PSYS = "rapl:psys"
_SENSORS = {"package": "package", "core": "core", "uncore": "core", "dram": "dram", "psys": "psys"}
"""What the sensor is called in sensors.csv."""
_REFRESH_S = 0.001
"""The counters are brought up to date about once a millisecond (Intel SDM vol. 3B, 16.10.1)."""


def channel(
    name: str, collector: str, method: str, *, amd: bool, range_j: float | None = None, limit_w: float | None = None
) -> Channel:
    """The channel of a part by its name, such as ``dram-0-die-1``, read in one way."""
    part, _, number = name.partition("-")
    return Channel(
        kind=KINDS.get(part, "other"),
        name=name,
        collector=collector,
        method=method,
        reading="counter",
        thing=f"rapl:{name}",
        inside=_container(part, number),
        range_j=range_j,
        limit_w=limit_w,
        refresh_s=_REFRESH_S,
        sensor=f"rapl-{_SENSORS[part]}{'-amd' if amd else ''}" if part in _SENSORS else "unstated",
    )


def _container(part: str, number: str) -> str | None:
    """What holds a part's energy within its own."""
    if part == "psys":
        return None
    return _PSYS if part in ("package", "dram") else f"rapl:package-{number}"


def moves(name: str) -> bool:
    """Whether the counter of a part by its name must move, since the part is powered."""
    return name.partition("-")[0] in POWERED


def limit_w(stated_w: Iterable[float]) -> float | None:
    """More than this is impossible: the highest limit that is stated, with a margin; None where none makes sense."""
    return max((each_w for each_w in stated_w if each_w < NO_LIMIT_W), default=0.0) * LIMIT_MARGIN or None


def without_orphans(channels: Iterable[Channel], collector: str, refusals: list[Refusal]) -> tuple[Channel, ...]:
    """Without parts whose package cannot be read (a part alone would pass for the whole), nor unread containers."""
    found = tuple(channels)
    things = {one.thing for one in found}
    kept: list[Channel] = []
    for one in found:
        if one.inside is None or one.inside in things:
            kept.append(one)
        elif one.inside == _PSYS:
            kept.append(one._replace(inside=None))
        else:
            package = one.inside.partition(":")[2]
            why = f"{one.name} is only a part of {package}, which cannot be read"
            refusals.append(Refusal(one.kind, one.name, collector, why, f"make {package} readable"))
    return tuple(kept)


class RaplReader:
    """Keeps the counters open; one read each, a look."""

    def __init__(self, host: Host, counters: Mapping[str, CounterFile]) -> None:
        self._host = host
        self._counters = counters

    def read(self) -> Mapping[str, Outcome]:
        """A counter (J), or why there is none, for each channel."""
        now_s = self._host.monotonic()
        return {name: counter.read(now_s) for name, counter in self._counters.items()}

    def gpu_use(self) -> Mapping[str, GpuUse]:
        """Nothing: these are no GPUs."""
        return {}

    def close(self) -> None:
        """Close what is open; a second call is harmless."""
        for counter in self._counters.values():
            counter.close()
