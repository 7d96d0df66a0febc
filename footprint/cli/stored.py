"""What the verbs on stored runs have in common: the store, opened; progress; documents as JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from footprint import config, queries
from footprint.cli import complain

_QUIET_S = 1.0


def home() -> str:
    """The home of this environment."""
    return config.home(os.environ)


@contextmanager
def opened() -> Iterator[queries.Store]:
    """The store of this environment. What a person should know of it is said on stderr, a line each."""
    with progress("reading runs") as shown, queries.opened(home(), progress=shown.add) as store:
        shown.clear()
        for message in store.messages:
            complain(message)
        said = len(store.messages)
        yield store
        for message in store.messages[said:]:
            complain(message)


class Progress:
    """How far long work is, on a terminal only, and only if it takes longer than a moment."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._done = 0
        self._since_s = time.monotonic()
        self._on = sys.stderr.isatty() and not config.is_plain(os.environ)
        self._shown = False

    def add(self, count: int) -> None:
        """So many more are done."""
        self._done += count
        if self._on and time.monotonic() - self._since_s > _QUIET_S:
            self._shown = True
            click.echo(f"\r{self._what}: {self._done}", nl=False, err=True)

    def clear(self) -> None:
        """Wipe the line."""
        if self._shown:
            click.echo(f"\r{' ' * (len(self._what) + 12)}\r", nl=False, err=True)
            self._shown = False


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """Progress that is wiped at the end."""
    shown = Progress(what)
    try:
        yield shown
    finally:
        shown.clear()


def echo_json(document: Mapping[str, Any]) -> None:
    """A document on stdout. Where stdout cannot write all characters, they are escaped."""
    click.echo(json.dumps(document, ensure_ascii=not _is_wide(), allow_nan=False, indent=1))


def echo_json_rows(schema: str, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """A document of many rows on stdout, each on a line of its own: quick to write, and to look through."""
    written = map(json.JSONEncoder(ensure_ascii=not _is_wide(), allow_nan=False).encode, rows)
    lines = "".join(f"\n{line}," for line in written).removesuffix(",")
    click.echo(f'{{"schema": {json.dumps(schema)}, {json.dumps(name)}: [{lines}]}}')


def _is_wide() -> bool:
    return (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "") == "utf8"
