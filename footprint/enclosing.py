"""Which run encloses those that other processes begin: the environment hands it down."""

import os
import threading

PARENT = "FOOTPRINT_PARENT"
"""Hands the id of the enclosing run to child processes."""
_ID_SIZE = 26


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


_line = _Line()


def inherited() -> str | None:
    """The run, of another process, that encloses all of this one."""
    return _line.inherited


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
