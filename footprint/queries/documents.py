"""The documents of many runs, one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import select

from footprint.queries.opening import Store
from footprint.queries.selecting import ALL, RunFilter, check
from footprint.queries.sums import outermost
from footprint.records.document import Document
from footprint.store.tables import runs


def outermost_documents(store: Store, asked: RunFilter = ALL) -> Iterator[Document]:
    """The stored documents of a filter's runs whose parent is not among them, the oldest first. Raises UsageError."""
    check(asked)
    query = select(runs.c.document).where(outermost(asked)).order_by(runs.c.started_at, runs.c.run_id)
    with store.read() as connection:
        for text in connection.execute(query).scalars():
            found: Document = json.loads(text)
            yield found
