"""The summary of a run: on hand-made runs, compared with golden files.

Renew the golden files with ``UPDATE_GOLDEN=1 pytest tests/unit/test_summary.py`` and read the diff.
"""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footprint import equivalents, summary
from footprint.interval import UNKNOWN, Interval, exact
from footprint.records.derivation import Impact, Missing
from footprint.records.raw import RegionRef
from footprint.records.result import (
    Activity,
    Boundary,
    Component,
    Energy,
    Gap,
    HostResult,
    OwnCost,
    Provenance,
    Run,
    UnitResult,
)

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
ID = "01JDFX3M2K4R8V0W6Y1Z5B7C9D"
NO_HARDWARE = Missing("what the hardware took to make is not worked out yet")


def envelope(low, central, high):
    return Interval(low, central, high, "envelope")


def component(kind, channel, method, quality):
    return Component(kind, channel, method, quality, exact(2.0), exact(1.0), exact(1.0), 1.0)


def impact(unit, operational, embodied=NO_HARDWARE):
    return Impact(unit, "status", operational, embodied, operational)


MODELLED = (
    component("cpu", "package-0", "model", "modelled"),
    component("dram", "dram-0", "model", "modelled"),
    component("overhead", "overhead", "model", "modelled"),
)

DIGITS = Run(
    run_id=ID,
    group=None,
    continues=None,
    parent=None,
    name="digits",
    project="demo",
    team=None,
    tags={},
    status="completed",
    exit_code=0,
    error=None,
    started_at="2026-11-24T09:00:00.000Z",
    ended_at="2026-11-24T09:00:10.300Z",
    duration_s=10.3,
    region=RegionRef("FR", "flag", "FR"),
    host=HostResult("h", "A CPU", 2, 24.0, True, ()),
    energy=Energy(
        job_kwh=envelope(8.9e-5, 1.415e-4, 2.1e-4),
        host_kwh=envelope(9e-5, 1.5e-4, 2.3e-4),
        facility_kwh=envelope(9.2e-5, 2.1e-4, 4e-4),
        pue=envelope(1.03, 1.5, 2.0),
        components_kwh=envelope(8e-5, 1.2e-4, 1.9e-4),
        idle_policy="reserved",
        components=MODELLED,
    ),
    boundary=Boundary((), ("cpu", "dram", "overhead"), ("network",)),
    own=OwnCost(0.01, 0.1, 0.001),
    activity=Activity(20.86, 21.0, 4),
    impacts={
        "carbon_location": impact("gCO2e", envelope(0.0021, 0.0118, 0.031)),
        "water": impact("L", envelope(1e-5, 3e-4, 2e-3)),
    },
    spans=(),
    units={},
    provenance=Provenance("0.1.0", "2026.11", "0" * 64, (), {}, {}),
)

MEASURED = DIGITS._replace(
    name="train",
    project=None,
    duration_s=7_325.0,
    region=RegionRef("US-CA", "cloud", "aws:us-west-1"),
    energy=DIGITS.energy._replace(
        job_kwh=Interval(1.31, 1.374, 1.441, "p90"),
        components=(
            component("cpu", "package-0", "rapl-counter", "measured"),
            component("cpu", "package-1", "rapl-counter", "measured"),
            *(component("gpu", f"gpu-{n}", "nvml-energy", "measured") for n in range(8)),
            component("overhead", "overhead", "model", "modelled"),
        ),
        gaps=(
            Gap("gpu-3", 61.0, 62.0, "GPU is lost", "interpolated"),
            Gap("gpu-3", 120.0, 122.5, "GPU is lost", "model"),
        ),
    ),
    impacts={
        "carbon_location": impact("gCO2e", envelope(300.0, 352.1, 410.0), envelope(2.0, 55.0, 120.0)),
        "water": impact("L", Interval(0.8, 2.41, 9.0, "lower_bound")),
    },
    units={"images": UnitResult(128_000, {"job_kwh": exact(1.0734e-5)}), "epochs": UnitResult(3, {})},
)

NOTHING = DIGITS._replace(
    name=None,
    project=None,
    duration_s=0.0,
    activity=Activity(0.0, None, 0),
    region=RegionRef("WORLD", "unknown", "", "nothing tells where this host stands"),
    energy=DIGITS.energy._replace(
        job_kwh=UNKNOWN, host_kwh=UNKNOWN, facility_kwh=UNKNOWN, components_kwh=UNKNOWN, components=()
    ),
    boundary=Boundary((), (), (), ("nothing was measured: the run ended before a second reading",)),
    impacts={
        "carbon_location": impact("gCO2e", Missing("no energy was measured")),
        "water": impact("L", UNKNOWN),
    },
)

CRASHED = DIGITS._replace(
    status="crashed",
    exit_code=None,
    region=RegionRef("DE", "timezone", "", "a guess"),
    energy=DIGITS.energy._replace(
        job_kwh=Interval(2.0e-7, 2.0e-7, 2.0e-7, "lower_bound"),
        idle_policy="none",
        gaps=(Gap("gpu-0", 0.0, 10.3, "NVML: driver not loaded", "none"),),
    ),
)

UNICODE = DIGITS._replace(
    name="Übung 模型\n\x1b[31mred",
    project="čaj ☕",
    exit_code=7,
    error=None,
    energy=DIGITS.energy._replace(job_kwh=exact(12_345.678)),
    units={"картинки": UnitResult(10, {"job_kwh": exact(1_234.5678)})},
)

RUNS = {"digits": DIGITS, "measured": MEASURED, "nothing": NOTHING, "crashed": CRASHED, "unicode": UNICODE}


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("form", ["summary", "plain_summary"])
def test_summaries_are_as_in_the_golden_files(name, form):
    said = {"summary": summary.text, "plain_summary": summary.plain}[form](RUNS[name]) + "\n"
    path = GOLDEN / f"{form}-{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
@pytest.mark.parametrize("form", [summary.text, summary.plain])
def test_a_summary_has_at_most_12_lines_and_ends_with_the_runs_id(form, run):
    lines = form(run).splitlines()
    assert len(lines) <= 12
    assert f"footprint show {ID}" in lines[-1]
    assert all(line.isprintable() for line in lines), "a name moved the cursor"


def test_a_run_that_could_not_be_kept_is_not_offered_to_be_seen_again():
    assert "footprint show" not in summary.text(DIGITS, kept=False)
    assert ID in summary.text(DIGITS, kept=False)


@given(st.floats(min_value=1e-12, max_value=1e9))
def test_every_energy_has_an_everyday_equivalent_with_its_source(kwh):
    thing, source = summary.equivalent(kwh)
    assert "{" not in thing
    assert source


def test_an_equivalent_is_arithmetic():
    assert summary.equivalent(1 / 360) == (
        "a 10 W LED lamp lit for about 16 min 40 s",
        "SI Brochure (BIPM): 1 W = 1 J/s",
    )
    assert summary.equivalent(0.9882431)[0] == "heating about 10.0 L of water from 15 °C to the boil"


def test_every_equivalent_names_where_its_energy_is_from():
    for one in equivalents.EQUIVALENTS:
        assert all((one.source, one.licence, one.formula))
        assert 1900 < one.year < 2100
    limits = [one.up_to_j for one in equivalents.EQUIVALENTS]
    assert limits == sorted(limits)
