"""``footprint list``: stored runs, newest first."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, datetime
from typing import Any

import click

from footprint import config, queries
from footprint.cli import list_text, stored
from footprint.cli.run_options import pairs
from footprint.errors import UsageError
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
        click.echo(list_text.text(rows, _is_wide_enough, plain=config.is_plain(os.environ)), nl=False)
        count = queries.count_runs(store, asked)
        if len(rows) < count or count == 0:
            click.echo(list_text.rest(len(rows), count, kept=queries.count_runs(store)))


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


def _is_wide_enough(width: int) -> bool:
    return not sys.stdout.isatty() or width <= shutil.get_terminal_size().columns
