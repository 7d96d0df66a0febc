"""A history of runs on several hosts, written as journals into a home."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import made_journals

from footprint import journal
from footprint.records.raw import HostInfo, RunEnd

FOLDER = Path(__file__).parent / "histories"


def noon(day: date) -> float:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()


def write_run(home, number, started_at, *, host="h1", watts=30.0, seconds=4, idle=None, **more) -> str:
    """A run of so many watts on a host; gives its id."""
    head = made_journals.head(number, started_at, **more)
    head = head._replace(host=HostInfo(host, "Linux", "Some CPU", 4, memory_gb=16.0))
    if idle:
        head = head._replace(settings=head.settings._replace(idle=idle))
    log = journal.Journal(str(home), head)
    for t_s in range(seconds + 1):
        log.frame(made_journals.frame(float(t_s), watts=watts))
        log.newest(made_journals.frame(float(t_s), watts=watts))
    log.close(RunEnd(float(seconds), "completed", 0, None, {}))
    return head.run_id


def write(home, name: str) -> list[str]:
    """The runs of a recorded history: columns day, host, project, watts, seconds. Gives their ids."""
    with (FOLDER / name).open(newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return [
        write_run(
            home, number, noon(date.fromisoformat(row["day"])) + number, host=row["host"], project=row["project"],
            watts=float(row["watts"]), seconds=int(row["seconds"]),
        )
        for number, row in enumerate(rows)
    ]  # fmt: skip
