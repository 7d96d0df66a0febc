"""The state that devices were in is kept with a run: in its journal, its document, and in what show says."""

import json
from pathlib import Path

import made_journals
from jsonschema import Draft202012Validator

from footprint import catalogue, journal
from footprint import journal_form as form
from footprint.account import account
from footprint.cli import state_text
from footprint.records.document import as_document, from_document
from footprint.records.raw import Frame, RawRun, RunEnd

SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "run-1.json"
TOLD = {
    "gpu-0": {
        "temperature_c": (40.0, 61.25, 74.0), "clock_mhz": (210.0, 1_410.0, 1_980.0), "power_limit_w": (700.0,) * 3,
        "slowed_by_power": (0.0, 0.125, 1.0), "slowed_by_heat": (0.0, 0.0, 0.0),
    },
    "package-0": {"temperature_c": (50.0, 55.0, 60.0), "throttle_count": (12.0, 13.0, 15.0)},
}  # fmt: skip


def result(context):
    frames = (Frame(0.0, (0.0,), 0.0, 0.0), Frame(1.0, (30.0,), 1.0, 1.0))
    raw = RawRun(made_journals.head(), frames, end=RunEnd(1.0, "completed", 0, context=context))
    return account(raw, catalogue.load("FR"))


def test_it_is_in_the_document_by_its_schema_and_comes_back():
    document = as_document(result(TOLD))
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
    assert document["host"]["context"]["gpu-0"]["temperature_c"] == {"min": 40.0, "mean": 61.25, "max": 74.0}
    assert from_document(document).host.context == TOLD
    assert as_document(result({}))["host"]["context"] == {}


def test_a_document_of_before_has_none_and_reads():
    document = as_document(result(TOLD))
    del document["host"]["context"]
    assert from_document(document).host.context == {}


def test_it_is_in_the_journal_and_an_end_of_before_reads_without(tmp_path):
    log = journal.Journal(str(tmp_path), made_journals.head())
    log.close(RunEnd(1.0, "completed", 0, context=TOLD))
    assert journal.read(log.path).end.context == TOLD
    old = {name: value for name, value in form.plain(RunEnd(1.0, "completed", 0)).items() if name != "context"}
    assert form.end_from(old) == RunEnd(1.0, "completed", 0)


def test_show_says_it_in_a_line_for_each_device():
    gpu = "State of gpu-0: 61 °C (40 to 74), clock 1,410 MHz (210 to 1,980), power limit 700 W, "
    gpu += "slowed by its power limit for 12% of the time"
    package = "State of package-0: 55 °C (50 to 60), slowed by heat 3 times"
    assert state_text.text(result(TOLD)).splitlines() == [gpu, package]
    assert state_text.text(result({})) == ""
