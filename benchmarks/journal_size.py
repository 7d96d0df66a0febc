"""How many bytes a run's journal takes: hours, written by the real recorder and journal on a clock that leaps."""

from pathlib import Path

from pairs import Table, Workplace

from footprint.collectors.channel import Channel
from footprint.collectors.machine import HostInfo
from footprint.collectors.reading import Counter
from footprint.instruments import Instant
from footprint.journal import Journal
from footprint.recorder import Recorder
from footprint.records.raw import RegionRef, RunEnd, RunHead, Settings


class Job:
    """A job of five processes that works all the time."""

    def __init__(self) -> None:
        self.t_s = 0.0

    def cpu_s(self) -> float:
        """CPU seconds so far."""
        return self.t_s * 1.731_234

    def processes(self) -> int:
        """How many live."""
        return 5

    def pids(self) -> frozenset[int]:
        """Their numbers."""
        return frozenset(range(100, 105))


def measure(hours: tuple[int, ...] = (1, 10, 100)) -> Table:
    rows = []
    with Workplace() as place:
        for channels in (4, 14):
            sizes = [_size(place.path / f"{channels}-{length}", channels, length) for length in hours]
            rows += [
                (str(channels), str(length), f"{size / 1e3:.1f} kB", f"{size / 1e3 / length:.1f} kB")
                for length, size in zip(hours, sizes, strict=True)
            ]
            growth = (sizes[-1] - sizes[0]) / (hours[-1] - hours[0])
            rows.append((str(channels), "each further hour", f"{growth / 1e3:.1f} kB", f"{growth / 1e3:.1f} kB"))
    return Table(
        "Journal",
        "Size of a closed journal: one look a second for simulated hours, through the recorder and journal that a real "
        "run uses (a point of the timeline a second for ten minutes, then one a minute).",
        ("channels", "hours", "size", "per hour"),
        rows,
    )


def _size(home: Path, channels: int, hours: int) -> int:
    named = tuple(
        Channel(
            "cpu", f"package-{n}", "rapl_powercap", "rapl-counter", "counter", f"rapl:package-{n}", range_j=262_143.3
        )
        for n in range(channels)
    )
    host = HostInfo("0" * 16, "Linux", "Some CPU", 64, 2, 32, 256.0, False, False, True)  # noqa: FBT003 - a record
    head = RunHead("0" * 26, 1.8e9, host, RegionRef("FR", "flag"), Settings(), channels=named)
    journal, job = Journal(str(home), head), Job()
    recorder = Recorder(head, job, lambda: job.t_s * 4e-4, journal)
    for second in range(hours * 3600 + 1):
        job.t_s = second + 0.000_137 * (second % 7)
        joules = [(job.t_s * (61.234_567 + n)) % 262_143.3 for n in range(channels)]
        outcomes = tuple(Counter(one) for one in joules)
        recorder.take(Instant(job.t_s, tuple(joules), outcomes, job.t_s * 30.123_456, {}), 1.0)
    journal.close(RunEnd(job.t_s, "completed", 0))
    return Path(journal.path).stat().st_size
