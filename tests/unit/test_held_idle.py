"""What a run holds and does not use: in its document and in what ``show`` says."""

from made_journals import frame, head, p90, result

from footprint import catalogue
from footprint.account import account
from footprint.cli import show_text
from footprint.collectors.channel import Channel
from footprint.interval import exact
from footprint.records.document import as_document, from_document
from footprint.records.raw import Allocation, Frame, GpuShare, RawRun, RunEnd

END = RunEnd(4.0, "completed", 0)
GPU = Channel("gpu", "gpu-0", "nvidia_nvml", "nvml-energy", "counter", "nvml:0", limit_w=300.0, sensor="nvml-energy")
ROWS = catalogue.load("FR")


def run_holding(stood_j):
    run = result(RawRun(head(), (frame(0.0), frame(4.0)), end=END))
    component = run.energy.components[0]._replace(held_idle_j=p90(stood_j) if stood_j else exact(0.0))
    return run._replace(energy=run.energy._replace(components=(component,)))


def test_the_document_has_it_and_gives_it_back():
    run = run_holding(60.0)
    document = as_document(run)
    assert document["energy"]["components"][0]["held_idle_j"]["central"] == 60.0
    assert from_document(document).energy.components[0].held_idle_j == p90(60.0)
    del document["energy"]["components"][0]["held_idle_j"]
    del document["activity"]["steal_s"]
    earlier = from_document(document)
    assert (earlier.energy.components[0].held_idle_j, earlier.activity.steal_s) == (exact(0.0), 0.0)


def test_show_has_a_column_for_it_only_where_there_is_any():
    assert "held idle" in show_text.text(run_holding(60.0), plain=False)
    assert "16.7 mWh" in show_text.text(run_holding(60.0), plain=False)
    assert "held idle: 16.7 milliwatt-hours" in show_text.text(run_holding(60.0), plain=True)
    for plain in (False, True):
        assert "held idle" not in show_text.text(run_holding(0.0), plain=plain)


def gpu_run(util, *, mine=True):
    """A run that holds a GPU of 50 W; ``util`` is its utilisation by the job."""
    share = GpuShare(util, util, 1, 1) if mine else GpuShare(0.0, 0.0, 0, 0)
    frames = tuple(Frame(2.0 * t, (100.0 * t,), 4.0 * t, 2.0 * t, gpus=(share,)) for t in range(3))
    raw = RawRun(
        head()._replace(channels=(GPU,), allocation=Allocation(4.0, gpus=("gpu-0",), how="whole-host")), frames, end=END
    )
    return next(one for one in account(raw, ROWS).energy.components if one.channel == "gpu-0")


def test_a_gpu_at_nothing_is_held_idle_and_one_at_work_is_not():
    still, working, half = gpu_run(0.0), gpu_run(1.0), gpu_run(0.5)
    assert still.job_j.central == working.job_j.central == 200.0
    assert 0 < still.held_idle_j.central < 200.0, "what it draws beyond idle is not"
    assert working.held_idle_j.central == 0.0
    assert 0 < half.held_idle_j.central < still.held_idle_j.central
    assert gpu_run(0.0, mine=False).held_idle_j.central == still.held_idle_j.central, "held by the list of visible GPUs"


def cpu_run(policy, **allocation):
    frames = tuple(frame(2.0 * t) for t in range(3))
    one = head()
    one = one._replace(allocation=Allocation(**allocation), settings=one.settings._replace(idle=policy))
    return account(RawRun(one, frames, end=END), ROWS).energy.components[0]


def test_cpus_of_ones_own_that_stood_still_are_held_idle():
    """Two of four CPUs were busy: half of the idle energy is for those that were not."""
    own = cpu_run("reserved", cpus=4.0, alone=True, how="cgroup-quota")
    assert 0 < own.held_idle_j.central < own.job_j.central
    narrow = cpu_run("reserved", cpus=2.0, alone=True, how="cgroup-quota")
    assert narrow.held_idle_j.central == 0.0
    for policy in ("none", "proportional"):
        assert cpu_run(policy, cpus=4.0, alone=True, how="cgroup-quota").held_idle_j.central == 0.0
