"""The command ``footprint``: one verb a file, loaded by name when it is used."""

from __future__ import annotations

import errno
import gc
import importlib
import os
import sys

import click

from footprint import config, interrupt
from footprint.errors import FootprintError
from footprint.version import VERSION

VERBS = {
    # verb: (module in this folder, one line for --help); add yours here
    "run": ("run", "Run a command and measure it with everything it starts."),
    "attach": ("attach", "Measure what already runs: a process or a control group."),
    "list": ("list_runs", "List stored runs, newest first."),
    "show": ("show", "Show one run."),
    "explain": ("explain", "Show how a run's figures were made, step by step, with sources."),
    "verify": ("verify", "Check stored runs against their readings, and that nobody changed either."),
    "recompute": ("recompute", "Make the figures of stored runs anew, and keep the old ones."),
    "targets": ("targets", "Set limits by project and period, and see where they stand."),
    "compare": ("compare", "Compare runs: by indicator and per unit, with what can be told apart."),
    "estimate": ("estimate", "Estimate the impacts of a job that has not run."),
    "estimate-power": ("estimate_power", "Estimate the power of hosts without sensors, from a table of them."),
    "wall": ("wall", "Say what a meter at the wall counted in a run."),
    "delete": ("delete", "Delete stored runs for good."),
    "doctor": ("doctor", "Say what can be measured here, how well, and how to mend what cannot."),
    "calibrate": ("calibrate", "Measure and keep this host's idle power by channel."),
    "top": ("top", "Show live watts by channel and by run."),
    "factors": ("factors", "Look at the factor catalogue."),
    "store": ("store_verb", "Rebuild or check the store."),
    "dashboard": ("dashboard", "Open the dashboard on this machine's runs."),
}

_CANNOT_WRITE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class Verbs(click.Group):
    """Loads a verb's file when that verb is called, so that one verb does not pay for another's imports."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All verbs, in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The verb of that name."""
        if cmd_name not in VERBS:
            return None
        # Modules stay: looking for garbage among them, while they load and once more at the end, takes a sixth of a
        # reading verb's time.
        gc.disable()
        try:
            command: click.Command = importlib.import_module(f"footprint.cli.{VERBS[cmd_name][0]}").command
        finally:
            gc.freeze()
            gc.enable()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """The table's own lines: no verb is loaded for them."""
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, line) for verb, (_, line) in VERBS.items()])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="footprint")
def group() -> None:
    """Measure what computing does to nature.

    Example: footprint run -- python train.py
    """


def main() -> None:
    """Entry point: errors are one line on stderr, and the exit code says what kind they are."""
    if config.is_plain(os.environ):
        from footprint.cli.plain_help import PlainFormatter

        click.Context.formatter_class = PlainFormatter
    try:
        interrupt.as_exception()
        code = group.main(prog_name="footprint", standalone_mode=False)
    except click.exceptions.Exit as end:
        code = end.exit_code
    except click.ClickException as fault:
        complain(_line(fault))
        code = 2
    except FootprintError as fault:
        complain(str(fault))
        code = fault.exit_code
    except (click.Abort, KeyboardInterrupt) as end:
        code = _interrupted(end)
    except BrokenPipeError:
        # whoever read our output has gone: as usual for a filter, no word about it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    except OSError as fault:
        if fault.filename is not None or fault.errno not in _CANNOT_WRITE:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        complain(f"the output cannot be written: {fault.strerror}; make room, or send it elsewhere")
        code = 3
    interrupt.at_once()
    sys.exit(code if isinstance(code, int) else 0)


def _interrupted(end: BaseException) -> int:
    """After Ctrl-C: end by it, as programs do. At a question, the end of the input is a no as well."""
    by_signal = isinstance(end, KeyboardInterrupt) or isinstance(end.__cause__, KeyboardInterrupt)
    if by_signal and interrupt.is_command():
        interrupt.end_by_it()
    return 130


def complain(line: str) -> None:
    """One line on stderr."""
    to_stderr(f"footprint: {line}")


def to_stderr(text: str) -> None:
    """Text on stderr. Where nobody reads that any more, or its disk is full, there is nobody to tell."""
    try:
        click.echo(text, err=True)
    except OSError:
        # what is left in its buffer would change the exit code when the interpreter ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _line(fault: click.ClickException) -> str:
    """A wrong usage as one line: what, why, and where to look."""
    message = " ".join(fault.format_message().split()).rstrip(".")
    context = getattr(fault, "ctx", None)
    path = context.command_path if context is not None else "footprint"
    return f"{message}; see `{path} --help`"
