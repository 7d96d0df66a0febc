"""``footprint factors diff``: what differs between two catalogues, or between a user's own file and the catalogue."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from footprint import catalogue, config, own_file, region
from footprint.cli import factors_diff_text, stored
from footprint.cli.own import of_settings
from footprint.errors import UsageError
from footprint.own_factors import PARTS

if TYPE_CHECKING:
    from footprint.proposals.differences import Differences

_EPILOG = """\b
Examples:
  footprint factors diff
  footprint factors diff my-factors.csv
  footprint factors diff 2026.11 --zone FR --json
  footprint factors diff ../older-catalogue footprint/data
"""


@click.command("diff", epilog=_EPILOG)
@click.argument("what", nargs=-1, metavar="[VERSION|FOLDER|FILE]...")
@click.option("--zone", help="Only this zone's: FR, US-CA, aws:eu-west-3.")
@click.option("--indicator", help="Only this indicator's: carbon_location, water, pue.")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.factors_diff/1.")
def command(what: tuple[str, ...], zone: str | None, indicator: str | None, *, as_json: bool) -> None:
    """Show the rows that are new, gone or changed: of an older catalogue to this program's, or between two.

    A FILE of your own factors is compared with the catalogue; with nothing named, the one of your settings is.
    """
    from footprint.proposals import differences as diff

    if len(what) > 2:
        raise UsageError("factors diff", "it compares two at most", "name one catalogue or file, or two catalogues")
    where = None if zone is None else region.resolve(zone, "argument", catalogue.zones())
    if indicator is not None and indicator not in PARTS:
        raise UsageError(f"indicator {indicator!r}", f"there are {', '.join(PARTS)}", "give one of them")
    place = None if where is None else where.given if ":" in where.given else where.zone
    found = diff.only(_found(what), place, indicator)
    if as_json:
        stored.echo_json(diff.document(found))
    else:
        click.echo("\n".join(factors_diff_text.lines(found, plain=config.is_plain(os.environ))))


def _found(what: tuple[str, ...]) -> Differences:
    from footprint.proposals import differences as diff

    if len(what) == 2:
        for name in what:
            if os.path.isfile(name):
                raise UsageError(f"factors diff {name}", "a file of your own is compared alone", "name it alone")
        old, new = (diff.catalogue_of(name, stored.home()) for name in what)
        return diff.between(old, new)
    if what and not os.path.isfile(what[0]) and not what[0].lower().endswith(".csv"):
        return diff.between(diff.catalogue_of(what[0], stored.home()), diff.current())
    file = own_file.read(what[0], catalogue.zones()) if what else of_settings()
    if file is None:
        why = "no setting names a file of your own factors"
        raise UsageError("factors diff", why, "name a VERSION, a FOLDER or a FILE, or set factors in footprint.toml")
    return diff.of_own(file)
