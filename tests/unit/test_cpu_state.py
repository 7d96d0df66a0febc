"""The state of processors: what one read of a kept file tells, and no more."""

import pytest

from footprint.collectors.cpu_state import CpuState
from footprint.collectors.recorded_host import RecordedHost

INTEL = """\
== /sys/class/hwmon/hwmon0/name
nvme
== /sys/class/hwmon/hwmon0/temp1_label
Composite
== /sys/class/hwmon/hwmon0/temp1_input
41000
== /sys/class/hwmon/hwmon3/name
coretemp
== /sys/class/hwmon/hwmon3/temp1_label
Package id 0
== /sys/class/hwmon/hwmon3/temp1_input series
52000
52000
61000
!EIO
== /sys/class/hwmon/hwmon3/temp2_label
Core 0
== /sys/class/hwmon/hwmon3/temp2_input
50000
== /sys/class/hwmon/hwmon4/name
coretemp
== /sys/class/hwmon/hwmon4/temp1_label
Package id 1
== /sys/class/hwmon/hwmon4/temp1_input
47000
== /sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq
3400000
== /sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count
12
"""
AMD = """\
== /sys/class/hwmon/hwmon1/name
k10temp
== /sys/class/hwmon/hwmon1/temp1_label
Tctl
== /sys/class/hwmon/hwmon1/temp1_input
70000
== /sys/class/hwmon/hwmon1/temp2_label
Tdie
== /sys/class/hwmon/hwmon1/temp2_input
60000
"""


def test_temperature_clock_and_throttling_are_told_of_what_has_them():
    state = CpuState(RecordedHost.from_text(INTEL))
    assert state.conditions() == {
        "package-0": {"temperature_c": 52.0, "throttle_count": 12.0},
        "package-1": {"temperature_c": 47.0},
        "cpu-0": {"clock_mhz": 3_400.0},
    }
    assert state.conditions()["package-0"]["temperature_c"] == 61.0


def test_what_cannot_be_read_this_time_is_left_out():
    state = CpuState(RecordedHost.from_text(INTEL))
    for _ in range(2):
        state.conditions()
    assert state.conditions()["package-0"] == {"throttle_count": 12.0}


def test_of_two_temperatures_of_one_die_the_true_one_is_taken():
    assert CpuState(RecordedHost.from_text(AMD)).conditions() == {"package-0": {"temperature_c": 60.0}}


class SlowHost(RecordedHost):
    """A kernel that wakes a processor to tell its clock."""

    def open(self, path):
        handle = super().open(path)
        if path.endswith("cur_freq"):
            read = handle.read

            def slowly():
                self.sleep(0.01)
                return read()

            handle.read = slowly
        return handle


def test_a_file_that_takes_long_is_let_go():
    assert "cpu-0" not in CpuState(SlowHost.from_text(INTEL)).conditions()


@pytest.mark.parametrize("text", ["== /sys/class/hwmon/hwmon0/name\ncoretemp\n", "== /proc/stat\ncpu\n"])
def test_a_host_that_tells_nothing_has_no_state(text):
    state = CpuState(RecordedHost.from_text(text))
    assert state.conditions() == {}
    state.close()
    state.close()
