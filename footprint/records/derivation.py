"""A number with the way it was made. ``explain`` renders it, ``verify`` compares it; nothing is computed twice."""

from collections.abc import Mapping
from typing import NamedTuple

from footprint.interval import Interval


class Step(NamedTuple):
    """One step from inputs to an output."""

    name: str
    """In plain words: ``energy at the meter``."""
    formula: str
    """In the names of the inputs: ``job_kwh × pue``."""
    inputs: Mapping[str, Interval]
    output: Interval
    unit: str
    factor: str | None = None
    """Id of the factor that was used, if any."""
    sources: tuple[str, ...] = ()
    """Ids of the factor's sources."""


class Derivation(NamedTuple):
    """The steps, the last of which gives the value, and which input makes how much of its spread."""

    value: Interval
    steps: tuple[Step, ...]
    spread: tuple[tuple[str, float], ...] = ()
    """(input, its share of the spread), largest first; shares sum to 1."""


class Missing(NamedTuple):
    """A figure that cannot be had, and why. Never zero."""

    missing: str


class Impact(NamedTuple):
    """An amount of one indicator with its parts."""

    unit: str
    kind: str
    """``status``, ``direction``, ``inventory`` or ``claim``: JSON calls it ``class``."""
    operational: Interval | Missing
    embodied: Interval | Missing
    total: Interval | Missing
    parts: Mapping[str, Interval | Missing] = {}
    derivation: Derivation | None = None
    factors: tuple[str, ...] = ()
    """Ids of the factors that made what comes from using the hardware."""
    made: tuple[str, ...] = ()
    """Ids of those of making it."""
    lacking: tuple[str, ...] = ()
    """Hardware of which nobody knows what making it took: it is in no sum here."""
