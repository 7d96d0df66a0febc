"""What counts as idle power: the lowest of quiet looks; and never so much that work takes nothing."""

import pytest
from made_journals import head

from footprint.collectors.channel import Channel
from footprint.quiet import loads_of, most_idle_j, quiet_powers
from footprint.records.raw import Event, Frame, GpuShare, RawRun

PACKAGE = Channel("cpu", "package-0", "rapl_powercap", "rapl-counter", "counter", "rapl:package-0", limit_w=500.0)
GPU = Channel("gpu", "gpu-0", "nvidia_nvml", "nvml-energy", "counter", "nvml:0", limit_w=500.0)


def run(*slices, seconds=1.0):
    """Slices of (W of the package, its load or None, W of the GPU, its utilisation); four CPUs."""
    frames = [
        Frame(0.0, (0.0, 0.0), None if slices[0][1] is None else 0.0, 0.0, gpus=(GpuShare(0.0, None, None, None),))
    ]
    package_j = gpu_j = busy_s = 0.0
    for number, (watts, load, gpu_w, util) in enumerate(slices, 1):
        package_j, gpu_j = package_j + watts * seconds, gpu_j + gpu_w * seconds
        busy_s += (load or 0.0) * 4 * seconds
        busy = None if load is None else busy_s
        frames.append(Frame(number * seconds, (package_j, gpu_j), busy, 0.0, gpus=(GpuShare(util, None, None, None),)))
    return RawRun(head()._replace(channels=(PACKAGE, GPU)), tuple(frames))


def test_only_quiet_looks_say_what_idle_is_each_device_by_its_own_load():
    raw = run((100.0, 0.9, 60.0, 0.0), (50.0, 0.05, 300.0, 0.9), (55.0, 0.0, 250.0, 0.8))
    assert quiet_powers(raw) == {"package-0": pytest.approx(50.0), "gpu-0": pytest.approx(60.0)}


def test_a_host_that_was_never_quiet_says_nothing():
    assert quiet_powers(run((100.0, 0.9, 300.0, 0.9), (90.0, 0.5, 200.0, 0.3))) == {}


def test_where_nobody_tells_how_busy_it_is_the_lowest_of_all_counts():
    assert quiet_powers(run((100.0, None, 300.0, None), (90.0, None, 200.0, None))) == {
        "package-0": pytest.approx(90.0), "gpu-0": pytest.approx(200.0),
    }  # fmt: skip


def test_short_looks_and_channels_with_gaps_say_nothing():
    assert quiet_powers(run((50.0, 0.0, 50.0, 0.0), seconds=0.5)) == {}
    raw = run((50.0, 0.0, 50.0, 0.0), (50.0, 0.0, 50.0, 0.0))
    gap = raw.frames[1]._replace(readings=(None, raw.frames[1].readings[1]))
    raw = raw._replace(frames=(raw.frames[0], gap, raw.frames[2]), events=(Event(1.0, "package-0", "failed", "no"),))
    assert set(quiet_powers(raw)) == {"gpu-0"}


def test_work_always_takes_a_part_of_what_is_drawn():
    raw = run((100.0, 1.0, 100.0, 0.5), (100.0, 0.0, 100.0, None))
    assert most_idle_j((100.0, 100.0), raw, PACKAGE) == pytest.approx((70.0, 100.0))
    assert most_idle_j((100.0, 100.0), raw, GPU) == pytest.approx((85.0, 100.0))
    assert loads_of(raw, GPU) == [0.5, None]
