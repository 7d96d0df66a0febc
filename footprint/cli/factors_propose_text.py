"""What ``footprint factors propose`` says to people: which reference runs would have other figures, old and new."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from footprint import catalogue
from footprint.impacts import INDICATORS
from footprint.interval import Interval
from footprint.proposals.effects import Affected, Effect, Proposal
from footprint.records.derivation import Missing
from footprint.wording import amount, interval_text


def lines(proposal: Proposal, *, plain: bool) -> Iterator[str]:
    """The runs that change, each indicator old and new; then how many do not."""
    version, _ = catalogue.identity()
    against = f"catalogue {version}" + ("" if proposal.before is None else f" with {proposal.before.path}")
    count = len(proposal.file.rows)
    yield f"File: {proposal.file.path}, {count} row{'' if count == 1 else 's'}, all right; against {against}"
    changed = [one for one in proposal.runs if one.is_changed]
    yield f"Of {len(proposal.runs)} reference runs {len(changed)} would have other figures; nothing is written"
    for one in changed:
        yield from _of_run(one, plain=plain)
    others = [one for one in proposal.others if one.is_changed]
    if others:
        yield "" if not plain else "Beside the reference runs:"
        if not plain:
            yield "In places without a reference run, a kilowatt-hour at the wall each:"
        for one in others:
            yield from _of_run(one, plain=plain)
    if proposal.not_shown:
        yield f"Places of the file that are not shown: {proposal.not_shown}"


def _of_run(one: Affected, *, plain: bool) -> Iterable[str]:
    run = one.run
    place = f"{run.given} ({run.zone})" if run.given else run.zone
    called = f"{run.name}, {place}, {amount(run.job_kwh, 'kWh', spoken=plain)}"
    facts = [
        (INDICATORS[key].name, _change(effect, spoken=plain))
        for key, effect in one.effects.items()
        if effect.is_changed
    ]
    if plain:
        return [f"Run {called}, {name}: {said}" for name, said in facts]
    return ["", called, *(f"  {name}: {said}" for name, said in facts)]


def _change(effect: Effect, *, spoken: bool) -> str:
    if effect.old.total == effect.new.total:
        parts = [name for name, part in effect.new.parts.items() if part != effect.old.parts.get(name)]
        return f"as before; another amount, that is in no sum: {', '.join(parts)}"
    old, new = (_figure(one.total, one.unit, spoken=spoken) for one in (effect.old, effect.new))
    part = "" if math.isnan(effect.change) else f", {100 * effect.change:+.3g} %"
    return f"{old} to {new}{part}"


def _figure(total: Interval | Missing, unit: str, *, spoken: bool) -> str:
    if isinstance(total, Missing):
        return "no figure"
    if total.kind == "lower_bound":
        return f"{amount(total.central, unit, spoken=spoken)} counted"
    return interval_text(total, unit, spoken=spoken)
