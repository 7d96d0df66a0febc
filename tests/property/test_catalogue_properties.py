"""The arithmetic of the catalogue's build and of looking a factor up, for any figures."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footprint.factors import Factor, find

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from catalogue_carbon import Ratios, split
from catalogue_rows import FUELS, Mix, Range, Technologies, spanning, widened

amounts = st.floats(0, 2_000, allow_nan=False)
ranges = st.lists(amounts, min_size=3, max_size=3).map(lambda three: Range(*sorted(three)))
ratios = st.builds(Ratios, st.floats(0.1, 1), st.floats(1, 5))
years = st.integers(1990, 2100)


@given(ranges, st.floats(0, 1), ranges, ratios)
def test_the_parts_of_a_total_add_up_and_are_in_order(total, share, hint, spread):
    """Low, central and high alike, in thousandths of a gram; and the total spans what was asked of it."""
    whole, direct, above = split(total, total.central * share, hint, spread)
    for end in range(3):
        assert round(1000 * direct[end]) + round(1000 * above[end]) == round(1000 * whole[end])
    for one in (whole, direct, above):
        assert 0 <= one.low <= one.central <= one.high
    assert whole.low <= total.low + 0.001
    assert whole.high >= total.high - 0.001
    assert whole.central == pytest.approx(total.central, abs=0.001)


@given(ranges, st.floats(0, 1), ranges, ratios)
def test_direct_carbon_spans_what_a_second_method_says_of_it(total, share, hint, spread):
    """Scope 2 has a range of its own, not what the total's leaves over."""
    _, direct, _ = split(total, total.central * share, hint, spread)
    assert direct.high >= direct.central * spread.high - 0.002
    assert direct.low <= max(direct.central * spread.low, 0) + 0.002


@given(ranges, st.floats(0.1, 1), st.floats(1, 5))
def test_widening_keeps_the_central_and_only_widens(total, low, high):
    wider = widened(total, {"low_ratio": str(low), "high_ratio": str(high)})
    assert wider.central == total.central
    assert wider.low <= total.low
    assert wider.high >= total.high


@given(st.lists(ranges, min_size=1, max_size=6))
def test_what_spans_several_holds_each_of_them(several):
    whole = spanning(several)
    assert all(whole.low <= one.low and one.high <= whole.high for one in several)
    assert whole.low <= whole.central + 1e-9
    assert whole.central <= whole.high + 1e-9


@given(st.lists(st.floats(0.01, 1), min_size=len(FUELS), max_size=len(FUELS)), st.lists(ranges, min_size=9, max_size=9))
def test_a_mix_lies_between_its_worst_and_its_best_fuel(weights, of_fuels):
    technologies = Technologies(
        {
            "quantity": "lifecycle", "technology": fuel, "unit": "g/kWh", "sources": "s",
            **dict(zip(Range._fields, map(repr, one), strict=True)),
        }
        for fuel, one in zip(FUELS, of_fuels, strict=True)
    )  # fmt: skip
    mix = Mix({fuel: weight / sum(weights) for fuel, weight in zip(FUELS, weights, strict=True)}, ())
    mixed = technologies.mixed("lifecycle", mix)
    for end in range(3):
        values = [one[end] for one in of_fuels]
        assert min(values) - 1e-6 <= mixed[end] <= max(values) + 1e-6


@given(st.sets(years, min_size=1, max_size=6), st.none() | years)
def test_the_year_asked_for_is_taken_else_the_nearest_before_else_the_nearest(known, asked):
    rows = [
        Factor(
            f"a/b/FR/{year}", "a", "b", "FR", "kWh", 1, 1, 1, "exact", "lifecycle", "g", year, "published", ("s",)
        )
        for year in known
    ]  # fmt: skip
    found = find(rows, "a", "b", asked)
    assert found is not None
    if asked is None:
        assert found.year == max(known)
    elif min(known) <= asked:
        assert found.year == max(year for year in known if year <= asked)
    else:
        assert found.year == min(known)
