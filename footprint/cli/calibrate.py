"""``footprint calibrate``: measures what this host draws when it has nothing to do, and keeps it."""

from __future__ import annotations

import os

import click

from footprint import calibration, config, measuring
from footprint.cli import calibrate_text, complain, stored
from footprint.cli.attach import seconds
from footprint.errors import NotPossible, UsageError

_EPILOG = """\b
Examples:
  footprint calibrate
  footprint calibrate --for 5m --json
"""


@click.command("calibrate", epilog=_EPILOG)
@click.option("--for", "duration", metavar="TIME", default="60s", help="How long: 60s, 5m. Default: 60s; 5 s or more.")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.calibrate/1.")
def command(*, duration: str, as_json: bool) -> None:
    """Measure this host's idle power by channel, and keep it: later runs tell idle energy by it.

    Leave the machine alone meanwhile: where it was busy, nothing is kept. Earlier runs keep what they were begun with.
    """
    length_s = seconds(duration)
    if length_s < calibration.SHORTEST_S:
        raise UsageError(f"--for {duration!r}", "that is too short for a mean", "take 5 s or more; 60s is usual")
    if config.is_disabled(os.environ):
        return
    settings = config.load({}, os.environ)
    eyes = measuring.machine_of(settings)
    if not eyes.instruments.channels:
        raise NotPossible(
            "calibrate", "no sensor of power or energy can be read here", "`footprint doctor` says what would mend it"
        )
    with stored.progress("measuring idle power, seconds done") as shown:
        folder = str(settings.home.value)
        found = calibration.measure(eyes.instruments, eyes.info, folder, length_s, lambda: shown.add(1))
    if as_json:
        stored.echo_json(calibration.as_document(found))
    else:
        plain = config.is_plain(os.environ)
        click.echo(calibrate_text.plain_text(found) if plain else calibrate_text.text(found))
    _judge(found, folder)


def _judge(found: calibration.Calibration, folder: str) -> None:
    """Say what is not kept. Raises NotPossible where nothing is."""
    if not found.written:
        raise NotPossible("calibrate", f"{folder} cannot be written", "set FOOTPRINT_HOME to a folder that can be")
    refused = [one for one in found.channels if one.why is not None]
    fix = "stop what runs here and call it again"
    if not found.kept:
        raise NotPossible("idle power is not kept", refused[0].why or "", fix)
    for one in refused:
        complain(f"idle power of {one.channel} is not kept: {one.why}; {fix}")
