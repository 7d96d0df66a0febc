"""The job's part of a slice, by idle policy; for GPUs by SM time and contexts."""

import pytest

from footprint.attribution import (
    CpuUse,
    Held,
    cpu_use,
    gpu_part,
    gpu_use,
    held_cpu,
    held_memory,
    held_share,
    job_energy,
    part_in_allocation,
    share_bounds,
    use_of_held,
    use_of_memory,
    used_part,
)
from footprint.records.raw import Allocation, Frame, GpuShare, HeldUse


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


HOST = CpuUse(1.0, 4.0)
"""The job has a quarter of the host's busy time."""


def after(alone=True, **held):
    return Frame(1.0, (), 4.0, 1.0, alone=alone, held=HeldUse(**held))


def test_alone_in_its_allocation_a_job_bears_the_idle_energy_that_it_holds():
    assert held_share(Held(0.5, alone=True), CpuUse(0.0, 3.0)) == 0.5


def test_where_others_live_idle_energy_goes_by_busy_time_over_all_who_live_there():
    assert held_share(Held(1.0, alone=False), HOST) == 0.25
    assert held_share(Held(0.5, alone=False), HOST, CpuUse(1.0, 2.0)) == 0.25


def test_where_nobody_tells_who_else_holds_the_same_it_is_never_more_than_the_busy_share():
    assert held_share(Held(0.5, alone=False, bounded=True), HOST) == 0.25
    assert held_share(Held(0.1, alone=False, bounded=True), HOST) == 0.1
    assert held_share(Held(0.5, alone=False, bounded=True), HOST, CpuUse(1.0, 1.0)) == 0.25
    assert held_share(Held(0.2, alone=False, bounded=True), HOST, CpuUse(1.0, 2.0)) == 0.1


def test_no_known_allocation_is_never_alone_and_goes_as_proportional():
    held = held_cpu(Allocation(0.0, alone=True, how="unknown"), 8, after())
    assert held == Held(1.0, alone=False)
    assert held_share(held, HOST) == HOST.share


def test_somebody_elses_arrival_ends_being_alone():
    allocation = Allocation(4.0, alone=True, how="cgroup-quota")
    assert held_cpu(allocation, 8, after(cpu_busy_s=1.0)) == Held(0.5, alone=True)
    assert held_cpu(allocation, 8, after(alone=False, cpu_busy_s=1.0)) == Held(0.5, alone=False)


@pytest.mark.parametrize(
    ("how", "told", "bounded"),
    [
        ("whole-host", False, False),
        ("cgroup-quota", True, False),
        ("cpuset", True, False),
        ("cgroup-quota", False, True),
        ("slurm", True, False),
        ("slurm", False, True),
        ("affinity", True, True),
        ("affinity", False, True),
    ],
)
def test_only_groups_that_tell_how_busy_they_are_give_a_part_of_ones_own(how, told, bounded):
    frame = after(alone=False, cpu_busy_s=1.0 if told else None)
    assert held_cpu(Allocation(4.0, how=how), 8, frame) == Held(0.5, alone=False, bounded=bounded)


def test_what_others_hold_for_themselves_inside_is_not_the_jobs():
    assert held_cpu(Allocation(8.0, how="whole-host"), 8, after(alone=False, inner_cpus=2.0)).fraction == 0.75
    assert held_cpu(Allocation(2.0, how="cgroup-quota"), 8, after(alone=False, inner_cpus=9.0)).fraction == 0.0
    assert held_memory(Allocation(8.0, how="whole-host"), 100.0, after(inner_gb=25.0)) == Held(0.75, alone=False)


def test_a_run_that_was_moved_to_another_group_goes_by_busy_time_from_then_on():
    allocation = Allocation(2.0, 10.0, True, how="cgroup-quota", memory_alone=True)
    frame = after(moved=True)
    assert held_cpu(allocation, 8, frame) == held_memory(allocation, 100.0, frame) == Held(1.0, alone=False)
    assert use_of_held(Frame(0.0, (), 0.0, 0.0, held=HeldUse(0.0)), frame) is None


def test_memory_is_held_by_its_own_limit_and_its_own_company():
    """100 of 1,000 GB are a tenth, whoever shares the CPUs."""
    allocation = Allocation(8.0, 100.0, False, None, "whole-host", "cgroup-limit", True)
    assert held_memory(allocation, 1000.0, after(alone=False, memory_alone=True)) == Held(0.1, alone=True)
    assert held_memory(allocation, 1000.0, after(alone=False, memory_alone=False)) == Held(0.1, alone=False)
    slurm = Allocation(8.0, 100.0, False, None, "slurm", "slurm")
    assert held_memory(slurm, 1000.0, after(alone=False)) == Held(0.1, alone=False, bounded=True)


def test_memory_without_a_limit_is_shared_by_all():
    assert held_memory(Allocation(2.0, None, True, how="cgroup-quota"), 64.0, after()) == Held(1.0, alone=False)
    assert held_memory(Allocation(2.0, 8.0, True, how="cgroup-quota"), None, after()) == Held(1.0, alone=False)


def test_the_busy_time_of_an_allocation_is_never_below_the_jobs():
    frames = [Frame(t, (), 9.0 * t, 1.0 * t, held=HeldUse(0.5 * t, 2.0 * t)) for t in (0.0, 1.0)]
    assert use_of_held(*frames) == CpuUse(1.0, 1.0)
    assert use_of_memory(*frames) == CpuUse(1.0, 2.0)
    alike = [Frame(t, (), 9.0 * t, 1.0 * t, held=HeldUse(4.0 * t)) for t in (0.0, 1.0)]
    assert use_of_memory(*alike) == CpuUse(1.0, 4.0), "those who share the memory are those who share the CPUs"
    assert use_of_held(Frame(0.0, (), 0.0, 0.0), frames[1]) is None


def test_how_busy_what_is_held_was():
    assert used_part(CpuUse(1.0, 2.0), 4.0, 1.0) == 0.5
    assert used_part(CpuUse(1.0, 9.0), 4.0, 1.0) == 1.0
    assert used_part(CpuUse(1.0, 1.0), 0.0, 1.0) == 1.0


@pytest.mark.parametrize(
    ("gpu", "visible", "share", "held", "told"),
    [
        (GpuShare(0.8, 0.2, 2, 1), None, 0.25, 0.5, True),
        (GpuShare(0.0, 0.0, 2, 1), None, 0.5, 0.5, True),
        (GpuShare(0.8, None, 4, 1), None, 0.25, 0.25, True),
        (GpuShare(0.8, None, 0, 0), True, 0.0, 1.0, True),
        (GpuShare(0.0, None, 0, 0), True, 1.0, 1.0, True),
        (GpuShare(0.8, None, 0, 0), None, 0.0, 0.0, True),
        (GpuShare(0.8, None, None, None), None, 0.1, 0.1, False),
        (GpuShare(0.8, None, None, None), True, 1.0, 1.0, False),
        (GpuShare(0.8, None, None, None), False, 0.0, 0.0, True),
        (GpuShare(0.8, 0.8, 1, 1), False, 1.0, 1.0, True),
        (GpuShare(0.8, 0.0, 1, 0), False, 0.0, 0.0, True),
        (GpuShare(0.8, 0.0, 1, 0), True, 0.0, 0.0, True),
        (GpuShare(0.6, 0.3, 0, 0), None, 0.5, 0.5, True),
        (None, None, 0.1, 0.1, False),
    ],
)
def test_a_gpu_goes_by_sm_time_then_by_contexts_then_by_what_is_visible(gpu, visible, share, held, told):
    part = gpu_part(gpu, visible=visible, by_time=0.1)
    assert (part.share, part.held, part.told) == (pytest.approx(share), pytest.approx(held), told)


def test_a_gpu_that_was_given_to_an_allocation_is_shared_by_those_who_live_there():
    stands = GpuShare(0.0, None, 0, 0)
    assert gpu_part(stands, visible=True, by_time=0.25, given=True).held == 0.25
    assert gpu_part(stands, visible=True, by_time=0.25, given=False).held == 1.0
    assert gpu_part(None, visible=True, by_time=0.25, given=True).share == 0.25


def test_the_part_of_an_allocations_time_is_whole_where_the_job_is_alone():
    before, now = Frame(0.0, (), 0.0, 0.0, held=HeldUse(0.0)), Frame(1.0, (), 8.0, 1.0, held=HeldUse(2.0))
    alone = Allocation(4.0, alone=True, how="cgroup-quota")
    assert part_in_allocation(alone, before, now) == 1.0
    assert part_in_allocation(alone._replace(alone=False), before, now) == 0.5
    assert part_in_allocation(Allocation(8.0, how="whole-host"), Frame(0.0, (), 0.0, 0.0), now) == 0.125


def test_the_share_of_a_short_run_is_bounded_by_clock_ticks():
    low, high = share_bounds(CpuUse(0.05, 0.10), 2)
    assert low < 0.5 < high <= 1.0


def test_a_job_that_ended_within_a_slice_keeps_what_it_used_and_what_nobody_else_held():
    """The last look comes after the job's processes are gone: the driver lists nobody then."""
    during, after = GpuShare(0.8, 0.8, 2, 1), GpuShare(0.4, 0.4, 1, 0)
    assert gpu_use(during, GpuShare(0.4, None, 0, 0)) == GpuShare(0.4, None, 2, 1)
    assert gpu_use(during, after) == after, "who is there still is charged: two who look at once must not both be"
    assert gpu_use(None, after) == after
    assert gpu_use(during, None) == during
    assert gpu_use(GpuShare(0.1, None, None, None), after) == after


@pytest.mark.parametrize(
    ("gpu", "visible", "whole", "share", "held", "told"),
    [
        (GpuShare(0.5, 0.5, 1, 1, 0.5), None, 1.0, 1.0, 0.5, True),
        (GpuShare(1.0, 0.25, 3, 1, 0.25), None, 1.0, 0.25, 0.25, False),
        (GpuShare(0.5, 0.0, 1, 0, 0.0), None, 1.0, 0.0, 0.0, True),
        (GpuShare(None, None, 0, 0, None), True, 0.25, 0.25, 0.25, True),
        (GpuShare(None, None, None, None), True, 0.25, 0.25, 0.25, False),
    ],
)
def test_of_a_divided_gpu_a_job_holds_its_slice(gpu, visible, whole, share, held, told):
    """Used energy goes by size among the slices in use, which is a guess unless the job's are the only ones."""
    part = gpu_part(gpu, visible=visible, whole=whole)
    assert (part.share, part.held, part.told) == (pytest.approx(share), pytest.approx(held), told)


def test_slices_of_one_gpu_divide_it_without_a_rest_when_all_are_in_use():
    sizes = ((4 / 7 + 0.5) / 2, (2 / 7 + 0.25) / 2, (1 / 7 + 0.25) / 2)
    shares = [GpuShare(sum(sizes), size, 3, 1, size) for size in sizes]
    parts = [gpu_part(share, visible=None) for share in shares]
    jobs_j = [job_energy(100.0, 40.0, part.share, part.held, "reserved") for part in parts]
    assert sum(part.share for part in parts) == pytest.approx(1.0)
    assert sum(jobs_j) == pytest.approx(60.0 + 40.0 * sum(sizes))
    assert sum(jobs_j) <= 100.0 + 1e-9
