"""What making the hardware took: a job's part by time and share, never more than the whole, never a silent zero."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_journals import frame, head

import footprint
from footprint import catalogue
from footprint.account import account
from footprint.account.hardware import gpu_rows
from footprint.impacts import INDICATORS, impacts_of
from footprint.impacts.embodied import Hardware, Held
from footprint.interval import exact
from footprint.records.derivation import Missing

FR = catalogue.load("FR")
SERVER = (
    Held("server-body", "the server", 1.0, 1.0),
    Held("server-cpu", "2 processors", 2.0, 1.0),
    Held("dram", "512 GB of memory", 512.0, 1.0),
)


def of(hardware, kwh=1.0, rows=FR, pue=1.0):
    return impacts_of(exact(kwh), exact(kwh * pue), exact(pue), rows, 2026, hardware=hardware)


def test_a_server_used_for_its_whole_life_is_made_once():
    """512 GB of memory, two processors and what is around them, by the catalogue's own rows."""
    rows = {(row.part, row.zone): row for row in FR.factors if row.indicator == "embodied"}
    made = of(Hardware(4 * 8_760, SERVER))["carbon_location"].embodied
    by_hand = sum(
        rows["carbon_location", zone].central * amount
        for zone, amount in (("server-body", 1), ("server-cpu", 2), ("dram", 512))
    )
    assert made.central == pytest.approx(by_hand)
    assert made.low < made.central < made.high


@given(st.lists(st.floats(min_value=0, max_value=1), min_size=1, max_size=5))
def test_jobs_and_what_is_unused_add_up_to_the_hardware(shares):
    """Jobs that hold parts of a server side by side have its making between them; the rest is unused."""
    whole = sum(shares) or 1.0
    parts = [share / max(1.0, whole) for share in shares]
    jobs = [of(Hardware(10, tuple(one._replace(share=part) for one in SERVER)))["minerals"].embodied for part in parts]
    all_of_it = of(Hardware(10, SERVER))["minerals"].embodied
    unused = of(Hardware(10, tuple(one._replace(share=1 - sum(parts)) for one in SERVER)))["minerals"].embodied
    assert sum(one.central for one in jobs) + unused.central == pytest.approx(all_of_it.central, rel=1e-9)


def test_pue_never_touches_it():
    for key in INDICATORS:
        made = [of(Hardware(10, SERVER), pue=pue)[key].embodied for pue in (1.0, 2.0)]
        assert made[0] == made[1], key


def test_two_of_a_kind_are_twice_one():
    one, two = (
        of(Hardware(10, (Held("gpu-h100", "GPU", count, 1.0),)))["carbon_location"].embodied for count in (1.0, 2.0)
    )
    assert two.central == pytest.approx(2 * one.central)


def test_a_part_that_nobody_has_published_is_named_and_makes_a_lower_bound():
    """There is no figure for the minerals in an H100."""
    hardware = Hardware(10, (*SERVER, Held("gpu-h100", "NVIDIA H100", 1.0, 1.0)))
    minerals = of(hardware)["minerals"]
    assert minerals.embodied.kind == "lower_bound"
    assert minerals.total.kind == "lower_bound"
    assert any("NVIDIA H100" in step.name for step in minerals.derivation.steps)
    assert of(hardware)["carbon_location"].total.kind == "envelope"


def test_lifetime_and_making_are_in_the_spread():
    spread = dict(of(Hardware(10_000, SERVER), kwh=1e-6)["carbon_location"].derivation.spread)
    assert spread["lifetime_h"] > 0
    assert spread["making"] > spread["lifetime_h"]
    assert sum(spread.values()) == pytest.approx(1.0)


def test_ewaste_is_hardware_alone_and_without_it_not_known():
    assert isinstance(of(None)["ewaste"].total, Missing)
    waste = of(Hardware(8_760, (Held("gpu-a100", "GPU", 1.0, 1.0),)))["ewaste"]
    assert waste.total.central == pytest.approx(1.56 / 4)


def test_water_scarcity_says_why_it_has_no_figure():
    assert "licence" in of(None)["water_scarcity"].total.missing


def test_market_based_carbon_is_a_claim_from_a_residual_mix_or_none():
    assert isinstance(of(None)["carbon_market"].total, Missing)
    australia = of(None, rows=catalogue.load("AU-NSW"))["carbon_market"]
    assert australia.kind == "claim"
    assert australia.total.central == pytest.approx(790)


def test_species_follow_land_and_water_and_the_climate_stays_apart():
    """ReCiPe 2016, hierarchist: the climate's pathway is the largest by far, and in no sum."""
    found = of(None)["biodiversity"]
    parts = found.parts
    assert found.operational.central == pytest.approx(parts["land"].central + parts["water"].central)
    assert parts["climate"].central > 0.5 * (parts["land"].central + parts["water"].central)
    assert (found.kind, INDICATORS["biodiversity"].unit) == ("inventory", "species.yr")


def test_primary_energy_of_a_kwh_lies_between_its_own_and_four_times_that():
    assert 3.6 <= of(None)["primary_energy"].operational.central <= 14.4


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("NVIDIA A100-SXM4-80GB", "gpu-a100"),
        ("NVIDIA H100 80GB HBM3", "gpu-h100"),
        ("Tesla V100-PCIE-32GB", "gpu-v100"),
        ("Tesla T4", "gpu-t4"),
        ("NVIDIA L40S", "gpu-l40"),
        ("NVIDIA L4", "gpu-l4"),
        ("NVIDIA RTX A1000", "gpu-other"),
        ("AMD Instinct MI300X", "gpu-mi300"),
        ("AMD Instinct MI250X", "gpu-mi250"),
        ("AMD Instinct MI355X", "gpu-other"),
    ],
)
def test_a_gpu_is_known_by_its_name(name, rows):
    assert gpu_rows(name) == rows


def test_a_run_carries_its_part_and_says_what_made_it():
    """The factors of the hardware stand in the provenance beside those of the electricity."""
    from footprint.records.raw import RawRun, RunEnd

    raw = RawRun(head(), (frame(0.0, 0.0), frame(10.0, 100.0)), (), (), RunEnd(10.0, "completed", 0), crashed=False)
    run = account(raw, FR)
    made = run.impacts["carbon_location"].embodied
    assert made.central > 0
    assert any(name.startswith("embodied/carbon_location/") for name in run.provenance.factors)


ROWS = {(row.part, row.zone): row.value for row in FR.factors if row.indicator == "embodied"}


@pytest.mark.parametrize(
    ("gpu", "memory_gb", "die_mm2"),
    [("gpu-a100", 40, 826), ("gpu-h100", 80, 814), ("gpu-b200", 180, 1_600)],
)
def test_the_rule_for_accelerators_without_a_figure_gives_those_that_have_one(gpu, memory_gb, die_mm2):
    """By the parts of the H100: 42 % by memory, 25 % by silicon, the rest as it is. Within a tenth of what is published."""
    h100 = ROWS["carbon_location", "gpu-h100"].central
    by_rule = h100 * (0.42 * memory_gb / 80 + 0.25 * die_mm2 / 814 + 0.33)
    assert by_rule == pytest.approx(ROWS["carbon_location", gpu].central, rel=0.1)


@pytest.mark.parametrize(
    ("gpu", "memory_gb", "die_mm2"), [("gpu-h200", 141, 814), ("gpu-mi300", 192, 2_400), ("gpu-mi250", 128, 1_450)]
)
def test_accelerators_without_a_figure_are_by_that_rule(gpu, memory_gb, die_mm2):
    h100 = ROWS["carbon_location", "gpu-h100"].central
    by_rule = h100 * (0.42 * memory_gb / 80 + 0.25 * die_mm2 / 814 + 0.33)
    assert by_rule == pytest.approx(ROWS["carbon_location", gpu].central, rel=0.01)


@pytest.mark.parametrize(
    ("option", "name", "component"),
    [
        ("gpu", "NVIDIA H100 SXM", "gpu-h100"),
        ("gpu", "AMD Instinct MI300X", "gpu-mi300"),
        ("gpu", "V100", "gpu-v100"),
        ("cpu", "AMD EPYC 7763", "server-cpu"),
        ("cpu", "Intel Core i7-8700", "small-cpu"),
    ],
)
def test_estimates_and_runs_are_made_of_the_same_rows(option, name, component):
    """One device for its whole life is what the row says, indicator by indicator."""
    impacts = footprint.estimate(**{option: name}, hours=4 * 8760, lifetime_years=4, region="FR").impacts
    for key, impact in impacts.items():
        row = ROWS.get((key, component))
        if key == "carbon_market":
            continue
        if row is None:
            assert isinstance(impact.embodied, Missing), key
        else:
            assert impact.embodied[:3] == pytest.approx(row[:3]), key


def test_of_ewaste_what_the_region_collects_is_a_part_in_no_sum():
    waste = of(Hardware(8_760, (Held("gpu-a100", "GPU", 1.0, 1.0),)))["ewaste"]
    row = next(row for row in FR.factors if row.id.startswith("ewaste/collected/"))
    assert waste.parts["collected"].central == pytest.approx(waste.total.central * row.central)
    assert waste.total.central == pytest.approx(1.56 / 4)
    assert row.id in waste.factors
    assert any("recycled" in step.name for step in waste.derivation.steps)
    assert waste.derivation.steps[-1].output == waste.total
    one = footprint.estimate(gpu="NVIDIA A100 SXM4 40GB", hours=8_760, lifetime_years=4, region="FR").impacts["ewaste"]
    assert one.parts["collected"].central == pytest.approx(0.39 * row.central)


def test_every_zone_says_what_it_collects_and_a_country_with_a_figure_its_own():
    rows = {row.zone: row for row in catalogue.rows(indicator="ewaste") if row.part == "collected"}
    assert set(rows) == set(catalogue.zones().names)
    assert rows["CH"].how == "published"
    assert rows["US-CA"].central == rows["US"].central
    assert (rows["FR"].how, rows["FR"].low) == ("fallback", 0.0)
    assert all(0 <= row.low <= row.central <= row.high <= 1 for row in rows.values())
