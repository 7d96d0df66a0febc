"""``footprint verify RUN…``: are the stored figures what the readings give, and is the record what it was?"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from typing import Any

import click

from footprint import config, queries
from footprint.cli import complain, stored, verify_text
from footprint.errors import NoSuchRun, UsageError
from footprint.recompute import documents, verifying
from footprint.recompute.verifying import Verdict
from footprint.store import examining
from footprint.store.examining import Examined

_HEAD = re.compile("[0-9a-f]{16,64}")
_EPILOG = """\b
Examples:
  footprint verify last
  footprint verify --all --json
  footprint verify --file result.json
  footprint verify --all --head 5f1c0e0d8a7b4c3e
"""


@click.command("verify", epilog=_EPILOG)
@click.argument("runs", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All stored runs, their segments, and what the chain says is gone.")
@click.option("--file", "path", metavar="FILE", help="A document of `run --json` or `show --json`, against its run.")
@click.option("--head", metavar="HASH", help="A head of the chain that was written down: is it still in the chain?")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.verify/1.")
def command(runs: tuple[str, ...], *, every: bool, path: str | None, head: str | None, as_json: bool) -> None:
    """Work out RUN's figures again from its readings, with the same catalogue, and compare to the last digit.

    RUN is an id, a unique beginning of one, or "last". Readings, document and rows are held against the chain of
    records too, of which the head is printed: who has written it down can tell later whether anything was changed.
    Exit code 0: all holds. 1: something does not. 4: it cannot be told.
    """
    given = _asked(runs, path, head, every=every)
    with stored.opened() as store:
        examined = examining.examine(store, () if head is None else (head.lower(),))
        verdicts = list(_verdicts(store, runs, examined, every=every))
        if given is not None:
            verdicts.append(verifying.verify_document(store, given, examined))
        faults = [*examined.faults, *(examining.faults_of_segments(store, examined) if every else ())]
        if head is not None and head.lower() not in examined.asked:
            faults.append(f"no link of the chain has the hash {head}: it was cut or written anew, or is another home's")
    if as_json:
        stored.echo_json(documents.of_verdicts(verdicts, examined, faults))
    else:
        said = verify_text.text(verdicts, examined, faults, every=every, plain=config.is_plain(os.environ))
        click.echo(said, nl=False)
    sys.exit(_code(verdicts, faults))


def _asked(runs: tuple[str, ...], path: str | None, head: str | None, *, every: bool) -> dict[str, Any] | None:
    """The document of ``--file``. Raises UsageError where nothing, or too much, was asked."""
    what = "what is to be verified"
    if every and runs:
        raise UsageError(what, "it is RUN and --all", "give one of them")
    if not (every or runs or path or head):
        raise UsageError(what, "no run is named", 'give RUN, "last" or --all')
    if head is not None and not _HEAD.fullmatch(head.lower()):
        raise UsageError(f"--head {head!r}", "it is no hash of 16 to 64 hexadecimal digits", "verify prints the head")
    return None if path is None else documents.read(path)


def _verdicts(store: queries.Store, runs: tuple[str, ...], examined: Examined, *, every: bool) -> Iterator[Verdict]:
    ids = verifying.all_runs(store, examined) if every else [_resolved(store, run, examined) for run in runs]
    with stored.progress("verifying, runs done") as shown:
        for run_id in dict.fromkeys(ids):
            yield verifying.verify(store, run_id, examined)
            shown.add(1)


def _resolved(store: queries.Store, run: str, examined: Examined) -> str:
    """A run's id; also of one that the chain knows and that is gone."""
    try:
        return queries.resolve(store, run)
    except NoSuchRun:
        found = [run_id for run_id in examined.seals if run_id.lower().startswith(run.lower())]
        if len(found) == 1 and run:
            return found[0]
        raise


def _code(verdicts: list[Verdict], faults: list[str]) -> int:
    if any(one.state == verifying.DIFFERS for one in verdicts) or faults:
        complain("it does not hold: what differs is listed; docs/verify.md says what that may mean")
        return 1
    why = next((one.why for one in verdicts if one.state == verifying.CANNOT_TELL), None)
    if why is not None:
        complain(f"it cannot be told: {why}; docs/verify.md says what can be done")
        return 4
    return 0
