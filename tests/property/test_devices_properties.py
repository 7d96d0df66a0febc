"""Devices and ranks: n of a kind are n times one, and what is divided among jobs adds up again, in each bound."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footprint import catalogue
from footprint.impacts import impacts_of
from footprint.impacts.facility import pue_of
from footprint.interval import Interval, product, scaled
from footprint.records.derivation import Missing
from footprint.records.hardware import Hardware, Held

ZONES = sorted(catalogue.zones().names)
ROWS = {row.zone for row in catalogue.load("FR").factors if row.indicator == "embodied" and row.part != "lifetime"}
CACHE = {}

zones = st.sampled_from(ZONES)
components = st.sampled_from(sorted(ROWS))
hours = st.floats(1e-3, 1e5)
shares = st.floats(1e-3, 1.0)
jobs = st.builds(
    lambda central, below, above, kind: Interval(central * below, central, central * above, kind),
    st.floats(1e-6, 1e6),
    st.floats(0.1, 1),
    st.floats(1, 5),
    st.sampled_from(["envelope", "p90", "lower_bound"]),
)


def impacts(zone, job, hardware):
    known = CACHE.setdefault(zone, catalogue.load(zone))
    pue, _ = pue_of(None, battery=False, catalogue=known)
    return impacts_of(job, product(job, pue), pue, known, 2026, hardware=hardware)


def amounts(impact):
    """The operational, embodied and total amount, where there is one."""
    told = {"operational": impact.operational, "embodied": impact.embodied, "total": impact.total}
    return {name: value for name, value in told.items() if not isinstance(value, Missing)}


def assert_times(many, one, times):
    """Each bound of each amount, and its kind."""
    for key, impact in one.items():
        assert set(amounts(many[key])) == set(amounts(impact))
        for name, value in amounts(impact).items():
            assert amounts(many[key])[name].kind == value.kind
            assert amounts(many[key])[name][:3] == pytest.approx(scaled(value, times)[:3], rel=1e-9, abs=0)


@settings(max_examples=60, deadline=None)
@given(zones, jobs, components, st.integers(2, 64), hours, shares)
def test_n_pieces_are_n_times_one_in_what_making_them_took(zone, job, component, count, time, share):
    """By amount in one line, and by as many lines."""
    one = impacts(zone, job, Hardware(time, (Held(component, "it", 1.0, share),)))
    by_amount = impacts(zone, job, Hardware(time, (Held(component, "it", float(count), share),)))
    by_lines = impacts(zone, job, Hardware(time, (Held(component, "it", 1.0, share),) * count))
    known = [key for key, impact in one.items() if isinstance(impact.embodied, Interval)]
    assert known
    for key in known:
        for many in (by_amount, by_lines):
            assert many[key].embodied.kind == one[key].embodied.kind
            expected = scaled(one[key].embodied, count)[:3]
            assert many[key].embodied[:3] == pytest.approx(expected, rel=1e-9, abs=0)


@settings(max_examples=60, deadline=None)
@given(zones, jobs, st.sets(components, min_size=1, max_size=4), st.integers(2, 1000), hours, shares)
def test_n_machines_at_the_same_work_are_n_times_one_in_everything(zone, job, held, count, time, share):
    """n times the energy and n times the hardware: n times each indicator's using, making and sum."""
    one = Hardware(time, tuple(Held(component, component, 1.0, share) for component in sorted(held)))
    many = one._replace(held=tuple(piece._replace(amount=float(count)) for piece in one.held))
    assert_times(impacts(zone, scaled(job, count), many), impacts(zone, job, one), count)


@settings(max_examples=60, deadline=None)
@given(zones, jobs, components, hours, st.lists(st.floats(0.01, 1), min_size=1, max_size=8), st.floats(0.1, 1))
def test_the_ranks_of_a_group_have_together_what_the_whole_job_has(zone, job, component, time, weights, share):
    """However a job's energy and hardware are divided among its ranks: errors are shared, so bounds add to bounds."""
    whole = math.fsum(weights)
    parts = [weight / whole for weight in weights]
    alone = impacts(zone, job, Hardware(time, (Held(component, "it", 1.0, share),)))
    ranks = [
        impacts(zone, scaled(job, part), Hardware(time, (Held(component, "it", 1.0, share * part),))) for part in parts
    ]
    for key, impact in alone.items():
        for name, value in amounts(impact).items():
            for bound in range(3):
                added = math.fsum(amounts(rank[key])[name][bound] for rank in ranks)
                assert added == pytest.approx(value[bound], rel=1e-9, abs=0)


@settings(max_examples=60, deadline=None)
@given(zones, jobs, components, hours, shares)
def test_where_there_is_energy_and_hardware_no_amount_is_zero(zone, job, component, time, share):
    """What is not known is missing with its reason. E-waste of using is the one true zero: using makes none."""
    for key, impact in impacts(zone, job, Hardware(time, (Held(component, "it", 1.0, share),))).items():
        for name, value in amounts(impact).items():
            assert value.central > 0 or (key, name) == ("ewaste", "operational")
        for value in (impact.operational, impact.embodied, impact.total):
            assert not isinstance(value, Missing) or value.missing.strip()
