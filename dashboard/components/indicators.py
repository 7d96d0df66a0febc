"""What the pages show amounts of: energy, and every indicator of ``footprint.impacts``, in that order.

No page names an indicator: a new one in ``INDICATORS`` is a tile, a chart, a column and a row here without a change.
"""

from __future__ import annotations

from typing import NamedTuple

from footprint.impacts import INDICATORS

ENERGY = "job_kwh"
AT_FIRST = 2
"""So many indicators have a column of the table from the start; the column chooser shows the others."""


class Shown(NamedTuple):
    """A quantity as the pages name it."""

    key: str
    """In questions to the store and in documents."""
    name: str
    unit: str
    place: str
    """In ids of the page and as a column."""

    @property
    def is_energy(self) -> bool:
        """Energy is measured; an indicator is what follows from it."""
        return self.key == ENERGY


def of_impacts() -> tuple[Shown, ...]:
    """The indicators."""
    return tuple(Shown(key, label(key), one.unit, key) for key, one in INDICATORS.items())


def all_shown() -> tuple[Shown, ...]:
    """Energy, then the indicators."""
    return (Shown(ENERGY, "Energy", "kWh", "energy"), *of_impacts())


def added() -> tuple[Shown, ...]:
    """What is added up over runs and days: a claim is shown beside its evidence, and never summed."""
    return tuple(one for one in all_shown() if one.is_energy or INDICATORS[one.key].kind != "claim")


def label(key: str) -> str:
    """``Carbon by location``; the key in words for an indicator that this version does not know."""
    words = INDICATORS[key].name if key in INDICATORS else key.replace("_", " ")
    return words[:1].upper() + words[1:]
