"""The hardware of each host over a period: what runs held of it, and what stood unused."""

from __future__ import annotations

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
    stays = [*_stored(store, until), *(_stay(as_document(run)) for run in store.live.values())]
    if since is None:
        if not stays:
            return None, ()
        since = iso_time(min(stay.begins_s for stay in stays))
    return since, hosts_of(stays, _seconds(since), _seconds(until), catalogue.rows(indicator="embodied"))


def _stored(store: Store, until: str) -> Iterator[Stay]:
    column = runs.c
    hardware = func.json_extract(column.document, "$.hardware")
    cpu = func.json_extract(column.document, "$.host.cpu")
    query = select(
        column.run_id, column.host_id, cpu, column.parent, column.started_at, column.duration_s, hardware
    ).where(column.started_at < until)
    with store.read() as connection:
        for run_id, host_id, name, parent, started_at, duration_s, held in connection.execute(query):
            begins_s = _seconds(started_at)
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
