"""All impacts of a run for people, one indicator a line: what using and making took, its parts, and what lacks."""

from __future__ import annotations

from collections.abc import Iterator

from footprint import wording
from footprint.impacts import INDICATORS
from footprint.interval import Interval, is_known
from footprint.records.derivation import Impact, Missing
from footprint.records.result import Run

_PARTS = (("operational", "for its electricity"), ("embodied", "for its share of the hardware"))


def text(run: Run, *, plain: bool) -> str:
    """Every indicator: those without a figure say why. Claims stand apart, and are not among them."""
    lines = [*_lines(run, plain=plain)]
    if plain:
        return "\n".join(f"Impact, {name}: {said}" for name, said in lines)
    width = max((len(name) for name, _ in lines), default=0) + 2
    return "\n".join(f"{name:<{width}}{said}" for name, said in lines)


def _lines(run: Run, *, plain: bool) -> Iterator[tuple[str, str]]:
    for key, impact in run.impacts.items():
        named = INDICATORS.get(key)
        name = key.replace("_", " ") if named is None else named.name
        if impact.kind == "claim" and isinstance(impact.total, Interval):
            continue
        yield name, _said(impact, plain=plain)


def _said(impact: Impact, *, plain: bool) -> str:
    if isinstance(impact.total, Missing) or not is_known(impact.total):
        return wording.interval_text(impact.total, impact.unit, spoken=plain)
    using = [
        f"{wording.interval_text(amount, impact.unit, spoken=plain)} {words}"
        for part, words in _PARTS
        if isinstance(amount := getattr(impact, part), Interval) and amount.central > 0
    ]
    told = [f"{wording.interval_text(impact.total, impact.unit, spoken=plain)}: {' and '.join(using)}"]
    told += [_part(name, part, impact.unit, plain=plain) for name, part in impact.parts.items() if name != _ONLY]
    if impact.lacking:
        told.append(f"without making {', '.join(map(wording.clean, impact.lacking))}")
    elif isinstance(impact.embodied, Missing):
        told.append(f"without {impact.embodied.missing}")
    return "; ".join(told)


_ONLY = "electricity"
"""A part that is all of what using the hardware took."""


_APART = {
    "reservoirs": "apart from that, reservoirs",
    "climate": "in carbon already, climate",
    "collected": "of it collected and recycled there",
}
"""Parts that are in no sum."""


def _part(name: str, part: Interval | Missing, unit: str, *, plain: bool) -> str:
    return f"{_APART.get(name, name.replace('_', ' '))} {wording.interval_text(part, unit, spoken=plain)}"
