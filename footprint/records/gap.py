"""A time without readings."""

from typing import NamedTuple


class Gap(NamedTuple):
    """A time in which a channel gave no reading."""

    channel: str
    from_s: float
    to_s: float
    why: str
    filled: str
    """``interpolated``, ``model`` or ``none``."""
