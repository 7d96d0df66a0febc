"""What lies between the components and the wall, in the account: a constant power and a share of what they use."""

import pytest

from footprint import catalogue
from footprint.account import account
from footprint.collectors.channel import Channel
from footprint.power_model import overhead
from footprint.records.raw import (
    Allocation,
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
PACKAGE = Channel(
    "cpu", "package-0", "rapl_powercap", "rapl-counter", "counter", "rapl:package-0", sensor="rapl-package"
)
DRAM = Channel("dram", "dram-0", "rapl_powercap", "rapl-counter", "counter", "rapl:dram-0", sensor="rapl-dram")
GPU = Channel("gpu", "gpu-0", "nvidia_nvml", "nvml-energy", "counter", "nvml:0", sensor="nvml-energy")
SERVER = HostInfo("h", "Linux", "AMD EPYC 7742", 256, 2, 128, 512.0, virtual=False)
SECONDS = 10


def run_of(watts, share=0.5, host=SERVER, from_s=0, to_s=SECONDS):
    """A run while each channel has one power (W), in which the job has a share of the busy time and no GPU."""
    gpu = (GpuShare(1.0, 0.0, 1, 0),) if GPU in watts else ()
    frames = tuple(
        Frame(float(t - from_s), tuple(w * t for w in watts.values()), 2.0 * t, 2.0 * t * share, gpus=gpu)
        for t in range(from_s, to_s + 1)
    )
    head = RunHead(
        "01J", 1_764_000_000.0, host, RegionRef("FR", "flag"), Settings(idle="proportional"), channels=tuple(watts),
        allocation=Allocation(256.0, how="whole-host"), idle={"gpu-0": IdlePower(400.0, "calibrated")},
    )  # fmt: skip
    return RawRun(head, frames, events=(), end=RunEnd(float(to_s - from_s), "completed", 0))


def beyond(raw):
    (found,) = [one for one in account(raw, ROWS).energy.components if one.kind == "overhead"]
    return found


def components(raw, which):
    return sum(getattr(one, which).central for one in account(raw, ROWS).energy.components if one.kind != "overhead")


def test_the_hosts_is_its_constant_power_for_the_time_and_its_share_of_the_components():
    raw = run_of({PACKAGE: 300.0, DRAM: 30.0})
    told = overhead(SERVER, board_measured=False, catalogue=ROWS)
    expected_j = told.base_w.central * SECONDS + told.share.central * 3300
    assert beyond(raw).host_j.central == pytest.approx(expected_j)


def test_the_jobs_is_its_part_of_the_components():
    raw = run_of({PACKAGE: 300.0, DRAM: 30.0}, share=0.25)
    part = components(raw, "job_j") / components(raw, "host_j")
    assert beyond(raw).job_j.central == pytest.approx(part * beyond(raw).host_j.central)


def test_a_quiet_machine_has_more_beyond_each_watt_than_a_busy_one():
    quiet, busy = (run_of({PACKAGE: watts, DRAM: 10.0}) for watts in (20.0, 400.0))
    ratios = [beyond(raw).host_j.central / components(raw, "host_j") for raw in (quiet, busy)]
    assert ratios[0] > 2 * ratios[1]


def test_two_runs_that_divide_the_machine_add_up_to_it():
    """Each with half of the busy time, and windows that overlap in part: no joule of the board is in both."""
    first, second = run_of({PACKAGE: 300.0, DRAM: 30.0}, to_s=8), run_of({PACKAGE: 300.0, DRAM: 30.0}, from_s=4)
    whole = run_of({PACKAGE: 300.0, DRAM: 30.0}, share=1.0)
    assert beyond(first).job_j.central + beyond(second).job_j.central <= beyond(whole).host_j.central
    assert beyond(whole).job_j.central == pytest.approx(beyond(whole).host_j.central)


def test_a_job_on_processors_alone_bears_its_part_of_a_machine_with_eight_gpus_and_no_more():
    host = SERVER._replace(gpus=("NVIDIA H100",) * 8)
    raw = run_of({PACKAGE: 300.0, DRAM: 30.0, GPU: 400.0}, share=1.0, host=host)
    part = components(raw, "job_j") / components(raw, "host_j")
    assert part == pytest.approx(330 / 730)
    assert beyond(raw).job_j.central == pytest.approx(part * beyond(raw).host_j.central)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_job_and_rest_are_the_host_and_the_bounds_are_in_order(share):
    one = beyond(run_of({PACKAGE: 300.0, DRAM: 30.0}, share=share))
    assert one.job_j.central + one.rest_j.central == pytest.approx(one.host_j.central, rel=1e-9)
    for value in (one.host_j, one.job_j, one.rest_j):
        assert 0 <= value.low <= value.central <= value.high
    assert one.job_j.high <= one.host_j.high
