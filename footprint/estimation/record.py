"""What an estimate says, and its document ``footprint.estimate/1``: field names are those of a run's result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from footprint.interval import Interval
from footprint.records.derivation import Impact, Missing
from footprint.records.document import interval_document
from footprint.records.raw import RegionRef
from footprint.records.result import UnitResult

SCHEMA = "footprint.estimate/1"


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


class EstimateProvenance(NamedTuple):
    """What made the figures."""

    footprint: str
    catalogue: str
    catalogue_sha256: str
    factors: tuple[str, ...]


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
    units: Mapping[str, UnitResult]
    provenance: EstimateProvenance
    estimate: bool = True


def as_document(one: Estimate) -> dict[str, Any]:
    """The estimate as ``footprint.estimate/1``: numbers with 12 significant digits."""
    energy = one.energy
    return {
        "schema": SCHEMA,
        "estimate": True,
        "route": one.route,
        "name": one.name,
        "project": one.project,
        "tags": dict(one.tags),
        "inputs": {key: _input(value) for key, value in one.inputs.items()},
        "assumed": [_assumed(item) for item in one.assumed],
        "region": one.region._asdict(),
        "energy": {
            "job_kwh": interval_document(energy.job_kwh),
            "facility_kwh": interval_document(energy.facility_kwh),
            "pue": interval_document(energy.pue),
            "components": [_component(component) for component in energy.components],
        },
        "impacts": {key: _impact(impact) for key, impact in one.impacts.items()},
        "units": {
            name: {
                "count": plain(unit.amount),
                "per_unit": {key: interval_document(value) for key, value in unit.per_unit.items()},
            }
            for name, unit in one.units.items()
        },
        "provenance": {**one.provenance._asdict(), "factors": list(one.provenance.factors)},
    }


def plain(value: float) -> float | int:
    """Whole numbers without a fraction."""
    return int(value) if float(value).is_integer() and abs(value) < 1e15 else value


def _number(value: Interval) -> Any:
    """An exact amount as a number, any other as an interval."""
    return plain(value.central) if value.kind == "exact" else interval_document(value)


def _input(value: float | str | Interval) -> Any:
    return _number(value) if isinstance(value, Interval) else value


def _assumed(item: Assumed) -> dict[str, Any]:
    value = None if item.value is None else interval_document(item.value)
    return {"what": item.what, "value": value, "factor": item.factor, "why": item.why}


def _component(one: Component) -> dict[str, Any]:
    power_w = None if one.power_w is None else interval_document(one.power_w)
    return {
        "kind": one.kind, "name": one.name, "count": _number(one.amount), "power_w": power_w, "method": one.method,
        "job_kwh": interval_document(one.job_kwh),
    }  # fmt: skip


def _known(value: Interval | Missing) -> dict[str, Any]:
    return {"missing": value.missing} if isinstance(value, Missing) else interval_document(value)


def _impact(impact: Impact) -> dict[str, Any]:
    if isinstance(impact.total, Missing):
        return {"unit": impact.unit, "class": impact.kind, "missing": impact.total.missing}
    told: dict[str, Any] = {"unit": impact.unit, "class": impact.kind}
    told |= {name: _known(getattr(impact, name)) for name in ("operational", "embodied", "total")}
    if impact.parts:
        told["parts"] = {name: _known(part) for name, part in impact.parts.items()}
    return told | {"factors": list(impact.factors)}
