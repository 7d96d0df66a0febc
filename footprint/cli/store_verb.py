"""``footprint store``: the database of runs, rebuilt from the journals or checked against them."""

from __future__ import annotations

import sys

import click

from footprint import queries
from footprint.cli import complain, stored, verb_text

SCHEMA = "footprint.store/1"


@click.group("store", epilog="Example: footprint store check")
def command() -> None:
    """Look after the store of runs. It is derived from journals: nothing is lost when it is made anew."""


@command.command("rebuild", epilog="Example: footprint store rebuild")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.store/1.")
def rebuild(*, as_json: bool) -> None:
    """Make the store anew from the journals of runs and of events."""
    with stored.progress("rebuilding, runs done") as shown:
        count, messages = queries.rebuild(stored.home(), progress=shown.add)
    for message in messages:
        complain(message)
    if as_json:
        stored.echo_json({"schema": SCHEMA, "runs": count, "messages": messages})
    else:
        click.echo(verb_text.rebuilt(count))


@command.command("check", epilog="Example: footprint store check --json")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.store/1.")
def check(*, as_json: bool) -> None:
    """Is the store what the journals say? Exit code 0: it is. 1: it is not, and what differs is listed."""
    with stored.progress("checking, runs done") as shown:
        differences, messages = queries.store_differences(stored.home(), progress=shown.add)
    for message in messages:
        complain(message)
    if as_json:
        stored.echo_json({"schema": SCHEMA, "holds": not differences, "differences": differences, "messages": messages})
    elif differences:
        for difference in differences:
            click.echo(difference)
        many = "1 difference" if len(differences) == 1 else f"{len(differences)} differences"
        complain(f"the store is not what the journals say: {many}; `footprint store rebuild` makes it anew")
    else:
        click.echo(verb_text.STORE_HOLDS)
    sys.exit(1 if differences else 0)
