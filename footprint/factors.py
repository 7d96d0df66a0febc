"""Factors: rows of the catalogue, and how one is looked up. Pure: rows come from ``catalogue``."""

from collections.abc import Iterable
from typing import NamedTuple

from footprint.collectors.channel import Channel
from footprint.interval import Interval


class SourceRef(NamedTuple):
    """Where a figure is from."""

    id: str
    title: str
    publisher: str
    year: int | None
    licence: str


class Factor(NamedTuple):
    """One row: an amount per kWh (or another base) in a zone and year."""

    id: str
    """Unique in a catalogue: ``carbon_location/total/FR/2024``."""
    indicator: str
    part: str
    """``total``, ``direct``, ``upstream``, ``grid_losses``, ``plants``, ``reservoirs``, ``on_site`` …"""
    zone: str
    per: str
    """``kWh`` of facility energy, ``kWh-it`` of IT energy …"""
    low: float
    central: float
    high: float
    kind: str
    """Kind of the interval, see ``interval.KINDS``."""
    scope: str
    """``direct`` or ``lifecycle``; for other indicators what is counted."""
    unit: str
    year: int
    how: str
    """``published``, ``derived`` or ``fallback``."""
    sources: tuple[str, ...]
    note: str = ""
    """What a reader must know of the row: what stands in for what, what the sum leaves out."""
    basis: str = ""
    """Of electricity: ``generation`` in the zone, ``consumption`` there, or both where parts differ."""

    @property
    def value(self) -> Interval:
        """The amount as an interval."""
        return Interval(self.low, self.central, self.high, self.kind)


class Catalogue(NamedTuple):
    """The rows that one run's zone needs, and the name of the catalogue they are from."""

    version: str
    sha256: str
    factors: tuple[Factor, ...]
    """Factors of the zone, and the world's: ``power_model`` and ``sensor`` rows are among them."""


def find(rows: Iterable[Factor], indicator: str, part: str, year: int | None = None) -> Factor | None:
    """The row of an indicator's part: of the year asked for, else the nearest one before, else the nearest."""
    found = [row for row in rows if row.indicator == indicator and row.part == part]
    if not found:
        return None
    if year is None:
        return max(found, key=lambda row: row.year)
    earlier = [row for row in found if row.year <= year]
    return max(earlier, key=lambda row: row.year) if earlier else min(found, key=lambda row: row.year)


_OF_A_YEAR = ("kWh", "kWh-it")
"""What is counted for these tells of a grid, or a building, in one year. Other figures (a sensor's error, what a gram
does to species, what making a chip took) do not change with the calendar."""


def is_aged(factor: Factor, day: str) -> bool:
    """Whether a factor's year ended more than 18 months before a day (ISO 8601): of 2023, from July 2025 on."""
    return factor.per in _OF_A_YEAR and factor.year > 0 and day[:7] >= f"{factor.year + 2:04d}-07"


_UNSTATED = Interval(0.8, 1.0, 1.25, "envelope")
"""The gain of a sensor of which nobody states an error, where the catalogue has no row for that either."""


def find_sensor(rows: Iterable[Factor], sensor: str) -> Interval:
    """The gain of a class of sensor (true energy over what it counts); that of ``unstated`` where there is no row."""
    gains = {row.zone: row.value for row in rows if row.indicator == "sensor"}
    return gains.get(sensor) or gains.get("unstated") or _UNSTATED


def gain_of_channel(rows: Iterable[Factor], channel: Channel) -> Interval:
    """The gain of a channel: by the error that the user states of the device, else that of its class of sensor."""
    if channel.error_pct is None:
        return find_sensor(rows, channel.sensor)
    part = channel.error_pct / 100
    return Interval(1.0 - part, 1.0, 1.0 + part, "envelope")
