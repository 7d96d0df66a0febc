"""Targets: which there are, where each of them stands, and how its use grew. Days are in UTC."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from footprint import ecology
from footprint.errors import UsageError
from footprint.forecast import WINDOW_DAYS, forecasts
from footprint.interval import ZERO, Interval, common_total
from footprint.queries.target_use import RunUse, Span, by_day_of_period, host_days, runs_since, span_of, use_of
from footprint.queries.when import iso
from footprint.silence import coverage
from footprint.store import catalogues, target_events
from footprint.store.database import Store
from footprint.store.target_events import Change
from footprint.targets import Pinned, Standing, Target, standing

_CURVE_POINTS = 12


class CurvePoint(NamedTuple):
    """A target's use up to the end of a day."""

    day: str
    """ISO date, UTC."""
    used: Interval
    """In the target's unit."""


# --- which there are ---


def all_targets(home: str, folder: str | None = None) -> dict[str, Target]:
    """The targets of a home and of the nearest ``ecology.toml`` upwards from a folder (the working one), by name.

    Raises UsageError for a file that is wrong, and for a name that is in both.
    """
    found = dict(target_events.in_force(home))
    path = ecology.find(os.getcwd() if folder is None else folder)
    for target in () if path is None else ecology.targets(path, catalogues.label(catalogues.current())):
        if target.name in found:
            why = f"it is set in {path} and by `footprint targets set` too"
            raise UsageError(f"target {target.name!r}", why, "keep one of them: footprint targets remove, or its lines")
        found[target.name] = target
    return dict(sorted(found.items()))


def named_targets(found: dict[str, Target], names: Collection[str]) -> dict[str, Target]:
    """Those of some names, or all. Raises NotPossible for one that there is not."""
    for name in names:
        if name not in found:
            raise target_events.unknown(name, found)
    return {name: target for name, target in found.items() if not names or name in names}


def current_catalogue() -> Pinned:
    """The catalogue that a new target is pinned to: this version's."""
    return catalogues.current()


def set_target(home: str, target: Target, *, replace: bool = False, folder: str | None = None) -> None:
    """Set a target, for good, and keep the catalogue that it is pinned to. Raises UsageError, NotPossible."""
    known = all_targets(home, folder).get(target.name)
    if known is not None and known.origin:
        what = f"target {target.name!r}"
        raise UsageError(what, f"there is one of that name in {known.origin}", "give another name, or change that file")
    target_events.put(home, target, iso(datetime.now(UTC)), replace=replace)
    _keep_catalogue(home)


def rebase_target(home: str, name: str, reason: str, folder: str | None = None) -> tuple[Target, Target]:
    """Pin a target to this version's catalogue: (as it was, as it is). Raises UsageError, NotPossible."""
    before = _set_here(home, name, folder, f'write there: catalogue = "{catalogues.label(catalogues.current())}"')
    after = before._replace(catalogue=catalogues.current())
    if after != before:
        target_events.rebase(home, name, after.catalogue, reason, iso(datetime.now(UTC)))
        _keep_catalogue(home)
    return before, after


def remove_target(home: str, name: str, reason: str, folder: str | None = None) -> None:
    """End a target; its history stays. Raises UsageError, NotPossible."""
    _set_here(home, name, folder, "take its lines out there")
    target_events.remove(home, name, reason, iso(datetime.now(UTC)))


def target_history(home: str) -> list[Change]:
    """What was set, changed, rebased and removed here, the oldest first."""
    return target_events.history(home)


def _set_here(home: str, name: str, folder: str | None, instead: str) -> Target:
    """A target of the events journal: also where ``ecology.toml`` has that name too, so that one can be taken out."""
    here = target_events.in_force(home)
    if name in here:
        return here[name]
    there = named_targets(all_targets(home, folder), [name])[name]
    raise UsageError(f"target {name!r}", f"it is kept in {there.origin}, where changes are reviewed", instead)


def _keep_catalogue(home: str) -> None:
    """So that a later version can still reckon with it."""
    with contextlib.suppress(OSError):  # a full disk: the target is kept, and says so when it cannot be told
        catalogues.keep(home)


# --- where they stand ---


def target_standings(
    store: Store, today: date | None = None, folder: str | None = None, names: Collection[str] = ()
) -> tuple[Standing, ...]:
    """Where each target stands as of a day (today), by name. Raises UsageError, NotPossible."""
    found = named_targets(_targets_of(store, folder), names)
    if any(target.origin for target in found.values()) and not store.in_memory:
        _keep_catalogue(store.home)
    return standings_of(store, found.values(), today)


def _targets_of(store: Store, folder: str | None) -> dict[str, Target]:
    """Those of all its homes. Of one name that means two things, the first home's counts, and that is said."""
    found = all_targets(store.home, folder)
    for home in store.homes[1:]:
        for name, target in target_events.in_force(home).items():
            if found.setdefault(name, target) != target:
                store.say(f"target {name!r} is another one in {home}; shown is that of {store.home}")
    return dict(sorted(found.items()))


def standings_of(store: Store, found: Iterable[Target], today: date | None = None) -> tuple[Standing, ...]:
    """Where some targets stand as of a day (today)."""
    targets, day = list(found), _today(today)
    if not targets:
        return ()
    spans = [span_of(target.period, day) for target in targets]
    first = min(min(span.first, span.today - WINDOW_DAYS) for span in spans)
    known = runs_since(store, first, {target.indicator for target in targets})
    return tuple(_standing(store, target, known, span) for target, span in zip(targets, spans, strict=True))


def past_standings(store: Store, target: Target, today: date | None = None, most: int = 6) -> tuple[Standing, ...]:
    """How the last periods before this one ended, the latest first, as far back as there are runs."""
    found: list[Standing] = []
    end = date.fromordinal(span_of(target.period, _today(today)).first) - timedelta(days=1)
    while len(found) < most:
        (one,) = standings_of(store, (target,), end)
        if one.coverage == 0.0 and one.used.central != one.used.central:
            break
        found.append(one)
        end = date.fromisoformat(one.first_day) - timedelta(days=1)
    return tuple(found)


def target_curve(store: Store, target: Target, today: date | None = None) -> list[CurvePoint]:
    """A target's use from the first day of its period to today, added up: a point a day.

    Empty where it cannot be reckoned with the pinned catalogue.
    """
    span = span_of(target.period, _today(today))
    by_day = by_day_of_period(store, target, _known(store, target, span), span)
    if not by_day:
        return []
    points, used = [], ZERO
    for day in range(span.first, span.today + 1):
        used = common_total((used, by_day.get(day, ZERO)))
        points.append(CurvePoint(date.fromordinal(day).isoformat(), used))
    return points


def target_forecast(store: Store, target: Target, today: date | None = None) -> list[CurvePoint]:
    """Where a target's use is going: from today to the last day of its period, at most a dozen points.

    It starts with the width of the factors and sensors. Empty where there is no figure.
    """
    span = span_of(target.period, _today(today))
    use = use_of(store, target, _known(store, target, span), span)
    if use.refused or not use.runs or use.unknown == use.runs:
        return []
    step = max(1, -(-use.days_left // (_CURVE_POINTS - 2)))
    ahead = sorted({*range(0, use.days_left, step), use.days_left})
    points = [CurvePoint(date.fromordinal(span.today).isoformat(), use.used)]
    for days, one in zip(ahead[1:], forecasts(use, ahead[1:]), strict=True):
        points.append(CurvePoint(date.fromordinal(span.today + days).isoformat(), one.interval))
    return points


def _today(today: date | None) -> date:
    return datetime.now(UTC).date() if today is None else today


def _known(store: Store, target: Target, span: Span) -> list[RunUse]:
    return runs_since(store, min(span.first, span.today - WINDOW_DAYS), {target.indicator})


def _standing(store: Store, target: Target, known: list[RunUse], span: Span) -> Standing:
    use = use_of(store, target, known, span)
    heard = coverage(host_days(known, target, span.today), span.today)
    found = standing(target, use, heard)
    return found._replace(
        first_day=date.fromordinal(span.first).isoformat(), last_day=date.fromordinal(span.last).isoformat()
    )
