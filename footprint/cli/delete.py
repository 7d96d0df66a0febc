"""``footprint delete RUN…``: stored runs and saved estimates, for good."""

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

    RUN is an id, a unique beginning of one, or "last"; a saved estimate's id too. Of what is deleted only the id and
    hashes are kept.
    """
    with stored.opened() as store:
        found = list(dict.fromkeys(queries.resolve_kept(store, run) for run in runs))
        if not yes and not _agreed(store, found):
            click.echo(verb_text.NOTHING_DELETED, err=True)
            sys.exit(1)
        ids = [one.id for one in found]
        queries.delete_kept(store, ids)
    if as_json:
        stored.echo_json({"schema": SCHEMA, "deleted": ids})
    else:
        click.echo(verb_text.deleted(ids))


def _agreed(store: queries.Store, found: list[queries.Kept]) -> bool:
    """Ask on a terminal; elsewhere nobody can answer, and nothing is deleted."""
    if not sys.stdin.isatty():
        raise UsageError("nothing is deleted", "there is no terminal to ask on", "add --yes if you mean it")
    plain = config.is_plain(os.environ)
    for one in found:
        if one.is_estimate:
            said = verb_text.estimate_to_be_deleted(queries.estimate_document(store, one.id), plain=plain)
        else:
            said = verb_text.to_be_deleted(queries.document(store, one.id), plain=plain)
        click.echo(said, err=True)
    estimates = sum(one.is_estimate for one in found)
    return click.confirm(verb_text.deletion_meant(len(found) - estimates, estimates), err=True)
