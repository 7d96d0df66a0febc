"""``footprint list``: stored runs, newest first; or saved estimates, which are never among them."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, datetime
from typing import Any

import click

from footprint import config, queries
from footprint.cli import complain, list_text, stored
from footprint.cli.run_options import pairs
from footprint.errors import UsageError
from footprint.impacts import INDICATORS
from footprint.interval import Interval, is_known
from footprint.queries.when import iso, moment

SCHEMA = "footprint.list/1"
ESTIMATES_SCHEMA = "footprint.estimates/1"
_SHOWN = 50
"""Lines without ``--limit``; JSON has all."""
_ASCENDING = ("name", "project", "team", "status", "zone")
_EPILOG = """\b
Examples:
  footprint list
  footprint list --project vision --since 7d --sort energy
  footprint list --tag seed=7 --json
  footprint list --estimates
  footprint list --hardware --since 30d
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
@click.option("--estimates", is_flag=True, help="Saved estimates instead of runs.")
@click.option("--hardware", is_flag=True, help="By host what runs held of its hardware, and what stood unused.")
@click.option("--json", "as_json", is_flag=True, help="Print footprint.list/1, .estimates/1 or .hardware/1.")
def command(
    *, project: str | None, team: str | None, tags: tuple[str, ...], since: str | None, until: str | None,
    status: str | None, limit: str | None, sort: str, reverse: bool, estimates: bool, hardware: bool, as_json: bool,
) -> None:  # fmt: skip
    """List stored runs, newest first. Runs that are being measured are among them.

    Saved estimates are not: --estimates lists them, and nothing else. --hardware adds up the making of each host's
    devices from --since (else its first run) to --until (else now): what runs held of it, and the rest.
    """
    now = datetime.now(UTC)
    if hardware:
        others = {
            "--project": project, "--team": team, "--tag": tags, "--status": status, "--limit": limit,
            "--sort": sort != "started", "--reverse": reverse, "--estimates": estimates,
        }  # fmt: skip
        _list_hardware(since, until, now, [name for name, value in others.items() if value], as_json=as_json)
        return
    most = _number(limit)
    asked = queries.RunFilter(
        project=project, team=team, tag=pairs("tag", tags), status=status, sort=sort,
        since=None if since is None else moment(since, "--since", now),
        until=None if until is None else moment(until, "--until", now, end=True),
        limit=_SHOWN if most is None and not as_json else most,
        descending=(sort not in _ASCENDING) != reverse,
    )  # fmt: skip
    with stored.opened() as store:
        if estimates:
            _list_estimates(store, asked, as_json=as_json)
            return
        rows = queries.list_runs(store, asked)
        if sort in INDICATORS and INDICATORS[sort].kind != "status" and len({row.zone for row in rows}) > 1:
            name = INDICATORS[sort].name
            complain(f"these runs were in several zones: their order by {name} ranks no zone; compare runs of one zone")
        if as_json:
            stored.echo_json_rows(SCHEMA, "runs", map(_entry, rows))
            return
        click.echo(list_text.text(rows, _is_wide_enough, plain=config.is_plain(os.environ)), nl=False)
        count = queries.count_runs(store, asked)
        if len(rows) < count or count == 0:
            click.echo(list_text.rest(len(rows), count, kept=queries.count_runs(store)))


def _list_estimates(store: queries.Store, asked: queries.RunFilter, *, as_json: bool) -> None:
    rows = queries.list_estimates(store, asked)
    if as_json:
        stored.echo_json_rows(ESTIMATES_SCHEMA, "estimates", map(_estimate_entry, rows))
        return
    click.echo(list_text.estimates_text(rows, _is_wide_enough, plain=config.is_plain(os.environ)), nl=False)
    count = len(queries.list_estimates(store, asked._replace(limit=None)))
    if len(rows) < count or count == 0:
        click.echo(list_text.rest_of_estimates(len(rows), count))


def _list_hardware(since: str | None, until: str | None, now: datetime, others: list[str], *, as_json: bool) -> None:
    from footprint.cli import hardware_text

    if others:
        what = f"--hardware and {others[0]}"
        raise UsageError(what, "hardware is a host's, whichever its runs are", f"leave {others[0]} out")
    begins = None if since is None else moment(since, "--since", now)
    ends = moment(until, "--until", now, end=True) if until is not None else iso(now)
    if begins is not None and begins >= ends:
        raise UsageError(f"--since {since}", "the time ends before it begins", "give an earlier one")
    with stored.opened() as store:
        begins, hosts = queries.hardware_use(store, begins, ends)
    if as_json:
        stored.echo_json(hardware_text.document(begins, ends, hosts))
    else:
        click.echo(hardware_text.text(begins, ends, hosts, plain=config.is_plain(os.environ)))


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
        "job_kwh": _as_stored(row.job_kwh),
        "impacts": {key: _as_stored(total) for key, total in row.impacts.items()},
    }


def _estimate_entry(row: queries.EstimateRow) -> dict[str, Any]:
    return {
        "estimate_id": row.estimate_id,
        "estimate": True,
        "name": row.name,
        "project": row.project,
        "tags": dict(row.tags),
        "route": row.route,
        "saved_at": row.saved_at,
        "job_kwh": _as_stored(row.job_kwh),
        "impacts": {key: _as_stored(total) for key, total in row.impacts.items()},
    }


def _as_stored(value: Interval) -> dict[str, Any]:
    """An interval of the store, whose digits are those of the run's document; null where there is no number."""
    return value._asdict() if is_known(value) else {"low": None, "central": None, "high": None, "kind": value.kind}


def _is_wide_enough(width: int) -> bool:
    return not sys.stdout.isatty() or width <= shutil.get_terminal_size().columns
