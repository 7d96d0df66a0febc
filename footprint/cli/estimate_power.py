"""``footprint estimate-power``: power of hosts without sensors, from a table of them."""

from __future__ import annotations

import click

from footprint.cli import stored, verb_text
from footprint.estimation import host_table

SCHEMA = "footprint.estimate-power/1"
_EPILOG = """\b
Example:
  footprint estimate-power --csv hosts.csv --out power.csv
where hosts.csv is
  cpu,sockets,cores,threads,tdp_w,memory_gb,year,load
  AMD EPYC 7742,2,128,256,225,512,2020,0.4
"""


@click.command("estimate-power", epilog=_EPILOG)
@click.option("--csv", "source", required=True, metavar="IN", help="The table of hosts.")
@click.option("--out", "target", required=True, metavar="OUT", help="Where to write it with the power of each.")
@click.option(
    "--scope",
    default="wall",
    metavar="wall,package",
    help="At the wall, or of the processors alone. Both: package has columns of its own. Default: wall.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as footprint.estimate-power/1.")
def command(source: str, target: str, scope: str, *, as_json: bool) -> None:
    """Estimate the power of hosts without sensors.

    IN has the columns cpu, sockets, cores, threads, tdp_w (of one socket), memory_gb, year and load; cores, threads
    and memory are of the whole host, load is the busy share of its CPU time, 0 to 1. Any may be empty but load. OUT
    has the same rows and low_w, central_w and high_w. A wrong row ends it with its number, and nothing is written.
    """
    scopes = host_table.scopes_of(scope)
    with stored.progress("rows done") as shown:
        count = host_table.converted(source, target, scopes, shown.add)
    if as_json:
        stored.echo_json({"schema": SCHEMA, "rows": count, "scope": list(scopes), "out": target})
    else:
        click.echo(verb_text.power_estimated(count, target))
