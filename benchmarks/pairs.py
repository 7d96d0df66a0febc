"""What the benchmarks share: the two sides, pairs that alternate, medians, and a table with its words."""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Self

ROOT = Path(__file__).resolve().parent.parent
OURS = ROOT / ".venv" / "bin"
THEIRS = ROOT / ".venv-codecarbon" / "bin"


class Table(NamedTuple):
    """One benchmark's result, as it stands in RESULTS.md."""

    title: str
    text: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


class Workplace:
    """A folder of its own for runs and files, thrown away afterwards; no setting from outside gets in."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="footprint-bench-")
        self.path = Path(self._folder.name)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("FOOTPRINT_", "CODECARBON_"))}
        self.environ = kept | {"FOOTPRINT_HOME": str(self.path / "home"), "FOOTPRINT_REGION": "FR"}

    def run(self, *command: object) -> subprocess.CompletedProcess[str]:
        """A command, which must succeed."""
        done = subprocess.run(
            [str(word) for word in command],
            env=self.environ,
            cwd=self.path,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(map(str, command))[:200]}: exit {done.returncode}\n{done.stderr[-2000:]}")
        return done

    def figures(self, python: Path, code: str, *arguments: object) -> list[float]:
        """The numbers in the last line that a Python program prints."""
        done = self.run(python, "-c", code, *arguments)
        return [float(word) for word in done.stdout.strip().splitlines()[-1].split()]

    def wall_s(self, *command: object) -> float:
        """How long a command takes (s)."""
        began = time.perf_counter()
        self.run(*command)
        return time.perf_counter() - began

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


def alternate(times: int, *sides: Callable[[], float]) -> list[list[float]]:
    """Each side in turn, so many times, after one round that warms the caches. By side: what each returned."""
    for side in sides:
        side()
    rounds = [[side() for side in sides] for _ in range(times)]
    return [list(column) for column in zip(*rounds, strict=True)]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def ms(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms"


def ratio(ours: float, theirs: float) -> str:
    return f"{ours / theirs:.3f}" if theirs > 0 else "–"
