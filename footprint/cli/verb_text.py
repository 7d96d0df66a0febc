"""What verbs say in a sentence: that it is done, that it holds, whether it is meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from footprint.wording import clean

STORE_HOLDS = "The store is what the journals say."
NOTHING_DELETED = "Nothing was deleted."


def rebuilt(count: int) -> str:
    """After ``store rebuild``."""
    return f"The store was made anew: {count} run{'' if count == 1 else 's'}."


def deleted(run_ids: Sequence[str]) -> str:
    """After ``delete``."""
    return f"Deleted for good: {', '.join(run_ids)}"


def deletion_meant(count: int) -> str:
    """The question of ``delete``."""
    many = "this run" if count == 1 else f"these {count} runs"
    return f"Delete {many} with all readings, for good?"


def to_be_deleted(document: dict[str, Any], *, plain: bool) -> str:
    """A run that is about to be deleted, so that it is known again."""
    name = clean(document["name"] or "without a name")
    started = document["started_at"][:16].replace("T", " ")
    if plain:
        return f"Run: {document['run_id']}\nName: {name}\nStarted: {started} UTC"
    return f"{document['run_id']}  {started}  {name}"


def dashboard_at(address: str) -> str:
    """While the dashboard is there."""
    return f"The dashboard is at {address} (stop it with Ctrl-C)"
