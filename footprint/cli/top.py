"""``footprint top``: what the machine and its runs draw now."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import click

from footprint import config
from footprint.cli import top_text
from footprint.errors import UsageError
from footprint.watching import Watch, as_document

_WINDOWS_S = (0.1, 600.0)
_EPILOG = """\b
Examples:
  footprint top
  footprint top --once --window 5
  footprint top --json | jq .host_w.central
"""


@click.command(epilog=_EPILOG)
@click.option("--once", is_flag=True, help="Show one window and end, as without a terminal and in plain text.")
@click.option("--window", metavar="SECONDS", help="Each figure is a mean over so long, 0.1 to 600. Default: 1.")
@click.option("--json", "as_json", is_flag=True, help="Print the document footprint.top/1, of one window.")
def command(*, once: bool, window: str | None, as_json: bool) -> None:
    """Show live watts by channel and by run, until q or Ctrl-C.

    Needs no rights of its own: what cannot be read is modelled, and said to be. Runs are those that are being measured
    on this machine with the same FOOTPRINT_HOME.
    """
    seconds = _window(window)
    watch = Watch(config.load({}, os.environ))
    plain = config.is_plain(os.environ)
    if as_json or once or plain or not sys.stdout.isatty() or not _screen(watch, seconds):
        watch.wait(seconds)
        view = watch.view()
        if as_json:
            click.echo(json.dumps(as_document(view), indent=2, ensure_ascii=False))
        else:
            click.echo("\n".join(top_text.plain(view) if plain else top_text.screen(view)))


def _window(text: str | None) -> float:
    low, high = _WINDOWS_S
    try:
        seconds = 1.0 if text is None else float(text)
    except ValueError:
        seconds = -1.0
    if not low <= seconds <= high:
        raise UsageError(f"--window {text}", f"it is no time from {low:g} to {high:g} seconds", "try --window 1")
    return seconds


def _screen(watch: Watch, seconds: float) -> bool:
    """Refresh the terminal until q or Ctrl-C. False where the terminal cannot do that."""
    try:
        import curses
    except ImportError:  # Windows
        return False
    import locale

    locale.setlocale(locale.LC_ALL, "")
    try:
        curses.setupterm()
        if not curses.tigetstr("cup"):
            return False
        curses.wrapper(lambda window: _refresh(curses, window, watch, seconds))
    except KeyboardInterrupt:
        pass  # the usual way to end it
    except curses.error:
        return False
    return True


def _refresh(curses: Any, window: Any, watch: Watch, seconds: float) -> None:
    """Draw a view, wait for its time or a key, draw the next."""
    if curses.tigetstr("civis"):
        curses.curs_set(0)
    lines = top_text.first(seconds)
    while True:
        _draw(window, lines)
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            window.timeout(max(1, int(min(left_s, 0.2) * 1000)))
            key = window.getch()
            if key in (ord("q"), ord("Q")):
                return
            if key == curses.KEY_RESIZE:
                _draw(window, lines)
            watch.wait(0)
        lines = top_text.screen(watch.view())


def _draw(window: Any, lines: list[str]) -> None:
    """As many lines as there is room for, and the keys at the bottom."""
    height, width = window.getmaxyx()
    window.erase()
    for row, line in enumerate([*lines[: height - 2], "", top_text.KEYS][:height]):
        window.addnstr(row, 0, line, width - 1)
    window.refresh()
