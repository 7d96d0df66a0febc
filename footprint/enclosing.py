"""Which run encloses those that begin here, and those that other processes begin: the environment hands it down."""

from __future__ import annotations

import os
import threading
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Protocol

    class OpenRun(Protocol):
        """A run of this process."""

        @property
        def run_id(self) -> str:
            """Its name."""

        @property
        def is_open(self) -> bool:
            """Whether it is being measured."""


PARENT = "FOOTPRINT_PARENT"
"""Hands the id of the enclosing run to child processes."""
_ID_SIZE = 26

_current: ContextVar[OpenRun | None] = ContextVar("footprint_run", default=None)
"""The run whose ``with`` block we are in."""
_started: ContextVar[OpenRun | None] = ContextVar("footprint_started", default=None)
"""The run that ``start`` began last. Runs that ``start`` begins beside it may overlap: they are no children of it."""


def enter(run: OpenRun) -> Token[OpenRun | None]:
    """A ``with`` block of a run begins: runs that begin in it are inside it."""
    return _current.set(run)


def leave(token: Token[OpenRun | None]) -> None:
    """Its block ends."""
    try:
        _current.reset(token)
    except ValueError:  # left in another context than it was entered in (async generators)
        _current.set(None)


def begin_beside(run: OpenRun) -> None:
    """``start`` has begun a run: later ``with`` blocks are inside it while it is open."""
    _started.set(run)


def of_new_run(*, inside_started: bool) -> str | None:
    """Id of the run that encloses one that begins here: the innermost of this process, else the environment's."""
    outer = [_current.get(), _started.get() if inside_started else None]
    ids = [run.run_id for run in outer if run is not None and run.is_open]
    return max(ids) if ids else inherited()  # ids sort by time: the later one is the inner one


def _handed_down() -> str | None:
    """The enclosing run's id that a parent process handed down; None where it is no id."""
    value = os.environ.get(PARENT, "")
    return value if len(value) == _ID_SIZE and value.isascii() and value.isalnum() else None


class _Line:
    """This process's place: what it was handed, and its own open runs, the newest last."""

    def __init__(self) -> None:
        self.lock = threading.RLock()  # a signal's handler may begin a run while another begins
        self.inherited = _handed_down()
        self.before = os.environ.get(PARENT)
        self.open: list[str] = []
        self.first = ""


_line = _Line()


def inherited() -> str | None:
    """The run, of another process, that encloses all of this one."""
    return _line.inherited


def process_of(run_id: str) -> str:
    """A name of this process: the first run's that asks, and so another one in a forked child."""
    with _line.lock:
        _line.first = _line.first or run_id
        return _line.first


def announce(run_id: str) -> None:
    """A run has begun: processes that start now are inside it."""
    with _line.lock:
        if not _line.open:
            _line.before = os.environ.get(PARENT)
        _line.open.append(run_id)
        os.environ[PARENT] = run_id


def take_back(run_id: str) -> None:
    """A run is over, in whatever order: the newest that is still open takes its place."""
    with _line.lock:
        if run_id not in _line.open:
            return
        _line.open.remove(run_id)
        now = _line.open[-1] if _line.open else _line.before
        if now is None:
            os.environ.pop(PARENT, None)
        else:
            os.environ[PARENT] = now


def _in_child() -> None:
    """In a forked child, the run that was open around the fork encloses those that begin here."""
    global _line  # noqa: PLW0603 - one a process, like the environment that it stands for
    _line = _Line()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
