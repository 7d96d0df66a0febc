"""Runs beside each other: what cancels, what does not, what cannot be told, gates, and what is printed.

Renew the golden files with ``UPDATE_GOLDEN=1 pytest tests/unit/test_compare.py`` and read the diff.
"""

import json
import os
from pathlib import Path

import pytest
from made_results import gains_of, run

from footprint import compare
from footprint.compare import gate, text
from footprint.errors import UsageError
from footprint.interval import exact

GOLDEN = Path(__file__).parents[1] / "golden"


def compared(*runs, anyway=False, gains=None):
    return compare.compare(runs, gains_of(*runs) if gains is None else gains, anyway=anyway)


def quantity(a, b, key="job_kwh", per=None, **more):
    pair = compared(a, b, **more).pairs[0]
    return next(one for one in pair.quantities if (one.key, one.per) == (key, per))


# --- energy ---


def test_one_machines_sensor_cancels_though_the_ranges_overlap():
    a, b = run("a", 1000), run("b", 980)
    one = quantity(a, b)
    assert a.energy.job_kwh.low < b.energy.job_kwh.high, "the ranges overlap"
    assert one.ratio[:3] == pytest.approx((0.98, 0.98, 0.98))
    assert one.verdict == "less"
    assert one.cancelled == ("cpu by rapl-counter",)
    assert one.difference.high < 0


def test_two_machines_share_nothing():
    one = quantity(run("a", 1000), run("b", 980, host="h2"))
    assert one.verdict == "cannot_tell"
    assert one.why == "the ranges overlap: cannot be told apart"
    assert one.ratio.low == pytest.approx(0.98 * 0.93 / 1.07)
    assert one.cancelled == ()


def test_a_sensor_of_which_nothing_is_known_does_not_cancel():
    assert quantity(run("a", 1000), run("b", 980), gains={}).verdict == "cannot_tell"


def test_each_runs_own_error_stays():
    one = quantity(run("a", 1000, own=0.05), run("b", 960, own=0.05))
    assert one.verdict == "cannot_tell"
    assert one.ratio.low == pytest.approx(0.96 * 0.95 / 1.05)
    assert one.ratio.high == pytest.approx(0.96 * 1.05 / 0.95)
    assert quantity(run("a", 1000, own=0.05), run("b", 800, own=0.05)).verdict == "less"
    assert quantity(run("a", 800, own=0.05), run("b", 1000, own=0.05)).verdict == "more"


def test_the_models_error_cancels_only_as_far_as_the_machine_is_loaded_alike():
    alike = quantity(run("a", 1000, quality="modelled"), run("b", 900, quality="modelled", host_joules=1250))
    assert alike.ratio[:3] == pytest.approx((0.9, 0.9, 0.9))
    unlike = quantity(run("a", 1000, quality="modelled"), run("b", 900, quality="modelled", host_joules=2500))
    assert unlike.verdict == "cannot_tell"
    assert unlike.ratio.high == pytest.approx(1.8)


def test_a_run_compared_with_itself_differs_in_nothing():
    one = run("a", 1000, own=0.3, units={"images": 10})
    for found in compared(one, one).pairs[0].quantities:
        assert (found.verdict, found.ratio, found.difference) == ("same", exact(1.0), exact(0.0))


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (run("b", 10, status="crashed"), "a lower bound"),
        (run("b", 10, status="running"), "still being measured"),
        (run("b", measured=False), "nothing was measured"),
    ],
)
def test_what_cannot_be_judged_is_not_judged_on_either_side(other, says):
    for pair in ((run("a"), other), (other, run("a"))):
        one = quantity(*pair)
        assert one.verdict == "cannot_tell"
        assert says in one.why


def test_no_energy_at_all_is_no_baseline():
    one = quantity(run("a", 0.0), run("b", 5))
    assert (one.verdict, one.why) == ("cannot_tell", "there is no energy to compare with")


# --- impacts and units ---


def test_the_same_factors_cancel_and_the_impacts_follow_the_energy():
    a, b = run("a", 1000), run("b", 980)
    assert quantity(a, b, "carbon_location").ratio[:3] == pytest.approx((0.98, 0.98, 0.98))
    assert "factors of the grid and the building" in quantity(a, b, "carbon_location").cancelled


def test_factors_of_two_places_do_not_cancel():
    one = quantity(run("a", 1000), run("b", 1000, zone="PL"), "carbon_location")
    assert one.ratio.central == pytest.approx(20)
    assert one.ratio.low == pytest.approx(600 / 180)
    assert one.ratio.high == pytest.approx(1000 / 20)
    assert one.verdict == "more"
    notes = compared(run("a"), run("b", zone="PL")).notes
    assert any("grids differ (FR, PL)" in note for note in notes)


def test_what_has_no_figure_is_not_compared():
    keys = {one.key for one in compared(run("a"), run("b")).pairs[0].quantities}
    assert keys == {"job_kwh", "carbon_location"}


def test_a_unit_is_judged_by_itself_and_stands_with_its_total():
    a, b = run("a", 1000, units={"images": 10, "steps": 1}), run("b", 1500, units={"images": 30})
    one = quantity(a, b, per="images")
    assert one.ratio.central == pytest.approx(0.5)
    assert (one.verdict, quantity(a, b).verdict) == ("less", "more")
    assert one.a_total == a.energy.job_kwh
    assert one.b.central == pytest.approx(b.energy.job_kwh.central / 30)
    assert not [one for one in compared(a, b).pairs[0].quantities if one.per == "steps"]


# --- refused ---


def test_unlike_idle_policies_are_refused_unless_anyway():
    runs = (run("a"), run("b", policy="all"))
    with pytest.raises(UsageError, match="idle policies differ") as refused:
        compared(*runs)
    assert refused.value.exit_code == 2
    assert "--anyway" in str(refused.value)
    assert compared(*runs, anyway=True).notes[0].startswith("compared anyway: their idle policies differ")


def test_figures_of_two_catalogues_are_never_compared():
    with pytest.raises(UsageError, match="different factor catalogues"):
        compared(run("a"), run("b", sha="c2"), anyway=True)


# --- gates ---


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        ("job_kwh<=+5%", True),
        ("energy <= +0%", True),
        ("job_kwh<=-20%", False),
        ("job_kwh<=-10%", None),
        ("job_kwh<-1%", True),
        ("job_kwh>=-50%", True),
        ("job_kwh>+5%", False),
        ("carbon<=+5%", True),
        ("job_kwh/images<=-50%", True),
        ("job_kwh/images<=-60%", False),
    ],
)
def test_a_gate_holds_or_fails_only_where_the_whole_range_does(asked, holds):
    """B takes 10 % less, give or take two; and for a third of the energy of A an image."""
    a, b = run("a", 1000, own=0.01, units={"images": 10}), run("b", 900, own=0.01, units={"images": 20})
    found = gate.judged([gate.parse(asked)], compared(a, b))
    assert [one.holds for one in found] == [holds]
    assert gate.exit_code(found) == {True: 0, False: 1, None: 4}[holds]


def test_one_gate_that_fails_is_worse_than_one_that_cannot_be_told():
    a, b = run("a", 1000, own=0.01), run("b", 900, own=0.01)
    found = gate.judged([gate.parse("job_kwh<=-10%"), gate.parse("job_kwh<=-50%")], compared(a, b))
    assert gate.exit_code(found) == 1
    assert gate.exit_code([]) == 0


def test_a_crashed_run_passes_and_fails_no_gate():
    found = gate.judged([gate.parse("job_kwh<=+500%")], compared(run("a"), run("b", 1, status="crashed")))
    assert (found[0].holds, gate.exit_code(found)) == (None, 4)


@pytest.mark.parametrize("asked", ["", "job_kwh", "job_kwh<=5", "5%", "job_kwh==5%", "job_kwh<=nan%", "job_kwh<=-101%"])
def test_what_is_no_gate_is_refused(asked):
    with pytest.raises(UsageError, match="--gate"):
        gate.parse(asked)


@pytest.mark.parametrize("asked", ["joules<=5%", "minerals<=5%", "job_kwh/tokens<=5%"])
def test_a_gate_on_what_the_runs_do_not_have_says_what_they_have(asked):
    with pytest.raises(UsageError, match="they have job_kwh, carbon_location"):
        gate.judged([gate.parse(asked)], compared(run("a"), run("b")))


# --- shown ---

CASES = {
    "less": lambda: compared(run("a", 1000, own=0.02, units={"images": 10}), run("b", 820, own=0.02, units={"images": 10})),
    "overlap": lambda: compared(run("a", 1000, own=0.1), run("b", 980, own=0.1), run("c", 700, host="h2")),
    "crashed": lambda: compared(run("a", 1000), run("b", 400, status="crashed")),
    "same": lambda: compared(run("a", 1000), run("a", 1000)),
}  # fmt: skip


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_text_is_as_agreed(name, plain):
    comparison = CASES[name]()
    found = gate.judged([gate.parse("job_kwh<=+5%")], comparison)
    said = "\n".join(text.lines_of(comparison, found, plain=plain)) + "\n"
    path = GOLDEN / f"compare-{name}{'-plain' if plain else ''}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")
    assert not plain or all(line.strip() for line in said.splitlines())


def test_the_document_is_whole():
    comparison = CASES["less"]()
    told = compare.as_document(comparison, [])
    assert told["schema"] == "footprint.compare/1"
    assert told["baseline"] == comparison.runs[0].run_id
    first = told["comparisons"][0]["quantities"][0]
    assert set(first) == {
        "quantity", "unit", "per", "a", "b", "a_total", "b_total", "difference", "ratio", "verdict", "why", "cancelled",
    }  # fmt: skip
    assert first["ratio"]["low"] <= first["ratio"]["central"] <= first["ratio"]["high"]
    json.dumps(compare.as_document(CASES["crashed"](), []), allow_nan=False)
    json.dumps(compare.as_document(compared(run("a"), run("b", measured=False)), []), allow_nan=False)
