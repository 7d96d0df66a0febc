"""Drivers of hwmon on recorded hosts, through the same parsers that read real ones."""

from pathlib import Path

import pytest

from footprint import catalogue
from footprint.collectors import hwmon, registry
from footprint.collectors.cuda_visible import visible
from footprint.collectors.plan import choose, counted
from footprint.collectors.reading import Counter, Failed, Gone, Power
from footprint.collectors.recorded_host import RecordedHost

HOSTS = Path(__file__).parent.parent / "hosts"
CARDS = ["amdgpu-0000:03:00.0", "amdgpu-0000:0b:00.0", "i915-0000:05:00.0"]
FOUND = {
    # host: (what it offers, what it refuses)
    "hwmon_amd_energy": (["package-0"], ["package-1"]),
    "hwmon_acpi_meter": (["board"], ["board"]),
    "hwmon_power9": (["package-0", "board", "package-8"], ["board"]),
    "hwmon_grace_hopper": (["module-0", "grace-0"], ["power_meter-hwmon3", "power_meter-hwmon4"]),
    "hwmon_xgene": (["package-0"], ["io-0"]),
    "hwmon_gpus": (CARDS, ["amdgpu-0000:0e:00.0", "nouveau-0000:09:00.0"]),
    "hwmon_unnamed_rails": ([], ["ina219-hwmon10", "ltc2947-hwmon0", "power_meter-hwmon1", "unnamed-hwmon2"]),
}


def recorded(name):
    return RecordedHost.from_archive(str(HOSTS / f"{name}.txt"))


def channels_of(name):
    return {channel.name: channel for channel in hwmon.discover(recorded(name)).channels}


def refusals_of(name):
    return {refusal.channel: refusal for refusal in hwmon.discover(recorded(name)).refusals}


def readings(name, seconds, channel=None):
    """What a reader gives each second."""
    host = recorded(name)
    offer = hwmon.discover(host)
    host.now_s = 0.0
    reader = offer.open(offer.channels)
    found = []
    for _ in range(seconds):
        found.append(reader.read())
        host.sleep(1)
    reader.close()
    reader.close()
    return [one[channel] for one in found] if channel else found


@pytest.mark.parametrize("name", FOUND)
def test_each_host_offers_what_its_drivers_name_and_refuses_the_rest(name):
    offer = hwmon.discover(recorded(name))
    assert [channel.name for channel in offer.channels] == FOUND[name][0]
    assert sorted(refusal.channel for refusal in offer.refusals) == FOUND[name][1]
    for refusal in offer.refusals:
        assert len(refusal.why) > 20
        assert refusal.fix


def test_the_table_holds_every_host_with_hwmon():
    assert {path.stem for path in HOSTS.glob("*.txt") if "/sys/class/hwmon" in path.read_text()} <= set(FOUND)


@pytest.mark.parametrize("path", sorted(HOSTS.glob("*.txt")), ids=lambda path: path.stem)
def test_on_every_host_all_collectors_together_name_each_channel_once(path):
    plan = choose(registry.discover(RecordedHost.from_archive(str(path))))
    names = [channel.name for channel in plan.channels]
    assert len(names) == len(set(names))


def test_the_counters_of_a_socket_are_another_way_to_what_powercap_counts():
    channel = channels_of("hwmon_amd_energy")["package-0"]
    assert (channel.thing, channel.reading, channel.sensor) == ("rapl:package-0", "counter", "rapl-package-amd")
    offers = registry.discover(recorded("hwmon_amd_energy"))
    assert [one.collector for one in choose(offers).channels] == ["hwmon"]  # powercap's is root's alone here
    rapl = offers[0]._replace(channels=(channel._replace(collector="rapl_powercap"),))
    plan = choose((rapl, *offers[1:]))
    assert [one.collector for one in plan.channels] == ["rapl_powercap"]
    assert [one.collector for one in plan.passed_over] == ["hwmon"]


def test_a_counter_that_root_alone_may_read_is_refused_with_the_step_that_opens_it():
    refusal = refusals_of("hwmon_amd_energy")["package-1"]
    assert "permission denied" in refusal.why
    assert 'ATTR{name}=="amd_energy", RUN+="/bin/chgrp energy /sys%p/energy130_input"' in refusal.fix


def test_a_counter_fails_for_a_while_and_comes_back():
    assert readings("hwmon_amd_energy", 5, "package-0") == [
        Counter(7000.0),
        Counter(7120.0),
        Counter(7240.0),
        Failed("/sys/class/hwmon/hwmon3/energy129_input cannot be read: input/output error"),
        Counter(7480.0),
    ]


def test_the_machines_meter_contains_the_packages_and_memory_that_another_collector_reads():
    plan = choose(registry.discover(recorded("hwmon_acpi_meter")))
    inside = {channel.name: channel.inside for channel in plan.channels}
    assert inside == {
        "package-0": "hwmon:board",
        "dram-0": "hwmon:board",
        "package-1": "hwmon:board",
        "board": None,
    }
    assert len(counted(plan.channels)) == 4


def test_meters_of_a_superchip_hold_one_another_and_parts_of_a_part_are_left_out():
    found = channels_of("hwmon_grace_hopper")
    assert {name: (one.kind, one.thing, one.inside, one.whole) for name, one in found.items()} == {
        "module-0": ("board", "module:0", None, False),
        "grace-0": ("board", "grace:0", "module:0", False),
    }
    assert "part of grace-0" in refusals_of("hwmon_grace_hopper")["power_meter-hwmon3"].why
    assert readings("hwmon_grace_hopper", 1) == [{"module-0": Power(620.0), "grace-0": Power(190.0)}]


def test_a_meter_says_how_long_it_averages_and_what_its_limit_is():
    meter = channels_of("hwmon_acpi_meter")["board"]
    assert (meter.kind, meter.refresh_s, meter.limit_w, meter.sensor) == ("board", 2.0, 1200.0, "acpi-power-meter")


def test_a_second_meter_is_refused_since_the_first_may_hold_it():
    assert "second" in refusals_of("hwmon_acpi_meter")["board"].why


def test_a_power_that_is_not_there_for_a_while_is_a_failure_and_no_zero():
    seen = readings("hwmon_acpi_meter", 4, "board")
    assert [type(one) for one in seen] == [Power, Power, Failed, Power]
    assert seen[1] == Power(260.0)
    assert "no data available" in seen[2].why


def test_energy_is_read_where_there_is_some_and_power_else():
    channels = channels_of("hwmon_power9")
    assert {name: (one.reading, one.method) for name, one in channels.items()} == {
        "package-0": ("counter", "hwmon-energy"),
        "board": ("power", "hwmon-power"),
        "package-8": ("power", "hwmon-power"),
    }
    assert "stands at 0" in refusals_of("hwmon_power9")["board"].why


def test_the_firmwares_system_contains_its_chips():
    plan = choose((hwmon.discover(recorded("hwmon_power9")),))
    inside = {channel.name: channel.inside for channel in plan.channels}
    assert inside == {"package-0": "hwmon:board", "board": None, "package-8": "hwmon:board"}


def test_a_power_turns_to_nonsense_and_its_device_goes_away():
    seen = readings("hwmon_xgene", 4, "package-0")
    assert seen[:2] == [Power(30.0), Power(35.0)]
    assert seen[2] == Failed("/sys/class/hwmon/hwmon0/power1_input holds '-5', no power")
    assert seen[3] == Gone("/sys/class/hwmon/hwmon0 went away")


def test_only_cards_are_gpus_and_a_processor_with_graphics_is_none():
    channels = channels_of("hwmon_gpus")
    assert {channel.kind for channel in channels.values()} == {"gpu"}
    assert "processor" in refusals_of("hwmon_gpus")["amdgpu-0000:0e:00.0"].why
    i915 = channels["i915-0000:05:00.0"]
    assert (i915.reading, i915.limit_w, i915.device) == ("counter", 337.5, "i915 8086:56A0")


def test_a_gpu_may_sleep():
    """A card without power tells 0 W, and its counter stands still: both are true."""
    seen = readings("hwmon_gpus", 4)
    assert seen[0]["amdgpu-0000:0b:00.0"] == Power(0.0)
    assert seen[3]["i915-0000:05:00.0"] == Counter(12660.0)


def test_cuda_visible_devices_says_nothing_of_other_makers_gpus():
    cards = hwmon.discover(recorded("hwmon_gpus")).channels
    nvidia = cards[0]._replace(name="gpu-0", collector="nvidia_nvml", thing="nvml:GPU-1")
    assert visible((nvidia, *cards), {"CUDA_VISIBLE_DEVICES": ""}) == tuple(CARDS)
    assert visible((nvidia, *cards), {"CUDA_VISIBLE_DEVICES": "0"}) == ("gpu-0", *CARDS)


def test_rails_that_nobody_names_are_not_counted():
    assert "may be counted already" in refusals_of("hwmon_unnamed_rails")["ltc2947-hwmon0"].why
    assert "battery" in refusals_of("hwmon_unnamed_rails")["power_meter-hwmon1"].why
    assert hwmon.discover(recorded("hwmon_unnamed_rails")).open is None


@pytest.mark.parametrize("name", ["no_powercap", "two_socket_intel"])
def test_a_host_without_such_drivers_offers_and_refuses_nothing(name):
    assert hwmon.discover(recorded(name)) == hwmon.Offer("hwmon")


@pytest.mark.parametrize("sensor", ["hwmon-energy", "hwmon-power", "acpi-power-meter"])
def test_each_class_of_sensor_has_its_own_wide_error(sensor):
    (row,) = [one for one in catalogue.load("FR").factors if one.indicator == "sensor" and one.zone == sensor]
    assert row.value.low <= 0.8 < 1.25 <= row.value.high
