"""``footprint compare RUN RUN…``: what differs between runs, and whether that is more than what is not known."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from footprint import catalogue, compare, config, queries
from footprint.cli import complain, stored
from footprint.cli.explain import known_of
from footprint.compare import gate as gates
from footprint.compare import text
from footprint.errors import NotPossible, UsageError
from footprint.interval import Interval
from footprint.records.document import from_document
from footprint.records.result import Run

_EPILOG = """\b
Examples:
  footprint compare 01JDFX last
  footprint compare 01JDFX last --gate "job_kwh<=+5%" --gate "carbon/images<=+0%"
  footprint compare 01JDFX 01JDFY 01JDFZ --json

\b
A gate is QUANTITY[/UNIT] <= PERCENT% (also <, >=, >): how much more (+) or less (-) a run may take than the first.
QUANTITY is job_kwh (or energy) or an indicator (carbon is carbon_location); UNIT is one that both runs counted.
It holds or fails only where the whole range of the difference says so.
Exit code: 0 all gates hold, 1 one does not, 4 one cannot be told.
"""


@click.command("compare", epilog=_EPILOG)
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...")
@click.option("--anyway", is_flag=True, help="Compare runs of unlike idle policies too.")
@click.option("--gate", "asked", multiple=True, metavar="GATE", help='Fail where it does not hold: "job_kwh<=+5%".')
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.compare/1.")
def command(runs: tuple[str, ...], asked: tuple[str, ...], *, anyway: bool, as_json: bool) -> None:
    """Compare runs with the first: energy, indicators and units, and whether they can be told apart.

    RUN is an id, a unique beginning of one, or "last". Errors that runs share (one machine's sensors, one grid's
    factors) are left out of the ranges of the differences.
    """
    if len(runs) < 2:
        raise UsageError("compare", "one run has nothing to be compared with", "give two or more")
    wanted = [gates.parse(one) for one in asked]
    with stored.opened() as store:
        found = _of_one_catalogue(store, [queries.resolve(store, run) for run in runs])
        gains = {run.run_id: _gains(store, run) for run in found}
    stand_ins = {run.run_id: _stand_ins(run) for run in found}
    comparison = compare.compare(found, gains, stand_ins=stand_ins, anyway=anyway)
    judgements = gates.judged(wanted, comparison)
    if as_json:
        stored.echo_json(compare.as_document(comparison, [one.as_document() for one in judgements]))
    else:
        click.echo("\n".join(text.lines_of(comparison, judgements, plain=config.is_plain(os.environ))))
    sys.exit(gates.exit_code(judgements))


def _gains(store: queries.Store, run: Run) -> dict[str, Interval]:
    """What is known of a run's sensors; nothing where its readings are gone or still come in."""
    try:
        raw = queries.raw_run(store, run.run_id)
    except NotPossible:
        return {}
    return compare.gains_of(raw, catalogue.load(run.region.zone, run.region.given))


def _stand_ins(run: Run) -> frozenset[str]:
    """The factors of a run that stand in for what is not known of its zone."""
    known = known_of(run).factors.values()
    return frozenset(row.id for row in known if row.how == "fallback" and row.indicator != "pue")


def _of_one_catalogue(store: queries.Store, run_ids: Sequence[str]) -> list[Run]:
    """The runs as stored where one factor catalogue made them all, else made anew with today's."""
    found = [from_document(queries.document(store, run_id)) for run_id in run_ids]
    if len({run.provenance.catalogue_sha256 for run in found}) == 1:
        return found
    try:
        anew = [queries.accounted_run(store, run_id, by_todays=True) for run_id in run_ids]
    except NotPossible as fault:
        why = f"they are of different factor catalogues and cannot be made anew ({fault.what}: {fault.why})"
        raise NotPossible("these runs cannot be compared", why, "compare runs of one catalogue") from None
    complain("these runs' stored figures were made with different factor catalogues; all are made anew with today's")
    return list(anew)
