"""Forecasts of whatever use: the order of intervals, and that more use never looks better."""

from hypothesis import given, settings
from hypothesis import strategies as st

from footprint.forecast import Use, above, forecast
from footprint.interval import Interval, common_total
from footprint.silence import HostDays, coverage

amounts = st.floats(0, 1e6, allow_nan=False)
parts = st.floats(0, 1)


@st.composite
def intervals(draw):
    central = draw(amounts)
    return Interval(
        central * draw(parts),
        central,
        central * (1 + 3 * draw(parts)),
        draw(st.sampled_from(["p90", "envelope", "lower_bound"])),
    )


@st.composite
def uses(draw):
    earlier = tuple(draw(st.lists(intervals(), max_size=28)))
    within = draw(st.integers(0, len(earlier)))
    return Use(
        earlier=earlier,
        before=common_total(earlier[len(earlier) - within :]),
        today=draw(intervals()),
        days_left=draw(st.integers(0, 120)),
        runs=1,
    )


@given(uses())
@settings(max_examples=60, deadline=None)
def test_a_forecast_is_in_order_and_no_less_than_what_is_used(use):
    found, used = forecast(use).interval, use.used
    assert found.low <= found.central <= found.high
    slack = 1e-6 * max(1.0, found.high)
    assert found.low >= used.low - slack
    assert found.central >= used.central - slack
    assert found.high >= used.high - slack


@given(uses(), intervals(), st.integers(0, 28), st.floats(0, 1e8))
@settings(max_examples=60, deadline=None)
def test_more_use_never_lowers_the_probability_of_more_than_the_limit(use, more, at, limit):
    """On any day: today, or one of the days before, of the period or not."""
    if at >= len(use.earlier):
        grown = use._replace(today=common_total((use.today, more)))
    else:
        days = list(use.earlier)
        days[at] = common_total((days[at], more))
        grown = use._replace(earlier=tuple(days))
    assert forecast(grown).p_over(limit) >= forecast(use).p_over(limit) - 1e-9
    with_period = grown._replace(before=common_total((use.before, more)))
    assert forecast(with_period).p_over(limit) >= forecast(use).p_over(limit) - 1e-9


@given(uses(), st.floats(0, 1e8), st.floats(0, 1e8))
@settings(max_examples=40, deadline=None)
def test_a_higher_limit_is_never_likelier_to_be_passed(use, one, other):
    found = forecast(use)
    low, high = sorted((one, other))
    assert 0.0 <= found.p_over(high) <= found.p_over(low) <= 1.0


@given(intervals(), amounts)
def test_the_probability_is_even_at_the_central_value_and_certain_beyond_the_ends(value, limit):
    assert 0.0 <= above(value, limit) <= 1.0
    if limit < value.low:
        assert above(value, limit) == 1.0
    if limit >= value.high:
        assert above(value, limit) == 0.0


@given(
    st.lists(
        st.builds(HostDays, st.text(min_size=1, max_size=3), amounts, st.frozensets(st.integers(60, 110), min_size=1)),
        max_size=6,
    ),
    st.integers(80, 105),
)
def test_coverage_is_a_share(hosts, today):
    assert 0.0 <= coverage(hosts, today).coverage <= 1.0 + 1e-12
