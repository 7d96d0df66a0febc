"""How quickly the verbs that read answer: ``list``, ``show``, ``explain``, ``targets check`` with 1,000 runs."""

import os
import statistics
import subprocess
import tempfile
import time

import make_runs
from pairs import OURS, Table

RUNS = 1_000
TARGET = ("targets", "set", "monthly", "--indicator", "carbon_location", "--limit", "5 kgCO2e", "--project", "vision",
          "--period", "month", "--owner", "platform team", "--reason", "a benchmark")  # fmt: skip
VERBS = (
    ("list", ("list",), 0.3),
    ("list --json", ("list", "--json"), 0.3),
    ("show last", ("show", "last"), 0.3),
    ("explain last", ("explain", "last"), 0.3),
    ("explain last carbon_location", ("explain", "last", "carbon_location"), 0.3),
    ("targets check", ("targets", "check"), 0.5),
)


def measure(times: int) -> Table:
    """Whole processes, from the start of Python to the exit, one verb after the other in each round."""
    with tempfile.TemporaryDirectory() as home:
        make_runs.write(home, RUNS)
        environ = os.environ | {"FOOTPRINT_HOME": home}
        _run(("list",), environ)  # takes the journals in
        _run(TARGET, environ)
        taken: dict[str, list[float]] = {name: [] for name, _, _ in VERBS}
        for _ in range(times):
            for name, command, _ in VERBS:
                taken[name].append(_run(command, environ))
    return Table(
        f"Reading with {RUNS:,} runs",
        f"Whole processes, medians of {times} rounds over fabricated runs.",
        ("verb", "median", "least", "to reach"),
        [
            (
                f"`footprint {name}`",
                f"{statistics.median(taken[name]):.3f} s",
                f"{min(taken[name]):.3f} s",
                f"{goal:g} s",
            )
            for name, _, goal in VERBS
        ],
    )


def _run(command: tuple[str, ...], environ: dict[str, str]) -> float:
    began = time.perf_counter()
    done = subprocess.run([str(OURS / "footprint"), *command], env=environ, capture_output=True, text=True, check=False)
    taken = time.perf_counter() - began
    if done.returncode not in (0, 1, 4):
        raise RuntimeError(f"footprint {' '.join(command)}: {done.stderr}")
    return taken
