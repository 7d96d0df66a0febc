"""``footprint.verify/1`` and ``footprint.recompute/1``: what the verbs give to scripts; and documents that come in."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from footprint.errors import UsageError
from footprint.impacts import INDICATORS
from footprint.interval import is_known
from footprint.recompute.preview import Preview
from footprint.recompute.recomputing import Factors, Outcome
from footprint.recompute.verifying import HOLDS, Verdict
from footprint.records.document import SCHEMA, Document, interval_document
from footprint.store.examining import Examined
from footprint.version import VERSION

VERIFY, RECOMPUTE, SUMS = "footprint.verify/1", "footprint.recompute/1", "footprint.recompute-sums/1"
_LARGEST = 64 * 1024 * 1024


def read(path: str) -> Document:
    """A document of a run from a file. Raises UsageError where it is none."""
    what = f"--file {path}"
    try:
        if os.path.getsize(path) > _LARGEST:
            raise UsageError(what, "it is larger than any run's document", "name a file of `footprint show --json`")
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except OSError as fault:
        raise UsageError(what, fault.strerror or str(fault), "name a file that can be read") from None
    except (ValueError, RecursionError) as fault:
        raise UsageError(what, f"it is no JSON ({fault})", "name a file of `footprint show --json`") from None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA or not isinstance(found.get("run_id"), str):
        raise UsageError(what, f"it is no document {SCHEMA} of a run", "name a file of `footprint show --json`")
    return found


def of_verdicts(verdicts: Iterable[Verdict], examined: Examined, faults: Sequence[str]) -> dict[str, Any]:
    """``footprint.verify/1``: each run, and the chain of records that all of them are in."""
    return {
        "schema": VERIFY,
        "runs": [_of_verdict(one) for one in verdicts],
        "chain": {
            "holds": not faults,
            "head": examined.head,
            "links": examined.links,
            "deleted": len(examined.deleted),
            "faults": list(faults),
            "notes": list(examined.notes),
        },
    }


def _of_verdict(one: Verdict) -> dict[str, Any]:
    return {
        "run_id": one.run_id,
        "holds": one.state == HOLDS,
        "differences": [difference._asdict() for difference in one.differences],
        "state": one.state,
        "why": one.why,
        "version": one.version,
        "catalogue": one.catalogue,
        "sealed": one.is_sealed,
        "note": one.note,
    }


def of_outcomes(outcomes: Iterable[Outcome], factors: Factors, *, dry_run: bool) -> dict[str, Any]:
    """``footprint.recompute/1``: each run with its energy and totals before and after."""
    return {
        "schema": RECOMPUTE,
        "dry_run": dry_run,
        "footprint": VERSION,
        "catalogue": factors.pinned.version,
        "catalogue_sha256": factors.pinned.sha256,
        "runs": [
            {
                "run_id": one.run_id,
                "state": one.state,
                "version": one.version,
                "why": one.why,
                "before": None if one.before is None else totals(one.before),
                "after": None if one.after is None else totals(one.after),
            }
            for one in outcomes
        ],
    }


def of_preview(found: Preview, factors: Factors) -> dict[str, Any]:
    """``footprint.recompute-sums/1``: sums over the same runs as they stand and as they would be; null is no figure."""
    return {
        "schema": SUMS,
        "footprint": VERSION,
        "catalogue": factors.pinned.version,
        "catalogue_sha256": factors.pinned.sha256,
        "runs": found.runs,
        "left_out": [{"why": why, "runs": count} for why, count in found.left_out.items()],
        "impacts": {
            key: {"unit": INDICATORS[key].unit, "class": INDICATORS[key].kind}
            | {name: interval_document(value) if is_known(value) else None for name, value in change._asdict().items()}
            for key, change in found.sums.items()
        },
    }


def totals(document: Mapping[str, Any]) -> dict[str, Any]:
    """A run's energy and the total of each indicator, or why there is none."""
    impacts = {key: one.get("total", {"missing": one.get("missing")}) for key, one in document["impacts"].items()}
    return {
        "catalogue": document["provenance"]["catalogue"],
        "job_kwh": document["energy"]["job_kwh"],
        "impacts": impacts,
    }
