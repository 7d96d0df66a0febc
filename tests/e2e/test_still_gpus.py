"""Runs of several processes that hold one GPU by CUDA_VISIBLE_DEVICES, and have no context on it: a joule is in one."""

import json
import os
import subprocess
import sys
import time

import pytest
from virtual_host import Constant, FakeGpu, package

FOOTPRINT = [sys.executable, "-m", "footprint"]
IDLE_W = 60.0


@pytest.fixture
def environ(virtual_sysroot, fake_gpus):
    """A host with two GPUs that stand still."""
    host = virtual_sysroot(package(0, Constant(40.0)))
    return {**os.environ, **host.environ, **fake_gpus(FakeGpu(Constant(IDLE_W)), FakeGpu(Constant(IDLE_W))).environ}


def start(environ, path, *command, gpus="0", home=None):
    words = [*FOOTPRINT, "run", "--quiet", "--region", "FR", "--json", str(path), "--", *command]
    own = {} if gpus is None else {"CUDA_VISIBLE_DEVICES": gpus}
    own |= {} if home is None else {"FOOTPRINT_HOME": str(home)}
    return subprocess.Popen(words, env={**environ, **own}, stderr=subprocess.PIPE)


def ended(process, path):
    assert process.wait(60) == 0, process.stderr.read()
    process.stderr.close()
    return json.loads(path.read_text())


def of(document, channel="gpu-0"):
    return next(one for one in document["energy"]["components"] if one["channel"] == channel)


def central(document, amount="job_j", channel="gpu-0"):
    return of(document, channel)[amount]["central"]


def test_two_that_overlap_are_no_more_than_the_gpu_and_divide_it_while_they_do(environ, tmp_path):
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    first = start(environ, a, "sleep", "4")
    time.sleep(1.2)
    second = start(environ, b, "sleep", "1.5")
    short, long = ended(second, b), ended(first, a)
    both_j, whole_j = central(long) + central(short), central(long, "host_j")
    assert both_j <= whole_j * (1 + 1e-9)
    assert both_j >= whole_j * 0.97, "what the short one does not have is the long one's"
    assert central(short) == pytest.approx(central(short, "host_j") / 2, rel=0.01)
    assert central(long, channel="gpu-1") == 0
    notes = " ".join(long["boundary"]["notes"])
    assert "another home" in notes


def test_one_that_lives_between_two_looks_of_the_other_counts_too(environ, tmp_path):
    """The long one looks once a minute."""
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    words = [*FOOTPRINT, "run", "--quiet", "--interval", "60", "--json", str(a), "--", "sleep", "4"]
    first = subprocess.Popen(words, env={**environ, "CUDA_VISIBLE_DEVICES": "0"}, stderr=subprocess.PIPE)
    time.sleep(2.0)
    short = ended(start(environ, b, "sleep", "0.3"), b)
    long = ended(first, a)
    assert central(long) + central(short) <= central(long, "host_j") * (1 + 1e-9)
    assert central(short) == pytest.approx(central(short, "host_j") / 2, rel=0.02)
    assert central(long) + central(short) >= central(long, "host_j") * 0.97


def test_a_run_inside_another_takes_nothing_from_it(environ, tmp_path):
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    inner = [*FOOTPRINT, "run", "--quiet", "--json", str(b), "--", "sleep", "1"]
    outer = ended(start(environ, a, *inner), a)
    inside = json.loads(b.read_text())
    assert inside["parent"] == outer["run_id"]
    for document in (outer, inside):
        assert central(document) == pytest.approx(central(document, "host_j"), rel=1e-9)


def test_who_holds_another_gpu_takes_nothing(environ, tmp_path):
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    first, second = start(environ, a, "sleep", "2"), start(environ, b, "sleep", "2", gpus="1")
    one, other = ended(first, a), ended(second, b)
    assert central(one) == pytest.approx(central(one, "host_j"), rel=1e-9)
    assert central(other, channel="gpu-1") == pytest.approx(central(other, "host_j", "gpu-1"), rel=1e-9)


def test_one_that_was_killed_holds_it_until_then(environ, tmp_path):
    """Its journal has no end; its lock is gone."""
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    first = start(environ, a, "sleep", "4.5")
    time.sleep(1.2)
    second = start(environ, b, "sleep", "5")
    time.sleep(1.8)
    second.kill()
    second.communicate()
    long = ended(first, a)
    shown = subprocess.run([*FOOTPRINT, "list", "--json"], env=environ, capture_output=True, text=True, check=True)
    killed = next(run for run in json.loads(shown.stdout)["runs"] if run["status"] == "crashed")
    document = json.loads(
        subprocess.run(
            [*FOOTPRINT, "show", killed["run_id"], "--json"], env=environ, capture_output=True, text=True, check=True
        ).stdout
    )
    assert central(long) + central(document) <= central(long, "host_j") * (1 + 1e-9)
    assert central(long) >= central(long, "host_j") * 0.6, "it is over: what it held is the long one's again"


def test_what_another_home_holds_is_not_known_and_that_is_said(environ, tmp_path):
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    first, second = start(environ, a, "sleep", "2"), start(environ, b, "sleep", "2", home=tmp_path / "elsewhere")
    for document in (ended(first, a), ended(second, b)):
        assert central(document) == pytest.approx(central(document, "host_j"), rel=1e-9)
        assert "another home" in " ".join(document["boundary"]["notes"])
