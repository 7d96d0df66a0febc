"""A run as rows of the store. They are made of its document, so that ``list`` and ``show`` say the same."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from footprint.records.document import Document, as_document
from footprint.records.raw import RawRun
from footprint.records.result import Run

Row = dict[str, Any]
OVERHEAD = "overhead-model"


class Rows(NamedTuple):
    """What the store keeps of one run."""

    run: Row
    impacts: list[Row]
    tags: list[Row]


def rows_of(run: Run, raw: RawRun, data: bytes) -> Rows:
    """The rows of a run, of what was measured, and of its journal's bytes."""
    document = as_document(run)
    return rows_of_document(document, sensor_classes(document, raw), hashlib.sha256(data).hexdigest())


def rows_of_document(document: Document, sensor: str, raw_sha256: str) -> Rows:
    """The rows of a run from its document, its classes of sensor and the hash of its journal.

    Raises KeyError, TypeError where the document is none of a form that this version knows.
    """
    run_id = document["run_id"]
    low, central, high, kind = _bounds(document["energy"]["job_kwh"])
    row: Row = {
        "run_id": run_id,
        "started_at": document["started_at"],
        "day": document["started_at"][:10],
        "duration_s": document["duration_s"],
        "name": document["name"],
        "project": document["project"],
        "team": document["team"],
        "status": document["status"],
        "exit_code": document["exit_code"],
        "group_id": document["group"],
        "parent": document["parent"],
        "continues": document["continues"],
        "zone": document["region"]["zone"],
        "zone_how": document["region"]["how"],
        "host_id": document["host"]["id"],
        "idle_policy": document["energy"]["idle_policy"],
        "sensor": sensor,
        "measured_share": measured_share(document),
        "job_kwh_low": low,
        "job_kwh": central,
        "job_kwh_high": high,
        "job_kwh_kind": kind,
        "raw_sha256": raw_sha256,
        "document": text_of(document),
    }
    impacts = [_impact_row(run_id, key, impact) for key, impact in document["impacts"].items()]
    tags = [{"run_id": run_id, "key": key, "value": str(value)} for key, value in document["tags"].items()]
    return Rows(row, impacts, tags)


def text_of(document: Document) -> str:
    """A document as the store keeps it: the text that its seal is of."""
    return json.dumps(document, separators=(",", ":"))


def _impact_row(run_id: str, indicator: str, impact: Mapping[str, Any]) -> Row:
    low, central, high, kind = _bounds(impact.get("total", {}))
    factor = "+".join(sorted({*impact.get("factors", ()), *impact.get("made", ())}))
    return {
        "run_id": run_id,
        "indicator": indicator,
        "unit": impact["unit"],
        "factor": factor,
        "low": low,
        "central": central,
        "high": high,
        "kind": kind,
    }


def _bounds(interval: Mapping[str, Any]) -> tuple[float | None, float | None, float | None, str]:
    """An interval's bounds and kind. All of them are there, or none: sums rest on that."""
    low, central, high = (interval.get(bound) for bound in ("low", "central", "high"))
    known = low is not None and central is not None and high is not None
    return (low, central, high, interval["kind"]) if known else (None, None, None, "lower_bound")


def sensor_classes(document: Document, raw: RawRun) -> str:
    """The classes of sensor, and of model, behind a run's energy: runs that share one share its error."""
    sensors = {channel.name: channel.sensor for channel in raw.head.channels}
    found = set()
    for component in document["energy"]["components"]:
        if component["quality"] == "measured":
            found.add(sensors.get(component["channel"], "unstated"))
        elif component["quality"] == "stated":
            found.add(component["method"])
        else:
            found.add(OVERHEAD if component["kind"] == "overhead" else f"{component['kind']}-model")
    return "+".join(sorted(found))


def measured_share(document: Document) -> float | None:
    """The share of the job's energy that was measured, 0 to 1; None where there is no energy."""
    parts = [(part["quality"], part["job_j"]["central"]) for part in document["energy"]["components"]]
    known = [(quality, energy_j) for quality, energy_j in parts if energy_j is not None]
    whole_j = math.fsum(energy_j for _, energy_j in known)
    if whole_j <= 0:
        return None
    return math.fsum(energy_j for quality, energy_j in known if quality == "measured") / whole_j
