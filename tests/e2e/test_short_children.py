"""Processes that live for 5 ms, orphaned too: what is counted is what the kernel's own accounts say, not more."""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

COUNT = 600
CHILDREN = """
import os, sys, time
if sys.argv[3]: open(sys.argv[3], "w").write(str(os.getpid()))
open_now = 0
reader, writer = os.pipe()
for number in range(int(sys.argv[1])):
    if os.fork() == 0:
        if sys.argv[2] == "orphaned" and os.fork():
            os._exit(0)  # its child is given to the runner
        end = time.monotonic() + .005
        while time.process_time() < .0005: pass
        time.sleep(max(0, end - time.monotonic()))
        os.write(writer, b"x")
        os._exit(0)
    open_now += 1
    if sys.argv[2] == "orphaned": os.wait()
    if open_now >= 32: open_now -= len(os.read(reader, 1))
    try:
        while sys.argv[2] == "reaped" and os.waitpid(-1, os.WNOHANG)[0]: pass
    except ChildProcessError: pass
while open_now: open_now -= len(os.read(reader, open_now))
try:
    while True: os.wait()
except ChildProcessError: pass
time.sleep(.3)
"""
ACCOUNTS = {
    "/sys/fs/cgroup": "cpu.stat",
    "/sys/fs/cgroup/unified": "cpu.stat",
    "/sys/fs/cgroup/cpuacct": "cpuacct.usage",
}


@pytest.fixture
def account():
    """A control group in which the kernel adds up, by the scheduler's clock, what lives there has used."""
    for mount, name in ACCOUNTS.items():
        folder = Path(mount) / f"footprint-account-{os.getpid()}"
        with contextlib.suppress(OSError):
            folder.mkdir()
            if (folder / name).exists() and (folder / "cgroup.procs").exists():
                break
            folder.rmdir()
    else:
        pytest.skip("no control group can be made on this machine")
    yield folder
    end_s = time.monotonic() + 5
    while folder.exists() and time.monotonic() < end_s:
        with contextlib.suppress(OSError):  # a process in it is ending still
            folder.rmdir()
        time.sleep(0.05)


def used_s(account):
    """CPU seconds of a group, by version 2 or 1."""
    if (account / "cpu.stat").exists():
        return int((account / "cpu.stat").read_text().split("usage_usec ")[1].split()[0]) / 1e6
    return int((account / "cpuacct.usage").read_text()) / 1e9


def run(tmp_path, kind, group=""):
    """(document, rusage of the whole of ``footprint run``) of a job of many short children."""
    path, script = tmp_path / "r.json", tmp_path / "job.py"
    script.write_text(CHILDREN)
    words = [sys.executable, "-m", "footprint", "run", "--quiet", "--json", str(path), "--"]
    process = subprocess.Popen([*words, sys.executable, str(script), str(COUNT), kind, str(group)])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return json.loads(path.read_text()), usage.ru_utime + usage.ru_stime


@pytest.mark.parametrize("kind", ["reaped", "orphaned"])
def test_what_is_counted_is_what_the_scheduler_says_of_them(account, tmp_path, kind):
    document, _ = run(tmp_path, kind, account / "cgroup.procs")
    counted_s, told_s = document["activity"]["cpu_s"], used_s(account)
    if told_s == 0:
        pytest.skip("this machine's control groups add up nothing")
    assert counted_s >= 0.98 * told_s
    assert counted_s <= 1.02 * told_s + 0.02  # the group does not have the interpreter's first milliseconds


@pytest.mark.parametrize("kind", ["reaped", "orphaned"])
def test_it_is_never_more_than_the_machine_has_or_the_kernel_charges_for_the_whole_command(tmp_path, kind):
    document, whole_s = run(tmp_path, kind)
    counted_s = document["activity"]["cpu_s"]
    assert counted_s <= whole_s
    assert counted_s <= os.cpu_count() * (document["duration_s"] + 0.01)
    assert counted_s <= document["activity"]["host_cpu_s"]
    assert counted_s >= COUNT * 0.0005  # each child works for half a millisecond at least
