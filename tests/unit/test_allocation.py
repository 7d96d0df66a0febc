"""What a run holds: the tightest of cpuset, quota and Slurm; alone only where that is sure."""

import pytest

from footprint.collectors.allocation import Neighbours, allocation
from footprint.collectors.host import RealHost
from footprint.collectors.machine import HostInfo

INFO = HostInfo("home", "Linux", "cpu", 8, memory_gb=32.0)


class OwnHost(RealHost):
    """The job's own /proc and cgroup tree in a folder; this process is number 50, started by 40, by 1."""

    def __init__(self, folder, cpus="0-7", cgroup="0::/\n"):
        super().__init__("", {})
        self.folder = folder
        self.write("/proc/self/status", f"Name:\tx\nCpus_allowed_list:\t{cpus}\n")
        if cgroup is not None:
            self.write("/proc/self/cgroup", cgroup)
        for pid, parent in ((50, 40), (40, 1), (1, 0)):
            self.write(f"/proc/{pid}/stat", f"{pid} (a (b) c) S {parent} 1 1")

    def write(self, path, text):
        target = self.folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return self

    def group(self, path="", procs="1\n40\n50\n", **files):
        folder = "/sys/fs/cgroup" + path
        self.write(f"{folder}/cgroup.procs", procs)
        for name, text in files.items():
            self.write(f"{folder}/{name.replace('__', '.')}", text)
        return self

    def read_proc(self, path):
        return (self.folder / path.lstrip("/")).read_bytes()

    def list_proc(self, path):
        folder = self.folder / path.lstrip("/")
        return [entry.name for entry in folder.iterdir()] if folder.is_dir() else []

    def pid(self):
        return 50


def test_without_any_limit_the_run_holds_the_whole_host_and_is_not_alone(tmp_path):
    found = allocation(OwnHost(tmp_path).group(cpu__max="max 100000\n", memory__max="max\n"), INFO, {})
    assert (found.cpus, found.how, found.alone, found.memory_gb, found.gpus) == (8.0, "whole-host", False, None, None)


def test_where_nothing_can_be_read_the_allocation_is_unknown(tmp_path):
    host = OwnHost(tmp_path, cgroup=None)
    (tmp_path / "proc/self/status").unlink()
    assert allocation(host, INFO, {}).how == "unknown"


def test_a_cpuset_limits(tmp_path):
    found = allocation(OwnHost(tmp_path, cpus="2-3").group(), INFO, {})
    assert (found.cpus, found.how, found.alone) == (2.0, "cpuset", False)


def test_the_tightest_quota_up_to_the_root_counts(tmp_path):
    host = OwnHost(tmp_path, cgroup="0::/a/b\n").group()
    host.group("/a", cpu__max="150000 100000\n", memory__max="4000000000\n")
    host.group("/a/b", cpu__max="400000 100000\n", memory__max="max\n")
    found = allocation(host, INFO, {})
    assert (found.cpus, found.how, found.memory_gb) == (1.5, "cgroup-quota", 4.0)
    assert not found.alone, "the group that limits it has a group inside"


def test_version_1_of_cgroups_limits_too(tmp_path):
    host = OwnHost(tmp_path, cgroup="4:memory:/docker/1\n3:cpu,cpuacct:/docker/1\n0::/\n")
    host.group("/cpu", cpu__cfs_quota_us="50000\n", cpu__cfs_period_us="100000\n")
    host.group("/memory", memory__limit_in_bytes="2000000000\n")
    found = allocation(host, INFO, {})
    assert (found.cpus, found.how, found.memory_gb, found.alone) == (0.5, "cgroup-quota", 2.0, True)


def test_version_1_writes_a_huge_number_for_no_limit(tmp_path):
    host = OwnHost(tmp_path, cgroup="4:memory:/\n3:cpu:/\n")
    host.group("/cpu", cpu__cfs_quota_us="-1\n", cpu__cfs_period_us="100000\n")
    host.group("/memory", memory__limit_in_bytes="9223372036854771712\n")
    found = allocation(host, INFO, {})
    assert (found.cpus, found.how, found.memory_gb) == (8.0, "whole-host", None)


def test_a_memory_limit_above_the_hosts_is_none(tmp_path):
    assert allocation(OwnHost(tmp_path).group(memory__max="64000000000\n"), INFO, {}).memory_gb is None


@pytest.mark.parametrize(
    ("procs", "alone"),
    [("1\n40\n50\n", True), ("50\n", True), ("1\n40\n50\n77\n", False), ("0\n50\n", False), ("", False)],
)
def test_alone_is_who_shares_the_limiting_group_with_ancestors_only(tmp_path, procs, alone):
    host = OwnHost(tmp_path).group(procs=procs, cpu__max="200000 100000\n")
    assert allocation(host, INFO, {}).alone is alone


def test_neighbours_who_come_later_are_seen(tmp_path):
    host = OwnHost(tmp_path).group(cpu__max="200000 100000\n")
    neighbours = Neighbours(host)
    host.group(procs="1\n40\n50\n60\n")
    assert neighbours.none_but(frozenset({60}))
    host.group(procs="1\n40\n50\n60\n99\n")
    assert not neighbours.none_but(frozenset({60}))


def test_without_a_limit_nobody_is_known_to_be_alone(tmp_path):
    assert not Neighbours(OwnHost(tmp_path).group()).none_but(frozenset())


@pytest.mark.parametrize(
    ("environ", "cpus"),
    [
        ({"SLURM_CPUS_ON_NODE": "4"}, 4.0),
        ({"SLURM_CPUS_ON_NODE": "4", "SLURM_PROCID": "0", "SLURM_CPUS_PER_TASK": "2"}, 2.0),
        ({"SLURM_CPUS_ON_NODE": "4", "SLURM_PROCID": "0", "SLURM_STEP_TASKS_PER_NODE": "2(x3)"}, 2.0),
    ],
)
def test_slurm_says_what_a_rank_holds(tmp_path, environ, cpus):
    environ = {"SLURM_JOB_ID": "7", "SLURM_MEM_PER_NODE": "16000", **environ}
    found = allocation(OwnHost(tmp_path).group(), INFO, environ)
    assert (found.cpus, found.how, found.memory_gb) == (cpus, "slurm", 16.0)


def test_slurm_variables_without_a_job_say_nothing(tmp_path):
    assert allocation(OwnHost(tmp_path).group(), INFO, {"SLURM_CPUS_ON_NODE": "4"}).how == "whole-host"


def test_on_this_machine_the_run_holds_something():
    found = allocation(RealHost(), INFO, {})
    assert 0 < found.cpus <= 8
