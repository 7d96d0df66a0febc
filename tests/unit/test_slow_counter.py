"""A counter that is refreshed now and then: its true value at an instant, from the refreshes around it."""

import pytest

from footprint.collectors.channel import Channel
from footprint.energy import edge_value
from footprint.slow_counter import SlowCounter

GPU = Channel("gpu", "gpu-0", "nvidia_nvml", "nvml-energy", "counter", "nvml:0", refresh_s=0.1)


class Device:
    """300 W, refreshed every ``period`` seconds with a phase."""

    def __init__(self, period, phase):
        self.period, self.phase = period, phase

    def read(self, t):
        return 300.0 * (((t - self.phase) // self.period) * self.period + self.phase)


@pytest.mark.parametrize("period", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("phase", [0.0, 0.013, 0.049])
def test_start_and_stop_give_the_energy_to_half_a_percent_over_two_seconds(period, phase):
    device, slow, edges = Device(period, phase), SlowCounter(GPU), []
    slow.ask("start", 10.0, device.read(10.0), edges.append, 10.0)
    t = 10.0
    while t < 10.35:
        t += 0.005
        slow.see(t, device.read(t))
    stop = 12.0
    slow.ask("stop", stop, device.read(stop), edges.append, 10.0)
    t = stop
    while slow.asked and t < stop + 0.11:
        t += 0.0025
        slow.see(t, device.read(t))
    values = {edge.at: edge_value(edge) for edge in edges}
    assert values["stop"] - values["start"] == pytest.approx(600.0, rel=5e-3)


def test_a_counter_that_stands_still_gives_no_answer():
    slow, edges = SlowCounter(GPU), []
    slow.ask("start", 0.0, 5.0, edges.append, 0.0)
    for step in range(1, 80):
        slow.see(step * 0.005, 5.0)
    slow.give_up(edges.append)
    assert edges == []
    assert not slow.asked


def test_the_period_is_that_of_late_and_of_close_looks():
    slow, t = SlowCounter(GPU), 0.0
    for period, until in ((0.02, 1.0), (0.1, 4.0)):
        while t < until:
            t += 0.004
            slow.see(t, 300.0 * (t // period))
    assert slow.period_s == pytest.approx(0.1, abs=0.005)
    slow.see(t + 0.06, 300.0 * (t // 0.1 + 1))  # a starved look: the change is seen late, and is no period of its own
    assert slow.period_s == pytest.approx(0.1, abs=0.005)


def test_a_refresh_that_was_seen_before_the_instant_is_used_as_it_was_seen():
    slow, edges = SlowCounter(GPU), []
    for t, value in ((0.0, 1.0), (0.01, 1.0), (0.02, 2.0), (0.03, 2.0)):
        slow.see(t, value)
    slow.ask("stop", 0.05, 2.0, edges.append, 0.0)
    slow.see(0.08, 2.0)
    slow.see(0.09, 3.0)
    (edge,) = edges
    assert (edge.before_t_s, edge.after_t_s) == (0.015, 0.085)
    assert edge_value(edge) == pytest.approx(2.5)


def test_who_waits_no_longer_leaves_the_others_questions_open():
    device, slow, mine, yours = Device(0.1, 0.0), SlowCounter(GPU), Answers(), Answers()
    slow.ask("stop", 10.05, device.read(10.05), mine.take, 10.0)
    slow.ask("start", 10.06, device.read(10.06), yours.take, 10.06)
    slow.give_up(mine.take)
    assert (slow.owes(mine.take), slow.owes(yours.take)) == (False, True)
    for step in range(60):
        slow.see(10.07 + step * 0.005, device.read(10.07 + step * 0.005))
    assert (len(mine.edges), len(yours.edges)) == (0, 1)


class Answers:
    def __init__(self):
        self.edges = []

    def take(self, edge):
        self.edges.append(edge)
