"""What a home keeps besides runs: one name for the machine, and the lowest power of its channels."""

import os
import subprocess
import sys
import time

import pytest

from footprint import home
from footprint.records.raw import IdlePower


def test_processes_that_are_first_at_the_same_time_agree_on_the_machines_name(tmp_path):
    code = (
        "import sys, time; from footprint import home\n"
        "while time.time() < float(sys.argv[2]): pass\n"
        "print(home.host_id(sys.argv[1]))"
    )
    for attempt in range(3):
        folder = str(tmp_path / str(attempt))
        begin = str(time.time() + 1.0)
        command = [sys.executable, "-c", code, folder, begin]
        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)]
        names = {process.communicate(timeout=30)[0].strip() for process in processes}
        assert len(names) == 1
        assert names == {home.host_id(folder)}
        assert os.listdir(folder) == ["host.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"id": 3}', "\0"])
def test_a_damaged_name_is_made_anew_and_stays(tmp_path, content):
    (tmp_path / "host.json").write_text(content)
    name = home.host_id(str(tmp_path))
    assert len(name) == 16
    assert home.host_id(str(tmp_path)) == name


def test_a_home_that_cannot_be_written_has_no_name(tmp_path):
    (tmp_path / "file").write_text("")
    assert home.host_id(str(tmp_path / "file" / "home")) == "unkept"


def test_the_lowest_power_is_kept_and_a_calibrated_one_stays(tmp_path):
    folder = str(tmp_path)
    home.keep_lowest(folder, {"a": 5.0, "b": 7.0})
    home.keep_lowest(folder, {"a": 6.0, "b": 6.5})
    assert home.idle_powers(folder) == {"a": IdlePower(5.0, "lowest-seen"), "b": IdlePower(6.5, "lowest-seen")}
    (tmp_path / "idle.json").write_text('{"a": {"power_w": 9.0, "how": "calibrated"}}')
    home.keep_lowest(folder, {"a": 1.0})
    assert home.idle_powers(folder) == {"a": IdlePower(9.0, "calibrated")}


@pytest.mark.parametrize("power", ["NaN", "Infinity", "-1", '"5"', "null", "1e999"])
def test_a_power_that_cannot_be_is_passed_over(tmp_path, power):
    (tmp_path / "idle.json").write_text(f'{{"a": {{"power_w": {power}}}, "b": {{"power_w": 2}}, "c": 3}}')
    assert home.idle_powers(str(tmp_path)) == {"b": IdlePower(2.0, "lowest-seen")}
