"""Conservation: every joule of the host is the job's or the rest's, for every policy, load and gap."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footprint import catalogue
from footprint.account import account
from footprint.collectors.channel import Channel
from footprint.records.raw import (
    Allocation,
    Event,
    Frame,
    GpuShare,
    HostInfo,
    RawRun,
    RegionRef,
    RunEnd,
    RunHead,
    Settings,
    SpanName,
)

PACKAGE = Channel(
    "cpu", "package-0", "rapl_powercap", "rapl-counter", "counter", "rapl:package-0", "rapl:psys", 1e6, 500
)
DRAM = Channel("dram", "dram-0", "rapl_powercap", "rapl-counter", "counter", "rapl:dram-0", "rapl:psys", 1e6, 500)
PSYS = Channel("board", "psys", "rapl_powercap", "rapl-counter", "counter", "rapl:psys", None, 1e6, 2_000)
GPU = Channel("gpu", "gpu-0", "nvidia_nvml", "nvml-energy", "counter", "nvml:0", refresh_s=0.1)
SETS = [(), (PACKAGE,), (PACKAGE, DRAM), (PACKAGE, DRAM, PSYS), (PACKAGE, GPU), (GPU,)]
ROWS = catalogue.load("FR")

fractions = st.just(0.0) | st.floats(1e-9, 1)
"""No busy time, or some that a counter could tell and that can be halved: the least float cannot."""


@st.composite
def hosts(draw):
    """A host's slices: seconds, watts by channel, busy CPU seconds; and the channels."""
    channels = draw(st.sampled_from(SETS))
    count = draw(st.integers(1, 6))
    slices = [
        (
            draw(st.floats(0.01, 60)),
            tuple(draw(st.floats(0.1, 300)) for _ in channels),
            draw(fractions),
            draw(st.booleans()),
        )
        for _ in range(count)
    ]
    return channels, slices


def frames_of(channels, slices, share, weight=1.0):
    """Frames of a run that has ``share`` of the busy time and of the GPU; psys counts what it contains and a little."""
    t = busy = job = 0.0
    counters = [0.0] * len(channels)
    gpu = (GpuShare(0.5, 0.5 * share, 2, 1),) if GPU in channels else ()
    frames = [Frame(0.0, tuple(counters), 0.0, 0.0, 1, weight, gpu)]
    for seconds, watts, load, fails in slices:
        t += seconds
        for number, channel in enumerate(channels):
            extra = sum(watts[:number]) if channel is PSYS else 0.0
            counters[number] += (watts[number] + extra) * seconds
        busy += load * 4 * seconds
        job += load * 4 * seconds * share
        readings = tuple(
            None if fails and number == 0 and len(channels) > 1 else c for number, c in enumerate(counters)
        )
        frames.append(Frame(t, readings, busy, job, 1, weight, gpu, ((0, seconds / 2), (1, seconds / 4))))
    return tuple(frames)


EVENTS = (Event(0.0, "package-0", "failed", "x"),)


def measured(channels, slices, share, policy, allocation, weight=1.0):
    """Head, frames and end of such a run."""
    frames = frames_of(channels, slices, share, weight)
    head = RunHead(
        "01J", 1_764_000_000.0, HostInfo("h", "Linux", "CPU", 4, memory_gb=16.0), RegionRef("FR", "flag"),
        Settings(policy, 1.2), channels=channels, allocation=allocation,
    )  # fmt: skip
    return head, frames, RunEnd(frames[-1].t_s, "completed", 0, spans=(SpanName(0, "a", None), SpanName(1, "b", 0)))


def result(channels, slices, share, policy, allocation, weight=1.0):
    head, frames, end = measured(channels, slices, share, policy, allocation, weight)
    return account(RawRun(head, frames, (), EVENTS, end), ROWS)


ALLOCATIONS = st.sampled_from(
    [
        Allocation(4.0, how="unknown"),
        Allocation(4.0, how="whole-host"),
        Allocation(1.0, 4.0, True, how="cgroup-quota"),
        Allocation(2.0, None, False, how="cpuset"),
    ]
)
POLICIES = st.sampled_from(["reserved", "proportional", "all", "none"])


@settings(max_examples=150, deadline=None)
@given(hosts(), fractions, POLICIES, ALLOCATIONS)
def test_job_and_rest_are_the_host_and_intervals_are_ordered(host, share, policy, allocation):
    run = result(*host, share, policy, allocation)
    assert run.energy.components
    for one in run.energy.components:
        assert one.host_j.central == pytest.approx(one.job_j.central + one.rest_j.central, rel=1e-9, abs=1e-9)
        for value in (one.host_j, one.job_j, one.rest_j):
            assert 0 <= value.low <= value.central <= value.high
            assert math.isfinite(value.high)
    jobs_j = math.fsum(one.job_j.central for one in run.energy.components)
    assert run.energy.job_kwh.central * 3.6e6 == pytest.approx(jobs_j, rel=1e-9, abs=1e-9)
    assert run.energy.facility_kwh.central == pytest.approx(run.energy.job_kwh.central * 1.2, rel=1e-9)
    assert run.energy.job_kwh.central <= run.energy.host_kwh.central * (1 + 1e-9)


@settings(max_examples=100, deadline=None)
@given(hosts(), fractions, fractions, st.sampled_from(["reserved", "proportional", "none"]))
def test_jobs_that_share_a_host_never_exceed_it(host, first, second, policy):
    """Two runs beside each other, each with its part of the busy time."""
    second *= 1 - first
    allocation = Allocation(4.0, how="whole-host")
    channels, slices = host
    if GPU in channels:
        return  # GPU shares are told by the driver; two runs' shares are not tied here
    a, b = (result(channels, slices, share, policy, allocation) for share in (first, second))
    assert a.energy.job_kwh.central + b.energy.job_kwh.central <= a.energy.host_kwh.central * (1 + 1e-9)


@settings(max_examples=60, deadline=None)
@given(hosts(), fractions, POLICIES, ALLOCATIONS)
def test_runs_that_overlap_in_one_process_divide_what_it_used_and_held(host, share, policy, allocation):
    channels, slices = host
    channels_without_gpu = tuple(channel for channel in channels if channel is not GPU)
    slices = [(s, w[: len(channels_without_gpu)], load, fails) for s, w, load, fails in slices]
    whole = result(channels_without_gpu, slices, share, "none" if policy == "all" else policy, allocation)
    half = result(channels_without_gpu, slices, share, "none" if policy == "all" else policy, allocation, weight=0.5)
    assert 2 * half.energy.job_kwh.central == pytest.approx(whole.energy.job_kwh.central, rel=1e-9, abs=1e-15)


@settings(max_examples=60, deadline=None)
@given(hosts(), fractions, POLICIES, ALLOCATIONS)
def test_spans_are_no_more_than_their_run_and_inner_ones_no_more_than_outer_ones(host, share, policy, allocation):
    run = result(*host, share, policy, allocation)
    spans = {one.path: one.job_kwh.central for one in run.spans}
    assert spans["a", "b"] <= spans["a",] * (1 + 1e-9) + 1e-18
    assert spans["a",] <= run.energy.job_kwh.central * (1 + 1e-9) + 1e-18


@settings(max_examples=60, deadline=None)
@given(hosts(), fractions, POLICIES, ALLOCATIONS)
def test_spans_that_fill_a_run_add_up_to_it(host, share, policy, allocation):
    """Two phases and one inside the second, over all of the time: the outer two are the run, to 1e-9."""
    channels, slices = host
    head, frames, end = measured(channels, slices, share, policy, allocation)
    filled = tuple(
        after._replace(
            spans=tuple((number, (after.t_s - before.t_s) * part) for number, part in ((0, 0.25), (1, 0.35), (2, 0.4)))
        )
        for before, after in itertools.pairwise(frames)
    )
    names = (SpanName(0, "a", None), SpanName(1, "b", None), SpanName(2, "c", 1))
    run = account(RawRun(head, (frames[0], *filled), (), EVENTS, end._replace(spans=names)), ROWS)
    outer = [one.job_kwh.central for one in run.spans if len(one.path) == 1]
    assert math.fsum(outer) == pytest.approx(run.energy.job_kwh.central, rel=1e-9, abs=1e-18)


def test_psys_is_never_added_to_what_it_contains():
    slices = [(10.0, (50.0, 10.0, 15.0), 0.5, False)]
    run = result((PACKAGE, DRAM, PSYS), slices, 1.0, "all", Allocation(4.0, how="whole-host"))
    host_j = {one.channel: one.host_j.central for one in run.energy.components}
    assert host_j["package-0"] + host_j["dram-0"] + host_j["psys"] == pytest.approx(750.0)


def test_a_psys_that_reads_less_than_its_package_is_left_out_and_said_so():
    frames = (Frame(0.0, (0.0, 0.0), 0.0, 0.0), Frame(10.0, (500.0, 100.0), 1.0, 1.0))
    head = RunHead(
        "01J", 0.0, HostInfo("h", "Linux", "CPU", 4), RegionRef("FR", "flag"), Settings(), channels=(PACKAGE, PSYS)
    )
    run = account(RawRun(head, frames, end=RunEnd(10.0, "completed", 0)), ROWS)
    assert {one.channel for one in run.energy.components} >= {"package-0", "overhead"}
    assert "psys" not in {one.channel for one in run.energy.components}
    assert any("psys" in text for text in run.boundary.left_out)


def test_a_gpu_that_gave_no_reading_makes_the_sum_a_lower_bound():
    frames = (Frame(0.0, (0.0, None), 0.0, 0.0), Frame(10.0, (500.0, None), 1.0, 1.0))
    head = RunHead(
        "01J", 0.0, HostInfo("h", "Linux", "CPU", 4), RegionRef("FR", "flag"), Settings(), channels=(PACKAGE, GPU)
    )
    events = (Event(0.0, "gpu-0", "gone", "GPU is lost"),)
    run = account(RawRun(head, frames, (), events, RunEnd(10.0, "completed", 0)), ROWS)
    assert run.energy.job_kwh.kind == "lower_bound"
    assert any("gpu-0" in text and "lost" in text for text in run.boundary.left_out)


def test_one_frame_is_no_energy_and_says_why():
    head = RunHead("01J", 0.0, HostInfo("h", "Linux", "CPU", 4), RegionRef("FR", "flag"), Settings())
    run = account(RawRun(head, (Frame(0.0, (), 0.0, 0.0),), crashed=True), ROWS)
    assert math.isnan(run.energy.job_kwh.central)
    assert run.status == "crashed"
    assert any("nothing was measured" in note for note in run.boundary.notes)


def test_a_sampler_that_looked_less_often_is_said_in_the_result():
    frames = (Frame(0.0, (), 0.0, 0.0), Frame(1.0, (), 1.0, 1.0))
    head = RunHead("01J", 0.0, HostInfo("h", "Linux", "CPU", 4), RegionRef("FR", "flag"), Settings())
    events = (Event(1.0, "", "thinned", "looks came less often"),)
    end = RunEnd(1.0, "completed", 0)
    assert account(RawRun(head, frames, (), events, end), ROWS).own.thinned
    assert not account(RawRun(head, frames, (), (), end), ROWS).own.thinned
