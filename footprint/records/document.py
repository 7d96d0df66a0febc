"""A run as the document ``footprint.run/1``, and back: what ``--json`` writes, the store keeps and the server takes.

Numbers have 12 significant digits, so that every platform writes the same; what is not a number is null.
How a figure was made (its derivation) is not in the document: it is made again from the readings.
"""

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from footprint.interval import Interval, exact, rounded
from footprint.records.derivation import Impact, Missing
from footprint.records.gap import Gap
from footprint.records.hardware import Hardware, Held
from footprint.records.raw import RegionRef
from footprint.records.result import (
    Activity,
    Boundary,
    Component,
    Energy,
    HostResult,
    OwnCost,
    Provenance,
    Run,
    Served,
    SpanResult,
    UnitResult,
)

if TYPE_CHECKING:
    from footprint.records.own_factors import OwnFactors

SCHEMA = "footprint.run/1"

Document = dict[str, Any]


def as_document(run: Run) -> Document:
    """The run as plain dicts, lists, strings and numbers, keys in the order of the schema."""
    return {
        "schema": SCHEMA,
        "run_id": run.run_id,
        "group": run.group,
        "continues": run.continues,
        "parent": run.parent,
        "name": run.name,
        "project": run.project,
        "team": run.team,
        "tags": dict(run.tags),
        "status": run.status,
        "exit_code": run.exit_code,
        "error": run.error,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "duration_s": _number(run.duration_s),
        "region": _plain(run.region._asdict()),
        "host": _host(run.host),
        "energy": _energy(run.energy),
        "boundary": _plain(run.boundary._asdict()),
        "self": _plain(run.own._asdict()),
        "activity": _plain(run.activity._asdict()),
        "impacts": {key: _impact(impact) | _claim(impact, run.provenance) for key, impact in run.impacts.items()},
        "spans": [_span(span) for span in run.spans],
        "units": {name: unit_document(unit) for name, unit in run.units.items()},
        "provenance": _provenance(run.provenance),
        "serving": None if run.serving is None else _serving(run.serving),
        "hardware": None if run.hardware is None else _hardware(run.hardware),
    }


def from_document(document: Mapping[str, Any]) -> Run:
    """The run of a document. Keys that are not known are left out; nulls among numbers become NaN.

    Raises KeyError where a key of the schema lacks.
    """
    return Run(
        run_id=document["run_id"],
        group=document["group"],
        continues=document["continues"],
        parent=document["parent"],
        name=document["name"],
        project=document["project"],
        team=document["team"],
        tags=dict(document["tags"]),
        status=document["status"],
        exit_code=document["exit_code"],
        error=document.get("error"),
        started_at=document["started_at"],
        ended_at=document["ended_at"],
        duration_s=_float(document["duration_s"]),
        region=_region_from(document["region"]),
        host=_host_from(document["host"]),
        energy=_energy_from(document["energy"]),
        boundary=_boundary_from(document["boundary"]),
        own=_own_from(document["self"]),
        activity=_activity_from(document["activity"]),
        impacts={key: _impact_from(impact) for key, impact in document["impacts"].items()},
        spans=tuple(_span_from(span) for span in document["spans"]),
        units={name: _unit_from(unit) for name, unit in document["units"].items()},
        provenance=_provenance_from(document["provenance"]),
        serving=_serving_from(document.get("serving")),
        hardware=hardware_from(document.get("hardware")),
    )


def interval_document(value: Interval) -> Document:
    """An interval as ``{"low", "central", "high", "kind"}``; null where there is no number."""
    return {
        "low": _number(value.low),
        "central": _number(value.central),
        "high": _number(value.high),
        "kind": value.kind,
    }


def interval_from(document: Mapping[str, Any]) -> Interval:
    """The interval of its document."""
    return Interval(
        _float(document["low"]), _float(document["central"]), _float(document["high"]), str(document["kind"])
    )


def _number(value: float) -> float | None:
    return rounded(float(value)) if math.isfinite(value) else None


def _float(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _plain(value: Any) -> Any:
    """Any value of a record as JSON knows it."""
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return value


def known_document(value: Interval | Missing) -> Document:
    """An interval, or why there is none."""
    return {"missing": value.missing} if isinstance(value, Missing) else interval_document(value)


def _known_from(document: Mapping[str, Any]) -> Interval | Missing:
    return Missing(str(document["missing"])) if "missing" in document else interval_from(document)


def _energy(energy: Energy) -> Document:
    return {
        "job_kwh": interval_document(energy.job_kwh),
        "host_kwh": interval_document(energy.host_kwh),
        "facility_kwh": interval_document(energy.facility_kwh),
        "pue": interval_document(energy.pue),
        "components_kwh": interval_document(energy.components_kwh),
        "idle_policy": energy.idle_policy,
        "components": [_component(component) for component in energy.components],
        "gaps": [_plain(gap._asdict()) for gap in energy.gaps],
    }


def _energy_from(document: Mapping[str, Any]) -> Energy:
    return Energy(
        job_kwh=interval_from(document["job_kwh"]),
        host_kwh=interval_from(document["host_kwh"]),
        facility_kwh=interval_from(document["facility_kwh"]),
        pue=interval_from(document["pue"]),
        components_kwh=interval_from(document["components_kwh"]),
        idle_policy=document["idle_policy"],
        components=tuple(_component_from(component) for component in document["components"]),
        gaps=tuple(
            Gap(gap["channel"], _float(gap["from_s"]), _float(gap["to_s"]), gap["why"], gap["filled"])
            for gap in document["gaps"]
        ),
    )


def _component(component: Component) -> Document:
    return {
        "kind": component.kind,
        "channel": component.channel,
        "method": component.method,
        "quality": component.quality,
        "host_j": interval_document(component.host_j),
        "job_j": interval_document(component.job_j),
        "rest_j": interval_document(component.rest_j),
        "coverage": _number(component.coverage),
        "note": component.note,
        "held_idle_j": interval_document(component.held_idle_j),
    }


def _component_from(document: Mapping[str, Any]) -> Component:
    return Component(
        kind=document["kind"],
        channel=document["channel"],
        method=document["method"],
        quality=document["quality"],
        host_j=interval_from(document["host_j"]),
        job_j=interval_from(document["job_j"]),
        rest_j=interval_from(document["rest_j"]),
        coverage=_float(document["coverage"]),
        note=document.get("note", ""),
        held_idle_j=interval_from(document["held_idle_j"]) if "held_idle_j" in document else exact(0.0),
    )


def _impact(impact: Impact) -> Document:
    """An impact; one without a total says only why there is none."""
    if isinstance(impact.total, Missing):
        return {"unit": impact.unit, "class": impact.kind, "missing": impact.total.missing}
    return {
        "unit": impact.unit,
        "class": impact.kind,
        "operational": known_document(impact.operational),
        "embodied": known_document(impact.embodied),
        "total": interval_document(impact.total),
        "parts": {name: known_document(part) for name, part in impact.parts.items()},
        "factors": list(impact.factors),
        "made": list(impact.made),
        **({"lacking": list(impact.lacking)} if impact.lacking else {}),
    }


def _claim(impact: Impact, provenance: Provenance) -> Document:
    """Of an impact that follows from a stated contract, whose claim it is, and its evidence."""
    contract = provenance.own.contract if provenance.own is not None else None
    return {"claim": contract._asdict()} if contract is not None and contract.id in impact.factors else {}


def _impact_from(document: Mapping[str, Any]) -> Impact:
    if "missing" in document:
        none = Missing(str(document["missing"]))
        return Impact(document["unit"], document["class"], none, none, none)
    return Impact(
        unit=document["unit"],
        kind=document["class"],
        operational=_known_from(document["operational"]),
        embodied=_known_from(document["embodied"]),
        total=_known_from(document["total"]),
        parts={name: _known_from(part) for name, part in document.get("parts", {}).items()},
        factors=tuple(document.get("factors", ())),
        made=tuple(document.get("made", ())),
        lacking=tuple(document.get("lacking", ())),
    )


def _hardware(hardware: Hardware) -> Document:
    held = [{**one._asdict(), "amount": _number(one.amount), "share": _number(one.share)} for one in hardware.held]
    return {"hours": _number(hardware.hours), "held": held, "unknown": list(hardware.unknown)}


def hardware_from(document: Mapping[str, Any] | None) -> Hardware | None:
    """What a run held, of its document's ``hardware``; None where that is null, or of a form before there was one."""
    if document is None:
        return None
    held = tuple(
        Held(one["component"], one["name"], _float(one["amount"]), _float(one["share"])) for one in document["held"]
    )
    return Hardware(_float(document["hours"]), held, tuple(document["unknown"]))


def _span(span: SpanResult) -> Document:
    return {
        "name": span.name,
        "path": list(span.path),
        "count": span.entered,
        "duration_s": _number(span.duration_s),
        "job_kwh": interval_document(span.job_kwh),
    }


def _span_from(document: Mapping[str, Any]) -> SpanResult:
    return SpanResult(
        name=document["name"],
        path=tuple(document["path"]),
        entered=document["count"],
        duration_s=_float(document["duration_s"]),
        job_kwh=interval_from(document["job_kwh"]),
    )


def unit_document(unit: UnitResult) -> Document:
    """A functional unit; ``share`` only where it was counted in a part of the run."""
    share = {} if unit.share == 1.0 else {"share": _number(unit.share)}
    return {
        "count": _number(unit.amount),
        **share,
        "per_unit": {key: interval_document(value) for key, value in unit.per_unit.items()},
    }


def _unit_from(document: Mapping[str, Any]) -> UnitResult:
    per_unit = {key: interval_from(value) for key, value in document["per_unit"].items()}
    return UnitResult(_float(document["count"]), per_unit, _float(document.get("share", 1.0)))


def _serving(served: Served) -> Document:
    return {
        "server": served.server,
        "units": list(served.units),
        "from_s": _number(served.from_s),
        "to_s": _number(served.to_s),
        "readings": served.readings,
        "restarts": served.restarts,
        "job_kwh": interval_document(served.job_kwh),
        "idle_kwh": interval_document(served.idle_kwh),
    }


def _serving_from(document: Mapping[str, Any] | None) -> Served | None:
    if document is None:
        return None
    return Served(
        server=document["server"],
        units=tuple(document["units"]),
        from_s=_float(document["from_s"]),
        to_s=_float(document["to_s"]),
        readings=document["readings"],
        restarts=document["restarts"],
        job_kwh=interval_from(document["job_kwh"]),
        idle_kwh=interval_from(document["idle_kwh"]),
    )


def _region_from(document: Mapping[str, Any]) -> RegionRef:
    return RegionRef(document["zone"], document["how"], document.get("given", ""), document.get("note", ""))


def _host(host: HostResult) -> Document:
    context = {
        device: {name: dict(zip(("min", "mean", "max"), _plain(range_), strict=True)) for name, range_ in told.items()}
        for device, told in host.context.items()
    }
    return {**_plain(host._asdict()), "context": context}


def _host_from(document: Mapping[str, Any]) -> HostResult:
    return HostResult(
        id=document["id"],
        cpu=document["cpu"],
        logical_cpus=document["logical_cpus"],
        memory_gb=document["memory_gb"],
        virtual=document["virtual"],
        gpus=tuple(document["gpus"]),
        context={
            device: {name: (told["min"], told["mean"], told["max"]) for name, told in quantities.items()}
            for device, quantities in document.get("context", {}).items()
        },
        container=document.get("container"),
    )


def _boundary_from(document: Mapping[str, Any]) -> Boundary:
    return Boundary(
        tuple(document["measured"]),
        tuple(document["modelled"]),
        tuple(document["left_out"]),
        tuple(document.get("notes", ())),
        tuple(document.get("stated", ())),
    )


def _own_from(document: Mapping[str, Any]) -> OwnCost:
    return OwnCost(
        _float(document["cpu_s"]),
        _float(document["energy_j"]),
        _float(document["share"]),
        document.get("thinned", False),
    )


def _activity_from(document: Mapping[str, Any]) -> Activity:
    stolen_s = _float(document.get("steal_s", 0.0))
    return Activity(_float(document["cpu_s"]), document["host_cpu_s"], document["processes"], stolen_s)


def _provenance(made_by: Provenance) -> Document:
    """``own_factors`` only where the user has any, ``recomputed`` only where the figures were made anew, ``aged`` only
    where a factor is.
    """
    told: Document = _plain(made_by._asdict())
    if not made_by.aged:
        del told["aged"]
    if not made_by.recomputed:
        del told["recomputed"]
    del told["own"]
    instead_of, own = told.pop("instead_of"), made_by.own
    if own is None:
        return told
    return {**told, "own_factors": own_factors_document(own, instead_of)}


def own_factors_document(own: "OwnFactors", instead_of: Mapping[str, Iterable[str]]) -> Document:
    """``provenance.own_factors``: the user's own factors of a place, and what each was used in place of."""
    rows = [{"id": row.id, **_plain(row._asdict())} for row in own.rows]
    contract = None if own.contract is None else _plain(own.contract._asdict())
    gone = {name: list(ids) for name, ids in instead_of.items()}
    return {"file": own.file, "sha256": own.sha256, "rows": rows, "contract": contract, "instead_of": gone}


def own_factors_from(document: Mapping[str, Any] | None) -> Any:
    """The user's own factors of ``provenance.own_factors``; None where there are none."""
    if document is None:
        return None
    from footprint.records.own_factors import Contract, OwnFactors, OwnRow

    rows = tuple(OwnRow(**{name: row[name] for name in OwnRow._fields if name in row}) for row in document["rows"])
    contract = document.get("contract")
    return OwnFactors(document["file"], document["sha256"], rows, None if contract is None else Contract(**contract))


def _provenance_from(document: Mapping[str, Any]) -> Provenance:
    own = document.get("own_factors")
    return Provenance(
        footprint=document["footprint"],
        catalogue=document["catalogue"],
        catalogue_sha256=document["catalogue_sha256"],
        factors=tuple(document["factors"]),
        settings=dict(document["settings"]),
        idle=dict(document.get("idle", {})),
        own=own_factors_from(own),
        instead_of={} if own is None else {name: tuple(gone) for name, gone in own["instead_of"].items()},
        recomputed=dict(document.get("recomputed", {})),
        aged=tuple(document.get("aged", ())),
    )
