"""How a run's figures are explained: on a hand-made run and a hand-made catalogue, compared with golden files.

Renew the golden files with ``UPDATE_GOLDEN=1 pytest tests/unit/test_explain.py`` and read the diff.
"""

import json
import math
import os
from pathlib import Path

import pytest

from footprint import explain
from footprint.cli import explain_text
from footprint.factors import Catalogue, Factor, SourceRef
from footprint.impacts import impacts_of
from footprint.interval import UNKNOWN, Interval, exact, product
from footprint.narrowing import Narrowing
from footprint.records.derivation import Derivation, Impact, Missing, Step
from footprint.records.raw import RegionRef
from footprint.records.result import Activity, Boundary, Component, Energy, HostResult, OwnCost, Provenance, Run

GOLDEN = Path(__file__).parents[1] / "golden"


def factor(name, low, central, high, unit, *, per="kWh", how="published", sources=("grid",), note=""):
    indicator, part, zone, year = name.split("/")
    return Factor(
        name, indicator, part, zone, per, low, central, high, "envelope", "", unit, int(year), how, sources, note
    )


ROWS = (
    factor("carbon_location/direct/FR/2025", 14, 23, 35, "gCO2e", how="derived", note="imports are left out"),
    factor("carbon_location/upstream/FR/2025", 14, 18, 133, "gCO2e", how="derived"),
    factor("water/plants/FR/2023", 0.5, 1.4, 2.5, "L"),
    factor("water/reservoirs/FR/2023", 0, 2.3, 8, "L", how="derived"),
    factor("water/on_site/unknown-hosting/2023", 0, 0.36, 2.75, "L", per="kWh-it", how="fallback", sources=("survey",)),
    factor("pue/facility/unknown-hosting/2023", 1, 1.5, 2.5, "kWh", per="kWh-it", how="fallback", sources=("survey",)),
    factor("power_model/server/dram_idle/2026", 0.1, 0.3, 0.6, "W", how="derived", sources=("servers",)),
)
SOURCES = {
    "grid": SourceRef("grid", "Electricity by country", "A statistics office", 2026, "CC BY 4.0"),
    "survey": SourceRef("survey", "Survey of data centres", "A survey", 2023, "facts"),
    "servers": SourceRef("servers", "Power of servers", "A benchmark", None, "MIT"),
}
KNOWN = explain.Known({row.id: row for row in ROWS}, SOURCES, "France")


def component(kind, channel, method, quality, host, share, coverage=1.0):
    job = Interval(host.low * share, host.central * share, host.high * share, host.kind)
    rest = Interval(host.low * (1 - share), host.central * (1 - share), host.high * (1 - share), host.kind)
    return Component(kind, channel, method, quality, host, job, rest, coverage)


COMPONENTS = (
    component("cpu", "package-0", "rapl-counter", "measured", Interval(380, 400, 420, "envelope"), 0.75, 0.98),
    component("dram", "dram", "model", "modelled", Interval(20, 60, 120, "envelope"), 0.5),
    component("overhead", "overhead", "model", "modelled", Interval(40, 92, 200, "envelope"), 0.7),
)


FRANCE = RegionRef("FR", "flag", "FR")


def run(*, region=FRANCE, energy=None, rows=ROWS):
    if energy is None:
        parts = [one.job_j for one in COMPONENTS]
        job = Interval(*(math.fsum(part[end] for part in parts) / 3.6e6 for end in range(3)), "envelope")
        pue = Interval(1.0, 1.5, 2.5, "envelope")
        energy = Energy(job, job, product(job, pue), pue, job, "reserved", COMPONENTS)
    impacts = impacts_of(energy.job_kwh, energy.facility_kwh, energy.pue, Catalogue("t", "0", rows), 2026)
    impacts = {key: impact for key, impact in impacts.items() if key in {row.indicator for row in ROWS}}
    factors = ("pue/facility/unknown-hosting/2023", "power_model/server/dram_idle/2026")
    factors += tuple(name for impact in impacts.values() for name in impact.factors)
    return Run(
        run_id="01JDFX3M2K4R8V0W6Y1Z5B7C9D", group=None, continues=None, parent=None, name="digits", project="demo",
        team=None, tags={}, status="completed", exit_code=0, error=None, started_at="2026-11-24T09:00:00.000Z",
        ended_at="2026-11-24T09:00:10.300Z", duration_s=10.3, region=region,
        host=HostResult("h", "A CPU", 2, 24.0, False, ()), energy=energy, boundary=Boundary((), (), ()),
        own=OwnCost(0, 0, 0), activity=Activity(1, 1, 1), impacts=impacts, spans=(), units={},
        provenance=Provenance("0.1.0", "t", "0", factors, {}, {}),
    )  # fmt: skip


def golden(name: str, text: str) -> None:
    path = GOLDEN / f"explain-{name}"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{path}: renew it with UPDATE_GOLDEN=1 and read the diff"


def test_text_of_one_indicator():
    golden("carbon.txt", explain_text.text(run(), KNOWN, "carbon_location"))


def test_text_of_water():
    golden("water.txt", explain_text.text(run(), KNOWN, "water"))


def test_text_of_a_run_of_which_nothing_was_measured():
    nothing = Energy(UNKNOWN, UNKNOWN, UNKNOWN, exact(1.0), UNKNOWN, "reserved")
    golden("nothing.txt", explain_text.text(run(energy=nothing), KNOWN))


def test_plain_text_of_each_indicator_and_of_nothing():
    """One fact a line, formulas in words; the sources and shares that the other text has."""
    nothing = Energy(UNKNOWN, UNKNOWN, UNKNOWN, exact(1.0), UNKNOWN, "reserved")
    golden("carbon-plain.txt", explain_text.plain(run(), KNOWN, "carbon_location"))
    golden("water-plain.txt", explain_text.plain(run(), KNOWN, "water"))
    golden("nothing-plain.txt", explain_text.plain(run(energy=nothing), KNOWN))


def test_what_the_formula_gives_stands_beside_an_amount_in_other_units():
    """Land for a day of a year: whoever multiplies gets the first number."""
    step = Step("land", "facility_kwh × electricity", {"facility_kwh": exact(2e-5)}, exact(2.16e-7), "m2.yr")
    land = Impact("m2.yr", "direction", step.output, Missing("none"), step.output, {}, Derivation(step.output, (step,)))
    one = run()._replace(impacts={"land": land})
    assert " = 2.16e-7 m2.yr = 78.8 mm2.day" in explain_text.text(one, KNOWN, "land")
    said = explain_text.plain(one, KNOWN, "land").splitlines()
    (number,) = [line for line in said if "result in m2.yr: 2.16e-7" in line]
    assert said[said.index(number) + 1].endswith("result: 78.8 square millimetres for a day")


def test_text_says_that_the_place_is_a_guess():
    guessed = RegionRef("FR", "timezone", note="a guess from the clock's time zone")
    said = explain_text.text(run(region=guessed), KNOWN, "water").replace("\n", " ")
    assert "As to the place: A guess from the clock's time zone." in said


NARROW = (
    Narrowing("wall_meter", "read a meter at the plug (footprint wall)", "a meter that is good to 2%", 0.45, 0.2),
    Narrowing("pue", "state the building's PUE (--pue)", "a PUE that is known", 0.45, 0.3),
    Narrowing("calibration", "measure the machine at rest", "idle power to a tenth", 0.45, 0.4),
)
WIDE = tuple(one._replace(share_now=one.share_now * 10, share_then=one.share_then * 10) for one in NARROW)
GUESS = Narrowing("region", "say where the machine is (--region)", "the place is as guessed", 0.45, 0.45)


def last_lines(text):
    return " ".join(text.split("What the spread is due to:")[1].split("\n\n")[1].split())


def test_text_says_what_would_narrow_it_most_and_next_by_how_much():
    said = last_lines(explain_text.text(run(), KNOWN._replace(narrow={"water": NARROW}), "water"))
    assert said == (
        "What would narrow this most: read a meter at the plug (footprint wall), from ±45% to about ±20%. "
        "Next to that: state the building's PUE (--pue), to about ±30%."
    )
    assert "narrow" not in explain_text.text(run(), KNOWN._replace(narrow={"water": NARROW}), "carbon_location")


def test_a_range_that_is_wider_than_the_figure_is_told_in_times():
    """±450% of what cannot be below zero would say nothing."""
    said = last_lines(explain_text.text(run(), KNOWN._replace(narrow={"water": WIDE}), "water"))
    assert "from a range 9.0 times the figure to about 4.0 times." in said
    assert said.endswith("to about 6.0 times.")


def test_a_guess_of_the_place_is_told_as_what_no_range_holds():
    guessed = run(region=RegionRef("FR", "timezone", note="a guess from the clock's time zone"))
    said = last_lines(explain_text.text(guessed, KNOWN._replace(narrow={"water": (GUESS,)}), "water"))
    assert said == "The place is a guess, and the range holds no other place: say where the machine is (--region)."


def test_a_place_that_nobody_named_is_asked_for_even_if_its_range_stays():
    """The world's mean is no place: its figure would be another, and that no range shows."""
    unknown = run(region=RegionRef("WORLD", "unknown", note="nothing says where this is"))
    known = KNOWN._replace(narrow={"water": (*NARROW, GUESS)})
    line = "The place is not known, and nine of ten countries lie in the range of the world: say where the machine is"
    assert last_lines(explain_text.text(unknown, known, "water")).endswith(f"{line} (--region).")
    assert f"{line} (--region)." in explain_text.plain(unknown, known, "water").splitlines()
    assert "As a mean of the world, each kWh" in explain_text.text(unknown, known, "water").replace("\n", " ")
    assert "The place is" not in explain_text.text(run(), known, "water")


def test_what_narrows_is_in_the_document_and_a_fact_a_line_in_plain_text():
    known = KNOWN._replace(narrow={"water": NARROW})
    told = explain.document(run(), known, "water")["narrow"]
    assert told == [one._asdict() for one in NARROW]
    assert explain.document(run(), known, "carbon_location")["narrow"] == []
    plain = explain_text.plain(run(), known, "water").splitlines()
    assert "Would narrow it: read a meter at the plug (footprint wall), from ±45% to about ±20%" in plain


def test_old_factors_are_named_in_one_line_those_of_the_indicator_alone():
    one = run()
    old = ("water/plants/FR/2023", "pue/facility/unknown-hosting/2023")
    one = one._replace(provenance=one.provenance._replace(aged=old))
    line = (
        "Over 18 months old at the start of the run: of 2023 water that the plants consume and what the building adds"
        " (PUE)."
    )
    assert line in " ".join(explain_text.text(one, KNOWN, "water").split())
    assert line in explain_text.plain(one, KNOWN, "water").splitlines()
    assert explain.document(one, KNOWN, "water")["aged"] == list(old)
    assert explain.document(one, KNOWN, "carbon_location")["aged"] == [old[1]]
    assert "18 months" not in explain_text.text(run(), KNOWN, "water")


def test_document_of_one_indicator():
    text = json.dumps(explain.document(run(), KNOWN, "carbon_location"), indent=1, ensure_ascii=False)
    golden("carbon.json", text + "\n")


def test_the_last_step_is_the_impact_and_the_first_a_reading():
    one = run()
    for key, impact in one.impacts.items():
        steps = explain.steps_of(one, KNOWN, key)
        assert steps[0].output == COMPONENTS[0].host_j
        assert steps[-1].output == impact.total


def test_every_step_with_a_factor_names_its_sources():
    steps = explain.document(run(), KNOWN, "water")["steps"]
    with_factor = [step for step in steps if step["factor"]]
    assert len(with_factor) == 4
    assert all(step["sources"] for step in with_factor)
    assert {step["factor"]["id"] for step in with_factor} <= set(KNOWN.factors)


def test_without_an_indicator_all_are_explained():
    whole = explain.document(run(), KNOWN)
    assert whole["schema"] == "footprint.explain/1"
    assert set(whole["indicators"]) == {"carbon_location", "water"}
    alone = explain.document(run(), KNOWN, "water")
    assert whole["indicators"]["water"] == {key: alone[key] for key in ("steps", "spread", "narrow", "aged")}


def test_the_spread_of_the_jobs_energy_is_told_by_channel_and_shares_sum_to_1():
    spread = dict(explain.spread_of(run(), "carbon_location"))
    assert {"package-0", "dram", "overhead", "pue", "direct", "upstream"} == set(spread)
    assert math.fsum(spread.values()) == pytest.approx(1.0)


def test_numbers_that_are_none_are_null_and_the_document_is_json():
    nothing = Energy(UNKNOWN, UNKNOWN, UNKNOWN, exact(1.0), UNKNOWN, "reserved")
    document = explain.document(run(energy=nothing), KNOWN)
    assert "NaN" not in json.dumps(document, allow_nan=False)
    assert document["indicators"]["water"]["steps"] == []


def test_an_impact_that_cannot_be_had_says_why():
    lacking = run(rows=tuple(row for row in ROWS if row.indicator != "carbon_location"))
    assert "no carbon figure" in explain.document(lacking, KNOWN, "carbon_location")["missing"]
    assert "no carbon figure" in explain_text.text(lacking, KNOWN, "carbon_location")


def test_a_factor_that_this_catalogue_no_longer_has_is_said():
    """A run that another version accounted for keeps its factor's id."""
    known = KNOWN._replace(factors={}, sources={})
    steps = explain.document(run(), known, "water")["steps"]
    assert any(step["factor"] and "not in this version" in step["factor"]["note"] for step in steps)
