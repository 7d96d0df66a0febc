"""A comparison for people: in lines that begin with their subject, or one fact a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from footprint.compare.gate import Judged
from footprint.compare.record import Comparison, Pair, Quantity
from footprint.impacts import INDICATORS
from footprint.interval import is_known
from footprint.records.result import Run
from footprint.wording import clean, duration, interval_text, number

_HOLDS = {True: "holds", False: "does not hold", None: "cannot be told"}


def lines_of(comparison: Comparison, judgements: Sequence[Judged], *, plain: bool) -> Iterable[str]:
    """All lines. The first run is A; the others are B, C …"""
    names = {number_: _letter(number_) for number_ in range(len(comparison.runs))}
    for place, run in enumerate(comparison.runs):
        yield _run(names[place], run, plain=plain)
    for note in comparison.notes:
        yield f"Note: {note}"
    for place, pair in enumerate(comparison.pairs, 1):
        yield from _pair(names[place], pair, plain=plain)
    letters = {run.run_id: names[place] for place, run in enumerate(comparison.runs)}
    for one in judgements:
        why = f": {one.why}" if one.why else ""
        yield f"Gate {one.gate.text} on {letters[one.run_id]}: {_HOLDS[one.holds]}{why}"


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else f"R{place}"


def _run(letter: str, run: Run, *, plain: bool) -> str:
    called = clean(run.name or "without a name")
    said = f"{called}, {run.status}, {duration(run.duration_s)}, idle policy {run.energy.idle_policy}"
    return f"Run {letter}: {run.run_id}, {said}" if plain else f"{letter}  {run.run_id}  {said}"


def _pair(letter: str, pair: Pair, *, plain: bool) -> Iterable[str]:
    if pair.a.run_id == pair.b.run_id:
        yield f"{letter} is the same run as A: there is no difference"
        return
    if not plain:
        yield ""
        yield f"{letter} compared with A:"
    for one in pair.quantities:
        name = _name(one)
        if plain:
            yield f"{letter} compared with A, {name}: {_amounts(letter, one, spoken=True)}; {_verdict(letter, one)}"
        else:
            yield f"  {name}: {_amounts(letter, one)}"
            yield f"    {_verdict(letter, one)}"
    shared = dict.fromkeys(word for one in pair.quantities for word in one.cancelled)
    if shared:
        yield f"{'' if plain else '  '}Left out, as both share it: the error of {', '.join(shared)}"


def _name(one: Quantity) -> str:
    name = "energy" if one.key == "job_kwh" else INDICATORS[one.key].name if one.key in INDICATORS else one.key
    return f"{name} of one of {clean(one.per)}" if one.per else name


def _amounts(letter: str, one: Quantity, *, spoken: bool = False) -> str:
    """Both amounts; a unit's part with the total that it is a part of."""
    said = []
    for who, amount, total in (("A", one.a, one.a_total), (letter, one.b, one.b_total)):
        of = f", of {interval_text(total, one.unit, spoken=spoken)} in all" if one.per else ""
        said.append(f"{who} {interval_text(amount, one.unit, spoken=spoken)}{of}")
    return "; ".join(said)


def _verdict(letter: str, one: Quantity) -> str:
    if not is_known(one.ratio):
        return f"cannot be judged: {one.why}"
    size = f"{letter} used {_share(one.ratio.central)} ({_range(one)})"
    if one.verdict in {"less", "more"}:
        return f"{size}; beyond the uncertainty"
    if one.why.startswith("the ranges overlap"):
        return f"{size}; {one.why}"
    return f"{size}; cannot be judged: {one.why}"


def _share(ratio: float) -> str:
    if ratio == 1.0:
        return "as much"
    if ratio > 10:
        return f"{number(ratio)} times as much"
    return f"{number(abs(100 * (ratio - 1)))} % {'less' if ratio < 1 else 'more'}"


def _range(one: Quantity) -> str:
    return f"{_share(one.ratio.low)} to {_share(one.ratio.high)}"
