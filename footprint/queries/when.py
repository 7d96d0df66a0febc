"""Times as people write them: ``2026-11-24``, ``2026-11-24T09:00``, ``7d``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from footprint.errors import UsageError

_AGO = re.compile(r"(\d{1,6})\s*([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def moment(text: str, name: str, now: datetime, *, end: bool = False) -> str:
    """ISO 8601 in UTC of a date, a time, or so long before ``now``. With ``end``, a date means the whole of its day.

    Times without a zone are UTC. Raises UsageError.
    """
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago is not None:
            return iso(now - timedelta(**{_UNITS[ago[2]]: int(ago[1])}))
        found = datetime.fromisoformat(text.strip())
        if found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
        if end and _DAY.fullmatch(text.strip()):
            found += timedelta(days=1)
        return iso(found)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{name} {text!r}", "it is no date that we know", "write 2026-11-24, 2026-11-24T09:00 or 7d"
        ) from None


def iso(when: datetime) -> str:
    """``2026-11-24T09:00:00.000Z``: as runs have their times, so that text sorts by time."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
