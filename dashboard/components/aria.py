"""Names and roles for those who hear the page."""

from __future__ import annotations

from typing import Any


def aria(**words: str) -> dict[str, Any]:
    """``aria(label="Runs")`` is ``{"aria-label": "Runs"}``: names with a hyphen, as a component takes them."""
    return {f"aria-{key}": value for key, value in words.items()}
