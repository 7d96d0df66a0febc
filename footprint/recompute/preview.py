"""What the sums over many runs would be by another catalogue, from their energies as they stand. Needs numpy.

Quick, and for looking only: what a catalogue says of sensors and of the model of power is left as it was. The figures
of a run are made by ``recomputing``, from its readings.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from footprint import catalogue
from footprint.factors import Catalogue
from footprint.impacts import INDICATORS
from footprint.impacts.facility import pue_of
from footprint.interval import UNKNOWN, Interval, exact
from footprint.queries.documents import outermost_documents
from footprint.queries.opening import Store
from footprint.queries.selecting import RunFilter
from footprint.recompute.recomputing import Factors, no_place
from footprint.records.document import Document, hardware_from, interval_from
from footprint.records.hardware import Hardware
from footprint.store.rollups import summed

OWN = "factors of your own were used"
NO_HARDWARE = "what was held of the machine is not known"
ALL_OF_IDLE = "the whole idle energy is in each of them (idle policy all)"


class Change(NamedTuple):
    """An indicator's sum over runs, as it stands and as it would be; NaN where no run has a figure."""

    before: Interval
    after: Interval


class Preview(NamedTuple):
    """Sums over the same runs by two catalogues."""

    runs: int
    sums: Mapping[str, Change]
    left_out: Mapping[str, int]
    """Why runs are in neither sum -> how many."""


class _Kept(NamedTuple):
    """What is needed of a run's document."""

    job_kwh: Interval
    pue: Interval
    zone: str
    given: str
    year: int
    hardware: Hardware | None
    totals: Mapping[str, Interval]


def preview(store: Store, asked: RunFilter, factors: Factors) -> Preview:
    """The sums over a filter's runs that are over. Raises NotPossible where numpy is not installed."""
    from footprint.recompute.many import impacts_of_many
    from footprint.recompute.many_runs import Runs, amounts, labels, machines

    left_out: Counter[str] = Counter()
    found = list(_kept(outermost_documents(store, asked), factors, left_out))
    runs = Runs(
        amounts([run.job_kwh for run in found]),
        amounts([run.pue for run in found]),
        labels(run.zone for run in found),
        labels(run.given for run in found),
        labels(run.year for run in found),
        machines([run.hardware for run in found]),
    )
    after: dict[str, list[Interval]] = {key: [] for key in INDICATORS}
    for _, impacts in impacts_of_many(runs, _loader(factors)):
        for key, impact in impacts.items():
            after[key] += impact.total.by_kind()
    sums = {
        key: Change(summed(run.totals.get(key, UNKNOWN) for run in found)[0], summed(values)[0])
        for key, values in after.items()
        if INDICATORS[key].kind != "claim"  # claims are in no sum
    }
    return Preview(len(found), sums, dict(left_out))


def _loader(factors: Factors) -> Callable[[str, str], Catalogue]:
    @functools.cache
    def load(zone: str, given: str) -> Catalogue:
        return catalogue.load(zone, given, factors.folder)

    return load


def _kept(documents: Iterable[Document], factors: Factors, left_out: Counter[str]) -> Iterator[_Kept]:
    """What is needed of documents; those that cannot be worked out so are counted by their reason."""
    load = _loader(factors)
    without_place = functools.cache(lambda zone, given: no_place(zone, given, factors))
    for one in documents:
        zone, given = one["region"]["zone"], one["region"].get("given", "")
        why = _why_not(one) or without_place(zone, given)
        if why is not None:
            left_out[why] += 1
            continue
        totals = {key: impact.get("total", impact) for key, impact in one["impacts"].items()}
        yield _Kept(
            interval_from(one["energy"]["job_kwh"]), _pue(one, load(zone, given)), zone, given,
            int(one["started_at"][:4]), hardware_from(one["hardware"]),
            {key: interval_from(value) for key, value in totals.items() if "missing" not in value},
        )  # fmt: skip


def _why_not(one: Document) -> str | None:
    if "own_factors" in one["provenance"]:
        return OWN
    if one["energy"]["idle_policy"] == "all":
        return ALL_OF_IDLE
    return None if "hardware" in one else NO_HARDWARE


def _pue(one: Document, known: Catalogue) -> Interval:
    """What the user stated, or 1 with a battery, stays; else the catalogue says it."""
    stated, stands = one["provenance"]["settings"].get("pue"), interval_from(one["energy"]["pue"])
    return stands if stands == exact(1.0) else pue_of(stated, battery=False, catalogue=known)[0]
