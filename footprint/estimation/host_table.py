"""A table of hosts, as CSV, with the power of each: rows in, the same rows and three columns out, one by one."""

from __future__ import annotations

import csv
import math
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import IO

from footprint.errors import UsageError
from footprint.estimation.host_power import SCOPES, Told, power
from footprint.interval import Interval, rounded

COLUMNS = ("cpu", "sockets", "cores", "threads", "tdp_w", "memory_gb", "year", "load")
"""What is read; any may be empty or absent but ``load``. Other columns are handed on."""
Progress = Callable[[int], None]
"""Told how many more rows are done."""
_WHOLE = {"sockets": (1, 64), "cores": (1, 100_000), "threads": (1, 1_000_000), "year": (1990, 2100)}
_AMOUNTS = {"tdp_w": 10_000.0, "memory_gb": 1_000_000.0}
_DIGITS = 6


def scopes_of(given: str) -> tuple[str, ...]:
    """``wall``, ``package`` or both, the first named first. Raises UsageError."""
    named = tuple(word.strip() for word in given.split(","))
    if not named or len(set(named)) < len(named) or not set(named) <= set(SCOPES):
        raise UsageError(f"--scope {given}", "it is neither wall nor package", "write --scope wall, package or both")
    return named


def converted(source: str, target: str, scopes: Sequence[str], progress: Progress = lambda _: None) -> int:
    """Write ``target`` from ``source``; how many rows. Where a row is wrong nothing is written. Raises UsageError."""
    try:
        with open(source, encoding="utf-8-sig", newline="") as rows:
            return _to_file(source, rows, target, scopes, progress)
    except UnicodeDecodeError:
        raise UsageError(f"--csv {source}", "it is not UTF-8 text", "save it as CSV in UTF-8") from None
    except OSError as fault:
        raise UsageError(f"--csv {source}", fault.strerror or str(fault), "name a CSV file that can be read") from None


def _to_file(source: str, rows: IO[str], target: str, scopes: Sequence[str], progress: Progress) -> int:
    """First to a file beside it, which takes its name when all is well."""
    place = os.path.realpath(target)  # a link stays, and what it names is replaced
    if os.path.exists(place) and not os.path.isfile(place):
        raise UsageError(f"--out {target}", "it is there and is no file", "name a file")
    folder = os.path.dirname(place)
    try:
        handle, beside = tempfile.mkstemp(prefix=".footprint-", suffix=".csv", dir=folder)
    except OSError as fault:
        why = fault.strerror or str(fault)
        raise UsageError(f"--out {target}", why, "give a file in a folder that can be written") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            count = _write(source, rows, file, scopes, progress)
        os.chmod(beside, 0o666 & ~_umask())
        os.replace(beside, place)
    except BaseException:  # whatever ended it, no half-written file may stay
        os.unlink(beside)
        raise
    return count


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _write(source: str, rows: IO[str], file: IO[str], scopes: Sequence[str], progress: Progress) -> int:
    reader = csv.reader(rows, strict=True)
    writer = csv.writer(file, lineterminator="\n")
    added = [f"{'' if scope == scopes[0] else f'{scope}_'}{end}_w" for scope in scopes for end in Interval._fields[:3]]
    count = 0
    for number, cells in enumerate(_lines(source, reader)):
        if number == 0:
            header = _header(source, cells, added)
            writer.writerow([*header, *added])
            continue
        if not cells:
            continue
        told = told_of(f"{source} line {reader.line_num}", header, cells)
        found = [power(told, scope) for scope in scopes]
        writer.writerow([*cells, *(f"{rounded(end, _DIGITS):g}" for one in found for end in one[:3])])
        count += 1
        progress(1)
    return count


def _lines(source: str, reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """Rows; what the CSV's form lets nobody read is one line of error."""
    seen = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as fault:
            raise UsageError(f"{source} row {seen}", f"it is no CSV ({fault})", "mend that row") from None
        yield cells
        seen += 1
    if not seen:
        raise UsageError(f"--csv {source}", "it is empty", f"begin it with a line of names: {','.join(COLUMNS)}")


def _header(source: str, cells: Sequence[str], added: Sequence[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    what = f"--csv {source}"
    if "load" not in names:
        why = "it has no column `load`"
        raise UsageError(what, why, f"its first line must name the columns: {','.join(COLUMNS)}, parted by commas")
    for name in (*COLUMNS, *added):
        if names.count(name) > (0 if name in added else 1):
            why = f"it has a column `{name}` already" if name in added else f"it has two columns `{name}`"
            raise UsageError(what, why, "leave one out")
    return names


def told_of(where: str, header: Sequence[str], cells: Sequence[str]) -> Told:
    """One row. Raises UsageError that begins with ``where``."""
    if len(cells) != len(header):
        why = f"it has {len(cells)} cells, and there are {len(header)} columns"
        raise UsageError(where, why, "give each column a cell, empty where it is not known")
    given = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if name in COLUMNS}
    whole = {name: _whole(where, name, given[name], *ends) for name, ends in _WHOLE.items() if given.get(name)}
    amounts = {name: _amount(where, name, given[name], 0.0, most) for name, most in _AMOUNTS.items() if given.get(name)}
    if not given["load"]:
        raise UsageError(f"{where}: load", "it is empty", "give the busy share of the time, 0 to 1")
    load = _amount(where, "load", given["load"], -1e-300, 1.0)
    told = Told(
        load, given.get("cpu", ""), whole.get("sockets"), whole.get("cores"), whole.get("threads"),
        amounts.get("tdp_w"), amounts.get("memory_gb"), whole.get("year"),
    )  # fmt: skip
    for fewer, more in (("sockets", "cores"), ("cores", "threads")):
        if fewer in whole and more in whole and whole[more] < whole[fewer]:
            why = f"it is less than {fewer}, {whole[fewer]}"
            raise UsageError(f"{where}: {more} {whole[more]}", why, "give those of the whole machine")
    return told


def _amount(where: str, name: str, cell: str, above: float, most: float) -> float:
    try:
        value = float(cell)
    except ValueError:
        raise UsageError(f"{where}: {name} {cell!r}", "it is not a number", "write it like 0.5 or 12") from None
    if not math.isfinite(value) or not above < value <= most:
        hint = "give a part of one, such as 0.5 for 50 %" if name == "load" else "leave it empty where it is not known"
        why = f"it must be {'0 to 1' if name == 'load' else f'above 0 and at most {most:g}'}"
        raise UsageError(f"{where}: {name} {cell}", why, hint)
    return value


def _whole(where: str, name: str, cell: str, least: int, most: int) -> int:
    try:
        value = float(cell)
    except ValueError:
        raise UsageError(f"{where}: {name} {cell!r}", "it is not a number", "write it like 2") from None
    if not math.isfinite(value) or value != int(value) or not least <= value <= most:
        why = f"it must be a whole number from {least} to {most}"
        raise UsageError(f"{where}: {name} {cell}", why, "leave it empty where it is not known")
    return int(value)
