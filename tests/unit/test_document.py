"""The document ``footprint.run/1``: its keys, their order, and what stands where there is no figure."""

import json
import math

from made_journals import frame, head, result

from footprint.interval import UNKNOWN
from footprint.records.document import SCHEMA, as_document, from_document
from footprint.records.raw import RawRun

RUN = result(RawRun(head(tags={"été": "✓"}), (frame(0.0), frame(4.0))))
KEYS = [
    "schema", "run_id", "group", "continues", "parent", "name", "project", "team", "tags", "status", "exit_code",
    "error", "started_at", "ended_at", "duration_s", "region", "host", "energy", "boundary", "self", "activity",
    "impacts", "spans", "units", "provenance", "serving", "hardware",
]  # fmt: skip


def test_keys_stand_in_the_order_of_the_schema():
    assert list(as_document(RUN)) == KEYS
    assert as_document(RUN)["schema"] == SCHEMA


def test_what_is_not_a_number_is_null_and_comes_back_as_nan():
    run = RUN._replace(energy=RUN.energy._replace(job_kwh=UNKNOWN))
    document = as_document(run)
    assert document["energy"]["job_kwh"] == {"low": None, "central": None, "high": None, "kind": "lower_bound"}
    assert math.isnan(from_document(document).energy.job_kwh.central)


def test_an_impact_without_a_total_says_why_and_nothing_else():
    assert as_document(RUN)["impacts"]["minerals"] == {"unit": "kgSb-eq", "class": "direction", "missing": "no data"}


def test_keys_of_later_versions_are_left_out():
    document = as_document(RUN) | {"later": 1}
    document["energy"] |= {"later": 1}
    assert as_document(from_document(document)) == as_document(RUN)


def test_numbers_have_twelve_digits():
    document = as_document(RUN._replace(duration_s=1.23456789012345))
    assert document["duration_s"] == 1.23456789012
    json.dumps(document, allow_nan=False)
