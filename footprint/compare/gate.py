"""A gate: how much more or less of something a run may take than the first, as a person writes it.

job_kwh<=+5%            at most 5 % more energy
carbon_location<-10%    at least 10 % less carbon
job_kwh/images<=+0%     no more energy for each image
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from footprint.compare.record import OVERLAP, Comparison, Quantity
from footprint.errors import UsageError

_FORM = re.compile(r"\s*([a-z_]+)\s*(?:/\s*(.+?))?\s*(<=|>=|<|>)\s*([+-]?\d+(?:\.\d+)?)\s*%\s*")
_SHORT = {"energy": "job_kwh", "carbon": "carbon_location"}
_TRY = 'write it like "job_kwh<=+5%" or "job_kwh/images<=+0%"'


class Gate(NamedTuple):
    """A limit for the ratio of a run's amount to the first run's."""

    text: str
    key: str
    per: str | None
    compares: str
    """``<=``, ``<``, ``>=`` or ``>``."""
    limit: float
    """Of the ratio: 1.05 for +5 %."""


class Judged(NamedTuple):
    """What a gate says of one run: it holds, it does not, or (None) that cannot be told."""

    gate: Gate
    run_id: str
    holds: bool | None
    why: str

    def as_document(self) -> dict[str, Any]:
        """As in ``footprint.compare/1``."""
        return {"gate": self.gate.text, "run_id": self.run_id, "holds": self.holds, "why": self.why}


def parse(text: str) -> Gate:
    """A gate from ``job_kwh<=+5%``. Raises UsageError where it is none."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise UsageError(f"--gate {text!r}", "it is not a quantity, <= or >=, and a percentage", _TRY)
    limit = 1.0 + float(found[4]) / 100.0
    if limit < 0:
        raise UsageError(f"--gate {text!r}", "nothing can be less than 100 % less", _TRY)
    return Gate(text.strip(), _SHORT.get(found[1], found[1]), found[2], found[3], limit)


def judged(gates: Iterable[Gate], comparison: Comparison) -> list[Judged]:
    """Every gate on every run but the first. Raises UsageError for a quantity that no run has."""
    return [_judge(gate, pair.b.run_id, pair.quantities) for gate in gates for pair in comparison.pairs]


def exit_code(judgements: Iterable[Judged]) -> int:
    """0 where all hold, 1 where one does not, 4 where one cannot be told and none fails."""
    said = {one.holds for one in judgements}
    if False in said:
        return 1
    return 4 if None in said else 0


def _judge(gate: Gate, run_id: str, quantities: tuple[Quantity, ...]) -> Judged:
    one = next((one for one in quantities if (one.key, one.per) == (gate.key, gate.per)), None)
    if one is None:
        known = ", ".join(dict.fromkeys(f"{one.key}/{one.per}" if one.per else one.key for one in quantities))
        raise UsageError(f"--gate {gate.text!r}", f"these runs have no such figure in common; they have {known}", _TRY)
    if one.verdict == "cannot_tell" and one.why != OVERLAP:
        return Judged(gate, run_id, None, one.why)
    low, high = one.ratio.low, one.ratio.high
    surely, never = _ends(gate, low, high)
    if surely or never:
        return Judged(gate, run_id, surely, "")
    return Judged(gate, run_id, None, f"the limit lies inside the range, {_percent(low)} to {_percent(high)}")


def _ends(gate: Gate, low: float, high: float) -> tuple[bool, bool]:
    """Whether the gate holds over the whole range, and whether nowhere in it."""
    limit = gate.limit
    return {
        "<=": (high <= limit, low > limit),
        "<": (high < limit, low >= limit),
        ">=": (low >= limit, high < limit),
        ">": (low > limit, high <= limit),
    }[gate.compares]


def _percent(ratio: float) -> str:
    return f"{100 * (ratio - 1):+.3g} %"
