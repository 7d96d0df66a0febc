"""How right a job's share is, on a host whose power follows its load: each CPU that works draws 30 W over 40 W of idle.

The job's own CPU seconds, as the kernel tells it at its end, give its dynamic energy; its part of the idle energy
follows from the policy. Others work on the same host for the whole time.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from pairs import OURS, ROOT, Table, Workplace

sys.path.insert(0, str(ROOT / "tests"))

from virtual_host import Constant, NoCompiler, VirtualSysroot, package

IDLE_W, PER_CPU_W = 40.0, 30.0
SECONDS = 4.0
POLICIES = ("reserved", "proportional", "all", "none")
BURN = """
import resource, sys, time
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end: pass
used = resource.getrusage(resource.RUSAGE_SELF)
open(sys.argv[2], "w").write(str(used.ru_utime + used.ru_stime))
"""


def measure(times: int = 2) -> Table:
    rows: list[tuple[str, ...]] = []
    try:
        for others in (0, 1, 3):
            rows += [_row(policy, others, [_once(policy, others) for _ in range(times)]) for policy in POLICIES]
    except NoCompiler as fault:
        return Table("Whose energy it is", f"Not measured: {fault}", ("",), [])
    return Table(
        "Whose energy it is",
        f"A job of one busy process for {SECONDS:g} s on a virtual host whose package draws {IDLE_W:g} W, and "
        f"{PER_CPU_W:g} W more for each busy CPU, beside other busy processes. Errors of the job's energy against what "
        f"follows from its own CPU seconds, worst of {times}. To reach: 2 % of the host's energy.",
        ("idle policy", "others", "error over the job's", "error over the host's", "interval holds"),
        rows,
    )


def _row(policy: str, others: int, found: list[tuple[float, float, bool]]) -> tuple[str, ...]:
    of_job, of_host = (max((one[at] for one in found), key=abs) for at in (0, 1))
    held = sum(one[2] for one in found) / len(found)
    return (policy, str(others), f"{of_job:+.2%}", f"{of_host:+.2%}", f"{held:.0%}")


def _once(policy: str, others: int) -> tuple[float, float, bool]:
    """(error relative to the job's energy, to the host's, whether the interval has the truth)."""
    with Workplace() as place:
        home = place.path / "home"
        home.mkdir()
        (home / "idle.json").write_text(json.dumps({"package-0": {"power_w": IDLE_W, "how": "calibrated"}}))
        with VirtualSysroot(place.path / "root", package(0, Constant(IDLE_W), per_cpu_w=PER_CPU_W)) as host:
            place.environ |= host.environ
            competing = [_burning(place, SECONDS + 2, place.path / f"other-{n}") for n in range(others)]
            told = place.path / "run.json"
            command = [OURS / "footprint", "run", "--quiet", "--idle", policy, "--json", told, "--"]
            place.run(*command, sys.executable, "-c", BURN, SECONDS, place.path / "cpu")
            for process in competing:
                process.wait()
        return _scored(policy, json.loads(told.read_text()), float((place.path / "cpu").read_text()))


def _burning(place: Workplace, seconds: float, told: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", BURN, str(seconds), str(told)], env=place.environ)


def _scored(policy: str, run: dict[str, Any], cpu_s: float) -> tuple[float, float, bool]:
    part = next(one for one in run["energy"]["components"] if one["channel"] == "package-0")
    host_s = run["activity"]["host_cpu_s"]
    idle_j = IDLE_W * run["duration_s"]
    borne_j = {"all": idle_j, "none": 0.0}.get(policy, idle_j * cpu_s / host_s)
    expected_j = PER_CPU_W * cpu_s + borne_j
    off_j = part["job_j"]["central"] - expected_j
    held = part["job_j"]["low"] <= expected_j <= part["job_j"]["high"]
    return off_j / expected_j, off_j / part["host_j"]["central"], held
