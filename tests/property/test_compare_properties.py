"""What must hold for every comparison: it holds the truth, reads the same both ways, and claims no more than is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_results import GAIN, gains_of, run

from footprint import compare

JOULES = st.floats(1, 1e6)
OWN = st.floats(0, 0.4)
ENDS = st.floats(-1, 1)


def energy(a, b):
    return compare.compare([a, b], gains_of(a, b)).pairs[0].quantities[0]


@given(a_j=JOULES, b_j=JOULES, own_a=OWN, own_b=OWN, gain=st.floats(GAIN.low, GAIN.high), off_a=ENDS, off_b=ENDS)
def test_the_true_ratio_lies_in_the_range_whatever_the_sensor_and_the_runs_own_errors_are(
    a_j, b_j, own_a, own_b, gain, off_a, off_b
):
    one = energy(run("a", a_j, own=own_a), run("b", b_j, own=own_b))
    true_a, true_b = a_j * gain * (1 + own_a * off_a), b_j * gain * (1 + own_b * off_b)
    assert one.ratio.low * (1 - 1e-9) <= true_b / true_a <= one.ratio.high * (1 + 1e-9)


@given(a_j=JOULES, b_j=JOULES, own_a=OWN, own_b=OWN, host=st.sampled_from(["h1", "h2"]))
def test_a_comparison_reads_the_same_from_the_other_side(a_j, b_j, own_a, own_b, host):
    a, b = run("a", a_j, own=own_a), run("b", b_j, own=own_b, host=host)
    there, back = energy(a, b), energy(b, a)
    assert there.ratio.low == pytest.approx(1 / back.ratio.high)
    assert there.ratio.high == pytest.approx(1 / back.ratio.low)
    assert {there.verdict, back.verdict} in ({"less", "more"}, {"cannot_tell"})


@given(a_j=JOULES, b_j=JOULES, own_a=OWN, own_b=OWN, quality=st.sampled_from(["measured", "modelled"]))
def test_two_runs_of_one_machine_are_never_known_worse_than_of_two(a_j, b_j, own_a, own_b, quality):
    """What cancels can only narrow a range; with the model where both load the machine alike."""
    loads = {"host_joules": 1e7}
    a, b = (run(name, j, own=own, quality=quality, **loads) for name, j, own in (("a", a_j, own_a), ("b", b_j, own_b)))
    apart = run("b", b_j, own=own_b, quality=quality, host="h2", **loads)
    one, two = energy(a, b).ratio, energy(a, apart).ratio
    assert two.low <= one.low * (1 + 1e-9)
    assert one.high <= two.high * (1 + 1e-9)


@given(a_j=JOULES, b_j=JOULES, own_a=OWN, own_b=OWN, n_a=st.integers(1, 1000), n_b=st.integers(1, 1000))
def test_order_and_verdict_agree(a_j, b_j, own_a, own_b, n_a, n_b):
    a, b = run("a", a_j, own=own_a, units={"images": n_a}), run("b", b_j, own=own_b, units={"images": n_b})
    for one in compare.compare([a, b], gains_of(a, b)).pairs[0].quantities:
        assert one.ratio.low <= one.ratio.central <= one.ratio.high
        assert one.difference.low <= one.difference.central <= one.difference.high
        assert (one.verdict == "less") == (one.ratio.high < 1)
        assert (one.verdict == "more") == (one.ratio.low > 1)
