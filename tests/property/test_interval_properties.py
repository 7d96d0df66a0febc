"""Twice the interval: the same run with every other look left out. What that changes, and what it does not."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from footprint import catalogue
from footprint.account import account
from footprint.collectors.channel import Channel
from footprint.collectors.machine import Allocation, HostInfo
from footprint.records.raw import Frame, GpuShare, HeldUse, IdlePower, RawRun, RegionRef, RunEnd, RunHead, Settings

ROWS = catalogue.load("FR")
CPUS, LOOK_S = 8, 0.5
IDLE_W, PER_CPU_W = 40.0, 30.0
PACKAGE = Channel("cpu", "package-0", "rapl_powercap", "rapl-counter", "counter", "rapl:0", range_j=700.0, limit_w=500)
GPU = Channel("gpu", "gpu-0", "nvidia_nvml", "nvml-energy", "counter", "nvml:0", limit_w=500)
WITHIN = 0.001


def run_of(slices, policy, allocation=None):
    """``slices``: (job's CPU seconds, others', GPU's J, job's and all SM share) of each look; power follows the load."""
    held = allocation or Allocation(float(CPUS), how="whole-host")
    head = RunHead(
        "01J", 1_764_000_000.0, HostInfo("h", "Linux", "CPU", CPUS, memory_gb=64.0), RegionRef("FR", "flag"),
        Settings(policy, 1.2), channels=(PACKAGE, GPU), allocation=held,
        idle={"package-0": IdlePower(IDLE_W, "calibrated"), "gpu-0": IdlePower(20.0, "calibrated")},
    )  # fmt: skip
    package_j = gpu_j = job_s = busy_s = 0.0
    frames = [Frame(0.0, (0.0, 0.0), 0.0, 0.0, gpus=(GpuShare(0.5, 0.5, 2, 1),), alone=held.alone, held=HeldUse(0.0))]
    for number, (own_s, others_s, joules, own_sm, all_sm) in enumerate(slices, 1):
        job_s, busy_s, gpu_j = job_s + own_s, busy_s + own_s + others_s, gpu_j + joules
        package_j += IDLE_W * LOOK_S + PER_CPU_W * (own_s + others_s)
        use = (GpuShare(all_sm, own_sm, 2, 1),)
        readings = (package_j % PACKAGE.range_j, gpu_j)
        frames.append(Frame(number * LOOK_S, readings, busy_s, job_s, gpus=use, alone=held.alone, held=HeldUse(job_s)))
    return RawRun(head, tuple(frames), end=RunEnd(frames[-1].t_s, "completed", 0))


def thinned(raw):
    """Every other look; a frame's use of a GPU is the mean of its looks."""
    means = [
        after._replace(gpus=tuple(map(mean, before.gpus, after.gpus)))
        for before, after in zip(raw.frames[1::2], raw.frames[2::2], strict=True)
    ]
    return raw._replace(frames=(raw.frames[0], *means))


def mean(one, other):
    return other._replace(util=(one.util + other.util) / 2, job_util=(one.job_util + other.job_util) / 2)


def energies(raw, channel):
    return next(one for one in account(raw, ROWS).energy.components if one.channel == channel)


busy = st.floats(0, LOOK_S * CPUS / 2)
looks = st.lists(
    st.tuples(busy, busy, st.floats(40, 200), st.floats(0, 0.5), st.floats(0.5, 1)), min_size=2, max_size=12
)
policies = st.sampled_from(["reserved", "proportional", "none", "all"])


def paired(slices):
    return slices[: len(slices) // 2 * 2]


@settings(max_examples=60)
@given(looks, policies)
def test_a_hosts_counters_tell_the_same_whatever_the_load(slices, policy):
    raw = run_of(paired(slices), policy)
    for channel in ("package-0", "gpu-0"):
        fine, coarse = (energies(one, channel).host_j.central for one in (raw, thinned(raw)))
        assert coarse == pytest.approx(fine, rel=1e-9, abs=1e-9)


@settings(max_examples=60)
@given(looks, st.sampled_from(["none", "all"]))
def test_so_does_the_dynamic_part_of_a_job_on_a_host_whose_power_follows_its_load(slices, policy):
    """Dynamic power over busy time is the same in every look, however the shares change."""
    raw = run_of(paired(slices), policy)
    assume(raw.frames[-1].job_cpu_s > 0.01)
    fine, coarse = (energies(one, "package-0").job_j.central for one in (raw, thinned(raw)))
    assert coarse == pytest.approx(fine, rel=WITHIN)


@settings(max_examples=60)
@given(looks)
def test_so_does_a_job_that_is_alone_in_its_allocation(slices):
    raw = run_of(paired(slices), "reserved", Allocation(2.0, alone=True, how="cpuset"))
    fine, coarse = (energies(one, "package-0").job_j.central for one in (raw, thinned(raw)))
    assert coarse == pytest.approx(fine, rel=WITHIN)


@settings(max_examples=60)
@given(looks, policies, st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_so_does_any_job_whose_share_is_steady_however_power_changes(slices, policy, share, sm):
    steady = [(share * (a + b), (1 - share) * (a + b), joules, sm * util, util) for a, b, joules, _, util in slices]
    raw = run_of(paired(steady), policy)
    assume(all(a + b > 1e-6 for a, b, *_ in slices))
    for channel in ("package-0", "gpu-0"):
        fine, coarse = (energies(one, channel).job_j.central for one in (raw, thinned(raw)))
        assert coarse == pytest.approx(fine, rel=WITHIN, abs=1e-9)


@settings(max_examples=100)
@given(looks, policies)
def test_it_cannot_hold_where_share_and_power_change_together_but_what_it_costs_is_bounded(slices, policy):
    """Idle energy by busy time, and a GPU's: at most what the shares of two looks that became one lie apart."""
    raw = run_of(paired(slices), policy)
    for channel, spread in (("package-0", _spread(slices, _cpu)), ("gpu-0", _spread(slices, _sm))):
        fine, coarse = (energies(one, channel) for one in (raw, thinned(raw)))
        assert abs(coarse.job_j.central - fine.job_j.central) <= spread * fine.host_j.central + 1e-9


def _cpu(one):
    return one[0] / (one[0] + one[1]) if one[0] + one[1] > 0 else 0.0


def _sm(one):
    return one[3] / one[4]


def _spread(slices, share):
    pairs = zip(paired(slices)[::2], paired(slices)[1::2], strict=True)
    return max(abs(share(a) - share(b)) for a, b in pairs)
