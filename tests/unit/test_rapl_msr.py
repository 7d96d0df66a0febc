"""RAPL by registers on recorded hosts."""

from pathlib import Path

import pytest

from footprint.collectors import rapl_msr, registry
from footprint.collectors.host import RealHost, register_path
from footprint.collectors.host_counters import Register
from footprint.collectors.plan import choose
from footprint.collectors.reading import Counter, Failed
from footprint.collectors.recorded_host import RecordedHost
from footprint.energy import channel_energy
from footprint.records.raw import Frame

HOSTS = Path(__file__).parent.parent / "hosts"


def recorded(name):
    return RecordedHost.from_archive(str(HOSTS / f"{name}.txt"))


def test_packages_are_read_by_the_units_of_the_processor_and_memory_by_its_own():
    host = recorded("msr_server")
    offer = rapl_msr.discover(host)
    found = {one.name: (one.range_j, one.limit_w, one.method) for one in offer.channels}
    assert found == {
        "package-0": (262_144.0, 492.0, "rapl-msr"),
        "dram-0": (65_536.0, None, "rapl-msr"),
        "package-1": (262_144.0, None, "rapl-msr"),
    }
    assert {one.sensor for one in offer.channels} == {"rapl-package", "rapl-dram-server"}
    reader = offer.open(offer.channels)
    assert reader.read()["dram-0"] == Counter(10.0)
    assert reader.read()["package-0"] == Counter(4_292_328_896 / 16_384)


def test_counters_of_32_bits_wrap_and_another_cpu_of_the_package_answers_for_one_that_went_offline():
    host = recorded("msr_server")
    offer = rapl_msr.discover(host)
    reader = offer.open(offer.channels)
    frames, seen = [], []
    for t_s in range(4):
        outcomes = reader.read()
        seen.append(outcomes["package-1"])
        readings = tuple(getattr(outcomes[one.name], "energy_j", None) for one in offer.channels)
        frames.append(Frame(float(t_s), readings, None, 0.0))
        host.sleep(1)
    assert isinstance(seen[2], Failed)
    energies = {
        one.name: channel_energy(number, one, tuple(frames), (), ()) for number, one in enumerate(offer.channels)
    }
    assert {name: round(energy.total_j, 6) for name, energy in energies.items()} == {
        "package-0": 300.0,
        "dram-0": 30.0,
        "package-1": 150.0,
    }
    assert energies["package-0"].gaps == ()
    assert [(gap.from_s, gap.to_s) for gap in energies["package-1"].gaps] == [(1.0, 3.0)]
    reader.close()
    reader.close()


def test_on_amd_only_the_low_half_of_the_register_counts_and_the_sensor_is_amds():
    host = recorded("msr_amd")
    offer = rapl_msr.discover(host)
    (package,) = offer.channels
    assert (package.name, package.sensor, package.range_j) == ("package-0", "rapl-package-amd", 65_536.0)
    reader = offer.open(offer.channels)
    assert reader.read() == {"package-0": Counter(1.0)}
    host.sleep(1)
    assert reader.read() == {"package-0": Counter(101.0)}


def test_a_platform_in_whole_joules_contains_package_and_memory():
    offer = rapl_msr.discover(recorded("msr_platform"))
    assert {one.name: one.inside for one in offer.channels} == {
        "package-0": "rapl:psys",
        "dram-0": "rapl:psys",
        "psys": None,
    }
    assert offer.open(offer.channels).read() == {
        "package-0": Counter(1_000.0),
        "dram-0": Counter(1.0),
        "psys": Counter(7_000.0),
    }


def test_a_model_that_is_not_known_is_not_guessed_at():
    offer = rapl_msr.discover(recorded("msr_unknown_model"))
    assert offer.channels == ()
    assert "no layout" in offer.refusals[0].why


@pytest.mark.parametrize(
    ("unit", "in_why", "in_fix"),
    [
        ("!EPERM", "operation not permitted; it takes root", "--cap-add SYS_RAWIO"),
        ("!EACCES", "permission denied; it takes root", "--device /dev/cpu/0/msr"),
        ("!ENOENT", "no such file", "/etc/modules-load.d/msr.conf"),
        ("!EIO", "input/output error", "none on this machine"),
        ("", "no number", "none on this machine"),
    ],
)
def test_each_refusal_has_its_reason_and_a_fix_that_outlives_a_reboot(unit, in_why, in_fix):
    text = (HOSTS / "msr_amd.txt").read_text().replace("0xc0010299\n659459", f"0xc0010299 series\n{unit}")
    offer = rapl_msr.discover(RecordedHost.from_text(text))
    assert offer.channels == ()
    assert in_why in offer.refusals[0].why
    assert in_fix in offer.refusals[0].fix


@pytest.mark.parametrize("counter", ["0", "4294967296"])
def test_a_counter_that_stands_at_zero_is_no_counter(counter):
    text = (HOSTS / "msr_amd.txt").read_text()
    text = text.replace("0xc001029b timed\n0 4295032832\n1 4301586432", f"0xc001029b\n{counter}")
    offer = rapl_msr.discover(RecordedHost.from_text(text))
    assert offer.channels == ()
    assert "stands at 0" in offer.refusals[0].why


def test_it_is_the_last_way_to_be_asked_and_is_taken_where_it_alone_works():
    offers = registry.discover(recorded("msr_server"), ("rapl_powercap", "rapl_perf", "rapl_msr"))
    assert [offer.collector for offer in offers] == ["rapl_powercap", "rapl_perf", "rapl_msr"]
    plan = choose(offers)
    assert {one.collector for one in plan.channels} == {"rapl_msr"}
    assert {one.collector for one in plan.refusals} == {"rapl_powercap", "rapl_perf"}


def test_a_register_is_read_at_its_number_in_the_device_file(tmp_path):
    file = tmp_path / "msr"
    file.write_bytes(bytes(0x611) + (2**40 + 7).to_bytes(8, "little"))
    register = Register(str(file), 0x611)
    assert register.read() == register.read() == b"1099511627783"
    register.close()
    register.close()
    short = Register(str(file), 0x615)
    with pytest.raises(OSError, match="Input/output error"):
        short.read()
    short.close()


def test_a_folder_that_stands_for_the_machine_has_registers_in_files(tmp_path):
    path = tmp_path / register_path(0, 0x611).lstrip("/")
    path.parent.mkdir(parents=True)
    path.write_text("7\n")
    assert RealHost(str(tmp_path)).open_register(0, 0x611).read() == b"7\n"
