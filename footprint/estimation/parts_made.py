"""What an estimate's hardware is made of: named devices, or components by their die and by what they hold.

Its rows are those that runs use for the hardware that they hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from footprint.account.hardware import gpu_rows
from footprint.estimation.given import Given
from footprint.factors import Catalogue, Factor
from footprint.interval import Interval, exact
from footprint.processor import class_of

COMPONENTS = ("cpu_die_mm2", "dram_gb", "ssd_gb")
"""Options that give the embodied part by its components."""
_MADE_OF: Mapping[str, tuple[str, str | None, str]] = {
    # option: (rows per mm² or GB, rows per piece, in words)
    "cpu_die_mm2": ("cpu-die", "cpu-piece", "a processor of that die"),
    "dram_gb": ("dram", None, "memory"),
    "ssd_gb": ("ssd-gb", "ssd-piece", "a drive"),
}


NODE_GPUS = 8
NODE_MEMORY_GB = 2048


class Part(NamedTuple):
    """A thing that one device has, and the rows that say what making it took."""

    kind: str
    """``gpu``, ``cpu`` or ``other``."""
    name: str
    """For people."""
    rows: tuple[tuple[str, Interval], ...]
    """(component in the catalogue, how many of its unit)."""


def named(kind: str, name: str) -> Part:
    """A device of the catalogue: a GPU by its model, a processor by its class."""
    if kind == "gpu":
        return Part("gpu", name, ((gpu_rows(name), exact(1.0)),))
    size = "server" if class_of(name, battery=False) == "server" else "small"
    return Part("cpu", name, ((f"{size}-cpu", exact(1.0)),))


def of_a_node() -> tuple[Part, ...]:
    """A GPU of 80 GB, and its eighth of a server of eight: two processors and 2 TB of memory, as clouds rent them."""
    eighth = 1 / NODE_GPUS
    return (
        Part("gpu", "a GPU of 80 GB", (("gpu-h100", exact(1.0)),)),
        Part("other", "the body of its server", (("server-body", exact(eighth)),)),
        Part("other", "the processors of its server", (("server-cpu", exact(2 * eighth)),)),
        Part("other", "the memory of its server", (("dram", exact(NODE_MEMORY_GB * eighth)),)),
    )


def components(given: Given) -> tuple[Part, ...]:
    """What the component options give."""
    found = []
    for option in given.has(*_MADE_OF):
        per, piece, words = _MADE_OF[option]
        rows = ((per, given.numbers[option]),)
        found.append(Part("other", words, rows if piece is None else (*rows, (piece, exact(1.0)))))
    return tuple(found)


def rows_of(catalogue: Catalogue) -> dict[str, dict[str, Factor]]:
    """Indicator → component → what making one of it took; ``lifetime`` → ``device`` → years."""
    found: dict[str, dict[str, Factor]] = {}
    for row in catalogue.factors:
        if row.indicator == "embodied":
            found.setdefault(row.part, {})[row.zone] = row
    return found
