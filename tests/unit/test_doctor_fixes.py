"""What doctor tells people to run: a shell can read it, and it does what it says."""

import fnmatch
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from footprint import doctor
from footprint.cli import doctor_text
from footprint.collectors.recorded_host import RecordedHost
from footprint.doctor_fixes import command_in, in_container

HOSTS = sorted((Path(__file__).parent.parent / "hosts").glob("*.txt"))
KINDS = ("docker", "containerd", "podman", "kubernetes", "lxc", "systemd-nspawn", "gvisor", "wsl")


def findings(name):
    path = next(path for path in HOSTS if path.stem == name)
    return doctor.of_host(RecordedHost.from_archive(str(path))).findings


def assert_shell_reads(command):
    checked = subprocess.run(["sh", "-n", "-c", command], capture_output=True, text=True, check=False, timeout=10)
    assert checked.returncode == 0, f"{command}\n{checked.stderr}"


@pytest.mark.parametrize("path", HOSTS, ids=lambda path: path.stem)
def test_whatever_is_missing_on_a_recorded_host_has_a_reason_and_a_command_that_a_shell_reads(path):
    for one in doctor.of_host(RecordedHost.from_archive(str(path))).findings:
        if one.state == "measured":
            continue
        assert one.why
        assert one.fix
        command = command_in(one.fix)
        if re.match("(sudo|docker|podman|kubectl) ", one.fix):
            assert command, one.fix
        if command:
            assert_shell_reads(command)
            assert command.count("(") == command.count(")")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rootless", [False, True])
@pytest.mark.parametrize("of", ["cpu", "gpu"])
def test_what_is_done_outside_a_container_is_a_command_or_none(kind, rootless, of):
    fix = in_container(kind, rootless=rootless, of=of)
    command = command_in(fix)
    assert command is not None or fix.startswith("none inside")
    if command:
        assert_shell_reads(command)
        assert_shell_reads(fix)


def test_a_kind_that_is_not_known_keeps_what_the_collector_says():
    assert in_container("rkt", rootless=False, of="cpu") is None


@pytest.mark.parametrize(
    ("fix", "command"),
    [
        (
            "sudo modprobe msr && echo msr | sudo tee /etc/x.conf; then measure as root",
            "sudo modprobe msr && echo msr | sudo tee /etc/x.conf",
        ),
        ("echo 'a = 0; then (b)' | sudo tee /x (this is why)", "echo 'a = 0; then (b)' | sudo tee /x"),
        ("reset the GPU or restart the machine: sudo nvidia-smi --gpu-reset", "sudo nvidia-smi --gpu-reset"),
        ("none here: sudo is of no use", None),
        ("look at the log", None),
    ],
)
def test_the_command_in_a_text_is_found(fix, command):
    assert command_in(fix) == command


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("container_docker", "docker run -v /proc:/host/proc:ro -v /sys:/host/sys:ro -e FOOTPRINT_SYSROOT=/host"),
        ("container_cgroup_v1", "docker run"),
        ("container_kubernetes", "kubectl patch deployment NAME"),
        ("container_podman_rootless", "--group-add keep-groups"),
        ("container_nspawn", "machinectl reboot"),
        ("container_gvisor", "none inside gVisor"),
        ("container_wsl2", "none on this machine"),
    ],
)
def test_a_container_that_hides_the_counters_has_the_flag_that_shows_them(name, wanted):
    missing = [one for one in findings(name) if one.channel == "package-0"]
    assert missing
    assert all(one.state == "unavailable" for one in missing)
    assert any(wanted in one.fix for one in missing)


@pytest.mark.parametrize(
    ("name", "cpus", "memory_gb"),
    [
        ("container_docker", 2.0, 8.0),
        ("container_kubernetes", 1.5, 4.0),
        ("container_cgroup_v1", 0.5, 2.0),
        ("container_hybrid", 3.0, 16.0),
    ],
)
def test_what_a_container_limits_is_what_a_run_holds(name, cpus, memory_gb):
    path = next(path for path in HOSTS if path.stem == name)
    held = doctor.of_host(RecordedHost.from_archive(str(path))).allocation
    assert (held.cpus, held.memory_gb) == (cpus, memory_gb)


def test_the_text_says_a_fix_once_and_what_a_container_hides():
    texts = {
        name: doctor_text.text(doctor.of_host(RecordedHost.from_archive(str(path))))
        for name in ("container_kubernetes", "container_lxcfs", "container_gvisor")
        for path in HOSTS
        if path.stem == name
    }
    assert texts["container_kubernetes"].count("hostPath") == 2  # of one command
    assert "to mend it: as for cpu" in texts["container_kubernetes"]
    assert "what the rest of the machine does is not seen" in texts["container_lxcfs"]
    assert "nothing mends it inside gVisor" in texts["container_gvisor"]
    assert "Runs are kept" not in texts["container_gvisor"]


def test_a_container_that_shows_the_counters_measures_them():
    assert {one.channel for one in findings("container_lxcfs") if one.state == "measured"} == {"package-0"}


class Udev:
    """The rules file that a fix writes, taken as udev takes it: what it would run for a device, in a made tree."""

    def __init__(self, folder, command):
        self.folder = folder
        tools = folder / "tools"
        tools.mkdir()
        scripts = {
            "sudo": '#!/bin/sh\nexec "$@"\n',
            "tee": f'#!/bin/sh\nmkdir -p "{folder}$(dirname "$1")"\nexec cat > "{folder}$1"\n',
            **dict.fromkeys(
                ("groupadd", "usermod", "udevadm"), f'#!/bin/sh\necho "$(basename "$0") $*" >> "{folder}/did"\n'
            ),
        }
        for name, text in scripts.items():
            (tools / name).write_text(text)
            (tools / name).chmod(0o755)
        environ = {"PATH": f"{tools}:{os.environ['PATH']}", "USER": "mara"}
        subprocess.run(["sh", "-c", command], check=True, env=environ, timeout=30, stdout=subprocess.DEVNULL)
        self.did = (folder / "did").read_text().splitlines()
        (self.rules,) = (folder / "etc/udev/rules.d").iterdir()

    def add(self, subsystem, device):
        """What the rule runs when a device (its path below /sys) is added."""
        (line,) = self.rules.read_text().splitlines()
        keys = re.findall(r'([A-Z]+(?:\{\w+\})?)(==|\+=)"([^"]*)"', line)
        facts = {"ACTION": "add", "SUBSYSTEM": subsystem, "KERNEL": Path(device).name}
        for key, sign, value in keys:
            if key.startswith("ATTR{"):
                found = (self.folder / "sys" / device / key[5:-1]).read_text().strip()
            else:
                found = facts.get(key, "")
            if sign == "==" and not fnmatch.fnmatchcase(found, value):
                return False
        for key, sign, value in keys:
            if (key, sign) == ("RUN", "+="):
                words = value.replace("/sys%p", f"{self.folder}/sys/{device}").split()
                words = [words[0], str(os.getgid()), *words[2:]] if words[0].endswith("chgrp") else words
                subprocess.run([shutil.which(Path(words[0]).name), *words[1:]], check=True, timeout=10)
        return True


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_rule_for_powercap_opens_the_counters_of_zones_and_nothing_else(tmp_path):
    denied = next(one for one in findings("all_0400") if one.channel == "package-0")
    zone = tmp_path / "sys/devices/virtual/powercap/intel-rapl/intel-rapl:0"
    zone.mkdir(parents=True)
    for name in ("energy_uj", "constraint_0_power_limit_uw"):
        (zone / name).write_text("1")
        (zone / name).chmod(0o400)
    udev = Udev(tmp_path, command_in(denied.fix))
    assert udev.add("powercap", "devices/virtual/powercap/intel-rapl/intel-rapl:0")
    assert mode(zone / "energy_uj") == 0o440
    assert mode(zone / "constraint_0_power_limit_uw") == 0o400
    assert not udev.add("powercap", "devices/virtual/powercap/dtpm")
    assert not udev.add("net", "devices/virtual/powercap/intel-rapl/intel-rapl:0")
    assert "groupadd --force --system energy" in udev.did
    assert "usermod --append --groups energy mara" in udev.did
    assert "udevadm control --reload" in udev.did


def test_the_rule_for_a_driver_opens_its_file_whatever_number_it_has_next_time(tmp_path):
    text = next(path for path in HOSTS if path.stem == "hwmon_acpi_meter").read_text()
    attribute = re.search(r"== (/sys/class/hwmon/(\w+)/(device/)?(power1_average))", text)
    text = re.sub(
        rf"== {re.escape(attribute.group(1))}( \w+)?\n[^=]*", f"== {attribute.group(1)} series\n!EACCES\n", text
    )
    found = doctor.of_host(RecordedHost.from_text(text)).findings
    denied = next(one for one in found if one.collector == "hwmon" and "permission denied" in (one.why or ""))
    device = tmp_path / "sys/class/hwmon/hwmon7"
    file = device / (attribute.group(3) or "") / "power1_average"
    file.parent.mkdir(parents=True)
    (device / "name").write_text("power_meter\n")
    file.write_text("1")
    file.chmod(0o400)
    udev = Udev(tmp_path, command_in(denied.fix))
    assert udev.add("hwmon", "class/hwmon/hwmon7")
    assert mode(file) == 0o440
    (device / "name").write_text("coretemp\n")
    assert not udev.add("hwmon", "class/hwmon/hwmon7")


def test_counters_mounted_elsewhere_are_found_by_the_sysroot_of_the_docker_command(tmp_path):
    """The folder that the printed flags make: /host holds the machine's proc and sys."""
    fix = in_container("docker", rootless=False, of="cpu")
    assert re.findall(r"-v (/\w+):(/host/\w+):ro", fix) == [("/proc", "/host/proc"), ("/sys", "/host/sys")]
    zone = tmp_path / "host/sys/class/powercap/intel-rapl:0"
    zone.mkdir(parents=True)
    for name, text in (("name", "package-0"), ("energy_uj", "1000"), ("max_energy_range_uj", "262143328850")):
        (zone / name).write_text(text)
    (tmp_path / "host/proc").mkdir()
    (tmp_path / "host/proc/cpuinfo").write_text("processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t: fpu\n")
    environ = {"FOOTPRINT_SYSROOT": str(tmp_path / "host"), "FOOTPRINT_HOME": str(tmp_path / "home")}
    found = doctor.look(environ)
    assert [one.channel for one in found.findings if one.state == "measured"] == ["package-0"]


@pytest.mark.skipif(shutil.which("unshare") is None or os.geteuid() != 0, reason="needs root to mount")
def test_a_masked_powercap_is_hidden_and_the_mount_beside_it_is_not(tmp_path):
    """As a runtime does it: a folder of the tree is covered by an empty one, after its own mounts."""
    zone = tmp_path / "sys/devices/virtual/powercap/intel-rapl:0"
    zone.mkdir(parents=True)
    (zone / "energy_uj").write_text("1000\n")
    (tmp_path / "host").mkdir()
    script = (
        f"mount --bind {tmp_path}/sys {tmp_path}/host && mount -t tmpfs tmpfs {tmp_path}/sys/devices/virtual/powercap && "
        f"ls {tmp_path}/sys/devices/virtual/powercap && cat {tmp_path}/host/devices/virtual/powercap/intel-rapl:0/energy_uj"
    )
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script], capture_output=True, text=True, check=False, timeout=30
    )
    if "ermission" in done.stderr or "not permitted" in done.stderr:
        pytest.skip("mounting is not allowed here")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "1000\n"
