"""Makes the figures of stored runs anew, by another catalogue or another version of this program, and keeps both."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from footprint import catalogue
from footprint.errors import FootprintError, NotPossible
from footprint.queries.opening import Store, accounted
from footprint.queries.runs import document
from footprint.recompute.comparing import figures
from footprint.recompute.verifying import DIFFERS, verify
from footprint.records.document import Document, as_document
from footprint.store import catalogues, event_intake, locks, readings, version_events, wall_events
from footprint.store.examining import Examined
from footprint.store.intake import Derive
from footprint.store.kept_rows import kept_rows
from footprint.store.rows import sensor_classes
from footprint.store.version_events import Version
from footprint.targets import Pinned, pinned_of
from footprint.version import VERSION

LOCK = "recompute.lock"
CHANGED, SAME, REFUSED = "changed", "same", "refused"
_AT_ONCE = 64


class Factors(NamedTuple):
    """A catalogue to make figures with, and where it is read."""

    pinned: Pinned
    folder: str


class Outcome(NamedTuple):
    """What became of making one run's figures anew."""

    run_id: str
    state: str
    """``changed``, ``same`` or ``refused``."""
    before: Document | None = None
    after: Document | None = None
    """The new document; None where nothing changed."""
    why: str | None = None
    """Why it was refused: the figures stay as they are."""
    version: int = 1
    """The number of the version that stands now."""


class _Made(NamedTuple):
    """A new version, with the one before it where that was the first."""

    version: Version
    first: Version | None


def factors_of(home: str, stated: str | None) -> Factors:
    """A catalogue as somebody writes it, ``VERSION`` or ``VERSION+HASH``; None: this program's.

    Raises NotPossible where it is not kept here, with those that are.
    """
    named = catalogues.label(catalogues.current()) if stated is None else stated
    asked = pinned_of(named)
    pinned, folder = catalogues.found(home, asked)
    if folder is None or catalogues.whole(home, pinned) is None:
        same = sum(one.version == asked.version for one in catalogues.kept(home))
        several = same > 1 and not asked.sha256
        why = f"{same} of that version are kept here" if several else "no whole copy of it is kept here"
        raise NotPossible(f"catalogue {named!r}", why, f"there are {catalogues.kept_labels(home)}")
    try:
        catalogue.zones(folder)
    except (OSError, ValueError) as fault:
        raise NotPossible(
            f"catalogue {named!r}", f"it is too old for this version ({fault})", "name a later one"
        ) from None
    return Factors(pinned, folder)


def recompute(
    store: Store, run_ids: Sequence[str], factors: Factors, examined: Examined,
    *, dry_run: bool = False, derive: Derive = accounted,
) -> Iterator[Outcome]:  # fmt: skip
    """Make the figures of runs anew, and keep what has changed as a new version; what happened to each, in order.

    A run whose record does not hold is refused, and so is one whose place the catalogue does not have. ``dry_run``
    keeps nothing. Raises NotPossible where the home cannot be written.
    """
    if store.in_memory and not dry_run:
        why = f"the home {store.home} cannot be written"
        raise NotPossible("the new figures cannot be kept", why, "make it writable, or look with --dry-run")
    for start in range(0, len(run_ids), _AT_ONCE):
        some = run_ids[start : start + _AT_ONCE]
        if dry_run:
            yield from (outcome for outcome, _ in _made_anew(store, some, factors, examined, derive))
        else:
            yield from _kept(store, some, factors, examined, derive)


def _kept(
    store: Store, run_ids: Sequence[str], factors: Factors, examined: Examined, derive: Derive
) -> list[Outcome]:  # fmt: skip
    """Some runs under one lock: two processes must not both make a run's second version."""
    try:
        with locks.held(os.path.join(store.home, LOCK)):
            done = list(_made_anew(store, run_ids, factors, examined, derive))
            made = [new for _, new in done if new is not None]
            if made:
                if factors.folder == catalogue.DATA:
                    catalogues.keep(store.home)
                version_events.keep(store.home, [(new.version, new.first) for new in made])
                event_intake.take_events(store)
    except OSError as fault:
        why = f"the home {store.home} cannot be written ({fault.strerror or fault})"
        raise NotPossible("the new figures cannot be kept", why, "make it writable and try again") from None
    return [outcome for outcome, _ in done]


def _made_anew(
    store: Store, run_ids: Iterable[str], factors: Factors, examined: Examined, derive: Derive
) -> Iterator[tuple[Outcome, _Made | None]]:  # fmt: skip
    for run_id in run_ids:
        before = document(store, run_id)
        why = _refusal(store, run_id, factors, examined, derive)
        if why is not None:
            yield Outcome(run_id, REFUSED, before, None, why, _number(before)), None
            continue
        try:
            yield _anew(store, before, factors, derive)
        except FootprintError as fault:
            yield Outcome(run_id, REFUSED, before, None, str(fault), _number(before)), None


def _anew(store: Store, before: Document, factors: Factors, derive: Derive) -> tuple[Outcome, _Made | None]:
    run_id = before["run_id"]
    raw = readings.raw_run(store, run_id)
    run = derive(raw, factors.folder)
    if figures(as_document(run)) == figures(before):
        return Outcome(run_id, SAME, before, None, None, _number(before)), None
    row, wall = kept_rows(store, run_id), wall_events.mark(store.home, run_id)
    number, at = _number(before) + 1, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    mark = {"version": number, "at": at, "footprint": VERSION}
    after = as_document(run._replace(provenance=run.provenance._replace(recomputed=mark)))
    hash_, sensor = (row.run["raw_sha256"], row.run["sensor"]) if row is not None else ("", "")
    told = run.provenance
    version = Version(
        run_id, number, at, VERSION, told.catalogue, told.catalogue_sha256, hash_, sensor_classes(after, raw), wall,
        version_events.packed(after),
    )  # fmt: skip
    by = before["provenance"]
    first = Version(
        run_id, 1, "", "", by["catalogue"], by["catalogue_sha256"], hash_, sensor, wall, version_events.packed(before)
    )
    outcome = Outcome(run_id, CHANGED, before, after, None, number)
    return outcome, _Made(version, first if number == 2 else None)


def _number(told: Document) -> int:
    return version_events.number_in(told["provenance"])


def _refusal(
    store: Store, run_id: str, factors: Factors, examined: Examined, derive: Derive
) -> str | None:  # fmt: skip
    """Why a run's figures are not made anew; None where they may be."""
    if run_id in store.live:
        return "it is still being measured"
    verdict = verify(store, run_id, examined, derive)
    if verdict.state == DIFFERS:
        return f"its record does not hold ({verdict.differences[0].what}); footprint verify {run_id} tells more"
    raw = readings.raw_run(store, run_id)
    return no_place(raw.head.region.zone, raw.head.region.given, factors)


def no_place(zone: str, given: str, factors: Factors) -> str | None:
    """Why a catalogue does not have a run's place, if it has it not, or elsewhere."""
    table, name = catalogue.zones(factors.folder), catalogues.label(factors.pinned)
    if zone not in table.names:
        return f"the catalogue {name} has no zone {zone}"
    if ":" in given and given not in table.regions:
        return f"the catalogue {name} has no cloud region {given}"
    if ":" in given and table.regions[given] != zone:
        return f"the catalogue {name} has {given} in {table.regions[given]}, not in {zone}"
    return None
