"""RAPL by perf events on recorded hosts, and a perf event of this machine's own."""

from pathlib import Path

import pytest

from footprint.collectors import rapl_perf, registry
from footprint.collectors.host import RealHost, perf_path
from footprint.collectors.host_counters import PerfEvent
from footprint.collectors.plan import choose, counted
from footprint.collectors.reading import Counter, Failed
from footprint.collectors.recorded_host import RecordedHost

HOSTS = Path(__file__).parent.parent / "hosts"
RAPL = ("rapl_powercap", "rapl_perf", "rapl_msr")


def recorded(name):
    return RecordedHost.from_archive(str(HOSTS / f"{name}.txt"))


def test_each_package_and_memory_is_counted_on_its_own_cpu_and_called_as_powercap_calls_it():
    host = recorded("perf_events")
    offer = rapl_perf.discover(host)
    assert [(one.name, one.thing, one.method, one.sensor) for one in offer.channels] == [
        ("package-0", "rapl:package-0", "rapl-perf", "rapl-package"),
        ("dram-0", "rapl:dram-0", "rapl-perf", "rapl-dram-server"),
        ("package-1", "rapl:package-1", "rapl-perf", "rapl-package"),
        ("dram-1", "rapl:dram-1", "rapl-perf", "rapl-dram-server"),
    ]
    assert offer.refusals == ()
    reader = offer.open(offer.channels)
    reader.read()
    host.sleep(1)
    assert reader.read() == {
        "package-0": Counter(60.0),
        "dram-0": Counter(8.0),
        "package-1": Counter(80.0),
        "dram-1": Counter(9.0),
    }


def test_an_event_that_fails_fails_for_that_time_only_and_alone():
    host = recorded("perf_events")
    offer = rapl_perf.discover(host)
    reader = offer.open(offer.channels)
    host.sleep(2)
    outcomes = reader.read()
    assert outcomes["package-1"] == Counter(160.0)
    assert outcomes["dram-1"] == Failed(
        "/sys/bus/event_source/devices/power/events/energy-ram on CPU 2 cannot be read: input/output error"
    )
    host.sleep(1)
    assert reader.read()["dram-1"] == Counter(27.0)
    reader.close()
    reader.close()


def test_parts_lie_in_their_package_and_an_event_in_another_unit_is_refused():
    offer = rapl_perf.discover(recorded("perf_laptop"))
    assert {one.name: one.inside for one in offer.channels} == {
        "package-0": "rapl:psys",
        "core-0": "rapl:package-0",
        "uncore-0": "rapl:package-0",
        "psys": None,
    }
    (refusal,) = offer.refusals
    assert (refusal.kind, refusal.channel) == ("dram", "dram-0")
    assert "'Furlongs'" in refusal.why


def test_the_kernels_setting_is_named_and_its_fix_outlives_a_reboot():
    (refusal,) = rapl_perf.discover(recorded("perf_paranoid")).refusals
    assert refusal.channel == "package-0-die-0"
    assert "permission denied" in refusal.why
    assert "kernel.perf_event_paranoid is 4" in refusal.why
    assert "/etc/sysctl.d/" in refusal.fix
    assert "PERFMON" in refusal.fix


@pytest.mark.parametrize(
    ("paranoid", "fault", "in_why", "in_fix"),
    [
        ("2", "!EPERM", "perf_event_paranoid is 2", "sysctl"),
        ("0", "!EPERM", "filter of system calls", "--cap-add PERFMON"),
        ("-1", "!EACCES", "filter of system calls", "--cap-add PERFMON"),
        ("0", "!ENODEV", "no such device", "modprobe rapl"),
        ("0", "!ENOSYS", "no perf events", "CONFIG_PERF_EVENTS"),
    ],
)
def test_each_refusal_of_the_kernel_has_its_own_reason_and_fix(paranoid, fault, in_why, in_fix):
    text = (HOSTS / "perf_laptop.txt").read_text()
    text = text.replace("perf_event_paranoid\n-1", f"perf_event_paranoid\n{paranoid}")
    text = text.replace("/perf_event_open/24/0x2/0\n4294967296", f"/perf_event_open/24/0x2/0 series\n{fault}")
    refusals = [one for one in rapl_perf.discover(RecordedHost.from_text(text)).refusals if one.channel == "package-0"]
    assert in_why in refusals[0].why
    assert in_fix in refusals[0].fix


@pytest.mark.parametrize(
    ("file", "content", "in_why"),
    [
        ("type", "!ENOENT", "no energy events"),
        ("type", "power", "no energy events"),
        ("cpumask", "", "names no CPU"),
        ("cpumask", "0-", "names no CPU"),
        ("events/energy-pkg", "", "not understood"),
        ("events/energy-pkg", "event=two", "not understood"),
        ("events/energy-pkg.scale", "nan", "not understood"),
        ("events/energy-pkg.scale", "-1", "not understood"),
        ("events/energy-pkg.unit", "!EACCES", "permission denied"),
    ],
)
def test_broken_descriptions_are_refused_and_break_nothing(file, content, in_why):
    text = (HOSTS / "perf_laptop.txt").read_text()
    head = f"== /sys/bus/event_source/devices/power/{file}\n"
    before, _, after = text.partition(head)
    rest = after.split("\n", 1)[1]
    offer = rapl_perf.discover(RecordedHost.from_text(f"{before}{head[:-1]} series\n{content}\n{rest}"))
    assert any(in_why in refusal.why for refusal in offer.refusals)
    assert all(refusal.why and refusal.fix for refusal in offer.refusals)
    assert "package-0" not in {one.name for one in offer.channels}


def test_it_is_taken_where_powercap_is_hidden_and_the_registers_are_not_asked():
    offers = registry.discover(recorded("perf_events"), RAPL)
    assert [offer.collector for offer in offers] == ["rapl_powercap", "rapl_perf"]
    plan = choose(offers)
    assert [one.method for one in counted(plan.channels)] == ["rapl-perf"] * 4
    assert [one.collector for one in plan.refusals] == ["rapl_powercap"]


@pytest.mark.parametrize("name", ["two_socket_intel", "amd_epyc", "mmio_only", "virtual_machine", "arm_server"])
def test_it_is_not_asked_where_powercap_has_the_packages_or_nothing_can_be_done(name):
    assert [offer.collector for offer in registry.discover(recorded(name), RAPL)] == ["rapl_powercap"]


@pytest.mark.parametrize("name", ["all_0400", "package_0400", "no_powercap", "hidden_in_container", "perf_paranoid"])
def test_it_and_the_registers_are_asked_where_a_package_is_left(name):
    assert [offer.collector for offer in registry.discover(recorded(name), RAPL)] == list(RAPL)


def test_a_folder_that_stands_for_the_machine_has_counts_in_files_and_this_machine_is_not_asked(tmp_path):
    path = tmp_path / perf_path(31, 2, 0).lstrip("/")
    path.parent.mkdir(parents=True)
    path.write_text("4294967296\n")
    host = RealHost(str(tmp_path))
    assert host.open_perf(31, 2, 0).read() == b"4294967296\n"
    with pytest.raises(OSError, match="not to be had through a folder"):
        host.open_perf(1, 0, 0)


def test_an_event_of_this_machine_counts_on_and_gives_its_descriptor_back():
    """The kernel's own CPU clock, a software event that needs no hardware."""
    software, cpu_clock = 1, 0
    try:
        event = PerfEvent(software, cpu_clock, 0)
    except OSError as fault:
        pytest.skip(f"this machine lets nobody count events of a whole CPU: {fault}")
    first = int(event.read())
    while int(event.read()) == first:
        pass
    event.close()
    event.close()


def test_what_the_kernel_refuses_is_an_error_of_the_system():
    with pytest.raises(OSError, match=r"."):
        PerfEvent(2**32 - 1, 2**64 - 1, 2**31 - 1)
