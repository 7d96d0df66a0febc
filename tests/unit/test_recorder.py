"""A run's frames: which looks are kept, and what is noted beside them."""

from footprint.collectors.channel import Channel
from footprint.collectors.reading import Counter, Failed
from footprint.instruments import Instant
from footprint.recorder import Recorder
from footprint.records.raw import HostInfo, RegionRef, RunHead, Settings

PACKAGE = Channel(
    "cpu", "package-0", "rapl_powercap", "rapl-counter", "counter", "rapl:package-0", range_j=1_000.0, limit_w=200.0
)


class Idle:
    """Processes that do nothing."""

    def cpu_s(self):
        return 0.0

    def processes(self):
        return 1

    def pids(self):
        return frozenset((1,))


def recorder(*channels):
    head = RunHead("01J", 0.0, HostInfo("h", "Linux", "CPU", 4), RegionRef("FR", "flag"), Settings(), channels=channels)
    return Recorder(head, Idle(), lambda: 0.0, None)


def instant(t_s, reading):
    outcome = Failed("no") if reading is None else Counter(reading)
    return Instant(100.0 + t_s, (reading,), (outcome,), 0.0, {})


def times(run):
    return [frame.t_s for frame in run.frames]


def test_the_timeline_has_about_a_point_a_second_for_ten_minutes_and_one_a_minute_after():
    run = recorder(PACKAGE)
    for tenth in range(9_000):
        run.take(instant(tenth / 10, tenth / 10), 1.0)
    kept = times(run)
    assert len([t for t in kept if 1 < t <= 600]) in range(590, 680)
    assert len([t for t in kept if t > 600]) == 5
    assert run.events == []


def test_both_sides_of_a_fall_are_kept():
    run = recorder(PACKAGE)
    for t_s, reading in ((0, 900), (1, 950), (1.2, 999), (1.3, 1), (1.4, 2)):
        run.take(instant(t_s, reading), 1.0)
    assert times(run)[-2:] == [1.2, 1.3]


def test_a_counter_that_nobody_looked_at_for_a_whole_turn_is_noted():
    """The runner was stopped, or starved: at 200 W, 1,000 J are gone round in five seconds."""
    run = recorder(PACKAGE)
    for t_s in (0.0, 1.0, 5.9, 11.0):
        run.take(instant(t_s, 10.0 + t_s), 1.0)
    assert [(event.t_s, event.channel, event.what) for event in run.events] == [(11.0, "package-0", "unwatched")]
    assert times(run)[-2:] == [5.9, 11.0]
    without = recorder(PACKAGE._replace(range_j=None))
    for t_s in (0.0, 1.0, 11.0):
        without.take(instant(t_s, 10.0 + t_s), 1.0)
    assert without.events == []


def test_a_failure_is_noted_once_and_both_its_ends_are_kept():
    run = recorder(PACKAGE)
    for t_s, reading in ((0, 1), (1.0, 2), (1.1, None), (1.2, None), (1.3, 3)):
        run.take(instant(t_s, reading), 1.0)
    assert [(event.t_s, event.what, event.why) for event in run.events] == [(1.1, "failed", "no")]
    assert times(run)[-2:] == [1.1, 1.3]


def test_the_state_of_devices_is_kept_as_its_range_and_mean():
    run = recorder(PACKAGE)
    for celsius in (40.0, 60.0, 65.0):
        run.observe({"gpu-0": {"temperature_c": celsius}})
    run.observe({"gpu-0": {"clock_mhz": 1_410.0}})
    assert run.context == {"gpu-0": {"temperature_c": (40.0, 55.0, 65.0), "clock_mhz": (1_410.0,) * 3}}
