"""A run's rows as they stand in the database: what ``verify`` compares."""

from __future__ import annotations

from sqlalchemy import func, select

from footprint.store.database import Store
from footprint.store.rows import Rows
from footprint.store.tables import run_impacts, run_tags, runs
from footprint.targets import Pinned

POINTERS = ("segment", "segment_offset", "segment_length")
"""Where readings stand: it may change without a run changing."""


def kept_rows(store: Store, run_id: str) -> Rows | None:
    """The rows of a run in the order of their keys; None where there is no such run."""
    with store.read() as connection:
        row = connection.execute(select(runs).where(runs.c.run_id == run_id)).mappings().first()
        if row is None:
            return None
        impacts, tags = (
            [dict(one) for one in connection.execute(query.where(table.c.run_id == run_id)).mappings()]
            for table, query in (
                (run_impacts, select(run_impacts).order_by(run_impacts.c.indicator)),
                (run_tags, select(run_tags).order_by(run_tags.c.key)),
            )
        )
    return Rows({key: value for key, value in row.items() if key not in POINTERS}, impacts, tags)


def made_with(store: Store, run_id: str) -> Pinned | None:
    """The catalogue that a run's stored figures were made with; None where there is no such run."""
    told = [func.json_extract(runs.c.document, f"$.provenance.{name}") for name in ("catalogue", "catalogue_sha256")]
    with store.read() as connection:
        row = connection.execute(select(*told).where(runs.c.run_id == run_id)).first()
    return None if row is None else Pinned(str(row[0]), str(row[1]))


def all_ids(store: Store) -> list[str]:
    """The runs of the store, the oldest first."""
    with store.read() as connection:
        return list(connection.execute(select(runs.c.run_id).order_by(runs.c.run_id)).scalars())
