"""Runs a command as the job: exit code, signals and terminal pass through; every descendant is reaped by one loop.

The command stays in the runner's process group and in the foreground of its terminal. The runner is a child
subreaper, so that orphans of the job stay in its tree. It passes on only signals that somebody sent to it: a
terminal's Ctrl-C has reached the command by itself.
"""

import errno
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple

from footprint.signals import awaited

NOT_FOUND = 127
NOT_EXECUTABLE = 126
_PASSED_ON = (
    "SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGPOLL",
    "SIGWINCH", "SIGPWR", "SIGXCPU",
)  # fmt: skip
_ENDING = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
_PR_SET_CHILD_SUBREAPER = 36


class Ended(NamedTuple):
    """How a command ended."""

    exit_code: int
    """As ``$?`` shows it: 128 + N where signal N ended it."""
    by_signal: int | None


class StoppedBefore(Exception):  # noqa: N818 - a state of the command, not a fault of ours
    """Somebody ended us before the command was started: it is not started any more."""

    def __init__(self, by_signal: int) -> None:
        super().__init__(f"signal {by_signal}")
        self.by_signal = by_signal


class CannotStart(Exception):  # noqa: N818 - a state of the command, not a fault of ours
    """The command was not started: it is not found (127) or not executable (126)."""

    def __init__(self, exit_code: int, why: str) -> None:
        super().__init__(why)
        self.exit_code = exit_code


class Launcher:
    """Starts one command and waits for it. Use it from the main thread."""

    def __init__(self, on_dead: Callable[[float], None]) -> None:
        """``on_dead`` is told the CPU seconds of each child that is reaped."""
        self._on_dead = on_dead
        self._pid = 0
        self._status: int | None = None
        # Where our parent ignores its children's end, the system would reap ours unseen, and we would wait for ever.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # All threads that are made later inherit the mask: signals wait until the loop takes them.
        caught = _caught()
        self._before = signal.pthread_sigmask(signal.SIG_BLOCK, caught)
        self._ending = caught.intersection(_ENDING) - self._before  # what somebody else holds back is not for us
        self._signals = awaited(caught)

    def start(self, command: list[str], environ: Mapping[str, str]) -> None:
        """Start the command. Raises CannotStart, and StoppedBefore where a signal has come that would have ended it."""
        become_subreaper()
        came = {number for number in signal.sigpending() if number in self._ending}
        if came:  # a terminal's Ctrl-C would be lost: the command, which did not exist yet, has not got it
            raise StoppedBefore(min(came))
        try:
            self._pid = os.posix_spawnp(
                command[0], command, dict(environ), setsigmask=self._before, setsigdef=_python_ignores()
            )
        except OSError as fault:
            raise _cannot_start(fault) from None
        except ValueError as fault:  # a NUL in an argument
            raise CannotStart(NOT_FOUND, str(fault)) from None

    def wait(self, on_tick: Callable[[], None]) -> Ended:
        """Wait until the command ends. ``on_tick`` is called about once a second, between signals."""
        while not self._reap():
            taken = self._signals.take()
            if taken is None:
                on_tick()
            elif taken.number != signal.SIGCHLD and not taken.from_terminal:
                self._pass_on(taken.number)
        self._signals.close()
        status = self._status or 0
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            return Ended(128 + number, number)
        return Ended(os.waitstatus_to_exitcode(status), None)

    def _pass_on(self, number: int) -> None:
        try:
            os.kill(self._pid, number)
        except ProcessLookupError:
            pass  # it has just ended; the loop will see it
        except PermissionError:
            pass  # it runs as somebody else now, who alone may signal it

    def _reap(self) -> bool:
        """Reap every child that has ended; whether the command is among those that have."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return self._status is not None
            if pid == 0:
                return self._status is not None
            self._on_dead(usage.ru_utime + usage.ru_stime)
            if pid == self._pid:
                self._status = status


def become_subreaper() -> bool:
    """Have orphaned descendants given to this process (Linux). False where the system cannot."""
    if sys.platform != "linux":
        return False
    import ctypes

    return bool(ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


def end_like(ended: Ended) -> int:
    """End this process by the signal that ended the command, so that a shell sees the same; else its exit code."""
    if ended.by_signal is None:
        return ended.exit_code
    number = ended.by_signal
    if number in {signal.SIGKILL, signal.SIGSTOP}:
        os.kill(os.getpid(), number)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
    return ended.exit_code


def _caught() -> set[signal.Signals]:
    """Signals that the loop takes: those that are ignored at the start stay ignored."""
    names = [getattr(signal, name) for name in _PASSED_ON if hasattr(signal, name)]
    return {signal.SIGCHLD} | {number for number in names if signal.getsignal(number) is not signal.SIG_IGN}


def _python_ignores() -> list[signal.Signals]:
    """Signals that Python ignores for itself: a command must not inherit that."""
    return [getattr(signal, name) for name in ("SIGPIPE", "SIGXFSZ") if hasattr(signal, name)]


def _cannot_start(fault: OSError) -> CannotStart:
    if fault.errno in {errno.ENOENT, errno.ENOTDIR}:
        return CannotStart(NOT_FOUND, "no such command")
    return CannotStart(NOT_EXECUTABLE, fault.strerror or str(fault))
