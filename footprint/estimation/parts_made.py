"""What making components took: a processor by its die, memory and drives by what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from footprint.estimation.given import Given
from footprint.estimation.record import Assumed
from footprint.factors import Catalogue, Factor
from footprint.interval import Interval, product, scaled, total
from footprint.units import G_PER_KG

_RULES: Mapping[str, tuple[str, str | None, str]] = {
    # option: (row per mm² or GB, row per piece, in words)
    "cpu_die_mm2": ("cpu_die", "cpu_constant", "one processor of that die"),
    "dram_gb": ("dram", None, "memory in modules of 32 GB"),
    "ssd_gb": ("ssd", "ssd_constant", "one drive"),
}


class PartsMade(NamedTuple):
    """gCO2e to make the components of one device."""

    carbon_g: Interval
    assumed: tuple[Assumed, ...]
    factors: tuple[str, ...]


def of(given: Given, catalogue: Catalogue) -> PartsMade:
    """The sum of the components that were given: amount × factor, and a constant per piece."""
    parts, assumed, factors = [], [], []
    for name in given.has(*_RULES):
        per, constant, words = _RULES[name]
        each = row(per, catalogue)
        amount = product(given.numbers[name], each.value)
        used = [each]
        if constant is not None:
            piece = row(constant, catalogue)
            amount = total((amount, piece.value))
            used.append(piece)
        parts.append(scaled(amount, G_PER_KG))
        assumed += [
            Assumed(f"making {name} ({one.part})", one.value, one.id, f"kgCO2e per {one.per}: {words}") for one in used
        ]
        factors += [one.id for one in used]
    return PartsMade(total(parts), tuple(assumed), tuple(factors))


def row(part: str, catalogue: Catalogue) -> Factor:
    """The catalogue's row for making or keeping hardware."""
    return next(one for one in catalogue.factors if (one.indicator, one.zone, one.part) == ("hardware", "making", part))
