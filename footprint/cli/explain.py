"""``footprint explain RUN [INDICATOR]``: every step from reading to impact, with factors and their sources."""

from __future__ import annotations

import os

import click

from footprint import catalogue, config, explain, queries
from footprint.cli import complain, explain_text, stored
from footprint.errors import UsageError
from footprint.impacts import INDICATORS
from footprint.queries.narrowed import what_narrows
from footprint.records.result import Run

_EPILOG = """\b
Examples:
  footprint explain last
  footprint explain last water
  footprint explain 01JDFX carbon_location --json
"""


@click.command("explain", epilog=_EPILOG)
@click.argument("run")
@click.argument("indicator", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.explain/1.")
def command(run: str, indicator: str | None, *, as_json: bool) -> None:
    """Show how the figures of RUN were made: inputs, formulas, factors, their sources, year and licence.

    RUN is an id, a unique beginning of one, or "last". INDICATOR is one of those that "show" lists.
    """
    if indicator is not None and indicator not in INDICATORS:
        raise UsageError(f"indicator {indicator!r}", f"there are {', '.join(INDICATORS)}", "give one of them")
    with stored.opened() as store:
        run_id = queries.resolve(store, run)
        accounted = queries.accounted_run(store, run_id)
        made_with = queries.document(store, run_id)["provenance"]["catalogue_sha256"]
        narrow = what_narrows(store, accounted)
        folder = queries.folder_of_figures(store, run_id)
    if made_with != accounted.provenance.catalogue_sha256:
        folder = None
        complain("this run's stored figures were made with another catalogue; these are made anew with today's")
    known = known_of(accounted, folder)._replace(narrow=narrow)
    if as_json:
        stored.echo_json(explain.document(accounted, known, indicator))
    elif config.is_plain(os.environ):
        click.echo(explain_text.plain(accounted, known, indicator), nl=False)
    else:
        click.echo(explain_text.text(accounted, known, indicator), nl=False)


def known_of(run: Run, folder: str | None = None) -> explain.Known:
    """What is known of a run's factors: of this version's catalogue, or of the one in a folder."""
    rows = catalogue.load(run.region.zone, run.region.given, folder, run.host.cpu).factors
    place = catalogue.zones(folder).names.get(run.region.zone, run.region.zone)
    return explain.known_of(run, rows, catalogue.sources(folder), place)
