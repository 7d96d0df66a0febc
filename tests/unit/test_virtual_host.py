"""The virtual host tells the truth: its energy is the integral of its power, in Python and in C."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from virtual_host import Constant, Ramp, Square, Steps, package

watts = st.floats(0, 500)
seconds = st.floats(0.01, 5)
CURVES = st.one_of(
    st.builds(Constant, watts),
    st.builds(Square, watts, watts, seconds, st.floats(0.05, 0.95)),
    st.builds(Ramp, watts, watts, seconds),
    st.builds(lambda first, at, then: Steps(((0.0, first), (at, then))), watts, seconds, watts),
)


@given(CURVES, st.floats(0, 20), st.floats(0, 20))
def test_energy_only_rises_and_adds_up(curve, first, second):
    early, late = sorted((first, second))
    assert curve.energy_j(0) == 0
    assert -1e-9 <= curve.energy_j(late) - curve.energy_j(early) <= 500 * (late - early) + 1e-6


@given(CURVES)
def test_energy_is_the_integral_of_power(curve):
    steps = 4_000
    by_sum = sum(curve.power_w((number + 0.5) * 3 / steps) for number in range(steps)) * 3 / steps
    assert curve.energy_j(3) == pytest.approx(by_sum, abs=500 * 3 / steps * 700, rel=0.02)


def test_the_c_side_counts_the_same_joules(virtual_sysroot):
    curves = (
        Constant(90.0),
        Square(50.0, 200.0, 0.11, 0.3),
        Ramp(50.0, 250.0, 0.2),
        Steps(((0.0, 40.0), (0.15, 210.0))),
    )
    zones = [package(number, curve, start_uj=0.0, unit_uj=1.0) for number, curve in enumerate(curves)]
    host = virtual_sysroot(*zones)
    time.sleep(0.5)
    for zone in zones:
        before_s = time.monotonic()
        counted_j = int(host.counter_path(zone).read_text()) / 1e6
        least_j = host.exact_j(zone.name, host.origin_s, before_s - 0.02)
        assert least_j <= counted_j <= host.exact_j(zone.name, host.origin_s, time.monotonic()), json.dumps(
            zone.curve.spec
        )


def test_a_counter_wraps_resets_freezes_and_falls_silent_as_it_is_told(virtual_sysroot):
    host = virtual_sysroot(
        package(0, Constant(100.0), start_uj=0.0, range_uj=10_000_000),
        package(1, Constant(100.0), reset_at=0.3),
        package(2, Constant(100.0), start_uj=0.0, freeze_at=0.2),
        package(3, Constant(100.0), silent_from=0.1),
    )
    time.sleep(0.5)
    wrapped, reset, frozen, silent = (host.counter_path(zone).read_text().strip() for zone in host.zones)
    assert int(wrapped) < 10_000_000
    assert int(reset) < 100_000_000
    assert int(frozen) == pytest.approx(20_000_000, abs=70)
    assert silent == ""
