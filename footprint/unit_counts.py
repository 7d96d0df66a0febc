"""Functional units that a job counts, such as images or requests."""

from __future__ import annotations

import math
import operator
import os
import threading
from typing import Any

from footprint.errors import UsageError
from footprint.records.raw import plain_text


class UnitCounts:
    """How many of each unit have been counted. Safe for threads; a forked child's counts are not seen here."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.RLock()  # a signal's handler may count too
        self._counted: dict[str, float] = {}

    def count(self, unit: str, amount: Any) -> None:
        """Add so many. Raises UsageError for what is negative, not finite or no number."""
        number, unit = _number(unit, amount), plain_text(str(unit))
        if self._pid == os.getpid():
            with self._lock:
                self._counted[unit] = _number(unit, self._counted.get(unit, 0) + number)

    def counted(self) -> dict[str, float]:
        """All so far."""
        return dict(self._counted)


def _number(unit: str, amount: Any) -> float:
    """A number of units, those of numpy and torch too. Raises UsageError."""
    try:
        number = operator.index(amount) if hasattr(amount, "__index__") else float(amount)
        fits = not isinstance(amount, str | bytes) and math.isfinite(number) and number >= 0
    except (TypeError, ValueError, OverflowError):
        fits = False
    if not fits:
        raise UsageError(f"count of {unit!r}", f"{amount!r:.40} is no amount", "give a number of 0 or more")
    return number
