"""Energy of a channel from its readings: wraps, resets, gaps and the edges of slow counters."""

import pytest

from footprint.collectors.channel import Channel
from footprint.counters import counter_step
from footprint.energy import channel_energy, edge_value
from footprint.records.raw import Edge, Event, Frame

PACKAGE = Channel(
    "cpu", "package-0", "rapl_powercap", "rapl-counter", "counter", "rapl:package-0", range_j=1_000.0, limit_w=200.0
)
GPU = Channel("gpu", "gpu-0", "nvidia_nvml", "nvml-energy", "counter", "nvml:0", refresh_s=0.1)


def frames(*points):
    return tuple(Frame(t, (reading,), None, 0.0) for t, reading in points)


@pytest.mark.parametrize(
    ("before", "after", "seconds", "range_j", "energy", "how"),
    [
        (10.0, 30.0, 1.0, 1_000.0, 20.0, "plain"),
        (10.0, 10.0, 1.0, 1_000.0, 0.0, "plain"),
        (990.0, 10.0, 1.0, 1_000.0, 20.0, "wrap"),
        (990.0, 10.0, 1.0, None, 10.0, "reset"),
        (500.0, 10.0, 1.0, 1_000.0, 10.0, "reset"),
        (500.0, 10.0, 10.0, 1_000.0, 510.0, "wrap"),
        (1_200.0, 10.0, 1.0, 1_000.0, 10.0, "reset"),
    ],
)
def test_a_fall_is_a_wrap_only_where_the_power_limit_allows_it(before, after, seconds, range_j, energy, how):
    step = counter_step(before, after, seconds, PACKAGE._replace(range_j=range_j), 200.0)
    assert step.energy_j == pytest.approx(energy)
    assert step.how == how


def test_many_wraps_add_up():
    points = [(float(t), (t * 150.0) % 1_000.0) for t in range(21)]
    energy = channel_energy(0, PACKAGE, frames(*points), (), ())
    assert energy.total_j == pytest.approx(3_000.0, rel=1e-12)
    assert energy.coverage == 1.0


def test_a_reset_is_filled_by_the_power_around_it_and_shown_as_a_gap():
    points = [(0.0, 500.0), (1.0, 600.0), (2.0, 50.0), (3.0, 150.0)]
    energy = channel_energy(0, PACKAGE, frames(*points), (), ())
    assert energy.total_j == pytest.approx(300.0)
    assert [(gap.from_s, gap.to_s, gap.filled) for gap in energy.gaps] == [(1.0, 2.0, "interpolated")]
    assert energy.below_j >= 50.0
    assert energy.above_j >= 100.0


def test_a_failed_reading_loses_nothing_since_counters_go_on():
    points = [(0.0, 0.0), (1.0, None), (2.0, None), (3.0, 90.0), (4.0, 120.0)]
    events = (Event(1.0, "package-0", "failed", "Input/output error"),)
    energy = channel_energy(0, PACKAGE, frames(*points), (), events)
    assert energy.total_j == pytest.approx(120.0)
    assert energy.slices_j == pytest.approx((30.0, 30.0, 30.0, 30.0))
    assert energy.gaps[0].why == "Input/output error"
    assert energy.coverage == pytest.approx(0.25)


def test_a_channel_that_goes_away_is_filled_by_its_mean_and_the_interval_is_wide():
    points = [(0.0, 0.0), (1.0, 50.0), (2.0, None), (3.0, None)]
    energy = channel_energy(0, PACKAGE, frames(*points), (), ())
    assert energy.total_j == pytest.approx(150.0)
    assert energy.below_j == pytest.approx(100.0, rel=0.01)
    assert energy.above_j == pytest.approx(300.0, rel=0.01)


def test_fewer_than_two_readings_are_no_energy():
    assert channel_energy(0, PACKAGE, frames((0.0, 1.0), (1.0, None)), (), ()) is None


def test_a_slow_counter_is_read_on_the_line_between_its_refreshes():
    assert edge_value(Edge("gpu-0", "start", 1.03, 1.0, 10.0, 1.1, 20.0)) == pytest.approx(13.0)


def test_edges_replace_the_stale_readings_and_never_make_a_slice_negative():
    edges = (
        Edge("gpu-0", "start", 0.0, -0.05, 100.0, 0.05, 110.0),
        Edge("gpu-0", "stop", 2.0, 1.95, 300.0, 2.05, 310.0),
    )
    energy = channel_energy(0, GPU, frames((0.0, 100.0), (0.01, 100.0), (1.0, 195.0), (2.0, 300.0)), edges, ())
    assert energy.total_j == pytest.approx(200.0)
    assert min(energy.slices_j) >= 0
    assert energy.below_j == energy.above_j == pytest.approx(10.0)  # each edge may be 5 J off its line


def test_an_edge_says_nothing_of_what_a_reset_parts_from_it():
    edges = (
        Edge("gpu-0", "start", 0.0, -0.05, 900.0, 0.05, 910.0),
        Edge("gpu-0", "stop", 3.0, 2.95, 190.0, 3.05, 200.0),
    )
    energy = channel_energy(0, GPU, frames((0.0, 900.0), (1.0, 1_000.0), (2.0, 95.0), (3.0, 190.0)), edges, ())
    assert energy.total_j == pytest.approx(95.0 + 97.5 + 100.0)
    assert len(energy.gaps) == 1


def test_two_edges_in_one_slot_that_cross_by_their_own_error_are_no_reset():
    edges = (
        Edge("gpu-0", "start", 0.0, -0.08, 100.0, 0.02, 110.0),
        Edge("gpu-0", "stop", 0.01, -0.01, 100.0, 0.02, 110.0),
    )
    energy = channel_energy(0, GPU, frames((0.0, 100.0), (0.01, 100.0)), edges, ())
    assert energy.total_j == 0.0
    assert energy.gaps == ()
    assert energy.above_j > 1.0


def test_a_reset_inside_an_edges_slot_leaves_that_edge_open():
    edges = (Edge("gpu-0", "start", 0.0, -0.05, 900.0, 0.05, 10.0),)
    energy = channel_energy(0, GPU, frames((0.0, 900.0), (1.0, 100.0), (2.0, 200.0)), edges, ())
    assert energy.gaps[0].to_s == 1.0
    assert energy.above_j > 100.0


def test_without_edges_a_slow_counter_may_be_off_by_a_refresh_at_each_end():
    energy = channel_energy(0, GPU, frames((0.0, 0.0), (1.0, 100.0)), (), ())
    assert energy.below_j == pytest.approx(20.0)
    assert energy.above_j == pytest.approx(20.0)


def test_turns_that_nobody_saw_widen_the_interval_and_are_shown_as_a_gap():
    """Stopped for a minute: at 200 W a counter of 1,000 J goes round twelve times, and 50 J is all that it shows."""
    points = [(0.0, 0.0), (1.0, 50.0), (61.0, 100.0), (62.0, 150.0)]
    event = Event(61.0, "package-0", "unwatched", "nobody looked")
    energy = channel_energy(0, PACKAGE, frames(*points), (), (event,))
    assert energy.total_j == pytest.approx(150.0)
    assert energy.total_j + energy.above_j >= 100.0 + 60 * 200.0 - 1_000.0
    assert [(gap.from_s, gap.to_s, gap.why) for gap in energy.gaps] == [(1.0, 61.0, "nobody looked")]
    watched = channel_energy(0, PACKAGE, frames(*points), (), ())
    assert watched.gaps == ()
    assert watched.above_j < 1.0


@pytest.mark.parametrize("times", [(1.0, 1.4, 3.0), (1.0, 1.015, 1.03, 1.045, 3.0)])
def test_readings_of_a_counter_that_stands_still_are_no_zero_joules(times):
    """50 W, frozen from 1 s on until it jumps before 3 s: the energy is known, and is spread over that time."""
    points = [(0.0, 0.0), *((t, 50.0) for t in times[:-1]), (3.0, 150.0), (4.0, 200.0)]
    energy = channel_energy(0, PACKAGE, frames(*points), (), ())
    assert energy.total_j == pytest.approx(200.0)
    powers = [e / (b[0] - a[0]) for e, a, b in zip(energy.slices_j, points, points[1:], strict=False)]
    assert powers == pytest.approx([50.0] * len(powers))
    assert [(gap.from_s, gap.to_s) for gap in energy.gaps] == [(1.0, 3.0)]
    assert "stood still" in energy.gaps[0].why


def test_a_jump_after_a_freeze_that_no_reading_saw_begin_is_spread_over_its_beginning_too():
    """180 W of 200: frozen from 0.1 s on, so that the reading at 0.9 s is stale and the jump above the limit."""
    points = [(0.0, 0.0), (0.9, 18.0), (1.8, 324.0), (2.7, 486.0)]
    energy = channel_energy(0, PACKAGE, frames(*points), (), ())
    assert energy.total_j == pytest.approx(486.0)
    assert energy.slices_j == pytest.approx((162.0,) * 3)
    assert [(gap.from_s, gap.to_s) for gap in energy.gaps] == [(0.0, 1.8)]


def test_a_run_that_begins_while_its_counter_stands_still_does_not_take_the_jump_for_its_own():
    points = [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 900.0), (4.0, 950.0), (5.0, 1_000.0)]
    energy = channel_energy(0, PACKAGE._replace(range_j=None), frames(*points), (), ())
    assert energy.total_j == pytest.approx(250.0)
    assert [(gap.from_s, gap.to_s) for gap in energy.gaps] == [(0.0, 3.0)]
    assert energy.below_j == pytest.approx(150.0, abs=0.2)


@pytest.mark.parametrize("end_s", [0.001, 0.5, 60.0])
def test_a_counter_that_never_moves_gives_no_energy_rather_than_none_used(end_s):
    assert channel_energy(0, PACKAGE, frames((0.0, 70.0), (end_s, 70.0)), (), ()) is None
    assert channel_energy(0, GPU, frames((0.0, 70.0), (end_s, 70.0)), (), ()).total_j == 0.0


def test_a_last_reading_cut_short_is_filled_by_the_power_before_it():
    points = [(0.0, 900.0), (1.0, 950.0), (2.0, 1_000.0), (3.0, 410.0)]
    energy = channel_energy(0, PACKAGE._replace(range_j=None), frames(*points), (), ())
    assert energy.total_j == pytest.approx(150.0)
    assert energy.total_j - energy.below_j <= 100.0 + 0.2
    assert energy.total_j + energy.above_j >= 300.0


def test_a_leap_in_a_run_of_two_readings_leaves_nothing_known():
    assert channel_energy(0, PACKAGE, frames((0.0, 10.0), (1.0, 90_000.0)), (), ()) is None
