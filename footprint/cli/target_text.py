"""What ``footprint targets`` says to people: as lines under a heading, or in ``plain`` one fact a line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from footprint import wording
from footprint.interval import Interval, exact, is_known
from footprint.queries import Change
from footprint.targets import Standing, Target

NONE = 'no target is set; footprint targets set NAME --limit "50 kgCO2e" --owner WHO --reason WHY sets one'
WORDS = {"on_track": "on track", "likely_over": "likely over", "over": "over", "cannot_tell": "cannot be told"}
_CHANGES = {"set": "Set", "changed": "Changed", "rebased": "Rebased", "removed": "Removed"}
_Facts = list[tuple[str, str]]


def standings(found: Iterable[Standing], *, plain: bool) -> str:
    """Each target with all that is known of where it stands."""
    blocks = [_block(_heading(one), _facts(one, spoken=plain), plain=plain) for one in found]
    return "\n".join(blocks)


def listing(found: Sequence[Standing], *, plain: bool) -> str:
    """A line a target."""
    if plain:
        return "\n".join(_block(_heading(one), _short_facts(one), plain=True) for one in found)
    lines = [("NAME", "STATUS", "USED", "LIMIT", "PERIOD", "SCOPE", "OWNER")]
    lines += [
        (
            wording.clean(one.target.name), WORDS[one.status], _central(one.used, one.target.unit),
            _amount(one.target.limit, one.target.unit), one.target.period, wording.clean(str(one.target.scope)),
            wording.clean(one.target.owner),
        )
        for one in found
    ]  # fmt: skip
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    padded = ("  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "".join(f"{line.rstrip()}\n" for line in padded)


def history(changes: Iterable[Change], past: Iterable[Standing], *, plain: bool) -> str:
    """What was done to targets, and how periods ended."""
    blocks = [_block(_change_heading(one), _change_facts(one, spoken=plain), plain=plain) for one in changes]
    blocks += [_block(_ended_heading(one), _ended_facts(one, spoken=plain), plain=plain) for one in past]
    return "\n".join(blocks) or "No target was ever set here.\n"


def rebased(before: Standing, after: Standing, *, plain: bool) -> str:
    """What another catalogue makes of a target."""
    unit = after.target.unit
    facts = [
        ("factors", f"catalogue {after.target.catalogue.version} instead of {before.target.catalogue.version}"),
        ("used", f"{_text(after.used, unit, spoken=plain)}; it was {_text(before.used, unit, spoken=plain)}"),
        ("status", f"{WORDS[after.status]}; it was {WORDS[before.status]}"),
    ]
    return _block([("Target", wording.clean(after.target.name)), ("Change", "rebased")], facts, plain=plain)


def unchanged(target: Target) -> str:
    """A target that is rebased to the catalogue that it has."""
    version = target.catalogue.version
    return f"{wording.clean(target.name)} is reckoned with catalogue {version} already: nothing was changed."


def removed(name: str) -> str:
    """A target that was ended."""
    return f"{name} no longer holds; footprint targets history {name} still tells of it."


def _block(heading: _Facts, facts: _Facts, *, plain: bool) -> str:
    """Facts under a heading; in ``plain`` each with its subject in a line of its own."""
    if plain:
        return "".join(f"{subject[:1].upper()}{subject[1:]}: {fact}\n" for subject, fact in [*heading, *facts])
    first = "  ".join(fact for _, fact in heading)
    return "".join(f"{line}\n" for line in [first, *(f"  {subject:<10}{fact}" for subject, fact in facts)])


def _heading(one: Standing) -> _Facts:
    return [("Target", wording.clean(one.target.name)), ("Status", WORDS[one.status])]


def _short_facts(one: Standing) -> _Facts:
    target = one.target
    return [
        ("used", _text(one.used, target.unit, spoken=True)),
        ("limit", _limit(target, spoken=True)),
        ("owner", wording.clean(target.owner)),
    ]


def _facts(one: Standing, *, spoken: bool) -> _Facts:
    target = one.target
    facts = [("limit", f"{_limit(target, spoken=spoken)}, {_days(one)}")]
    if one.why:
        facts.append(("why", f"{wording.clean(one.why)}"))
    facts.append(("used", _used(one, spoken=spoken)))
    if math.isfinite(one.remaining):
        facts.append(("remaining", _remaining(one, spoken=spoken)))
    if is_known(one.forecast):
        facts.append(("forecast", f"{_text(one.forecast, target.unit, spoken=spoken)}, at the end of {one.last_day}"))
    if math.isfinite(one.p_over):
        facts.append(("chance", f"{_percent(one.p_over)} that the period ends above the limit"))
    silent = f"; silent: {wording.clean(', '.join(one.silent))}" if one.silent and not one.why else ""
    facts += [
        ("coverage", f"{one.coverage:.0%} of hosts and time were heard of{silent}"),
        ("factors", f"catalogue {wording.clean(target.catalogue.version)}"),
        ("owner", wording.clean(target.owner)),
        ("reason", wording.clean(target.reason)),
    ]
    if target.origin:
        facts.append(("from", wording.clean(target.origin)))
    return facts


def _limit(target: Target, *, spoken: bool) -> str:
    amount = _amount(target.limit, target.unit, spoken=spoken)
    return f"{amount} of {target.indicator} a {target.period}, {wording.clean(str(target.scope))}"


def _days(one: Standing) -> str:
    left = {0: "today is its last day", 1: "1 day is left"}.get(one.days_left, f"{one.days_left} days are left")
    return f"{one.first_day} to {one.last_day}, {left}"


def _used(one: Standing, *, spoken: bool) -> str:
    said = _text(one.used, one.target.unit, spoken=spoken)
    return f"{said}, {one.used.central / one.target.limit:.0%} of the limit" if is_known(one.used) else said


def _remaining(one: Standing, *, spoken: bool) -> str:
    amount = _amount(abs(one.remaining), one.target.unit, spoken=spoken)
    return amount if one.remaining >= 0 else f"none: the limit is passed by {amount}"


def _change_heading(one: Change) -> _Facts:
    at = f"{one.at[:16].replace('T', ' ')} UTC"
    return [("Time", at), ("Target", wording.clean(one.target.name)), ("Change", _CHANGES[one.what].lower())]


def _change_facts(one: Change, *, spoken: bool) -> _Facts:
    facts = [] if one.what == "removed" else [("limit", _limit(one.target, spoken=spoken))]
    if one.what == "rebased":
        facts = [("factors", f"catalogue {wording.clean(one.target.catalogue.version)}")]
    return [*facts, ("owner", wording.clean(one.target.owner)), ("reason", wording.clean(one.reason))]


def _ended_heading(one: Standing) -> _Facts:
    return [
        ("Period", f"{one.first_day} to {one.last_day}"),
        ("Target", wording.clean(one.target.name)),
        ("Ended", WORDS[one.status]),
    ]


def _ended_facts(one: Standing, *, spoken: bool) -> _Facts:
    facts = [("used", f"{_used(one, spoken=spoken)} as it is now")]
    return [*facts, ("why", wording.clean(one.why))] if one.why else facts


def _text(value: Interval, unit: str, *, spoken: bool = False) -> str:
    """An amount with its whole range: where parts are missing, too, since limits are compared with what is counted."""
    if value.kind != "lower_bound" or not is_known(value):
        return wording.interval_text(value, unit, spoken=spoken)
    amount = wording.interval_text(exact(value.central), unit, spoken=spoken)
    said = wording.interval_text(value._replace(kind="envelope"), unit, spoken=spoken)
    ends = said.partition(" (")[2].removesuffix(", envelope)")
    return f"{amount} counted ({ends + '; ' if ends else ''}more is known to be missing)"


def _central(value: Interval, unit: str) -> str:
    if not is_known(value):
        return "no figure"
    said = _amount(value.central, unit)
    return f"at least {said}" if value.kind == "lower_bound" else said


def _amount(value: float, unit: str, *, spoken: bool = False) -> str:
    return wording.interval_text(exact(value), unit, spoken=spoken)


def _percent(p: float) -> str:
    """A probability is never said to be nothing or certain: it is of a forecast."""
    if p < 0.01:
        return "less than 1%"
    return "more than 99%" if p > 0.99 else f"{p:.0%}"
