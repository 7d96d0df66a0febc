"""A GPU on which nobody has a context: runs of many processes that hold it, and look at it when they like, are no more than it."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footprint import catalogue
from footprint.account import account
from footprint.collectors.channel import Channel
from footprint.gpu_holders import Holder, seconds_held
from footprint.records.raw import Allocation, Frame, GpuShare, HostInfo, RawRun, RegionRef, RunEnd, RunHead, Settings

ROWS = catalogue.load("FR")
POWER_W = 70.0
GPUS = tuple(
    Channel("gpu", f"gpu-{n}", "nvidia_nvml", "nvml-energy", "counter", f"nvml:GPU-{n}", limit_w=400) for n in (0, 1)
)
THINGS = tuple(gpu.thing for gpu in GPUS)
LASTS_S = 40.0


@st.composite
def holders(draw):
    """Runs of some processes: some inside others, some over before others begin, with lists of GPUs or without."""
    found = []
    for number in range(draw(st.integers(1, 6))):
        outer = draw(st.none() | st.sampled_from(found)) if found else None
        first_s, last_s = (0.0, LASTS_S) if outer is None else (outer.from_s, outer.to_s)
        from_s = draw(st.floats(first_s, last_s - (last_s - first_s) / 10))
        to_s = draw(st.floats(from_s + (last_s - from_s) / 10, last_s))
        parts = {thing: draw(st.just(1.0) | st.floats(0.1, 1.0)) for thing in THINGS if draw(st.booleans())}
        found.append(Holder(f"{number}", outer.run_id if outer else None, f"process {number}", parts, from_s, to_s))
    return tuple(found)


def outer_of(one, runs):
    return {other.run_id: other for other in runs}.get(one.parent)


def is_inside(one, other, runs):
    while one is not None and one.run_id != other.run_id:
        one = outer_of(one, runs)
    return one is not None


def antichain(runs, order):
    """Runs of which none is inside another, taken in an order."""
    chosen = []
    for one in order:
        if not any(is_inside(one, other, runs) or is_inside(other, one, runs) for other in chosen):
            chosen.append(one)
    return chosen


@settings(max_examples=300)
@given(holders(), st.data())
def test_at_no_time_is_more_than_the_whole_gpu_held(runs, data):
    chosen = antichain(runs, data.draw(st.permutations(runs)))
    from_s = data.draw(st.floats(0, LASTS_S - 1))
    to_s = data.draw(st.floats(from_s + 0.5, LASTS_S))
    for thing in THINGS:
        held_s = math.fsum(
            one.parts.get(thing, 0.0)
            * seconds_held(one.run_id, thing, runs, max(from_s, one.from_s), min(to_s, one.to_s))
            for one in chosen
            if max(from_s, one.from_s) < min(to_s, one.to_s)
        )
        assert held_s <= (to_s - from_s) * (1 + 1e-9)


@settings(max_examples=200)
@given(holders(), st.data())
def test_seconds_add_up_however_often_one_looks(runs, data):
    one = data.draw(st.sampled_from(runs))
    between_s = data.draw(st.floats(one.from_s, one.to_s))
    for thing in THINGS:
        whole_s = seconds_held(one.run_id, thing, runs, one.from_s, one.to_s)
        parts_s = [
            seconds_held(one.run_id, thing, runs, *pair) for pair in ((one.from_s, between_s), (between_s, one.to_s))
        ]
        assert math.fsum(parts_s) == pytest.approx(whole_s, abs=1e-9)
        assert 0 <= whole_s <= (one.to_s - one.from_s) * (1 + 1e-9)


@settings(max_examples=100)
@given(st.integers(1, 6))
def test_those_who_hold_it_at_once_have_equal_parts(count):
    runs = tuple(Holder(str(n), None, str(n), {THINGS[0]: 1.0}, 0.0, 10.0) for n in range(count))
    for one in runs:
        assert seconds_held(one.run_id, THINGS[0], runs, 2.0, 7.0) == pytest.approx(5.0 / count)


def test_runs_of_one_process_are_one_holder_and_slices_of_a_gpu_are_not_in_each_others_way():
    thing = THINGS[0]
    runs = tuple(Holder(name, None, name[0], {thing: 1.0}, 0.0, 1.0) for name in ("a1", "a2", "b1"))
    assert seconds_held("b1", thing, runs, 0.0, 1.0) == seconds_held("a1", thing, runs, 0.0, 1.0) == 0.5
    slices = (Holder("a", None, "a", {thing: 3 / 7}, 0.0, 1.0), Holder("b", None, "b", {thing: 4 / 7}, 0.0, 1.0))
    assert seconds_held("a", thing, slices, 0.0, 1.0) == 1.0


def test_a_run_without_a_list_has_nothing_of_what_another_lists_but_what_runs_inside_it_does():
    thing = THINGS[0]
    outside, listing = Holder("a", None, "a", {}, 0.0, 1.0), Holder("b", None, "b", {thing: 1.0}, 0.0, 1.0)
    assert seconds_held("a", thing, (outside, listing), 0.0, 1.0) == 0.0
    assert seconds_held("a", thing, (outside, listing._replace(parent="a")), 0.0, 1.0) == 1.0
    assert seconds_held("a", thing, (outside,), 0.0, 1.0) == 1.0


def run_of(one, runs, looks_s, *, told):
    """A run as its own process measures it, at instants of its own; a driver that hides processes tells no holders."""
    times_s = sorted({one.from_s, one.to_s, *(at for at in looks_s if one.from_s < at < one.to_s)})
    names = tuple(gpu.name for gpu in GPUS if gpu.thing in one.parts)
    held = Allocation(
        8.0, None, False, names or None, "whole-host", gpus_how="cuda" if names else "",
        gpu_parts={gpu.name: one.parts[gpu.thing] for gpu in GPUS if one.parts.get(gpu.thing, 1.0) < 1.0},
    )  # fmt: skip
    head = RunHead(
        one.run_id, 1_764_000_000.0 + one.from_s, HostInfo("h", "Linux", "CPU", 8), RegionRef("FR", "flag"),
        Settings("reserved", 1.2), channels=GPUS, allocation=held,
    )  # fmt: skip
    use = GpuShare(0.0, 0.0, 0, 0) if told else GpuShare(0.0, None, None, None)
    frames, held_s = [], (0.0, 0.0)
    for before_s, at_s in zip([one.from_s, *times_s], times_s, strict=False):
        held_s = tuple(
            so_far_s + (seconds_held(one.run_id, gpu.thing, runs, before_s, at_s) if at_s > before_s else 0.0)
            for so_far_s, gpu in zip(held_s, GPUS, strict=True)
        )
        frames.append(
            Frame(
                at_s - one.from_s,
                (POWER_W * at_s,) * 2,
                at_s,
                0.0,
                gpus=(use, use),
                gpu_held_s=held_s if at_s > one.from_s else (),
            )
        )
    return RawRun(head, tuple(frames), end=RunEnd(frames[-1].t_s, "completed", 0))


@settings(max_examples=200)
@given(holders(), st.data(), st.booleans())
def test_all_jobs_together_are_no_more_than_the_gpu_used(runs, data, told):
    chosen = antichain(runs, data.draw(st.permutations(runs)))
    looks = st.lists(st.floats(0, LASTS_S), max_size=4)
    jobs = [account(run_of(one, runs, data.draw(looks), told=told), ROWS) for one in chosen]
    for gpu in GPUS:
        whole_j = POWER_W * (max(one.to_s for one in chosen) - min(one.from_s for one in chosen))
        mine = [next(part for part in job.energy.components if part.channel == gpu.name) for job in jobs]
        assert math.fsum(one.job_j.central for one in mine) <= whole_j * (1 + 1e-9)
        for one in mine:
            assert one.job_j.central + one.rest_j.central == pytest.approx(one.host_j.central, rel=1e-9)
