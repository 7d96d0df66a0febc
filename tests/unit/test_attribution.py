"""The job's part of a slice, by idle policy; for GPUs by SM time and contexts."""

import pytest

from footprint.attribution import (
    CpuUse,
    Held,
    cpu_use,
    gpu_part,
    gpu_use,
    held_cpu,
    held_share,
    job_energy,
    share_bounds,
)
from footprint.records.raw import Allocation, Frame, GpuShare


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("proportional", 25.0), ("all", 40.0 + 15.0), ("none", 15.0), ("reserved", 15.0 + 20.0)],
)
def test_idle_and_dynamic_energy_by_policy(policy, expected):
    assert job_energy(100.0, 40.0, share=0.25, held_share=0.5, policy=policy) == pytest.approx(expected)


def test_idle_energy_is_never_more_than_the_slice_had():
    assert job_energy(10.0, 40.0, share=0.0, held_share=1.0, policy="reserved") == 10.0


def test_the_hosts_busy_time_is_never_below_the_jobs():
    before, after = Frame(0.0, (), 10.0, 0.0), Frame(1.0, (), 10.2, 0.9)
    assert cpu_use(before, after).host_s == pytest.approx(0.9)


def test_overlapping_runs_of_one_process_divide_its_time():
    before, after = Frame(0.0, (), 10.0, 0.0), Frame(1.0, (), 11.0, 1.0, weight=0.5)
    assert cpu_use(before, after) == CpuUse(0.5, 1.0)


def test_alone_in_its_allocation_a_job_bears_the_idle_energy_that_it_holds():
    assert held_share(Held(0.5, alone=True), CpuUse(0.0, 3.0)) == 0.5


def test_where_others_live_idle_energy_goes_by_busy_time():
    assert held_share(Held(1.0, alone=False), CpuUse(1.0, 4.0)) == 0.25


def test_no_known_allocation_is_never_alone():
    assert held_cpu(Allocation(0.0, alone=True, how="unknown"), 8, alone=True) == Held(1.0, alone=False)


def test_somebody_elses_arrival_ends_being_alone():
    allocation = Allocation(4.0, alone=True, how="cpuset")
    assert held_cpu(allocation, 8, alone=True) == Held(0.5, alone=True)
    assert held_cpu(allocation, 8, alone=False) == Held(0.5, alone=False)


@pytest.mark.parametrize(
    ("gpu", "visible", "share", "held", "told"),
    [
        (GpuShare(0.8, 0.2, 2, 1), None, 0.25, 0.5, True),
        (GpuShare(0.0, 0.0, 2, 1), None, 0.5, 0.5, True),
        (GpuShare(0.8, None, 4, 1), None, 0.25, 0.25, True),
        (GpuShare(0.8, None, 0, 0), True, 0.0, 1.0, True),
        (GpuShare(0.8, None, 0, 0), None, 0.0, 0.0, True),
        (GpuShare(0.8, None, None, None), None, 1.0, 1.0, False),
        (GpuShare(0.8, 0.8, 1, 1), False, 0.0, 0.0, True),
        (GpuShare(0.6, 0.3, 0, 0), None, 0.5, 0.0, True),
        (GpuShare(0.6, 0.3, 0, 0), True, 0.5, 1.0, True),
        (None, None, 1.0, 1.0, False),
    ],
)
def test_a_gpu_goes_by_sm_time_then_by_contexts_then_by_what_is_visible(gpu, visible, share, held, told):
    part = gpu_part(gpu, visible=visible)
    assert (part.share, part.held, part.told) == (pytest.approx(share), pytest.approx(held), told)


def test_the_share_of_a_short_run_is_bounded_by_clock_ticks():
    low, high = share_bounds(CpuUse(0.05, 0.10), 2)
    assert low < 0.5 < high <= 1.0


def test_a_job_that_ended_within_a_slice_keeps_what_it_used_and_held_until_then():
    """The last look comes after the job's processes are gone: the driver lists nobody then."""
    during, after = GpuShare(0.8, 0.8, 2, 1), GpuShare(0.4, 0.4, 1, 0)
    assert gpu_use(during, after) == GpuShare(0.4, 0.4, 2, 1)
    assert gpu_use(during, GpuShare(0.4, None, 0, 0)) == GpuShare(0.4, None, 2, 1)
    assert gpu_use(None, after) == after
    assert gpu_use(during, None) == during
    assert gpu_use(GpuShare(0.1, None, None, None), after) == after
