"""Saved estimates in the events journal: each with its whole document ``footprint.estimate/1``. They are no runs:
nothing was measured, and no sum has them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from footprint.errors import NotPossible
from footprint.store import events

SAVED = "estimate_saved"
SCHEMA = "footprint.estimate/1"

Document = Mapping[str, Any]


class SavedEstimate(NamedTuple):
    """An estimate as it was saved."""

    estimate_id: str
    saved_at: str
    """ISO 8601, UTC."""
    name: str | None
    project: str | None
    document: Document
    """``footprint.estimate/1``, whole."""


def save(home: str, document: Document) -> None:
    """Keep an estimate that has its ``estimate_id`` and ``saved_at``. Raises NotPossible where the home cannot be
    written.
    """
    try:
        os.makedirs(home, mode=0o700, exist_ok=True)
        events.append(home, [{"what": SAVED, "document": document}])
    except OSError as fault:
        why = f"the home {home} cannot be written ({fault.strerror or fault})"
        raise NotPossible("the estimate cannot be kept", why, "make it writable, or leave out saving") from None


def saved_in(event: events.Event) -> SavedEstimate | None:
    """The estimate that an event keeps; None where it keeps none, or one of a form that this version does not know."""
    document = event.get("document")
    if event.get("what") != SAVED or not isinstance(document, Mapping) or document.get("schema") != SCHEMA:
        return None
    name, project = document.get("name"), document.get("project")
    estimate_id, saved_at = document.get("estimate_id"), document.get("saved_at")
    if not (isinstance(estimate_id, str) and estimate_id and isinstance(saved_at, str)):
        return None
    if not (isinstance(name, str | None) and isinstance(project, str | None)):
        return None
    return SavedEstimate(estimate_id, saved_at, name, project, document)
