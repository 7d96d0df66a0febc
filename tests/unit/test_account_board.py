"""A board channel in the account: what it contains is counted once, whatever of it can be read."""

import pytest

from footprint import catalogue
from footprint.account import account
from footprint.account.parts import parts_of
from footprint.collectors.channel import Channel
from footprint.factors import find_sensor
from footprint.records.raw import (
    Allocation,
    Event,
    Frame,
    GpuShare,
    HostInfo,
    IdlePower,
    RawRun,
    RegionRef,
    RunEnd,
    RunHead,
    Settings,
)

ROWS = catalogue.load("FR")
METER = Channel("board", "board", "hwmon", "hwmon-power", "power", "hwmon:board", sensor="rapl-psys", whole=True)
PSYS = Channel(
    "board", "psys", "rapl_powercap", "rapl-counter", "counter", "rapl:psys", METER.thing, sensor="rapl-psys"
)
PACKAGE = Channel(
    "cpu", "package-0", "rapl_powercap", "rapl-counter", "counter", "rapl:package-0", METER.thing, sensor="rapl-package"
)
IN_PSYS = PACKAGE._replace(inside=PSYS.thing)
DRAM = Channel("dram", "dram-0", "rapl_powercap", "rapl-counter", "counter", "rapl:dram-0", METER.thing)
GPU = Channel("gpu", "card-0", "hwmon", "hwmon-power", "power", "hwmon:card", METER.thing, sensor="nvml-power")
SECONDS = 10


def run_of(watts, events=(), share=0.5, idle=None):
    """A run of ten seconds in which each channel has one power (W); None: it never gave a reading."""
    channels = tuple(watts)
    gpu = (GpuShare(None, None, None, None),) if GPU in channels else ()
    frames = tuple(
        Frame(float(t), tuple(None if w is None else w * t for w in watts.values()), 2.0 * t, 2.0 * t * share, gpus=gpu)
        for t in range(SECONDS + 1)
    )
    head = RunHead(
        "01J", 1_764_000_000.0, HostInfo("h", "Linux", "CPU", 4, memory_gb=16.0), RegionRef("FR", "flag"), Settings(),
        channels=channels, allocation=Allocation(4.0, how="whole-host"), idle=idle or {},
    )  # fmt: skip
    return RawRun(head, frames, events=tuple(events), end=RunEnd(float(SECONDS), "completed", 0))


def host_j(raw):
    return {part.channel: part.host_j.central for part in parts_of(raw, ROWS).parts}


def test_a_board_with_its_packages_read_keeps_only_what_lies_beyond_them():
    assert host_j(run_of({PACKAGE: 100.0, DRAM: 20.0, METER: 300.0})) == pytest.approx(
        {"package-0": 1000, "dram-0": 200, "board": 1800}
    )


def test_a_board_alone_stands_for_all_that_it_contains_and_nothing_is_modelled_beside_it():
    assert host_j(run_of({METER: 300.0})) == pytest.approx({"board": 3000})


def test_boards_inside_boards_are_counted_once():
    assert host_j(run_of({IN_PSYS: 100.0, PSYS: 150.0, METER: 300.0})) == pytest.approx(
        {"package-0": 1000, "psys": 500, "board": 1500}
    )


def test_what_an_unread_board_contains_belongs_to_the_board_around_it():
    events = [Event(0.0, "psys", "failed", "no")]
    assert host_j(run_of({IN_PSYS: 100.0, PSYS: None, METER: 300.0}, events)) == pytest.approx(
        {"package-0": 1000, "board": 2000}
    )


def test_a_board_that_counts_less_than_its_contents_is_left_out_and_its_contents_stay_counted_once():
    raw = run_of({IN_PSYS: 100.0, PSYS: 90.0, METER: 300.0})
    assert host_j(raw) == pytest.approx({"package-0": 1000, "board": 2000})
    assert [name for name, _ in parts_of(raw, ROWS).unread] == ["psys"]


def test_the_sum_holds_the_boards_error_on_all_that_it_counted():
    """300 W with an error of a quarter may be 240 W, however well the packages inside are known."""
    parts = parts_of(run_of({PACKAGE: 200.0, METER: 300.0}), ROWS).parts
    gain = find_sensor(ROWS.factors, METER.sensor)
    assert sum(part.host_j.low for part in parts) <= 3000 * gain.low
    assert sum(part.host_j.high for part in parts) >= 3000 * gain.high


def test_a_board_alone_idles_with_its_processors_and_memory():
    alone = parts_of(run_of({METER: 3000.0}), ROWS).parts[0]
    beside = parts_of(run_of({PACKAGE: 100.0, METER: 3000.0}), ROWS).parts[1]
    assert (alone.channel, beside.channel) == ("board", "board")
    assert alone.idle_w > beside.idle_w > 0


def test_the_idle_power_that_was_seen_of_a_board_is_without_its_contents():
    idle = {"board": IdlePower(150.0, "lowest-seen"), "package-0": IdlePower(40.0, "lowest-seen")}
    parts = {part.channel: part for part in parts_of(run_of({PACKAGE: 100.0, METER: 300.0}, idle=idle), ROWS).parts}
    assert (parts["board"].idle_w, parts["board"].idle_how) == (110.0, "lowest-seen")


def test_a_gpu_that_only_tells_its_power_is_taken_off_the_board_and_its_use_may_be_anybodys():
    result = account(run_of({PACKAGE: 100.0, GPU: 50.0, METER: 300.0}), ROWS)
    by_name = {one.channel: one for one in result.energy.components}
    assert by_name["board"].host_j.central == pytest.approx(1500)
    gpu = by_name["card-0"]
    assert (gpu.job_j.low, gpu.job_j.central) == (0.0, pytest.approx(250)), "as its half of the CPU time"
    for one in result.energy.components:
        assert one.job_j.central + one.rest_j.central == pytest.approx(one.host_j.central, rel=1e-9)
