"""One training as a run: what the callbacks of all trainers have in common."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from footprint import public

if TYPE_CHECKING:
    from footprint.account import Result
    from footprint.live_run import LiveRun


class Training:
    """The runs that one callback makes: one for each training, the newest of them in ``run``."""

    def __init__(self, name: str | None, options: Mapping[str, Any]) -> None:
        """Options are those of ``footprint.start``. Raises UsageError or TypeError as ``start`` would."""
        public.check(name, **options)
        self.run: LiveRun | None = None
        self._name = name
        self._options = options
        self._phases: list[AbstractContextManager[None]] = []
        self._units: Mapping[str, float] = {}

    @property
    def result(self) -> Result | None:
        """Of the newest training: final when it has ended, else as of now; None before the first."""
        return None if self.run is None else self.run.result

    def begin(self) -> None:
        """Start a run. One that is still open belongs to a training that broke off without a word."""
        self.end(exit_code=1)
        self.run = public.start(self._name, **self._options)

    def enter(self, phase: str) -> None:
        """Open a span inside those that are open."""
        if self.run is not None:
            span = self.run.span(phase)
            span.__enter__()
            self._phases.append(span)

    def leave(self) -> None:
        """Close the newest open span, if there is one."""
        if self._phases:
            self._phases.pop().__exit__(None, None, None)

    def reached(self, units: Mapping[str, float]) -> None:
        """What has been done since the beginning, by functional unit; what was told before is forgotten."""
        self._units = units

    def end(self, *, exit_code: int = 0, error: str | None = None) -> None:
        """Stop the run. A second call is harmless."""
        while self._phases:
            self.leave()
        if self.run is not None and self.run.is_open:
            for unit, amount in self._units.items():
                self.run.count(unit, amount)
            self.run.close(exit_code=exit_code, error=error)
        self._units = {}
