"""A user's file of factors, read and checked before anything is started: one clear line for the first thing wrong.

Loaded only where a file is named. A byte order mark and the line ends of Windows are no fault.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import math
import os
import re
import stat
from collections.abc import Iterator, Mapping
from typing import NamedTuple, NoReturn

from footprint.errors import UsageError, nearest
from footprint.interval import KINDS
from footprint.own_factors import PARTS, SITE, TOTAL
from footprint.own_factors import for_place as rows_for_place
from footprint.records.own_factors import Contract, OwnFactors, OwnRow
from footprint.records.raw import RegionRef
from footprint.region import ZoneTable, resolve

COLUMNS = (
    "zone", "indicator", "part", "year", "low", "central", "high", "kind", "scope", "unit", "per", "source_title",
    "source_publisher", "source_year", "source_licence",
)  # fmt: skip
OPTIONAL = ("how", "note")
_ALIASES = {"region": "zone"}
_HOW = ("published", "derived", "fallback")
_YEARS = (1990, 2100)
_MOST_BYTES = 8_000_000
_MOST_CHARACTERS = 500
_LARGEST = 1e9
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)
_EXAMPLE = "docs/own-factors.md has an example"


class OwnFile(NamedTuple):
    """A user's file, checked."""

    path: str
    sha256: str
    rows: tuple[OwnRow, ...]


class _Cell(NamedTuple):
    """A cell with its place, so that a message can name it."""

    path: str
    line: int
    column: str
    text: str

    def refuse(self, why: str, fix: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(f"factors file {self.path}, line {self.line}, column {self.column}", why, fix) from None


# --- settings ---


def path_of(value: object, origin: str) -> str:
    """Where the file stands: of a settings file relative to that, else to the working directory. Raises UsageError."""
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"setting factors {value!r}", "it is no file's name", 'write factors = "my-factors.csv"')
    path = os.path.expanduser(value)
    folder = os.path.dirname(origin) if os.path.isabs(origin) else ""
    return os.path.normpath(os.path.join(folder, path))


def for_run(file: OwnFile | None, contract: Contract | None, where: RegionRef, table: ZoneTable) -> OwnFactors | None:
    """What of them travels with a run; None where nothing of them is of its place."""
    rows: tuple[OwnRow, ...] = ()
    if file is not None:
        rows = rows_for_place(file.rows, where.zone, where.given, table.countries.get(where.zone, ""))
    if not rows and contract is None:
        return None
    name, sha256 = (os.path.basename(file.path), file.sha256) if file is not None and rows else ("", "")
    return OwnFactors(name, sha256, rows, contract)


# --- the file ---


def read(path: str, table: ZoneTable) -> OwnFile:
    """The rows of a file, all checked. Raises UsageError that names file, line and column of the first fault."""
    try:
        state = os.stat(path)
        if not stat.S_ISREG(state.st_mode):
            _refuse(path, "it is no file", "name a CSV file")
        if state.st_size > _MOST_BYTES:
            _refuse(path, f"it has more than {_MOST_BYTES // 1_000_000} MB", "keep the rows that you need")
        return _read(path, (state.st_mtime_ns, state.st_size), _Frozen(table))
    except OSError as fault:
        _refuse(path, fault.strerror or str(fault), "name a CSV file that can be read")


class _Frozen:
    """A table of zones as part of a cache's key: by identity, since there is one a process."""

    def __init__(self, table: ZoneTable) -> None:
        self.table = table

    def __hash__(self) -> int:
        return id(self.table)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and other.table is self.table


@functools.lru_cache(maxsize=8)
def _read(path: str, _state: tuple[int, int], frozen: _Frozen) -> OwnFile:
    with open(path, "rb") as file:
        data = file.read(_MOST_BYTES + 1)
    return parse(data, path, frozen.table)


def parse(data: bytes, path: str, table: ZoneTable) -> OwnFile:
    """A file's bytes as checked rows. Raises UsageError."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        _refuse(f"{path}, line {line}", "it is not UTF-8", 'save it as "CSV UTF-8"')
    rows: dict[OwnRow, int] = {}
    seen: dict[str, int] = {}
    for line, cells in _records(text, path):
        row = _row(cells, table)
        if row.id in seen:
            why = f"{row.zone}, {row.indicator}, {row.part}, {row.year} is there already, in line {seen[row.id]}"
            cells["zone"].refuse(why, "keep one of the two")
        seen[row.id] = line
        rows[row] = line
    _check_totals(rows, path)
    return OwnFile(path, hashlib.sha256(data).hexdigest(), tuple(rows))


def _refuse(path: str, why: str, fix: str) -> NoReturn:
    raise UsageError(f"factors file {path}", why, fix) from None


def _records(text: str, path: str) -> Iterator[tuple[int, dict[str, _Cell]]]:
    """(line, cells by column) of each row. Raises UsageError for a header or a row that is not whole."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    line, count = 1, 0
    try:
        for values in reader:
            begins, line = line, reader.line_num + 1
            if not any(value.strip() for value in values):
                continue
            if header is None:
                header = _header(values, path, begins)
                continue
            if len(values) != len(header):
                what = f"{path}, line {begins}"
                why = f"it has {len(values)} cells, and the header has {len(header)}"
                _refuse(what, why, "put text with a comma into quotation marks, and leave no cell out")
            count += 1
            yield (
                begins,
                {
                    column: _Cell(path, begins, column, value.strip())
                    for column, value in zip(header, values, strict=True)
                },
            )
    except csv.Error as fault:
        _refuse(f"{path}, line {reader.line_num}", f"it is no CSV ({fault})", "mend that line")
    if header is None:
        _refuse(path, "it is empty", f"its first line names the columns: {','.join(COLUMNS)}")
    if not count:
        _refuse(path, "it has a header and no row", _EXAMPLE)


def _header(values: list[str], path: str, line: int) -> list[str]:
    names = [_ALIASES.get(value.strip().casefold(), value.strip().casefold()) for value in values]
    what = f"{path}, line {line}"
    if len(names) == 1 and names[0].count(";") + names[0].count("\t") > 2:
        _refuse(what, "its columns are not separated by commas", "save it with commas between the columns")
    for name in names:
        if name not in (*COLUMNS, *OPTIONAL):
            why = f"there is no column {name!r}{nearest(name, (*COLUMNS, *OPTIONAL))}"
            _refuse(what, why, f"use: {', '.join((*COLUMNS, *OPTIONAL))}")
        if names.count(name) > 1:
            _refuse(f"{what}, column {name}", "it is there twice", "keep one of the two")
    for name in COLUMNS:
        if name not in names:
            _refuse(f"{what}, column {name}", "it is missing", f"the header has to name: {','.join(COLUMNS)}")
    return names


def _row(cells: Mapping[str, _Cell], table: ZoneTable) -> OwnRow:
    indicator, part = cells["indicator"].text, cells["part"].text
    if indicator not in PARTS:
        cells["indicator"].refuse(
            f"there is no indicator {indicator!r} to bring factors of{nearest(indicator, PARTS)}",
            f"use one of: {', '.join(PARTS)}",
        )
    known = PARTS[indicator]
    if part not in known:
        why = f"{indicator} has no part {part!r}{nearest(part, known)}"
        cells["part"].refuse(why, f"use one of: {', '.join(known)}")
    wanted = known[part]
    for column in ("unit", "per"):
        if cells[column].text != getattr(wanted, column):
            cells[column].refuse(
                f"{column} {cells[column].text!r} is not that of {indicator}, {part}",
                f"give the amount in {wanted.unit} per {wanted.per}",
            )
    low, central, high = (_number(cells[column]) for column in ("low", "central", "high"))
    _check_order(cells, low, central, high)
    if indicator == "pue" and low < 1:
        cells["low"].refuse(f"a PUE of {low:g} is below 1", "give facility energy ÷ IT energy, 1 or more")
    scope = _text(cells["scope"])
    if wanted.scope not in {"", scope}:
        why = f"the scope of {indicator}, {part} is {wanted.scope}, and not {scope!r}"
        cells["scope"].refuse(why, f"write {wanted.scope}, or give the part whose scope it is")
    return OwnRow(
        _zone(cells["zone"], table, by_site=wanted.of == SITE), indicator, part, _year(cells["year"]), low, central,
        high, _choice(cells["kind"], KINDS), scope, wanted.unit, wanted.per, _source(cells["source_title"]),
        _source(cells["source_publisher"]), _year(cells["source_year"]), _source(cells["source_licence"]),
        _choice(cells["how"], _HOW) if "how" in cells and cells["how"].text else "published",
        _text(cells["note"], may_be_empty=True) if "note" in cells else "",
    )  # fmt: skip


def _check_order(cells: Mapping[str, _Cell], low: float, central: float, high: float) -> None:
    if low > high:
        cells["low"].refuse(f"low {low:g} is above high {high:g}", "give low ≤ central ≤ high")
    if not low <= central <= high:
        why = f"central {central:g} does not lie between low {low:g} and high {high:g}"
        cells["central"].refuse(why, "give low ≤ central ≤ high")
    if cells["kind"].text == "exact" and low != high:
        cells["kind"].refuse("an exact amount has no range", "give low = central = high, or the kind envelope")


def _number(cell: _Cell) -> float:
    fix = "give a number from 0 on, such as 12.5"
    if not cell.text:
        cell.refuse("it is empty", fix)
    if not _NUMBER.fullmatch(cell.text):
        comma = re.fullmatch(r"\d+,\d+", cell.text)
        cell.refuse(f"{cell.text!r} is no number", "write the decimal point as a point" if comma else fix)
    value = float(cell.text)
    if value < 0:
        cell.refuse(f"{cell.text} is negative", fix)
    if not math.isfinite(value) or value > _LARGEST:
        cell.refuse(f"{cell.text} is more than there is of anything here", fix)
    return value


def _year(cell: _Cell) -> int:
    if not re.fullmatch(r"\d{4}", cell.text) or not _YEARS[0] <= int(cell.text) <= _YEARS[1]:
        cell.refuse(f"{cell.text!r} is no year", f"give one from {_YEARS[0]} to {_YEARS[1]}")
    return int(cell.text)


def _choice(cell: _Cell, choices: tuple[str, ...]) -> str:
    if cell.text not in choices:
        why = f"there is no {cell.column} {cell.text!r}{nearest(cell.text, choices)}"
        cell.refuse(why, f"use one of: {', '.join(choices)}")
    return cell.text


def _source(cell: _Cell) -> str:
    if not cell.text:
        cell.refuse("it names no source", "a factor needs title, publisher, year and licence of its source")
    return _text(cell)


def _text(cell: _Cell, *, may_be_empty: bool = False) -> str:
    if not cell.text and not may_be_empty:
        cell.refuse("it is empty", "say what is counted, such as lifecycle or direct")
    if not cell.text.isprintable() or len(cell.text) > _MOST_CHARACTERS:
        cell.refuse("it is too long or cannot be printed", f"write it on one line of {_MOST_CHARACTERS} characters")
    return cell.text


def _zone(cell: _Cell, table: ZoneTable, *, by_site: bool) -> str:
    """The zone or cloud region as the catalogue spells it; of what stands on a site also a provider alone."""
    if by_site and cell.text.lower() in {key.partition(":")[0] for key in table.regions}:
        return cell.text.lower()
    if not cell.text:
        cell.refuse("it is empty", "give a country (FR), a state (US-CA) or a cloud region (aws:eu-west-3)")
    try:
        found = resolve(cell.text, "file", table)
    except UsageError as fault:
        cell.refuse(f"{fault.what}: {fault.why}", fault.fix)
    if found.note:
        cell.refuse(found.note, f"write {found.zone}, if that is what it is of")
    return found.given if ":" in cell.text else found.zone


def _check_totals(rows: Mapping[OwnRow, int], path: str) -> None:
    """A total holds its parts: who gives both has counted something twice."""
    totals = {(row.indicator, row.zone): line for row, line in rows.items() if row.part == TOTAL}
    for row, line in rows.items():
        other = totals.get((row.indicator, row.zone))
        if other is not None and row.part != TOTAL:
            why = f"{row.zone} has a total of {row.indicator} in line {other}, which holds its {row.part}"
            _Cell(path, line, "part", row.part).refuse(why, "keep the total, or its parts")
