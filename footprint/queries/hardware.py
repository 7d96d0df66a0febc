"""The hardware of each host over a period: what runs held of it, and what stood unused."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from footprint import catalogue
from footprint.account.hardware_use import HostUse, Stay, hosts_of
from footprint.account.when import iso_time
from footprint.queries.opening import mended
from footprint.records.document import as_document, hardware_from
from footprint.store.database import Store
from footprint.store.tables import runs


@mended
def hardware_use(store: Store, since: str | None, until: str) -> tuple[str | None, tuple[HostUse, ...]]:
    """When the period begins, and each host that had runs in it, by its id. Times are ISO 8601, UTC.

    Without ``since`` the period begins with the first run that is kept; None where there is none. Runs that are being
    measured count up to the last look. Figures are of the present catalogue.
    """
    live = sorted((_stay(as_document(run)) for run in store.live.values()), key=lambda stay: stay.begins_s)
    since = since or _first(store, live)
    if since is None:
        return None, ()
    stays = itertools.chain(live, _stored(store, since, until))  # those around others first
    return since, hosts_of(stays, _seconds(since), _seconds(until), catalogue.rows(indicator="embodied"))


def _first(store: Store, live: list[Stay]) -> str | None:
    """When the first run that is kept began."""
    with store.read() as connection:
        stored = connection.execute(select(func.min(runs.c.started_at))).scalar()
    begins = [*(iso_time(stay.begins_s) for stay in live[:1]), *([stored] if stored else [])]
    return min(begins, default=None)


_outer = runs.alias("outer")
_inside = select(_outer.c.run_id).where(_outer.c.run_id == runs.c.parent, _outer.c.host_id == runs.c.host_id).exists()
"""Whether the run around it is kept, and of the same host."""


def _stored(store: Store, since: str, until: str) -> Iterator[Stay]:
    column = runs.c
    hardware = func.json_extract(column.document, "$.hardware")
    cpu = func.json_extract(column.document, "$.host.cpu")
    query = (
        select(column.run_id, column.host_id, cpu, column.parent, column.started_at, column.duration_s, hardware)
        .where(column.started_at < until)
        .order_by(column.started_at, column.run_id)
    )
    since_s = _seconds(since)
    with store.read() as connection:
        for run_id, host_id, name, parent, started_at, duration_s, held in connection.execute(query):
            begins_s = _seconds(started_at)
            if begins_s + (duration_s or 0.0) <= since_s:
                continue
            told = hardware_from(None if held is None else json.loads(held))
            yield Stay(run_id, host_id, name or "", parent, begins_s, begins_s + (duration_s or 0.0), told)


def _stay(document: dict[str, Any]) -> Stay:
    begins_s = _seconds(document["started_at"])
    return Stay(
        document["run_id"], document["host"]["id"], document["host"]["cpu"], document["parent"], begins_s,
        begins_s + (document["duration_s"] or 0.0), hardware_from(document["hardware"]),
    )  # fmt: skip


def _seconds(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()
