"""What a second of measuring costs: CPU time at one reading a second, and memory, with few and many processes."""

import signal
import subprocess
import sys

from pairs import OURS, ROOT, THEIRS, Table, Workplace, ratio

sys.path.insert(0, str(ROOT / "tests"))

from virtual_host import Constant, FakeGpu, FakeGpus, NoCompiler, VirtualSysroot, dram, package

# Peak resident memory (kB) of this program alone: ru_maxrss would begin with that of whoever started it.
PEAK = """
peak_kb = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
"""

# CPU time of the measuring process while it does nothing but measure: its own threads, children not counted.
OUR_SAMPLING = (
    """
import sys, time
import footprint
run = footprint.start("bench", interval=1)
time.sleep(2)
before = time.process_time()
time.sleep(float(sys.argv[1]))
spent = time.process_time() - before
run.stop()
run.result
"""
    + PEAK
    + "print(spent, peak_kb)"
)

THEIR_SAMPLING = (
    """
import sys, time
from codecarbon import OfflineEmissionsTracker
tracker = OfflineEmissionsTracker(
    country_iso_code="FRA", measure_power_secs=1, log_level="critical", tracking_mode=sys.argv[2]
)
tracker.start()
time.sleep(2)
before = time.process_time()
time.sleep(float(sys.argv[1]))
spent = time.process_time() - before
tracker.stop()
"""
    + PEAK
    + "print(spent, peak_kb)"
)

BARE = PEAK + "print(0, peak_kb)"

# The job's own processes: children of the measuring process.
WITH_CHILDREN = """
import subprocess, sys
children = [subprocess.Popen(["sleep", "100000"]) for _ in range(int(sys.argv[3]))]
try:
    exec(sys.argv[4])
finally:
    for child in children: child.kill()
    for child in children: child.wait()
"""


def measure(seconds: float) -> list[Table]:
    with Workplace() as place:
        bare_kb = place.figures(OURS / "python", BARE)[1]
        rows, memory = [], []
        for count in (10, 1_000):
            idle = [subprocess.Popen(["sleep", "100000"]) for _ in range(count)]
            try:
                rows.append(_row(place, seconds, f"{count:,} idle processes on the host", "machine", memory))
            finally:
                _end(idle)
        rows += [_row_children(place, seconds, count) for count in (10, 1_000)]
        rows += _row_large(place, seconds)
        ours_mb, theirs_mb = (max(column) / 1024 for column in zip(*memory, strict=True))
    return [
        Table(
            "Sampling once a second",
            f"CPU time a second of the measuring process, over {seconds:g} s in which it does nothing else. "
            "CodeCarbon in its default mode (machine) for processes of the host, in mode `process` for the job's own.",
            ("", "footprint", "CodeCarbon", "ratio"),
            rows,
        ),
        Table(
            "Memory",
            f"Peak resident memory of the same process; bare Python has {bare_kb / 1024:.1f} MB.",
            ("", "footprint", "CodeCarbon", "ratio"),
            [("peak", f"{ours_mb:.1f} MB", f"{theirs_mb:.1f} MB", ratio(ours_mb, theirs_mb))],
        ),
    ]


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.send_signal(signal.SIGKILL)
    for process in processes:
        process.wait()


def _row(place: Workplace, seconds: float, what: str, mode: str, memory: list[tuple[float, float]]) -> tuple[str, ...]:
    ours, our_kb = place.figures(OURS / "python", OUR_SAMPLING, seconds)
    theirs, their_kb = place.figures(THEIRS / "python", THEIR_SAMPLING, seconds, mode)
    memory.append((our_kb, their_kb))
    return _line(what, ours / seconds, theirs / seconds)


def _row_children(place: Workplace, seconds: float, count: int) -> tuple[str, ...]:
    ours = place.figures(OURS / "python", WITH_CHILDREN, seconds, "-", count, OUR_SAMPLING)[0]
    theirs = place.figures(THEIRS / "python", WITH_CHILDREN, seconds, "process", count, THEIR_SAMPLING)[0]
    return _line(f"{count:,} idle processes of the job itself", ours / seconds, theirs / seconds)


def _row_large(place: Workplace, seconds: float) -> list[tuple[str, ...]]:
    """A host of 14 channels on the virtual host: four packages, two memories, eight GPUs; the job has the processes."""
    zones = [*(package(number, Constant(100.0)) for number in range(4)), *(dram(n, Constant(20.0)) for n in range(2))]
    try:
        gpus = FakeGpus(place.path / "gpus", *(FakeGpu(Constant(300.0)) for _ in range(8)))
        with VirtualSysroot(place.path / "root", *zones) as host:
            place.environ |= host.environ | gpus.environ
            costs = [
                place.figures(OURS / "python", WITH_CHILDREN, seconds, "-", count, OUR_SAMPLING)[0]
                for count in (0, 1_000)
            ]
    except NoCompiler:
        return []
    names = ("8 GPUs, 14 channels", "8 GPUs, 14 channels, 1,000 idle processes of the job itself")
    return [(name, f"{cost / seconds * 1e3:.3f} ms/s", "–", "–") for name, cost in zip(names, costs, strict=True)]


def _line(what: str, ours: float, theirs: float) -> tuple[str, ...]:
    return (what, f"{ours * 1e3:.3f} ms/s", f"{theirs * 1e3:.3f} ms/s", ratio(ours, theirs))
