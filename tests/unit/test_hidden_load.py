"""Behind lxcfs nobody tells what the rest of the machine does: the job's interval holds the truth, whatever it does."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footprint import catalogue, config, measuring
from footprint.account import account
from footprint.collectors.channel import Channel
from footprint.collectors.machine import Allocation, HostInfo
from footprint.collectors.recorded_host import RecordedHost
from footprint.recorder import Recorder
from footprint.records.raw import Frame, HeldUse, IdlePower, RawRun, RegionRef, RunEnd, RunHead, Settings

ROWS = catalogue.load("FR")
CPUS, SECONDS, HOST_J = 8, 10.0, 1_000.0
PACKAGE = Channel("cpu", "package-0", "rapl_powercap", "rapl-counter", "counter", "rapl:package-0", range_j=1e9)


def package_of(shown_s, *, faked, job_s=8.0, idle_w=30.0, policy="reserved", allocation=None):
    """One package of 100 W; the job used ``job_s`` CPU seconds of what is shown as busy."""
    host = HostInfo("h", "Linux", "CPU", CPUS, memory_gb=64.0, faked="/proc/stat" if faked else "")
    head = RunHead(
        "01J", 1_764_000_000.0, host, RegionRef("FR", "flag"), Settings(policy, 1.2), channels=(PACKAGE,),
        allocation=allocation or Allocation(8.0, how="whole-host"),
        idle={"package-0": IdlePower(idle_w, "calibrated")},
    )  # fmt: skip
    held = HeldUse(0.0), HeldUse(job_s * 1.25)
    frames = (Frame(0.0, (0.0,), 0.0, 0.0, held=held[0]), Frame(SECONDS, (HOST_J,), shown_s, job_s, held=held[1]))
    run = account(RawRun(head, frames, end=RunEnd(SECONDS, "completed", 0)), ROWS)
    return next(one for one in run.energy.components if one.channel == "package-0"), run


@given(
    st.floats(0.1, 20), st.floats(0, 1), st.floats(0, 60), st.sampled_from(["reserved", "proportional", "none", "all"]),
    st.sampled_from([None, Allocation(2.0, how="cgroup-quota"), Allocation(2.0, alone=True, how="cpuset"), Allocation(4.0, how="affinity")]),
)  # fmt: skip
def test_the_interval_holds_what_would_be_found_if_all_were_shown(job_s, others, idle_w, policy, allocation):
    """``others``: how much of the time that the container does not use somebody else does."""
    shown_s = job_s * 1.25
    busy_s = shown_s + others * (CPUS * SECONDS - shown_s)
    given_ = {"job_s": job_s, "idle_w": idle_w, "policy": policy, "allocation": allocation}
    truth, _ = package_of(busy_s, faked=False, **given_)
    found, _ = package_of(shown_s, faked=True, **given_)
    assert found.job_j.low <= truth.job_j.central * (1 + 1e-9)
    assert truth.job_j.central <= found.job_j.high * (1 + 1e-9)
    assert found.job_j.central + found.rest_j.central == pytest.approx(HOST_J)


def test_the_central_value_stays_and_where_all_is_shown_nothing_is_widened():
    shown, _ = package_of(10.0, faked=False)
    hidden, run = package_of(10.0, faked=True)
    assert hidden.job_j.central == shown.job_j.central
    assert hidden.job_j.low < shown.job_j.low * 0.5
    assert hidden.job_j.kind == "envelope"
    assert run.energy.job_kwh.low < run.energy.job_kwh.central * 0.5


class Burning:
    """A job that keeps one CPU busy."""

    def __init__(self, host):
        self._host = host

    def cpu_s(self):
        return self._host.monotonic()

    def processes(self):
        return 1

    def pids(self):
        return frozenset((4242,))


def test_on_a_recorded_host_behind_lxcfs():
    """The container is shown two busy CPUs, one of them the job's; 100 W of a machine of eight CPUs are measured."""
    text = (Path(__file__).parent.parent / "hosts" / "container_lxcfs.txt").read_text()
    text = text.replace(
        "/proc/stat\ncpu  1000 0 200 9000 0 0 0 0 0 0",
        "/proc/stat timed\n0 cpu  1000 0 200 9000 0 0 0\n10 cpu  3000 0 200 9000 0 0 0",
    )
    text = text.replace("energy_uj\n61283004150", "energy_uj timed\n0 61283004150\n10 62283004150")
    host = RecordedHost.from_text(text)
    eyes = measuring.looked_at(host)
    neighbours = measuring.neighbours_of(eyes, None)
    settings = config.load({"region": "FR"}, {}, origin="flag")
    head = measuring.head_for(measuring.Request(), settings, eyes, neighbours.allocation, parent=None, kind="run")
    recorder = Recorder(head, Burning(host), lambda: 0.0, None, neighbours)
    recorder.take(eyes.instruments.look(), 1.0, keep=True)
    host.sleep(10.0)
    recorder.take(eyes.instruments.look(), 1.0, keep=True)
    run = account(RawRun(head, tuple(recorder.frames), end=RunEnd(10.0, "completed", 0)), ROWS)
    package = next(one for one in run.energy.components if one.channel == "package-0")
    assert package.host_j.central == pytest.approx(1_000.0)
    assert package.job_j.central == pytest.approx(500.0, rel=0.02)
    assert package.job_j.low <= 1_000.0 / 8 + 1, "seven other CPUs may be busy"
    notes = " ".join(run.boundary.notes)
    assert "lxcfs" in notes
    assert "throughout" in notes
