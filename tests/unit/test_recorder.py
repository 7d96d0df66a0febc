"""A run's frames: which looks are kept, and what is noted beside them."""

from footprint.collectors.channel import Channel
from footprint.collectors.reading import Counter, Failed, GpuUse
from footprint.instruments import Instant
from footprint.recorder import Recorder
from footprint.records.raw import Allocation, HeldUse, HostInfo, RegionRef, RunHead, Settings

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


def test_both_sides_of_a_leap_are_kept_also_when_a_frame_a_minute_is():
    run = recorder(PACKAGE._replace(range_j=None))
    for second in range(800):
        run.take(instant(second, second + (5_000.0 if second >= 750 else 0.0)), 1.0)
    late = [t for t in times(run) if t > 700]
    assert 749.0 in late
    assert 750.0 in late


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


GPU = Channel("gpu", "gpu-0", "nvidia_nvml", "nvml-energy", "counter", "nvml:0")


class Ends(Idle):
    """Its process is there at the first look alone."""

    def __init__(self):
        self.looks = 0

    def pids(self):
        self.looks += 1
        return frozenset((7,)) if self.looks == 1 else frozenset()


def test_gpu_time_that_is_told_of_a_process_that_has_just_ended_is_still_the_jobs():
    """The driver's samples come late: the last look of a run finds them, and no process any more."""
    head = RunHead("01J", 0.0, HostInfo("h", "Linux", "CPU", 4), RegionRef("FR", "flag"), Settings(), channels=(GPU,))
    run = Recorder(head, Ends(), lambda: 0.0, None)
    use = {"gpu-0": GpuUse(0.9, ((7, 0.9),), known=True)}
    frames = [run.take(Instant(100.0 + t, (1.0 + t,), (Counter(1.0 + t),), 0.0, use), 1.0, keep=True) for t in range(4)]
    assert [frame.gpus[0].job_holders for frame in frames] == [1, 1, 0, 0], "an old number may be another's by then"


class Company:
    """Others come into what the run holds at the second look, and go again."""

    def __init__(self):
        self.looks = 0

    def none_but(self, _pids):
        self.looks += 1
        return self.looks != 2

    def use(self, _pids, age_s):
        return HeldUse(age_s, inner_cpus=1.0)


def test_a_run_is_not_alone_again_after_others_were_there_and_what_they_did_is_kept():
    held = Allocation(2.0, alone=True, how="cgroup-quota")
    head = RunHead("01J", 0.0, HostInfo("h", "Linux", "CPU", 4), RegionRef("FR", "flag"), Settings(), allocation=held)
    run = Recorder(head, Idle(), lambda: 0.0, None, Company())
    looks = [Instant(100.0 + t, (), (), 0.0, {}, 0.5 * t) for t in range(3)]
    frames = [run.take(look, 1.0, keep=True) for look in looks]
    assert [frame.alone for frame in frames] == [True, False, False]
    assert [frame.held for frame in frames] == [HeldUse(float(t), inner_cpus=1.0) for t in range(3)]
    assert [frame.steal_s for frame in frames] == [0.0, 0.5, 1.0]
