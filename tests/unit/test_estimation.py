"""An estimate: each route's arithmetic, what is assumed, what contradicts, and what is printed.

Renew the golden files with ``UPDATE_GOLDEN=1 pytest tests/unit/test_estimation.py`` and read the diff.
"""

import json
import math
import os
import re
from pathlib import Path

import pytest

import footprint
from footprint import catalogue, estimation
from footprint.estimation import nature, text
from footprint.interval import Interval, exact
from footprint.records.derivation import Missing

GOLDEN = Path(__file__).parents[1] / "golden"
GIVEN = {"pue": 1.2, "intensity": 50, "wue": 0.5, "ewif": 2}


def made(**given):
    return footprint.estimate(**given)


def assumed(one):
    return {item.what: item for item in one.assumed}


# --- routes ---


def test_energy_of_the_machines_is_taken_as_it_is_and_the_default_is_said():
    one = made(energy_kwh=100, **GIVEN)
    assert one.energy.job_kwh == exact(100)
    assert one.energy.facility_kwh == exact(120)
    assert "energy_at" in assumed(one)
    assert "energy_at" not in assumed(made(energy_kwh=100, energy_at="it", **GIVEN))


def test_energy_of_the_facility_is_divided_by_its_pue_once():
    one = made(energy_kwh=120, energy_at="facility", **GIVEN)
    assert one.energy.facility_kwh == exact(120)
    assert one.energy.job_kwh.central == pytest.approx(100, rel=1e-12)


def test_facility_energy_that_is_given_stays_exact_where_the_pue_is_a_range():
    one = made(energy_kwh=120, energy_at="facility", intensity=50, region="FR")
    assert one.impacts["carbon_location"].operational == exact(6000)
    assert one.energy.job_kwh.low < one.energy.job_kwh.central < one.energy.job_kwh.high


def test_energy_of_components_gets_the_overhead_up_to_the_wall():
    one = made(energy_kwh=100, energy_at="components", **GIVEN)
    parts = one.energy.components
    assert one.energy.job_kwh.low > 100
    assert one.energy.job_kwh.central == pytest.approx(math.fsum(part.job_kwh.central for part in parts))
    assert assumed(one)["overhead"].factor in one.provenance.factors


def test_water_takes_the_pue_once():
    """job · (wue + pue · ewif), not pue twice."""
    assert made(energy_kwh=100, **GIVEN).impacts["water"].operational.central == pytest.approx(100 * (0.5 + 1.2 * 2))


def test_nameplate_is_linear_and_its_default_utilisation_is_said():
    one = made(tdp_w=400, hours=10, **GIVEN)
    assert one.energy.job_kwh == exact(4.0)
    assert assumed(one)["utilisation"].value == exact(1.0)
    assert assumed(one)["count"].value == exact(1.0)
    assert made(tdp_w=400, utilisation=0.5, hours=10, count=3, **GIVEN).energy.job_kwh == exact(6.0)


def test_embodied_alone_has_no_energy_and_needs_no_place():
    one = made(embodied_kg=1000, lifetime_years=4, hours=1)
    assert one.route == "embodied"
    assert one.energy.job_kwh == exact(0.0)
    carbon = one.impacts["carbon_location"]
    assert carbon.operational == exact(0.0)
    assert carbon.total.central == pytest.approx(1_000_000 / 35_040)
    assert not one.provenance.factors or all(name.startswith("pue/") for name in one.provenance.factors)


def test_device_hours_stand_for_count_times_hours():
    shared = {"tdp_w": 300, "embodied_kg": 100, "lifetime_hours": 1000, **GIVEN}
    whole, apart = made(device_hours=80, **shared), made(count=8, hours=10, **shared)
    assert whole.energy.job_kwh == apart.energy.job_kwh
    assert whole.impacts["carbon_location"].embodied.central == pytest.approx(
        apart.impacts["carbon_location"].embodied.central
    )


# --- the catalogue's devices ---


def test_a_named_gpu_draws_less_than_its_rating_and_more_when_it_is_busier():
    busy, idle = (made(gpu="NVIDIA H100 SXM", hours=1, utilisation=use, **GIVEN) for use in (1, 0))
    device = busy.energy.components[0]
    assert device.name == "NVIDIA H100 SXM 80GB"
    assert device.power_w.high == 700
    assert idle.energy.job_kwh.high < busy.energy.job_kwh.central
    assert busy.impacts["carbon_location"].embodied.central == pytest.approx(164_000 / (4 * 8760))


@pytest.mark.parametrize(
    ("kind", "name", "found"),
    [
        ("gpu", "H100 SXM5 80GB", "NVIDIA H100 SXM 80GB"),
        ("gpu", "NVIDIA H100 80GB HBM3", "NVIDIA H100 SXM 80GB"),
        ("gpu", "NVIDIA A100-SXM4-80GB", "NVIDIA A100 SXM4 80GB"),
        ("gpu", "Tesla V100-SXM2-16GB", "NVIDIA V100 SXM2"),
        ("gpu", "geforce rtx 4090", "NVIDIA RTX 4090 24GB"),
        ("gpu", "Tesla T4", "NVIDIA T4 16GB"),
        ("cpu", "Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz", "Intel Xeon Gold 6148"),
        ("cpu", "AMD EPYC 7763 64-Core Processor", "AMD EPYC 7763"),
        ("cpu", "i7-8700", "Intel Core i7-8700"),
    ],
)
def test_devices_are_found_as_machines_and_people_call_them(kind, name, found):
    assert made(**{kind: name}, hours=1, **GIVEN).energy.components[0].name == found


def test_a_name_that_fits_several_devices_spans_them_and_says_so():
    one = made(gpu="V100", hours=1, utilisation=1, **GIVEN)
    assert "NVIDIA V100 PCIe" in assumed(one)["gpu_power_w"].why
    assert "NVIDIA V100 SXM2" in assumed(one)["gpu_power_w"].why
    assert one.energy.components[0].power_w.high == 300


def test_what_nobody_publishes_of_making_a_device_is_named_for_its_indicator():
    one = made(gpu="NVIDIA T4", hours=1, **GIVEN)
    assert one.impacts["carbon_location"].embodied.central > 0
    assert one.impacts["ewaste"].total.central == pytest.approx(0.301 / (4 * 8760))
    minerals = one.impacts["minerals"]
    assert "NVIDIA T4" in minerals.embodied.missing
    assert minerals.lacking == ("NVIDIA T4 16GB",)
    assert minerals.total.kind == "lower_bound"
    for key in ("water", "land", "biodiversity"):
        assert isinstance(one.impacts[key].embodied, Missing), key


def test_where_a_part_lacks_the_others_count_and_the_sum_is_at_least():
    """Minerals in memory are known, those in an H100 are not."""
    one = made(gpu="NVIDIA H100 SXM", dram_gb=64, hours=1, **GIVEN)
    minerals = one.impacts["minerals"]
    assert minerals.embodied.kind == "lower_bound"
    assert minerals.embodied.central == pytest.approx(64 * 1.032e-4 / (4 * 8760))
    assert minerals.lacking == ("NVIDIA H100 SXM 80GB",)
    assert "lacking" in estimation.as_document(one)["impacts"]["minerals"]
    carbon = one.impacts["carbon_location"]
    assert carbon.lacking == ()
    assert carbon.embodied.central == pytest.approx((164_000 + 64 * 1923.1) / (4 * 8760))


def test_a_die_says_more_of_a_processor_than_its_name():
    shared = {"hours": 1, "cpu_die_mm2": 1000, **GIVEN}
    named = made(cpu="AMD EPYC 7763", **shared).impacts["carbon_location"].embodied
    alone = made(power_w=1, **shared).impacts["carbon_location"].embodied
    assert named == alone


def test_components_are_made_for_every_indicator_that_their_study_has():
    one = made(cpu_die_mm2=294, dram_gb=32, ssd_gb=400)
    for key, by_hand in (
        ("carbon_location", 1000 * (294 * 0.0197 + 9.14 + 32 * 1.9231 + 400 * 0.031734 + 6.34)),
        ("minerals", 294 * 5.87e-9 + 0.0204 + 32 * 0.0001032 + 400 * 9.087e-7 + 0.000563),
        ("primary_energy", 294 * 0.265 + 156 + 32 * 24.152 + 400 * 0.39377 + 73.98),
    ):
        assert one.impacts[key].total.central == pytest.approx(by_hand, rel=1e-4), key
    assert one.impacts["ewaste"].lacking == ("a processor of that die", "a drive")
    assert isinstance(one.impacts["water"].total, Missing)


def test_kilograms_of_carbon_that_are_given_leave_the_named_hardwares_other_impacts():
    one = made(gpu="NVIDIA A100 SXM4 40GB", hours=8760, embodied_kg=100, lifetime_years=4, **GIVEN)
    assert one.impacts["carbon_location"].embodied == exact(25_000.0)
    assert one.impacts["minerals"].embodied.central == pytest.approx(0.00509 / 4)
    unnamed = made(power_w=1, hours=8760, embodied_kg=100, lifetime_years=4, **GIVEN)
    assert unnamed.impacts["minerals"].embodied == Missing("--embodied-kg gives the carbon of making it alone")


def test_making_is_of_no_pue():
    low, high = (made(gpu="NVIDIA A100 SXM4 40GB", hours=9, pue=pue, intensity=50).impacts for pue in (1, 2))
    assert all(low[key].embodied == high[key].embodied for key in low)


def test_every_device_is_found_by_its_own_name_and_has_a_known_source():
    known = set(catalogue.sources())
    lines = (Path(catalogue.DATA) / "devices.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(lines) > 2000
    for line in lines:
        kind, name, _, low, rated, high, *_, sources, _, _ = line.split(",")
        assert float(low) <= float(rated) <= float(high), name
        assert set(sources.split(";")) <= known, name
        assert kind in {"gpu", "cpu"}
    gpus = [line.split(",")[1] for line in lines if line.startswith("gpu,")]
    for name in gpus:
        assert made(gpu=name, hours=1, **GIVEN).energy.components[0].name == name


# --- tokens ---


def test_published_energy_of_a_request_holds_its_pue_once():
    one = made(llm="gemini-apps-median-text-prompt", requests=1000, **GIVEN)
    assert one.energy.facility_kwh.central == pytest.approx(0.24)
    assert one.energy.job_kwh.central == pytest.approx(0.2)
    assert one.route == "tokens"


def test_tokens_take_what_measurements_of_such_models_say():
    """Published: 0.12 to 0.20 J a token of 8 billion parameters in batches of 64; 3 to 4 J of 65 billion."""
    small, large = (made(params_b=size, tokens_out=1, **GIVEN).energy.job_kwh for size in ("8", "65"))
    for published_j in (0.12, 0.20):
        assert small.low * 3.6e6 <= published_j <= small.high * 3.6e6
    for published_j in (3, 4):
        assert large.low * 3.6e6 <= published_j <= large.high * 3.6e6


def test_requests_and_tokens_multiply_and_active_parameters_count_for_the_energy():
    shared = {"tokens_out": 400, **GIVEN}
    many, one = (made(llm="Llama-3.1-70B Instruct", requests=count, **shared) for count in (50, 1))
    assert many.energy.job_kwh.central == pytest.approx(50 * one.energy.job_kwh.central)
    sparse, dense = (made(params_b=size, **shared).energy.job_kwh.central for size in ("37:671", "671"))
    assert sparse < dense
    assert made(params_b="8", tokens_in=1000, **shared).energy.job_kwh.central > (
        made(params_b="8", **shared).energy.job_kwh.central
    )


# --- the common part ---


def test_what_is_not_given_comes_from_the_catalogue_with_its_range_and_is_named():
    one = made(energy_kwh=1, energy_at="it", region="FR")
    told = assumed(one)
    assert {"pue", "intensity", "ewif", "wue"} <= set(told)
    for name in ("pue", "intensity", "ewif", "wue"):
        assert told[name].factor in one.provenance.factors
        assert told[name].value.low < told[name].value.high
        assert told[name].why.startswith("no --")


def test_an_indicator_whose_factor_was_given_needs_no_region():
    one = made(energy_kwh=1, **GIVEN)
    assert one.region.how == "given-factors"
    assert one.impacts["carbon_location"].factors == one.impacts["water"].factors == ()
    assert one.impacts["water"].operational.kind == "exact"


def test_with_nothing_known_of_the_place_the_range_is_the_worlds_and_said():
    one = made(energy_kwh=1)
    assert (one.region.zone, one.region.how) == ("WORLD", "unknown")
    assert "region" in assumed(one)
    carbon = one.impacts["carbon_location"].operational
    assert carbon.high > 5 * carbon.low


def test_all_indicators_are_present_and_none_is_zero_for_want_of_a_factor():
    impacts = made(energy_kwh=1, region="FR").impacts
    assert list(impacts) == list(nature.UNITS)
    for key in ("carbon_market", "water_scarcity", "ewaste"):
        assert isinstance(impacts[key].total, Missing), key
    given = made(energy_kwh=1, pue=1, intensity_market=0, primary_energy=9, adpe=1e-8, intensity=1).impacts
    assert given["carbon_market"].operational == exact(0.0)
    assert given["primary_energy"].operational == exact(9.0)
    assert given["minerals"].operational == exact(1e-8)


def test_a_total_without_the_making_is_at_least_that():
    carbon = made(energy_kwh=1, embodied="none", **GIVEN).impacts["carbon_location"]
    assert carbon.embodied == Missing("left out by --embodied none")
    assert carbon.total.kind == "lower_bound"
    assert made(energy_kwh=1, embodied_kg=1, **GIVEN).impacts["carbon_location"].total.kind == "exact"


def test_embodied_is_whole_without_hours_or_without_a_lifetime_and_says_so():
    for given in ({"lifetime_years": 4}, {"hours": 5}):
        one = made(energy_kwh=1, embodied_kg=2, share=0.5, **given, **GIVEN)
        assert one.impacts["carbon_location"].embodied == exact(1000.0)
        assert "time_share" in assumed(one)


def test_a_range_that_is_given_is_an_envelope_and_spreads_to_the_end():
    one = made(power_w="200:250:400", hours=10, **GIVEN)
    assert one.energy.job_kwh == Interval(2.0, 2.5, 4.0, "envelope")
    assert one.impacts["carbon_location"].operational[:3] == pytest.approx((120, 150, 240))
    assert made(power_w=(200, 250, 400), hours=10, **GIVEN) == one


def test_the_year_picks_the_factors_and_another_year_is_said():
    one = made(energy_kwh=1, region="FR", year=1999)
    assert "as there is none of 1999" in assumed(one)["intensity"].why


def test_a_unit_takes_its_part_of_the_totals():
    one = made(energy_kwh=100, embodied_kg=1, units={"requests": 50}, **GIVEN)
    unit = one.units["requests"]
    assert unit.per_unit["carbon_location"].central == pytest.approx(one.impacts["carbon_location"].total.central / 50)
    assert unit.per_unit["job_kwh"].central == pytest.approx(2.0)


def test_units_may_be_a_range_as_every_number():
    one = made(energy_kwh=100, embodied="none", units={"requests": "40:50:80"}, **GIVEN)
    unit = one.units["requests"]
    assert unit.per_unit["job_kwh"][:3] == pytest.approx((100 / 80, 2, 100 / 40))
    again = estimation.from_document(estimation.as_document(one)).units["requests"]
    assert again.amount == unit.amount
    assert again.per_unit["job_kwh"][:3] == pytest.approx(unit.per_unit["job_kwh"][:3])


def test_what_was_given_without_effect_is_said():
    """A share and a lifetime are of the making of hardware: without hardware they do nothing."""
    one = made(energy_kwh=1, share=0.5, lifetime_years=4, count=3, **GIVEN)
    for name in ("share", "lifetime_years", "count"):
        assert "without effect" in assumed(one)[name].why
    assert not [item for item in made(gpu="T4", hours=1, share=0.5, **GIVEN).assumed if "effect" in item.why]


def test_a_job_longer_than_a_lifetime_uses_up_more_than_one_device_and_says_so():
    one = made(embodied_kg=5, hours=20, lifetime_hours=10)
    assert one.impacts["carbon_location"].embodied == exact(10_000.0)
    assert "more than one" in assumed(one)["time_share"].why


def test_carbon_by_contract_that_is_given_prints_as_a_claim():
    """Zero is no figure of what the plants emit: it is what somebody claims."""
    said = str(made(energy_kwh=5, intensity_market=0, **GIVEN))
    line = next(line for line in said.splitlines() if line.startswith("carbon by contract"))
    assert "claim of --intensity-market as it was given, annual" in line
    assert " 0 " not in line


# --- wrong, contradictory, impossible ---


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "nothing says what the job uses"),
        ({"energy_kwh": 1, "power_w": 1, "hours": 1}, "a way of its own"),
        ({"tdp_w": 1, "gpu": "T4", "hours": 1}, "a way of its own"),
        ({"power_w": 1, "utilisation": 0.5, "hours": 1}, "holds its utilisation already"),
        ({"power_w": 1}, "a power makes no energy"),
        ({"tdp_w": 1, "device_hours": 1, "hours": 1}, "devices times hours already"),
        ({"tdp_w": 1, "device_hours": 1, "count": 1}, "devices times hours already"),
        ({"energy_kwh": 1, "utilisation": 1}, "nothing here goes by it"),
        ({"tdp_w": 1, "hours": 1, "energy_at": "it"}, "nothing here goes by it"),
        ({"energy_kwh": 1, "requests": 5}, "nothing here goes by it"),
        ({"energy_kwh": -1}, "it is negative"),
        ({"energy_kwh": math.nan}, "it is not finite"),
        ({"energy_kwh": "nan"}, "it is not finite"),
        ({"energy_kwh": "inf"}, "it is not finite"),
        ({"energy_kwh": 1e300}, "it is above"),
        ({"energy_kwh": "much"}, "it is not a number"),
        ({"energy_kwh": True}, "it is not a number"),
        ({"energy_kwh": "1:2"}, "neither one number nor"),
        ({"energy_kwh": "3:2:1"}, "low ≤ central ≤ high"),
        ({"energy_kwh": 1, "pue": 0.9}, "below 1"),
        ({"energy_kwh": 1, "pue": "0.9:1:1.2"}, "below 1"),
        ({"embodied_kg": 1, "share": 1.1}, "above 1"),
        ({"embodied_kg": 1, "share": 0}, "above 0"),
        ({"embodied_kg": 1, "lifetime_years": 0}, "above 0"),
        ({"embodied_kg": 1, "lifetime_years": 1, "lifetime_hours": 1}, "both give the lifetime"),
        ({"embodied_kg": 1, "dram_gb": 1}, "both give what making"),
        ({"embodied_kg": 1, "embodied": "none"}, "one leaves out"),
        ({"energy_kwh": 1, "embodied": "some"}, "use one of: auto, none"),
        ({"tdp_w": 1, "hours": 1, "count": 0}, "above 0"),
        ({"tdp_w": 1, "hours": 1, "utilisation": 80}, "0.8 for 80 %"),
        ({"gpu": "T4", "hours": 1, "utilisation": 1.1}, "busy all the time at 1"),
        ({"energy_kwh": 1, "units": {"x": 0}}, "above 0"),
        ({"energy_kwh": 1, "units": {"x": "2:1:3"}}, "low ≤ central ≤ high"),
        ({"energy_kwh": 1, "units": {"x": 1e-300}}, "it is not between"),
        ({"energy_kwh": 1, "units": ["x"]}, "no mapping"),
        ({"embodied_kg": 1, "hours": 1, "lifetime_years": 1e-300}, "below 1e-06"),
        ({"energy_kwh": 1, "year": "soon"}, "it is not a year"),
        ({"energy_kwh": 1, "region": "Frankreich"}, "France"),
        ({"llm": "llama-3.1-8c", "tokens_out": 5}, "nearest: llama-3.1-8b"),
        ({"llm": "llama-3.1-8b"}, "without tokens there is no energy"),
        ({"llm": "llama-3.1-8b", "params_b": "8", "tokens_out": 1}, "both say which model"),
        ({"params_b": "70:8", "tokens_out": 1}, "0 < active ≤ total"),
        ({"params_b": "many", "tokens_out": 1}, "ACTIVE or ACTIVE:TOTAL"),
    ],
)
def test_what_cannot_be_is_refused_in_one_clear_line(given, says):
    with pytest.raises(footprint.UsageError) as refused:
        made(**given)
    assert refused.value.exit_code == 2
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_nearest_devices_are_those_that_were_meant():
    with pytest.raises(footprint.UsageError, match="nearest: NVIDIA H100"):
        made(gpu="H1OO", hours=1)
    with pytest.raises(footprint.UsageError, match="nearest: AMD EPYC 7773X"):
        made(cpu="epyc 7773", hours=1)


@pytest.mark.parametrize(("kind", "name"), [("gpu", "NVIDIA H1000"), ("cpu", "Xeon Gold 9999"), ("gpu", "NVIDIA")])
def test_an_unknown_device_names_the_three_nearest(kind, name):
    with pytest.raises(footprint.UsageError) as refused:
        made(**{kind: name}, hours=1)
    near = re.search(r"nearest: (.+?);", str(refused.value))
    assert near
    assert len(near[1].split(", ")) == 3


def test_an_unknown_argument_is_a_type_error():
    with pytest.raises(TypeError, match="unknown argument 'watts'"):
        made(watts=3)


# --- shown ---


def test_the_document_holds_what_the_record_holds():
    told = estimation.as_document(made(power_w=330, count=10_000, hours=355.2, pue=1.1, intensity=429))
    assert told["schema"] == "footprint.estimate/1"
    assert told["estimate"] is True
    assert told["route"] == "hardware"
    assert told["inputs"] == {
        "power_w": 330, "count": 10_000, "hours": 355.2, "pue": 1.1, "intensity_g_per_kwh": 429,
    }  # fmt: skip
    component = told["energy"]["components"][0]
    assert (component["count"], component["method"]) == (10_000, "given")
    assert told["impacts"]["carbon_location"]["operational"]["central"] == pytest.approx(553142304)
    assert "missing" in told["impacts"]["water_scarcity"]
    json.dumps(told, allow_nan=False)


SHOWN = {
    "power": {
        "power_w": "250:330:400", "hours": 24, "count": 2, "embodied_kg": 1500, "lifetime_years": 4,
        "units": {"requests": 1000}, "name": "serve", "project": "vision", "region": "FR", **GIVEN,
    },
    "given": {"energy_kwh": 1_287_000, "energy_at": "facility", "pue": 1.1, "intensity": 429, "wue": 1, "ewif": 2, "region": "aws:eu-west-3"},
}  # fmt: skip


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("name", SHOWN)
def test_text_is_as_agreed(name, plain):
    whole = made(**SHOWN[name])
    shown = {key: whole.impacts[key] for key in ("carbon_location", "carbon_market", "water", "minerals")}
    others = set(nature.UNITS) - set(shown)  # an indicator that comes later changes nothing here
    told = tuple(item for item in whole.assumed if item.what not in others)
    said = "\n".join(text.lines_of(whole._replace(impacts=shown, assumed=told), plain=plain)) + "\n"
    path = GOLDEN / f"estimate-{name}{'-plain' if plain else ''}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")
    assert "stimate" in said.splitlines()[0]
    assert "\x1b" not in said


def test_printing_an_estimate_shows_it():
    one = made(**SHOWN["given"])
    assert str(one).startswith("estimate")
