"""``footprint recompute RUN…``: figures of stored runs made anew, and kept beside the old ones."""

from __future__ import annotations

import os
import sys

import click

from footprint import config, queries
from footprint.cli import complain, recompute_text, stored
from footprint.errors import UsageError
from footprint.recompute import documents, recomputing
from footprint.store import examining

_EPILOG = """\b
Examples:
  footprint recompute last --dry-run
  footprint recompute 01JDFX 01JDFY
  footprint recompute --all --project vision
  footprint recompute --all --sums
  footprint recompute last --catalogue 2026.11+e19c18c7fe41
"""


@click.command("recompute", epilog=_EPILOG)
@click.argument("runs", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All stored runs.")
@click.option("--project", help="With --all: only runs of this project.")
@click.option("--team", help="With --all: only runs of this team.")
@click.option("--catalogue", metavar="VERSION[+HASH]", help="Default: the catalogue of this version of the program.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and keep nothing.")
@click.option(
    "--sums",
    is_flag=True,
    help="With --all: show the sums alone, by the new factors but the energies that stand, and keep nothing. Quick.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.recompute/1.")
def command(
    runs: tuple[str, ...], *, every: bool, project: str | None, team: str | None, catalogue: str | None,
    dry_run: bool, sums: bool, as_json: bool,
) -> None:  # fmt: skip
    """Work out RUN's energy and impacts anew, with another catalogue of factors or this version of the program.

    What changes is kept as a new version: list, show and sums use the newest, "show RUN --version 1" has the first. A
    target keeps to the catalogue that it is pinned to. A run whose record does not hold, or whose place the catalogue
    does not have, stays as it is: one line says so, and the exit code is 3.
    """
    _check(runs, project, team, every=every)
    if sums and not every:
        raise UsageError("--sums", "it adds up all runs", "add --all, and name no RUN")
    with stored.opened() as store:
        factors = recomputing.factors_of(store.home, catalogue)
        asked = queries.RunFilter(project=project, team=team, descending=False)
        if sums:
            _show_sums(store, asked, factors, as_json=as_json)
            return
        ids = (
            [row.run_id for row in queries.list_runs(store, asked) if row.run_id not in store.live]
            if every
            else list(dict.fromkeys(queries.resolve(store, run) for run in runs))
        )
        outcomes = []
        with stored.progress("recomputing, runs done") as shown:
            for one in recomputing.recompute(store, ids, factors, examining.examine(store), dry_run=dry_run):
                outcomes.append(one)
                shown.add(1)
    refused = [one for one in outcomes if one.state == recomputing.REFUSED]
    if as_json:
        stored.echo_json(documents.of_outcomes(outcomes, factors, dry_run=dry_run))
    else:
        plain = config.is_plain(os.environ)
        click.echo(recompute_text.text(outcomes, factors, dry_run=dry_run, plain=plain), nl=False)
    for one in refused:
        complain(f"run {one.run_id} is not made anew: {one.why}; its figures stay as they are")
    sys.exit(3 if refused else 0)


def _show_sums(
    store: queries.Store, asked: queries.RunFilter, factors: recomputing.Factors, *, as_json: bool
) -> None:  # fmt: skip
    from footprint.recompute.preview import preview

    found = preview(store, asked, factors)
    if as_json:
        stored.echo_json(documents.of_preview(found, factors))
    else:
        click.echo(recompute_text.sums_text(found, factors, plain=config.is_plain(os.environ)), nl=False)


def _check(runs: tuple[str, ...], project: str | None, team: str | None, *, every: bool) -> None:
    what = "what is to be recomputed"
    if every == bool(runs):
        raise UsageError(what, "it is RUN and --all" if every else "no run is named", "give RUN or --all")
    if (project or team) and not every:
        raise UsageError(what, "--project and --team choose among all runs", "add --all, and name no RUN")
