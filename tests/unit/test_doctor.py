"""What doctor says of machines of several kinds, through the very collectors that runs use."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from footprint import doctor
from footprint.cli import doctor_text
from footprint.records.raw import HostInfo, RegionRef

GOLDEN = Path(__file__).parents[1] / "golden"
FIX_KEYS = {
    "kind",
    "channel",
    "collector",
    "state",
    "method",
    "error_pct",
    "inside",
    "why",
    "fix",
    "command",
    "reads",
    "chosen",
}
CPUINFO = "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) Gold 6248\nflags\t\t: fpu\n"


def zone(root, folder, name, energy="1000"):
    path = root / "sys/class/powercap" / folder
    path.mkdir(parents=True)
    for file, text in (("name", name), ("energy_uj", energy), ("max_energy_range_uj", "262143328850")):
        (path / file).write_text(text + "\n")
    return path


@pytest.fixture
def machine_folder(tmp_path):
    """A physical Intel server without any counter; its home is beside it."""
    (tmp_path / "root/proc").mkdir(parents=True)
    (tmp_path / "root/proc/cpuinfo").write_text(CPUINFO)
    (tmp_path / "root/proc/meminfo").write_text("MemTotal: 64000000 kB\n")
    return tmp_path / "root"


def environ(folder, **more):
    return {
        "FOOTPRINT_SYSROOT": str(folder),
        "FOOTPRINT_HOME": str(folder.parent / "home"),
        "HOME": str(folder),
        **more,
    }


def examined(folder, **more):
    return doctor.as_document(doctor.look(environ(folder, **more)))


def by_name(document):
    return {one["channel"]: one for one in document["channels"] if one["state"] != "unavailable"}


def test_packages_are_measured_and_what_lacks_a_counter_is_modelled(machine_folder):
    zone(machine_folder, "intel-rapl:0", "package-0")
    document = examined(machine_folder)
    found = by_name(document)
    assert found["package-0"]["state"] == "measured"
    assert found["package-0"]["method"] == "rapl-counter"
    assert found["package-0"]["error_pct"] == 7.0
    assert found["package-0"]["why"] is None
    assert "cpu" not in found
    assert found["dram"]["state"] == found["overhead"]["state"] == "modelled"
    assert found["dram"]["error_pct"] > 50


def test_what_is_counted_inside_another_channel_names_it(machine_folder):
    zone(machine_folder, "intel-rapl:0", "package-0")
    zone(machine_folder, "intel-rapl:0:0", "core")
    found = by_name(examined(machine_folder))
    assert found["core-0"]["inside"] == "package-0"
    assert found["package-0"]["inside"] is None


def test_every_channel_that_is_not_measured_has_a_reason_and_a_fix(machine_folder):
    document = examined(machine_folder)
    assert document["schema"] == "footprint.doctor/1"
    for one in document["channels"]:
        assert set(one) == FIX_KEYS
        assert one["state"] in {"measured", "modelled", "unavailable"}
        assert one["state"] == "measured" or (one["why"] and one["fix"])
    assert {one["channel"] for one in document["channels"] if one["state"] == "modelled"} == {"cpu", "dram", "overhead"}


def test_the_host_is_described(machine_folder):
    host = examined(machine_folder)["host"]
    assert host["cpu"] == "Intel(R) Xeon(R) Gold 6248"
    assert host["memory_gb"] == pytest.approx(65.536)
    assert host["virtual"] is False
    assert {"id", "logical_cpus", "gpus", "sockets", "cores", "container"} <= set(host)


def test_each_setting_says_where_it_is_from(machine_folder):
    settings = {one["name"]: one for one in examined(machine_folder, FOOTPRINT_REGION="FR")["settings"]}
    assert settings["region"] == {"name": "region", "value": "FR", "from": "environment"}
    assert settings["idle"]["from"] == "default"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_counter_that_only_root_may_read_has_the_command_that_opens_it(machine_folder):
    path = zone(machine_folder, "intel-rapl:0", "package-0")
    (path / "energy_uj").chmod(0)
    cpu = by_name(examined(machine_folder))["cpu"]
    assert "sudo" in cpu["fix"]


def test_the_text_says_first_that_nothing_is_measured(machine_folder):
    text = doctor_text.text(doctor.look(environ(machine_folder)))
    assert text.startswith("Measured here: nothing.")
    assert "Modelled here" in text
    assert "to mend it: " in text


def test_the_text_says_first_what_is_measured_and_how_well(machine_folder):
    zone(machine_folder, "intel-rapl:0", "package-0")
    lines = doctor_text.text(doctor.look(environ(machine_folder))).splitlines()
    assert lines[0] == "Measured here:"
    assert re.fullmatch(r" {2}package-0: processors, rapl-counter, error up to 7 %", lines[1])


def test_a_disabled_footprint_is_said_before_all(machine_folder):
    text = doctor_text.text(doctor.look(environ(machine_folder, FOOTPRINT_DISABLED="1")))
    assert text.startswith("FOOTPRINT_DISABLED is set")


def test_a_home_that_cannot_be_is_told_with_its_cure(machine_folder):
    blocked = machine_folder.parent / "file"
    blocked.write_text("")
    text = doctor_text.text(doctor.look(environ(machine_folder, FOOTPRINT_HOME=str(blocked / "home"))))
    assert "Runs are not kept" in text
    assert "FOOTPRINT_HOME" in text


def test_plain_text_is_as_in_its_golden_file():
    """Each line names its channel: nothing hangs on its place or indent."""
    machine = HostInfo("h", "Linux", "Intel Xeon Gold 6248", 40, memory_gb=128.0, virtual=False, gpus=("NVIDIA A100",))
    found = doctor.Examination(
        machine, RegionRef("FR", "environment", "FR"),
        (
            doctor.Finding("cpu", "package-0", "rapl_powercap", "measured", "rapl-counter", 7.0, None),
            doctor.Finding("cpu", "core-0", "rapl_powercap", "measured", "rapl-counter", 7.0, "package-0"),
            doctor.Finding("dram", "dram", "power_model", "modelled", "model", 120.4, None, "no counter", "sudo chmod 1"),
            doctor.Finding("gpu", "gpu", "nvidia_nvml", "unavailable", None, None, None, "no driver", "install it"),
        ),
        (("region", "FR", "environment"), ("home", "/data/runs", "default")), "/data cannot be written", disabled=True,
    )  # fmt: skip
    path = GOLDEN / "doctor-plain.txt"
    text = doctor_text.plain(found) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_plain_text_says_all_that_the_document_has_for_people(machine_folder):
    """Each channel's state, why and fix."""
    found = doctor.look(environ(machine_folder))
    text = doctor_text.plain(found)
    for one in found.findings:
        assert f"Channel {one.channel}, state: " in text
        assert one.why is None or one.why in text
    assert doctor_text.plain(doctor.look(environ(machine_folder, FOOTPRINT_DISABLED="1"))).startswith(
        "Footprint is dis"
    )


def test_the_verb_prints_the_document_and_ends_with_0(machine_folder):
    command = [sys.executable, "-m", "footprint", "doctor", "--json"]
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | environ(machine_folder), check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["schema"] == "footprint.doctor/1"


def test_an_unknown_region_is_one_line_and_2(machine_folder):
    done = subprocess.run(
        [sys.executable, "-m", "footprint", "doctor"], capture_output=True, text=True, check=False, timeout=60,
        env=os.environ | environ(machine_folder, FOOTPRINT_REGION="Atlantis"),
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("footprint: ")
    assert len(done.stderr.splitlines()) == 1


HOSTS = Path(__file__).parents[1] / "hosts"


@pytest.mark.parametrize(
    ("host", "method", "since"),
    [
        ("perf_events", "rapl-perf", "since rapl_powercap does not give it"),
        ("msr_server", "rapl-msr", "since rapl_powercap does not give it"),
    ],
)
def test_another_way_in_says_why_it_was_taken_and_whose_refusals_are_whose(host, method, since):
    found = doctor.recorded(str(HOSTS / f"{host}.txt"))
    package = next(one for one in found.findings if one.channel == "package-1")
    assert (package.state, package.method) == ("measured", method)
    assert package.chosen.startswith(since)
    text = doctor_text.text(found)
    assert f"chosen {since}" in text
    assert "package-0 by rapl_powercap: " in text


def test_where_no_way_in_is_left_each_says_why_and_has_its_fix():
    found = doctor.recorded(str(HOSTS / "perf_paranoid.txt"))
    ways = [one for one in found.findings if one.collector.startswith("rapl_")]
    assert {one.collector for one in ways} == {"rapl_powercap", "rapl_perf", "rapl_msr"}
    assert all(one.state == "unavailable" and one.why and one.fix for one in ways)
    fixes = " ".join(one.fix for one in ways)
    assert all(part in fixes for part in ("/etc/udev/rules.d/", "/etc/sysctl.d/", "SYS_RAWIO"))
