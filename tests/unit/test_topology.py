"""Processors, cores, sockets and memory of machines of many makes: right, or not known."""

from pathlib import Path

import pytest

from footprint.collectors.inventory import inventory
from footprint.collectors.recorded_host import RecordedHost
from footprint.processor import class_of

HOSTS = Path(__file__).parent.parent / "hosts"


def machine(name):
    return inventory(RecordedHost.from_archive(str(HOSTS / f"{name}.txt")), "")


@pytest.mark.parametrize(
    ("name", "cpu", "logical", "sockets", "cores", "memory_gb"),
    [
        ("topology_big_little", "4 Arm Cortex-A53 + 2 Arm Cortex-A72 (Pine64 RockPro64 v2.1)", 6, None, 6, 3.985),
        ("topology_arm_two_sockets", "Arm Neoverse-N1", 8, 2, 8, 269.3),
        ("topology_arm_unsaid", "1 Arm Neoverse-N1 + 1 Arm 0x99:0x001", 2, None, 2, None),
        ("topology_power9", "POWER9, altivec supported", 12, 2, 3, 614.4),
        ("topology_power10", "POWER10 (architected), altivec supported", 16, None, 2, 122.9),
        ("topology_s390", "IBM/S390 8561", 6, None, 3, 16.79),
        ("topology_riscv", "sifive,u74-mc", 4, None, 4, 8.192),
        ("topology_loongarch", "Loongson-3A5000", 4, 1, 4, 16.59),
        ("topology_hybrid", "12th Gen Intel(R) Core(TM) i5-1235U", 8, 1, 6, 16.38),
        ("topology_offline", "Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz", 6, 2, 6, 65.54),
        ("topology_smt_off", "Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz", 4, 2, 4, 65.54),
        ("topology_sub_numa", "Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz", 8, 1, 4, 196.6),
    ],
)
def test_a_machine_is_counted_right_or_not_at_all(name, cpu, logical, sockets, cores, memory_gb):
    found = machine(name)
    assert (found.cpu, found.logical_cpus, found.sockets, found.cores) == (cpu, logical, sockets, cores)
    assert found.memory_gb == (None if memory_gb is None else pytest.approx(memory_gb, rel=1e-3))


@pytest.mark.parametrize(
    ("name", "kind", "logical", "sockets", "cores", "memory_gb"),
    [
        ("container_docker", "docker", 4, 1, 2, 65.536),
        ("container_kubernetes", "kubernetes", 4, 1, 2, 65.536),
        ("container_cgroup_v1", "docker", 4, 1, 2, 65.536),
        ("container_hybrid", "docker", 4, 1, 2, 65.536),
        ("container_podman_rootless", "podman", 4, 1, 2, 65.536),
        ("container_lxcfs", "lxc", 8, 1, 4, 65.536),
        ("container_nspawn", "systemd-nspawn", 4, 1, 2, 65.536),
        ("container_gvisor", "gvisor", 4, None, None, 65.536),
        ("container_wsl2", "wsl", 4, 1, 2, 65.536),
    ],
)
def test_inside_a_container_the_machine_is_described_and_not_the_container(
    name, kind, logical, sockets, cores, memory_gb
):
    found = machine(name)
    assert (found.container, found.logical_cpus, found.sockets, found.cores) == (kind, logical, sockets, cores)
    assert found.memory_gb == pytest.approx(memory_gb)
    assert bool(found.faked) == (name == "container_lxcfs")


def test_a_board_of_several_designs_is_modelled_as_a_board():
    assert class_of(machine("topology_big_little").cpu, battery=False) == "board"
    assert class_of(machine("topology_arm_two_sockets").cpu, battery=False) == "server"


@pytest.mark.parametrize("gone", ["physical_package_id", "core_cpus_list"])
def test_what_one_cpu_does_not_say_is_not_known_of_the_machine(gone):
    text = (
        (HOSTS / "topology_arm_two_sockets.txt").read_text().replace("== /sys/devices/system/cpu/smt/active\n0\n", "")
    )
    kept, dropped, lines = [], False, text.splitlines()
    for line in lines:
        if line.startswith("== "):
            dropped = line.endswith((f"cpu7/topology/{gone}", f"cpu4/topology/{gone}"))
        if not dropped:
            kept.append(line)
    found = inventory(RecordedHost.from_text("\n".join(kept)), "")
    assert (found.sockets is None) == (gone == "physical_package_id")
    assert (found.cores is None) == (gone == "core_cpus_list")
