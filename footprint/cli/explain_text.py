"""How figures were made, in ``plain``: one fact a line, formulas and units in words, nothing told by its place.

The text with numbered steps is ``footprint.explain.text``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from footprint import explain
from footprint.factors import Factor
from footprint.impacts import INDICATORS
from footprint.interval import is_known
from footprint.records.derivation import Missing, Step
from footprint.records.result import Run
from footprint.wording import clean, interval_text, number

_SPOKEN = {"×": "times", "÷": "divided by", "−": "minus", "+": "plus"}
"""Signs of formulas, in words."""


def plain(run: Run, known: explain.Known, indicator: str | None = None) -> str:
    """The figures of one indicator, or of all, one after the other."""
    keys = [indicator] if indicator is not None else list(run.impacts)
    return "\n".join("".join(f"{line}\n" for line in _lines(run, known, key)) for key in keys)


def _lines(run: Run, known: explain.Known, indicator: str) -> Iterator[str]:
    impact = run.impacts.get(indicator)
    yield f"Run: {clean(run.name or run.run_id)}"
    yield f"Indicator: {INDICATORS[indicator].name if indicator in INDICATORS else indicator}"
    total = impact.total if impact is not None and impact.derivation is not None else Missing("nothing was measured")
    yield f"Amount: {interval_text(total, impact.unit if impact else '', spoken=True)}"
    if impact is not None and not isinstance(total, Missing) and is_known(total):
        yield f"Energy of this job, at the wall: {interval_text(run.energy.job_kwh, 'kWh', spoken=True)}"
        yield f"Place: {known.place}"
        if run.region.note:
            yield f"About the place: {clean(run.region.note)}"
        parts = (impact.embodied, *impact.parts.values())
        yield from (f"Not in it: {part.missing}" for part in parts if isinstance(part, Missing))
    steps = explain.steps_of(run, known, indicator)
    for count, step in enumerate(steps, 1):
        yield from _step(count, step, known)
    for name in dict.fromkeys(source for step in steps for source in step.sources):
        source = known.sources.get(name)
        words = explain.source_words(source) if source is not None else "not in this version's catalogue"
        yield f"Source {name}: {words}"
    for name, share in explain.spread_of(run, indicator):
        yield f"Part of the spread, {explain.input_words(name)}: {share:.0%}"


def _step(count: int, step: Step, known: explain.Known) -> Iterator[str]:
    yield f"Step {count}: {step.name}"
    yield f"Step {count}, formula: {_spoken(step.formula)}"
    yield from (f"Step {count}, {name}: {number(value.central)}" for name, value in step.inputs.items())
    yield f"Step {count}, result: {interval_text(step.output, step.unit, spoken=True)}"
    factor = known.factors.get(step.factor or "")
    if factor is not None:
        yield from (f"Step {count}, {fact}" for fact in _factor(factor))


def _factor(factor: Factor) -> Iterable[str]:
    each = f"{factor.unit} per {factor.per}"
    yield f"factor: {factor.id}"
    yield f"size of the factor: {number(factor.central)} {each}"
    yield f"range of the factor: {number(factor.low)} to {number(factor.high)} {each}"
    yield f"the factor is: {factor.how}"
    if factor.note:
        yield f"note on the factor: {factor.note}"
    yield f"sources of the factor: {', '.join(factor.sources)}"


def _spoken(formula: str) -> str:
    """``host_j × share`` as ``host_j times share``; names with a hyphen stay as they are."""
    return " ".join(_SPOKEN.get(word, word) for word in formula.split())
