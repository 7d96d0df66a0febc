"""What a run holds: the tightest of cpuset, quota and Slurm; alone only where that is sure."""

import pytest

from footprint.collectors.allocation import Neighbours, allocation
from footprint.collectors.host import RealHandle, RealHost
from footprint.collectors.machine import HeldUse, HostInfo

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


def test_affinity_limits_and_tells_nothing_of_others(tmp_path):
    found = allocation(OwnHost(tmp_path, cpus="2-3").group(), INFO, {})
    assert (found.cpus, found.how, found.alone) == (2.0, "affinity", False)


@pytest.mark.parametrize(
    ("cgroup", "path"), [("0::/a\n", "/a"), ("5:cpuset:/a\n", "/cpuset/a"), ("5:cpuset:/a\n0::/\n", "/cpuset/a")]
)
def test_a_cpuset_of_ones_own_group_limits_and_is_ones_own(tmp_path, cgroup, path):
    host = OwnHost(tmp_path, cpus="2-3", cgroup=cgroup).group(cpuset__cpus="0-7\n")
    host.group("/cpuset", cpuset__cpus="0-7\n").group(path, cpuset__cpus="2-3\n")
    found = allocation(host, INFO, {})
    assert (found.cpus, found.how, found.alone) == (2.0, "cpuset", True)


def test_the_tightest_quota_up_to_the_root_counts(tmp_path):
    host = OwnHost(tmp_path, cgroup="0::/a/b\n").group()
    host.group("/a", cpu__max="150000 100000\n", memory__max="4000000000\n")
    host.group("/a/b", cpu__max="400000 100000\n", memory__max="max\n")
    found = allocation(host, INFO, {})
    assert (found.cpus, found.how, found.memory_gb) == (1.5, "cgroup-quota", 4.0)
    assert found.alone, "nobody but the run and its ancestors lives in it, nor in the groups inside it"
    host.group("/a/c", procs="77\n")
    assert not allocation(host, INFO, {}).alone


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
    neighbours = Neighbours(host, INFO, {})
    host.group(procs="1\n40\n50\n60\n")
    assert neighbours.none_but(frozenset({60}))
    host.group(procs="1\n40\n50\n60\n99\n")
    assert not neighbours.none_but(frozenset({60}))


def test_without_a_limit_nobody_is_known_to_be_alone(tmp_path):
    assert not Neighbours(OwnHost(tmp_path).group(), INFO, {}).none_but(frozenset())


STAT = "cpu  900 0 0 0 0 0 0 0 0 0\n" + "".join(f"cpu{n} {100 * n} 0 0 0 0 0 0 7 0 0\n" for n in range(8))


class WithStat(OwnHost):
    """Its host-wide counters are in the same folder."""

    def open(self, path):
        return RealHandle(str(self.folder) + path)


def test_how_busy_the_allowed_cpus_were_by_the_hosts_own_account_of_each(tmp_path):
    host = WithStat(tmp_path, cpus="2-3").group().write("/proc/stat", STAT)
    assert Neighbours(host, INFO, {}).use(frozenset(), 0.0) == HeldUse(5.0)
    host.write("/proc/stat", "cpu  900 0 0 0 0 0 0 0 0 0\n")
    assert Neighbours(host, INFO, {}).use(frozenset(), 0.0) == HeldUse(None)


def test_how_busy_the_limiting_group_was_by_version_2(tmp_path):
    host = OwnHost(tmp_path, cgroup="0::/a/b\n").group().group("/a/b", cpu__stat="usage_usec 1\n")
    host.group("/a", cpu__max="200000 100000\n", cpu__stat="usage_usec 2500000\nuser_usec 1\n")
    assert Neighbours(host, INFO, {}).use(frozenset(), 0.0).cpu_busy_s == 2.5


@pytest.mark.parametrize("mounts", [("/cpu", "/cpuacct"), ("/cpu,cpuacct", "/cpu,cpuacct")])
def test_how_busy_it_was_by_version_1(tmp_path, mounts):
    host = OwnHost(tmp_path, cgroup="3:cpu,cpuacct:/d\n").group(mounts[0]).group(mounts[1])
    host.group(mounts[0] + "/d", cpu__cfs_quota_us="50000\n", cpu__cfs_period_us="100000\n")
    host.group(mounts[1] + "/d", cpuacct__usage="2500000000\n")
    assert Neighbours(host, INFO, {}).use(frozenset(), 0.0).cpu_busy_s == 2.5


def test_a_memory_limit_has_its_own_company(tmp_path):
    """Who shares the memory need not be who shares the CPUs: a container with a memory limit alone."""
    host = OwnHost(tmp_path, cgroup="0::/a\n").group(procs="1\n77\n")
    host.group("/a", procs="40\n50\n", memory__max="4000000000\n", cpu__stat="usage_usec 3000000\n")
    neighbours = Neighbours(host, INFO, {})
    held = neighbours.allocation
    assert (held.how, held.alone, held.memory_gb, held.memory_how, held.memory_alone) == (
        "whole-host", False, 4.0, "cgroup-limit", True,
    )  # fmt: skip
    assert neighbours.use(frozenset(), 0.0) == HeldUse(None, 3.0, True)
    host.group("/a", procs="40\n50\n77\n")
    assert neighbours.use(frozenset(), 1.0).memory_alone is False


def test_a_container_that_is_its_own_root_and_has_a_memory_limit_alone(tmp_path):
    host = OwnHost(tmp_path).group(memory__max="4000000000\n", cpu__stat="usage_usec 3000000\n")
    neighbours = Neighbours(host, INFO, {})
    assert (neighbours.allocation.how, neighbours.allocation.memory_alone) == ("whole-host", True)
    assert neighbours.use(frozenset(), 0.0) == HeldUse(None, 3.0, True)


def test_what_limited_groups_of_others_hold_is_looked_for_now_and_then(tmp_path):
    host = OwnHost(tmp_path, cgroup="0::/me\n").group(cgroup__controllers="cpuset cpu memory\n").group("/me")
    host.group("/s.slice", procs="").group("/s.slice/a.service", procs="7\n", cpu__max="200000 100000\n")
    host.group("/s.slice/a.service/inner", procs="8\n", cpu__max="100000 100000\n")
    host.group("/b", procs="9\n", cpuset__cpus="4\n", memory__max="8000000000\n")
    host.group("/empty", procs="", cpu__max="100000 100000\n")
    host.group("/wide", procs="10\n", cpuset__cpus="0-7\n", cpu__max="max 100000\n")
    neighbours = Neighbours(host, INFO, {})
    assert neighbours.use(frozenset(), 0.0) == HeldUse()
    found = neighbours.use(frozenset(), 0.6)
    assert (found.inner_cpus, found.inner_gb) == (3.0, 8.0)
    host.group("/c", procs="11\n", cpu__max="100000 100000\n")
    assert neighbours.use(frozenset(), 30.0).inner_cpus == 3.0
    assert neighbours.use(frozenset(), 61.0).inner_cpus == 4.0


def test_others_never_hold_more_than_there_is(tmp_path):
    host = OwnHost(tmp_path, cgroup="0::/me\n").group().group("/me")
    for name in "abc":
        host.group(f"/{name}", procs="7\n", cpu__max="600000 100000\n")
    assert Neighbours(host, INFO, {}).use(frozenset(), 1.0).inner_cpus == 8.0


def test_a_run_that_is_moved_to_another_group_says_so_from_then_on(tmp_path):
    host = OwnHost(tmp_path, cgroup="0::/a\n").group().group("/a", cpu__max="200000 100000\n")
    neighbours = Neighbours(host, INFO, {})
    assert not neighbours.use(frozenset(), 0.0).moved
    host.write("/proc/self/cgroup", "0::/b\n")
    assert neighbours.use(frozenset(), 1.0) == HeldUse(moved=True)
    host.write("/proc/self/cgroup", "0::/a\n")
    assert neighbours.use(frozenset(), 2.0).moved, "what it held meanwhile is not known"


def test_what_is_attached_to_holds_what_its_own_group_gives_it(tmp_path):
    host = OwnHost(tmp_path, cgroup="0::/mine\n").group().group("/mine")
    host.write("/proc/77/cgroup", "0::/its\n").write("/proc/77/status", "Cpus_allowed_list:\t0-7\n")
    host.write("/proc/77/stat", "77 (x) S 1 1 1")
    host.group("/its", procs="77\n78\n", cpu__max="300000 100000\n", cpu__stat="usage_usec 4000000\n")
    neighbours = Neighbours(host, INFO, {}, "77")
    assert (neighbours.allocation.cpus, neighbours.allocation.how) == (3.0, "cgroup-quota")
    assert not neighbours.allocation.alone
    assert neighbours.use(frozenset({77}), 0.0).cpu_busy_s == 4.0


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
    assert (found.cpus, found.how, found.memory_gb, found.memory_how) == (cpus, "slurm", 16.0, "slurm")


def test_memory_that_slurm_gives_by_cpu(tmp_path):
    environ = {"SLURM_JOB_ID": "7", "SLURM_CPUS_ON_NODE": "4", "SLURM_MEM_PER_CPU": "2000"}
    assert allocation(OwnHost(tmp_path).group(), INFO, environ).memory_gb == 8.0


def test_a_slurm_jobs_own_group_says_who_lives_there_and_how_busy_it_is(tmp_path):
    host = OwnHost(tmp_path, cgroup="0::/slurm/job_7/step_0\n").group().group("/slurm", procs="1\n")
    host.group("/slurm/job_7", procs="", cpu__stat="usage_usec 6000000\n").group("/slurm/job_7/step_0")
    neighbours = Neighbours(host, INFO, {"SLURM_JOB_ID": "7", "SLURM_CPUS_ON_NODE": "4"})
    assert neighbours.use(frozenset(), 0.0).cpu_busy_s == 6.0
    rank = {"SLURM_JOB_ID": "7", "SLURM_CPUS_ON_NODE": "4", "SLURM_PROCID": "0", "SLURM_CPUS_PER_TASK": "2"}
    assert Neighbours(host, INFO, rank).use(frozenset(), 0.0).cpu_busy_s is None


def test_slurm_variables_without_a_job_say_nothing(tmp_path):
    assert allocation(OwnHost(tmp_path).group(), INFO, {"SLURM_CPUS_ON_NODE": "4"}).how == "whole-host"


def test_on_this_machine_the_run_holds_something():
    found = allocation(RealHost(), INFO, {})
    assert 0 < found.cpus <= 8
