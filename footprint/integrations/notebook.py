"""Jupyter and IPython: measures a cell.

    %load_ext footprint.integrations.notebook

    %%footprint training --project vision --region FR
    model.fit(images, digits)

The cell runs as it would without the first line: what it prints, its last value and its errors are its own. Below it
stands what it took. Cells with ``await`` at their top cannot be measured so: write ``with footprint.track(...)`` there.
"""

from __future__ import annotations

import argparse
import ast
import os
import shlex
from types import CodeType
from typing import TYPE_CHECKING, Any, NoReturn

from footprint import config, public
from footprint.errors import UsageError

if TYPE_CHECKING:
    from footprint.live_run import LiveRun

_OPTIONS = ("project", "team", "group", "continues", "region", "pue", "idle", "interval")


def load_ipython_extension(shell: Any) -> None:
    """Called by ``%load_ext``: adds the magic ``%%footprint``."""

    def footprint(line: str, cell: str) -> None:
        """Measure this cell, and show below it what it took.

        %%footprint [NAME] [--project P] [--team T] [--region FR] [--tag K=V]... [--as VARIABLE]

        Also --pue, --idle, --interval, --group and --continues, as for `footprint run`. With --as the cell, and those
        after it, know the run by that name: run.count("images", 1000), run.span("phase"), run.result.
        """
        measure_cell(shell, line, cell)

    shell.register_magic_function(footprint, magic_kind="cell", magic_name="footprint")


def measure_cell(shell: Any, line: str, cell: str) -> None:
    """Run a cell under measurement. What the cell raises is raised; a wrong line starts nothing."""
    name, options, variable = _parsed(line)
    parts = _compiled(shell, cell)
    try:
        run = public.track(name, **options)
    except UsageError as fault:
        _refuse(str(fault))
    if variable is not None:
        shell.user_ns[variable] = run
    try:
        with run:
            for part in parts:
                exec(part, shell.user_global_ns, shell.user_ns)  # noqa: S102 - that is what a cell is for
    finally:
        if not config.is_disabled(os.environ):
            _show(run)


def _parsed(line: str) -> tuple[str | None, dict[str, Any], str | None]:
    """(name, options of ``track``, variable) of the magic's line. Raises IPython's UsageError."""
    parser = _Parser(prog="%%footprint", add_help=False, allow_abbrev=False)
    parser.add_argument("name", nargs="?")
    parser.add_argument("--as", dest="variable")
    parser.add_argument("--tag", action="append", default=[], metavar="K=V")
    for option in _OPTIONS:
        parser.add_argument(f"--{option}")
    try:
        words = shlex.split(line)
    except ValueError as fault:  # a quotation mark that is not closed
        _refuse(f"{line!r}: {fault}; close it")
    given = vars(parser.parse_args(words))
    name, variable, tags = given.pop("name"), given.pop("variable"), given.pop("tag")
    if variable is not None and not variable.isidentifier():
        _refuse(f"--as {variable!r}: it is no name for a variable; try --as run")
    for tag in tags:
        if not tag.partition("=")[0] or "=" not in tag:
            _refuse(f"--tag {tag!r}: it is no KEY=VALUE; write it like --tag key=value")
    options = {key: value for key, value in given.items() if value is not None}
    return name, options | {"tags": dict(tag.split("=", 1) for tag in tags)}, variable


class _Parser(argparse.ArgumentParser):
    """Wrong usage is IPython's error, which it shows as one line."""

    def error(self, message: str) -> NoReturn:
        _refuse(f"{message}; see %%footprint?")


def _refuse(message: str) -> NoReturn:
    from IPython.core import error

    raise error.UsageError(f"footprint: {message}") from None


def _compiled(shell: Any, cell: str) -> list[CodeType]:
    """A cell as IPython compiles it: with the user's transformers, and the last expression's value shown."""
    source = shell.transform_cell(cell)
    file = shell.compile.cache(source, shell.execution_count, raw_code=cell)
    body: list[ast.stmt] = shell.transform_ast(shell.compile.ast_parse(source, file)).body
    last = [body.pop()] if body and isinstance(body[-1], ast.Expr) else []
    parts: list[tuple[ast.AST, str]] = [(ast.Module(body, []), "exec")] if body else []
    parts += [(ast.Interactive(last), "single")] if last else []
    return [shell.compile(part, file, mode) for part, mode in parts]


def _show(run: LiveRun) -> None:
    """The summary: a table for the notebook, lines for a terminal, plain lines where they are asked for."""
    import logging

    from IPython import display

    from footprint import summary

    try:
        result, kept = run.result, run.not_kept is None
        if config.is_plain(os.environ):
            shown = {"text/plain": summary.plain(result, kept=kept)}
        else:
            shown = {"text/plain": summary.text(result, kept=kept), "text/html": run._repr_html_()}
    except Exception:  # a fault in measuring must not hide what the cell did or raised
        logging.getLogger("footprint").warning("this cell's figures cannot be shown", exc_info=True)
        return
    display.display(shown, raw=True)  # type: ignore[no-untyped-call] # IPython declares no types for it
