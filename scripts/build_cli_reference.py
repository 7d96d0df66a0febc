"""Write ``docs/cli.md`` from the ``--help`` of each verb.

    python scripts/build_cli_reference.py

Run it after each change of a verb or an option: a test compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from footprint.cli import group

TARGET = Path(__file__).parents[1] / "docs" / "cli.md"
WIDTH = 100
"""The same on every terminal."""
_HEAD = """\
# The command line, verb by verb

Made from `footprint VERB --help` by `scripts/build_cli_reference.py`; a test holds it to the program.
How to begin: [getting-started.md](getting-started.md). What goes wrong: [troubleshooting.md](troubleshooting.md).

| exit code | when |
|---|---|
| that of CMD | `run`: where a signal ended CMD, `run` ends by the same signal |
| 0 | it is done, or it holds |
| 1 | what was asked about does not hold (`verify`, `targets check`, `compare --gate`, `store check`), \
or `delete` was declined |
| 2 | wrong usage: nothing was started or changed |
| 3 | it could not be done: one line on stderr says what, why, and what to do |
| 4 | it cannot be told from what is known: `verify`, `targets check`, `compare --gate` |
| 126, 127 | `run`: CMD cannot be executed, or is not found |

Results go to stdout, the summary of `run` and `attach` and all messages to stderr. Nothing is ever printed in colour.
`FOOTPRINT_PLAIN=1` prints one fact a line, with units in words and without tables, for screen readers and logs.
"""


def commands(verb: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command and all below it, with the words that call each."""
    yield path, verb
    if isinstance(verb, click.Group):
        context = click.Context(verb, info_name=" ".join(path))
        for name in verb.list_commands(context):
            below = verb.get_command(context, name)
            if below is not None:
                yield from commands(below, (*path, name))


def help_of(command: click.Command, path: tuple[str, ...]) -> str:
    """What ``--help`` prints, at a fixed width."""
    context = click.Context(
        command, info_name=" ".join(path), terminal_width=WIDTH, help_option_names=["-h", "--help"]
    )  # fmt: skip
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def reference() -> str:
    """The whole document."""
    parts = [_HEAD]
    for path, command in commands(group, ("footprint",)):
        depth = "#" * min(4, len(path) + 1)
        parts.append(f"{depth} {' '.join(path)}\n\n```text\n{help_of(command, path)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
    print(f"{TARGET.name}: {len(reference().splitlines())} lines")
