"""``footprint targets``: limits on what is used, and where they stand. ``check`` is a gate for CI."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterable
from typing import Any

import click

from footprint import config, queries, targets
from footprint.cli import complain, stored, target_text
from footprint.errors import UsageError
from footprint.interval import rounded
from footprint.records.document import interval_document

SCHEMA = "footprint.targets/1"
HISTORY = "footprint.targets.history/1"
EXIT = {"on_track": 0, "likely_over": 1, "over": 1, "cannot_tell": 4}
_EPILOG = """\b
Examples:
  footprint targets set vision-carbon --limit "50 kgCO2e" --project vision \\
      --owner "platform team" --reason "budget of 2026, decision 12"
  footprint targets check
"""
_SET_EPILOG = """\b
Examples:
  footprint targets set vision-carbon --limit "50 kgCO2e" --project vision \\
      --owner "platform team" --reason "budget of 2026, decision 12"
  footprint targets set all-energy --limit "200 kWh" --period quarter \\
      --owner ops --reason "what the rack's circuit allows"
"""
_CHECK_EPILOG = """\b
Examples:
  footprint targets check
  footprint targets check vision-carbon --json

\b
Exit code:
  0: all are on track
  1: one is over, or likely to be
  4: none is, and it cannot be told of one (or there is none)
"""


@click.group("targets", epilog=_EPILOG)
def command() -> None:
    """Set limits on carbon or energy by project and period, and see where they stand.

    They are kept here, or in a file ecology.toml, sought from the working directory upwards.
    """


@command.command("set", epilog=_SET_EPILOG)
@click.argument("name")
@click.option("--limit", metavar="AMOUNT", help='How much: "50 kgCO2e", "20 kWh", "100 L".')
@click.option("--indicator", metavar="KEY", help="What it is of, where the unit does not say it: carbon_location …")
@click.option("--project", help="Only runs of this project.")
@click.option("--team", help="Only runs of this team.")
@click.option("--period", default="month", show_default=True, help="month, quarter or year, by the calendar, in UTC.")
@click.option("--owner", help="Who answers for it.")
@click.option("--reason", help="Why it is this much.")
@click.option("--replace", is_flag=True, help="Change the target of that name; its history is kept.")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.targets/1 with it alone.")
def set_(name: str, *, replace: bool, as_json: bool, **told: str | None) -> None:
    """Set a target. It is reckoned with today's catalogue of factors until it is rebased."""
    target = targets.target_of(name, told, current=queries.current_catalogue())
    queries.set_target(stored.home(), target, replace=replace)
    with stored.opened() as store:
        found = queries.target_standings(store, names=[name])
    _show(found, as_json=as_json)


@command.command("list", epilog="Example: footprint targets list --json")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.targets/1.")
def list_(*, as_json: bool) -> None:
    """List all targets and where they stand."""
    with stored.opened() as store:
        found = queries.target_standings(store)
    if as_json:
        _show(found, as_json=True)
    elif found:
        click.echo(target_text.listing(found, plain=_is_plain()), nl=False)
    else:
        click.echo(target_text.NONE)


@command.command("check", epilog=_CHECK_EPILOG)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.targets/1.")
def check(names: tuple[str, ...], *, as_json: bool) -> None:
    """Say where targets stand, and with the exit code whether they will be kept."""
    with stored.opened() as store:
        found = queries.target_standings(store, names=names)
    _show(found, as_json=as_json)
    if not found:
        complain(target_text.NONE)
    sys.exit(exit_code(found))


@command.command("history", epilog="Example: footprint targets history vision-carbon")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.targets.history/1.")
def history(name: str | None, *, as_json: bool) -> None:
    """Show what was set, changed, rebased and removed, by whom and why; with NAME also how its last periods ended."""
    changes = [one for one in queries.target_history(stored.home()) if name in {None, one.target.name}]
    past: tuple[targets.Standing, ...] = ()
    if name is not None:
        known = queries.all_targets(stored.home())
        if name in known or not changes:
            target = queries.named_targets(known, [name])[name]
            with stored.opened() as store:
                past = queries.past_standings(store, target)
    if as_json:
        changed = [_change(one) for one in changes]
        ended = [document(one) for one in past]
        stored.echo_json({"schema": HISTORY, "changes": changed, "ended": ended})
    else:
        click.echo(target_text.history(changes, past, plain=_is_plain()), nl=False)


@command.command(
    "rebase", epilog='Example: footprint targets rebase vision-carbon --reason "catalogue 2026.11 mends Norway"'
)
@click.argument("name")
@click.option("--reason", help="Why figures of another catalogue are to count.")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.targets/1 with it alone.")
def rebase(name: str, *, reason: str | None, as_json: bool) -> None:
    """Reckon a target with this version's catalogue of factors from now on. A new catalogue alone never does that."""
    before, after = queries.rebase_target(stored.home(), name, _reason(reason, name))
    with stored.opened() as store:
        was, found = queries.standings_of(store, (before,)), queries.standings_of(store, (after,))
    if as_json:
        _show(found, as_json=True)
    elif before == after:
        click.echo(target_text.unchanged(after))
    else:
        click.echo(target_text.rebased(was[0], found[0], plain=_is_plain()), nl=False)


@command.command("remove", epilog='Example: footprint targets remove vision-carbon --reason "the project has ended"')
@click.argument("name")
@click.option("--reason", help="Why it no longer holds.")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.targets.history/1 of it.")
def remove(name: str, *, reason: str | None, as_json: bool) -> None:
    """End a target. Its history stays."""
    queries.remove_target(stored.home(), name, _reason(reason, name))
    if as_json:
        changes = [one for one in queries.target_history(stored.home()) if one.target.name == name]
        stored.echo_json({"schema": HISTORY, "changes": [_change(one) for one in changes], "ended": []})
    else:
        click.echo(target_text.removed(name))


def exit_code(found: Iterable[targets.Standing]) -> int:
    """1 as soon as one target is over or likely to be; 4 where it cannot be told of one, or there is none."""
    codes = [EXIT[one.status] for one in found]
    return 1 if 1 in codes else max(codes, default=4)


def _reason(reason: str | None, name: str) -> str:
    said = (reason or "").strip()
    if not said or not said.isprintable():
        raise UsageError(f"target {name!r}", "no reason is given", 'add --reason "why", in one line')
    return said


def _is_plain() -> bool:
    return config.is_plain(os.environ)


def _show(found: Iterable[targets.Standing], *, as_json: bool) -> None:
    found = tuple(found)
    if as_json:
        stored.echo_json({"schema": SCHEMA, "targets": [document(one) for one in found]})
    else:
        click.echo(target_text.standings(found, plain=_is_plain()), nl=False)


def document(one: targets.Standing) -> dict[str, Any]:
    """A standing as JSON has it. Amounts in ``unit``; what cannot be told is null."""
    target = one.target
    return {
        "name": target.name,
        "indicator": target.indicator,
        "unit": target.unit,
        "class": target.kind,
        "scope": {"kind": target.scope.kind, "name": target.scope.name or None},
        "period": target.period,
        "first_day": one.first_day,
        "last_day": one.last_day,
        "days_left": one.days_left,
        "limit": rounded(target.limit),
        "used": interval_document(one.used),
        "forecast": interval_document(one.forecast),
        "remaining": _number(one.remaining),
        "p_over": _number(one.p_over),
        "coverage": rounded(one.coverage),
        "silent": list(one.silent),
        "catalogue": target.catalogue.version,
        "catalogue_sha256": target.catalogue.sha256,
        "status": one.status,
        "why": one.why,
        "owner": target.owner,
        "reason": target.reason,
        "from": target.origin or None,
    }


def _change(one: queries.Change) -> dict[str, Any]:
    target = one.target
    return {
        "at": one.at,
        "what": one.what,
        "name": target.name,
        "indicator": target.indicator,
        "scope": {"kind": target.scope.kind, "name": target.scope.name or None},
        "period": target.period,
        "limit": rounded(target.limit),
        "unit": target.unit,
        "owner": target.owner,
        "reason": one.reason,
        "catalogue": target.catalogue.version,
    }


def _number(value: float) -> float | None:
    return rounded(value) if math.isfinite(value) else None
