"""``footprint factors propose FILE``: what a file of factors would change, in twenty reference runs. Writes nothing."""

from __future__ import annotations

import os

import click

from footprint import catalogue, config, own_file
from footprint.cli import stored
from footprint.cli.own import of_settings

_EPILOG = """\b
Examples:
  footprint factors propose my-factors.csv
  footprint factors propose my-factors.csv --json
"""


@click.command("propose", epilog=_EPILOG)
@click.argument("file", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.propose/1.")
def command(file: str, *, as_json: bool) -> None:
    """Check FILE, a CSV of your own factors, and show what it would change in twenty reference runs.

    Old is what is in force now: the catalogue, with the file of your settings if they name another one. Nothing is
    written: set factors in footprint.toml to use a file.
    """
    from footprint.cli import factors_propose_text
    from footprint.proposals import effects

    proposal = effects.propose(own_file.read(file, catalogue.zones()), of_settings())
    if as_json:
        stored.echo_json(effects.document(proposal))
    else:
        click.echo("\n".join(factors_propose_text.lines(proposal, plain=config.is_plain(os.environ))))
