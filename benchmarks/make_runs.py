"""Fabricated runs for measuring the program's own speed: ``python benchmarks/make_runs.py FOLDER 10000``.

NOT MEASUREMENTS. Every run is called "fabricated …" and carries the tag ``fabricated=yes``, so that nobody takes
its figures for something that a machine did. The folder is a home: FOOTPRINT_HOME=FOLDER footprint list
"""

from __future__ import annotations

import os
import random
import sys
import time

from footprint import journal
from footprint.collectors.channel import Channel
from footprint.records.raw import Allocation, Frame, HostInfo, RegionRef, RunEnd, RunHead, Settings
from footprint.store import segments
from footprint.ulid import ulid

PACKAGE = Channel("cpu", "package-0", "rapl_powercap", "rapl-counter", "counter", "rapl:package-0", sensor="rapl-intel")
PROJECTS = ("vision", "protein-fold", "ocean-sim", "speech", None)
ZONES = ("FR", "DE", "PL", "SE")
JOBS = ("train", "evaluate", "sweep", "serve")
LASTED_S = 8
EVERY_S = 1800.0
"""A run begins so often: 10,000 runs take 208 days."""


def write(home: str, count: int, ends_at: float | None = None, seed: int = 7) -> list[str]:
    """So many fabricated runs in a home, as monthly segments; gives their ids, the oldest first."""
    rng = random.Random(seed)
    newest = time.time() - LASTED_S if ends_at is None else ends_at
    months: dict[str, list[tuple[str, bytes]]] = {}
    ids = []
    for number in range(count):
        head = _head(number, newest - EVERY_S * (count - 1 - number), rng)
        ids.append(head.run_id)
        month = segments.name_for(time.strftime("%Y-%m", time.gmtime(head.started_at)))
        months.setdefault(month, []).append((head.run_id, _journal(home, head, rng)))
    os.makedirs(segments.folder_of(home), mode=0o700, exist_ok=True)
    for name, runs in months.items():
        segments.append(os.path.join(segments.folder_of(home), name), runs)
    return ids


def _head(number: int, started_at: float, rng: random.Random) -> RunHead:
    return RunHead(
        ulid(started_at, rng.randbytes(10)),
        started_at,
        HostInfo(f"fabricated-{number % 3}", "Linux", "a fabricated processor", 4, memory_gb=16.0),
        name=f"fabricated {rng.choice(JOBS)} {number}",
        project=rng.choice(PROJECTS),
        tags={"fabricated": "yes"},
        region=RegionRef(rng.choice(ZONES), "flag"),
        settings=Settings("reserved", 1.2),
        channels=(PACKAGE,),
        allocation=Allocation(4.0, 16.0, alone=True, how="whole-host"),
    )


def _journal(home: str, head: RunHead, rng: random.Random) -> bytes:
    """The bytes of a run's journal, with a crash, a stop and a failed job now and then."""
    watts = rng.lognormvariate(3.4, 0.5)
    log = journal.Journal(home, head)
    for t_s in (0.0, float(LASTED_S)):
        frame = Frame(t_s, (1000.0 + watts * t_s,), 50.0 + 2 * t_s, 2 * t_s, 1, 1.0, (), (), 0.001 * t_s)
        log.frame(frame)
        log.newest(frame)
    fate = rng.random()
    if fate < 0.04:
        log.abandon()
    else:
        status = "stopped" if fate < 0.05 else "completed"
        log.close(RunEnd(float(LASTED_S), status, 1 if fate > 0.95 else 0, None, {"items": 100.0}))
    path = journal.path_of(home, head.run_id)
    with open(path, "rb") as file:
        data = file.read()
    os.unlink(path)
    return data


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[2].isdigit():
        sys.exit(__doc__)
    os.makedirs(sys.argv[1], mode=0o700, exist_ok=True)
    began = time.perf_counter()
    made = write(sys.argv[1], int(sys.argv[2]))
    print(f"{len(made)} fabricated runs in {sys.argv[1]} after {time.perf_counter() - began:.1f} s")
