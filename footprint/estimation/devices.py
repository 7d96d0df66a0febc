"""Devices that the catalogue knows by name: their rated power.

Names are compared by their words: marks, filling words and the vendor's name do not count. A name that fits
several devices (``V100``: with PCIe, with SXM2) stands for all of them, with the range of their figures.
"""

from __future__ import annotations

import functools
import os
import re
import statistics
from collections.abc import Sequence
from typing import NamedTuple

from footprint import catalogue
from footprint.errors import UsageError
from footprint.interval import Interval, exact
from footprint.processor import bare

FILE = "devices.csv"
_MOST = 6
"""A name that fits more devices than this says too little."""
_FILLING = {
    "nvidia", "amd", "intel", "google", "apple", "tesla", "geforce", "quadro", "instinct", "gpu", "chip", "tensor",
    "core", "graphics", "accelerator", "cpu", "processor", "oam",
}  # fmt: skip
_MEMORY = re.compile(r"\d+gb")


class Device(NamedTuple):
    """One row, or several that a name fits."""

    name: str
    kind: str
    """``gpu`` or ``cpu``."""
    rating: str
    """``TDP``, ``TBP`` (of a whole board) or ``average_measured``."""
    rated_w: Interval
    sources: tuple[str, ...]
    note: str = ""

    @property
    def factor(self) -> str:
        """Its id among the factors."""
        return f"device/{self.kind}/{self.name}"


def find(kind: str, name: str, called: str, data: str | None = None) -> Device:
    """The device of a name. Raises UsageError that names the three nearest."""
    rows = _read(kind, data or catalogue.DATA)
    wanted = _words(name)
    found = [row for row, words in rows if words == wanted] if wanted else []
    if not found and any(any(letter.isdigit() for letter in word) for word in wanted):
        found = list(dict.fromkeys(row for row, words in rows if _fits(wanted, words)))
    if not found or len(found) > _MOST:
        why = "no such device is in the catalogue" if not found else f"{len(found)} devices are called like that"
        near = ", ".join(_nearest(name, wanted, rows))
        raise UsageError(f"{called} {name!r}", f"{why}; nearest: {near}", "name one of them, or give --tdp-w")
    return found[0] if len(found) == 1 else _together(name, found)


@functools.cache
def _read(kind: str, folder: str) -> list[tuple[Device, frozenset[str]]]:
    rows = []
    with open(os.path.join(folder, FILE), encoding="utf-8") as file:
        for line in file.read().splitlines()[1:]:
            if not line.startswith(f"{kind},"):
                continue
            _, name, rating, low, central, high, sources, aliases, note = line.split(",")
            device = Device(
                name, kind, rating, _interval(float(low), float(central), float(high)),
                tuple(sources.split(";")), note,
            )  # fmt: skip
            rows += [(device, _words(called)) for called in (name, *filter(None, aliases.split(";")))]
    return rows


def _interval(low: float, central: float, high: float) -> Interval:
    return exact(central) if low == high else Interval(low, central, high, "envelope")


def _words(name: str) -> frozenset[str]:
    """The words that make a difference."""
    text = re.sub(r"\bsxm\d?\b", "sxm", re.sub(r"[^\w+.]+", " ", bare(name).replace("-", " ")))
    text = re.sub(r"\b(\d+) (gb)\b", r"\1\2", text)
    return frozenset(word for word in text.split() if word not in _FILLING)


def _fits(wanted: frozenset[str], words: frozenset[str]) -> bool:
    """All words wanted are there; memory that the catalogue does not tell is no difference."""
    lacking = wanted - words
    if not any(_MEMORY.fullmatch(word) for word in words):
        lacking = frozenset(word for word in lacking if not _MEMORY.fullmatch(word))
    return not lacking and bool(wanted & words)


def _together(name: str, found: Sequence[Device]) -> Device:
    """Several devices as one: the range of their power."""
    low = min(one.rated_w.low for one in found)
    high = max(one.rated_w.high for one in found)
    central = statistics.median(one.rated_w.central for one in found)
    ratings = {one.rating for one in found}
    note = f"any of {', '.join(dict.fromkeys(one.name for one in found))}"
    return Device(
        name, found[0].kind, ratings.pop() if len(ratings) == 1 else "TDP", _interval(low, central, high),
        tuple(dict.fromkeys(source for one in found for source in one.sources)), note,
    )  # fmt: skip


def _nearest(name: str, wanted: frozenset[str], rows: Sequence[tuple[Device, frozenset[str]]]) -> list[str]:
    """Three names, the nearest first: by the words that make a difference, then by the whole."""
    import difflib  # only when something is wrong

    def alike(one: str, other: str) -> float:
        return difflib.SequenceMatcher(None, one, other).ratio()

    @functools.cache
    def nearest_of(word: str) -> float:
        return max((alike(word, mine) for mine in wanted), default=0.0)

    found = {
        row.name: (max(map(nearest_of, words), default=0.0), len(words & wanted), alike(row.name.casefold(), name))
        for row, words in rows
    }
    return sorted(found, key=lambda one: found[one], reverse=True)[:3]
