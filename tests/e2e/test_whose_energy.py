"""Whose energy it is, end to end: a host whose power follows the load, with jobs that compete, overlap and nest.

Each CPU that works draws ``PER_CPU_W`` more, whoever works on it, so a job's dynamic energy is known by its own CPU
seconds; the host's idle power is constant. Other programs may run on this machine too: they are part of the load.
"""

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from virtual_host import Constant, FakeGpu, dram, package

FOOTPRINT = [sys.executable, "-m", "footprint"]
IDLE_W, PER_CPU_W = 40.0, 30.0
BURN = (
    "import resource,sys,time\n"
    "end=time.monotonic()+float(sys.argv[1])\n"
    "while time.monotonic()<end: pass\n"
    "r=resource.getrusage(resource.RUSAGE_SELF)\n"
    "open(sys.argv[2],'w').write(str(r.ru_utime+r.ru_stime))"
)


@pytest.fixture
def host(virtual_sysroot):
    """A calibrated host: what it draws when nothing works is known."""
    made = virtual_sysroot(package(0, Constant(IDLE_W), per_cpu_w=PER_CPU_W), dram(0, Constant(4.0), per_cpu_w=3.0))
    home = Path(os.environ["FOOTPRINT_HOME"])
    home.mkdir(parents=True)
    idle = {"package-0": {"power_w": IDLE_W, "how": "calibrated"}, "dram-0": {"power_w": 4.0, "how": "calibrated"}}
    (home / "idle.json").write_text(json.dumps(idle))
    return made


def start(environ, json_path, *command, options=()):
    words = [*FOOTPRINT, "run", "--quiet", "--region", "FR", *options, "--json", str(json_path), "--", *command]
    return subprocess.Popen(words, env={**os.environ, **environ}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def burning(seconds, cpu_file):
    return [sys.executable, "-c", BURN, str(seconds), str(cpu_file)]


def documents(*processes_and_paths):
    for process, _ in processes_and_paths:
        assert process.wait(60) == 0, process.stderr.read()
        process.stderr.close()
    return [json.loads(path.read_text()) for _, path in processes_and_paths]


def part(document, channel="package-0"):
    return next(one for one in document["energy"]["components"] if one["channel"] == channel)


def central(document, channel, amount):
    return part(document, channel)[amount]["central"]


@pytest.mark.parametrize("policy", ["none", "reserved", "proportional", "all"])
def test_beside_a_competing_load_a_jobs_share_is_within_two_per_cent(host, tmp_path, policy):
    other = subprocess.Popen(burning(4.5, tmp_path / "other"))
    path = tmp_path / "r.json"
    (document,) = documents(
        (start(host.environ, path, *burning(3.0, tmp_path / "cpu"), options=("--idle", policy)), path)
    )
    other.wait(30)
    cpu_s, host_s = float((tmp_path / "cpu").read_text()), document["activity"]["host_cpu_s"]
    dynamic_j, idle_j = PER_CPU_W * cpu_s, IDLE_W * document["duration_s"]
    expected_j = {
        "none": dynamic_j,
        "all": dynamic_j + idle_j,
        "reserved": dynamic_j + idle_j * cpu_s / host_s,
        "proportional": dynamic_j + idle_j * cpu_s / host_s,
    }[policy]
    job_j, host_j = central(document, "package-0", "job_j"), central(document, "package-0", "host_j")
    assert host_j == pytest.approx(idle_j + PER_CPU_W * host_s, rel=0.01)
    assert abs(job_j - expected_j) <= 0.02 * host_j
    assert job_j == pytest.approx(expected_j, rel=0.04)
    assert part(document)["job_j"]["low"] <= expected_j <= part(document)["job_j"]["high"]


def test_two_runs_that_overlap_never_exceed_the_host_and_each_has_what_it_used(host, tmp_path):
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    first = start(host.environ, a, *burning(4.0, tmp_path / "cpu-a"), options=("--idle", "none"))
    time.sleep(1.0)
    second = start(host.environ, b, *burning(2.0, tmp_path / "cpu-b"), options=("--idle", "none"))
    found = documents((first, a), (second, b))
    for document, name in zip(found, ("cpu-a", "cpu-b"), strict=True):
        expected_j = PER_CPU_W * float((tmp_path / name).read_text())
        assert central(document, "package-0", "job_j") == pytest.approx(expected_j, rel=0.04)
    whole_j = central(found[0], "package-0", "host_j")
    assert sum(central(one, "package-0", "job_j") for one in found) <= whole_j


def test_a_run_inside_another_is_part_of_it(host, tmp_path):
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    inner = [*FOOTPRINT, "run", "--quiet", "--region", "FR", "--json", str(b), "--", *burning(1.5, tmp_path / "cpu")]
    (outer,) = documents((start(host.environ, a, *inner), a))
    inside = json.loads(b.read_text())
    assert inside["parent"] == outer["run_id"]
    for channel in ("package-0", "dram-0"):
        assert 0 < central(inside, channel, "job_j") <= central(outer, channel, "job_j") * 1.001


def test_eight_ranks_have_each_joule_once_and_print_one_summary(virtual_sysroot, fake_gpus, tmp_path):
    """As torchrun starts them: each rank works on the GPU of its own number."""
    host = virtual_sysroot(package(0, Constant(IDLE_W), per_cpu_w=PER_CPU_W))
    gpus = fake_gpus(*(FakeGpu(Constant(100.0 + 10 * rank)) for rank in range(8)))
    code = "import os,sys,time; open(sys.argv[1],'w').write(str(os.getpid())); time.sleep(3.0)"
    common = {"WORLD_SIZE": "8", "LOCAL_WORLD_SIZE": "8", "MASTER_ADDR": "h", "MASTER_PORT": "1"}
    ranks = []
    for rank in range(8):
        path = tmp_path / f"{rank}.json"
        environ = {**os.environ, **host.environ, **gpus.environ, **common, "RANK": str(rank), "LOCAL_RANK": str(rank)}
        command = [*FOOTPRINT, "run", "--region", "FR", "--json", str(path), "--", sys.executable, "-c", code]
        command.append(str(tmp_path / f"pid-{rank}"))
        ranks.append((subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True), path))
    end_s = time.monotonic() + 20
    while time.monotonic() < end_s and len(list(tmp_path.glob("pid-*"))) < 8:
        time.sleep(0.05)
    for rank in range(8):
        text = (tmp_path / f"pid-{rank}").read_text()
        if text:
            gpus.run_on(rank, (int(text), 90))
    said = [process.communicate(timeout=60)[1] for process, _ in ranks]
    found = [json.loads(path.read_text()) for _, path in ranks]
    assert [bool(text) for text in said] == [True, *[False] * 7]
    assert len({document["group"] for document in found}) == 1
    for rank, document in enumerate(found):
        own_j, whole_j = (central(document, f"gpu-{rank}", amount) for amount in ("job_j", "host_j"))
        assert own_j == pytest.approx(whole_j, rel=1e-9)
        others = [central(document, f"gpu-{number}", "job_j") for number in range(8) if number != rank]
        assert others == [0.0] * 7
    longest_j = max(central(document, "package-0", "host_j") for document in found)
    assert math.fsum(central(document, "package-0", "job_j") for document in found) <= longest_j * 1.001


def test_a_gpu_that_is_held_and_stands_still_is_charged_and_shown(virtual_sysroot, fake_gpus, tmp_path):
    """One of two GPUs, by CUDA_VISIBLE_DEVICES, on which the job does nothing."""
    host = virtual_sysroot(package(0, Constant(IDLE_W)))
    gpus = fake_gpus(FakeGpu(Constant(60.0)), FakeGpu(Constant(60.0)))
    environ, path = {**host.environ, **gpus.environ, "CUDA_VISIBLE_DEVICES": "1"}, tmp_path / "r.json"
    (document,) = documents((start(environ, path, "sleep", "1.5"), path))
    held = part(document, "gpu-1")
    assert held["job_j"]["central"] == pytest.approx(held["host_j"]["central"], rel=1e-9)
    assert 0 < held["held_idle_j"]["central"] <= held["job_j"]["central"]
    assert central(document, "gpu-0", "job_j") == central(document, "gpu-0", "held_idle_j") == 0
    shown = subprocess.run(
        [*FOOTPRINT, "show", document["run_id"]], capture_output=True, text=True, check=True, env=os.environ
    ).stdout
    assert "held idle" in shown


def test_time_that_a_hypervisor_keeps_is_nobodys_and_is_told(virtual_sysroot, tmp_path):
    host = virtual_sysroot(package(0, Constant(IDLE_W)), busy_cpus=0.5, steal_cpus=0.25)
    path = tmp_path / "r.json"
    (document,) = documents((start(host.environ, path, "sleep", "2"), path))
    duration_s = document["duration_s"]
    assert document["activity"]["steal_s"] == pytest.approx(0.25 * duration_s, rel=0.05)
    assert document["activity"]["host_cpu_s"] == pytest.approx(0.5 * duration_s, rel=0.05)
    assert any("hypervisor" in note for note in document["boundary"]["notes"])


def test_twice_the_interval_changes_energy_by_less_than_a_thousandth(virtual_sysroot, tmp_path):
    """Counters are read at the edges: how often one looks in between tells nothing of the host's energy."""
    host = virtual_sysroot(package(0, Constant(80.0)), dram(0, Constant(9.0)), busy_cpus=1.0)
    powers = []
    for interval in ("0.5", "1.0"):
        path = tmp_path / f"{interval}.json"
        (document,) = documents((start(host.environ, path, "sleep", "3", options=("--interval", interval)), path))
        powers.append(
            [central(document, channel, "host_j") / document["duration_s"] for channel in ("package-0", "dram-0")]
        )
    assert powers[0] == pytest.approx(powers[1], rel=0.001)


FAMILY = """
import os, resource, signal, sys, time
def burn(s):
    t = time.process_time()
    while time.process_time() - t < s: pass
kind = sys.argv[1]
if kind == "fork":
    for _ in range(3):
        if os.fork() == 0: burn(.3); os._exit(0)
    for _ in range(3): os.wait()
elif kind == "spawn":
    import multiprocessing
    burning = [multiprocessing.get_context("spawn").Process(target=time.sleep, args=(.1,)) for _ in range(2)]
    for one in burning: one.start()
    for one in burning: one.join()
    burn(.6)
elif kind == "setsid":
    if os.fork() == 0: os.setsid(); burn(.9); os._exit(0)
    os.wait()
elif kind in ("daemon", "reparented"):
    r, w = os.pipe()
    if os.fork() == 0:
        if kind == "daemon": os.setsid()
        if os.fork() == 0:
            os.close(r); burn(.9); os.write(w, b"x"); time.sleep(.4 if kind == "daemon" else 0); os._exit(0)
        os._exit(0)
    os.close(w); os.wait(); os.read(r, 1)
    time.sleep(.2)
"""


@pytest.mark.parametrize("kind", ["fork", "spawn", "setsid", "daemon", "reparented"])
def test_descendants_count_however_they_leave(tmp_path, kind):
    script, path = tmp_path / "family.py", tmp_path / "r.json"
    script.write_text(FAMILY)
    (document,) = documents((start({}, path, sys.executable, str(script), kind), path))
    assert document["activity"]["cpu_s"] >= 0.6 if kind == "spawn" else document["activity"]["cpu_s"] >= 0.88


def test_how_a_runs_processes_are_followed_and_what_is_not_is_said(tmp_path):
    path = tmp_path / "r.json"
    (document,) = documents((start({}, path, "true"), path))
    assert document["provenance"]["settings"]["followed"] == "process tree"
    notes = " ".join(document["boundary"]["notes"])
    assert "SIGCHLD" in notes
    assert "container" in notes


@pytest.fixture
def control_group():
    """A control group of our own, of version 1 or 2; skipped where none can be made."""
    made = []
    for mount in ("/sys/fs/cgroup/cpu", "/sys/fs/cgroup"):
        folder = Path(mount) / f"footprint-test-{os.getpid()}"
        try:
            if (Path(mount) / "cgroup.procs").exists():
                folder.mkdir()
                made.append(folder)
                break
        except OSError:
            continue
    if not made:
        pytest.skip("no control group can be made on this machine")
    yield made[0]
    end_s = time.monotonic() + 5
    while made[0].exists() and time.monotonic() < end_s:
        with contextlib.suppress(OSError):  # somebody is in it still
            made[0].rmdir()
        time.sleep(0.1)


def test_a_run_that_is_moved_to_another_control_group_says_so_and_goes_on(control_group, tmp_path):
    path = tmp_path / "r.json"
    process = start({}, path, "sleep", "2")
    time.sleep(1.0)
    try:
        (control_group / "cgroup.procs").write_text(str(process.pid))
    except OSError:
        process.send_signal(signal.SIGTERM)
        process.communicate()
        pytest.skip("nothing can be moved to a control group on this machine")
    (document,) = documents((process, path))
    assert any("moved to another control group" in note for note in document["boundary"]["notes"])
    for one in document["energy"]["components"]:
        whole_j = one["job_j"]["central"] + one["rest_j"]["central"]
        assert whole_j == pytest.approx(one["host_j"]["central"], rel=1e-9)


def test_a_limited_group_is_charged_for_what_it_holds_and_a_run_beside_it_is_not(control_group, host, tmp_path):
    """A job that sleeps in a group of half a CPU; another works on the whole host. Together they are no more than it."""
    if not (control_group / "cpu.cfs_quota_us").exists():
        pytest.skip("no quota can be set on this machine")
    (control_group / "cpu.cfs_quota_us").write_text("50000")
    a, b = tmp_path / "asleep.json", tmp_path / "busy.json"
    inside = f"echo $$ > {control_group}/cgroup.procs && exec {sys.executable} -m footprint run --quiet --json {a} -- sleep 4"
    environ = {**os.environ, **host.environ, "FOOTPRINT_REGION": "FR"}
    first = subprocess.Popen(["sh", "-c", inside], env=environ, stderr=subprocess.PIPE)
    time.sleep(1.0)
    second = start(host.environ, b, *burning(2.0, tmp_path / "cpu"))
    asleep, busy = documents((first, a), (second, b))
    assert asleep["provenance"]["settings"]["allocation"] == "cgroup-quota"
    cpus = os.cpu_count()
    idle_j = IDLE_W * asleep["duration_s"] * 0.5 / cpus
    own_j = PER_CPU_W * asleep["activity"]["cpu_s"]
    assert central(asleep, "package-0", "job_j") == pytest.approx(idle_j + own_j, rel=0.05)
    assert 0 < central(asleep, "package-0", "held_idle_j") <= idle_j * 1.001
    assert any("limited groups of others" in note for note in busy["boundary"]["notes"])
    whole_j = central(asleep, "package-0", "host_j")
    assert central(asleep, "package-0", "job_j") + central(busy, "package-0", "job_j") <= whole_j
