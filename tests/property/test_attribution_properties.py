"""The account closes: every joule of the host is one run's, or nobody's, whatever they hold, use and overlap."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import CPUS, DRAM, GPUS, MEMORY_GB, PACKAGE, Group, Process, Window, World, run_of, worlds

from footprint import catalogue
from footprint.account import account
from footprint.records.raw import IdlePower

ROWS = catalogue.load("FR")


def accounted(world, policy):
    return [account(run_of(world, number, policy), ROWS) for number in range(len(world.windows))]


def parts(run):
    return {one.channel: one for one in run.energy.components}


@settings(max_examples=200, deadline=None)
@given(worlds(policies=("reserved", "proportional", "none", "all")))
def test_in_each_run_and_channel_job_and_rest_are_the_host(world_and_policy):
    for run in accounted(*world_and_policy):
        for one in run.energy.components:
            assert one.job_j.central + one.rest_j.central == pytest.approx(one.host_j.central, rel=1e-9, abs=1e-12)
            assert 0 <= one.job_j.low <= one.job_j.central <= one.job_j.high
            assert one.job_j.central <= one.host_j.central * (1 + 1e-9)
            assert one.held_idle_j.central <= one.job_j.central * (1 + 1e-9)


@settings(max_examples=400, deadline=None)
@given(worlds())
def test_all_jobs_and_the_remainder_are_the_host_and_the_remainder_is_never_below_nothing(world_and_policy):
    """The remainder is what no run explains of the host's energy over the union of their windows."""
    world, policy = world_and_policy
    runs = accounted(world, policy)
    for place, channel in enumerate(world.channels):
        covered = {n for window in world.windows for n in range(window.first, window.last)}
        host_j = math.fsum(world.slices_j[n][place] for n in covered)
        jobs_j = math.fsum(parts(run)[channel.name].job_j.central for run in runs)
        remainder_j = host_j - jobs_j
        assert remainder_j >= -1e-9 * host_j, (channel.name, jobs_j, host_j)
        assert jobs_j + remainder_j == pytest.approx(host_j, rel=1e-9)


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_so_do_modelled_parts_and_what_lies_between_them_and_the_wall(world_and_policy):
    world, policy = world_and_policy
    runs = accounted(world, policy)
    slices = [account(run_of(world._replace(windows=(window,)), 0, policy), ROWS) for window in _each_slice(world)]
    for channel in ("cpu", "dram"):
        whole_j = [parts(run)[channel].host_j.central for run in slices if channel in parts(run)]
        jobs_j = math.fsum(parts(run)[channel].job_j.central for run in runs if channel in parts(run))
        if whole_j:
            assert jobs_j <= math.fsum(whole_j) * (1 + 1e-9)


def _each_slice(world):
    """A run for each slice that some run covers: together they are the union."""
    covered = sorted({n for window in world.windows for n in range(window.first, window.last)})
    return [world.windows[0]._replace(first=n, last=n + 1) for n in covered]


@settings(max_examples=150, deadline=None)
@given(worlds(policies=("reserved", "proportional", "all")))
def test_activity_never_costs_nothing(world_and_policy):
    """A run that used the CPU has energy of whatever serves the CPU, for every policy that charges idle energy."""
    world, policy = world_and_policy
    for number, run in enumerate(accounted(world, policy)):
        window = world.windows[number]
        process = world.processes[window.process]
        if math.fsum(process.cpu_s[window.first : window.last]) > 1e-6 and PACKAGE in world.channels:
            assert parts(run)["package-0"].job_j.central > 0


@settings(max_examples=150, deadline=None)
@given(worlds(policies=("none",)))
def test_nor_does_it_where_idle_energy_is_left_out(world_and_policy):
    """Work always takes a part of what is drawn: no idle power that is known can be all of it."""
    world, policy = world_and_policy
    for number, run in enumerate(accounted(world, policy)):
        window = world.windows[number]
        process = world.processes[window.process]
        if math.fsum(process.cpu_s[window.first : window.last]) > 1e-3 and PACKAGE in world.channels:
            assert parts(run)["package-0"].job_j.central > 0


@settings(max_examples=150, deadline=None)
@given(worlds(policies=("reserved", "proportional", "none", "all")))
def test_nothing_exceeds_its_limit_times_the_time(world_and_policy):
    world, policy = world_and_policy
    for run in accounted(world, policy):
        for channel in world.channels:
            most_j = channel.limit_w * run.duration_s
            one = parts(run)[channel.name]
            assert one.host_j.central <= most_j * (1 + 1e-9)
            assert one.job_j.central <= most_j * (1 + 1e-9)


@settings(max_examples=150, deadline=None)
@given(worlds(), st.sampled_from(["reserved", "none"]))
def test_gpus_that_nobody_works_on_are_divided_equally_among_their_holders(world_and_policy, policy):
    """A GPU that stands still is charged to those who have it, each the same, and shown as held-idle."""
    world = world_and_policy[0]
    if GPUS[0] not in world.channels:
        return
    still = world._replace(
        processes=tuple(
            one._replace(sm=tuple(tuple(None if s is None else 0.0 for s in gpu) for gpu in one.sm))
            for one in world.processes
        )
    )
    for number, window in enumerate(still.windows):
        if window.last != window.first + 1 or sum(one.process == window.process for one in still.windows) > 1:
            continue
        holders = [one.sm[0][window.first] is not None for one in still.processes]
        if not holders[window.process]:
            continue
        one = parts(account(run_of(still, number, policy), ROWS))["gpu-0"]
        if policy == "reserved":
            assert one.job_j.central == pytest.approx(one.host_j.central / sum(holders), rel=1e-9)
            assert 0 <= one.held_idle_j.central <= one.job_j.central * (1 + 1e-9)


def together(groups, processes, channels, policy="reserved", seconds=10.0):
    """Energies of one run for each process, over one slice in which each channel draws 100 W and idles at 60."""
    world = World(
        channels, (seconds,), (tuple(0.0 for _ in channels), tuple(100.0 * seconds for _ in channels)),
        (tuple(100.0 * seconds for _ in channels),), groups, processes,
        tuple(Window(number, 0, 1) for number in range(len(processes))),
        {channel.name: IdlePower(60.0, "calibrated") for channel in channels},
    )  # fmt: skip
    return [parts(run) for run in accounted(world, policy)]


def test_a_tenth_of_the_memory_and_one_gpu_of_two_are_charged_while_others_share_the_rest():
    """A job that sleeps in a limited container, and one that works outside it."""
    group = Group(4.0, MEMORY_GB / 10, ("gpu-0",))
    asleep, busy = Process(0, None, (0.0,), ((None,), (None,))), Process(None, None, (80.0,), ((None,), (0.5,)))
    sleeper, worker = together((group,), (asleep, busy), (PACKAGE, DRAM, *GPUS))
    assert sleeper["package-0"].job_j.central == pytest.approx(600 * 4 / CPUS)
    assert sleeper["dram-0"].job_j.central == pytest.approx(600 / 10)
    assert sleeper["gpu-0"].job_j.central == pytest.approx(1000)
    assert sleeper["gpu-0"].held_idle_j.central == pytest.approx(600)
    assert sleeper["gpu-1"].job_j.central == 0
    assert sleeper["package-0"].held_idle_j == pytest.approx(sleeper["package-0"].job_j)
    for channel in ("package-0", "dram-0", "gpu-1"):
        whole_j = sleeper[channel].job_j.central + worker[channel].job_j.central
        assert whole_j == pytest.approx(1000), "the worker has all that the sleeper does not hold"
    assert worker["gpu-0"].job_j.central == 0


def test_two_jobs_in_one_container_divide_its_gpu_by_their_cpu_time():
    group = Group(4.0, None, ("gpu-0", "gpu-1"))
    processes = tuple(Process(0, None, (cpu_s,), ((None,), (None,))) for cpu_s in (5.0, 15.0))
    first, second = together((group,), processes, (PACKAGE, *GPUS))
    assert first["gpu-0"].job_j.central == pytest.approx(250)
    assert second["gpu-0"].job_j.central == pytest.approx(750)
    assert first["package-0"].job_j.central == pytest.approx(400 / 4 + 600 * 4 / CPUS / 4)
