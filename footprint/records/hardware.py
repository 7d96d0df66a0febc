"""What a run held of its machine: the hardware whose making falls to it in part."""

from typing import NamedTuple


class Held(NamedTuple):
    """A kind of hardware that a run held."""

    component: str
    """Its rows in the catalogue: ``server-cpu``, ``dram``, ``gpu-h100``."""
    name: str
    """For people."""
    amount: float
    """Pieces, GB or cores, as the row counts them."""
    share: float
    """The job's part of it over the run's time, 0 to 1."""


class Hardware(NamedTuple):
    """What a run held of its machine, and for how long."""

    hours: float
    held: tuple[Held, ...]
    unknown: tuple[str, ...] = ()
    """What is there, and of which nothing is known at all."""
