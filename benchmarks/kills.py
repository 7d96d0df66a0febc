"""``kill -9`` of runner and job at random moments: is every run found again, with all but its last second?"""

import json
import os
import random
import signal
import subprocess
import time
from datetime import datetime
from typing import Any

from pairs import OURS, Table, Workplace

AT_ONCE = 10


def measure(kills: int) -> Table:
    rng = random.Random(20261124)
    with Workplace() as place:
        killed_at: dict[str, float] = {}
        while len(killed_at) < kills:
            killed_at |= _batch(place, len(killed_at), min(AT_ONCE, kills - len(killed_at)), rng)
        found = json.loads(place.run(OURS / "footprint", "list", "--json", "--limit", kills + 10).stdout)["runs"]
    runs = {run["name"]: run for run in found}
    lost = [name for name in killed_at if name not in runs]
    missing = sorted(at - _known_until(runs[name]) for name, at in killed_at.items() if name in runs)
    crashed = sum(run["status"] == "crashed" for run in runs.values())
    return Table(
        "Killed at random moments",
        f"`kill -9` to the process group of `footprint run -- sleep`, {AT_ONCE} runs at a time. What is missing of a "
        "run is the time from the end that was found again (its start and its duration) to the kill.",
        ("runs killed", "found again", "status crashed", "missing: median", "missing: most", "above 1 s"),
        [
            (
                str(len(killed_at)), str(len(killed_at) - len(lost)), str(crashed),
                f"{missing[len(missing) // 2]:.2f} s", f"{missing[-1]:.2f} s", str(sum(one > 1.0 for one in missing)),
            )
        ],
    )  # fmt: skip


def _known_until(run: dict[str, Any]) -> float:
    """When a run's record ends, on the wall clock (s)."""
    return datetime.fromisoformat(run["started_at"]).timestamp() + float(run["duration_s"])


def _batch(place: Workplace, first: int, count: int, rng: random.Random) -> dict[str, float]:
    """When each of some runs was killed, on the wall clock (s), by name."""
    running = []
    for number in range(first, first + count):
        name = f"killed-{number}"
        command = [str(OURS / "footprint"), "run", "--quiet", "--name", name, "--", "sleep", "600"]
        process = subprocess.Popen(command, env=place.environ, cwd=place.path, start_new_session=True)
        running.append((name, process))
    time.sleep(1.0 + 2.0 * rng.random())
    killed_at = {}
    for name, process in running:
        time.sleep(0.3 * rng.random())
        killed_at[name] = time.time()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return killed_at
