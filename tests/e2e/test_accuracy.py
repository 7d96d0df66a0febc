"""Energy against known joules, on the virtual host: through the real files, the real binding and the real sampler.

The windows are few, to keep the suite quick; benchmarks/accuracy.py has the full grid.
"""

import json
import os
import statistics
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from virtual_host import Constant, FakeGpu, Ramp, Square, Steps, dram, package, without_roots_rights
from virtual_host.curves import Curve

from footprint.collectors.host import perf_path

HERE = Path(__file__).parent
WINDOWS = HERE.parent / "virtual_host" / "windows.py"
CURVES: tuple[Curve, ...] = (
    Constant(100.0),
    Square(150.0, 250.0, 0.7),
    Ramp(60.0, 300.0, 8.0),
    Steps(((0.0, 90.0), (1.5, 180.0), (3.1, 120.0), (4.6, 160.0))),
)
SMALL_RANGE = {"range_uj": 500_000_000, "start_uj": 450_000_000.0}
"""500 J: the counter starts again every few seconds, as a real one does every few minutes."""


MOST_W = 300.0


def windows(environ, tmp_path, *seconds):
    """What a process counted in windows of so many seconds."""
    home = {"FOOTPRINT_HOME": str(tmp_path / "home"), "FOOTPRINT_REGION": "FR"}
    command = [sys.executable, WINDOWS, json.dumps(seconds)]
    done = subprocess.run(command, env={**os.environ, **home, **environ}, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def off(host, window):
    """By channel: how far its energy is from the known joules, as a part of them.

    As far as the virtual host itself came late at an edge, it was wrong, and not the measuring.
    """
    late_s = host.late_s(window["from_s"]) + host.late_s(window["to_s"])
    parts = {}
    for name, counted in window["channels"].items():
        exact_j = host.exact_j(name, window["from_s"], window["to_s"])
        parts[name] = max(0.0, abs(counted["energy_j"] - exact_j) - MOST_W * late_s) / exact_j
    return parts


def gpus_outside(gpus, window, allowed):
    """GPUs whose energy is further from the known joules than ``allowed`` times them."""
    wrong = {}
    for index in range(len(gpus.gpus)):
        exact_j = gpus.exact_j(index, window["from_s"], window["to_s"])
        energy_j = window["channels"][f"gpu-{index}"]["energy_j"]
        if abs(energy_j - exact_j) > allowed * exact_j:
            wrong[index] = (gpus.gpus[index], energy_j, exact_j)
    return wrong


def test_cpu_energy_is_within_a_thousandth_through_wraps(virtual_sysroot, tmp_path):
    zones = [package(number, curve, **SMALL_RANGE) for number, curve in enumerate(CURVES)]
    host = virtual_sysroot(*zones, dram(0, Constant(20.0)))
    measured = windows(host.environ, tmp_path, 1.0, 1.0, 1.0)
    for name in measured[0]["channels"]:
        # The middle one of three: a busy machine may starve the reader itself for a millisecond.
        assert statistics.median(off(host, window)[name] for window in measured) < 0.001, name
        assert [window["channels"][name]["gaps"] for window in measured] == [[]] * 3
    assert len(measured[0]["channels"]) == 5


def test_perf_events_count_the_same_joules_where_powercap_is_hidden(virtual_sysroot, tmp_path):
    """The counter of the zone stands for the event's, in the step that the event's scale states."""
    host = virtual_sysroot(package(0, Constant(100.0)))
    (host.counter_path(host.zones[0]).parent / "name").unlink()
    device = host.path / "sys/bus/event_source/devices/power"
    (device / "events").mkdir(parents=True)
    files = {"type": "31", "cpumask": "0", "events/energy-pkg": "event=0x02"}
    for name, text in (files | {"events/energy-pkg.scale": "1e-6", "events/energy-pkg.unit": "Joules"}).items():
        (device / name).write_text(text + "\n")
    count = host.path / perf_path(31, 2, 0).lstrip("/")
    count.parent.mkdir(parents=True)
    count.symlink_to(host.counter_path(host.zones[0]))
    measured = windows(host.environ, tmp_path, 1.0, 1.0, 1.0)
    assert [window["channels"]["package-0"]["method"] for window in measured] == ["rapl-perf"] * 3
    assert statistics.median(off(host, window)["package-0"] for window in measured) < 0.001


def test_cpu_energy_through_a_reset_and_a_silence_is_right_and_says_so(virtual_sysroot, tmp_path):
    host = virtual_sysroot(
        package(0, Constant(100.0), reset_at=1.8),
        package(1, Constant(100.0), silent_from=1.6, silent_to=2.9),
        package(2, Constant(100.0)),
    )
    (window,) = windows(host.environ, tmp_path, 4.0)
    assert max(off(host, window).values()) < 0.001
    gaps = {name: counted["gaps"] for name, counted in window["channels"].items()}
    assert "started again" in gaps["package-0"][0]
    assert "holds nothing" in gaps["package-1"][0]
    assert gaps["package-2"] == []


def test_a_counter_that_freezes_leaves_a_gap_and_an_interval_that_holds_the_truth(virtual_sysroot, tmp_path):
    host = virtual_sysroot(package(0, Constant(100.0), freeze_at=1.5), package(1, Constant(60.0)))
    (window,) = windows(host.environ, tmp_path, 4.0)
    frozen = window["channels"]["package-0"]
    assert "stood still" in frozen["gaps"][0]
    assert frozen["low_j"] < host.exact_j("package-0", window["from_s"], window["to_s"]) < frozen["high_j"]
    assert off(host, window)["package-1"] < 0.001


def test_gpu_energy_is_within_five_thousandths_from_five_seconds_on(fake_gpus, tmp_path):
    gpus = fake_gpus(
        *(
            FakeGpu(curve, refresh_s=refresh_s, phase_s=0.3 * refresh_s, jitter_s=0.03 * refresh_s)
            for curve, refresh_s in product(CURVES, (0.02, 0.05, 0.1))
        ),
        FakeGpu(Constant(100.0), reset_at=3.0),
    )
    (window,) = windows(gpus.environ, tmp_path, 5.0)
    assert gpus_outside(gpus, window, 0.005) == {}
    assert "started again" in window["channels"]["gpu-12"]["gaps"][0]


def test_in_shorter_windows_the_interval_holds_the_truth(fake_gpus, tmp_path):
    curves = (*CURVES, Square(60.0, 400.0, 0.13), Square(60.0, 400.0, 1.0, duty=0.05))
    gpus = fake_gpus(
        *(FakeGpu(curve, refresh_s=refresh_s) for curve, refresh_s in product(curves, (0.02, 0.1))),
    )
    for window in windows(gpus.environ, tmp_path, 0.3, 0.6, 1.0):
        for index in range(len(gpus.gpus)):
            exact_j = gpus.exact_j(index, window["from_s"], window["to_s"])
            counted = window["channels"][f"gpu-{index}"]
            assert counted["low_j"] <= exact_j <= counted["high_j"], (gpus.gpus[index], window)


def test_a_gpu_without_a_counter_is_measured_by_its_power(fake_gpus, tmp_path):
    gpus = fake_gpus(FakeGpu(Constant(80.0), energy=False), FakeGpu(Ramp(60.0, 300.0, 8.0), energy=False))
    (window,) = windows(gpus.environ, tmp_path, 3.0)
    assert gpus_outside(gpus, window, 0.03) == {}


def run_command(environ, tmp_path, *words, options=()):
    """``footprint run`` on a host: its result document."""
    result = tmp_path / "run.json"
    command = [Path(sys.executable).parent / "footprint", "run", "--quiet", *options, "--json", result, "--", *words]
    home = {"FOOTPRINT_HOME": str(tmp_path / "home"), "FOOTPRINT_REGION": "FR"}
    subprocess.run(command, env={**os.environ, **home, **environ}, check=True, capture_output=True, text=True)
    return json.loads(result.read_text())


def test_a_run_measures_its_host_and_names_the_zone_that_it_may_not_read(virtual_sysroot, tmp_path):
    host = virtual_sysroot(package(0, Constant(50.0)), package(1, Constant(50.0), broken="loop"))
    document = run_command(host.environ, tmp_path, "sleep", "1")
    parts = {part["channel"]: part for part in document["energy"]["components"] if part["quality"] == "measured"}
    assert list(parts) == ["package-0"]
    assert parts["package-0"]["host_j"]["central"] == pytest.approx(50.0 * document["duration_s"], rel=0.01)
    assert parts["package-0"]["method"] == "rapl-counter"


def test_a_long_interval_misses_no_wrap(virtual_sysroot, tmp_path):
    host = virtual_sysroot(package(0, Constant(100.0), range_uj=200_000_000, start_uj=150_000_000.0))
    document = run_command(host.environ, tmp_path, "sleep", "5", options=("--interval", "600"))
    part = document["energy"]["components"][0]
    assert part["host_j"]["central"] == pytest.approx(100.0 * document["duration_s"], rel=0.005)
    assert document["energy"]["gaps"] == []


def test_a_gpu_that_falls_off_half_way_is_a_gap_and_the_run_goes_on(fake_gpus, tmp_path):
    gpus = fake_gpus(FakeGpu(Constant(100.0)), FakeGpu(Constant(100.0), lost_at=3.5))
    document = run_command(gpus.environ, tmp_path, "sleep", "5")
    assert document["status"] == "completed"
    assert {gap["channel"] for gap in document["energy"]["gaps"]} == {"gpu-1"}
    assert "lost" in document["energy"]["gaps"][0]["why"]


def test_counters_that_only_root_may_read_are_refused_and_doctor_says_how_to_mend_it(virtual_sysroot, tmp_path):
    host = virtual_sysroot(package(0, Constant(50.0), broken="0400"), dram(0, Constant(9.0)))
    command = [Path(sys.executable).parent / "footprint", "doctor", "--json"]
    environ = {**os.environ, **host.environ, "FOOTPRINT_HOME": str(tmp_path / "home"), "FOOTPRINT_REGION": "FR"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True, **without_roots_rights())
    rows = json.loads(done.stdout)["channels"]
    denied = next(row for row in rows if row["channel"] == "package-0" and row["state"] != "measured")
    assert "permission denied" in denied["why"]
    assert "/etc/udev/rules.d/" in denied["fix"]
    assert next(row["state"] for row in rows if row["channel"] == "dram-0") == "measured"
