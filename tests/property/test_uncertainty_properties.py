"""What must hold of every range: its order, its kind, and the sums of its parts, through every operation."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from footprint import catalogue, interval
from footprint.account import account
from footprint.compare.comparing import compare
from footprint.compare.energies import gains_of
from footprint.impacts import impacts_of
from footprint.interval import KINDS, Interval, common_total, exact, is_known, product, quotient, scaled, total
from footprint.records.derivation import Missing
from footprint.records.document import as_document
from footprint.records.raw import RegionRef, Settings
from tests import account_run

ZONES = sorted(catalogue.zones().names)
CACHE = {}
amounts = st.floats(1e-12, 1e12)
zones = st.sampled_from(ZONES)


@st.composite
def intervals(draw, least=0.0):
    """Any range of an amount that is not below ``least``: of any kind, certain ones and ones that may be nothing too."""
    central = max(least, draw(st.one_of(amounts, st.just(0.0))))
    kind = draw(st.sampled_from(KINDS))
    if kind == "exact":
        return exact(central)
    low, high = central * draw(st.floats(0, 1)), central * draw(st.floats(1, 50))
    return Interval(max(least, low), central, high, kind)


several = st.lists(intervals(), min_size=1, max_size=8)


def rank(value):
    return KINDS.index(value.kind)


def is_ordered(value):
    return value.low <= value.central <= value.high and all(map(math.isfinite, value[:3]))


@settings(max_examples=300, deadline=None)
@given(several)
def test_sums_are_in_order_of_the_weakest_kind_and_no_wider_than_where_all_errors_are_shared(parts):
    whole, shared = total(parts), common_total(parts)
    for value in (whole, shared):
        assert is_ordered(value)
        assert value.kind == interval.weakest(part.kind for part in parts)
        assert value.central == math.fsum(part.central for part in parts)
    slack = 1e-9 * shared.high
    assert shared.low - slack <= whole.low
    assert whole.high <= shared.high + slack


@settings(max_examples=300, deadline=None)
@given(several)
def test_a_sum_of_90_percent_intervals_is_no_narrower_than_any_part_alone(parts):
    """Adding what is not certain never makes the whole more certain."""
    parts = [part._replace(kind="p90") for part in parts]
    whole = total(parts)
    widest = max(part.high - part.low for part in parts)
    assert whole.high - whole.low >= 0.7 * widest - 1e-15 * whole.high, "but for the digits of a float"


@settings(max_examples=300, deadline=None)
@given(intervals(), intervals(), st.floats(0, 1e6))
def test_products_quotients_and_scales_are_in_order_of_the_weaker_kind(a, b, by):
    for value in (product(a, b), scaled(a, by)):
        assert is_ordered(value)
    assert rank(product(a, b)) == max(rank(a), rank(b))
    assert product(a, b)[:3] == product(b, a)[:3]
    assume(b.low > 1e-9 * b.central)
    ratio = quotient(a, b)
    assert is_ordered(ratio)
    assert rank(ratio) == max(rank(a), rank(b))
    assert ratio.central == pytest.approx(a.central / b.central)


def known(zone):
    return CACHE.setdefault(zone, catalogue.load(zone, cpu=account_run.run().head.host.cpu))


def run_in(zone, *, pue=None, units=None, policy="reserved"):
    raw = account_run.run()
    head = raw.head._replace(region=RegionRef(zone, "flag"), settings=Settings(policy, pue))
    return raw._replace(head=head, end=raw.end._replace(units=units or {}))


def impacts(zone, energy, pue):
    return impacts_of(energy, product(energy, pue), pue, known(zone), 2026)


@settings(max_examples=60, deadline=None)
@given(zones, st.one_of(st.none(), st.floats(1, 3)), st.sampled_from(["reserved", "proportional", "all", "none"]))
def test_parts_of_carbon_and_the_making_are_the_total(zone, pue, policy):
    """direct + upstream + losses + embodied = total, to 1e-9; and every figure of a run is in order."""
    run = account(run_in(zone, pue=pue, policy=policy), known(zone))
    carbon = run.impacts["carbon_location"]
    parts = [carbon.parts[name] for name in ("direct", "upstream", "grid_losses")]
    whole = math.fsum(part.central for part in parts if isinstance(part, Interval)) + carbon.embodied.central
    assert carbon.total.central == pytest.approx(whole, rel=1e-9)
    for impact in run.impacts.values():
        for value in (impact.operational, impact.embodied, impact.total, *impact.parts.values()):
            assert isinstance(value, Missing) or is_ordered(value)
    for value in (run.energy.job_kwh, run.energy.host_kwh, run.energy.facility_kwh, run.energy.components_kwh):
        assert is_ordered(value)


@pytest.mark.parametrize("pue", [exact(1.0), exact(1.2), Interval(1.0, 1.58, 2.5, "envelope")])
def test_no_indicator_is_zero_anywhere_where_energy_is_not(pue):
    """What is not known is missing, with a reason: never 0. E-waste comes of the hardware alone."""
    for zone in ZONES:
        for key, impact in impacts(zone, exact(1.0), pue).items():
            if isinstance(impact.total, Missing):
                assert impact.total.missing
            else:
                assert impact.total.central > 0, (zone, key)


@settings(max_examples=60, deadline=None)
@given(intervals(), intervals(least=1.0))
def test_norway_is_below_france_below_germany_below_poland(energy, pue):
    assume(energy.central > 0)
    carbon = [impacts(zone, energy, pue)["carbon_location"].total.central for zone in ("NO", "FR", "DE", "PL")]
    assert carbon == sorted(carbon)
    assert len(set(carbon)) == 4


@settings(max_examples=40, deadline=None)
@given(zones, st.floats(1e-3, 1e9), st.floats(1e-3, 1e9))
def test_a_figure_for_one_unit_stands_beside_its_total_and_makes_it(zone, images, epochs):
    """In the document: what one took, times how many, is what all took; each with a range in order."""
    counts = {"images": images, "epochs": epochs}
    run = account(run_in(zone, pue=1.2, units=counts), known(zone))
    told = as_document(run)
    assert set(told["units"]) == set(counts)
    for name, unit in told["units"].items():
        assert unit["count"] == pytest.approx(counts[name], rel=1e-11)
        for key, each in unit["per_unit"].items():
            whole = told["energy"]["job_kwh"] if key == "job_kwh" else told["impacts"][key]["total"]
            for end in ("low", "central", "high"):
                assert each[end] * counts[name] == pytest.approx(whole[end], rel=1e-9)
            assert each["low"] <= each["central"] <= each["high"]
            assert each["kind"] == whole["kind"]
    assert all("missing" not in told["impacts"][key] for key in told["units"]["images"]["per_unit"] if key != "job_kwh")


@settings(max_examples=40, deadline=None)
@given(zones, zones, st.floats(0.2, 5), st.sampled_from(["reserved", "proportional"]))
def test_comparisons_are_in_order_also_where_less_was_used(first, second, watts, policy):
    """Ratios, and differences that may lie below zero."""
    a = run_in(first, pue=1.2, units={"images": 10.0}, policy=policy)
    b = run_in(second, pue=1.2, units={"images": 7.0}, policy=policy)
    frames = tuple(
        frame._replace(readings=tuple(1e6 + (r - 1e6) * watts for r in frame.readings)) for frame in b.frames
    )
    b = b._replace(head=b.head._replace(run_id="01M80000000000000000OTHER0"), frames=frames)
    runs = [account(raw, known(raw.head.region.zone)) for raw in (a, b)]
    gains = {raw.head.run_id: gains_of(raw, known(raw.head.region.zone)) for raw in (a, b)}
    for pair in compare(runs, gains).pairs:
        for one in pair.quantities:
            for value in (one.a, one.b, one.ratio, one.difference):
                assert not is_known(value) or value.low <= value.central <= value.high
