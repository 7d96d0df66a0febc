"""What an estimate says: field names are those of a run's result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from footprint.interval import Interval
from footprint.records.derivation import Impact
from footprint.records.own_factors import OwnFactors
from footprint.records.raw import RegionRef


class Assumed(NamedTuple):
    """Something that nobody gave: the value that stands for it, and why."""

    what: str
    """The option's name without dashes: ``pue``, ``wue``, ``intensity`` …"""
    value: Interval | None
    """None where it is no number."""
    factor: str | None
    """Id of the catalogue's row, where it is from there."""
    why: str


class Component(NamedTuple):
    """Devices of one kind, or energy that was given as a whole."""

    kind: str
    """``gpu``, ``cpu``, ``overhead`` or ``other``."""
    name: str | None
    amount: Interval
    """How many; JSON calls it ``count``."""
    power_w: Interval | None
    """Of one device, on average; None where energy was given."""
    method: str
    """``given``, ``nameplate``, ``catalogue`` or ``tokens``."""
    job_kwh: Interval


class EstimatedEnergy(NamedTuple):
    """IT energy, what the facility takes for it, and what it is made of."""

    job_kwh: Interval
    facility_kwh: Interval
    pue: Interval
    components: tuple[Component, ...]


class EstimatedUnit(NamedTuple):
    """A functional unit: how many, and what one of them takes (SCI, ISO/IEC 21031)."""

    amount: Interval
    """How many; JSON calls it ``count``."""
    per_unit: Mapping[str, Interval]
    """``job_kwh`` and the indicators' totals, for one unit."""


class EstimateProvenance(NamedTuple):
    """What made the figures."""

    footprint: str
    catalogue: str
    catalogue_sha256: str
    factors: tuple[str, ...]
    own: OwnFactors | None = None
    """The user's own factors for the place, and the contract that they state, by their settings."""
    instead_of: Mapping[str, tuple[str, ...]] = {}
    """Id of a factor of the user's own -> ids of the catalogue's that it was used in place of."""


class Estimate(NamedTuple):
    """The impacts of a job that has not run."""

    route: str
    """``energy``, ``hardware``, ``tokens`` or ``embodied``."""
    name: str | None
    project: str | None
    tags: Mapping[str, str]
    inputs: Mapping[str, float | str | Interval]
    assumed: tuple[Assumed, ...]
    region: RegionRef
    energy: EstimatedEnergy
    impacts: Mapping[str, Impact]
    units: Mapping[str, EstimatedUnit]
    provenance: EstimateProvenance
    estimate: bool = True
    estimate_id: str | None = None
    """Its name in the store, as a run has one; None where it was not saved."""
    saved_at: str | None = None
    """ISO 8601, UTC."""
