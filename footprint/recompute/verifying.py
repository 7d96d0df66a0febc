"""Is what is stored of a run what its readings give, and are these what they were when they came in?

A run is accounted for once more, by the same function and the same catalogue, and compared to the last printed digit;
its journal, document and rows are held against what the chain of records says of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from footprint import journal
from footprint.errors import NoSuchRun
from footprint.queries.opening import Store, accounted
from footprint.recompute.comparing import NOTHING, Difference, differences
from footprint.records.document import Document
from footprint.records.raw import RawRun
from footprint.store import catalogues, readings, sealing, version_events, wall_events
from footprint.store.examining import Examined
from footprint.store.intake import Derive, NewForm, parsed
from footprint.store.kept_rows import all_ids, kept_rows
from footprint.store.rows import Rows, rows_of, rows_of_document, text_of
from footprint.store.sealing import Seal
from footprint.targets import Pinned
from footprint.version import VERSION

HOLDS, DIFFERS, CANNOT_TELL = "holds", "differs", "cannot_tell"


class Verdict(NamedTuple):
    """What became of checking a run."""

    run_id: str
    state: str
    """``holds``, ``differs`` or ``cannot_tell``."""
    differences: tuple[Difference, ...] = ()
    why: str | None = None
    """Why it cannot be told."""
    version: int = 1
    catalogue: str = ""
    """What the stored figures were made with, like ``2026.11+e19c18c7fe41``."""
    is_sealed: bool = False
    """Whether the chain of records knows it; else it was only accounted for once more."""
    note: str | None = None
    """What a reader should know of its history."""


class _Case(NamedTuple):
    """A run under examination."""

    store: Store
    run_id: str
    rows: Rows
    document: Document
    data: bytes
    seals: tuple[Seal, ...]

    @property
    def home(self) -> str:
        return self.store.home_of(self.run_id)

    @property
    def number(self) -> int:
        """Of the version that stands."""
        return version_events.number_in(self.document["provenance"])

    @property
    def seal(self) -> Seal | None:
        return self.seals[-1] if self.seals else None

    @property
    def pinned(self) -> Pinned:
        """The catalogue that the chain names, else the document."""
        told = self.document["provenance"]
        seal = self.seal
        return (
            Pinned(told["catalogue"], told["catalogue_sha256"])
            if seal is None or seal.version != self.number
            else Pinned(seal.catalogue, seal.catalogue_sha256)
        )


def verify(store: Store, run_id: str, examined: Examined, derive: Derive = accounted) -> Verdict:
    """Check one run. Raises NoSuchRun where neither the store nor the chain knows it."""
    if run_id in store.live:
        return Verdict(run_id, CANNOT_TELL, why="it is still being measured")
    seals = examined.seals.get(run_id, ())
    rows = kept_rows(store, run_id)
    if rows is None:
        if not seals:
            raise NoSuchRun(f"there is no run {run_id!r}", "no stored run has that id", "footprint list shows them")
        gone = Difference("run", NOTHING, f"sealed as {seals[-1].readings}")
        return Verdict(run_id, DIFFERS, (gone,), version=seals[-1].version, is_sealed=True)
    try:
        document = json.loads(rows.run["document"])
        rows_of_document(document, "", "")  # is it one at all?
        document["provenance"]["catalogue_sha256"].startswith("")
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        broken = Difference("document", f"cannot be read ({type(fault).__name__})", NOTHING)
        return Verdict(run_id, DIFFERS, (broken,), is_sealed=bool(seals))
    try:
        data = readings.journal_of(store, run_id)
    except OSError as fault:
        return Verdict(run_id, CANNOT_TELL, why=f"its readings cannot be read: {fault.strerror or fault}")
    if data is None:
        lost = Difference("readings", NOTHING, f"sha256 {rows.run['raw_sha256']}")
        return Verdict(run_id, DIFFERS, (lost,), is_sealed=bool(seals))
    return _judged(_Case(store, run_id, rows, document, data, seals), derive)


def _judged(case: _Case, derive: Derive) -> Verdict:
    """The verdict on a run of which all is there."""
    changed = [*_against_the_chain(case), *_earlier_versions(case), *_rows_against_document(case)]
    verdict = Verdict(
        case.run_id, HOLDS, version=case.number, catalogue=catalogues.label(case.pinned), is_sealed=bool(case.seals),
        note=_history(case),
    )  # fmt: skip
    folder = catalogues.whole(case.home, case.pinned)
    if folder is None:
        gone = f"the catalogue {verdict.catalogue} that it was accounted with is not kept here any more"
        return verdict._replace(state=DIFFERS if changed else CANNOT_TELL, differences=tuple(changed), why=gone)
    try:
        made = _made_again(case, folder, derive)
    except Exception as fault:  # noqa: BLE001 - whatever somebody wrote into the readings: they give no figures
        cannot = f"its figures cannot be made again: {str(fault) or type(fault).__name__}"
        return verdict._replace(state=DIFFERS if changed else CANNOT_TELL, differences=tuple(changed), why=cannot)
    figures = [
        *differences(case.document, json.loads(made.run["document"])),
        *differences(case.rows.run["sensor"], made.run["sensor"], "list: sensor"),
    ]
    state = DIFFERS if changed or figures else HOLDS
    why = _other_program(case) if figures and not changed else None
    if why is not None:
        state = CANNOT_TELL
    return verdict._replace(state=state, differences=(*changed, *figures), why=why)


def _made_again(case: _Case, folder: str, derive: Derive) -> Rows:
    """The run's rows from its readings. Raises whatever comes of readings that somebody changed."""
    raw: RawRun = wall_events.applied(case.home, parsed(case.data))
    run = derive(raw, folder)
    standing = version_events.standing(case.home, case.run_id)
    if standing is not None:
        run = run._replace(provenance=run.provenance._replace(recomputed=version_events.mark(standing)))
    return rows_of(run, raw, case.data)


def _against_the_chain(case: _Case) -> Iterator[Difference]:
    """Hashes that are not those that were sealed."""
    data_hash, text_hash = hashlib.sha256(case.data).hexdigest(), sealing.text_hash(case.rows.run["document"])
    sealed_data = case.seal.readings if case.seal is not None else case.rows.run["raw_sha256"]
    if data_hash != sealed_data:
        yield Difference("readings", f"sha256 {data_hash}", f"sha256 {sealed_data}")
    if case.rows.run["raw_sha256"] != sealed_data:
        yield Difference("list: raw_sha256", case.rows.run["raw_sha256"], sealed_data)
    if case.seal is not None and case.seal.version == case.number and case.seal.document != text_hash:
        yield Difference("document", f"sha256 {text_hash}", f"sha256 {case.seal.document}")


def _earlier_versions(case: _Case) -> Iterator[Difference]:
    """Versions that are kept beside the one that stands: each must be one that was sealed."""
    for version in version_events.versions_of(case.home, case.run_id)[:-1]:
        sealed = [seal.document for seal in case.seals if seal.version == version.number]
        try:
            text_hash = sealing.text_hash(text_of(version.document))
        except ValueError:
            text_hash = "(cannot be unpacked)"
        if sealed and text_hash not in sealed:
            yield Difference(f"version {version.number}", f"sha256 {text_hash}", f"sha256 {sealed[-1]}")


def _history(case: _Case) -> str | None:
    """Where one version was sealed with two catalogues: the store was made anew when the first was gone."""
    made = dict.fromkeys(
        catalogues.label(Pinned(seal.catalogue, seal.catalogue_sha256))
        for seal in case.seals
        if seal.version == case.number
    )
    first, *later = made or [""]
    return (
        f"it was first sealed with the catalogue {first}, which was gone when the store was made anew"
        if later
        else None
    )


def _rows_against_document(case: _Case) -> Iterator[Difference]:
    """Columns that ``list``, filters and sums go by, where they do not say what the document says."""
    made = rows_of_document(case.document, case.rows.run["sensor"], case.rows.run["raw_sha256"])
    for what, ours, theirs in (
        ("list", {**case.rows.run, "document": ""}, {**made.run, "document": ""}),
        ("list: impacts", _by(case.rows.impacts, "indicator"), _by(made.impacts, "indicator")),
        ("list: tags", _by(case.rows.tags, "key"), _by(made.tags, "key")),
    ):
        for one in differences(ours, json.loads(json.dumps(theirs))):
            yield one._replace(what=f"{what}: {one.what}")


def _by(rows: Iterable[dict[str, Any]], key: str) -> dict[str, Any]:
    return {str(row[key]): row for row in rows}


def _other_program(case: _Case) -> str | None:
    """Why figures that differ are no tampering: they are as they were sealed, by a program that reckoned otherwise."""
    seal = case.seal
    if seal is None or seal.version != case.number or seal.footprint == VERSION:
        return None
    by = f"version {seal.footprint}" if seal.footprint else "another version"
    return (
        f"it is as it was sealed, and {by} of this program made its figures: version {VERSION} reckons otherwise; "
        "footprint recompute keeps both"
    )


# --- a document that somebody has ---


def verify_document(
    store: Store, given: Document, examined: Examined, derive: Derive = accounted
) -> Verdict:  # fmt: skip
    """Check an exported document against its run, and the run. Raises NoSuchRun."""
    run_id = given["run_id"]
    verdict = verify(store, run_id, examined, derive)
    if any(seal.document == sealing.text_hash(text_of(given)) for seal in examined.seals.get(run_id, ())):
        return verdict
    if verdict.state == DIFFERS:
        return verdict
    if given.get("status") == "running":
        return verdict._replace(state=CANNOT_TELL, why="the file was written while the run was being measured")
    found, why = _file_against(store, given, derive)
    if why is not None:
        return verdict._replace(state=CANNOT_TELL, why=why)
    return verdict._replace(state=DIFFERS, differences=(*verdict.differences, *found)) if found else verdict


def _file_against(store: Store, given: Document, derive: Derive) -> tuple[list[Difference], str | None]:
    """(what the file says otherwise than the run's version of its number, why that cannot be told)."""
    run_id, told = given["run_id"], given.get("provenance", {})
    rows = kept_rows(store, run_id)
    kept: Document = json.loads(rows.run["document"]) if rows is not None else {}
    number = version_events.number_in(told) if isinstance(told, dict) else 1
    for version in version_events.versions_of(store.home_of(run_id), run_id)[:-1]:
        if version.number == number:
            kept = version.document
    found = [one._replace(what=f"file: {one.what}") for one in differences(given, kept)]
    by_other = isinstance(told, dict) and told.get("catalogue_sha256") != kept["provenance"]["catalogue_sha256"]
    if not found or not by_other:
        return found, None
    pinned = Pinned(str(told.get("catalogue")), str(told.get("catalogue_sha256")))
    folder = catalogues.whole(store.home_of(run_id), pinned)
    if folder is None:
        return [], f"the file was made with the catalogue {catalogues.label(pinned)}, which is not kept here"
    try:
        raw = wall_events.applied(store.home_of(run_id), readings.raw_run(store, run_id))
        made = json.loads(rows_of(derive(raw, folder), raw, b"").run["document"])
    except (journal.Unreadable, NewForm, KeyError) as fault:
        return [], f"the run cannot be accounted for with the file's catalogue ({fault})"
    return [one._replace(what=f"file: {one.what}") for one in differences(given, made)], None


def all_runs(store: Store, examined: Examined) -> list[str]:
    """All runs that are stored, and those that the chain says should be; the oldest first."""
    return sorted({*all_ids(store), *examined.seals})
