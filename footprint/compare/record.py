"""What a comparison says, and its document ``footprint.compare/1``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from footprint.interval import Interval, rounded
from footprint.records.derivation import Impact, Missing
from footprint.records.document import interval_document
from footprint.records.result import Run

SCHEMA = "footprint.compare/1"
OVERLAP = "the ranges overlap: cannot be told apart"
"""Why two amounts of which all is known cannot be told apart."""


class Quantity(NamedTuple):
    """One amount of two runs."""

    key: str
    """``job_kwh`` or an indicator: of an indicator what using the hardware took."""
    unit: str
    per: str | None
    """A functional unit, of which this is one unit's part; None for the whole run."""
    a: Interval
    b: Interval
    a_total: Interval
    """Of the whole run: a part never stands alone."""
    b_total: Interval
    difference: Interval
    """B − A."""
    ratio: Interval
    """B ÷ A; NaN where it cannot be told."""
    verdict: str
    """Of B: ``less``, ``more``, ``same`` (it is the same run) or ``cannot_tell``."""
    why: str
    """Why it cannot be told; else empty."""
    cancelled: tuple[str, ...]
    """Whose error both share: it is not in the range of the ratio."""


class Pair(NamedTuple):
    """A run compared with the first."""

    a: Run
    b: Run
    quantities: tuple[Quantity, ...]


class Comparison(NamedTuple):
    """Runs compared with the first of them."""

    runs: tuple[Run, ...]
    pairs: tuple[Pair, ...]
    notes: tuple[str, ...]


def as_document(comparison: Comparison, gates: list[dict[str, Any]]) -> dict[str, Any]:
    """``footprint.compare/1``: numbers with 12 significant digits, null where there is none."""
    return {
        "schema": SCHEMA,
        "baseline": comparison.runs[0].run_id,
        "runs": [_run(run) for run in comparison.runs],
        "comparisons": [
            {
                "run_id": pair.b.run_id,
                "with": pair.a.run_id,
                "same_run": pair.a.run_id == pair.b.run_id,
                "quantities": [_quantity(one) for one in pair.quantities],
            }
            for pair in comparison.pairs
        ],
        "notes": list(comparison.notes),
        "gates": gates,
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "name": run.name,
        "project": run.project,
        "status": run.status,
        "started_at": run.started_at,
        "duration_s": rounded(run.duration_s) if math.isfinite(run.duration_s) else None,
        "idle_policy": run.energy.idle_policy,
        "zone": run.region.zone,
        "catalogue_sha256": run.provenance.catalogue_sha256,
        "job_kwh": interval_document(run.energy.job_kwh),
        "impacts": {key: _impact(impact) for key, impact in run.impacts.items()},
        "units": {name: rounded(unit.amount) for name, unit in run.units.items()},
    }


def _impact(impact: Impact) -> Mapping[str, Any]:
    if isinstance(impact.operational, Missing):
        return {"unit": impact.unit, "missing": impact.operational.missing}
    return {"unit": impact.unit, "operational": interval_document(impact.operational)}


def _quantity(one: Quantity) -> dict[str, Any]:
    told: dict[str, Any] = {"quantity": one.key, "unit": one.unit, "per": one.per}
    told |= {name: interval_document(getattr(one, name)) for name in ("a", "b", "a_total", "b_total")}
    told |= {name: interval_document(getattr(one, name)) for name in ("difference", "ratio")}
    return told | {"verdict": one.verdict, "why": one.why, "cancelled": list(one.cancelled)}
