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
    "container_docker": ([], ["package-0"]),
    "container_podman_rootless": ([], ["package-0"]),
    "container_lxcfs": (["package-0"], []),
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
    "mmio_twice": (["package-0", "dram-0"], ["package-0"]),
    "frozen_then_jumps": (["package-0"], []),
    "cut_short": (["package-0", "package-1", "package-2"], []),
    "zone_appears": (["package-0"], ["package-1"]),
    "module_reloaded": (["package-0", "package-1"], []),
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
    others = ("/hwmon/", "/event_source/")
    ours = {
        name
        for name, text in texts.items()
        if "/sys/class/powercap/intel-rapl" in text
        and not name.startswith("container_")
        and not any(other in text for other in others)
    }
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


def test_a_twin_that_is_there_twice_is_passed_over_once_and_refused_once():
    offer = offer_of("mmio_twice")
    plan = choose((offer,))
    assert {one.method for one in plan.channels} == {"rapl-counter"}
    assert sorted(one.name for one in plan.passed_over) == ["dram-0", "package-0"]
    assert "intel-rapl-mmio:1 is the second" in offer.refusals[0].why


def test_a_socket_that_works_and_has_no_zone_is_refused_and_not_left_out_in_silence():
    refusal = refusals_of("zone_appears")["package-1"]
    assert (refusal.kind, refusal.why) == ("cpu", "/sys/class/powercap has no zone for it, though its processors work")
    assert "modprobe" in refusal.fix


def test_a_zone_that_appears_while_others_are_read_changes_nothing_for_them():
    energy = energy_of("zone_appears", 6)
    assert set(energy) == {"package-0"}
    assert energy["package-0"].total_j == pytest.approx(300.0)
    assert energy["package-0"].gaps == ()


def test_a_zone_that_comes_back_goes_on_and_one_that_comes_back_as_another_fails():
    host = recorded("module_reloaded")
    reader, _ = reader_of(host)
    seen = []
    for _ in range(7):
        seen.append(reader.read())
        host.sleep(1)
    assert [type(one["package-0"]).__name__ for one in seen] == [
        *["Counter"] * 2, "Failed", "Gone", *["Counter"] * 3
    ]  # fmt: skip
    assert [type(one["package-1"]).__name__ for one in seen] == [
        *["Counter"] * 2, "Failed", "Gone", *["Failed"] * 3
    ]  # fmt: skip
    assert seen[5]["package-1"].why.endswith("cannot be read: the zone is not package-1 any more")
    energy = energy_of("module_reloaded", 6)
    assert energy["package-0"].total_j == pytest.approx(300.0)
    assert energy["package-0"].below_j == pytest.approx(0.0, abs=0.2)
    assert energy["package-1"].total_j == pytest.approx(360.0)
    assert energy["package-1"].below_j >= 300.0


def test_a_counter_that_stands_still_and_then_jumps_loses_nothing_and_counts_nothing_twice():
    energy = energy_of("frozen_then_jumps", 8)["package-0"]
    assert energy.total_j == pytest.approx(400.0, rel=1e-9)
    assert energy.slices_j == pytest.approx((50.0,) * 8)
    assert [(gap.from_s, gap.to_s) for gap in energy.gaps] == [(3.0, 5.0)]


def test_one_value_that_cannot_be_is_left_out_and_a_leap_that_stays_is_filled():
    energy = energy_of("cut_short", 6)
    for name in ("package-0", "package-1"):
        assert energy[name].total_j == pytest.approx(300.0, rel=1e-9)
        assert [(gap.from_s, gap.to_s) for gap in energy[name].gaps] == [(2.0, 4.0)]
        assert "rule out" in energy[name].gaps[0].why
    lost = energy["package-2"]
    assert lost.total_j == pytest.approx(300.0)
    assert [(gap.from_s, gap.to_s) for gap in lost.gaps] == [(2.0, 3.0)]
    assert "more than its power limit allows" in lost.gaps[0].why
    assert lost.below_j == pytest.approx(50.0, abs=0.2)
    assert lost.above_j == pytest.approx(250.0, abs=0.2)


class CountingHost(RecordedHost):
    """Counts what is asked of the machine."""

    asked: dict[str, int]

    def open(self, path):
        self.asked[f"open {path}"] = self.asked.get(f"open {path}", 0) + 1
        handle, asked = super().open(path), self.asked

        class Counting:
            def read(self):
                asked[f"read {path}"] = asked.get(f"read {path}", 0) + 1
                return handle.read()

            def close(self):
                handle.close()

        return Counting()

    def list_dir(self, path):
        self.asked[f"list {path}"] = 1
        return super().list_dir(path)

    def exists(self, path):
        self.asked[f"exists {path}"] = 1
        return super().exists(path)


def test_a_look_is_one_read_of_each_kept_file_and_nothing_else():
    host = CountingHost.from_archive(str(HOSTS / "two_socket_intel.txt"))
    host.asked = {}
    reader, channels = reader_of(host)
    reader.read()
    host.asked.clear()
    for _ in range(10):
        host.sleep(0.01)
        reader.read()
    folders = {"package-0": "0", "dram-0": "0:0", "package-1": "1", "dram-1": "1:0"}
    assert set(folders) == {channel.name for channel in channels}
    assert host.asked == {f"read /sys/class/powercap/intel-rapl:{zone}/energy_uj": 10 for zone in folders.values()}


def test_discovery_reads_each_file_once():
    host = CountingHost.from_archive(str(HOSTS / "two_socket_intel.txt"))
    host.asked = {}
    rapl_powercap.discover(host)
    zones = {path: count for path, count in host.asked.items() if path.startswith("open /sys/class/powercap/")}
    assert set(zones.values()) == {1}


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


def test_a_number_without_its_lines_end_is_cut_short_where_it_has_had_one(tmp_path):
    zone = tmp_path / "sys/class/powercap/intel-rapl:0"
    zone.mkdir(parents=True)
    (zone / "name").write_text("package-0\n")
    counter = zone / "energy_uj"
    counter.write_text("5000000")
    offer = rapl_powercap.discover(RealHost(str(tmp_path)))
    reader = offer.open(offer.channels)
    seen = []
    for text in ("5000000", "6000000\n", "700", "8000000\n"):
        counter.write_text(text)
        seen.append(reader.read()["package-0"])
    assert (seen[0], seen[1], seen[3]) == (Counter(5.0), Counter(6.0), Counter(8.0))
    assert seen[2].why.endswith("cut short: it ends without its line's end")
    reader.close()


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
