"""Numbers for people, and the summary of a run: on hand-made runs, compared with golden files.

Renew the golden files with ``UPDATE_GOLDEN=1 pytest tests/unit/test_wording.py`` and read the diff.
"""

import ast
import math
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footprint import equivalents, wording
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
    said = getattr(wording, form)(RUNS[name]) + "\n"
    path = GOLDEN / f"{form}-{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
@pytest.mark.parametrize("form", [wording.summary, wording.plain_summary])
def test_a_summary_has_at_most_12_lines_and_ends_with_the_runs_id(form, run):
    lines = form(run).splitlines()
    assert len(lines) <= 12
    assert f"footprint show {ID}" in lines[-1]
    assert all(line.isprintable() for line in lines), "a name moved the cursor"


def test_a_run_that_could_not_be_kept_is_not_offered_to_be_seen_again():
    assert "footprint show" not in wording.summary(DIGITS, kept=False)
    assert ID in wording.summary(DIGITS, kept=False)


@pytest.mark.parametrize(
    ("kwh", "said"),
    [
        (0.0, "0 kWh"),
        (1.415e-4, "142 mWh"),
        (9.996e-4, "1.00 Wh"),
        (9.994e-4, "999 mWh"),
        (1.0, "1.00 kWh"),
        (123_456.0, "123 MWh"),
        (4e-12, "4.00 nWh"),
        (4e-16, "4.00e-4 nWh"),
        (5e11, "500,000 GWh"),
        (math.nan, "no figure"),
        (math.inf, "no figure"),
    ],
)
def test_energies_have_three_digits_and_a_unit_that_fits(kwh, said):
    assert wording.energy(kwh) == said


def test_masses_and_volumes_have_their_own_units():
    assert wording.mass(0.031, "CO2e") == "31.0 mg CO2e"
    assert wording.mass(2_000_000.0) == "2.00 t"
    assert wording.volume(0.0003) == "300 µL"
    assert wording.volume(1_500.0) == "1.50 m3"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "0 s"),
        (0.05, "50.0 ms"),
        (0.9999, "1 s"),
        (10.34, "10.3 s"),
        (59.97, "1 min"),
        (125.0, "2 min 5 s"),
        (3_600.0, "1 h"),
        (12_000.0, "3 h 20 min"),
        (367_000.0, "4 d 5 h"),
        (78_894_000.0, "2.50 years"),
        (math.nan, "no figure"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds, said):
    assert wording.duration(seconds) == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (exact(0.002), "kWh", "2.00 Wh"),
        (envelope(0.001, 0.002, 0.004), "kWh", "2.00 Wh (1.00 to 4.00, envelope)"),
        (Interval(0.001, 0.002, 0.004, "p90"), "kWh", "2.00 Wh (1.00 to 4.00, 90 % interval)"),
        (envelope(1e-9, 0.002, 4e4), "kWh", "2.00 Wh (1.00 µWh to 40.0 MWh, envelope)"),
        (Interval(0.001, 0.002, 0.004, "lower_bound"), "kWh", "at least 1.00 Wh (2.00 Wh counted)"),
        (Interval(0.002, 0.002, 0.002, "lower_bound"), "kWh", "at least 2.00 Wh"),
        (envelope(0.0, 12.0, 30.0), "gCO2e", "12.0 g CO2e (0 to 30.0, envelope)"),
        (envelope(1e-12, 2e-12, 3e-12), "species.yr", "2.00e-12 species.yr (1.00e-12 species.yr to 3.00e-12 species.yr, envelope)"),
        (Missing("no factor\nhere"), "L", "no figure: no factor?here"),
        (UNKNOWN, "L", "no figure"),
    ],
)  # fmt: skip
def test_a_range_is_said_with_its_kind(value, unit, said):
    assert wording.interval_text(value, unit) == said


@given(st.floats(min_value=1e-30, max_value=1e30))
def test_what_is_not_zero_is_never_written_as_zero(value):
    for said in (wording.number(value), wording.energy(value), wording.mass(value), wording.volume(value)):
        assert re.search(r"[1-9]", said)


@given(st.floats(min_value=1e-20, max_value=1e20))
def test_a_written_number_is_within_half_a_percent_of_the_number(value):
    assert float(wording.number(value).replace(",", "")) == pytest.approx(value, rel=0.0051)


@given(st.floats(min_value=1e-12, max_value=1e9))
def test_every_energy_has_an_everyday_equivalent_with_its_source(kwh):
    thing, source = wording.equivalent(kwh)
    assert "{" not in thing
    assert source


def test_an_equivalent_is_arithmetic():
    assert wording.equivalent(1 / 360) == (
        "a 10 W LED lamp lit for about 16 min 40 s",
        "SI Brochure (BIPM): 1 W = 1 J/s",
    )
    assert wording.equivalent(0.9882431)[0] == "heating about 10.0 L of water from 15 °C to the boil"


def test_every_equivalent_names_where_its_energy_is_from():
    for one in equivalents.EQUIVALENTS:
        assert all((one.source, one.licence, one.formula))
        assert 1900 < one.year < 2100
    limits = [one.up_to_j for one in equivalents.EQUIVALENTS]
    assert limits == sorted(limits)


CLAIMS = re.compile(
    r"carbon[- ]neutral|\bgreen\b|eco-?friendly|sustainab|climate[- ]neutral|net[- ]zero|planet-friendly", re.IGNORECASE
)
NAMES_OF_OTHERS = re.compile(
    r"green cloud computing|green-e|green algorithms|greenalgorithms|green[ _-]coding|green[- ]software|ACS Sustainab\w+",
    re.IGNORECASE,
)


def _texts(path):
    """What a file can print: the strings of a program, the lines of anything else."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return enumerate(text.splitlines(), 1)
    strings = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    return ((node.lineno, node.value) for node in strings if isinstance(node.value, str))


def test_no_word_of_ours_claims_more_than_a_number():
    """Names of sources may hold such words; what we say ourselves may not."""
    found = []
    for folder in ("footprint", "collectors", "dashboard"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in {".py", ".csv", ".json", ".css", ".js", ".html", ".md", ".toml"}:
                continue
            for line, text in _texts(path):
                claim = CLAIMS.search(NAMES_OF_OTHERS.sub("", text))
                if claim:
                    found.append(f"{path.relative_to(ROOT)}:{line}: {claim[0]}")
    assert not found, "\n".join(found)
