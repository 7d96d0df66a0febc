"""What ``footprint explain`` says to people: a paragraph, numbered steps and sources, or in ``plain`` one fact a line
with formulas and units in words.
"""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Iterable, Iterator

from footprint import explain
from footprint.cli.opening_text import figure_text, lacking, opening
from footprint.factors import Factor
from footprint.impacts import INDICATORS
from footprint.interval import is_known
from footprint.records.derivation import Missing, Step
from footprint.records.result import Run
from footprint.wording import clean, interval_text, is_decimal, number, scale

_WIDTH = 100
_NAMED = 3
"""So many sources are named beside a factor; all of them stand in the list below."""
_SPOKEN = {"×": "times", "÷": "divided by", "−": "minus", "+": "plus"}
"""Signs of formulas, in words."""


def text(run: Run, known: explain.Known, indicator: str | None = None) -> str:
    """For people: the figure, how it was made in numbered steps, its sources, and what its spread is due to."""
    keys = [indicator] if indicator is not None else list(run.impacts)
    energy = explain.energy_steps(run, known)
    return "\n\n".join(_text_of(run, known, key, energy) for key in keys) + "\n"


def plain(run: Run, known: explain.Known, indicator: str | None = None) -> str:
    """The figures of one indicator, or of all, one after the other."""
    keys = [indicator] if indicator is not None else list(run.impacts)
    return "\n".join("".join(f"{line}\n" for line in _lines(run, known, key)) for key in keys)


def _lines(run: Run, known: explain.Known, indicator: str) -> Iterator[str]:
    impact = run.impacts.get(indicator)
    yield f"Run: {clean(run.name or run.run_id)}"
    yield f"Indicator: {INDICATORS[indicator].name if indicator in INDICATORS else indicator}"
    total = impact.total if impact is not None and impact.derivation is not None else Missing("nothing was measured")
    yield f"Amount: {figure_text(run, indicator, total, impact.unit if impact else '', spoken=True)}"
    if impact is not None and not isinstance(total, Missing) and is_known(total):
        yield f"Energy of this job, at the wall: {interval_text(run.energy.job_kwh, 'kWh', spoken=True)}"
        yield f"Place: {known.place}"
        if run.region.note:
            yield f"About the place: {clean(run.region.note)}"
        yield from (f"Not in it: {why}" for why in lacking(impact))
    steps = explain.steps_of(run, known, indicator)
    for count, step in enumerate(steps, 1):
        yield from _step(count, step, known)
    for name in dict.fromkeys(source for step in steps for source in step.sources):
        source = known.sources.get(name)
        words = explain.source_words(source) if source is not None else "not in this version's catalogue"
        yield f"Source {name}: {words}"
    for name, share in explain.spread_of(run, indicator):
        yield f"Part of the spread, {explain.input_words(name)}: {share:.0%}"
    for one in known.narrow.get(indicator, ()):
        if one.share_then < one.share_now:
            yield f"Would narrow it: {one.how}, {explain.from_to(one)}"
    yield from explain.place_lines(run, known, indicator)
    old = explain.aged_line(run, known, indicator)
    if old:
        yield old


def _step(count: int, step: Step, known: explain.Known) -> Iterator[str]:
    yield f"Step {count}: {step.name}"
    yield f"Step {count}, formula: {_spoken(step.formula)}"
    yield from (f"Step {count}, {name}: {number(value.central)}" for name, value in step.inputs.items())
    if _in_its_unit(step):
        yield f"Step {count}, result in {step.unit}: {number(step.output.central)}"
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


# --- the text with numbered steps ---


def _text_of(run: Run, known: explain.Known, indicator: str, energy: tuple[Step, ...]) -> str:
    parts = [_filled(opening(run, known, indicator))]
    impact = run.impacts.get(indicator)
    missing = lacking(impact) if impact is not None and impact.derivation is not None else []
    if missing:
        parts.append(_filled(f"Not in it: {'; '.join(missing)}."))
    steps = explain.steps_of(run, known, indicator, energy)
    if steps:
        parts.append("How it was made:\n" + "\n".join(_numbered(steps, known)))
    used = [source for step in steps for source in step.sources]
    if used:
        parts.append("Sources:\n" + "\n".join(_source_lines(used, known)))
    spread = explain.spread_of(run, indicator)
    if spread:
        lines = [f"  {share:4.0%}  {explain.input_words(name)}" for name, share in spread]
        parts.append("What the spread is due to:\n" + "\n".join(lines))
    last = [*explain.narrow_lines(run, known, indicator), explain.aged_line(run, known, indicator)]
    if any(last):
        parts.append("\n".join(_filled(line) for line in last if line))
    return "\n\n".join(parts)


def _numbered(steps: Iterable[Step], known: explain.Known) -> list[str]:
    lines: list[str] = []
    for count, step in enumerate(steps, 1):
        lines.append(f"{count:3}. {step.name}")
        output = interval_text(step.output, step.unit)
        filled = f"= {_with_numbers(step)} = {_in_its_unit(step)}{output}" if step.inputs else f"= {output}"
        lines += [f"     {step.formula}", f"     {filled}"]
        factor = known.factors.get(step.factor or "")
        if factor is not None:
            lines += textwrap.wrap(
                _factor_words(factor), _WIDTH, initial_indent="     ", subsequent_indent="     "
            )  # fmt: skip
    return lines


def _in_its_unit(step: Step) -> str:
    """What the formula gives, where the amount for people is more than a decimal point away: days for years."""
    central = step.output.central
    if not is_known(step.output) or is_decimal(scale(central, step.unit)[0]):
        return ""
    return f"{number(central)} {step.unit} = "


def _with_numbers(step: Step) -> str:
    """The formula with its inputs' central values for their names."""
    names = sorted(step.inputs, key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in names)
    return re.sub(pattern, lambda found: number(step.inputs[found.group()].central), step.formula)


def _factor_words(factor: Factor) -> str:
    amounts = f"{number(factor.central)} ({number(factor.low)} to {number(factor.high)}) {factor.unit} per {factor.per}"
    note = f"; {factor.note}" if factor.note else ""
    first = ", ".join(factor.sources[:_NAMED])
    more = f" and {len(factor.sources) - _NAMED} more" if len(factor.sources) > _NAMED else ""
    return f"factor {factor.id}: {amounts}, {factor.how}{note} [{first}{more}]"


def _source_lines(used: Iterable[str], known: explain.Known) -> list[str]:
    lines: list[str] = []
    for name in dict.fromkeys(used):
        source = known.sources.get(name)
        words = explain.source_words(source) if source is not None else "not in this version's catalogue"
        lines += _source_wrapped(f"[{name}] {words}")
    return lines


@functools.cache
def _source_wrapped(line: str) -> tuple[str, ...]:
    """The same sources stand under many indicators."""
    return tuple(textwrap.wrap(line, _WIDTH, initial_indent="  ", subsequent_indent="    "))


def _filled(paragraph: str) -> str:
    return textwrap.fill(paragraph, _WIDTH)
