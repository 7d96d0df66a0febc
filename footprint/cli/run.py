"""``footprint run -- CMD…``: runs a command, measures it and all that it starts."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from footprint import config
from footprint.cli import complain
from footprint.cli.run_options import RunOptions, common_options, options_of
from footprint.cli.telling import BudgetWatch, tell, tell_elsewhere
from footprint.errors import NotPossible
from footprint.live_run import LiveRun

if TYPE_CHECKING:
    from footprint.launcher import Ended, Launcher

_EPILOG = """\b
Examples:
  footprint run -- python train.py
  footprint run --project vision --region FR --json run.json -- make train
"""


@click.command("run", epilog=_EPILOG, context_settings={"allow_interspersed_args": False})
@common_options
@click.argument("words", nargs=-1, type=click.UNPROCESSED, required=True, metavar="-- CMD...")
def command(words: tuple[str, ...], **given: object) -> None:
    """Run CMD, measure it with everything it starts, and print what it took.

    CMD's exit code, its input, output and signals pass through.
    """
    if sys.platform == "win32":
        why = "only Linux and macOS run commands under measurement"
        raise NotPossible("run", why, 'measure inside Python with footprint.track("name")')
    if config.is_disabled(os.environ):
        _only_run(words)
    from footprint.collectors.host import RealHost
    from footprint.collectors.process_activity import Tree
    from footprint.launcher import Launcher, end_like

    options = options_of(os.path.basename(words[0]), given)
    tree = Tree(RealHost(), os.getpid())
    launcher = Launcher(tree.add_dead)
    live = LiveRun(options.request, origin="flag", kind="run", activity=tree)
    tell_elsewhere(options)
    for unit, amount in options.units.items():
        live.count(unit, amount)
    sys.exit(end_like(_measure(list(words), launcher, live, options)))


def _measure(command: list[str], launcher: Launcher, live: LiveRun, options: RunOptions) -> Ended:
    from footprint.launcher import CannotStart, Ended, StoppedBefore

    try:
        launcher.start(command, os.environ)
    except StoppedBefore as end:
        live.discard()
        return Ended(128 + end.by_signal, end.by_signal)
    except CannotStart as fault:
        live.discard()
        complain(f"{command[0]}: {fault}; check its name and its permissions")
        return Ended(fault.exit_code, None)
    watch = BudgetWatch(live, options.budget)
    ended = launcher.wait(watch.look)
    live.close(exit_code=ended.exit_code)
    if live.not_kept is not None:
        complain(f"this run is not kept: {live.not_kept}; set FOOTPRINT_HOME to a folder with room that can be written")
    elif live.end is not None and live.end.lost:
        complain(f"part of this run's timeline is lost: {live.end.lost}; the energy is not affected")
    tell(live, options, watch)
    return ended


def _only_run(command: tuple[str, ...]) -> None:
    """FOOTPRINT_DISABLED: become the command. Nothing is measured or written."""
    try:
        os.execvp(command[0], list(command))  # noqa: S606 - that is the verb
    except OSError as fault:
        complain(f"{command[0]}: {fault.strerror or fault}; check its name and its permissions")
        sys.exit(127 if isinstance(fault, FileNotFoundError) else 126)
