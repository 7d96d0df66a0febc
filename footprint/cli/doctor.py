"""``footprint doctor``: what can be measured here."""

from __future__ import annotations

import json
import os

import click

from footprint import config, doctor
from footprint.cli import doctor_text
from footprint.errors import UsageError

_EPILOG = """\b
Examples:
  footprint doctor
  footprint doctor --json | jq .channels
  footprint doctor --bundle my-host.txt
  footprint doctor --from my-host.txt
"""


@click.command(epilog=_EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.doctor/1.")
@click.option("--bundle", metavar="FILE", help="Write this host down as text, without personal data, to report a bug.")
@click.option("--from", "recorded", metavar="FILE", help="Examine a host that --bundle wrote, in place of this one.")
def command(*, as_json: bool, bundle: str | None, recorded: str | None) -> None:
    """Say what can be measured on this machine, how well, what is missing, and the exact step that mends it.

    Looks once, and uses no network.
    """
    if bundle is not None:
        if recorded is not None:
            raise UsageError("doctor --bundle with --from", "that host is written down already", "give one of them")
        _write(bundle, as_json=as_json)
        return
    found = doctor.look(os.environ) if recorded is None else doctor.recorded(recorded)
    if as_json:
        click.echo(json.dumps(doctor.as_document(found), indent=2, ensure_ascii=False))
    else:
        click.echo(doctor_text.plain(found) if config.is_plain(os.environ) else doctor_text.text(found))


def _write(path: str, *, as_json: bool) -> None:
    from footprint import bundle

    made = bundle.record(os.environ)
    bundle.write(path, made.text)
    if as_json:
        click.echo(json.dumps(bundle.as_document(path, made), indent=2, ensure_ascii=False))
    else:
        click.echo(doctor_text.bundled(path, len(made.text.encode()), made.folders, made.variables))
