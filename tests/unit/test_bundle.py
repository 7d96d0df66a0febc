"""A host written down by ``doctor --bundle``: nothing personal is in it, and it replays as what it was made from."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from virtual_host.fake_nvml import FakeGpu

from footprint import bundle, config, doctor
from footprint.collectors.host import RealHost
from footprint.collectors.recorded_host import RecordedHost
from footprint.collectors.redaction import CUT, Redaction
from footprint.errors import UsageError

HOSTS = Path(__file__).parent.parent / "hosts"
SETTINGS = config.load({}, {"FOOTPRINT_HOME": "/"}, folder="/")


def told(host):
    return doctor.as_document(doctor.of_host(host))


@pytest.mark.parametrize("path", sorted(HOSTS.glob("*.txt")), ids=lambda path: path.stem)
def test_what_is_written_of_a_recorded_host_says_the_same_to_doctor(path):
    made = bundle.of_host(RecordedHost.from_archive(str(path)), SETTINGS)
    assert told(RecordedHost.from_text(made.text)) == told(RecordedHost.from_archive(str(path)))


@pytest.mark.parametrize("path", sorted(HOSTS.glob("*.txt")), ids=lambda path: path.stem)
def test_what_is_written_may_be_written_again(path):
    """Nothing is replaced twice, and nothing is lost on the way."""
    once = bundle.of_host(RecordedHost.from_archive(str(path)), SETTINGS).text
    twice = bundle.of_host(RecordedHost.from_text(once), SETTINGS).text
    assert told(RecordedHost.from_text(twice)) == told(RecordedHost.from_text(once))


def personal(folder):
    """A machine full of what must not leave it; and the words that may not be in a recording."""
    uid = "0f3b9c1e-7a52-4d6e-9b1f-2c8d4e5f6a7b"
    container = "4ad9b0c2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f5061728394a5b6c7d8e"
    files = {
        "proc/cpuinfo": "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n\nSerial\t: 10000000a1b2c3d4\n",
        "proc/meminfo": "MemTotal: 4000000 kB\n",
        "proc/version": "Linux version 6.1.0 (alice@buildbox) (gcc 12) #1 SMP\n",
        "proc/sys/kernel/osrelease": "6.1.0-alice-custom\n",
        "sys/class/dmi/id/sys_vendor": "Dell Inc.\n",
        "sys/class/dmi/id/product_name": "PowerEdge R740\n",
        "sys/class/dmi/id/product_serial": "CN7016361A00AB\n",
        "sys/class/power_supply/hid-00:1f:20:ab:cd:ef-battery/type": "Battery\n",
        "sys/class/power_supply/hid-00:1f:20:ab:cd:ef-battery/scope": "Device\n",
        "sys/class/hwmon/hwmon0/name": "power_meter\n",
        "sys/class/hwmon/hwmon0/power1_average": "123000000\n",
        "sys/class/hwmon/hwmon0/power1_serial_number": "SN99887766\n",
        "sys/class/hwmon/hwmon0/device/uevent": "DRIVER=power_meter\nHID_UNIQ=00:1f:20:ab:cd:ef\nOWNER=alice\n",
        "run/cloud-init/instance-data.json": json.dumps(
            {"v1": {"cloud_name": "aws", "region": "eu-west-3", "instance_id": "i-0abc", "local_hostname": "alice-box"}}
        ),
        "etc/timezone": "Europe/Paris\n",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    secrets = (
        "alice", "buildbox", "a1b2c3d4", "CN7016361A00AB", "00:1f:20:ab:cd:ef", "SN99887766", "i-0abc", "Paris",
        "hunter2", uid, container, container[:12], "train_secret",
    )  # fmt: skip
    return uid, container, secrets


class PersonalHost(RealHost):
    """Its own /proc tells of a service of alice's in a container."""

    def __init__(self, folder, uid, container):
        environ = {"FOOTPRINT_TOKEN": "hunter2", "HOME": "/home/alice", "FOOTPRINT_REGION": "FR", "SECRET": "hunter2"}
        super().__init__(str(folder), environ | {"CUDA_VISIBLE_DEVICES": f"GPU-{uid}"})
        group = f"/user.slice/user-1000.slice/alice.slice/docker-{container}.scope"
        self._own = {
            "/proc/self/cgroup": f"0::{group}\n",
            "/proc/self/status": "Name:\ttrain_secret\nUid:\t1000\nCpus_allowed_list:\t0\n",
            "/proc/self/mountinfo": f"30 20 0:25 / / rw - overlay overlay rw,lowerdir=/var/lib/docker/{container}\n"
            "31 30 8:1 /home/alice /home/alice rw - nfs buildbox:/alice rw\n",
            f"/sys/fs/cgroup{group}/cpu.max": "50000 100000\n",
            "/proc/7/stat": "7 (train_secret) S 0 1 1 0\n",
        }
        self._listed = {f"/sys/fs/cgroup{group}": ["cgroup.procs", "alice.scope"], "/sys/fs/cgroup": ["cgroup.procs"]}

    def read_proc(self, path):
        if path not in self._own:
            raise FileNotFoundError(2, "No such file or directory", path)
        return self._own[path].encode()

    def list_proc(self, path):
        return self._listed.get(path, [])

    def pid(self):
        return 7


def test_nothing_personal_is_written(tmp_path):
    uid, container, secrets = personal(tmp_path)
    host = PersonalHost(tmp_path, uid, container)
    made = bundle.of_host(host, SETTINGS, names=("alice", "buildbox"))
    for secret in secrets:
        assert secret.lower() not in made.text.lower(), secret
    assert made.variables == ("FOOTPRINT_REGION", "CUDA_VISIBLE_DEVICES")
    replayed = told(RecordedHost.from_text(made.text))
    assert replayed["region"]["zone"] == "FR"
    assert replayed["host"]["container"] == "docker"
    assert replayed["allocation"]["cpus"] == 0.5
    assert replayed["host"]["cpu"].startswith("Arm Cortex-A72")


@pytest.mark.parametrize(
    ("path", "text", "kept"),
    [
        ("/sys/class/dmi/id/board_serial", "ABC123", CUT),
        ("/sys/class/net/eth0/address", "aa:bb:cc:dd:ee:ff", CUT),
        ("/proc/7/cmdline", "python\0train.py\0--token=x", CUT),
        ("/sys/x", "GPU-0f3b9c1e-7a52-4d6e-9b1f-2c8d4e5f6a7b", "GPU-id-1"),
        ("/sys/x", "262143328850", "262143328850"),
        ("/sys/x", "2.3283064365386962890625e-10", "2.3283064365386962890625e-10"),
        ("/sys/x", "0000:01:00.0", "0000:01:00.0"),
        ("/proc/sysinfo", "Type: 8561\nVM00 Name: ALICEVM\nSequence Code: 00000000000A1B2C", "Type: 8561"),
        ("/proc/cpuinfo", "processor 0: version = 00,  identification = 2733E8,  machine = 8561",
         "processor 0: version = 00,  machine = 8561"),
    ],
)  # fmt: skip
def test_a_file_is_kept_as_far_as_it_tells_of_hardware(path, text, kept):
    assert Redaction().content(path, text) == kept


def test_one_thing_has_one_name_everywhere():
    redaction = Redaction()
    uuid = "0F3B9C1E-7a52-4d6e-9b1f-2c8d4e5f6a7b"
    assert redaction.text(f"GPU-{uuid}") == redaction.text(f"GPU-{uuid.lower()}") == "GPU-id-1"
    assert redaction.abbreviated("GPU-0f3b9,1") == "GPU-id-1,1"
    assert redaction.path("/sys/fs/cgroup/user.slice/user-1000.slice/cpu.max").endswith(
        "/user.slice/user-id-2.slice/cpu.max"
    )


@pytest.fixture
def said(tmp_path):
    def run(*words):
        return subprocess.run(
            [sys.executable, "-m", "footprint", "doctor", *words],
            capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path,
        )  # fmt: skip

    return run


def test_the_verb_writes_this_machine_and_says_what_is_in_it(said, tmp_path):
    done = said("--bundle", "host.txt")
    assert done.returncode == 0, done.stderr
    assert "Files in it: " in done.stdout
    text = (tmp_path / "host.txt").read_text()
    assert len(text) < 1_000_000
    for name in {os.uname().nodename, os.environ.get("USER", "")} - {"root", "localhost"}:
        assert len(name) < 3 or name not in text
    now, replayed = (json.loads(said(*words).stdout) for words in (("--json",), ("--from", "host.txt", "--json")))
    for key in ("channels", "allocation"):
        assert replayed[key] == now[key]
    assert replayed["host"] | {"id": ""} == now["host"] | {"id": ""}


def test_a_file_that_is_there_is_not_replaced(said, tmp_path):
    (tmp_path / "host.txt").write_text("mine")
    done = said("--bundle", "host.txt")
    assert done.returncode == 2
    assert (tmp_path / "host.txt").read_text() == "mine"
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_one_line(said, tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert said("--bundle", "host.txt").returncode == 2


@pytest.mark.parametrize("content", [None, "", "== relative\n", b"\xff\xfe"])
def test_a_file_that_holds_no_host_is_refused_in_a_line(tmp_path, content):
    path = tmp_path / "host.txt"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    if content == "":
        doctor.recorded(str(path))  # a machine that says nothing
        return
    with pytest.raises(UsageError):
        doctor.recorded(str(path))


def test_gpus_are_written_down_with_what_their_library_says(fake_gpus, tmp_path):
    """By the real binding on a library that answers for GPUs which do not exist; who runs on them is not noted."""
    gpus = fake_gpus(
        FakeGpu(), FakeGpu(energy=False), FakeGpu(energy=False, power=False), FakeGpu(processes=False),
        FakeGpu(energy=False, mean=True, fields=True), FakeGpu(slices=((3, 40_960), (4, 40_960))),
    )  # fmt: skip
    gpus.run_on(0, (os.getpid(), 40))
    environ = os.environ | dict(gpus.environ) | {"CUDA_VISIBLE_DEVICES": gpus.uuid(1)[:10]}
    said = {}
    for name, words in {
        "now": ("--json",),
        "wrote": ("--bundle", "gpus.txt"),
        "then": ("--from", "gpus.txt", "--json"),
    }.items():
        done = subprocess.run(
            [sys.executable, "-m", "footprint", "doctor", *words],
            capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path,
            env=environ if name != "then" else os.environ,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        said[name] = done.stdout
    now, then = json.loads(said["now"]), json.loads(said["then"])
    assert [one["channel"] for one in now["channels"] if one["kind"] == "gpu" and one["state"] == "measured"]
    assert then["channels"] == now["channels"]
    assert then["host"]["gpus"] == now["host"]["gpus"]
    text = (tmp_path / "gpus.txt").read_text()
    for index in range(6):
        assert gpus.uuid(index).removeprefix("GPU-") not in text
    assert str(os.getpid()) not in "".join(line for line in text.splitlines() if "pid" in line)
    assert "nvmlDeviceGetComputeRunningProcesses" not in text or '"pid"' not in text
