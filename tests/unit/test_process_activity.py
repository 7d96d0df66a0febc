"""CPU seconds of host, process and tree: on a recorded /proc whose times are known, and on this machine."""

import os
import subprocess
import sys
import time

import pytest

from footprint.collectors.host import RealHost
from footprint.collectors.process_activity import HostActivity, OwnProcess, Tree

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux's /proc")


class ProcHost(RealHost):
    """A /proc held in memory: processes with parent, ticks and threads; 100 ticks a second."""

    def __init__(self, root=1, *, children_files=True, reads=None):
        super().__init__()
        self.root, self.children_files = root, children_files
        self.stats, self.children = {}, {root: {root: []}}
        self.own_s = 0.0
        self.reads = [] if reads is None else reads
        self.after_read = {}

    def process(self, pid, parent, ticks, *, of_dead=0, by_thread=None):
        self.stats[pid] = f"{pid} (a name) (with 1 2) S {parent} 0 0 0 0 0 0 0 0 0 {ticks} 0 {of_dead} 0 20 0 1 0 9"
        self.children[pid] = {pid: []}
        self.children[parent][by_thread or parent].append(pid)

    def end(self, pid):
        """The process is reaped and gone."""
        del self.stats[pid], self.children[pid]
        for lists in self.children.values():
            for kept in lists.values():
                if pid in kept:
                    kept.remove(pid)

    def read_proc(self, path):
        self.reads.append(path)
        parts = path.split("/")
        try:
            if parts[-1] == "stat":
                return self.stats[int(parts[2])].encode()
            if not self.children_files:
                raise FileNotFoundError(path)
            return " ".join(map(str, self.children[int(parts[2])][int(parts[4])])).encode()
        except KeyError:
            raise FileNotFoundError(path) from None
        finally:
            self.after_read.pop(path, lambda: None)()

    def list_proc(self, path):
        if path == "/proc":
            return ["self", "meminfo", *map(str, self.stats)]
        pid = self.root if "self" in path else int(path.split("/")[2])
        return list(map(str, self.children.get(pid, {})))

    def own_cpu_s(self):
        return self.own_s

    def clock_ticks(self):
        return 100

    def pid(self):
        return self.root


def family(**options):
    """Runner 1 with job 2 (1 s, 2 s of its dead), its children 3 (0.5 s) and, by a second thread, 4 (0.25 s)."""
    host = ProcHost(**options)
    host.process(2, 1, 100, of_dead=200)
    host.children[2] = {2: [], 20: []}
    host.process(3, 2, 50)
    host.process(4, 2, 25, by_thread=20)
    return host


@pytest.mark.parametrize("children_files", [True, False])
def test_a_tree_is_the_living_with_their_dead_children_and_those_the_runner_reaped(children_files):
    host = family(children_files=children_files)
    tree = Tree(host, 1)
    assert tree.cpu_s() == pytest.approx(3.75)
    tree.add_dead(1.5)
    assert tree.cpu_s() == pytest.approx(5.25)
    assert tree.pids() == {2, 3, 4}
    assert tree.processes() == 3


def test_processes_of_others_are_not_read():
    host = family()
    host.children[9] = {9: []}
    for pid in range(100, 200):
        host.process(pid, 9, 1_000)
    Tree(host, 1).cpu_s()
    assert not [path for path in host.reads if path.startswith("/proc/1") and "/stat" in path]


def test_a_child_that_is_reaped_while_we_look_is_not_counted_twice():
    """After the parent has been read its child ends, and its time moves to the parent."""
    host = family()

    def reaped():
        host.end(3)
        host.stats[2] = host.stats[2].replace(" 100 0 200 0", " 100 0 250 0")

    host.after_read["/proc/2/stat"] = reaped
    assert Tree(host, 1).cpu_s() == pytest.approx(3.75)


def test_a_child_that_goes_away_before_it_is_read_is_found_at_its_parent_in_the_second_look():
    host = family()

    def reaped():
        host.end(4)
        host.stats[2] = host.stats[2].replace(" 100 0 200 0", " 100 0 225 0")

    host.after_read["/proc/2/task/20/children"] = reaped
    tree = Tree(host, 1)
    assert tree.cpu_s() == pytest.approx(3.75)
    assert tree.pids() == {2, 3}


def test_the_time_never_falls_when_a_process_goes_without_being_waited_for():
    host = family()
    tree = Tree(host, 1)
    before_s = tree.cpu_s()
    host.end(3)
    assert tree.cpu_s() == before_s


@pytest.mark.parametrize(("steal", "kept_s"), [("70", 0.7), ("0", None), ("", None)])
def test_time_that_a_hypervisor_keeps_is_told_apart_from_busy_time(tmp_path, steal, kept_s):
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "stat").write_text(f"cpu  100 20 30 9999 50 4 6 {steal}\n")
    activity = HostActivity(RealHost(str(tmp_path)))
    assert activity.busy_s() == 1.6
    assert activity.steal_s == kept_s


def test_own_process_counts_itself_its_reaped_and_its_living_children():
    host = family()
    host.own_s = 7.0
    own = OwnProcess(host)
    assert own.cpu_s() == pytest.approx(10.75)
    assert own.pids() == {1, 2, 3, 4}
    assert own.processes() == 4


@pytest.mark.parametrize(
    ("text", "busy_s"),
    [
        ("cpu  100 20 30 9999 50 4 6 70 11 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n", 1.6),
        ("cpu  0 0 0 0 0 0 0 0 0 0\n", None),
        ("cpu  1 2\n", None),
        ("something else\n", None),
    ],
)
def test_host_activity_is_what_works_without_idle_iowait_and_steal(tmp_path, text, busy_s):
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "stat").write_text(text)
    activity = HostActivity(RealHost(str(tmp_path)))
    assert activity.busy_s() == (busy_s and pytest.approx(busy_s * 100 / os.sysconf("SC_CLK_TCK")))
    activity.close()
    assert activity.busy_s() is None


def test_a_host_without_stat_has_no_busy_time(tmp_path):
    assert HostActivity(RealHost(str(tmp_path))).busy_s() is None


@linux
def test_on_this_machine_a_busy_child_is_counted_while_it_lives_and_after():
    host = RealHost()
    own, tree = OwnProcess(host), Tree(host, os.getpid())
    before_own_s, before_tree_s = own.cpu_s(), tree.cpu_s()
    code = "import sys, time\nwhile time.process_time() < .3: pass\nprint(flush=True)\nsys.stdin.read()"
    with subprocess.Popen([sys.executable, "-S", "-c", code], stdin=-1, stdout=-1) as child:
        child.stdout.readline()
        assert child.pid in tree.pids() or tree.cpu_s() - before_tree_s >= 0.27
        assert own.cpu_s() - before_own_s >= 0.27
        assert child.pid in own.pids()
        child.stdin.close()
    spent_s = own.cpu_s() - before_own_s
    assert 0.29 <= spent_s < 3


@linux
def test_on_this_machine_the_host_is_at_least_as_busy_as_this_process():
    activity = HostActivity(RealHost())
    before_s, start = activity.busy_s(), time.process_time()
    if before_s is None:
        pytest.skip("the host's busy time is hidden here")
    while time.process_time() - start < 0.5:
        pass
    assert activity.busy_s() - before_s >= 0.4
