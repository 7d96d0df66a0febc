"""Measures what measuring costs, beside CodeCarbon on the same machine in the same run, and writes RESULTS.md.

    make bench                                 # all of it, some ten minutes
    .venv/bin/python benchmarks/run.py --only starting,spans --stdout

Figures are this machine's; ratios travel better. Run it on a quiet machine: the load before is written down.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import attribution
import journal_size
import kills
import reading
import recompute
import sampling
import short_children
import spans
import start_up
from pairs import OURS, ROOT, THEIRS, Table

RESULTS = ROOT / "benchmarks" / "RESULTS.md"


def main() -> int:
    options = _arguments()
    parts: dict[str, Callable[[], list[Table] | str]] = {
        "starting": lambda: [start_up.measure(options.times)],
        "sampling": lambda: sampling.measure(options.seconds),
        "spans": lambda: [spans.measure(max(3, options.times // 5))],
        "children": lambda: [short_children.measure()],
        "journal": lambda: [journal_size.measure()],
        "kills": lambda: [kills.measure(options.kills)],
        "reading": lambda: [reading.measure(options.times)],
        "recompute": lambda: [recompute.measure()],
        "dashboard": _dashboard,
        "attribution": lambda: [attribution.measure()],
        "accuracy": _accuracy,
    }
    chosen = options.only.split(",") if options.only else list(parts)
    unknown = set(chosen) - set(parts)
    if unknown:
        print(f"benchmarks: no such part: {', '.join(sorted(unknown))}; there are {', '.join(parts)}", file=sys.stderr)
        return 2
    written = [_preface(options)]
    for name in chosen:
        began = time.monotonic()
        print(f"{name} ...", file=sys.stderr, flush=True)
        result = parts[name]()
        written.append(result if isinstance(result, str) else "\n".join(map(_markdown, result)))
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    text = "\n".join(written)
    if options.stdout or options.only:
        print(text)
    else:
        RESULTS.write_text(text, encoding="utf-8")
        print(f"written to {RESULTS.relative_to(ROOT)}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=15, help="pairs of processes for each timing")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long sampling is watched")
    parser.add_argument("--kills", type=int, default=200, help="runs that are killed")
    parser.add_argument("--only", default="", help="parts, with commas between; prints instead of writing the file")
    parser.add_argument("--stdout", action="store_true", help="print instead of writing the file")
    return parser.parse_args()


def _preface(options: argparse.Namespace) -> str:
    settings = f"--times {options.times} --seconds {options.seconds:g} --kills {options.kills}"
    theirs = subprocess.run(
        [THEIRS / "python", "-c", "import importlib.metadata as m; print(m.version('codecarbon'))"],
        capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    return f"""# Benchmarks

What measuring costs, and how well it measures. Written by `make bench`; do not edit by hand.

| | |
|---|---|
| when | {time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())} |
| command | `.venv/bin/python benchmarks/run.py {settings}` |
| machine | {_machine()} |
| load before | {os.getloadavg()[0]:.2f} processes (mean of one minute) |
| Python | {platform.python_version()}, {platform.platform()} |
| footprint | {version("compute-footprint")}, at {_commit()} |
| CodeCarbon | {theirs or "not installed"}, in an environment of its own |

A ratio is footprint ÷ CodeCarbon: below 1, footprint is cheaper.
"""


def _machine() -> str:
    """CPU and memory in words; no names of hosts or people."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    model = next((line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name")), "")
    kind = "virtual machine" if " hypervisor " in info else "machine"
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{kind} with {os.cpu_count()} logical CPUs ({model or platform.machine()}), {memory_gb:.0f} GB"


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "a copy without history"


def _dashboard() -> list[Table] | str:
    """Needs a browser: where there is none, that is said."""
    try:
        import dashboard_speed

        return [dashboard_speed.of_fabricated(10_000)]
    except Exception as fault:  # noqa: BLE001 - whatever the browser lacks here, the other parts are still wanted
        return f"## The dashboard in a browser\n\nNot measured: {str(fault).splitlines()[0]}\n"


def _accuracy() -> str:
    """Accuracy on the virtual host is a program of its own, which prints its Markdown."""
    program = ROOT / "benchmarks" / "accuracy.py"
    if not program.exists():
        return "## Accuracy\n\nNot measured.\n"
    done = subprocess.run([OURS / "python", program], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"## Accuracy\n\nNot measured: {done.stderr.strip()[-300:]}\n"
    return done.stdout.strip() + "\n"


def _markdown(table: Table) -> str:
    lines = [f"## {table.title}", "", table.text, "", "| " + " | ".join(table.header) + " |"]
    lines.append("|" + "---|" * len(table.header))
    lines += ["| " + " | ".join(row) + " |" for row in table.rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
