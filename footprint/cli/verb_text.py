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


def deletion_meant(runs: int, estimates: int = 0) -> str:
    """The question of ``delete``."""
    said = []
    if runs:
        said.append(f"{'this run' if runs == 1 else f'these {runs} runs'} with all readings")
    if estimates:
        said.append("this estimate" if estimates == 1 else f"these {estimates} estimates")
    return f"Delete {' and '.join(said)}, for good?"


def to_be_deleted(document: dict[str, Any], *, plain: bool) -> str:
    """A run that is about to be deleted, so that it is known again."""
    name = clean(document["name"] or "without a name")
    started = document["started_at"][:16].replace("T", " ")
    if plain:
        return f"Run: {document['run_id']}\nName: {name}\nStarted: {started} UTC"
    return f"{document['run_id']}  {started}  {name}"


def estimate_to_be_deleted(document: dict[str, Any], *, plain: bool) -> str:
    """A saved estimate that is about to be deleted."""
    name = clean(document["name"] or "without a name")
    saved = document["saved_at"][:16].replace("T", " ")
    if plain:
        return f"Estimate: {document['estimate_id']}\nName: {name}\nSaved: {saved} UTC"
    return f"{document['estimate_id']}  {saved}  {name}  (an estimate)"


def dashboard_at(address: str) -> str:
    """While the dashboard is there."""
    return f"The dashboard is at {address} (stop it with Ctrl-C)"


def power_estimated(count: int, path: str) -> str:
    """After ``estimate-power``."""
    return f"Power of {count} host{'' if count == 1 else 's'} written: {clean(path)}"
