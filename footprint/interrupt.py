"""Ctrl-C while the command is loading, or has done its work: it ends at once by that signal, without a traceback.

Python turns Ctrl-C into an exception at whatever line it is. A verb's own code expects that; the lines that import it,
and Python's own at the end, do not. A program that imports footprint is never touched.
"""

import _signal  # type: ignore[import-not-found] # `signal` costs a millisecond, at every import of footprint
import os
import sys

_NAME = "footprint"


def is_command() -> bool:
    """Whether this process is the command, ``footprint`` or ``python -m footprint``, and no program that imports it."""
    words = getattr(sys, "argv", None) or [""]
    if words[0] == "-m":  # how it reads while the package is being found
        return _NAME in sys.orig_argv[1:]
    folder, file = os.path.split(str(words[0]))
    return file.removesuffix(".exe") == _NAME or (file == "__main__.py" and os.path.basename(folder) == _NAME)


def at_once() -> None:
    """From here on, until ``as_exception``, Ctrl-C ends the command there and then; one that ignores it goes on so."""
    if is_command() and _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)


def as_exception() -> None:
    """From here on Ctrl-C is Python's KeyboardInterrupt again."""
    if is_command() and _signal.getsignal(_signal.SIGINT) == _signal.SIG_DFL:
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)


def end_by_it() -> None:
    """End this process by the signal, so that a shell's loop stops too. Comes back where the system cannot do that."""
    if sys.platform != "win32":
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
        os.kill(os.getpid(), _signal.SIGINT)
