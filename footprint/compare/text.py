"""A comparison for people: in lines that begin with their subject, or one fact a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from footprint.compare.gate import Judged
from footprint.compare.record import OVERLAP, Comparison, Pair, Quantity
from footprint.impacts import INDICATORS
from footprint.interval import exact
from footprint.records.result import Run
from footprint.wording import clean, duration, interval_text, number

_TIMES = 10
"""Above so many times as much, a percentage reads badly."""
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
    reasons = {one.why for one in pair.quantities}
    once = reasons.pop() if len(reasons) == 1 and not any(_is_judged(one) for one in pair.quantities) else ""
    for one in pair.quantities:
        yield from _lines(letter, one, plain=plain, verdict=not once)
    shared = dict.fromkeys(word for one in pair.quantities for word in one.cancelled)
    indent = "" if plain else "  "
    if once:
        yield f"{indent}{letter} and A cannot be judged: {once}"
    elif shared:
        yield f"{indent}Left out, as both share it: the error of {', '.join(shared)}"


def _lines(letter: str, one: Quantity, *, plain: bool, verdict: bool) -> Iterable[str]:
    said = _verdict(letter, one, spoken=plain) if verdict else ""
    if plain:
        subject = f"{letter} compared with A, {_name(one)}"
        yield from (f"{subject}, {who}: {amount}" for who, amount in _amounts(letter, one, spoken=True))
        if said:
            yield f"{subject}, difference: {said}"
        return
    yield f"  {_name(one)}: {'; '.join(f'{who} {amount}' for who, amount in _amounts(letter, one))}"
    if said:
        yield f"    {said}"


def _name(one: Quantity) -> str:
    name = "energy" if one.key == "job_kwh" else INDICATORS[one.key].name if one.key in INDICATORS else one.key
    return f"{name} of one of {clean(one.per)}" if one.per else name


def _amounts(letter: str, one: Quantity, *, spoken: bool = False) -> Iterable[tuple[str, str]]:
    """Whose, and how much, of both; a unit's part with the total that it is a part of."""
    for who, amount, total in (("A", one.a, one.a_total), (letter, one.b, one.b_total)):
        of = f", of {interval_text(total, one.unit, spoken=spoken)} in all" if one.per else ""
        yield who, f"{interval_text(amount, one.unit, spoken=spoken)}{of}"


def _is_judged(one: Quantity) -> bool:
    """Whether the range of the ratio says something, be it that the two cannot be told apart."""
    return one.verdict != "cannot_tell" or one.why == OVERLAP


def _verdict(letter: str, one: Quantity, *, spoken: bool = False) -> str:
    if not _is_judged(one):
        return f"cannot be judged: {one.why}"
    used = "used" if one.key == "job_kwh" else "took"
    size = f"{letter} {used} {_difference(one, spoken=spoken)}{_share(one.ratio.central)}{_range(one)}"
    return f"{size}; {'beyond the uncertainty' if one.verdict in {'less', 'more'} else one.why}"


def _difference(one: Quantity, *, spoken: bool) -> str:
    """The amount of the difference, before its share."""
    amount = abs(one.difference.central)
    return f"{interval_text(exact(amount), one.unit, spoken=spoken)} " if amount else ""


def _share(ratio: float) -> str:
    """``less, 18.0 %``."""
    if ratio == 1.0:
        return "as much"
    if ratio > _TIMES:
        return f"more, {number(ratio)} times as much"
    return f"{'less' if ratio < 1 else 'more'}, {number(abs(100 * (ratio - 1)))} %"


def _range(one: Quantity) -> str:
    """The range of the share: smaller first where both ends go one way."""
    low, high = one.ratio.low, one.ratio.high
    if low == high or number(100 * (low - 1)) == number(100 * (high - 1)):
        return ""
    if max(low, high) > _TIMES:
        return f" ({number(low)} to {number(high)} times as much)"
    if high <= 1 or low >= 1:
        ends = sorted(abs(100 * (end - 1)) for end in (low, high))
        return f" ({number(ends[0])} to {number(ends[1])} %)"
    return f" ({number(100 * (1 - low))} % less to {number(100 * (high - 1))} % more)"
