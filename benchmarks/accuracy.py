"""How near the energy comes to known joules, on the virtual host, beside CodeCarbon. Prints Markdown.

    .venv/bin/python benchmarks/accuracy.py            # some three minutes
    .venv/bin/python benchmarks/accuracy.py --quick    # one minute, fewer windows

The virtual host (tests/virtual_host) is a powercap tree whose counters move, and an NVIDIA library whose GPUs do not
exist: their power curves are known in closed form. It needs gcc; the comparison needs root, to put the tree where
CodeCarbon looks for it.
"""

import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from pairs import OURS, ROOT, THEIRS, Table

sys.path.insert(0, str(ROOT / "tests"))

from virtual_host import (
    Constant,
    FakeGpu,
    FakeGpus,
    NoCompiler,
    Ramp,
    Square,
    Steps,
    VirtualSysroot,
    Zone,
    dram,
    package,
)
from virtual_host.curves import Curve

WINDOWS = ROOT / "tests" / "virtual_host" / "windows.py"
CURVES: Mapping[str, Curve] = {
    "constant": Constant(150.0),
    "square, 0.7 s": Square(60.0, 300.0, 0.7),
    "square, 0.13 s": Square(60.0, 300.0, 0.13),
    "ramp": Ramp(60.0, 300.0, 20.0),
    "bursts of 50 ms": Square(60.0, 400.0, 1.0, 0.05),
    "steps": Steps(tuple((2.7 * number, 60.0 + 47.0 * (number * 5 % 6)) for number in range(30))),
}
FORMS: Mapping[str, Curve] = {
    "constant": Constant(150.0),
    "square wave of 0.7 s": Square(60.0, 300.0, 0.7),
    "square wave of 1.3 s": Square(60.0, 300.0, 1.3),
    "bursts of 20 ms, each 0.25 s": Square(60.0, 400.0, 0.25, 0.08),
    "ramp": Ramp(60.0, 300.0, 90.0),
    "random steps": Steps(tuple((round(1.37 * number, 2), 60.0 + 40.0 * (number * 7919 % 7)) for number in range(60))),
}
SLOW = ("constant", "square, 0.7 s", "ramp")
FAST = ("square, 0.13 s", "bursts of 50 ms")
REFRESHES_S = (0.02, 0.05, 0.1)
SMALL_RANGE = {"range_uj": 600_000_000, "start_uj": 500_000_000.0}
"""600 J: each counter starts again several times in a long window."""

THEIR_PROGRAM = """
import json, sys, time
from codecarbon import OfflineEmissionsTracker
seen = []
for seconds in json.loads(sys.argv[1]):
    tracker = OfflineEmissionsTracker(
        country_iso_code="FRA", save_to_file=False, measure_power_secs=1, log_level="critical", allow_multiple_runs=True
    )
    tracker.start()
    began = time.monotonic()
    time.sleep(seconds)
    ended = time.monotonic()
    tracker.stop()
    data = tracker.final_emissions_data
    seen.append({"from_s": began, "to_s": ended, "cpu_j": data.cpu_energy * 3.6e6, "gpu_j": data.gpu_energy * 3.6e6})
print(json.dumps(seen))
"""
IN_PLACE = (
    'mount -t tmpfs none /sys/class && mkdir /sys/class/powercap && mount --bind "$0" /sys/class/powercap && exec "$@"'
)
"""In a mount namespace of its own: the tree is where CodeCarbon looks for it, for that process alone."""


class Error(NamedTuple):
    """One channel in one window."""

    relative: float
    """(energy − known) ÷ known."""
    held: bool
    """Whether the interval (without the sensor's gain) holds the known joules."""
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer windows")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="footprint-accuracy-") as folder:
            os.chmod(folder, 0o755)
            for table in tables(Path(folder), quick=options.quick):
                print(_markdown(table), flush=True)
    except NoCompiler as fault:
        print(f"accuracy: {fault}", file=sys.stderr)
        return 3
    return 0


def tables(folder: Path, *, quick: bool) -> Iterator[Table]:
    """Each table as soon as it is measured."""
    yield cpu_table(folder / "cpu", (1.0, 1.0, 1.0, 5.0) if quick else (*[1.0] * 10, *[5.0] * 3))
    yield gpu_table(folder / "gpu", (1.0, 5.0) if quick else (*[0.3] * 4, *[1.0] * 4, *[5.0] * 6))
    yield matrix(folder / "matrix", (0.1, 1.0, 5.0) if quick else (*[0.1] * 6, *[1.0] * 6, *[5.0] * 3, 60.0))
    yield comparison(folder, (1.0, 5.0) if quick else (1.0, 1.0, 5.0))


def cpu_table(folder: Path, seconds: Sequence[float]) -> Table:
    """RAPL counters: curves by windows, each through several wraps, one through a reset."""
    zones = [package(number, curve, **SMALL_RANGE) for number, curve in enumerate(CURVES.values())]
    late = 0
    errors: list[Error] = []
    with VirtualSysroot(folder, *zones, dram(0, Constant(20.0))) as host:
        for window in ours(folder, seconds, host.environ):
            if host.late_s(window["from_s"]) or host.late_s(window["to_s"]):
                late += 1  # the virtual host was starved at an edge: its fault, told and left out
                continue
            errors += _errors(window, partial(_of_zone, host, window))
    text = (
        f"RAPL by powercap: {len(CURVES)} power curves at once ({', '.join(CURVES)}) and a memory, counters of 600 J "
        f"range that start again several times. To reach: within 0.1 % from 1 s on. {late} of {len(seconds)} windows "
        "are left out, because the virtual host was late at an edge by more than 0.8 ms."
    )
    return Table("Accuracy: CPU energy against known joules", text, _HEADER, _rows(errors, 0.001))


def _of_zone(host: VirtualSysroot, window: Mapping[str, Any], name: str) -> float:
    return host.exact_j(name, window["from_s"], window["to_s"])


def gpu_table(folder: Path, seconds: Sequence[float]) -> Table:
    """NVML counters: refresh periods by curves by windows."""
    kinds = [(refresh_s, name) for refresh_s, name in product(REFRESHES_S, [*SLOW, *FAST])]
    fake = [
        FakeGpu(CURVES[name], refresh_s=refresh_s, phase_s=0.37 * refresh_s, jitter_s=0.03 * refresh_s)
        for refresh_s, name in kinds
    ]
    gpus = FakeGpus(folder, *fake)
    windows = ours(folder, seconds, gpus.environ)
    rows: list[tuple[str, ...]] = []
    for refresh_s, (word, names) in product(REFRESHES_S, (("slow", SLOW), ("fast", FAST))):
        wanted = {f"gpu-{number}" for number, kind in enumerate(kinds) if kind[0] == refresh_s and kind[1] in names}
        errors: list[Error] = []
        for window in windows:
            mine = {name: counted for name, counted in window["channels"].items() if name in wanted}
            exact = partial(_of_gpu, gpus, window)
            errors += _errors({**window, "channels": mine}, exact)
        rows += [(f"{refresh_s * 1e3:.0f} ms", word, *row) for row in _rows(errors, 0.005)]
    text = (
        f"NVML energy counters that are refreshed every 20, 50 or 100 ms (± 3 %). Slow curves: {', '.join(SLOW)}. "
        f"Fast ones change within a refresh: {', '.join(FAST)}. To reach: within 0.5 % from 5 s on. What happens "
        "between two refreshes cannot be seen: a burst at an edge costs up to half of it. *Interval holds* counts "
        "where the stated interval, without the sensor's own error, has the known joules."
    )
    return Table("Accuracy: GPU energy against known joules", text, ("refresh", "curves", *_HEADER), rows)


def matrix(folder: Path, seconds: Sequence[float]) -> Table:
    """One package and one GPU for each form of power, all at once, in windows of each length."""
    zones = [package(number, curve, **SMALL_RANGE) for number, curve in enumerate(FORMS.values())]
    gpus = FakeGpus(
        folder / "gpus",
        *(FakeGpu(curve, refresh_s=0.1, phase_s=0.037 * n, jitter_s=0.003) for n, curve in enumerate(FORMS.values())),
    )
    rows: list[tuple[str, ...]] = []
    with VirtualSysroot(folder / "root", *zones) as host:
        windows = ours(folder, seconds, host.environ, gpus.environ)
        for kind, exact in (("package", partial(partial, _of_zone, host)), ("gpu", partial(partial, _of_gpu, gpus))):
            for number, name in enumerate(FORMS):
                channel = f"{kind}-{number}"
                errors = [
                    error
                    for window in windows
                    for error in _errors({**window, "channels": {channel: window["channels"][channel]}}, exact(window))
                ]
                held = sum(error.held for error in errors) / len(errors)
                rows.append((kind, name, *_worst_by_window(errors, seconds), f"{held:.0%}"))
    lengths = [f"{length:g} s" for length in sorted(set(seconds))]
    return Table(
        "Accuracy by curve and window",
        "Worst error of each, over windows of each length: a package with a counter of 600 J range, and a GPU whose "
        "counter is refreshed every 100 ms. In windows shorter than a few refreshes a GPU's energy cannot be known "
        "better than its interval says: *interval holds* counts over all windows.",
        ("channel", "power", *lengths, "interval holds"),
        rows,
    )


def _worst_by_window(errors: Sequence[Error], seconds: Sequence[float]) -> list[str]:
    return [_worst([error.relative for error in errors if error.seconds == length]) for length in sorted(set(seconds))]


def _of_gpu(gpus: FakeGpus, window: Mapping[str, Any], name: str) -> float:
    return gpus.exact_j(int(name.rpartition("-")[2]), window["from_s"], window["to_s"])


_HEADER = ("window", "channels measured", "median error", "worst error", "within the goal", "interval holds")


def _rows(errors: Sequence[Error], goal: float) -> list[tuple[str, ...]]:
    rows = []
    for seconds in sorted({error.seconds for error in errors}):
        some = [error for error in errors if error.seconds == seconds]
        sizes = [abs(error.relative) for error in some]
        rows.append(
            (
                f"{seconds:g} s",
                str(len(some)),
                f"{statistics.median(sizes):.3%}",
                f"{max(sizes):.3%}",
                f"{sum(size <= goal for size in sizes) / len(sizes):.0%}",
                f"{sum(error.held for error in some) / len(some):.0%}",
            )
        )
    return rows


def _errors(window: Mapping[str, Any], exact: Callable[[str], float]) -> list[Error]:
    length_s = window["user_to_s"] - window["user_from_s"]
    seconds = float(int(length_s)) if length_s >= 1 else int(length_s * 10) / 10
    return [
        Error(
            counted["energy_j"] / exact(name) - 1,
            counted["low_j"] <= exact(name) <= counted["high_j"],
            seconds,
        )
        for name, counted in window["channels"].items()
    ]


def ours(folder: Path, seconds: Sequence[float], *environs: Mapping[str, str]) -> list[dict[str, Any]]:
    """What footprint counts in windows of so many seconds, in a process of its own."""
    return _windows([str(OURS / "python"), str(WINDOWS), json.dumps(_uneven(seconds))], folder, *environs)


def theirs(folder: Path, seconds: Sequence[float], host: VirtualSysroot, gpus: FakeGpus) -> list[dict[str, Any]]:
    """What CodeCarbon counts, with the tree where it looks for it and an ``nvidia-smi`` that is there."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "nvidia-smi").write_text("#!/bin/sh\nexit 0\n")
    (tools / "nvidia-smi").chmod(0o755)
    program = [str(THEIRS / "python"), "-c", THEIR_PROGRAM, json.dumps(_uneven(seconds))]
    command = ["unshare", "-m", "sh", "-c", IN_PLACE, str(host.path / "sys/class/powercap"), *program]
    return _windows(command, folder, gpus.environ, {"PATH": f"{tools}:{os.environ['PATH']}"})


def _uneven(seconds: Sequence[float]) -> list[float]:
    """Windows a little longer, each by another part of a refresh: a whole number of them would hide what they do."""
    return [round(window_s + 0.1 * (number * 0.37 % 1), 4) for number, window_s in enumerate(seconds, start=1)]


def _windows(command: list[str], folder: Path, *environs: Mapping[str, str]) -> list[dict[str, Any]]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FOOTPRINT_", "CODECARBON_"))}
    environ = kept | {"FOOTPRINT_HOME": str(folder.parent / "home"), "FOOTPRINT_REGION": "FR"}
    for more in environs:
        environ |= more
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, cwd=folder.parent)
    if done.returncode:
        raise SystemExit(f"accuracy: {command[0]} ended with {done.returncode}: {done.stderr[-1500:]}")
    windows: list[dict[str, Any]] = json.loads(done.stdout.strip().splitlines()[-1])
    return windows


class Case(NamedTuple):
    """One host on which both are scored."""

    name: str
    curve: Curve
    zone: Mapping[str, Any] = {}
    gpu: Mapping[str, Any] = {}


CASES = (
    Case("constant 150 W", Constant(150.0)),
    Case("square wave, 60 to 300 W, 0.7 s", Square(60.0, 300.0, 0.7)),
    Case("bursts of 50 ms, 60 to 400 W", Square(60.0, 400.0, 1.0, 0.05)),
    Case("constant, CPU counter starts again each 4 s", Constant(150.0), SMALL_RANGE),
    Case("constant, CPU counter unreadable for 1.5 s", Constant(150.0), {"silent_from": 6.0, "silent_to": 7.5}),
    Case("constant, CPU counter reset at 6 s", Constant(150.0), {"reset_at": 6.0}),
    Case("square wave, CPU counter frozen for 2 s, then leaping", Square(60.0, 300.0, 0.7),
         {"freeze_at": 4.0, "freeze_to": 6.0}),
    Case("constant, GPU lost at 6 s", Constant(150.0), {}, {"lost_at": 6.0}),
    Case("constant, CPU counter for root only (0400)", Constant(150.0), {"broken": "0400"}),
)  # fmt: skip


def comparison(folder: Path, seconds: Sequence[float]) -> Table:
    """Both tools on the same hosts, scored by the window that the user sees: from start's return to stop's call."""
    header = ("host", "window", "CPU: footprint", "CPU: CodeCarbon", "GPU: footprint", "GPU: CodeCarbon")
    able = shutil.which("unshare") and os.geteuid() == 0 and (THEIRS / "python").exists()
    rows: list[tuple[str, ...]] = []
    for number, case in enumerate(CASES):
        mine = _scores(_host_of(folder / f"ours-{number}", case), seconds, ours)
        other = _scores(_host_of(folder / f"theirs-{number}", case), seconds, theirs) if able else {}
        for window_s, (cpu, gpu) in mine.items():
            their_cpu, their_gpu = other.get(window_s, ((), ()))
            rows.append((case.name, f"{window_s:g} s", *map(_worst, (cpu, their_cpu, gpu, their_gpu))))
    text = (
        "Worst error of energy over the user's window (from the return of start to the call of stop), one package and "
        "one GPU that is refreshed every 100 ms. CodeCarbon measures each second."
        + ("" if able else " CodeCarbon was not measured: that needs root, unshare and its environment.")
    )
    return Table("Accuracy beside CodeCarbon", text, header, rows)


class _Host(NamedTuple):
    folder: Path
    zone: Zone
    gpu: FakeGpu


def _host_of(folder: Path, case: Case) -> _Host:
    return _Host(
        folder, package(0, case.curve, **case.zone), FakeGpu(case.curve, refresh_s=0.1, phase_s=0.03, **case.gpu)
    )


def _scores(
    made: _Host, seconds: Sequence[float], measure: Callable[..., list[dict[str, Any]]]
) -> dict[float, tuple[list[float], list[float]]]:
    """Relative errors of CPU and of GPU by length of window."""
    scores: dict[float, tuple[list[float], list[float]]] = {}
    gpus = FakeGpus(made.folder / "gpus", made.gpu)
    with VirtualSysroot(made.folder / "root", made.zone) as host:
        more = (host, gpus) if measure is theirs else (host.environ, gpus.environ)
        for asked_s, window in zip(seconds, measure(made.folder, seconds, *more), strict=True):
            channels = window.get("channels")
            from_s, to_s = (
                (window["user_from_s"], window["user_to_s"]) if channels else (window["from_s"], window["to_s"])
            )
            cpu_j = channels.get("package-0", {}).get("energy_j", math.nan) if channels else window["cpu_j"]
            gpu_j = channels.get("gpu-0", {}).get("energy_j", math.nan) if channels else window["gpu_j"]
            cpu, gpu = scores.setdefault(asked_s, ([], []))
            cpu.append(cpu_j / host.exact_j("package-0", from_s, to_s) - 1)
            gpu.append(gpu_j / gpus.exact_j(0, from_s, to_s) - 1)
    return scores


def _worst(errors: Sequence[float]) -> str:
    if any(math.isnan(error) for error in errors):
        return "no reading, said so"
    return f"{max(errors, key=abs):+.2%}" if errors else "–"


def _markdown(table: Table) -> str:
    lines = [f"## {table.title}", "", table.text, "", "| " + " | ".join(table.header) + " |"]
    lines.append("|" + "---|" * len(table.header))
    lines += ["| " + " | ".join(row) + " |" for row in table.rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
