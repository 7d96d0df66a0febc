"""``kill -9`` of runner and job at random moments: is every run found again, with all but its last second?"""

import json
import os
import random
import signal
import subprocess
import time

from pairs import OURS, Table, Workplace

AT_ONCE = 10


def measure(kills: int) -> Table:
    rng = random.Random(20261124)
    with Workplace() as place:
        lived: dict[str, float] = {}
        while len(lived) < kills:
            lived |= _batch(place, len(lived), min(AT_ONCE, kills - len(lived)), rng)
        found = json.loads(place.run(OURS / "footprint", "list", "--json", "--limit", kills + 10).stdout)["runs"]
    runs = {run["name"]: run for run in found}
    lost = [name for name in lived if name not in runs]
    short = [lived[name] - runs[name]["duration_s"] for name in lived if name in runs]
    crashed = sum(run["status"] == "crashed" for run in runs.values())
    return Table(
        "Killed at random moments",
        f"`kill -9` to the process group of `footprint run -- sleep`, {AT_ONCE} runs at a time. What is missing of a "
        "run is the time from the launch of `footprint` to the kill, less the duration that was found again: the "
        "start-up of Python is in it.",
        ("runs killed", "found again", "status crashed", "missing: median", "missing: most"),
        [
            (
                str(len(lived)), str(len(lived) - len(lost)), str(crashed),
                f"{sorted(short)[len(short) // 2]:.2f} s", f"{max(short):.2f} s",
            )
        ],
    )  # fmt: skip


def _batch(place: Workplace, first: int, count: int, rng: random.Random) -> dict[str, float]:
    """How long each of some runs lived (s), by name."""
    running = []
    for number in range(first, first + count):
        name = f"killed-{number}"
        command = [str(OURS / "footprint"), "run", "--quiet", "--name", name, "--", "sleep", "600"]
        process = subprocess.Popen(command, env=place.environ, cwd=place.path, start_new_session=True)
        running.append((name, process, time.monotonic()))
    time.sleep(1.0 + rng.random())
    lived = {}
    for name, process, began in running:
        time.sleep(0.3 * rng.random())
        os.killpg(process.pid, signal.SIGKILL)
        lived[name] = time.monotonic() - began
        process.wait()
    return lived
