"""Options that ``run`` and ``attach`` share, and what they mean."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import click

from footprint import budget as budgets
from footprint import config
from footprint.errors import UsageError
from footprint.measuring import Request
from footprint.records import wall_reading


class RunOptions(NamedTuple):
    """What a user asked for on the command line, checked."""

    request: Request
    budget: budgets.Budget | None
    json_path: str | None
    quiet: bool
    units: Mapping[str, float]


_OPTIONS = (
    click.option("--name", help="What to call the run. Default: the command's name."),
    click.option("--project", help="The project that it belongs to."),
    click.option("--team", help="The team that it belongs to."),
    click.option("--group", help="Id that all runs of one distributed job share."),
    click.option("--continues", metavar="RUN", help="The run that this one continues."),
    click.option("--tag", "tags", multiple=True, metavar="K=V", help="A tag; may be given several times."),
    click.option("--region", help="Where it runs: FR, US-CA, aws:eu-west-3."),
    click.option("--pue", help="Facility energy ÷ IT energy, 1 or more."),
    click.option("--idle", help="Whose the idle energy is: reserved, proportional, all or none."),
    click.option("--interval", metavar="SECONDS", help="Time between two looks, 0.02 to 600. Default: 0.9."),
    click.option("--wall-kwh", metavar="KWH", help="What a meter at the wall counted: 0.41, LOW:KWH:HIGH or 0.41±2%."),
    click.option("--budget", metavar="AMOUNT", help='Warn when it is passed: "2 kgCO2e", "0.5 kWh", "10 L".'),
    click.option("--on-exceed", type=click.Choice(["warn", "stop"]), default="warn", help="What a passed budget does."),
    click.option("--json", "json_path", metavar="FILE", help="Write the result there."),
    click.option("--quiet", is_flag=True, help="Print no summary."),
    click.option("--units", multiple=True, metavar="K=N", help="Functional units: adds the impacts of one."),
    click.option("--factors", metavar="FILE", help="A CSV of your own factors. See docs/own-factors.md."),
    click.option("--contract", metavar="CLAIM", help='What you buy, as a claim: "0 PPA 2026 EVIDENCE".'),
    click.option("--metrics", metavar="URL", help="A server's own counts: tokens, requests. See docs/inference.md."),
)


def common_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a verb, in the order of the table."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def options_of(default_name: str, given: Mapping[str, object]) -> RunOptions:
    """The options as a request. Raises UsageError for what cannot be, and for a file that cannot be written."""
    if given["on_exceed"] == "stop":
        raise UsageError("--on-exceed stop", "this version only warns", "leave it out, or use --on-exceed warn")
    budget = given["budget"]
    request = Request(
        name=_text(given["name"]) or default_name,
        project=_text(given["project"]),
        team=_text(given["team"]),
        tags=pairs("tag", given["tags"]),
        group=_text(given["group"]),
        continues=_text(given["continues"]),
        region=_text(given["region"]),
        pue=config.checked_pue(given["pue"]),
        idle=_text(given["idle"]),
        wall_kwh=_wall(given["wall_kwh"]),
        interval=None if given["interval"] is None else config.checked_interval(given["interval"]),
        metrics=_text(given["metrics"]),
        factors=_text(given["factors"]),
        contract=_text(given["contract"]),
    )
    json_path = _text(given["json_path"])
    if json_path is not None:
        check_writable(json_path)
    units = {name: _amount(name, value) for name, value in pairs("units", given["units"]).items()}
    return RunOptions(
        request, None if budget is None else budgets.parse(str(budget)), json_path,
        bool(given["quiet"]), units,
    )  # fmt: skip


def _wall(value: object) -> str | None:
    """A reading as it was typed, looked at before anything is started. Raises UsageError."""
    if value is not None:
        wall_reading.parse(value, "--wall-kwh")
    return _text(value)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def pairs(option: str, given: object) -> dict[str, str]:
    """``K=V`` options as a mapping. Raises UsageError where there is no key."""
    found: dict[str, str] = {}
    for text in given if isinstance(given, tuple) else ():
        key, sign, value = str(text).partition("=")
        if not sign or not key:
            raise UsageError(f"--{option} {text!r}", "it is no KEY=VALUE", f"write it like --{option} key=value")
        found[key] = value
    return found


def _amount(name: str, value: str) -> float:
    try:
        amount = float(value)
    except ValueError:
        amount = -1.0
    if not 0 < amount < float("inf"):
        raise UsageError(f"--units {name}={value}", "it is no number above 0", "write it like --units images=1000")
    return amount


def check_writable(path: str) -> None:
    """Refuse a result file that cannot be written, without leaving anything behind."""
    existed = os.path.exists(path)
    try:
        with open(path, "ab"):
            pass
    except OSError as fault:
        raise UsageError(f"--json {path}", fault.strerror or str(fault), "name a file that can be written") from None
    if not existed:
        os.unlink(path)
