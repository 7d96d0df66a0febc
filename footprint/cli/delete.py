"""``footprint delete RUN…``: stored runs, for good."""

from __future__ import annotations

import os
import sys

import click

from footprint import config, queries
from footprint.cli import stored, verb_text
from footprint.errors import UsageError

SCHEMA = "footprint.delete/1"
_EPILOG = """\b
Examples:
  footprint delete last
  footprint delete 01JDFX 01JDFY --yes
"""


@click.command("delete", epilog=_EPILOG)
@click.argument("runs", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.delete/1.")
def command(runs: tuple[str, ...], *, yes: bool, as_json: bool) -> None:
    """Delete stored runs with their readings. They do not come back, not even when the store is rebuilt.

    RUN is an id, a unique beginning of one, or "last". Of a deleted run only its id is kept.
    """
    with stored.opened() as store:
        ids = list(dict.fromkeys(queries.resolve(store, run) for run in runs))
        if not yes and not _agreed(store, ids):
            click.echo(verb_text.NOTHING_DELETED, err=True)
            sys.exit(1)
        queries.delete_runs(store, ids)
    if as_json:
        stored.echo_json({"schema": SCHEMA, "deleted": ids})
    else:
        click.echo(verb_text.deleted(ids))


def _agreed(store: queries.Store, ids: list[str]) -> bool:
    """Ask on a terminal; elsewhere nobody can answer, and nothing is deleted."""
    if not sys.stdin.isatty():
        raise UsageError("nothing is deleted", "there is no terminal to ask on", "add --yes if you mean it")
    for run_id in ids:
        click.echo(
            verb_text.to_be_deleted(queries.document(store, run_id), plain=config.is_plain(os.environ)), err=True
        )
    return click.confirm(verb_text.deletion_meant(len(ids)), err=True)
