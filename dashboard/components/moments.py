"""Moments and days as people read them, in this machine's own time."""

from __future__ import annotations

from datetime import date, datetime

from footprint.dashboard.components.amounts import DASH


def moment(iso: str | None) -> str:
    """``24 Nov 2026, 21:40`` of an ISO 8601 moment; a dash for none."""
    if not iso:
        return DASH
    local = datetime.fromisoformat(iso).astimezone()
    return f"{local.day} {local:%b %Y, %H:%M}"


def clock(seconds: float) -> str:
    """``21:40:05`` of seconds since 1970."""
    return f"{datetime.fromtimestamp(seconds).astimezone():%H:%M:%S}"


def day(iso: str) -> str:
    """``24 Nov`` of an ISO date."""
    when = date.fromisoformat(iso[:10])
    return f"{when.day} {when:%b}"


def month(iso: str) -> str:
    """``Nov 2026`` of a year and month."""
    return f"{date.fromisoformat(f'{iso[:7]}-01'):%b %Y}"


def hour(iso: str) -> str:
    """``21:40`` of an ISO moment."""
    return f"{datetime.fromisoformat(iso).astimezone():%H:%M}"
