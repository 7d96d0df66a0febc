"""What calibrate says of idle power, and which kept powers a later run takes."""

import json

import pytest

from footprint import home
from footprint.calibration import Calibration, Idle, as_document
from footprint.cli import calibrate_text
from footprint.records.raw import IdlePower

KEPT = Idle("cpu", "package-0", "rapl-counter", 41.26, 0.3, 1.0, IdlePower(52.0, "lowest-seen"), None)
BUSY = Idle("gpu", "gpu-0", "nvml-energy", None, None, 0.0, None, "the GPU was busy in 100% of the seconds")
FOUND = Calibration("h1", 60.0, 0.004, (KEPT, BUSY))


def test_a_table_for_people():
    assert calibrate_text.text(FOUND).splitlines() == [
        "Idle power of this machine over 1 min; 0.4% of its CPU time was busy",
        "",
        "channel    idle power  spread     before               kept",
        "package-0  41.3 W      300 mW     52.0 W, lowest seen  yes",
        "gpu-0      no figure   no figure  nothing known        no: the GPU was busy in 100% of the seconds",
    ]


def test_one_fact_a_line_with_units_in_words():
    said = calibrate_text.plain_text(FOUND._replace(load=None))
    assert "Channel package-0, idle power: 41.3 watts" in said.splitlines()
    assert "Channel package-0, before: 52.0 watts, lowest seen" in said.splitlines()
    assert "Channel gpu-0, kept: no: the GPU was busy in 100% of the seconds" in said.splitlines()
    assert "how busy it was is not visible" in said
    assert "  " not in said


def test_the_document_says_what_is_kept_and_why_not():
    document = json.loads(json.dumps(as_document(FOUND), allow_nan=False))
    assert [(one["channel"], one["kept"]) for one in document["channels"]] == [("package-0", True), ("gpu-0", False)]
    assert document["channels"][0]["before"] == {"power_w": 52.0, "how": "lowest-seen"}
    unwritten = as_document(FOUND._replace(written=False))
    assert not any(one["kept"] for one in unwritten["channels"])


def test_a_calibrated_power_stays_until_it_is_calibrated_again(tmp_path):
    folder, things = str(tmp_path), {"package-0": "rapl:package-0"}
    assert home.keep_idle(folder, {"package-0": 40.0}, "calibrated", things)
    home.keep_lowest(folder, {"package-0": 10.0}, things)
    assert home.idle_powers(folder, things) == {"package-0": IdlePower(40.0, "calibrated")}
    home.keep_idle(folder, {"package-0": 38.0}, "calibrated", things)
    assert home.idle_powers(folder, things) == {"package-0": IdlePower(38.0, "calibrated")}


def test_the_power_of_another_device_or_another_machine_is_passed_over(tmp_path):
    """A GPU was replaced; or a home was copied to another machine, which then has another name."""
    folder = str(tmp_path)
    home.keep_idle(folder, {"gpu-0": 55.0}, "calibrated", {"gpu-0": "nvml:GPU-1"})
    assert home.idle_powers(folder, {"gpu-0": "nvml:GPU-2"}) == {}
    assert home.idle_powers(folder, {"gpu-0": "nvml:GPU-1"})["gpu-0"].power_w == 55.0
    home.keep_lowest(folder, {"gpu-0": 70.0}, {"gpu-0": "nvml:GPU-2"})
    assert home.idle_powers(folder, {"gpu-0": "nvml:GPU-2"}) == {"gpu-0": IdlePower(70.0, "lowest-seen")}
    (tmp_path / "host.json").write_text('{"id": "another"}')
    assert home.idle_powers(folder, {"gpu-0": "nvml:GPU-2"}) == {}


def test_powers_that_earlier_versions_kept_are_still_known(tmp_path):
    (tmp_path / "idle.json").write_text('{"a": {"power_w": 9.0, "how": "lowest-seen"}}')
    assert home.idle_powers(str(tmp_path), {"a": "rapl:a"}) == {"a": IdlePower(9.0, "lowest-seen")}


@pytest.mark.parametrize(
    "content", ["", "[]", '{"a": 3}', '{"a": {"power_w": "x"}}', '{"a": {"power_w": 1, "host": ["x"]}}']
)
def test_damaged_powers_are_passed_over_and_replaced(tmp_path, content):
    (tmp_path / "idle.json").write_text(content)
    assert home.idle_powers(str(tmp_path), {}) == {}
    home.keep_lowest(str(tmp_path), {"b": 5.0}, {})
    assert home.idle_powers(str(tmp_path), {}) == {"b": IdlePower(5.0, "lowest-seen")}
