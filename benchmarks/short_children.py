"""How much of the CPU time of short-lived processes is counted: thousands of them, reaped or orphaned."""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from pairs import OURS, Table, Workplace

# Each child lives about 5 ms. An orphan tells what it used itself, but for its end, when its parent has gone before it.
JOB = """
import os, resource, sys, time
count, kind, out, group = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
if group: open(group, "w").write(str(os.getpid()))
reader, writer = os.pipe()
def used(who):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime
def child():
    end = time.monotonic() + .005
    while time.process_time() < .0005: pass
    time.sleep(max(0, end - time.monotonic()))
    os.write(writer, f"{used(resource.RUSAGE_SELF):.6f}\\n".encode())
    os._exit(0)
total, open_now, began = 0.0, 0, time.monotonic()
pipe = os.fdopen(reader)
for number in range(count):
    if os.fork() == 0:
        if kind == "orphaned" and os.fork():
            os._exit(0)
        child()
    open_now += 1
    if open_now >= 64:
        total += float(pipe.readline()); open_now -= 1
    try:
        if kind == "orphaned": os.wait()
        while os.waitpid(-1, os.WNOHANG)[0]: pass
    except ChildProcessError: pass
for _ in range(open_now): total += float(pipe.readline())
try:
    while True: os.wait()
except ChildProcessError: pass
seconds = time.monotonic() - began
own = used(resource.RUSAGE_SELF) + used(resource.RUSAGE_CHILDREN)  # of orphans, the children are their parents
open(out, "w").write(f"{own + (total if kind == 'orphaned' else 0)} {seconds}")
time.sleep(1.2)
"""


@contextlib.contextmanager
def account() -> Iterator[Path | None]:
    """A control group in which the kernel itself adds up what the job used; None where none can be made."""
    for mount, name in (("", "cpu.stat"), ("unified", "cpu.stat"), ("cpuacct", "cpuacct.usage")):
        folder = Path("/sys/fs/cgroup", mount, f"footprint-bench-{os.getpid()}")
        with contextlib.suppress(OSError):
            folder.mkdir()
            if (folder / name).exists() and (folder / "cgroup.procs").exists():
                break
            folder.rmdir()
    else:
        yield None
        return
    yield folder
    time.sleep(0.2)
    folder.rmdir()


def account_s(folder: Path) -> float:
    """What the kernel has added up in a group (s)."""
    if (folder / "cpu.stat").exists():
        return int((folder / "cpu.stat").read_text().split("usage_usec ")[1].split()[0]) / 1e6
    return int((folder / "cpuacct.usage").read_text()) / 1e9


def measure(count: int = 4000) -> Table:
    """Counted over used, by kind."""
    rows = []
    for kind in ("reaped", "orphaned"):
        with Workplace() as place, account() as folder:
            result, truth = place.path / "r.json", place.path / "truth"
            words = (OURS / "python", "-c", JOB, count, kind, truth, folder / "cgroup.procs" if folder else "")
            place.run(OURS / "footprint", "run", "--quiet", "--json", result, "--", *words)
            told_s, seconds = map(float, truth.read_text().split())
            kernel_s = account_s(folder) if folder else 0.0
            counted_s = json.loads(result.read_text())["activity"]["cpu_s"]
        kernel = f"{kernel_s:.2f}" if kernel_s else "–"
        share = f"{counted_s / (kernel_s or told_s):.1%}"
        rows.append((kind, f"{count / seconds:,.0f}", f"{told_s:.2f}", kernel, f"{counted_s:.2f}", share))
    text = (
        f"{count:,} processes that live for 5 ms each, under `footprint run`. The truth is what the kernel adds up in "
        "a control group that holds the job and nothing else. What the processes tell of themselves stands beside it: "
        "orphans cannot tell what their own end took, which nobody but the runner that reaps them is told."
    )
    header = ("kind", "a second", "they tell, s", "kernel's account, s", "counted, s", "counted")
    return Table("Processes that live for 5 ms", text, header, rows)


if __name__ == "__main__":
    table = measure()
    print(" | ".join(table.header), *(" | ".join(row) for row in table.rows), sep="\n")
