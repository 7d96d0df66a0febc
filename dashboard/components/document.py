"""Reading a run's document (``footprint.run/1``): amounts or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from footprint.dashboard.source import Document
from footprint.interval import Interval


def interval(found: Any) -> Interval | None:
    """The amount that a part of the document holds; None where it holds a reason or null."""
    if not isinstance(found, Mapping) or found.get("central") is None:
        return None
    central = float(found["central"])
    low, high = found.get("low"), found.get("high")
    return Interval(
        central if low is None else float(low),
        central,
        central if high is None else float(high),
        str(found.get("kind", "lower_bound")),
    )


def why_missing(found: Any) -> str:
    """Why a part holds no amount."""
    if found is None:
        return "not computed"
    if isinstance(found, Mapping) and found.get("missing"):
        return str(found["missing"])
    return "nothing was measured"


def component_words(part: Mapping[str, Any]) -> str:
    """``package-0 (cpu)``; the kind alone where it says the same."""
    kind, channel = str(part["kind"]), str(part["channel"])
    return channel if channel.startswith(kind) else f"{channel} ({kind})"


def measured_share(document: Document) -> float | None:
    """The share of the job's energy in channels that were measured; None where there is no energy."""
    parts = [(part["quality"], interval(part["job_j"])) for part in document["energy"].get("components", ())]
    energies = [(quality, value.central) for quality, value in parts if value is not None]
    whole = sum(energy_j for _, energy_j in energies)
    if whole <= 0:
        return None
    return sum(energy_j for quality, energy_j in energies if quality == "measured") / whole


def joined(words: Iterable[str], otherwise: str) -> str:
    """Words in a row, or what stands for none."""
    return ", ".join(words) or otherwise
