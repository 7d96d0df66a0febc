"""Inside mounts of its own, as a container's runtime makes them: what is covered is missed, what is mounted beside is read.

Needs a Linux on which this user may make mounts for itself (``unshare``).
"""

import json
import os
import shutil
import subprocess
import sys

import pytest

CPUINFO = (
    "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) Gold 6148 CPU\nflags\t\t: fpu msr\n"
)
COVERED = """
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs {at}
mkdir {at}/sys {at}/proc
mount --bind {made}/sys {at}/sys
mount --bind {made}/proc {at}/proc
mount --bind {made}/proc/cpuinfo /proc/cpuinfo
mount --bind {made}/sys /sys
mount -t tmpfs tmpfs /sys/devices/virtual/powercap
{python} -m footprint doctor --json > {out}/inside.json
FOOTPRINT_SYSROOT={at} {python} -m footprint doctor --json > {out}/beside.json
{python} -m footprint doctor --bundle {out}/inside.txt > /dev/null
"""


def may_mount():
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", "mount --make-rprivate / && mount -t tmpfs tmpfs /mnt"],
        capture_output=True, check=False, timeout=30,
    )  # fmt: skip
    return done.returncode == 0


@pytest.fixture
def made(tmp_path):
    """A machine with one package, whose class folder leads to its device as the kernel's does."""
    zone = tmp_path / "made/sys/devices/virtual/powercap/intel-rapl:0"
    zone.mkdir(parents=True)
    for name, text in (("name", "package-0"), ("energy_uj", "61283004150"), ("max_energy_range_uj", "262143328850")):
        (zone / name).write_text(text + "\n")
    links = tmp_path / "made/sys/class/powercap"
    links.mkdir(parents=True)
    (links / "intel-rapl:0").symlink_to("../../devices/virtual/powercap/intel-rapl:0")
    (tmp_path / "made/proc").mkdir()
    (tmp_path / "made/proc/cpuinfo").write_text(CPUINFO)
    return tmp_path / "made"


@pytest.mark.skipif(not may_mount(), reason="this user may not mount")
def test_covered_counters_are_missed_with_the_flag_and_read_with_it(made, tmp_path):
    script = COVERED.format(at="/mnt", made=made, out=tmp_path, python=sys.executable)
    environ = os.environ | {"container": "podman"}
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environ,
    )
    assert done.returncode == 0, done.stderr
    inside, beside = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("inside", "beside"))
    assert not [one for one in inside["channels"] if one["state"] == "measured"]
    hidden = next(one for one in inside["channels"] if one["channel"] == "package-0")
    assert "-v /sys:/host/sys:ro -e FOOTPRINT_SYSROOT=/host" in hidden["command"]
    assert [one["channel"] for one in beside["channels"] if one["state"] == "measured"] == ["package-0"]
    assert inside["host"]["container"] is not None
    again = subprocess.run(
        [sys.executable, "-m", "footprint", "doctor", "--json", "--from", str(tmp_path / "inside.txt")],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert json.loads(again.stdout)["channels"] == inside["channels"]


def test_a_run_says_in_which_kind_of_container_it_was(tmp_path):
    """By what Kubernetes puts into every pod's environment."""
    path = tmp_path / "run.json"
    subprocess.run(
        [sys.executable, "-m", "footprint", "run", "--quiet", "--json", str(path), "--", "true"],
        check=True, timeout=60, env=os.environ | {"KUBERNETES_SERVICE_HOST": "10.0.0.1"},
    )  # fmt: skip
    assert json.loads(path.read_text())["host"]["container"] == "kubernetes"
