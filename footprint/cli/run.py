"""``footprint run -- CMD…``: runs a command, measures it and all that it starts."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import click

from footprint import budget as budgets
from footprint import config
from footprint.cli import complain
from footprint.errors import UsageError
from footprint.launcher import CannotStart, Ended, Launcher, end_like
from footprint.live_run import LiveRun
from footprint.measuring import Request

if TYPE_CHECKING:
    from footprint.account import Result

_EPILOG = """\b
Examples:
  footprint run -- python train.py
  footprint run --project vision --region FR --json run.json -- make train
"""


class _Options(NamedTuple):
    request: Request
    budget: budgets.Budget | None
    json_path: str | None
    quiet: bool
    units: Mapping[str, float]


@click.command("run", epilog=_EPILOG, context_settings={"allow_interspersed_args": False})
@click.option("--name", help="What to call the run. Default: the command's name.")
@click.option("--project", help="The project that it belongs to.")
@click.option("--team", help="The team that it belongs to.")
@click.option("--group", help="Id that all runs of one distributed job share.")
@click.option("--continues", metavar="RUN", help="The run that this one continues.")
@click.option("--tag", "tags", multiple=True, metavar="K=V", help="A tag; may be given several times.")
@click.option("--region", help="Where it runs: FR, US-CA, aws:eu-west-3.")
@click.option("--pue", help="Facility energy ÷ IT energy, 1 or more.")
@click.option("--idle", help="Whose the idle energy is: reserved, proportional, all or none.")
@click.option("--interval", metavar="SECONDS", help="Time between two looks, 0.02 to 600. Default: 1.")
@click.option("--budget", metavar="AMOUNT", help='Warn when it is passed: "2 kgCO2e", "0.5 kWh", "10 L".')
@click.option("--on-exceed", type=click.Choice(["warn", "stop"]), default="warn", help="What a passed budget does.")
@click.option("--json", "json_path", metavar="FILE", help="Write the result there.")
@click.option("--quiet", is_flag=True, help="Print no summary.")
@click.option("--units", multiple=True, metavar="K=N", help="Functional units: adds the impacts of one.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, required=True, metavar="-- CMD...")
def command(words: tuple[str, ...], **given: object) -> None:
    """Run CMD, measure it with everything it starts, and print what it took.

    CMD's exit code, its input, output and signals pass through.
    """
    if config.is_disabled(os.environ):
        _only_run(words)
    from footprint.collectors.host import RealHost
    from footprint.collectors.process_activity import Tree

    options = _options(words, given)
    if options.json_path is not None:
        _check_writable(options.json_path)
    tree = Tree(RealHost(), os.getpid())
    launcher = Launcher(tree.add_dead)
    live = LiveRun(options.request, origin="flag", kind="run", activity=tree)
    for unit, amount in options.units.items():
        live.count(unit, amount)
    sys.exit(end_like(_measure(list(words), launcher, live, options)))


def _measure(command: list[str], launcher: Launcher, live: LiveRun, options: _Options) -> Ended:
    try:
        launcher.start(command, os.environ)
    except CannotStart as fault:
        live.discard()
        complain(f"{command[0]}: {fault}; check its name and its permissions")
        return Ended(fault.exit_code, None)
    watch = _Watch(live, options.budget)
    ended = launcher.wait(watch.look)
    live.close(exit_code=ended.exit_code)
    if live.not_kept is not None:
        complain(f"this run is not kept: {live.not_kept}; set FOOTPRINT_HOME to a folder with room that can be written")
    elif live.end is not None and live.end.lost:
        complain(f"part of this run's timeline is lost: {live.end.lost}; the energy is not affected")
    _tell(live, options, watch)
    return ended


def _tell(live: LiveRun, options: _Options, watch: _Watch) -> None:
    """JSON, budget and summary. A fault here must not change the command's exit code."""
    is_first = not live.head.rank
    if options.json_path is None and options.budget is None and (options.quiet or not is_first):
        return
    try:
        result = live.result
        if options.json_path is not None:
            _write_json(options.json_path, result)
        watch.judge(result)
        if not options.quiet and is_first:
            from footprint import wording

            plain = config.is_plain(os.environ)
            text = wording.plain_summary(result) if plain else wording.summary(result)
            click.echo(text, err=True)
    except Exception as fault:  # noqa: BLE001 - the command has done its work, and its exit code must stand
        complain(
            f"the result cannot be shown: {type(fault).__name__}: {fault}; `footprint show {live.run_id}` may tell"
        )


class _Watch:
    """Looks at the budget now and then, and warns once when it is passed."""

    def __init__(self, live: LiveRun, budget: budgets.Budget | None) -> None:
        self._live = live
        self._budget = budget
        self._next_s = time.monotonic() + 1.0
        self._step_s = 1.0

    def look(self) -> None:
        """Called about once a second; works out the use ever more seldom, down to once a minute."""
        if self._budget is None or time.monotonic() < self._next_s:
            return
        self._step_s = min(60.0, self._step_s * 1.5)
        self._next_s = time.monotonic() + self._step_s
        self.judge(self._live.result)

    def judge(self, result: Result) -> None:
        """Warn if the central value is above the limit."""
        if self._budget is None:
            return
        used = self._budget.used(result)
        if used is None or used.central <= self._budget.limit:
            return
        share = used.central / self._budget.limit
        complain(f"budget of {self._budget.text} is passed: {share:.0%} of it is used; the command goes on")
        self._budget = None


def _options(command: tuple[str, ...], given: Mapping[str, object]) -> _Options:
    if given["on_exceed"] == "stop":
        raise UsageError("--on-exceed stop", "this version only warns", "leave it out, or use --on-exceed warn")
    budget = given["budget"]
    request = Request(
        name=_text(given["name"]) or os.path.basename(command[0]),
        project=_text(given["project"]),
        team=_text(given["team"]),
        tags=pairs("tag", given["tags"]),
        group=_text(given["group"]),
        continues=_text(given["continues"]),
        region=_text(given["region"]),
        pue=config.checked_pue(given["pue"]),
        idle=_text(given["idle"]),
        interval=None if given["interval"] is None else config.checked_interval(given["interval"]),
    )
    units = {name: _amount(name, value) for name, value in pairs("units", given["units"]).items()}
    return _Options(
        request, None if budget is None else budgets.parse(str(budget)), _text(given["json_path"]),
        bool(given["quiet"]), units,
    )  # fmt: skip


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


def _check_writable(path: str) -> None:
    """Refuse a result file that cannot be written, without leaving anything behind."""
    existed = os.path.exists(path)
    try:
        with open(path, "ab"):
            pass
    except OSError as fault:
        raise UsageError(f"--json {path}", fault.strerror or str(fault), "name a file that can be written") from None
    if not existed:
        os.unlink(path)


def _write_json(path: str, result: Result) -> None:
    import json

    from footprint.records.document import as_document

    try:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(as_document(result), file, ensure_ascii=False, indent=1)
            file.write("\n")
    except OSError as fault:
        complain(f"--json {path}: {fault.strerror or fault}; `footprint show {result.run_id} --json` gives the same")


def _only_run(command: tuple[str, ...]) -> None:
    """FOOTPRINT_DISABLED: become the command. Nothing is measured or written."""
    try:
        os.execvp(command[0], list(command))  # noqa: S606 - that is the verb
    except OSError as fault:
        complain(f"{command[0]}: {fault.strerror or fault}; check its name and its permissions")
        sys.exit(127 if isinstance(fault, FileNotFoundError) else 126)
