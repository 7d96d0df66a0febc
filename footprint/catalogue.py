"""The factor catalogue's files: reads the rows that a run needs and hands them to the pure part.

The files in ``data/`` are made by ``scripts/build_catalogue.py``: sorted by zone, without quotes, their hash
written beside them. One zone is read in less than 5 ms, since it happens inside measured jobs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from footprint.region import WORLD, ZoneTable

if TYPE_CHECKING:  # a start asks for zones alone: whoever asks for rows loads what they are
    from footprint.factors import Catalogue, Factor, SourceRef

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
UNKNOWN_HOSTING = "unknown-hosting"
_COLUMNS = b"id,indicator,part,zone,per,low,central,high,kind,scope,unit,year,how,sources"
_BY_HOSTING = ("pue.csv", "on_site_water.csv")
_WHOLE = ("power_model.csv", "sensors.csv")
"""Files of which every run needs all rows. Any other file with factor rows is asked for its zone's."""
_ADDED = ("embodied.csv", "biodiversity.csv")
"""The same, of catalogues that have them: those that targets are pinned to may be older."""
_PROCESSORS = "processors.csv"
_zones: dict[str, ZoneTable] = {}


def load(zone: str, given: str = "", data: str | None = None, cpu: str = "") -> Catalogue:
    """The rows that a run in ``zone`` needs; ``given`` is its cloud region (``aws:eu-west-3``), if any.

    ``cpu`` is the name of its host's processor: what is known of that model is among the rows.

    Of PUE and on-site water the most specific row: the region's, its provider's, else that of unknown hosting.
    Power-model and sensor rows are all there. Raises OSError where the data folder is not readable.
    """
    from footprint.factors import Catalogue

    folder = data or DATA
    rows: list[Factor] = []
    for name in _by_zone(folder):
        rows += _rows_of(_content(folder, name), zone)
    places = [given, given.partition(":")[0], UNKNOWN_HOSTING] if ":" in given else [UNKNOWN_HOSTING]
    for name in _BY_HOSTING:
        content = _content(folder, name)
        rows += next((found for place in places if (found := list(_rows_of(content, place)))), [])
    for name in _WHOLE:
        rows += _all_rows(_text(folder, name))
    for name in _ADDED:
        rows += _all_rows(_text(folder, name)) if _is_there(folder, name) else ()
    rows += of_processor(cpu, folder)
    version, sha256 = identity(folder)
    return Catalogue(version, sha256, tuple(rows))


def identity(data: str | None = None) -> tuple[str, str]:
    """Version and SHA-256 of the catalogue, as written when it was built."""
    import json

    told = json.loads(_text(data or DATA, "catalogue.json"))
    return str(told["version"]), str(told["sha256"])


def zones(data: str | None = None) -> ZoneTable:
    """The zones and cloud regions that there are. Read once a process."""
    folder = data or DATA
    if folder not in _zones:
        _zones[folder] = _zone_table(folder)
    return _zones[folder]


def sources(data: str | None = None) -> Mapping[str, SourceRef]:
    """All sources by id."""
    import csv  # slow to import, and no measured job asks for sources

    from footprint.factors import SourceRef

    with open(os.path.join(data or DATA, "sources.csv"), encoding="utf-8", newline="") as file:
        return {
            row["id"]: SourceRef(
                row["id"], row["title"], row["publisher"], int(row["year"]) if row["year"] else None, row["licence"]
            )
            for row in csv.DictReader(file)
        }


def rows(zone: str | None = None, indicator: str | None = None, data: str | None = None) -> tuple[Factor, ...]:
    """All rows of a zone and an indicator; ``None``: of all. Slow: for ``factors`` and pages, not for runs."""
    folder = data or DATA
    names = (*_by_zone(folder), *_BY_HOSTING, *_WHOLE, *(name for name in _ADDED if _is_there(folder, name)))
    found = (row for name in names for row in _all_rows(_text(folder, name)))
    return tuple(row for row in found if zone in {None, row.zone} and indicator in {None, row.indicator})


def usual_ranges(data: str | None = None) -> Mapping[tuple[str, str], tuple[float, float]]:
    """By indicator and part of what a kWh does, low and high over the central value: the median of all places."""
    found: dict[tuple[str, str], tuple[list[float], list[float]]] = {}
    folder = data or DATA
    for name in _by_zone(folder):
        for line in _text(folder, name).splitlines()[1:]:
            _, indicator, part, zone, per, low, central, high, _ = line.split(",", 8)
            middle = float(central)
            if per == "kWh" and zone != WORLD and middle > 0:
                lows, highs = found.setdefault((indicator, part), ([], []))
                lows.append(float(low) / middle)
                highs.append(float(high) / middle)
    return {key: (sorted(lows)[len(lows) // 2], sorted(highs)[len(highs) // 2]) for key, (lows, highs) in found.items()}


def of_processor(cpu: str, data: str | None = None) -> Iterator[Factor]:
    """Design power of a server's processor, and how servers that had it differ from their design."""
    from footprint.factors import Factor
    from footprint.processor import key_of

    key = key_of(cpu)
    if not key or not _is_there(data or DATA, _PROCESSORS):
        return
    content = _content(data or DATA, _PROCESSORS)
    at = content.find(f"\n{key},".encode())
    if at < 0:
        return
    _, *amounts, servers, named = content[at + 1 : content.index(b"\n", at + 1)].decode().split(",")
    for part, per, unit, amount in zip(
        ("tdp", "idle_effect", "full_effect"), ("socket", "W", "W"), ("W", "ratio", "ratio"), amounts, strict=True
    ):
        if amount:
            note = "" if part == "tdp" else f"of {servers} servers; over what its design and power suggest"
            value = float(amount)
            yield Factor(
                f"power_model/{key}/{part}", "power_model", part, key, per, value, value, value, "exact",
                "without sensors", unit, 2026, "derived", tuple(named.split(";")), note,
            )  # fmt: skip


def _is_there(folder: str, name: str) -> bool:
    return os.path.exists(os.path.join(folder, name))


def _content(folder: str, name: str) -> bytes:
    with open(os.path.join(folder, name), "rb", buffering=0) as file:
        return file.read()


def _text(folder: str, name: str) -> str:
    return _content(folder, name).decode()


def _by_zone(folder: str) -> list[str]:
    """Files with factor rows that are looked up by zone: one indicator each, and whatever is added."""
    names = []
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".csv") or name in (*_WHOLE, *_ADDED, *_BY_HOSTING):
            continue
        with open(os.path.join(folder, name), "rb", buffering=0) as file:
            if file.read(len(_COLUMNS)) == _COLUMNS:
                names.append(name)
    return names


def _rows_of(content: bytes, zone: str) -> Iterator[Factor]:
    """The rows of one zone, found without looking at every line or decoding the others."""
    needle = f",{zone},".encode()
    at = content.find(needle)
    while at >= 0:
        end = content.find(b"\n", at)
        row = _factor(content[content.rfind(b"\n", 0, at) + 1 : end].decode())
        after = len(content)
        if row.zone == zone:
            yield row
            after = content.find(b"\n", end + 1)  # rows are sorted by zone: the next one is of it, or none is
        at = content.find(needle, end, after)


def _all_rows(text: str) -> Iterable[Factor]:
    return map(_factor, text.splitlines()[1:])


def _factor(line: str) -> Factor:
    from footprint.factors import Factor

    cells = line.split(",")
    name, indicator, part, zone, per, low, central, high, kind, scope, unit, year, how, named = cells[:14]
    note, basis = (*cells[14:], "", "")[:2]  # older catalogues have neither, or no basis
    return Factor(
        name, indicator, part, zone, per, float(low), float(central), float(high), kind, scope, unit,
        int(year or 0), how, tuple(named.split(";")), note, basis,
    )  # fmt: skip


def _zone_table(folder: str) -> ZoneTable:
    names, countries, iso3 = {}, {}, {}
    for line in _text(folder, "zones.csv").splitlines()[1:]:
        zone, code, country, name = line.split(",")
        names[zone] = name
        if code:
            iso3[code] = zone
        if country:
            countries[zone] = country
    regions = {}
    for line in _text(folder, "cloud_regions.csv").splitlines()[1:]:
        region, zone, _ = line.split(",")
        regions[region] = zone
    return ZoneTable(names, countries, iso3, regions)
