"""What a route gives to the rest of an estimate: IT energy, what it is made of, and what had to be assumed."""

from __future__ import annotations

from typing import NamedTuple

from footprint.estimation.given import Given
from footprint.estimation.parts_made import Part
from footprint.estimation.record import Assumed, Component
from footprint.factors import Catalogue
from footprint.interval import Interval


class Routed(NamedTuple):
    """The energy of a job that has not run."""

    route: str
    job_kwh: Interval
    facility_kwh: Interval | None
    """Only where it was given as such: else it is ``job_kwh × pue``."""
    components: tuple[Component, ...]
    assumed: tuple[Assumed, ...] = ()
    factors: tuple[str, ...] = ()
    made_of: tuple[Part, ...] = ()
    """The hardware of one device, where it is known: what making it took is counted."""
    device_hours: Interval | None = None
    """For how long it is used, where that follows from the route and not from ``--hours``."""
    no_embodied: str = "no hardware is named and no --embodied-kg is given"
    """Why there is none."""


class Place(NamedTuple):
    """What a route may need of where the job runs."""

    pue: Interval
    catalogue: Catalogue


class Question(NamedTuple):
    """What a route is asked."""

    given: Given
    place: Place
