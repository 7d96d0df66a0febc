"""What a file of factors would change in the reference runs. Nothing is written, and no run is touched."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from footprint import catalogue
from footprint.factors import Catalogue
from footprint.impacts import impacts_of
from footprint.impacts.facility import pue_of
from footprint.interval import exact, product, rounded
from footprint.own_factors import applied
from footprint.own_file import OwnFile, for_run
from footprint.proposals.reference_runs import REFERENCE_RUNS, YEAR, ReferenceRun
from footprint.records.derivation import Impact, Missing
from footprint.records.document import known_document
from footprint.records.raw import RegionRef

SCHEMA = "footprint.propose/1"
_MOST_OTHERS = 10
"""So many zones of the file without a reference run are shown by a kilowatt-hour each."""


class Effect(NamedTuple):
    """An indicator of a run, as it is and as it would be."""

    old: Impact
    new: Impact

    @property
    def is_changed(self) -> bool:
        """Whether anything of its figures would be another."""
        return (self.old.total, self.old.operational, self.old.parts) != (
            self.new.total, self.new.operational, self.new.parts,
        )  # fmt: skip

    @property
    def change(self) -> float:
        """How much more or less its central total would be, as a part of what it is; NaN where one has no figure."""
        if isinstance(self.old.total, Missing) or isinstance(self.new.total, Missing) or not self.old.total.central:
            return math.nan
        return self.new.total.central / self.old.total.central - 1.0


class Affected(NamedTuple):
    """A reference run, and what would become of it."""

    run: ReferenceRun
    effects: Mapping[str, Effect]
    notes: tuple[str, ...]
    """What of the catalogue's is replaced in it, and what is mixed."""

    @property
    def is_changed(self) -> bool:
        """Whether any figure would be another."""
        return any(effect.is_changed for effect in self.effects.values())


class Proposal(NamedTuple):
    """What a file would change."""

    file: OwnFile
    before: OwnFile | None
    """The file that is in force by the settings; None: the catalogue alone is."""
    runs: tuple[Affected, ...]
    """The twenty."""
    others: tuple[Affected, ...]
    """A kilowatt-hour in each zone of the file that has none of them."""
    not_shown: int
    """So many more such zones there are."""


def propose(file: OwnFile, before: OwnFile | None) -> Proposal:
    """What the reference runs would be with a file in place of what is in force."""
    if before is not None and before.path == file.path:
        before = None
    runs = tuple(affected(run, before, file) for run in REFERENCE_RUNS)
    others = _others(file)
    return Proposal(
        file, before, runs, tuple(affected(run, before, file) for run in others[:_MOST_OTHERS]),
        max(0, len(others) - _MOST_OTHERS),
    )  # fmt: skip


def affected(run: ReferenceRun, before: OwnFile | None, after: OwnFile) -> Affected:
    """One run with what is in force, and with what is proposed."""
    known = catalogue.load(run.zone, run.given)
    old, _ = _impacts(run, known, before)
    new, notes = _impacts(run, known, after)
    return Affected(run, {key: Effect(old[key], new[key]) for key in old}, notes)


def _impacts(run: ReferenceRun, known: Catalogue, own: OwnFile | None) -> tuple[dict[str, Impact], tuple[str, ...]]:
    mine = for_run(own, None, RegionRef(run.zone, "argument", run.given or run.zone), catalogue.zones())
    notes: tuple[str, ...] = ()
    if mine is not None:
        with_own = applied(known, mine, run.given, YEAR)
        known, notes = with_own.catalogue, with_own.notes
    pue, _ = pue_of(None, run.battery, known)
    job_kwh = exact(run.job_kwh)
    return impacts_of(job_kwh, product(job_kwh, pue), pue, known, YEAR, hardware=run.hardware), notes


def _others(file: OwnFile) -> list[ReferenceRun]:
    """Jobs of a kilowatt-hour in the places of a file that no reference run is in."""
    table = catalogue.zones()
    places = {place for run in REFERENCE_RUNS for place in (run.zone, run.given)}
    found = []
    for place in dict.fromkeys(row.zone for row in file.rows):
        zone = table.regions.get(place, place)
        if place not in places and zone in table.names:
            found.append(ReferenceRun("a kilowatt-hour", zone, place if ":" in place else "", 1.0, 0.0))
    return found


# --- as data ---


def document(proposal: Proposal) -> dict[str, Any]:
    """``footprint.propose/1``."""
    version, sha256 = catalogue.identity()
    before = proposal.before
    return {
        "schema": SCHEMA,
        "file": proposal.file.path,
        "sha256": proposal.file.sha256,
        "rows": len(proposal.file.rows),
        "against": {
            "catalogue": version,
            "catalogue_sha256": sha256,
            "own_factors": None if before is None else {"file": before.path, "sha256": before.sha256},
        },
        "runs": _runs(proposal.runs),
        "others": _runs(proposal.others),
        "others_not_shown": proposal.not_shown,
    }


def _runs(runs: Iterable[Affected]) -> list[dict[str, Any]]:
    return [
        {
            "name": one.run.name,
            "zone": one.run.zone,
            "given": one.run.given or None,
            "job_kwh": one.run.job_kwh,
            "hours": one.run.hours,
            "changed": one.is_changed,
            "notes": list(one.notes),
            "impacts": {key: _effect(effect) for key, effect in one.effects.items()},
        }
        for one in runs
    ]


def _effect(effect: Effect) -> dict[str, Any]:
    change = effect.change
    return {
        "unit": effect.new.unit,
        "class": effect.new.kind,
        "changed": effect.is_changed,
        "old": known_document(effect.old.total),
        "new": known_document(effect.new.total),
        "change_pct": None if math.isnan(change) else rounded(100 * change),
    }
