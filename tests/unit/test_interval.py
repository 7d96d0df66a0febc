"""Sums, products and quotients of 90 % intervals against draws by chance, with a fixed seed.

Each interval stands for an amount of which 5 % of the chance lies below ``low``, half below ``central`` and 5 % above
``high``. Two kinds of amounts that are so are drawn: lognormal ones that are moved, and lognormal ones with a spread
of their own on each side. What is combined in the product must hold about nine of ten draws of either.
"""

import math

import numpy as np
import pytest

from footprint.interval import Interval, common_total, exact, product, quotient, scaled, total

Z = 1.6448536269514722
DRAWS = 60_000
LEAST, MOST = 0.88, 0.94
"""The coverage that docs/method.md states."""


def p90(low, central, high):
    return Interval(low, central, high, "p90")


def within(central, times):
    """An amount that is known within a factor."""
    return p90(central / times, central, central * times)


def moved_lognormal(chance, value):
    """Draws of ``m + b (exp(s z) - 1)`` through the three points."""
    low, middle, high, _ = value
    above, below, z = high - middle, middle - low, chance.standard_normal(DRAWS)
    if math.isclose(above, below, rel_tol=1e-9):
        return middle + above / Z * z
    s = math.log(above / below) / Z
    return middle + below / -math.expm1(-s * Z) * np.expm1(s * z)


def two_sided_lognormal(chance, value):
    """Draws of ``m exp(s z)`` with one s below the middle and another above it, through the three points."""
    low, middle, high, _ = value
    z = chance.standard_normal(DRAWS)
    return middle * np.exp(np.where(z < 0, math.log(middle / low), math.log(high / middle)) / Z * z)


def covered(draws, value):
    return np.mean((draws >= value.low) & (draws <= value.high))


SUMS = {
    "one": [p90(0.5, 1, 3)],
    "two alike": [within(1, 1.5)] * 2,
    "three known within 2": [within(1, 2)] * 3,
    "five known within 3": [within(1, 3)] * 5,
    "twenty known within 3": [within(1, 3)] * 20,
    "a hundred known within 2": [within(1, 2)] * 100,
    "one that dominates, and is wide": [within(10, 2), within(1, 3), within(0.5, 1.2)],
    "one that dominates, and is well known": [within(10, 1.05), within(1, 4), within(1, 3)],
    "carbon of three classes of data": [p90(0.67, 1, 3.61), p90(0.73, 1, 1.49), p90(0.54, 1, 1.25)],
    "six of the class that leans up": [p90(0.67, 1, 3.61)] * 6,
    "two that lean down": [p90(0.5, 1, 1.1), p90(0.9, 1, 1.8)],
    "three that lean down": [p90(0.3, 1, 1.1)] * 3,
    "meters, without a lean": [p90(0.9, 1, 1.1), p90(4.5, 5, 5.5), exact(3.0)],
    "hydropower's water": [p90(0.29, 1, 3.48)] * 3,
    "eight of all kinds": [
        within(1, 1.1), within(2, 1.3), within(0.5, 2), within(0.1, 5), p90(0.54, 1, 1.25), p90(0.5, 0.6, 0.7),
        within(1, 1.5), within(0.3, 3),
    ],
}  # fmt: skip
FAR = {
    "one that may be 23 times as much, one well known": [p90(0.015, 1, 23), p90(0.5, 1, 2)],
    "ten that lean up, by a spread of their own": [p90(0.67, 1, 3.61)] * 10,
    "one known within 10, two well known": [within(1, 10), within(3, 1.2), within(3, 1.2)],
}
KINDS_OF_DRAWS = [moved_lognormal, two_sided_lognormal]


@pytest.mark.parametrize("drawn", KINDS_OF_DRAWS)
@pytest.mark.parametrize("name", SUMS)
def test_a_sum_of_independent_amounts_holds_nine_of_ten(name, drawn):
    chance = np.random.default_rng(20261125)
    parts = SUMS[name]
    draws = sum(drawn(chance, part) if part.kind == "p90" else part.central for part in parts)
    assert LEAST <= covered(draws, total(parts)) <= MOST


@pytest.mark.parametrize("drawn", KINDS_OF_DRAWS)
@pytest.mark.parametrize("name", FAR)
def test_a_sum_of_amounts_that_may_be_far_off_holds_four_of_five(name, drawn):
    """What docs/method.md says of terms that nobody knows within a factor of 5."""
    chance = np.random.default_rng(20261125)
    assert 0.80 <= covered(sum(drawn(chance, part) for part in FAR[name]), total(FAR[name])) <= MOST


def test_adding_half_widths_in_quadrature_would_be_too_narrow_for_many_terms():
    """Why the sum is made as it is: skewed terms move its middle, and quadrature leaves it where it is."""
    chance = np.random.default_rng(20261125)
    parts = SUMS["twenty known within 3"]
    below, above = (math.sqrt(sum((part.central - part[end]) ** 2 for part in parts)) for end in (0, 2))
    quadrature = p90(20 - below, 20, 20 + above)
    draws = sum(moved_lognormal(chance, part) for part in parts)
    assert covered(draws, quadrature) < 0.85


PRODUCTS = {
    "two known within 2": (within(1, 2), within(3, 2)),
    "a meter and a factor": (p90(0.9, 1, 1.1), p90(0.73, 1, 1.49)),
    "one that leans up, one that leans down": (p90(0.67, 1, 3.61), p90(0.54, 1, 1.25)),
    "two that lean up": (p90(0.67, 1, 3.61), p90(0.67, 1, 3.61)),
    "two that lean down": (p90(0.5, 1, 1.1), p90(0.54, 1, 1.25)),
    "one known within 10": (within(1, 10), within(2, 1.1)),
}


@pytest.mark.parametrize("drawn", KINDS_OF_DRAWS)
@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_and_a_quotient_hold_nine_of_ten(name, drawn):
    chance = np.random.default_rng(20261125)
    a, b = PRODUCTS[name]
    of_a, of_b = drawn(chance, a), drawn(chance, b)
    assert LEAST <= covered(of_a * of_b, product(a, b)) <= MOST
    if of_b.min() > 0:
        assert LEAST <= covered(of_a / of_b, quotient(a, b)) <= MOST


@pytest.mark.parametrize("drawn", KINDS_OF_DRAWS)
def test_a_whole_impact_of_p90_terms_holds_nine_of_ten(drawn):
    """Energy × PUE × (two factors, which share the energy) and the making: as the impacts are made."""
    chance = np.random.default_rng(20261125)
    energy, pue = p90(0.9, 1, 1.12), p90(1.05, 1.2, 1.5)
    direct, upstream, making = p90(0.73, 1, 1.49), p90(0.2, 0.3, 0.8), p90(0.1, 0.2, 0.5)
    facility = product(energy, pue)
    whole = total([product(facility, total([direct, upstream])), making])
    draws = drawn(chance, energy) * drawn(chance, pue) * (drawn(chance, direct) + drawn(chance, upstream))
    assert LEAST <= covered(draws + drawn(chance, making), whole) <= MOST


def test_a_shared_error_does_not_shrink_in_a_sum_and_an_own_one_does():
    """Ten runs by one sensor and ten by ten: both hold nine of ten of what they stand for."""
    chance = np.random.default_rng(20261125)
    runs = [within(1, 1.5)] * 10
    shared, own = common_total(runs), total(runs)
    draws = 10 * moved_lognormal(chance, runs[0])
    assert LEAST <= covered(draws, shared) <= MOST
    assert covered(draws, own) < 0.6
    assert own.high - own.low < 0.4 * (shared.high - shared.low)


def test_an_amount_alone_or_with_certain_ones_keeps_its_ends():
    one = p90(0.67, 1, 3.61)
    assert total([one])[:3] == pytest.approx(one[:3])
    assert total([one, exact(4.0)])[:3] == pytest.approx((4.67, 5, 7.61))
    assert product(one, exact(2.0)) == scaled(one, 2.0)
    assert quotient(one, exact(2.0))[:3] == pytest.approx(scaled(one, 0.5)[:3])


@pytest.mark.parametrize("times", [1e-300, 1e-160, 1e-17, 1e17, 1e150])
def test_units_do_not_matter(times):
    """Species.yr are 1e-17: no power of an amount may vanish or run over."""
    parts = SUMS["carbon of three classes of data"]
    small = total([scaled(part, times) for part in parts])
    assert [end / times for end in small[:3]] == pytest.approx(list(total(parts)[:3]))


def test_the_order_of_the_parts_does_not_change_a_byte():
    parts = SUMS["eight of all kinds"]
    assert total(parts) == total(reversed(parts))


def test_an_amount_that_may_be_nothing_stays_above_it():
    parts = [p90(0, 0.36, 2.75), p90(0, 0.2, 0.5), p90(0, 0, 1)]
    assert total(parts).low >= 0
    assert product(parts[0], parts[1])[:3] == pytest.approx((0, 0.072, 1.375))


def test_a_weaker_kind_wins_and_its_ends_are_added():
    envelope, at_least = Interval(1, 2, 4, "envelope"), Interval(1, 2, 4, "lower_bound")
    assert total([p90(1, 2, 3), envelope]) == Interval(2, 4, 7, "envelope")
    assert product(p90(1, 2, 3), envelope) == Interval(1, 4, 12, "envelope")
    assert quotient(p90(1, 2, 3), envelope) == Interval(0.25, 1, 3, "envelope")
    assert total([p90(1, 2, 3), envelope, at_least]).kind == "lower_bound"
    assert product(envelope, at_least).kind == "lower_bound"
