"""What must hold of impacts for any energy, any PUE and any zone of the catalogue."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footprint import catalogue
from footprint.impacts import impacts_of
from footprint.interval import Interval, is_known, product, scaled
from footprint.records.derivation import Missing

ZONES = sorted(catalogue.zones().names)
CACHE = {}

zones = st.sampled_from(ZONES)
kinds = st.sampled_from(["exact", "p90", "envelope", "lower_bound"])
amounts = st.floats(min_value=1e-9, max_value=1e6)


@st.composite
def intervals(draw, least=0.0):
    central = least + draw(amounts)
    below, above = draw(st.floats(0, 1)), draw(st.floats(1, 3))
    kind = draw(kinds)
    if kind == "exact":
        return Interval(central, central, central, kind)
    return Interval(max(least, central * below), central, central * above, kind)


def impacts(zone, job, pue):
    known = CACHE.setdefault(zone, catalogue.load(zone))
    return impacts_of(job, product(job, pue), pue, known, 2026)


def told(found):
    """The impacts that have a figure for the electricity: the others say why, whatever the energy is."""
    return {key: impact for key, impact in found.items() if not isinstance(impact.total, Missing)}


def approx(value):
    return pytest.approx(value, rel=1e-9, abs=1e-300)


@settings(max_examples=150, deadline=None)
@given(zones, intervals(), intervals(least=1.0))
def test_every_interval_is_ordered_and_no_kind_is_better_than_its_inputs(zone, job, pue):
    """low ≤ central ≤ high in totals and parts; what is made of an envelope is no tested interval."""
    for impact in told(impacts(zone, job, pue)).values():
        parts = [*impact.parts.values(), impact.operational, impact.total]
        for value in parts:
            if not isinstance(value, Missing):
                assert 0 <= value.low <= value.central <= value.high
        assert impact.total.kind == "lower_bound"
        assert impact.operational.kind in {"envelope", "lower_bound"}


@settings(max_examples=100, deadline=None)
@given(zones, intervals(), intervals(least=1.0), st.floats(1.0, 100.0))
def test_n_times_the_energy_is_n_times_the_impact(zone, job, pue, times):
    once, more = told(impacts(zone, job, pue)), told(impacts(zone, scaled(job, times), pue))
    assert set(once) == set(more) >= {"carbon_location", "water", "land", "primary_energy", "minerals", "biodiversity"}
    for key in once:
        for low_high in range(3):
            assert more[key].total[low_high] == approx(once[key].total[low_high] * times)


@settings(max_examples=100, deadline=None)
@given(zones, intervals(), intervals(least=1.0), st.floats(1e-6, 1e6))
def test_more_energy_is_never_less_impact(zone, job, pue, extra):
    grown = Interval(job.low + extra, job.central + extra, job.high + extra, job.kind)
    before, after = told(impacts(zone, job, pue)), told(impacts(zone, grown, pue))
    for key in before:
        assert after[key].total.central >= before[key].total.central


@settings(max_examples=100, deadline=None)
@given(zones, intervals(), intervals(least=1.0))
def test_the_derivation_ends_with_the_total_and_begins_with_the_energy(zone, job, pue):
    """Every factor that was used is told with its sources; shares of the spread sum to 1."""
    known = CACHE.setdefault(zone, catalogue.load(zone))
    ids = {row.id for row in known.factors}
    for impact in told(impacts(zone, job, pue)).values():
        derivation = impact.derivation
        assert derivation.value == derivation.steps[-1].output == impact.total
        used = [step for step in derivation.steps if step.factor]
        assert {step.factor for step in used} == set(impact.factors) <= ids
        assert all(step.sources for step in used)
        if derivation.spread:
            assert math.fsum(share for _, share in derivation.spread) == approx(1.0)
            assert all(share > 0 for _, share in derivation.spread)


@settings(max_examples=100, deadline=None)
@given(zones, intervals(), intervals(least=1.0))
def test_parts_of_carbon_make_the_operational_sum(zone, job, pue):
    carbon = impacts(zone, job, pue)["carbon_location"]
    parts = [value for value in carbon.parts.values() if not isinstance(value, Missing)]
    for end in range(3):
        assert math.fsum(part[end] for part in parts) == approx(carbon.operational[end])


@settings(max_examples=100, deadline=None)
@given(zones, intervals(), intervals(least=1.0))
def test_reservoirs_are_in_no_sum_of_water(zone, job, pue):
    water = impacts(zone, job, pue)["water"]
    summed = water.parts["plants"].central + water.parts["on_site"].central
    assert water.total.central == approx(summed)
    assert water.operational.high == approx(water.parts["plants"].high + water.parts["on_site"].high)
    assert is_known(water.parts["reservoirs"])
