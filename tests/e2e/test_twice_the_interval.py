"""GPUs of known power, measured by three processes at once, each with another interval (``--interval``).

What a counter tells does not hang on it: ``tests/property/test_interval_properties.py`` has that to 1e-9. Here it is
seen end to end, as well as a counter that is refreshed ten times a second lets one see it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from virtual_host import Constant, FakeGpu, FakeGpus, NoCompiler, Ramp, Square

WINDOWS = Path(__file__).parent.parent / "virtual_host" / "windows.py"
INTERVALS = ("0.5", "1.0", "60")
GPUS = {
    "counter, constant": (FakeGpu(Constant(150.0)), 0.005),
    "counter, ramp": (FakeGpu(Ramp(60.0, 300.0, 30.0)), 0.005),
    "power, constant": (FakeGpu(Constant(150.0), energy=False), 0.001),
    "mean power, constant": (FakeGpu(Constant(150.0), energy=False, mean=True, capability=(8, 6)), 0.001),
    "power, ramp": (FakeGpu(Ramp(60.0, 300.0, 30.0), energy=False), 0.01),
    "power, square": (FakeGpu(Square(100.0, 400.0, 1.3), energy=False), 0.12),
}
"""The last two are read five times a second whatever the interval: at its looks alone, the longest would be off by half."""


@pytest.fixture(scope="module")
def errors(tmp_path_factory):
    """By interval and GPU: how far it is from the joules of its own window, as a part of them."""
    folder = tmp_path_factory.mktemp("gpus")
    try:
        gpus = FakeGpus(folder, *(gpu for gpu, _ in GPUS.values()))
    except NoCompiler as why:
        pytest.skip(str(why))
    environ = {**os.environ, **gpus.environ, "FOOTPRINT_HOME": str(folder / "home"), "FOOTPRINT_REGION": "FR"}
    running = [
        subprocess.Popen([sys.executable, WINDOWS, "[6.0]", interval], env=environ, stdout=subprocess.PIPE)
        for interval in INTERVALS
    ]
    windows = [json.loads(process.communicate(timeout=60)[0])[0] for process in running]
    return {
        interval: [
            window["channels"][f"gpu-{n}"]["energy_j"] / gpus.exact_j(n, window["from_s"], window["to_s"]) - 1
            for n in range(len(GPUS))
        ]
        for interval, window in zip(INTERVALS, windows, strict=True)
    }


@pytest.mark.parametrize("interval", INTERVALS)
def test_how_often_one_looks_makes_no_difference_that_can_be_seen(errors, interval):
    outside = {
        name: error
        for (name, (_, most)), error in zip(GPUS.items(), errors[interval], strict=True)
        if abs(error) > most
    }
    assert outside == {}
