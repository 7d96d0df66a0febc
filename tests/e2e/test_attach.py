"""``footprint attach``: a service that already runs is measured and left alone."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

FOOTPRINT = [sys.executable, "-m", "footprint"]
BUSY = [sys.executable, "-c", "while True: pass"]


def cpu_s(pid):
    """CPU seconds of a process, by the kernel."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def attach(*args, **kwargs):
    return subprocess.run(
        [*FOOTPRINT, "attach", *args], capture_output=True, text=True, timeout=30, check=False, **kwargs
    )


@pytest.fixture
def service():
    process = subprocess.Popen(BUSY)
    yield process
    process.kill()
    process.wait()


def test_it_measures_for_the_time_and_leaves_the_service_running(service, tmp_path):
    before_s = cpu_s(service.pid)
    result = attach(str(service.pid), "--for", "1.5s", "--quiet", "--json", str(tmp_path / "r.json"))
    most_s = cpu_s(service.pid) - before_s
    assert result.returncode == 0, result.stderr
    assert service.poll() is None
    document = json.loads((tmp_path / "r.json").read_text())
    assert 0.1 * most_s < document["activity"]["cpu_s"] <= most_s
    assert 1.3 < document["duration_s"] < 2.5
    assert document["status"] == "completed"


def test_what_it_used_before_is_not_counted(service, tmp_path):
    time.sleep(1.0)
    attach(str(service.pid), "--for", "0.5s", "--quiet", "--json", str(tmp_path / "r.json"))
    assert json.loads((tmp_path / "r.json").read_text())["activity"]["cpu_s"] < 0.9


def test_it_ends_when_the_service_ends(service):
    process = subprocess.Popen([*FOOTPRINT, "attach", str(service.pid)], stderr=subprocess.PIPE, text=True)
    time.sleep(1.2)
    service.kill()
    _, said = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "footprint show" in said


def test_ctrl_c_ends_the_measuring_and_keeps_the_run(service):
    process = subprocess.Popen([*FOOTPRINT, "attach", str(service.pid)], stderr=subprocess.PIPE, text=True)
    time.sleep(1.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "footprint show" in said
    assert service.poll() is None


@pytest.mark.parametrize(
    ("what", "code", "says"),
    [
        ("1", 2, "first process"),
        ("0", 2, "process number"),
        ("99999999", 3, "no such process"),
        ("/", 2, "whole machine"),
        ("no-such.slice", 3, "no such control group"),
    ],
)
def test_what_cannot_be_attached_to_is_one_clear_line(what, code, says):
    result = attach(what)
    assert result.returncode == code
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("time_", ["-3", "soon", "0s", "nan"])
def test_a_time_that_cannot_be_is_refused(service, time_):
    assert attach(str(service.pid), "--for", time_).returncode == 2
