"""``footprint doctor``: what can be measured here."""

from __future__ import annotations

import json
import os

import click

from footprint import config, doctor


@click.command(epilog="Example: footprint doctor\n\nExample: footprint doctor --json | jq .channels")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.doctor/1.")
def command(*, as_json: bool) -> None:
    """Say what can be measured on this machine, how well, what is missing, and the exact step that mends it.

    Looks once, and uses no network.
    """
    found = doctor.look(os.environ)
    if as_json:
        click.echo(json.dumps(doctor.as_document(found), indent=2, ensure_ascii=False))
    else:
        click.echo(doctor.as_plain(found) if config.is_plain(os.environ) else doctor.as_text(found))
