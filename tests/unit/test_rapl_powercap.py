"""RAPL zones on recorded hosts, through the same parsers that read real ones."""

import os
from pathlib import Path

import pytest

from footprint.collectors import rapl_powercap
from footprint.collectors.host import RealHost
from footprint.collectors.plan import choose, counted
from footprint.collectors.reading import Counter, Failed, Gone
from footprint.collectors.recorded_host import RecordedHost
from footprint.energy import channel_energy
from footprint.records.raw import Frame

HOSTS = Path(__file__).parent.parent / "hosts"


def recorded(name):
    return RecordedHost.from_archive(str(HOSTS / f"{name}.txt"))


def offer_of(name):
    return rapl_powercap.discover(recorded(name))


def refusals_of(name):
    return {refusal.channel: refusal for refusal in offer_of(name).refusals}


FOUND = {
    # host: (what enters the account, what is refused)
    "two_socket_intel": (["package-0", "dram-0", "package-1", "dram-1"], []),
    "laptop_psys": (["package-0", "psys"], []),
    "amd_epyc": (["package-0", "package-1"], ["core-0", "core-1"]),
    "multi_die": (["package-0-die-0", "dram-0-die-0", "package-0-die-1", "dram-0-die-1"], []),
    "all_0400": ([], ["dram-0", "dram-1", "package-0", "package-1"]),
    "package_0400": (["dram-0"], ["core-0", "package-0"]),
    "no_powercap": ([], ["package-0"]),
    "virtual_machine": ([], ["package-0"]),
    "arm_server": ([], ["package-0"]),
    "zeros_in_vm": ([], ["core-0", "package-0"]),
    "hidden_in_container": ([], ["package-0"]),
    "odd_names": (
        ["package-0", "package-1", "package-10", "dram-10"],
        ["intel-rapl:5", "mystery", "package-0", "psys-1"],
    ),
    "no_range": (["package-0", "package-1", "package-2"], []),
    "one_zone_failing": (["package-0", "dram-0", "package-1", "dram-1"], []),
    "wrap": (["package-0", "dram-0"], []),
    "reset": (["package-0"], []),
    "frozen": (["package-0", "dram-0"], []),
    "bad_counters": (
        ["package-6", "dram-6"],
        [f"package-{number}" for number in (0, 1, 2, 3, 4, 5, 7, 8)],
    ),
    "turns_bad": (["package-0", "package-1"], []),
    "nested_only": (["package-0", "dram-0"], []),
    "mmio_only": (["package-0"], ["package-0"]),
}


@pytest.mark.parametrize("name", FOUND)
def test_each_host_has_its_zones_counted_once_and_its_refusals_named(name):
    offer = offer_of(name)
    wanted, refused = FOUND[name]
    assert [channel.name for channel in counted(choose((offer,)).channels)] == wanted
    assert sorted(refusal.channel for refusal in offer.refusals) == sorted(refused)


@pytest.mark.parametrize("name", FOUND)
def test_every_refusal_says_why_and_what_to_do(name):
    for refusal in offer_of(name).refusals:
        assert len(refusal.why) > 20
        assert refusal.fix


def test_the_table_holds_every_host_that_was_made_for_powercap():
    texts = {path.stem: path.read_text() for path in HOSTS.glob("*.txt")}
    ours = {name for name, text in texts.items() if "/sys/class/powercap/intel-rapl" in text and "/hwmon/" not in text}
    assert ours <= set(FOUND)


def test_the_platform_contains_packages_and_a_package_its_parts_but_not_its_memory():
    inside = {channel.name: channel.inside for channel in offer_of("laptop_psys").channels}
    assert inside == {
        "package-0": "rapl:psys",
        "core-0": "rapl:package-0",
        "uncore-0": "rapl:package-0",
        "psys": None,
    }
    assert {channel.inside for channel in offer_of("two_socket_intel").channels} == {None}


def test_the_memory_mapped_twin_is_a_second_way_to_the_same_thing():
    plan = choose((offer_of("laptop_psys"),))
    assert [(channel.name, channel.method) for channel in plan.passed_over] == [("package-0", "rapl-mmio-counter")]
    alone = counted(choose((offer_of("mmio_only"),)).channels)
    assert [(channel.name, channel.method) for channel in alone] == [("package-0", "rapl-mmio-counter")]


def test_kinds_and_sensors_follow_from_zone_and_vendor():
    by_name = {channel.name: channel for channel in offer_of("laptop_psys").channels}
    assert (by_name["psys"].kind, by_name["psys"].sensor) == ("board", "rapl-psys")
    assert (by_name["core-0"].kind, by_name["core-0"].sensor) == ("cpu", "rapl-core")
    dram = offer_of("two_socket_intel").channels[1]
    assert (dram.kind, dram.sensor) == ("dram", "rapl-dram")
    assert {channel.sensor for channel in offer_of("amd_epyc").channels} == {"rapl-package-amd"}


def test_range_and_limit_are_taken_from_the_zone_and_are_none_where_nothing_sensible_is_stated():
    package, dram = offer_of("two_socket_intel").channels[:2]
    assert (package.range_j, package.limit_w) == (262_143.32885, 360.0)
    assert (dram.range_j, dram.limit_w) == (65_712.999613, 73.5)
    assert [(channel.range_j, channel.limit_w) for channel in offer_of("no_range").channels] == [
        (None, None),
        (None, None),
        (None, 410.0),
    ]


def test_a_denied_counter_names_its_file_the_error_and_a_fix_that_outlives_a_reboot():
    refusal = refusals_of("all_0400")["dram-1"]
    assert refusal.kind == "dram"
    assert "/sys/class/powercap/intel-rapl:1:0/energy_uj" in refusal.why
    assert "permission denied" in refusal.why
    assert "/etc/udev/rules.d/" in refusal.fix
    assert "0440" in refusal.fix
    assert "CVE-2020-8694" in refusal.fix


def test_why_there_is_nothing_follows_from_the_processor():
    assert "virtual machine" in refusals_of("virtual_machine")["package-0"].why
    assert "neither" in refusals_of("arm_server")["package-0"].why
    assert "modprobe intel_rapl_msr" in refusals_of("no_powercap")["package-0"].fix
    assert "container" in refusals_of("hidden_in_container")["package-0"].fix


def test_a_part_whose_package_cannot_be_read_does_not_pass_for_the_package():
    refusal = refusals_of("package_0400")["core-0"]
    assert refusal.why == "core-0 is only a part of package-0, which cannot be read"


def test_a_counter_that_stands_at_zero_is_no_counter():
    assert "stands at 0" in refusals_of("zeros_in_vm")["package-0"].why


def reader_of(host):
    offer = rapl_powercap.discover(host)
    channels = counted(choose((offer,)).channels)
    return offer.open(channels), channels


def test_a_counter_that_turns_bad_fails_for_that_time_only_and_alone():
    host = recorded("turns_bad")
    reader, _ = reader_of(host)
    outcomes = []
    for _ in range(6):
        host.sleep(0.2)
        outcomes.append(reader.read())
    whys = [outcome["package-0"].why for outcome in outcomes[:5] if isinstance(outcome["package-0"], Failed)]
    assert [why.split("energy_uj ")[1] for why in whys] == [
        "holds nothing, no counter",
        "holds '-1', no counter",
        "holds 'energy', no counter",
        "cannot be read: input/output error",
        "cannot be read: no such device",
    ]
    assert outcomes[5]["package-0"] == Counter(1000.000007)
    assert [outcome["package-1"] for outcome in outcomes] == [Counter(2000 + n / 1e6) for n in range(1, 7)]


def test_a_zone_whose_folder_goes_is_gone_and_one_that_fails_comes_back():
    host = recorded("one_zone_failing")
    reader, _ = reader_of(host)
    seen = []
    for _ in range(7):
        seen.append(reader.read())
        host.sleep(1)
    kinds = {name: [type(one[name]).__name__ for one in seen] for name in seen[0]}
    assert kinds == {
        "package-0": ["Counter"] * 7,
        "dram-0": ["Counter"] * 7,
        "package-1": ["Counter"] * 2 + ["Failed"] * 2 + ["Counter"] * 3,
        "dram-1": ["Counter"] * 5 + ["Gone"] * 2,
    }
    assert seen[5]["dram-1"] == Gone("/sys/class/powercap/intel-rapl:1:0 went away")
    assert seen[4]["package-1"] == Counter(2240.0)


def test_a_counter_that_stands_still_is_a_failure_and_not_zero_joules():
    host = recorded("frozen")
    reader, _ = reader_of(host)
    host.sleep(3)
    assert isinstance(reader.read()["package-0"], Counter)
    host.sleep(0.4)
    assert isinstance(reader.read()["package-0"], Counter)
    host.sleep(1.6)
    outcomes = reader.read()
    assert outcomes["package-0"].why.endswith("has stood still for 2.0 s")
    assert isinstance(outcomes["dram-0"], Counter)


def energy_of(name, seconds):
    """Energy over a recorded host's first seconds, read once a second, by channel."""
    host = recorded(name)
    reader, channels = reader_of(host)
    frames = []
    for t_s in range(seconds + 1):
        outcomes = reader.read()
        readings = tuple(getattr(outcomes[channel.name], "energy_j", None) for channel in channels)
        frames.append(Frame(float(t_s), readings, None, 0.0))
        host.sleep(1)
    return {
        channel.name: channel_energy(index, channel, tuple(frames), (), ()) for index, channel in enumerate(channels)
    }


def test_energy_is_exact_through_wraps():
    energy = energy_of("wrap", 20)
    assert energy["package-0"].total_j == pytest.approx(2000.0, rel=1e-9)
    assert energy["dram-0"].total_j == pytest.approx(200.0, rel=1e-9)
    assert energy["package-0"].gaps == ()


def test_energy_through_a_reset_is_filled_and_says_so():
    energy = energy_of("reset", 10)["package-0"]
    assert energy.total_j == pytest.approx(1000.0, rel=1e-9)
    assert [(gap.from_s, gap.to_s) for gap in energy.gaps] == [(4.0, 5.0)]
    assert 70.0 <= energy.below_j < 71.0


def test_energy_of_a_zone_that_failed_for_a_while_loses_nothing():
    energy = energy_of("one_zone_failing", 4)
    assert energy["package-1"].total_j == pytest.approx(240.0)
    assert energy["package-0"].total_j == pytest.approx(200.0)


def test_a_reader_gives_its_descriptors_back(tmp_path):
    zone = tmp_path / "sys/class/powercap/intel-rapl:0"
    zone.mkdir(parents=True)
    (zone / "name").write_text("package-0\n")
    (zone / "energy_uj").write_text("5000000\n")
    offer = rapl_powercap.discover(RealHost(str(tmp_path)))
    before = len(os.listdir("/dev/fd"))
    reader = offer.open(offer.channels)
    assert reader.read() == {"package-0": Counter(5.0)}
    assert len(os.listdir("/dev/fd")) == before + 1
    reader.close()
    reader.close()
    assert len(os.listdir("/dev/fd")) == before
    assert reader.gpu_use() == {}


def test_a_counter_file_that_loops_or_is_missing_is_refused_and_its_neighbour_goes_on(tmp_path):
    for number in range(3):
        zone = tmp_path / f"sys/class/powercap/intel-rapl:{number}"
        zone.mkdir(parents=True)
        (zone / "name").write_text(f"package-{number}\n")
    (tmp_path / "sys/class/powercap/intel-rapl:0/energy_uj").symlink_to("energy_uj")
    (tmp_path / "sys/class/powercap/intel-rapl:2/energy_uj").write_text("77\n")
    offer = rapl_powercap.discover(RealHost(str(tmp_path)))
    assert [channel.name for channel in offer.channels] == ["package-2"]
    whys = [refusal.why for refusal in offer.refusals]
    assert "too many levels of symbolic links" in whys[0]
    assert "no such file or directory" in whys[1]
