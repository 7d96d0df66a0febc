"""Asks something slow again and again, in a thread of its own; whoever reads gets the newest answer at once.

So a meter that answers late, or never, holds up neither the job nor the other channels.
"""

import threading
from collections.abc import Callable, Mapping

from footprint.collectors.host import Host
from footprint.collectors.reading import NOT_YET, Failed, GpuUse, Outcome

_NOBODY_S = 660.0
"""Runs look at least every ten minutes: after longer than this, nobody is measuring any more."""
_SELDOM_S = 10.0
"""Where nobody has looked for so long, it is asked only so often."""
_LONGEST_S = 60.0
"""Something that keeps failing is asked at least so often."""


class Poller:
    """One source. Begins to ask when it is made or read, and stops when nobody reads any more."""

    def __init__(
        self, host: Host, ask: Callable[[], Outcome], period_s: float, patience_s: float, first: Outcome | None = None
    ) -> None:
        """``ask`` may take as long as it likes and raises nothing; an answer counts for a period and the patience."""
        self._host = host
        self._ask = ask
        self._period_s = period_s
        self._patience_s = patience_s
        self._wanted_s = host.monotonic()
        self._newest: tuple[float, Outcome] | None = None if first is None else (self._wanted_s, first)
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._why = ""
        self._start()

    def read(self) -> Outcome:
        """The newest answer, or why there is none."""
        now_s = self._wanted_s = self._host.monotonic()
        if self._thread is None or not self._thread.is_alive():
            self._start()
        newest = self._newest
        if newest is None:
            return Failed(self._why or NOT_YET)
        age_s = now_s - newest[0]
        if age_s > self._period_s + self._patience_s and not isinstance(newest[1], Failed):
            return Failed(f"it has not answered for {age_s:.0f} s")
        return newest[1]

    def close(self) -> None:
        """Ask no more; a second call is harmless. An answer that is under way is not waited for."""
        self._closing.set()

    def _start(self) -> None:
        if self._closing.is_set():
            return
        thread = threading.Thread(target=self._loop, name="footprint-meter", daemon=True)
        try:
            thread.start()
        except RuntimeError as fault:
            self._why = f"it cannot be asked: {fault}"
        else:
            self._thread = thread

    def _loop(self) -> None:
        failures = 0
        while not self._closing.is_set():
            unread_s = self._host.monotonic() - self._wanted_s
            if unread_s > _NOBODY_S:
                self._newest = None
                return
            before_s = self._host.monotonic()
            outcome = self._ask()
            after_s = self._host.monotonic()
            self._newest = ((before_s + after_s) / 2, outcome)
            failures = failures + 1 if isinstance(outcome, Failed) else 0
            wait_s = min(_LONGEST_S, self._period_s * 2 ** min(failures, 10)) if failures else self._period_s
            if unread_s > _SELDOM_S:
                wait_s = max(wait_s, _SELDOM_S)
            self._closing.wait(max(0.0, wait_s - (after_s - before_s)))


class PolledReader:
    """The reader of one channel that is asked by a poller."""

    def __init__(self, channel: str, poller: Poller) -> None:
        self._channel = channel
        self._poller = poller

    def read(self) -> Mapping[str, Outcome]:
        """The newest answer of the channel, or why there is none."""
        return {self._channel: self._poller.read()}

    def gpu_use(self) -> Mapping[str, GpuUse]:
        """Nothing: what counts a whole machine does not say who uses a GPU."""
        return {}

    def close(self) -> None:
        """Ask no more; a second call is harmless."""
        self._poller.close()
