"""Who may be attached to, and what a control group has used."""

import pytest

from footprint.collectors.attached import ControlGroup, ProcessTree, refusal


class Host:
    """A /proc and a control-group tree made of texts."""

    def __init__(self, files):
        self.files = files

    def read_proc(self, path):
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]

    def list_proc(self, path):
        return sorted({name[len(path) + 1 :].split("/")[0] for name in self.files if name.startswith(path + "/")})

    def clock_ticks(self):
        return 100

    def pid(self):
        return 10


def status(uid):
    return f"Name:\tx\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n".encode()


def stat(pid, ppid, ticks, started, state="S"):
    return f"{pid} (a b) c) {state} {ppid} 0 0 0 0 0 0 0 0 0 {ticks} 0 0 0 20 0 1 0 {started} 0".encode()


@pytest.mark.parametrize(
    ("own", "uid", "refused"),
    [(1000, 1000, None), (0, 1000, None), (1000, 1001, "another user"), (1000, 0, "another user")],
)
def test_only_ones_own_processes_unless_one_is_root(own, uid, refused):
    no = refusal(Host({"/proc/7/status": status(uid), "/proc/self/status": status(own)}), 7)
    assert (no is None) == (refused is None)
    assert no is None or refused in no.why


def test_the_first_process_and_what_is_gone_are_refused():
    assert "first process" in refusal(Host({}), 1).why
    assert "no such process" in refusal(Host({"/proc/self/status": status(0)}), 7).why


def test_a_later_process_with_the_same_number_is_another_one():
    host = Host({"/proc/7/stat": stat(7, 1, 100, 5), "/proc/10/task/10/children": b"", "/proc/self/task/10/x": b""})
    tree = ProcessTree(host, 7)
    assert tree.lives()
    assert tree.cpu_s() == 1.0
    host.files["/proc/7/stat"] = stat(7, 1, 900, 6)
    assert not tree.lives()
    assert tree.cpu_s() == 1.0


def test_a_zombie_is_over():
    host = Host({"/proc/7/stat": stat(7, 1, 100, 5), "/proc/10/task/10/children": b"", "/proc/self/task/10/x": b""})
    tree = ProcessTree(host, 7)
    host.files["/proc/7/stat"] = stat(7, 1, 100, 5, "Z")
    assert not tree.lives()


@pytest.mark.parametrize(
    ("folder", "usage"),
    [
        ("/sys/fs/cgroup/a.slice", {"cpu.stat": b"usage_usec 2500000\nuser_usec 1\n"}),
        ("/sys/fs/cgroup/unified/a.slice", {"cpu.stat": b"usage_usec 2500000\n"}),
        ("/sys/fs/cgroup/cpuacct/a.slice", {"cpuacct.usage": b"2500000000\n"}),
    ],
)
def test_a_groups_time_and_processes_with_those_of_groups_inside_it(folder, usage):
    files = {f"{folder}/{name}": data for name, data in usage.items()}
    files |= {f"{folder}/cgroup.procs": b"5\n", f"{folder}/inner/cgroup.procs": b"6\n7\n"}
    group = ControlGroup(Host(files), "/a.slice")
    assert group.cpu_s() == 2.5
    assert group.pids() == frozenset({5, 6, 7})
    assert group.lives()


def test_a_group_that_is_not_there_is_said_so():
    with pytest.raises(FileNotFoundError):
        ControlGroup(Host({}), "no.slice")
