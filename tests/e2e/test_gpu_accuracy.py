"""GPUs without a counter, lost or reloaded, divided or on a superchip, against known joules on the virtual host."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from virtual_host import Constant, FakeGpu, Ramp, Square, Steps

WINDOWS = Path(__file__).parent.parent / "virtual_host" / "windows.py"
BURSTS = Square(60.0, 400.0, 0.43, duty=0.05)
CURVES = (Constant(100.0), Square(100.0, 400.0, 0.7), Square(100.0, 400.0, 1.3), Ramp(60.0, 300.0, 8.0), BURSTS)


def windows(environ, tmp_path, *seconds):
    """What a process counted in windows of so many seconds."""
    home = {"FOOTPRINT_HOME": str(tmp_path / "home"), "FOOTPRINT_REGION": "FR"}
    command = [sys.executable, WINDOWS, json.dumps(seconds)]
    done = subprocess.run(command, env={**os.environ, **home, **environ}, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def off(gpus, window, index):
    """How far a GPU's energy is from the known joules, as a part of them; and whether its interval holds them."""
    exact_j = gpus.exact_j(index, window["from_s"], window["to_s"])
    counted = window["channels"][f"gpu-{index}"]
    return abs(counted["energy_j"] - exact_j) / exact_j, counted["low_j"] <= exact_j <= counted["high_j"]


@pytest.mark.parametrize("fields", [True, False])
def test_means_over_a_second_are_as_good_as_a_counter_to_a_few_hundredths(fields, fake_gpus, tmp_path):
    """Square waves and bursts of 20 ms between the looks too; the driver's figure is up to 0.1 s old at both edges."""
    gpus = fake_gpus(*(FakeGpu(curve, energy=False, mean=True, fields=fields, capability=(8, 6)) for curve in CURVES))
    (window,) = windows(gpus.environ, tmp_path, 5.0)
    for index, curve in enumerate(CURVES):
        error, held = off(gpus, window, index)
        assert window["channels"][f"gpu-{index}"]["method"] == "nvml-power-mean"
        assert error < 0.06, curve
        assert held, curve


def test_a_job_on_an_idle_gpu_is_not_charged_for_the_second_before_it(fake_gpus, tmp_path):
    """The plain mean would give it half a second of idle for half a second of work, at each end."""
    gpus = fake_gpus(FakeGpu(Steps(((0.0, 60.0), (1.2, 460.0))), energy=False, mean=True, capability=(9, 0)))
    for window in windows(gpus.environ, tmp_path, 3.0):
        error, held = off(gpus, window, 0)
        assert error < 0.06
        assert held


def test_power_now_is_taken_where_no_mean_is_told(fake_gpus, tmp_path):
    gpus = fake_gpus(
        FakeGpu(Ramp(60.0, 300.0, 8.0), energy=False, fields=True, capability=(8, 0)),
        FakeGpu(Ramp(60.0, 300.0, 8.0), energy=False, mean=True, fields=True),
    )
    (window,) = windows(gpus.environ, tmp_path, 3.0)
    assert [window["channels"][f"gpu-{index}"]["method"] for index in (0, 1)] == [
        "nvml-power-instant",
        "nvml-power-mean",
    ]
    for index in (0, 1):
        error, held = off(gpus, window, index)
        assert error < 0.06
        assert held


def test_a_gpu_that_is_lost_and_back_leaves_a_gap_and_loses_nothing(fake_gpus, tmp_path):
    gpus = fake_gpus(FakeGpu(Constant(150.0), lost_at=2.0, back_at=3.2), FakeGpu(Constant(90.0)))
    (window,) = windows(gpus.environ, tmp_path, 5.0)
    error, held = off(gpus, window, 0)
    assert error < 0.005
    assert held
    (gap,) = window["channels"]["gpu-0"]["gaps"]
    assert "GPU is lost" in gap
    assert window["channels"]["gpu-1"]["gaps"] == []


def test_a_driver_that_is_loaded_again_is_met_again_and_its_counters_from_zero_are_a_gap(fake_gpus, tmp_path):
    gpus = fake_gpus(FakeGpu(Constant(150.0)), FakeGpu(Constant(90.0)), unload_at=2.0, load_at=3.0)
    (window,) = windows(gpus.environ, tmp_path, 6.0)
    for index in (0, 1):
        error, held = off(gpus, window, index)
        counted = window["channels"][f"gpu-{index}"]
        assert held
        assert error < 0.15
        assert counted["gaps"]
        assert counted["energy_j"] > 0
        assert counted["coverage"] > 0.3


def test_a_driver_that_answers_late_is_a_gap_and_the_rest_goes_on(fake_gpus, tmp_path):
    gpus = fake_gpus(FakeGpu(Constant(150.0), late_s=1.1), FakeGpu(Constant(90.0)))
    (window,) = windows(gpus.environ, tmp_path, 3.0)
    assert off(gpus, window, 1)[1]
    assert any("took 1.1 s to answer for gpu-0" in why for why in window["events"])


def test_a_module_is_measured_beside_the_gpu_that_it_holds(fake_gpus, virtual_sysroot, tmp_path):
    host = virtual_sysroot()
    node = host.path / "sys/bus/pci/devices/0009:01:00.0/numa_node"
    node.parent.mkdir(parents=True)
    node.write_text("0\n")
    gpus = fake_gpus(
        FakeGpu(
            Constant(300.0), name="NVIDIA GH200 480GB", capability=(9, 0), module=Constant(520.0),
            place="00000009:01:00.0",
        )
    )  # fmt: skip
    (window,) = windows({**gpus.environ, **host.environ}, tmp_path, 3.0)
    seconds = window["to_s"] - window["from_s"]
    assert window["channels"]["gpu-0"]["energy_j"] == pytest.approx(300.0 * seconds, rel=0.005)
    assert window["channels"]["module-0"]["energy_j"] == pytest.approx(520.0 * seconds, rel=0.05)
    assert set(window["channels"]) == {"gpu-0", "module-0"}


def run_command(environ, tmp_path, *words):
    """``footprint run`` on a host: its result document."""
    result = tmp_path / "run.json"
    command = [Path(sys.executable).parent / "footprint", "run", "--quiet", "--json", result, "--", *words]
    home = {"FOOTPRINT_HOME": str(tmp_path / "home"), "FOOTPRINT_REGION": "FR"}
    subprocess.run(command, env={**os.environ, **home, **environ}, check=True, capture_output=True, text=True)
    return json.loads(result.read_text())


def test_a_job_on_a_slice_is_charged_for_its_slice_and_the_slices_are_the_gpu(fake_gpus, tmp_path):
    """The GPU is measured whole: two jobs on its two slices share what is used; what neither holds is the rest."""
    small, large = (3 / 7 + 0.5) / 2, (4 / 7 + 0.5) / 2
    gpus = fake_gpus(FakeGpu(Constant(200.0), capability=(9, 0), slices=((3, 40_960), (4, 40_960))))
    program = "import os, sys, time, pathlib; pathlib.Path(sys.argv[1]).write_text(f'{os.getpid()} 0\\n1 1\\n'); time.sleep(2.5)"
    document = run_command(gpus.environ, tmp_path, sys.executable, "-c", program, str(gpus._pids(0)))
    (gpu,) = [one for one in document["energy"]["components"] if one["channel"] == "gpu-0"]
    share = gpu["job_j"]["central"] / gpu["host_j"]["central"]
    assert share == pytest.approx(small / (small + large), abs=0.06)
    assert gpu["job_j"]["low"] < gpu["job_j"]["central"] < gpu["job_j"]["high"]
    assert document["host"]["context"]["gpu-0"]["temperature_c"] == {"min": 50.0, "mean": 50.0, "max": 50.0}
