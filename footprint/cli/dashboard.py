"""``footprint dashboard``: this machine's runs in a browser."""

from __future__ import annotations

import os
import sys
import webbrowser

import click

from footprint.cli import stored, verb_text
from footprint.errors import NotPossible, UsageError

_EPILOG = """\b
Examples:
  footprint dashboard
  footprint dashboard --port 8123 --no-browser
  footprint dashboard --from /mnt/homes/rack-1 /mnt/homes/rack-2
"""
NEEDED = ("dash", "dash_ag_grid")


@click.command(
    "dashboard",
    epilog=_EPILOG,
)
@click.option(
    "--port", type=click.IntRange(1, 65535), default=None, help="Port on 127.0.0.1; 8050 or the next free one."
)
@click.option(
    "--from", "first", metavar="FOLDER...", help="The homes of several hosts, shared or copied; none is written."
)
@click.argument("more", nargs=-1, metavar="")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def command(port: int | None, first: str | None, more: tuple[str, ...], *, no_browser: bool) -> None:
    """Show this machine's runs in a browser: over time, as a table, and each in detail.

    It listens on 127.0.0.1 alone, loads nothing from the network, and shows new runs as they end.
    """
    folders = _folders(first, more)
    _ask_for_extra()
    from footprint.dashboard import app, server, source

    listening = server.listen(port)
    application = app.build(source.folders_source(folders) if folders else source.store_source(stored.home()))
    address = f"http://{server.ADDRESS}:{listening.getsockname()[1]}/"
    served = server.serving(application.server, listening)

    def announce() -> None:
        click.echo(verb_text.dashboard_at(address))
        sys.stdout.flush()
        if not no_browser and _has_display():
            webbrowser.open(address)

    server.serve(served, announce)


def _folders(first: str | None, more: tuple[str, ...]) -> list[str]:
    """What follows ``--from``. Raises UsageError where folders stand there without it."""
    if first is None and more:
        raise UsageError(f"argument {more[0]!r}", "dashboard takes none", "put --from before folders")
    return [] if first is None else [first, *more]


def _ask_for_extra() -> None:
    """Say how to install what the page needs, before anything is started."""
    import importlib.util

    lacking = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if lacking:
        raise NotPossible(
            "the dashboard is not installed",
            f"it needs {', '.join(lacking)}",
            "pip install 'compute-footprint[dashboard]'",
        )


def _has_display() -> bool:
    """Whether a browser would have a screen to open on."""
    if sys.platform.startswith(("darwin", "win")):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
