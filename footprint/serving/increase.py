"""How much a server's counters rose since a run's first reading, whatever happened to them in between.

A counter that fell has started again at zero: all that it shows now was counted since (the rule of PromQL's
``increase``, series by series, without its extrapolation). A series that was not there at an earlier reading was at
zero then: servers make some of them at the first request.
"""

from collections.abc import Mapping
from typing import NamedTuple

from footprint.serving.counters import STARTED, Selector, Server, chosen, found_on
from footprint.serving.exposition import Page, Series

_SAME_START_S = 1.0


class Counts(NamedTuple):
    """What has been counted so far, and what is needed to go on from there."""

    amounts: Mapping[str, float] = {}
    """By unit, since the first reading (or since the server's own zero)."""
    server: Server | None = None
    readings: int = 0
    counters: Mapping[str, tuple[Selector, ...]] = {}
    """By unit: the counters that were found for it. Other names for the same that come later are not added."""
    last: Mapping[Series, float] = {}
    started_at: float | None = None
    """When the server's process began, where the page says so."""


class Advanced(NamedTuple):
    """The counts after a reading, and what was seen in it."""

    counts: Counts
    units: frozenset[str] = frozenset()
    """What the page has a count of; the others are as they were."""
    restarted: bool = False
    """Whether the server had started again since the reading before."""


class _Rise(NamedTuple):
    amount: float
    fell: bool


def advance(before: Counts, page: Page, servers: tuple[Server, ...], *, from_zero: bool) -> Advanced:
    """The counts with one reading more. ``from_zero``: all that the first reading shows was counted inside the run."""
    server = before.server or found_on(page.counts, servers)
    started_at = start_of(page.counts)
    again = _is_later(started_at, before.started_at)
    counters = _found_for(server, before, page.counts)
    new = before.readings == 0 and not from_zero
    last = {} if again else before.last
    rises = {unit: _rise(some, page.counts, last, new=new) for unit, some in counters.items()}
    amounts = {**before.amounts}
    for unit, rise in rises.items():
        amounts[unit] = amounts.get(unit, 0.0) + rise.amount
    after = Counts(
        amounts, server, before.readings + 1, counters, {**before.last, **page.counts}, started_at or before.started_at
    )
    there = frozenset(unit for unit, some in counters.items() if _is_told(some, page))
    return Advanced(after, there, again or any(rise.fell for rise in rises.values()))


def _found_for(server: Server | None, before: Counts, page: Mapping[Series, float]) -> dict[str, tuple[Selector, ...]]:
    """By unit, its counters: those that were found first, and of a mapping all that have come since."""
    found = dict(before.counters)
    for unit in server.counters if server is not None else ():
        if server is not None and (server.every or unit not in found):
            some = tuple(dict.fromkeys(found.get(unit, ()) + chosen(server, unit, page)))
            if some:
                found[unit] = some
    return found


def _rise(
    some: tuple[Selector, ...], page: Mapping[Series, float], last: Mapping[Series, float], *, new: bool
) -> _Rise:
    """How much a unit's series rose; ``new``: what they show for the first time was counted before."""
    amount, fell = 0.0, False
    for series, value in page.items():
        if not any(one.fits(series) for one in some):
            continue
        earlier = last.get(series, value if new else 0.0)
        fell = fell or value < earlier
        amount += value if value < earlier else value - earlier
    return _Rise(amount, fell)


def _is_told(some: tuple[Selector, ...], page: Page) -> bool:
    """Whether a page has a count for a unit: its counters are there, and none of them is no number."""
    there = any(one.fits(series) for one in some for series in page.counts)
    return there and not any(one.name in page.odd for one in some)


def start_of(page: Mapping[Series, float]) -> float | None:
    """When the server's process began, in seconds since 1970; None where the page does not say, or of several."""
    found = [value for (name, _), value in page.items() if name == STARTED]
    return found[0] if len(found) == 1 else None


def begins_inside(page: Mapping[Series, float], run_started_at: float, *, nobody_before: bool) -> bool:
    """Whether all that a first reading shows was counted inside the run: the server's zero is not before its start.

    By the start of its process where the page gives it; else ``nobody_before``: at the run's start nothing listened
    at that address of this machine.
    """
    started_at = start_of(page)
    if started_at is None:
        return nobody_before
    return started_at >= run_started_at - _SAME_START_S


def _is_later(now: float | None, before: float | None) -> bool:
    return now is not None and before is not None and now > before + _SAME_START_S
