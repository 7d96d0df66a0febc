"""What a collector finds on a host: channels it can read, and refusals with why and fix."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol, runtime_checkable

from footprint.collectors.channel import Channel, Refusal
from footprint.collectors.reading import GpuUse, Outcome


class Reader(Protocol):
    """Reads the channels of one collector. Kept open while a run lasts."""

    def read(self) -> Mapping[str, Outcome]:
        """An outcome for each wanted channel, by its name. Never raises for what a sensor does."""

    def gpu_use(self) -> Mapping[str, GpuUse]:
        """Who uses each GPU channel now; empty for collectors without GPUs."""

    def close(self) -> None:
        """Give back file descriptors and library handles. A second call is harmless."""


@runtime_checkable
class Observer(Protocol):
    """What tells the state that devices are in besides. A reader may be one."""

    def conditions(self) -> Mapping[str, Mapping[str, float]]:
        """Quantities by device, as far as they can be told now: ``{"gpu-0": {"temperature_c": 61.0}}``."""


class Source(Protocol):
    """Opens a reader for those of its channels that were chosen."""

    def __call__(self, channels: tuple[Channel, ...]) -> Reader:
        """A reader for these channels."""


class Offer(NamedTuple):
    """The result of discovery by one collector."""

    collector: str
    channels: tuple[Channel, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    open: Source | None = None
