"""Meters that answer over the network, as the user's settings name them. Without a name nobody is asked."""

from typing import NamedTuple


class Login(str):
    """``USER:PASSWORD``. It is sent to the server that it belongs to, and neither shown nor kept."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'" if self else "''"


class Address(NamedTuple):
    """Where a server answers, and how it is trusted."""

    url: str
    login: Login = Login("")
    certificate: str = ""
    """File with the server's own certificate, where nobody else vouches for it."""
    verify: bool = True
    """False: whoever answers is believed, as the user has said."""


class Redfish(NamedTuple):
    """A server's management controller."""

    address: Address
    """Of its root, without a path."""
    chassis: str = ""
    """Which chassis of several is this machine."""


class WallMeter(NamedTuple):
    """A smart plug or a socket of a power strip that gives JSON."""

    address: Address
    path: tuple[str, ...]
    """Keys (and numbers of list items) that lead to the value."""
    reading: str
    """``power`` or ``counter``."""
    si_per_unit: float
    """W or J in one unit of the value."""
    refresh_s: float
    """The meter brings its value up to date this often."""
    error_pct: float | None = None
    """As its maker states it; None: not known."""


class Named(NamedTuple):
    """All meters that the user has named."""

    redfish: Redfish | None = None
    wall: tuple[WallMeter, ...] = ()
    """Their sum is what the machine takes: one for each of its power supplies."""
