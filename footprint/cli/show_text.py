"""What ``footprint show`` says to people: the summary and a table of channels, or in ``plain`` one fact a line."""

from __future__ import annotations

import math

from footprint import summary, wording
from footprint.cli import impacts_text, state_text, units_text
from footprint.impacts import INDICATORS
from footprint.interval import Interval, exact, scaled
from footprint.records.result import Component, Run
from footprint.units import J_PER_KWH, kwh


def text(run: Run, *, plain: bool) -> str:
    """A run for people."""
    said = summary.plain(run) if plain else summary.text(run)
    blocks = [said, _facts(run) if plain else _table(run), impacts_text.text(run, plain=plain)]
    blocks.append(units_text.text(run, plain=plain))
    blocks += [state_text.text(run), _boundary(run), _version(run)]
    if run.status == "running":
        blocks.insert(0, "This run is still being measured: figures are up to now.")
    return "\n\n".join(block for block in blocks if block) + "\n"


def _version(run: Run) -> str:
    """Of figures that were made anew: which version they are, when, and by what."""
    again, by = run.provenance.recomputed, run.provenance
    if not again:
        return ""
    made = f"made anew {again['at']} by version {again['footprint']} of this program with the catalogue {by.catalogue}"
    return f"Figures: version {again['version']}, {made}; --version 1 shows the first"


def _joules(value_j: float) -> str:
    return wording.energy(kwh(value_j)) if math.isfinite(value_j) else "no figure"


def _table(run: Run) -> str:
    """Energy by channel: the job's, what of it stood still, the rest of the host's, and how it is known."""
    lines: list[tuple[str, ...]] = [
        ("channel", "kind", "this job", "held idle", "rest of the host", "known by", "read")
    ]
    lines += [
        (one.channel, one.kind, wording.interval_text(_in_kwh(one), "kWh"), _joules(one.held_idle_j.central),
         _joules(one.rest_j.central), f"{one.method}, {one.quality}", f"{one.coverage:.0%}")
        for one in run.energy.components
    ]  # fmt: skip
    if len(lines) == 1:
        return ""
    if not any(one.held_idle_j.central > 0 for one in run.energy.components):
        lines = [(*line[:3], *line[4:]) for line in lines]  # nothing is held, or nothing of it stood still
    widths = [max(len(line[number]) for line in lines) for number in range(len(lines[0]))]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _in_kwh(one: Component) -> Interval:
    return scaled(one.job_j, 1 / J_PER_KWH)


def _facts(run: Run) -> str:
    """The same, one fact a line."""
    lines: list[str] = []
    for one in run.energy.components:
        rest, stood = exact(kwh(one.rest_j.central)), exact(kwh(one.held_idle_j.central))
        lines += [
            f"Channel {one.channel}, kind: {one.kind}",
            f"Channel {one.channel}, this job: {wording.interval_text(_in_kwh(one), 'kWh', spoken=True)}",
        ]
        if stood.central > 0:
            lines.append(f"Channel {one.channel}, held idle: {wording.interval_text(stood, 'kWh', spoken=True)}")
        lines += [
            f"Channel {one.channel}, rest of the host: {wording.interval_text(rest, 'kWh', spoken=True)}",
            f"Channel {one.channel}, known by: {one.method}, {one.quality}",
            f"Channel {one.channel}, read: {one.coverage:.0%} of the time",
        ]
    return "\n".join(lines)


def _boundary(run: Run) -> str:
    """What the figures leave out, and what the method cannot see here."""
    lines = [f"Left out: {', '.join(wording.clean(part) for part in run.boundary.left_out)}"]
    lines += _claims(run)
    lines += [f"Note: {wording.clean(note)}" for note in run.boundary.notes]
    return "\n".join(lines)


def _claims(run: Run) -> list[str]:
    """What a stated contract claims, beside its evidence: after all that was measured, and in no summary."""
    if run.provenance.own is None:
        return []
    from footprint.own_factors import claim_words, claimed  # few runs have any

    return [
        f"Claim, {INDICATORS[key].name}: {claim_words(run.impacts[key].total, run.impacts[key].unit, contract)}"
        for key, contract in claimed(run).items()
    ]
