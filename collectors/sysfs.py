"""Numbers in small files of sysfs: read once, or kept open and read again and again.

What several collectors of counters in sysfs share: the words for a refused file, and a file whose descriptor may
go stale, whose content may be no number, and whose counter may stand still.
"""

from collections.abc import Callable

from footprint.collectors.host import Handle, Host
from footprint.collectors.reading import Counter, Failed, Gone, Outcome
from footprint.units import UJ_PER_J

GROUP = "energy"
"""Members of this group may read energy counters, where a machine's owner has set it up so."""
_STILL_S = 0.5
"""A counter of something that is powered does not hold still for so long."""


def is_number(text: str) -> bool:
    """Whether a text is a whole number of 0 or more."""
    return text.isascii() and text.isdigit()


def number(host: Host, path: str) -> int | None:
    """A file's number; None where it cannot be read or holds none."""
    try:
        text = host.read_text(path)
    except OSError:
        return None
    return int(text) if is_number(text) else None


def quoted(text: str) -> str:
    """What a file holds, short enough for a message."""
    return repr(text[:40]) if text else "nothing"


def words(fault: OSError) -> str:
    """The system's words for what it refused."""
    return (fault.strerror or type(fault).__name__).lower()


class NumberFile:
    """A file of one number, kept open; opened again where its descriptor went stale (the module was reloaded)."""

    __slots__ = ("_ended", "_folder", "_handle", "_host", "_open", "_what", "path")

    def __init__(
        self, host: Host, folder: str, file: str, what: str, opened: Callable[[], Handle] | None = None
    ) -> None:
        """``what`` it should hold, for messages: ``counter``, ``power``. It is gone when its folder is.

        ``opened`` opens it where opening takes more than the path; it raises OSError.
        """
        self.path = f"{folder}/{file}"
        self._host = host
        self._folder = folder
        self._what = what
        self._open = opened or self._by_path
        self._ended = False
        """Whether its line has had an end: from then on, one without is cut short."""
        self._handle: Handle | None = None

    def _by_path(self) -> Handle:
        return self._host.open(self.path)

    def read(self) -> int | Failed | Gone:
        """The number now, or why there is none."""
        try:
            if self._handle is None:
                self._handle = self._open()
            data = self._handle.read()
        except OSError as fault:
            self.close()
            if not self._host.exists(self._folder):
                return Gone(f"{self._folder} went away")
            return Failed(f"{self.path} cannot be read: {words(fault)}")
        text = data.rstrip()
        if not text.isdigit():
            return Failed(f"{self.path} holds {quoted(text.decode('ascii', 'replace'))}, no {self._what}")
        ended = data.endswith(b"\n")
        if self._ended and not ended:
            return Failed(f"{self.path} is cut short: it ends without its line's end")
        self._ended = ended
        return int(text)

    def close(self) -> None:
        """Close the file; a second call is harmless."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None


class CounterFile:
    """An energy counter: millionths of a joule, where nothing else is said."""

    __slots__ = ("_bits", "_file", "_last", "_moved_s", "_moves", "_per_j")

    def __init__(
        self,
        host: Host,
        folder: str,
        file: str,
        *,
        moves: bool,
        per_j: float = UJ_PER_J,
        bits: int | None = None,
        opened: Callable[[], Handle] | None = None,
    ) -> None:
        """``moves``: what it counts is powered, so that a counter that stands still is broken.

        ``per_j`` is how far it counts in a joule; of a register only the lowest ``bits`` are the counter.
        """
        self._file = NumberFile(host, folder, file, "counter", opened)
        self._moves = moves
        self._per_j = per_j
        self._bits = bits
        self._last = -1
        self._moved_s = 0.0

    def read(self, now_s: float) -> Outcome:
        """The counter (J) at ``now_s`` on the host's clock, or why there is none."""
        value = self._file.read()
        if not isinstance(value, int):
            return value
        if self._bits is not None:
            value &= (1 << self._bits) - 1
        if value != self._last:
            self._last, self._moved_s = value, now_s
        elif self._moves and now_s - self._moved_s >= _STILL_S:
            return Failed(f"{self._file.path} has stood still for {now_s - self._moved_s:.1f} s")
        return Counter(value / self._per_j)

    def close(self) -> None:
        """Close the file; a second call is harmless."""
        self._file.close()
