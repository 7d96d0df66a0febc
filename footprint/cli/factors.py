"""``footprint factors``: what the catalogue says of a place, with source, year and licence."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import click

from footprint import catalogue, config, region
from footprint.cli import factors_diff, factors_propose, factors_text
from footprint.cli.own import Merged, merged, of_settings
from footprint.errors import UsageError
from footprint.factors import Factor, find, is_aged
from footprint.impacts import INDICATORS

SCHEMA = "footprint.factors/1"
_CLASSES = {key: indicator.kind for key, indicator in INDICATORS.items()}


@click.group("factors", epilog="Example: footprint factors show FR")
def command() -> None:
    """Look at the factor catalogue, and at factors of your own: every figure with its source, year and licence."""


command.add_command(factors_diff.command)
command.add_command(factors_propose.command)


@command.command("list", epilog="Example: footprint factors list --json")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def list_zones(*, as_json: bool) -> None:
    """List the places that have figures of their own."""
    table = catalogue.zones()
    version, sha256 = catalogue.identity()
    own = of_settings()
    mine = Counter(row.zone for row in own.rows) if own is not None else Counter[str]()
    if as_json:
        zones = [
            {"zone": zone, "name": name, "country": table.countries.get(zone), "own": mine[zone]}
            for zone, name in table.names.items()
        ]
        told: dict[str, Any] = {
            "schema": "footprint.zones/1", "catalogue": version, "catalogue_sha256": sha256, "zones": zones,
            "own_factors": None if own is None else {"file": own.path, "sha256": own.sha256, "zones": dict(mine)},
        }  # fmt: skip
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo("\n".join(factors_text.places(table, mine, plain=config.is_plain(os.environ))))
    if own is not None:
        click.echo(factors_text.own_file(own.path, mine))


@command.command("show", epilog="Example: footprint factors show FR --indicator carbon_location")
@click.argument("zone")
@click.option("--indicator", help="Only this indicator's: carbon_location, water, pue.")
@click.option(
    "--year", type=int, help="Those that a run of this year takes: the year's, else the nearest before it, else after."
)
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.factors/1.")
def show(zone: str, indicator: str | None, year: int | None, *, as_json: bool) -> None:
    """Show the figures of ZONE: a country, a state or a cloud region (FR, US-CA, aws:eu-west-3)."""
    table = catalogue.zones()
    found = region.resolve(zone, "argument", table)
    factors = merged(found, year)
    everything = _rows_of(factors, found.zone, found.given)
    rows = [row for row in everything if indicator in {None, row.indicator}]
    if not rows:
        known = sorted({row.indicator for row in everything})
        raise UsageError(f"indicator {indicator!r}", f"there are {', '.join(known)}", "give one of them")
    years = sorted({row.year for row in rows})
    rows = _of_year(rows, year)
    today = datetime.now(UTC).date().isoformat()
    old = frozenset(row.id for row in rows if year is None and is_aged(row, today))
    if as_json:
        told = {**_document(found.zone, rows, factors, old), "year": year, "years": years}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    if found.note:
        click.echo(found.note)
    lines = factors_text.plain_lines if config.is_plain(os.environ) else factors_text.lines
    own, name = factors.instead_of, table.names[found.zone]
    click.echo("\n".join(lines(found.zone, name, rows, factors.sources, year, own=own, old=old)))
    click.echo(factors_text.of_years(years))


def _rows_of(factors: Merged, zone: str, given: str) -> list[Factor]:
    """A place's rows; with a cloud region those of its hosting too; and those of the user's own for it."""
    found = [
        row
        for row in factors.rows
        if row.zone == zone or row.id in factors.instead_of or (":" in given and row.indicator in {"pue", "water"})
    ]
    return sorted(found, key=lambda row: (row.indicator, row.part != "total"))


def _of_year(rows: Iterable[Factor], year: int | None) -> list[Factor]:
    """One row of each part: the one that a run of the year takes; the newest where no year is asked for."""
    rows = list(rows)
    parts = dict.fromkeys((row.indicator, row.part) for row in rows)
    found = (find(rows, indicator, part, year) for indicator, part in parts)
    return [row for row in found if row is not None]


def _document(zone: str, rows: Iterable[Factor], factors: Merged, old: frozenset[str]) -> dict[str, Any]:
    version, sha256 = catalogue.identity()
    own = factors.own
    return {
        "schema": SCHEMA, "zone": zone, "catalogue": version, "catalogue_sha256": sha256,
        "own_factors": None if own is None else {"file": own.file, "sha256": own.sha256},
        "factors": [{**_factor(row, factors), "aged": row.id in old} for row in rows],
    }  # fmt: skip


def _factor(row: Factor, factors: Merged) -> dict[str, Any]:
    told = {**row._asdict(), "class": _CLASSES.get(row.indicator)}
    told["own"] = row.id in factors.instead_of
    if told["own"]:
        told["instead_of"] = list(factors.instead_of[row.id])
    told["sources"] = [factors.sources[name]._asdict() for name in row.sources]
    told["source"] = told["sources"][0]
    return told
