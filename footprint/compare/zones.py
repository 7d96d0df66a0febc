"""Runs in different zones: which of their impacts may be held against each other, and which tell nothing of the zones.

No zone is ranked by a figure of the classes ``direction``, ``inventory`` or ``claim``, nor by one that mostly stands in
for the zone's own (``fallback``): the difference would be that of two guesses.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping

from footprint.impacts import INDICATORS
from footprint.interval import Interval
from footprint.own_factors import TOTAL, part_of
from footprint.records.derivation import Impact
from footprint.records.result import Run
from footprint.wording import number

StandIns = Mapping[str, Collection[str]]
"""By run, the ids of its factors that stand in for those of its zone."""
_MOST = 0.1
"""From this part of an impact on, figures that stand in for a zone's own keep it from being compared with others."""
_CLAIM = "it is a claim: it is shown beside its evidence, and compared with nothing"


def why_not(key: str, a: Run, b: Run, stand_ins: StandIns) -> str:
    """Why an impact of two runs cannot be judged because of what it is, or of where they were; empty where it can."""
    kind = a.impacts[key].kind
    if kind == "claim":
        return _CLAIM
    zones = (a.region.zone, b.region.zone)
    if zones[0] == zones[1]:
        return ""
    if kind != "status":
        return f"the zones differ ({' and '.join(zones)}), and zones are not ranked by what is of the class {kind}"
    for run in (a, b):
        part = stands_in(run.impacts[key], stand_ins.get(run.run_id, ()))
        if part >= _MOST:
            said = f"the figures of {run.region.zone} stand in for what is not known there"
            return f"{said} ({number(100 * part)} % of it): zones are not ranked by them"
    return ""


def notes(runs: Iterable[Run], stand_ins: StandIns) -> list[str]:
    """Which figures of which zones stand in for what is not known there; only where the zones differ."""
    runs = list(runs)
    if len({run.region.zone for run in runs}) < 2:
        return []
    said: dict[str, None] = {}
    for run in runs:
        for key, impact in run.impacts.items():
            part = stands_in(impact, stand_ins.get(run.run_id, ()))
            if part > 0 and impact.kind == "status":
                name = INDICATORS[key].name if key in INDICATORS else key
                many = number(100 * part)
                said[f"{name} in {run.region.zone}: {many} % of it is of figures that stand in for the zone's own"] = (
                    None
                )
    return list(said)


def stands_in(impact: Impact, ids: Collection[str]) -> float:
    """How much of what using the hardware took is of factors that stand in for others, 0 to 1."""
    operational = impact.operational
    if not isinstance(operational, Interval) or not operational.central > 0:
        return 0.0
    parts = {part_of(name) for name in impact.factors if name in ids}
    if TOTAL in parts:
        return 1.0
    amounts = (impact.parts.get(part) for part in parts)
    return min(1.0, math.fsum(one.central for one in amounts if isinstance(one, Interval)) / operational.central)
