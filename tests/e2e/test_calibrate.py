"""``footprint calibrate``: idle power that is measured in quiet is kept and used; what is not quiet is refused."""

import json
import os
import subprocess
import sys

import pytest
from virtual_host import Constant, FakeGpu, dram, package

FOOTPRINT = [sys.executable, "-m", "footprint"]


def footprint(*words, **environ):
    return subprocess.run(
        [*FOOTPRINT, *words], capture_output=True, text=True, timeout=60, env={**os.environ, **environ}, check=False
    )


def kept():
    path = os.path.join(os.environ["FOOTPRINT_HOME"], "idle.json")
    if not os.path.exists(path):
        return {}
    with open(path) as file:
        return json.load(file)


def test_a_quiet_hosts_power_is_kept_by_channel_and_later_runs_go_by_it(virtual_sysroot, tmp_path):
    host = virtual_sysroot(package(0, Constant(40.0)), dram(0, Constant(6.0)), busy_cpus=0.01)
    done = footprint("calibrate", "--for", "5s", "--json", **host.environ)
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert document["schema"] == "footprint.calibrate/1"
    assert 4.9 < document["seconds"] < 8
    found = {one["channel"]: one for one in document["channels"]}
    assert found["package-0"]["power_w"] == pytest.approx(40.0, rel=0.01)
    assert found["dram-0"]["power_w"] == pytest.approx(6.0, rel=0.01)
    assert all(one["kept"] and one["why"] is None and one["before"] is None for one in found.values())
    assert {name: one["how"] for name, one in kept().items()} == {"package-0": "calibrated", "dram-0": "calibrated"}
    footprint("run", "--quiet", "--json", str(tmp_path / "r.json"), "--", "sleep", "0.3", **host.environ)
    assert json.loads((tmp_path / "r.json").read_text())["provenance"]["idle"]["package-0"] == "calibrated"


def test_a_busy_host_is_refused_and_nothing_is_kept(virtual_sysroot):
    host = virtual_sysroot(package(0, Constant(90.0)), busy_cpus=1.0)
    done = footprint("calibrate", "--for", "5", **host.environ)
    assert done.returncode == 3
    assert "package-0" in done.stdout
    assert len(done.stderr.splitlines()) == 1
    assert "the host was busy" in done.stderr
    assert kept() == {}


def test_a_busy_gpu_is_left_out_and_the_others_are_kept(virtual_sysroot, fake_gpus):
    host = virtual_sysroot(package(0, Constant(40.0)), busy_cpus=0.01)
    gpus = fake_gpus(FakeGpu(Constant(60.0)), FakeGpu(Constant(300.0)))
    gpus.run_on(1, (os.getpid(), 80))
    done = footprint("calibrate", "--for", "5s", **host.environ, **gpus.environ)
    assert done.returncode == 0
    assert "gpu-1 is not kept: the GPU was busy" in done.stderr
    assert set(kept()) == {"package-0", "gpu-0"}
    assert kept()["gpu-0"]["power_w"] == pytest.approx(60.0, rel=0.03)


def test_calibrating_again_replaces_and_names_what_was_known(virtual_sysroot):
    host = virtual_sysroot(package(0, Constant(40.0)), busy_cpus=0.01)
    for _ in range(2):
        done = footprint("calibrate", "--for", "5s", "--json", **host.environ)
    before = json.loads(done.stdout)["channels"][0]["before"]
    assert before["how"] == "calibrated"
    assert before["power_w"] == pytest.approx(40.0, rel=0.01)


@pytest.mark.parametrize("words", [("--for", "2s"), ("--for", "soon"), ("--for", "-60s"), ("--for", "nan"), ("now",)])
def test_what_cannot_be_is_one_clear_line(words):
    done = footprint("calibrate", *words)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_host_without_sensors_has_nothing_to_calibrate(tmp_path):
    (tmp_path / "root").mkdir()
    done = footprint("calibrate", FOOTPRINT_SYSROOT=str(tmp_path / "root"))
    assert done.returncode == 3
    assert "doctor" in done.stderr


def test_a_home_that_cannot_be_written_is_said(virtual_sysroot):
    host = virtual_sysroot(package(0, Constant(40.0)), busy_cpus=0.01)
    done = footprint("calibrate", "--for", "5s", FOOTPRINT_HOME="/dev/null/x", **host.environ)
    assert done.returncode == 3
    assert "cannot be written" in done.stderr
