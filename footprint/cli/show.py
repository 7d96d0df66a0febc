"""``footprint show RUN``: one run, whole."""

from __future__ import annotations

import os

import click

from footprint import config, queries
from footprint.cli import show_text, stored
from footprint.records.document import from_document

_EPILOG = """\b
Examples:
  footprint show last
  footprint show 01JDFX
  footprint show last --json
"""


@click.command("show", epilog=_EPILOG)
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.run/1.")
def command(run: str, *, as_json: bool) -> None:
    """Show one run: the summary, its energy by channel, and what is left out.

    RUN is an id, a unique beginning of one, or "last".
    """
    with stored.opened() as store:
        document = queries.document(store, queries.resolve(store, run))
    if as_json:
        stored.echo_json(document)
    else:
        click.echo(show_text.text(from_document(document), plain=config.is_plain(os.environ)), nl=False)
