"""A Grace Hopper: GPU, processor and module are measured by several meters, and each joule is counted once."""

from pathlib import Path

import pytest
from test_account_board import ROWS, run_of
from test_nvidia_nvml import superchip

from footprint.account.parts import parts_of
from footprint.collectors import registry
from footprint.collectors.plan import choose, counted
from footprint.collectors.recorded_host import RecordedHost
from footprint.records.raw import GpuShare

HOSTS = Path(__file__).parent.parent / "hosts"
PLACE = "== /sys/bus/pci/devices/0009:01:00.0/numa_node\n0\n"
WATTS = {"gpu-0": 400.0, "module-0": 620.0, "grace-0": 190.0}


def chosen(with_meters=True):
    """The channels that are counted, with ACPI's meters or, as in many containers, without."""
    text = (
        (HOSTS / "hwmon_grace_hopper.txt").read_text() if with_meters else "# bare\n== /proc/cpuinfo\nprocessor : 0\n"
    )
    host = RecordedHost.from_text(text + PLACE, libraries={"pynvml": superchip()})
    return choose(registry.discover(host))


def host_w(channels):
    """Watts by component over a run in which every meter has its power."""
    raw = run_of({channel: WATTS[channel.name] for channel in channels})
    frames = tuple(frame._replace(gpus=(GpuShare(1.0, 1.0, 1, 1),)) for frame in raw.frames)
    return {part.channel: part.host_j.central / 10 for part in parts_of(raw._replace(frames=frames), ROWS).parts}


def test_two_ways_to_the_module_are_one_and_the_meters_are_inside_one_another():
    plan = choose(registry.discover(RecordedHost.from_text("# none\n== /proc/cpuinfo\nprocessor : 0\n")))
    assert plan.channels == ()
    plan = chosen()
    assert {one.name: one.inside for one in plan.channels} == {
        "gpu-0": "module:0", "module-0": None, "grace-0": "module:0",
    }  # fmt: skip
    assert [one.collector for one in plan.passed_over] == ["hwmon"]
    assert len(counted(plan.channels)) == 3


def test_the_module_keeps_what_is_beyond_its_gpu_and_its_processor_and_nothing_is_modelled():
    assert host_w(counted(chosen().channels)) == pytest.approx({"gpu-0": 400, "module-0": 30, "grace-0": 190})


def test_where_the_processors_meter_is_hidden_the_module_stands_for_it():
    assert host_w(counted(chosen(with_meters=False).channels)) == pytest.approx({"gpu-0": 400, "module-0": 220})
