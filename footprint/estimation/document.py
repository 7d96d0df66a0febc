"""An estimate as the document ``footprint.estimate/1``, and back: field names are those of a run's result.

Numbers have 12 significant digits. How a figure was made is not in the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from footprint.estimation.record import (
    Assumed,
    Component,
    Estimate,
    EstimatedEnergy,
    EstimatedUnit,
    EstimateProvenance,
)
from footprint.interval import Interval, exact
from footprint.records.derivation import Impact, Missing
from footprint.records.document import (
    interval_document,
    interval_from,
    known_document,
    own_factors_document,
    own_factors_from,
)
from footprint.records.raw import RegionRef
from footprint.store.saved_estimates import SCHEMA

Document = dict[str, Any]


def as_document(one: Estimate) -> Document:
    """The estimate as plain dicts, lists, strings and numbers; with its id and time where it was saved."""
    energy = one.energy
    saved = {} if one.estimate_id is None else {"estimate_id": one.estimate_id, "saved_at": one.saved_at}
    return {
        "schema": SCHEMA,
        "estimate": True,
        **saved,
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
        "impacts": {key: _impact(impact) | _claim(impact, one) for key, impact in one.impacts.items()},
        "units": {
            name: {
                "count": _number(unit.amount),
                "per_unit": {key: interval_document(value) for key, value in unit.per_unit.items()},
            }
            for name, unit in one.units.items()
        },
        "provenance": _provenance(one.provenance),
    }


def from_document(document: Mapping[str, Any]) -> Estimate:
    """The estimate of a document. Keys that are not known are left out. Raises KeyError where one lacks."""
    energy, made_by, place = document["energy"], document["provenance"], document["region"]
    own = made_by.get("own_factors")
    return Estimate(
        route=document["route"],
        name=document["name"],
        project=document["project"],
        tags=dict(document["tags"]),
        inputs={key: _input_from(value) for key, value in document["inputs"].items()},
        assumed=tuple(_assumed_from(item) for item in document["assumed"]),
        region=RegionRef(place["zone"], place["how"], place.get("given", ""), place.get("note", "")),
        energy=EstimatedEnergy(
            interval_from(energy["job_kwh"]),
            interval_from(energy["facility_kwh"]),
            interval_from(energy["pue"]),
            tuple(_component_from(one) for one in energy["components"]),
        ),
        impacts={key: _impact_from(impact) for key, impact in document["impacts"].items()},
        units={
            name: EstimatedUnit(
                _number_from(unit["count"]), {key: interval_from(value) for key, value in unit["per_unit"].items()}
            )
            for name, unit in document["units"].items()
        },
        provenance=EstimateProvenance(
            made_by["footprint"],
            made_by["catalogue"],
            made_by["catalogue_sha256"],
            tuple(made_by["factors"]),
            own_factors_from(own),
            {} if own is None else {name: tuple(ids) for name, ids in own["instead_of"].items()},
        ),
        estimate_id=document.get("estimate_id"),
        saved_at=document.get("saved_at"),
    )


def _claim(impact: Impact, one: Estimate) -> Document:
    """Of what follows from a stated contract, whose claim it is, and its evidence."""
    contract = one.provenance.own.contract if one.provenance.own is not None else None
    return {"claim": contract._asdict()} if contract is not None and contract.id in impact.factors else {}


def _provenance(made_by: EstimateProvenance) -> Document:
    told = {name: getattr(made_by, name) for name in ("footprint", "catalogue", "catalogue_sha256")}
    told["factors"] = list(made_by.factors)
    if made_by.own is not None:
        told["own_factors"] = own_factors_document(made_by.own, made_by.instead_of)
    return told


def plain(value: float) -> float | int:
    """Whole numbers without a fraction."""
    return int(value) if float(value).is_integer() and abs(value) < 1e15 else value


def _number(value: Interval) -> Any:
    """An exact amount as a number, any other as an interval."""
    return plain(value.central) if value.kind == "exact" else interval_document(value)


def _number_from(value: Any) -> Interval:
    return interval_from(value) if isinstance(value, Mapping) else exact(float(value))


def _input(value: float | str | Interval) -> Any:
    return _number(value) if isinstance(value, Interval) else value


def _input_from(value: Any) -> float | str | Interval:
    if isinstance(value, str):
        return value
    return interval_from(value) if isinstance(value, Mapping) else float(value)


def _assumed(item: Assumed) -> Document:
    value = None if item.value is None else interval_document(item.value)
    return {"what": item.what, "value": value, "factor": item.factor, "why": item.why}


def _assumed_from(item: Mapping[str, Any]) -> Assumed:
    value = None if item["value"] is None else interval_from(item["value"])
    return Assumed(item["what"], value, item["factor"], item["why"])


def _component(one: Component) -> Document:
    power_w = None if one.power_w is None else interval_document(one.power_w)
    return {
        "kind": one.kind, "name": one.name, "count": _number(one.amount), "power_w": power_w, "method": one.method,
        "job_kwh": interval_document(one.job_kwh),
    }  # fmt: skip


def _component_from(one: Mapping[str, Any]) -> Component:
    power_w = None if one["power_w"] is None else interval_from(one["power_w"])
    return Component(
        one["kind"], one["name"], _number_from(one["count"]), power_w, one["method"], interval_from(one["job_kwh"])
    )


def _known_from(value: Mapping[str, Any]) -> Interval | Missing:
    return Missing(str(value["missing"])) if "missing" in value else interval_from(value)


def _impact(impact: Impact) -> Document:
    if isinstance(impact.total, Missing):
        return {"unit": impact.unit, "class": impact.kind, "missing": impact.total.missing}
    told: Document = {"unit": impact.unit, "class": impact.kind}
    told |= {name: known_document(getattr(impact, name)) for name in ("operational", "embodied", "total")}
    if impact.parts:
        told["parts"] = {name: known_document(part) for name, part in impact.parts.items()}
    lacking = {"lacking": list(impact.lacking)} if impact.lacking else {}
    return told | lacking | {"factors": list(impact.factors)}


def _impact_from(told: Mapping[str, Any]) -> Impact:
    if "missing" in told:
        missing = Missing(str(told["missing"]))
        return Impact(told["unit"], told["class"], missing, missing, missing)
    return Impact(
        told["unit"], told["class"],
        _known_from(told["operational"]), _known_from(told["embodied"]), _known_from(told["total"]),
        {name: _known_from(part) for name, part in told.get("parts", {}).items()},
        factors=tuple(told["factors"]), lacking=tuple(told.get("lacking", ())),
    )  # fmt: skip
