"""Energy from means over a window: right at the edges, and blind to nothing that happened between two looks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from virtual_host import Constant, Square, Steps

from footprint.collectors.channel import Channel
from footprint.energy import channel_energy
from footprint.mean_power import WindowedPower
from footprint.records.raw import Frame

GPU = Channel(
    "gpu", "gpu-0", "nvidia_nvml", "nvml-power-mean", "power", "nvml:GPU-0", refresh_s=0.1, limit_w=700.0, window_s=1.0
)


def looks(seconds, step_s=0.2):
    """Instants of a run's looks: a few early ones, then every ``step_s``, and the last at its end."""
    times = [0.0, *(t for t in (0.1, 0.3, 0.6) if t < seconds)]
    while times[-1] + step_s < seconds:
        times.append(times[-1] + step_s)
    return [*times, seconds]


def counted_j(curve, start_s, times, window_s=1.0):
    """What is counted by looks at the means of a curve."""
    power = WindowedPower(window_s)
    energy_j = 0.0
    for t_s in times:
        now_s = start_s + t_s
        mean_w = (curve.energy_j(now_s) - curve.energy_j(now_s - window_s)) / window_s
        energy_j = power.add(t_s, mean_w)
    return energy_j


@pytest.mark.parametrize("seconds", [0.3, 1.0, 2.5, 10.0, 60.0])
def test_a_job_that_begins_on_an_idle_gpu_gets_its_own_energy_and_not_the_second_before(seconds):
    curve = Steps(((0.0, 80.0), (5.0, 480.0)))
    true_j = 480.0 * seconds
    assert counted_j(curve, 5.0, looks(seconds)) == pytest.approx(true_j, rel=1e-9)


@pytest.mark.parametrize("period_s", [0.2, 0.7, 1.0, 1.3])
def test_square_waves_between_the_looks_are_seen(period_s):
    curve = Square(100.0, 400.0, period_s)
    for start_s in (5.0, 5.1, 5.37):
        true_j = curve.energy_j(start_s + 60.0) - curve.energy_j(start_s)
        assert counted_j(curve, start_s, looks(60.0)) == pytest.approx(true_j, rel=0.004)


def test_bursts_of_20_ms_are_seen_whole():
    curve = Square(100.0, 600.0, 0.43, 0.02 / 0.43)
    true_j = curve.energy_j(65.0) - curve.energy_j(5.0)
    assert counted_j(curve, 5.0, looks(60.0)) == pytest.approx(true_j, rel=0.004)


def test_where_nobody_looked_for_longer_than_a_window_the_mean_of_both_sides_stands():
    curve = Constant(200.0)
    assert counted_j(curve, 5.0, [0.0, 0.2, 7.0, 7.2]) == pytest.approx(200.0 * 7.2)


def test_a_second_run_after_a_pause_begins_anew():
    """Nobody looks between two runs of a process: what the second one's means say must not mix with the pause."""
    curve = Steps(((0.0, 60.0), (5.0, 460.0), (8.0, 60.0), (50.0, 460.0)))
    power = WindowedPower(1.0)

    def look(now_s):
        return power.add(now_s, curve.energy_j(now_s) - curve.energy_j(now_s - 1.0))

    for t_s in looks(3.0):
        look(5.0 + t_s)
    at_s = [look(50.0 + t_s) for t_s in looks(2.5)]
    assert at_s[-1] - at_s[0] == pytest.approx(460.0 * 2.5, rel=1e-6)


def test_a_window_that_reaches_back_beyond_the_first_look_is_told_from_the_first_mean():
    power = WindowedPower(1.0)
    power.add(10.0, 100.0)
    assert power.add(10.5, 100.0 + 0.5 * 300.0) == pytest.approx(0.5 * 400.0)


@given(st.lists(st.tuples(st.floats(0.001, 3.0), st.floats(0.0, 700.0)), min_size=2, max_size=60))
def test_energy_never_falls_whatever_the_driver_says(steps):
    power, t_s, seen = WindowedPower(1.0), 0.0, [0.0]
    for seconds, mean_w in steps:
        t_s += seconds
        seen.append(power.add(t_s, mean_w))
    assert seen == sorted(seen)
    assert power.add(t_s, 5.0) == seen[-1]


@given(st.floats(0.0, 2.0), st.floats(0.5, 30.0), st.floats(0.3, 3.0), st.floats(0.05, 0.95))
def test_the_interval_holds_the_truth_of_any_square_wave(phase_s, seconds, period_s, duty):
    curve = Square(60.0, 500.0, period_s, duty)
    start_s = 5.0 + phase_s
    times = looks(seconds)
    power, frames = WindowedPower(1.0), []
    for t_s in times:
        mean_w = curve.energy_j(start_s + t_s) - curve.energy_j(start_s + t_s - 1.0)
        frames.append(Frame(t_s, (power.add(t_s, mean_w),), None, 0.0))
    energy = channel_energy(0, GPU, tuple(frames), (), ())
    true_j = curve.energy_j(start_s + seconds) - curve.energy_j(start_s)
    assert energy.total_j - energy.below_j <= true_j + 1e-6
    assert true_j - 1e-6 <= energy.total_j + energy.above_j
