"""How much of the CPU time of short-lived processes is counted: thousands of them, reaped or orphaned."""

import json

from pairs import OURS, Table, Workplace

# Each child lives about 5 ms, and tells what it used itself; so does the parent at its end.
JOB = """
import os, resource, sys, time
count, kind, out = int(sys.argv[1]), sys.argv[2], sys.argv[3]
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
own = used(resource.RUSAGE_SELF)
open(out, "w").write(f"{own + (used(resource.RUSAGE_CHILDREN) if kind == 'reaped' else total)} {seconds}")
time.sleep(1.2)
"""


def measure(count: int = 4000) -> Table:
    """Counted over used, by kind."""
    rows = []
    for kind in ("reaped", "orphaned"):
        with Workplace() as place:
            result, truth = place.path / "r.json", place.path / "truth"
            words = (OURS / "python", "-c", JOB, count, kind, truth)
            place.run(OURS / "footprint", "run", "--quiet", "--json", result, "--", *words)
            used_s, seconds = map(float, truth.read_text().split())
            counted_s = json.loads(result.read_text())["activity"]["cpu_s"]
        rows.append((kind, f"{count / seconds:,.0f}", f"{used_s:.2f}", f"{counted_s:.2f}", f"{counted_s / used_s:.1%}"))
    text = (
        f"{count:,} processes that live for 5 ms each, under `footprint run`. What reaped ones used is what the kernel "
        "tells their parent. Of orphaned ones it is what each says of itself at its end: what ending them took is not "
        "in it, so more than 100 % is counted."
    )
    return Table("Processes that live for 5 ms", text, ("kind", "a second", "used, s", "counted, s", "counted"), rows)


if __name__ == "__main__":
    table = measure()
    print(" | ".join(table.header), *(" | ".join(row) for row in table.rows), sep="\n")
