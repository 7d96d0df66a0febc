"""What must hold for every estimate: order, scale, and agreement between its routes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import footprint
from footprint.interval import Interval

FACTORS = {"pue": 1.3, "intensity": 210, "wue": 0.4, "ewif": 1.7}
AMOUNT = st.floats(1e-3, 1e6)
RANGE = st.lists(AMOUNT, min_size=3, max_size=3).map(sorted).map(tuple)
GIVEN = st.one_of(AMOUNT, RANGE)
PUE = st.one_of(st.floats(1, 3), st.lists(st.floats(1, 3), min_size=3, max_size=3).map(sorted).map(tuple))
SHARE = st.floats(0.01, 1)


def amounts(one):
    """All intervals of an estimate."""
    energy = one.energy
    yield from (energy.job_kwh, energy.facility_kwh, energy.pue)
    yield from (part.job_kwh for part in energy.components)
    for impact in one.impacts.values():
        yield from (
            value for value in (impact.operational, impact.embodied, impact.total) if isinstance(value, Interval)
        )
        yield from (value for value in impact.parts.values() if isinstance(value, Interval))
    yield from (item.value for item in one.assumed if item.value is not None)


@given(power=GIVEN, hours=GIVEN, pue=PUE, intensity=GIVEN, kg=GIVEN, share=SHARE)
def test_low_central_high_are_in_order_whatever_is_given(power, hours, pue, intensity, kg, share):
    one = footprint.estimate(
        power_w=power,
        hours=hours,
        pue=pue,
        intensity=intensity,
        embodied_kg=kg,
        lifetime_years=4,
        share=share,
        region="FR",
    )
    for value in amounts(one):
        assert 0 <= value.low <= value.central <= value.high
        assert (value.low == value.high) or value.kind != "exact"


@given(count=st.integers(1, 10_000), power=GIVEN, hours=GIVEN, kg=GIVEN)
def test_n_devices_are_n_times_one(count, power, hours, kg):
    shared = {"power_w": power, "hours": hours, "embodied_kg": kg, "lifetime_years": 4, **FACTORS}
    many, one = footprint.estimate(count=count, **shared), footprint.estimate(count=1, **shared)
    for key in ("carbon_location", "water"):
        for part in ("operational", "total"):
            left, right = getattr(many.impacts[key], part), getattr(one.impacts[key], part)
            assert left[:3] == pytest.approx([count * end for end in right[:3]], rel=1e-9)


@given(count=st.integers(1, 1000), use=st.floats(0, 1))
def test_n_named_devices_are_n_times_one(count, use):
    shared = {"gpu": "NVIDIA H100 SXM", "cpu": "AMD EPYC 7763", "hours": 3, "utilisation": use, **FACTORS}
    many, one = footprint.estimate(count=count, **shared), footprint.estimate(**shared)
    assert many.energy.job_kwh[:3] == pytest.approx([count * end for end in one.energy.job_kwh[:3]], rel=1e-9)


@given(
    count=st.integers(1, 1000), hours=st.floats(0.1, 1e4), share=SHARE, die=st.floats(10, 2000), gb=st.floats(1, 4000)
)
def test_n_devices_are_made_n_times_for_every_indicator(count, hours, share, die, gb):
    """Named devices and components together: making of n is n × that of one, whatever PUE and energy are."""
    shared = {
        "gpu": "NVIDIA A100 SXM4 40GB",
        "cpu_die_mm2": die,
        "dram_gb": gb,
        "ssd_gb": gb,
        "hours": hours,
        "share": share,
    }
    many = footprint.estimate(count=count, pue=2, **shared, intensity=50).impacts
    one = footprint.estimate(count=1, pue=1, **shared, intensity=50).impacts
    made = [key for key in one if isinstance(one[key].embodied, Interval)]
    assert {"carbon_location", "primary_energy", "minerals", "ewaste"} <= set(made)
    for key in made:
        assert many[key].embodied[:3] == pytest.approx([count * end for end in one[key].embodied[:3]], rel=1e-9)
        assert many[key].lacking == one[key].lacking


@given(hours=st.floats(0.1, 1e4), parts=st.integers(2, 5))
def test_shares_of_a_device_add_up_to_it(hours, parts):
    shared = {"gpu": "NVIDIA H100 SXM", "hours": hours, "intensity": 50, "pue": 1.2}
    whole = footprint.estimate(**shared).impacts
    part = footprint.estimate(**shared, share=1 / parts).impacts
    for key in ("carbon_location", "ewaste"):
        assert part[key].embodied.central * parts == pytest.approx(whole[key].embodied.central, rel=1e-9)


@given(facility=AMOUNT, pue=st.floats(1, 3))
def test_energy_of_the_facility_and_of_the_machines_agree(facility, pue):
    """E at the facility and E ÷ PUE at the machines are the same job."""
    factors = {**FACTORS, "pue": pue}
    whole = footprint.estimate(energy_kwh=facility, energy_at="facility", **factors)
    machines = footprint.estimate(energy_kwh=whole.energy.job_kwh.central, energy_at="it", **factors)
    for key in ("carbon_location", "water"):
        assert math.isclose(
            whole.impacts[key].operational.central, machines.impacts[key].operational.central, rel_tol=1e-9
        )


@given(hours=AMOUNT, count=st.integers(1, 1000), power=AMOUNT, use=SHARE)
def test_nameplate_at_a_utilisation_is_the_power_it_makes(hours, count, power, use):
    nameplate = footprint.estimate(tdp_w=power, utilisation=use, hours=hours, count=count, **FACTORS)
    known = footprint.estimate(power_w=power * use, hours=hours, count=count, **FACTORS)
    assert math.isclose(nameplate.energy.job_kwh.central, known.energy.job_kwh.central, rel_tol=1e-9)


@given(use=st.lists(st.floats(0, 1), min_size=2, max_size=2).map(sorted))
def test_a_busier_device_never_draws_less(use):
    for kind, name in (("gpu", "NVIDIA A100 SXM4 80GB"), ("cpu", "Intel Xeon Gold 6148")):
        low, high = (
            footprint.estimate(**{kind: name}, hours=1, utilisation=one, **FACTORS).energy.job_kwh for one in use
        )
        assert all(less <= more * (1 + 1e-12) for less, more in zip(low[:3], high[:3], strict=True))
