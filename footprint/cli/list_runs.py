"""``footprint list``: stored runs, newest first."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import click

from footprint import config, queries, wording
from footprint.cli import stored
from footprint.cli.run_options import pairs
from footprint.errors import UsageError
from footprint.interval import Interval, is_known
from footprint.queries.when import moment
from footprint.records.document import interval_document

SCHEMA = "footprint.list/1"
_SHOWN = 50
"""Lines without ``--limit``; JSON has all."""
_ASCENDING = ("name", "project", "team", "status", "zone")
_EPILOG = """\b
Examples:
  footprint list
  footprint list --project vision --since 7d --sort energy
  footprint list --tag seed=7 --json
"""


@click.command("list", epilog=_EPILOG)
@click.option("--project", help="Only runs of this project.")
@click.option("--team", help="Only runs of this team.")
@click.option(
    "--tag", "tags", multiple=True, metavar="K=V", help="Only runs with this tag; may be given several times."
)
@click.option("--since", metavar="WHEN", help="Started then or later: 2026-11-24, 2026-11-24T09:00 (UTC), 7d.")
@click.option("--until", metavar="WHEN", help="Started before then; a date counts whole.")
@click.option("--status", help="running, completed, crashed or stopped.")
@click.option("--limit", metavar="N", help=f"At most so many. Default: {_SHOWN} lines, all in JSON.")
@click.option("--sort", default="started", metavar="COLUMN", help="started, name, duration, energy, carbon, water …")
@click.option("--reverse", is_flag=True, help="The other way round.")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.list/1.")
def command(
    *, project: str | None, team: str | None, tags: tuple[str, ...], since: str | None, until: str | None,
    status: str | None, limit: str | None, sort: str, reverse: bool, as_json: bool,
) -> None:  # fmt: skip
    """List stored runs, newest first. Runs that are being measured are among them."""
    now = datetime.now(UTC)
    most = _number(limit)
    asked = queries.RunFilter(
        project=project, team=team, tag=pairs("tag", tags), status=status, sort=sort,
        since=None if since is None else moment(since, "--since", now),
        until=None if until is None else moment(until, "--until", now, end=True),
        limit=_SHOWN if most is None and not as_json else most,
        descending=(sort not in _ASCENDING) != reverse,
    )  # fmt: skip
    with stored.opened() as store:
        rows = queries.list_runs(store, asked)
        if as_json:
            stored.echo_json({"schema": SCHEMA, "runs": [_entry(row) for row in rows]})
            return
        click.echo(text(rows, _is_wide_enough, plain=config.is_plain(os.environ)), nl=False)
        _tell_rest(store, asked, len(rows))


def _number(limit: str | None) -> int | None:
    if limit is None:
        return None
    if not limit.isdecimal() or len(limit) > 9:
        raise UsageError(f"--limit {limit!r}", "it is no whole number from 0 on", "write it like --limit 20")
    return int(limit)


def _entry(row: queries.RunRow) -> dict[str, Any]:
    return {
        "run_id": row.run_id,
        "name": row.name,
        "project": row.project,
        "team": row.team,
        "tags": dict(row.tags),
        "status": row.status,
        "exit_code": row.exit_code,
        "started_at": row.started_at,
        "duration_s": row.duration_s,
        "job_kwh": interval_document(row.job_kwh),
        "impacts": {key: interval_document(total) for key, total in row.impacts.items()},
    }


def _tell_rest(store: queries.Store, asked: queries.RunFilter, shown: int) -> None:
    """What the lines above are not: all of it, or anything at all."""
    count = queries.count_runs(store, asked)
    if shown < count:
        click.echo(f"{shown} of {count} runs; more with --limit {count}")
    elif count == 0 and queries.count_runs(store):
        click.echo("No run is like that; `footprint list` shows all.")
    elif count == 0:
        click.echo("No run is kept here yet. Measure one: footprint run -- python train.py")


def _is_wide_enough(width: int) -> bool:
    return not sys.stdout.isatty() or width <= shutil.get_terminal_size().columns


_Column = tuple[str, Callable[[queries.RunRow], str], str]


def text(rows: list[queries.RunRow], fits: Callable[[int], bool], *, plain: bool) -> str:
    """Runs for people: a table as wide as ``fits`` allows, or in ``plain`` one fact a line."""
    if not rows:
        return ""
    if plain:
        return "\n".join(_facts(row) for row in rows)
    columns = _columns()
    lines: list[str] = []
    for dropped in ("", "PROJECT", "TIME", "ranges"):
        columns = [column for column in columns if column[0] != dropped]
        if dropped == "ranges":
            columns = [(title, _narrow(title, cell), align) for title, cell, align in columns]
        lines = _table(columns, rows)
        if fits(max(len(line) for line in lines)):
            break
    if dropped == "ranges":
        lines.append("Central values; a wider window or --json shows their ranges.")
    return "\n".join(lines) + "\n"


def _columns() -> list[_Column]:
    return [
        ("STARTED (UTC)", lambda row: row.started_at[:16].replace("T", " "), "<"),
        ("NAME", lambda row: _short(row.name, 24), "<"),
        ("PROJECT", lambda row: _short(row.project, 16), "<"),
        ("STATUS", _status, "<"),
        ("TIME", lambda row: "–" if row.duration_s is None else wording.duration(row.duration_s), ">"),
        ("ENERGY", lambda row: _amount(row.job_kwh, "kWh"), "<"),
        ("CARBON", lambda row: _amount(row.impacts.get("carbon_location"), "gCO2e"), "<"),
        ("RUN", lambda row: row.run_id, "<"),
    ]


def _narrow(title: str, cell: Callable[[queries.RunRow], str]) -> Callable[[queries.RunRow], str]:
    """A cell for a table that would be too wide: short names, no ranges."""
    if title in {"ENERGY", "CARBON"}:
        return lambda row: cell(row).split(" (")[0]
    return (lambda row: _short(row.name, 12)) if title == "NAME" else cell


def _short(name: str | None, most: int) -> str:
    said = wording.clean(name or "–")
    return said if len(said) <= most else said[: most - 1] + "…"


def _status(row: queries.RunRow) -> str:
    return f"{row.status} ({row.exit_code})" if row.exit_code else row.status


def _amount(value: Interval | None, unit: str) -> str:
    if value is None or not is_known(value):
        return "no figure"
    said = wording.interval_text(value, unit)
    return said if value.kind == "lower_bound" else said.rsplit(", ", 1)[0] + (")" if "(" in said else "")


def _table(columns: list[_Column], rows: Iterable[queries.RunRow]) -> list[str]:
    cells = [[title for title, _, _ in columns]] + [[cell(row) for _, cell, _ in columns] for row in rows]
    widths = [max(len(line[number]) for line in cells) for number in range(len(columns))]
    aligned = [
        [f"{cell:{align}{width}}" for cell, width, (_, _, align) in zip(line, widths, columns, strict=True)]
        for line in cells
    ]
    return ["  ".join(line).rstrip() for line in aligned]


def _facts(row: queries.RunRow) -> str:
    """A run for a screen reader."""
    carbon = row.impacts.get("carbon_location")
    facts = [
        ("Run", row.run_id),
        ("Name", wording.clean(row.name or "none")),
        ("Project", wording.clean(row.project or "none")),
        ("State", f"{row.status}, with exit code {row.exit_code}" if row.exit_code else row.status),
        ("Started", f"{row.started_at[:16].replace('T', ' ')} UTC"),
        ("Duration", "no figure" if row.duration_s is None else wording.duration(row.duration_s)),
        ("Energy", wording.interval_text(row.job_kwh, "kWh", spoken=True)),
        ("Carbon", "no figure" if carbon is None else wording.interval_text(carbon, "gCO2e", spoken=True)),
    ]
    return "".join(f"{subject}: {fact}\n" for subject, fact in facts)
