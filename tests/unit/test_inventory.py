"""What machine this is, from files of machines of many kinds."""

import os

import pytest

from footprint.collectors.host import RealHost
from footprint.collectors.inventory import affinity, inventory, listed

XEON = """processor\t: {number}
vendor_id\t: GenuineIntel
model name\t: Intel(R) Xeon(R)   Gold 6248 CPU @ 2.50GHz
physical id\t: {socket}
siblings\t: {siblings}
core id\t\t: {core}
cpu cores\t: {cores}
flags\t\t: fpu vme {flags}

"""


MOUNTS = "30 20 0:25 / / rw - overlay overlay rw\n31 30 8:1 {} rw,relatime - ext4 /dev/sda1 rw\n"


class FolderHost(RealHost):
    """A folder for the hardware and another for the job's own /proc; an environment of its own."""

    def __init__(self, folder, environ=()):
        super().__init__(str(folder), dict(environ))
        self.folder = folder

    def write(self, path, text):
        target = self.folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return self

    def read_proc(self, path):
        return (self.folder / "own" / path.lstrip("/")).read_bytes()

    def list_proc(self, path):
        folder = self.folder / "own" / path.lstrip("/")
        return [entry.name for entry in folder.iterdir()] if folder.is_dir() else []


@pytest.fixture
def host(tmp_path):
    return FolderHost(tmp_path)


def two_sockets(host, flags="", siblings=2):
    blocks = [
        XEON.format(number=number, socket=number // 2, siblings=siblings, core=number % 2, cores=2, flags=flags)
        for number in range(4)
    ]
    host.write("/proc/cpuinfo", "".join(blocks))
    host.write("/sys/devices/system/cpu/online", "0-3\n")
    return host


def test_a_server_with_two_sockets(host):
    two_sockets(host).write("/proc/meminfo", "MemTotal:       1000000 kB\nMemFree: 5 kB\n")
    host.write("/sys/class/dmi/id/sys_vendor", "Dell Inc.\n")
    info = inventory(host, "home")
    assert info.id == "home"
    assert info.system == "Linux"
    assert info.cpu == "Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz"
    assert (info.logical_cpus, info.sockets, info.cores) == (4, 2, 4)
    assert info.memory_gb == pytest.approx(1.024)
    assert info.virtual is False
    assert info.container is None
    assert info.battery is False


def test_sockets_are_counted_where_siblings_do_not_divide_evenly(host):
    info = inventory(two_sockets(host, siblings=3), "")
    assert (info.sockets, info.cores) == (2, 4)


def test_processors_are_counted_where_the_kernel_lists_none_as_online(host):
    two_sockets(host)
    (host.folder / "sys/devices/system/cpu/online").unlink()
    assert inventory(host, "").logical_cpus == 4


def test_a_machine_that_says_nothing_has_the_cpus_that_this_process_may_use(host):
    host.write("/own/proc/self/status", "Name:\tx\nCpus_allowed_list:\t0-1,4\n")
    info = inventory(host, "")
    assert (info.logical_cpus, info.cpu, info.memory_gb, info.virtual, info.sockets) == (3, "", None, None, None)


def test_the_hypervisor_flag_makes_it_virtual(host):
    assert inventory(two_sockets(host, flags="hypervisor"), "").virtual is True


@pytest.mark.parametrize(
    ("files", "virtual"),
    [
        ({"/sys/class/dmi/id/sys_vendor": "QEMU"}, True),
        ({"/sys/class/dmi/id/sys_vendor": "Amazon EC2", "/sys/class/dmi/id/product_name": "c7g.large"}, True),
        ({"/sys/class/dmi/id/sys_vendor": "Amazon EC2", "/sys/class/dmi/id/product_name": "c7g.metal"}, False),
        ({"/sys/class/dmi/id/sys_vendor": "Ampere"}, False),
        ({"/sys/hypervisor/type": "xen"}, True),
        ({"/proc/device-tree/compatible": "linux,dummy-virt\0"}, True),
        ({"/proc/device-tree/compatible": "raspberrypi,4-model-b\0"}, False),
        ({}, None),
    ],
)
def test_an_arm_machine_is_virtual_where_firmware_or_hypervisor_say_so(host, files, virtual):
    host.write("/proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n")
    for path, text in files.items():
        host.write(path, text)
    assert inventory(host, "").virtual is virtual


@pytest.mark.parametrize(
    ("cpuinfo", "board", "name"),
    [
        ("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n", "", "Arm Neoverse-N1"),
        ("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n", "Pi 4\0", "Arm Cortex-A72 (Pi 4)"),
        ("processor\t: 0\nCPU implementer\t: 0x99\nCPU part\t: 0x001\n", "", "Arm 0x99:0x001"),
        ("processor\t: 0\ncpu\t\t: POWER9, altivec supported\n", "", "POWER9, altivec supported"),
        ("vendor_id : IBM/S390\nprocessor 0: version = 00,  machine = 8561\n", "", "IBM/S390 8561"),
        ("processor\t: 0\nisa\t: rv64imafdc\nuarch\t: sifive,u74-mc\n", "", "sifive,u74-mc"),
        ("processor\t: 0\n", "A board\0", "A board"),
        (
            "processor\t: 0\ncpu family\t: 25\nmodel\t: 17\nmodel name\t: AMD EPYC\n",
            "",
            "AMD EPYC (family 25 model 17)",
        ),
        (
            "cpu family\t: 6\nmodel\t: 85\nmodel name\t: Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz\n",
            "",
            "Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz",
        ),
        (
            "cpu family\t: 6\nmodel\t: 79\nmodel name\t: Intel(R) Xeon(R) CPU @ 2.20GHz\n",
            "",
            "Intel(R) Xeon(R) CPU @ 2.20GHz (family 6 model 79)",
        ),
    ],
)
def test_processors_of_all_makers_have_a_name(host, cpuinfo, board, name):
    host.write("/proc/cpuinfo", cpuinfo)
    if board:
        host.write("/proc/device-tree/model", board)
    assert inventory(host, "").cpu == name


@pytest.mark.parametrize(
    ("environ", "path", "cgroup", "kind"),
    [
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "/.dockerenv", "", "kubernetes"),
        ({}, "/.dockerenv", "", "docker"),
        ({"container": "podman"}, "/run/.containerenv", "", "podman"),
        ({"container": "lxc"}, "", "", "lxc"),
        ({}, "", "0::/kubepods.slice/kubepods-pod1.slice", "kubernetes"),
        ({}, "", "0::/system.slice/docker.service", None),
        ({}, "", "0::/user.slice", None),
        ({}, "/var/run/secrets/kubernetes.io/serviceaccount/token", "0::/", "kubernetes"),
        ({}, "/own/.dockerenv", "0::/", "docker"),
        ({}, "/own/run/.containerenv", "0::/", "podman"),
    ],
)
def test_a_container_is_known_by_its_marks(tmp_path, environ, path, cgroup, kind):
    host = two_sockets(FolderHost(tmp_path, environ)).write("/own/proc/self/cgroup", cgroup)
    if path:
        host.write(path, "")
    assert inventory(host, "").container == kind


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("/run/host/container-manager", "systemd-nspawn\n", "systemd-nspawn"),
        ("/own/run/systemd/container", "lxc\n", "lxc"),
        ("/proc/sys/kernel/osrelease", "5.15.167.4-microsoft-standard-WSL2\n", "wsl"),
        ("/proc/sys/kernel/osrelease", "4.19.0-gvisor\n", "gvisor"),
        ("/proc/version", "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n", "gvisor"),
        ("/own/proc/self/mountinfo", MOUNTS.format("/var/lib/kubelet/pods/uid/etc-hosts /etc/hosts"), "kubernetes"),
        ("/own/proc/self/mountinfo", MOUNTS.format("/var/lib/docker/containers/id/hosts /etc/hosts"), "docker"),
        ("/own/proc/self/mountinfo", MOUNTS.format("/var/lib/docker/overlay2 /mnt"), None),
    ],
)
def test_a_container_is_known_by_what_its_manager_leaves(host, path, text, kind):
    two_sockets(host).write("/proc/sys/kernel/osrelease", "4.4.0\n").write(path, text)
    assert inventory(host, "").container == kind


def test_wsl_is_a_virtual_machine_on_processors_that_do_not_say_so(host):
    two_sockets(host).write("/proc/sys/kernel/osrelease", "5.15.167.4-microsoft-standard-WSL2\n")
    assert inventory(host, "").virtual is True


LXCFS = """30 20 0:25 / / rw - overlay overlay rw
31 30 0:44 /proc/cpuinfo /proc/cpuinfo rw,nosuid - fuse.lxcfs lxcfs rw
32 30 0:44 /proc/meminfo /proc/meminfo rw,nosuid - fuse.lxcfs lxcfs rw
33 30 0:44 /proc/stat /proc/stat rw,nosuid - fuse.lxcfs lxcfs rw
34 30 0:44 /sys/devices/system/cpu /sys/devices/system/cpu rw,nosuid - fuse.lxcfs lxcfs rw
"""


def test_what_lxcfs_shows_is_the_containers_and_the_machines_is_sought_elsewhere(tmp_path):
    """Two of eight CPUs and 2 of 16 GB are shown; the nodes have all, one of them memory alone."""
    host = two_sockets(FolderHost(tmp_path)).write("/sys/devices/system/cpu/online", "0-1\n")
    host.sysroot = ""  # lxcfs mounts are those of our own root
    host.read_text = lambda path: (tmp_path / path.lstrip("/")).read_text().strip()
    host.read_head = host.read_text
    host.list_dir = lambda path: (
        sorted(os.listdir(tmp_path / path.lstrip("/"))) if (tmp_path / path.lstrip("/")).is_dir() else []
    )
    host.exists = lambda path: (tmp_path / path.lstrip("/")).exists()
    host.write("/own/proc/self/mountinfo", LXCFS).write("/proc/meminfo", "MemTotal: 2000000 kB\n")
    for node, cpus, size in ((0, "0-7", 12_000_000), (1, "", 4_000_000)):
        host.write(f"/sys/devices/system/node/node{node}/cpulist", cpus + "\n")
        host.write(f"/sys/devices/system/node/node{node}/meminfo", f"Node {node} MemTotal:  {size} kB\n")
    info = inventory(host, "")
    assert (info.logical_cpus, info.memory_gb) == (8, pytest.approx(16.384))
    assert info.faked == "/proc/stat /proc/meminfo /proc/cpuinfo /sys/devices/system/cpu"
    (tmp_path / "sys/devices/system/node/node1/meminfo").unlink()
    assert inventory(host, "").memory_gb is None


def test_without_lxcfs_nothing_is_said_to_be_faked(host):
    two_sockets(host).write("/own/proc/self/mountinfo", MOUNTS.format("/ /mnt"))
    assert inventory(host, "").faked == ""


def test_a_mouse_with_a_battery_makes_no_laptop(host):
    two_sockets(host).write("/sys/class/power_supply/hid-mouse/type", "Battery\n")
    host.write("/sys/class/power_supply/hid-mouse/scope", "Device\n")
    host.write("/sys/class/power_supply/AC/type", "Mains\n")
    assert inventory(host, "").battery is False
    host.write("/sys/class/power_supply/BAT0/type", "Battery\n")
    assert inventory(host, "").battery is True


@pytest.mark.parametrize(("text", "count"), [("0", 1), ("0-3", 4), ("0-3,8,10-11\n", 7), ("", 0), ("nonsense", 0)])
def test_a_list_of_cpus_is_counted(text, count):
    assert listed(text) == count


def test_affinity_is_unknown_without_a_status_file(host):
    assert affinity(host) == 0


def test_this_machine_has_a_processor():
    info = inventory(RealHost(), "home")
    assert info.logical_cpus >= 1
    assert info.memory_gb is None or info.memory_gb > 0.1
