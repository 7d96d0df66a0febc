"""What ``footprint recompute`` says to people: of each run, what changed, from what to what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from footprint import wording
from footprint.impacts import INDICATORS
from footprint.interval import is_known
from footprint.recompute.documents import totals
from footprint.recompute.preview import Change, Preview
from footprint.recompute.recomputing import CHANGED, REFUSED, SAME, Factors, Outcome
from footprint.records.document import interval_from
from footprint.store import catalogues

_MANY = 20
"""From more runs on, those that stay as they are are counted."""


def text(outcomes: Sequence[Outcome], factors: Factors, *, dry_run: bool, plain: bool) -> str:
    """What happened to each run, and to how many."""
    lines: list[str] = []
    for one in outcomes:
        if one.state == CHANGED or (one.state == SAME and len(outcomes) <= _MANY):
            lines += _run(one, dry_run=dry_run, plain=plain)
    changed, same = (sum(one.state == state for one in outcomes) for state in (CHANGED, SAME))
    if not outcomes:
        lines.append("No run is like that.")
    elif len(outcomes) > 1:
        would = "would change" if dry_run else "changed"
        lines.append(f"Runs: {len(outcomes)}. Figures that {would}: {changed}. As before: {same}.{_refused(outcomes)}")
    if changed:
        lines.append(f"Catalogue: {catalogues.label(factors.pinned)}")
    return "\n".join(lines) + ("\n" if lines else "")


def _refused(outcomes: Sequence[Outcome]) -> str:
    refused = sum(one.state == REFUSED for one in outcomes)
    return f" Not made anew: {refused}." if refused else ""


def _run(one: Outcome, *, dry_run: bool, plain: bool) -> Iterator[str]:
    if one.after is None or one.before is None:
        yield f"Run {one.run_id}: no figure changes; version {one.version} stays, and no other is kept"
        return
    what = f"would become version {one.version}" if dry_run else f"version {one.version} is kept beside the ones before"
    yield f"Run {one.run_id}: {what}"
    before, after = totals(one.before), totals(one.after)
    pairs = [("energy", "kWh", before["job_kwh"], after["job_kwh"])]
    for key in dict.fromkeys((*after["impacts"], *before["impacts"])):
        name = INDICATORS[key].name if key in INDICATORS else key
        unit = one.after["impacts"].get(key, one.before["impacts"].get(key, {})).get("unit", "")
        pairs.append((name, unit, before["impacts"].get(key), after["impacts"].get(key)))
    start = f"Run {one.run_id}, " if plain else "  "
    changed = [pair for pair in pairs if pair[2] != pair[3]]
    for name, unit, was, now in changed:
        before_, now_ = (_said(told, unit, plain=plain) for told in (was, now))
        yield f"{start}{name}: {now_}, before: {before_}" if plain else f"{start}{name}: {before_} → {now_}"
    if not changed:
        yield f"{start}energy and totals stay; parts or sources of them change"


def _said(told: Mapping[str, Any] | None, unit: str, *, plain: bool) -> str:
    if told is None or "low" not in told:
        return "no figure"
    value = interval_from(told)
    return wording.interval_text(value, unit, spoken=plain) if is_known(value) else "no figure"


def sums_text(found: Preview, factors: Factors, *, plain: bool) -> str:
    """The sums over runs as they stand and as they would be, and which runs are in neither."""
    if found.runs:
        lines = [f"Sums over {found.runs} run{'' if found.runs == 1 else 's'}, with their energies as they stand:"]
        lines += (_sum(key, change, plain=plain) for key, change in found.sums.items() if any(map(is_known, change)))
    else:
        lines = ["No run is like that." if not found.left_out else "No run can be worked out so."]
    lines += [f"In no sum: {count} run{'' if count == 1 else 's'}: {why}" for why, count in found.left_out.items()]
    lines.append(f"Catalogue: {catalogues.label(factors.pinned)}. Nothing is kept; without --sums runs are made anew.")
    return "\n".join(lines) + "\n"


def _sum(key: str, change: Change, *, plain: bool) -> str:
    about = INDICATORS[key]
    was, now = (wording.interval_text(value, about.unit, spoken=plain) for value in change)
    if plain:
        return f"{about.name}: {now}, {'as before' if was == now else f'before: {was}'}"
    return f"  {about.name}: {now}, as before" if was == now else f"  {about.name}: {was} → {now}"
