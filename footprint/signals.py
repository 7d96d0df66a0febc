"""Takes signals one by one, with a tick where none comes: what the launcher's loop waits for.

Linux can wait for a time and says who sent a signal (``sigtimedwait``). macOS can only wait (``sigwait``): there a
thread wakes the loop, and what a terminal's keys make counts as the terminal's while we are in its foreground.
"""

import os
import signal
import threading
import time
from types import FrameType
from typing import NamedTuple

TICK_S = 1.0
_SI_KERNEL = 0x80
_OF_TERMINALS = ("SIGINT", "SIGQUIT", "SIGWINCH")
"""What a terminal sends to its whole foreground group."""


class Taken(NamedTuple):
    """A signal that came to this process."""

    number: int
    from_terminal: bool
    """Then the whole foreground group has it already."""


class TimedSignals:
    """By ``sigtimedwait``. The signals must be blocked in all threads."""

    def __init__(self, numbers: set[signal.Signals]) -> None:
        self._numbers = numbers

    def take(self) -> Taken | None:
        """The next signal; None after about a second without one."""
        taken = signal.sigtimedwait(self._numbers, TICK_S)
        return None if taken is None else Taken(taken.si_signo, taken.si_code == _SI_KERNEL)

    def close(self) -> None:
        """Nothing is open."""


class WokenSignals:
    """By ``sigwait``, and a thread that sends this process a SIGCHLD once a second. For the main thread alone.

    The signals must be blocked in all threads.
    """

    def __init__(self, numbers: set[signal.Signals]) -> None:
        self._numbers = numbers
        self._ticked_s = time.monotonic()
        self._over = threading.Event()
        for number in numbers:
            # BSD kernels drop signals that nobody handles and that do nothing by default, even while they are blocked.
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _nothing)
        threading.Thread(target=self._wake, name="footprint-tick", daemon=True).start()

    def take(self) -> Taken | None:
        """The next signal; None about once a second."""
        number = signal.sigwait(self._numbers)
        now_s = time.monotonic()
        if number == signal.SIGCHLD and now_s - self._ticked_s >= TICK_S:
            self._ticked_s = now_s
            return None
        return Taken(number, _is_of_terminals(number) and _is_in_foreground())

    def close(self) -> None:
        """No more ticks."""
        self._over.set()

    def _wake(self) -> None:
        while not self._over.wait(TICK_S):
            os.kill(os.getpid(), signal.SIGCHLD)


def awaited(numbers: set[signal.Signals]) -> TimedSignals | WokenSignals:
    """The better way that this system has."""
    return TimedSignals(numbers) if hasattr(signal, "sigtimedwait") else WokenSignals(numbers)


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Never called: the signal is blocked, and the loop takes it."""


def _is_of_terminals(number: int) -> bool:
    return any(number == getattr(signal, name, None) for name in _OF_TERMINALS)


def _is_in_foreground() -> bool:
    """Whether this process is in the foreground of a terminal; not where it has none."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
