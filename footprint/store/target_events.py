"""Targets in the events journal: set, rebased to another catalogue, removed. Nothing that was written is changed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from footprint.errors import NotPossible, UsageError, nearest
from footprint.store import events
from footprint.targets import Pinned, Scope, Target, allowed

SET, REBASED, REMOVED = "target_set", "target_rebased", "target_removed"
_WORDS = {SET: "set", REBASED: "rebased", REMOVED: "removed"}


class Change(NamedTuple):
    """One event in the life of a target."""

    what: str
    """``set``, ``changed``, ``rebased`` or ``removed``."""
    at: str
    """ISO 8601, UTC."""
    target: Target
    """As it was from then on; when it was removed: until then."""
    reason: str
    """Of this change."""


def history(home: str) -> list[Change]:
    """All changes, the oldest first. Events that mean nothing (a second target of a name) are passed over."""
    found, _, _ = events.read(home)
    return list(_changes(found))


def in_force(home: str) -> dict[str, Target]:
    """The targets that stand now, by name."""
    standing: dict[str, Target] = {}
    for change in history(home):
        if change.what == "removed":
            standing.pop(change.target.name, None)
        else:
            standing[change.target.name] = change.target
    return standing


def put(home: str, target: Target, at: str, *, replace: bool = False) -> None:
    """Set a target. Raises UsageError where there is one of that name already and it is not to be replaced."""
    known = in_force(home).get(target.name)
    if known is not None and not replace:
        raise _second(target, known)
    event = {
        "what": SET, "at": at, "name": target.name, "indicator": target.indicator, "scope": target.scope.kind,
        "of": target.scope.name, "period": target.period, "limit": target.limit, "text": target.text,
        "owner": target.owner, "reason": target.reason, "catalogue": target.catalogue.version,
        "catalogue_sha256": target.catalogue.sha256, "replaces": replace,
    }  # fmt: skip
    _append(home, event)
    kept = in_force(home).get(target.name)
    if kept is not None and kept != target:  # another process was first
        raise _second(target, kept)


def rebase(home: str, name: str, pinned: Pinned, reason: str, at: str) -> None:
    """Pin a target to another catalogue. Raises NotPossible where there is no such target."""
    of(home, name)
    _append(
        home,
        {"what": REBASED, "at": at, "name": name, "reason": reason, "catalogue": pinned.version,
         "catalogue_sha256": pinned.sha256},
    )  # fmt: skip


def remove(home: str, name: str, reason: str, at: str) -> None:
    """End a target. What was written of it stays in the journal. Raises NotPossible where there is none."""
    of(home, name)
    _append(home, {"what": REMOVED, "at": at, "name": name, "reason": reason})


def of(home: str, name: str) -> Target:
    """The target of a name. Raises NotPossible that names the nearest."""
    known = in_force(home)
    if name not in known:
        raise unknown(name, known)
    return known[name]


def unknown(name: str, known: Iterable[str]) -> NotPossible:
    """There is no target of that name."""
    what = f"there is no target {name!r}"
    return NotPossible(what, f"none has that name{nearest(name, known)}", "footprint targets list shows them")


def _second(target: Target, known: Target) -> UsageError:
    return UsageError(
        f"target {target.name!r}",
        f"there is one of that name already ({known.text}, {known.scope}, by {known.period})",
        "give another name, or add --replace",
    )


def _append(home: str, event: events.Event) -> None:
    try:
        os.makedirs(home, mode=0o700, exist_ok=True)
        events.append(home, [event])
    except OSError as fault:
        why = f"the home {home} cannot be written ({fault.strerror or fault})"
        raise NotPossible("the target cannot be kept", why, "make it writable") from None


def _changes(found: Iterable[events.Event]) -> Iterable[Change]:
    standing: dict[str, Target] = {}
    for event in found:
        what, name = str(event.get("what")), str(event.get("name"))
        known = standing.get(name)
        if what == SET:
            target = _target(event)
            if target is None or (known is not None and not event.get("replaces")):
                continue
            standing[name] = target
            yield Change("set" if known is None else "changed", str(event["at"]), target, target.reason)
        elif what in {REBASED, REMOVED} and known is not None:
            if what == REBASED:
                pinned = Pinned(str(event["catalogue"]), str(event["catalogue_sha256"]))
                standing[name] = known = known._replace(catalogue=pinned)
            else:
                del standing[name]
            yield Change(_WORDS[what], str(event["at"]), known, str(event["reason"]))


def _target(event: events.Event) -> Target | None:
    """None: it is on an indicator that this version does not know."""
    if event["indicator"] not in allowed():
        return None
    return Target(
        str(event["name"]), str(event["indicator"]), Scope(str(event["scope"]), str(event["of"])),
        str(event["period"]), float(event["limit"]), str(event["text"]), str(event["owner"]), str(event["reason"]),
        Pinned(str(event["catalogue"]), str(event["catalogue_sha256"])),
    )  # fmt: skip
