"""The versions of a run's figures: the newest stands, the ones before it stay to be read."""

from __future__ import annotations

from footprint.errors import NotPossible
from footprint.queries.opening import Store
from footprint.queries.runs import document
from footprint.records.document import Document
from footprint.store import version_events


def newest_version(store: Store, run_id: str) -> int:
    """The number of the version that stands: 1 where the figures were never made anew."""
    standing = version_events.standing(store.home_of(run_id), run_id)
    return 1 if standing is None else standing.number


def document_of_version(store: Store, run_id: str, number: int) -> Document:
    """A version of a run as ``footprint.run/1``. Raises NotPossible where there is no such version."""
    newest = newest_version(store, run_id)
    if number == newest:
        return document(store, run_id)
    for version in version_events.versions_of(store.home_of(run_id), run_id):
        if version.number == number:
            return version.document
    have = "there is version 1 alone" if newest == 1 else f"there are versions 1 to {newest}"
    raise NotPossible(f"run {run_id} has no version {number}", have, "leave out --version for the newest")
