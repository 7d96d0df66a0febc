"""What can go wrong, for a person to read.

FootprintError            one line: WHAT is wrong: WHY; TRY this
├── UsageError            the request is wrong; nothing was started (exit 2)
└── NotPossible           the request is fine and cannot be met here (exit 3)
    ├── NotInstalled      a library that was asked for is not there (an ImportError too)
    ├── NoSuchRun         no stored run answers to that name
    └── StoreUnusable     the store is damaged or from a newer version

A fault of a sensor is never an exception: it is a value (``collectors.reading``).
"""

from collections.abc import Iterable


class FootprintError(Exception):
    """Something that a user can cause or mend. ``str()`` is the whole line for people."""

    exit_code = 3

    def __init__(self, what: str, why: str, fix: str) -> None:
        super().__init__(f"{what}: {why}; {fix}")
        self.what, self.why, self.fix = what, why, fix


class UsageError(FootprintError, ValueError):
    """Wrong arguments or settings. Raised before anything is started or changed."""

    exit_code = 2


class NotPossible(FootprintError):  # noqa: N818 - it is no error of the user's or ours
    """A right request that cannot be met: no such thing, not readable, not reachable."""

    exit_code = 3


class NotInstalled(NotPossible, ImportError):  # noqa: N818 - a state of the machine, not an error of ours
    """A library that the user asked for is not installed, or cannot be imported."""


class NoSuchRun(NotPossible):
    """No stored run has that id, prefix or name."""


class StoreUnusable(NotPossible):
    """The store is damaged, or written by a newer version."""


def nearest(word: str, known: Iterable[str]) -> str:
    """For a line on an unknown word: `` (the nearest is …)``; nothing where nothing is near."""
    import difflib  # only when something is wrong: it costs milliseconds

    near = difflib.get_close_matches(word.casefold(), list(known), n=1, cutoff=0.4)
    return f" (the nearest is {near[0]})" if near else ""
