"""``footprint top``: watts of a host whose power is known, of the runs on it, and an end without a word."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time

import pytest
from virtual_host.curves import Constant
from virtual_host.sysroot import dram, package

FOOTPRINT = [sys.executable, "-m", "footprint"]


def document(*words):
    done = subprocess.run(
        [*FOOTPRINT, "top", "--json", *words], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def machine(virtual_sysroot, monkeypatch):
    """100 W in one package, 20 W in its memory."""
    host = virtual_sysroot(package(0, Constant(100.0)), dram(0, Constant(20.0)))
    monkeypatch.setenv("FOOTPRINT_SYSROOT", str(host.path))
    return host


@pytest.fixture
def run():
    """A run that works until the test ends."""
    command = [
        *FOOTPRINT,
        "run",
        "--quiet",
        "--name",
        "busy",
        "--project",
        "vision",
        "--",
        sys.executable,
        "-c",
        "while True: pass",
    ]
    with subprocess.Popen(command) as process:
        time.sleep(2.2)
        yield process
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def test_channels_show_the_power_of_the_machine(machine):
    found = document("--window", "1.5")
    power = {one["channel"]: one["power_w"]["central"] for one in found["channels"]}
    assert power["package-0"] == pytest.approx(100, rel=0.03)
    assert power["dram-0"] == pytest.approx(20, rel=0.03)
    quality = {one["channel"]: one["quality"] for one in found["channels"]}
    assert quality == {"package-0": "measured", "dram-0": "measured", "overhead": "modelled"}
    assert found["host_w"]["central"] == pytest.approx(sum(power.values()))
    assert found["runs"] == []
    assert found["rest_w"] == pytest.approx(found["host_w"]["central"])


def test_a_run_is_shown_with_its_part_and_the_rest_is_the_others(machine, run):
    found = document("--window", "1.5")
    (shown,) = found["runs"]
    assert (shown["name"], shown["project"], shown["parent"]) == ("busy", "vision", None)
    assert 0 < shown["power_w"]["central"] < found["host_w"]["central"]
    assert found["rest_w"] == pytest.approx(found["host_w"]["central"] - shown["power_w"]["central"])
    assert shown["age_s"] < 3
    assert shown["duration_s"] > 2


def test_a_run_that_has_ended_is_not_shown(machine):
    subprocess.run([*FOOTPRINT, "run", "--quiet", "--", "true"], check=True, timeout=60)
    assert document("--window", "0.2")["runs"] == []


def test_without_any_counter_all_is_modelled_and_said_to_be():
    done = subprocess.run(
        [*FOOTPRINT, "top", "--window", "0.3"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "Modelled, not measured: " in done.stdout
    assert "No run is being measured here." in done.stdout


@pytest.mark.parametrize("window", ["0", "-1", "x", "601", "nan"])
def test_a_window_that_cannot_be_is_one_line_and_2(window):
    done = subprocess.run(
        [*FOOTPRINT, "top", "--once", f"--window={window}"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


class Screen:
    """The verb on a terminal of 80 columns, which is read all the time."""

    def __init__(self, *words, term="xterm-256color"):
        self.ours, theirs = pty.openpty()
        environ = os.environ | {"TERM": term, "COLUMNS": "100", "LINES": "30"}
        self.process = subprocess.Popen(
            [*FOOTPRINT, "top", *words], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=environ
        )
        os.close(theirs)
        self.said = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        while True:
            try:
                self.said += os.read(self.ours, 10_000)
            except OSError:
                return

    def await_(self, word):
        end_s = time.monotonic() + 30
        while word not in self.said and time.monotonic() < end_s:
            time.sleep(0.05)
        assert word in self.said, self.said

    def end(self):
        _, fault = self.process.communicate(timeout=30)
        os.close(self.ours)
        return self.process.returncode, fault.decode()


def test_q_ends_it_quietly():
    screen = Screen("--window", "0.3")
    screen.await_(b"at the wall")
    os.write(screen.ours, b"q")
    assert screen.end() == (0, "")


def test_ctrl_c_ends_it_quietly():
    screen = Screen("--window", "0.3")
    screen.await_(b"at the wall")
    screen.process.send_signal(signal.SIGINT)
    assert screen.end() == (0, "")


@pytest.mark.parametrize("term", ["dumb", "no-such-terminal"])
def test_a_terminal_that_cannot_be_drawn_on_gets_one_window(term):
    screen = Screen("--window", "0.3", term=term)
    assert screen.end() == (0, "")
    assert b"at the wall" in screen.said
