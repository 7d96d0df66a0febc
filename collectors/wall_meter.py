"""A meter at the plug that gives JSON: smart plugs and sockets of power strips, by a mapping in the user's settings.

It counts all that the machine takes: what else is read is inside it, and nothing is modelled beyond it.
"""

import math
from typing import NamedTuple

from footprint.collectors.channel import AT_WALL, Channel
from footprint.collectors.host import Host
from footprint.collectors.json_answer import NoNumber, number_at, parsed
from footprint.collectors.named import WallMeter
from footprint.collectors.offer import Offer
from footprint.collectors.poller import PolledReader, Poller
from footprint.collectors.reading import Counter, Failed, Outcome, Power

NAME = "wall_meter"
TIMEOUT_S = 2.0
_PATIENCE_S = 2 * TIMEOUT_S
_MOST_W = 200_000.0
"""More than any machine draws: the unit is wrong."""


class _Kind(NamedTuple):
    method: str
    reading: str


_KINDS = {"power": _Kind("wall-power", "power"), "counter": _Kind("wall-counter", "counter")}


def discover(host: Host) -> Offer:
    """The channel of the meters that the user has named; asks none of them yet."""
    meters = host.named.wall if host.named is not None else ()
    if not meters:
        return Offer(NAME)
    kind = _KINDS[meters[0].reading]
    errors = [meter.error_pct for meter in meters]
    error_pct = None if None in errors else max(error for error in errors if error is not None)
    refresh_s = max(meter.refresh_s for meter in meters)
    channel = Channel(
        "board", "wall", NAME, kind.method, kind.reading, AT_WALL,
        refresh_s=max(refresh_s, 1.0), sensor="wall-meter", whole=True, error_pct=error_pct,
    )  # fmt: skip

    def open_reader(channels: tuple[Channel, ...]) -> WallReader:  # noqa: ARG001 - there is one
        return WallReader(host, meters)

    return Offer(NAME, (channel,), open=open_reader)


class WallReader(PolledReader):
    """Asks all meters in turn; a reading is their sum, and there is none where one of them gives none."""

    def __init__(self, host: Host, meters: tuple[WallMeter, ...]) -> None:
        self._host = host
        self._meters = meters
        period_s = min(10.0, max(1.0, *(meter.refresh_s for meter in meters)))
        super().__init__("wall", Poller(host, self._ask, period_s, _PATIENCE_S))

    def _ask(self) -> Outcome:
        values = []
        for count, meter in enumerate(self._meters, 1):
            called = "the meter at the wall" + (f" ({count} of {len(self._meters)})" if len(self._meters) > 1 else "")
            try:
                values.append(_value(self._host, meter))
            except (OSError, NoNumber) as fault:
                return Failed(f"{called}: {fault.strerror if isinstance(fault, OSError) and fault.strerror else fault}")
        whole = math.fsum(values)
        if self._meters[0].reading == "counter":
            return Counter(whole)
        if not 0 < whole <= _MOST_W:
            return Failed(f"the meter at the wall tells {whole:g} W, which no running machine takes")
        return Power(whole)


def _value(host: Host, meter: WallMeter) -> float:
    """What a meter says now, in W or J. OSError, NoNumber."""
    value = number_at(parsed(host.fetch(meter.address, "", TIMEOUT_S)), meter.path)
    if value < 0:
        raise NoNumber(f"its {'.'.join(meter.path)} is {value:g}, below 0")
    return value * meter.si_per_unit
