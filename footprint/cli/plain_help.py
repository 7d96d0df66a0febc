"""``--help`` for ``FOOTPRINT_PLAIN``: an option and what it does in one line, without columns."""

from __future__ import annotations

from collections.abc import Iterable

import click


class PlainFormatter(click.HelpFormatter):
    """Writes lists as ``subject: what it is``."""

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:  # noqa: ARG002 - click's signature
        """A line a row."""
        for subject, said in rows:
            self.write(f"{subject}: {' '.join(said.split())}\n" if said else f"{subject}\n")
