"""``footprint show RUN``: one run, or one saved estimate, whole."""

from __future__ import annotations

import os
from typing import Any

import click

from footprint import config, queries
from footprint.cli import show_text, stored
from footprint.errors import UsageError
from footprint.records.document import from_document

_EPILOG = """\b
Examples:
  footprint show last
  footprint show 01JDFX
  footprint show last --json
  footprint show last --by hour
  footprint show 01JDFX --version 1
"""


@click.command("show", epilog=_EPILOG)
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Print footprint.run/1, or footprint.estimate/1 of an estimate.")
@click.option("--by", type=click.Choice(["hour"]), help="By hours of the clock; with --json as footprint.hours/1.")
@click.option("--version", type=int, metavar="N", help="Figures before `recompute`: 1 is the first.")
def command(run: str, *, as_json: bool, by: str | None, version: int | None) -> None:
    """Show one run: the summary, its energy by channel, and what is left out.

    RUN is an id, a unique beginning of one, or "last"; the id of a saved estimate shows that.
    """
    if by:
        if version is not None:
            raise UsageError("--by hour", "hours are those of the newest version", "leave out --version")
        _show_hours(run, as_json=as_json)
        return
    with stored.opened() as store:
        found = queries.resolve_kept(store, run)
        document = _document(store, found, version)
    if as_json:
        stored.echo_json(document)
    elif found.is_estimate:
        _show_estimate(document)
    else:
        click.echo(show_text.text(from_document(document), plain=config.is_plain(os.environ)), nl=False)


def _document(store: queries.Store, found: queries.Kept, version: int | None) -> dict[str, Any]:
    if version is None:
        return (queries.estimate_document if found.is_estimate else queries.document)(store, found.id)
    if found.is_estimate:
        raise UsageError("--version", f"{found.id} is a saved estimate, which has one version", "leave it out")
    from footprint.queries.versions import document_of_version

    return document_of_version(store, found.id, version)


def _show_hours(run: str, *, as_json: bool) -> None:
    from footprint.cli import units_text
    from footprint.records.hours_document import as_document

    with stored.opened() as store:
        run_id = queries.resolve(store, run)
        document, hours = queries.document(store, run_id), queries.hours(store, run_id)
    if as_json:
        stored.echo_json(as_document(run_id, hours))
        return
    units_of = {key: impact["unit"] for key, impact in document["impacts"].items()}
    click.echo(units_text.hours_text(hours, units_of, plain=config.is_plain(os.environ)))


def _show_estimate(document: dict[str, Any]) -> None:
    from footprint import estimation
    from footprint.estimation import text

    for line in text.lines_of(estimation.from_document(document), plain=config.is_plain(os.environ)):
        click.echo(line)
