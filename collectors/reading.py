"""What reading a channel gives. Outcomes are values: zero and None are never outcomes.

``Counter`` and ``Power`` are readings; ``Failed`` is a reading that did not come this time
(a gap; go on); ``Gone`` says that the channel will not come back. *Unavailable* belongs to
discovery (``channel.Refusal``). What a reader raises is a bug, and is shown as one.
"""

from typing import NamedTuple

NOT_YET = "no answer has come yet"
"""Why a reading failed of something that is asked beside the job, and has only just been asked."""


class Counter(NamedTuple):
    """A rising energy counter. It wraps at the channel's ``range_j``."""

    energy_j: float


class Power(NamedTuple):
    """Power at this instant, or its mean over the sensor's own window."""

    power_w: float


class Failed(NamedTuple):
    """No reading this time."""

    why: str


class Gone(NamedTuple):
    """No reading any more: the device went away."""

    why: str


Outcome = Counter | Power | Failed | Gone


class GpuUse(NamedTuple):
    """Who uses a GPU at an instant: process ids with their share of the SM time (0 to 1; None where not told).

    ``known`` is False where the driver does not say which processes use the GPU. ``divided``: the shares are parts
    of the GPU, by the slices that it is divided into (MIG), and say nothing of its time.
    """

    util: float | None
    by_pid: tuple[tuple[int, float | None], ...]
    known: bool
    divided: bool = False
