"""``footprint.runs(...)``: stored runs for Python, and as a table for pandas."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from footprint import config
from footprint.errors import NotPossible
from footprint.queries.opening import open_store
from footprint.queries.runs import RunRow, list_runs
from footprint.queries.selecting import RunFilter
from footprint.queries.when import moment

if TYPE_CHECKING:
    import pandas as pd

_LOGGER = logging.getLogger("footprint")


class RunList(list[RunRow]):
    """Runs, newest first. ``to_pandas()`` makes a table of them."""

    def to_pandas(self) -> pd.DataFrame:
        """A DataFrame with one row a run: ``job_kwh`` and each indicator with ``_low``, ``_high`` and ``_kind``.

        Energies are in kWh, impacts in the unit of their indicator, ``started_at`` is a time in UTC; what cannot
        be had is NaN. Raises NotPossible where pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise NotPossible(
                "there is no table of runs", "pandas is not installed", "pip install 'compute-footprint[pandas]'"
            ) from None
        frame = pd.DataFrame([_flat(row) for row in self], columns=None if self else list(RunRow._fields))
        frame["started_at"] = pd.to_datetime(frame["started_at"], utc=True)
        return frame


def _flat(row: RunRow) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in row._asdict().items():
        if name == "job_kwh":
            flat |= _columns(name, row.job_kwh)
        elif name == "impacts":
            for indicator, total in row.impacts.items():
                flat |= _columns(indicator, total)
        elif name == "tags":
            flat[name] = dict(row.tags)
        else:
            flat[name] = value
    return flat


def _columns(name: str, value: Any) -> dict[str, Any]:
    return {
        name: value.central,
        f"{name}_low": value.low,
        f"{name}_high": value.high,
        f"{name}_kind": value.kind,
    }


def runs(
    *,
    project: str | None = None,
    team: str | None = None,
    tag: Mapping[str, str] | None = None,
    since: str | datetime | None = None,
    until: str | datetime | None = None,
    status: str | None = None,
    text: str = "",
    limit: int | None = None,
    sort: str = "started",
    descending: bool = True,
    home: str | None = None,
) -> RunList:
    """Stored runs, newest first: ``runs(project="vision", since="7d")``.

    ``since`` and ``until`` are datetimes, ISO dates or ``"7d"``; times without a zone are UTC. ``home`` is another
    folder than that of the settings. Raises UsageError for a filter that cannot be.
    """
    now = datetime.now(UTC)
    asked = RunFilter(
        project=project, team=team, tag=dict(tag or {}), status=status, text=text,
        limit=limit, sort=sort, descending=descending,
        since=None if since is None else moment(_text(since), "since", now),
        until=None if until is None else moment(_text(until), "until", now, end=True),
    )  # fmt: skip
    store = open_store(home or config.home(os.environ))
    for message in store.messages:
        _LOGGER.warning("%s", message)
    try:
        return RunList(list_runs(store, asked))
    finally:
        store.close()


def _text(when: str | datetime) -> str:
    return when.isoformat() if isinstance(when, datetime) else when
