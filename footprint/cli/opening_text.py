"""How ``footprint explain`` begins: one figure as a short derivation in plain words, with its numbers filled in.

Short sentences of short words: a test holds them to the reading grade 8 (Flesch and Kincaid).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from footprint import explain
from footprint.impacts import INDICATORS
from footprint.interval import ZERO, Interval, exact, is_known
from footprint.own_factors import claim_words, claimed
from footprint.records.derivation import Impact, Missing
from footprint.records.result import Run
from footprint.region import WORLD
from footprint.wording import amount, clean, interval_text, number


def opening(run: Run, known: explain.Known, indicator: str) -> str:
    """The figure, and how it comes to be so much; or why there is none."""
    impact = run.impacts.get(indicator)
    name = INDICATORS[indicator].name if indicator in INDICATORS else indicator
    called = f"Run {clean(run.name or run.run_id)}: "
    if impact is None or isinstance(impact.total, Missing):
        return f"{called}there is no figure for {name}. {sentences(explain.why_missing(impact))}"
    if impact.derivation is None:
        return f"{called}there is no figure for {name}. Nothing was measured."
    is_claim = run.provenance.own is not None and indicator in claimed(run)
    figure = figure_text(run, indicator, impact.total, impact.unit)
    said = [f"{called}{name}{': ' if is_claim else ' is '}{figure}."]
    said += _using(run, known, impact, is_claim=is_claim)
    said += _making(impact)
    if run.region.note:
        said.append(f"As to the place: {sentences(clean(run.region.note))}")
    spread = explain.spread_of(run, indicator)
    if spread:
        said.append(f"The largest part of the doubt, {spread[0][1]:.0%}, lies in {explain.input_words(spread[0][0])}.")
    return " ".join(said)


def _using(run: Run, known: explain.Known, impact: Impact, *, is_claim: bool) -> Iterator[str]:
    """From the energy to what using the machine makes."""
    using, energy = impact.operational, run.energy
    if using == ZERO:
        yield "Using the machine makes none of it."
    if not isinstance(using, Interval) or not is_known(using) or using == ZERO:
        return
    job = amount(energy.job_kwh.central, "kWh")
    if any(part.quality == "measured" for part in energy.components):
        yield f"The job took {job} at the plug."
    else:
        yield f"No sensor could be read. A model says that the job took {job} at the plug."
    facility = energy.facility_kwh.central
    if energy.pue != exact(1.0):
        yield f"With what the building adds (times {number(energy.pue.central)}) that is {amount(facility, 'kWh')}."
    if facility > 0 and using.central > 0:
        place = "As a mean of the world" if run.region.zone == WORLD else f"In {known.place}"
        each = amount(using.central / facility, impact.unit)
        yield f"{'By the contract' if is_claim else place}, each kWh stands for {each}."
    yield f"So using the machine makes {amount(using.central, impact.unit)}."


def _making(impact: Impact) -> Iterator[str]:
    if isinstance(impact.embodied, Interval):
        more = "" if impact.operational == ZERO else " more"
        least = "at least " if impact.embodied.kind == "lower_bound" else ""
        made = amount(impact.embodied.central, impact.unit)
        yield f"Its share of making the hardware is {least}{made}{more}."
    else:
        yield "What it took to make the hardware is not in it."


def sentences(said: str) -> str:
    """What is said in halves, as whole sentences: ``a figure lacks: bring it`` as ``A figure lacks. Bring it.``"""
    halves = [half.strip(" .") for half in re.split(r"[:;] ", said)]
    return " ".join(f"{half[:1].upper()}{half[1:]}." for half in halves if half)


def figure_text(run: Run, indicator: str, total: Interval | Missing, unit: str, *, spoken: bool = False) -> str:
    """A figure; what follows from a contract as the claim that it is."""
    contract = claimed(run).get(indicator) if run.provenance.own is not None else None
    if contract is None or isinstance(total, Missing):
        return interval_text(total, unit, spoken=spoken)
    return claim_words(total, unit, contract, spoken=spoken)


def lacking(impact: Impact) -> list[str]:
    """Why parts of a figure are missing."""
    parts = (impact.embodied, *impact.parts.values())
    return [value.missing for value in parts if isinstance(value, Missing)]
