"""``footprint wall RUN KWH``: what a meter at the wall counted in a run, typed after its end."""

from __future__ import annotations

import os
import sys

import click

from footprint import config
from footprint.cli import complain, stored, wall_text
from footprint.errors import UsageError
from footprint.queries import resolve
from footprint.queries.wall import state_wall
from footprint.records.wall_reading import WallReading, between, parse

SCHEMA = "footprint.wall/1"
_EPILOG = """\b
Examples:
  footprint wall last 0.41
  footprint wall last --before 1203.41 --after 1203.82
  footprint wall 01JDFX 0.41±2%
"""


@click.command("wall", epilog=_EPILOG)
@click.argument("run")
@click.argument("kwh", required=False)
@click.option("--before", metavar="KWH", help="The meter's display before the run.")
@click.option("--after", metavar="KWH", help="Its display after the run.")
@click.option("--withdraw", is_flag=True, help="Take back what was said: the run's figures are as without a meter.")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.wall/1.")
def command(run: str, kwh: str | None, before: str | None, after: str | None, *, withdraw: bool, as_json: bool) -> None:
    """Say what a meter at the wall counted while RUN lasted: KWH of the whole machine.

    KWH is like 0.41, LOW:KWH:HIGH or 0.41±2%.

    It takes the place of the modelled overhead, and RUN's figures are made anew. What was said is kept with its date;
    the last word counts. A reading below what the parts took is not used, and the exit code is 1.
    """
    reading = _reading(kwh, before, after, withdraw=withdraw)
    with stored.opened() as store:
        run_id = resolve(store, run)
        stated = state_wall(store, run_id, reading)
    if as_json:
        energy = stated.after["energy"]
        said = None if reading is None else reading._asdict()
        used = reading is not None and stated.why is None
        figures = {key: energy[key] for key in ("job_kwh", "host_kwh")}
        stored.echo_json(
            {"schema": SCHEMA, "run_id": run_id, "reading": said, "used": used, "why": stated.why, **figures}
        )
    elif stated.why is None:
        click.echo(wall_text.stated(stated.before, stated.after, plain=config.is_plain(os.environ)))
    if stated.why is not None:
        complain(f"the reading is kept and not used: {stated.why}; say it anew, or take it back with --withdraw")
        sys.exit(1)


def _reading(kwh: str | None, before: str | None, after: str | None, *, withdraw: bool) -> WallReading | None:
    """What was typed; None where a reading is withdrawn. Raises UsageError where nothing or too much was."""
    ways = [kwh is not None, before is not None or after is not None, withdraw]
    if sum(ways) != 1:
        why = "it is said in no way" if not any(ways) else "it is said in several ways"
        raise UsageError("the meter's reading", why, "give KWH, or --before with --after, or --withdraw")
    if kwh is not None:
        return parse(kwh, "KWH")
    if withdraw:
        return None
    if before is None or after is None:
        raise UsageError("the meter's reading", "one display of two is missing", "give --before and --after")
    return between(before, after)
