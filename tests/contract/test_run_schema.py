"""``docs/schema/run-1.json`` says what ``footprint.run/1`` is: results hold to it, and it knows all their keys."""

import json
from pathlib import Path

import jsonschema
import pytest
from made_journals import frame, head, result
from schema_keys import unknown_keys

from footprint import catalogue
from footprint.account import account
from footprint.collectors.channel import Channel
from footprint.interval import UNKNOWN
from footprint.records.document import as_document
from footprint.records.raw import Event, Frame, RawRun, RunEnd, SpanName

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "run-1.json").read_text())
GPU = Channel("gpu", "gpu-0", "nvidia_nvml", "nvml-energy", "counter", "nvml:0", refresh_s=0.1)
END = RunEnd(4.0, "completed", 0, None, {"images": 10.0, "nothing": 0.0}, (SpanName(0, "epoch 1", None),))


def spanned(t_s):
    return frame(t_s)._replace(spans=((0, 1.0),))


RAWS = {
    "whole": RawRun(head(tags={"k": "été ✓"}), tuple(spanned(t / 2) for t in range(9)), end=END),
    "crashed": RawRun(head(), (frame(0.0), frame(4.0)), crashed=True),
    "running": RawRun(head(), (frame(0.0), frame(4.0))),
    "no time": RawRun(head(), (frame(0.0),), end=END),
    "nothing": RawRun(head(), ()),
    "gap": RawRun(
        head()._replace(channels=(GPU,)),
        tuple(Frame(float(t), (None if t == 2 else 10.0 * t,), None, float(t)) for t in range(4)),
        events=(Event(2.0, "gpu-0", "failed", "NVML said: unknown error"),), end=END,
    ),
}  # fmt: skip


def check(document):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)


@pytest.mark.parametrize("name", RAWS)
def test_accounted_runs_hold_to_the_schema(name):
    raw = RAWS[name]
    check(json.loads(json.dumps(as_document(account(raw, catalogue.load("FR"))), allow_nan=False)))


def test_a_run_of_which_nothing_is_known_holds_to_the_schema():
    run = result(RAWS["whole"])
    check(as_document(run._replace(energy=run.energy._replace(job_kwh=UNKNOWN), duration_s=float("nan"))))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "footprint.run/2"),
        (("started_at",), "yesterday"),
        (("energy", "job_kwh", "kind"), "guess"),
        (("energy", "idle_policy"), "some"),
        (("impacts", "carbon_location", "class"), "good"),
        (("impacts", "carbon_location", "total"), 3.0),
        (("region", "how"), "hearsay"),
        (("exit_code",), "0"),
    ],
)
def test_the_schema_refuses_what_is_wrong(path, value):
    document = as_document(result(RAWS["whole"]))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        check(document)


@pytest.mark.parametrize("key", SCHEMA["required"])
def test_the_schema_misses_each_key(key):
    document = as_document(result(RAWS["whole"]))
    del document[key]
    with pytest.raises(jsonschema.ValidationError):
        check(document)


@pytest.mark.parametrize("name", RAWS)
def test_the_schema_knows_every_key_that_is_written(name):
    document = as_document(account(RAWS[name], catalogue.load("FR")))
    assert unknown_keys(document, SCHEMA, SCHEMA) == []
