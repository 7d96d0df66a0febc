"""``docs/schema/estimate-1.json`` says what ``footprint.estimate/1`` is: estimates hold to it, and it knows their keys."""

import json
from pathlib import Path

import jsonschema
import pytest
from schema_keys import unknown_keys

import footprint
from footprint import estimation

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "estimate-1.json").read_text(encoding="utf-8"))
ASKED = {
    "energy": {"energy_kwh": 1, "region": "FR"},
    "facility": {"energy_kwh": "1:2:3", "energy_at": "facility", "region": "aws:eu-west-3", "embodied": "none"},
    "components": {"energy_kwh": 1, "energy_at": "components", "year": 2024},
    "power": {"power_w": (1, 2, 3), "hours": 5, "count": 2, "intensity": 40, "intensity_market": 0, "embodied_kg": 10},
    "nameplate": {"tdp_w": 400, "device_hours": 100, "units": {"runs": 2, "images": "90:100:110"}},
    "hardware": {"gpu": "NVIDIA H100 SXM", "cpu": "AMD EPYC 7763", "hours": 5, "dram_gb": 64, "tags": {"k": "été"}},
    "tokens": {"llm": "llama-3.1-70b", "tokens_out": 100, "tokens_in": 20, "name": "serve", "project": "x"},
    "request": {"llm": "gemini-apps-median-text-prompt", "requests": 10},
    "embodied": {"cpu_die_mm2": 294, "ssd_gb": 400, "share": 0.5, "region": "CH"},
    "saved": {"energy_kwh": 1, "save": True},
}


def document(name):
    return json.loads(json.dumps(estimation.as_document(footprint.estimate(**ASKED[name])), allow_nan=False))


def check(told):
    jsonschema.Draft202012Validator(SCHEMA).validate(told)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", ASKED)
def test_estimates_hold_to_the_schema(name):
    check(document(name))


@pytest.mark.parametrize("key", SCHEMA["required"])
def test_the_schema_misses_each_key(key):
    told = document("energy")
    del told[key]
    with pytest.raises(jsonschema.ValidationError):
        check(told)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "footprint.run/1"),
        (("estimate",), False),
        (("route",), "guess"),
        (("energy", "job_kwh", "kind"), "sure"),
        (("energy", "job_kwh", "low"), -1),
        (("impacts", "carbon_location", "total"), 3.0),
        (("impacts", "water_scarcity", "missing"), ""),
        (("region", "how"), "hearsay"),
        (("assumed", 0, "why"), ""),
    ],
)
def test_the_schema_refuses_what_is_wrong(path, value):
    told = document("energy")
    place = told
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        check(told)


@pytest.mark.parametrize("name", ASKED)
def test_the_schema_knows_every_key_that_is_written(name):
    assert unknown_keys(document(name), SCHEMA, SCHEMA) == []


@pytest.mark.parametrize("name", ASKED)
def test_every_factor_that_was_used_is_named_as_assumed(name):
    """Nothing is taken from the catalogue without a word."""
    told = document(name)
    assumed = {item["factor"] for item in told["assumed"]}
    assert assumed - {None} == set(told["provenance"]["factors"])


@pytest.mark.parametrize("name", ASKED)
def test_an_estimate_read_back_says_the_same(name):
    told = document(name)
    assert json.loads(json.dumps(estimation.as_document(estimation.from_document(told)))) == told
