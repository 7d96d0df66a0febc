"""Build the factor catalogue in ``footprint/data`` from the named inputs in ``catalogue/inputs``.

    python scripts/build_catalogue.py [--inputs FOLDER] [--kept FOLDER] [--out FOLDER]

Factor files that other scripts write (power models, sensors) are taken from ``--kept`` (default: ``--out``), checked
by the same rules and are part of the hash. Exit code 1 and one line, where a row may not ship or cannot be right.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from catalogue_carbon import Carbon
from catalogue_ewaste import Collected
from catalogue_hosting import Hosting
from catalogue_mix import Mixed, Water
from catalogue_rows import COLUMNS, HEADER, Inputs, Row, Technologies, ids

VERSION = "2026.11.1"
MAY_SHIP = {"yes", "facts only"}
ROOT = Path(__file__).resolve().parent.parent
BUILT: tuple[str, ...] = (
    "carbon_location.csv",
    "cloud_regions.csv",
    "on_site_water.csv",
    "pue.csv",
    "sources.csv",
    "water.csv",
)
BUILT += ("zones.csv",)
READY: tuple[str, ...] = ("biodiversity", "embodied", "residual_mix")
"""Inputs that are rows of the catalogue already."""
KINDS = {"exact", "p90", "envelope", "scenario", "lower_bound"}
HOWS = {"published", "derived", "fallback"}


class Refused(Exception):  # noqa: N818 - a verdict on the inputs, said in one line
    """A row that may not ship, or cannot be right."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Build; 0 where all rows pass."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=Path, default=ROOT / "catalogue" / "inputs")
    parser.add_argument("--out", type=Path, default=ROOT / "footprint" / "data")
    parser.add_argument("--kept", type=Path, default=None)
    given = parser.parse_args(arguments)
    try:
        count = build(given.inputs, given.kept or given.out, given.out)
    except (Refused, OSError) as fault:
        print(f"build_catalogue: {fault}", file=sys.stderr)
        return 1
    print(f"catalogue {VERSION}: {count} rows in {given.out}")
    return 0


def build(inputs: Path, kept: Path, out: Path) -> int:
    """Write all files of the catalogue to ``out``; the number of factor rows."""
    sources = read_sources(inputs)
    read = Inputs(*(read_csv(inputs / f"{name}.csv") for name in Inputs._fields))
    check_input_sources(inputs, sources)
    technologies = Technologies(read.technologies)
    hosting = Hosting(read)
    tables = {
        "carbon_location.csv": Carbon(read, technologies).rows(),
        "water.csv": Water(read, technologies).rows(),
        "pue.csv": hosting.rows("pue"),
        "on_site_water.csv": hosting.rows("wue"),
        "ewaste.csv": collected_rows(inputs, read),
    }
    tables |= {f"{one}.csv": Mixed(read, technologies, one).rows() for one in technologies.indicators()}
    out.mkdir(parents=True, exist_ok=True)
    factors = {name: sorted(cells_of(rows), key=lambda cells: (cells[3], cells[0])) for name, rows in tables.items()}
    factors |= {f"{name}.csv": ready_rows(inputs / f"{name}.csv") for name in READY}
    others = keep_others(kept, out, {*BUILT, *tables, *(f"{name}.csv" for name in READY)}, sources)
    check(all_rows(factors.values(), others), sources)
    for name, cells in factors.items():
        write(out / name, HEADER if any(len(row) > len(COLUMNS) for row in cells) else COLUMNS, cells)
    write(out / "zones.csv", ("zone", "iso3", "country", "name"), zone_rows(read))
    regions = [(one["region"], one["zone"], one["location"]) for one in read.cloud_regions]
    write(out / "cloud_regions.csv", ("region", "zone", "location"), sorted(regions))
    write_sources(out / "sources.csv", sources, used_in(out, inputs))
    write_identity(out)
    return sum(len(cells) for cells in factors.values())


def all_rows(
    built: Iterable[Sequence[Sequence[str]]], others: Sequence[Sequence[str]]
) -> list[Sequence[str]]:  # fmt: skip
    """All rows of factors, built and kept."""
    return [cells for table in built for cells in table] + list(others)


def collected_rows(inputs: Path, read: Inputs) -> list[Row]:
    """What each zone collects of its e-waste; a part of a country as its country."""
    collected = Collected(read_csv(inputs / "ewaste_collection.csv"), read_csv(inputs / "world_regions.csv"))
    return collected.rows([(cells[0], cells[2]) for cells in zone_rows(read)])


def read_csv(path: Path) -> list[dict[str, str]]:
    """Records of a CSV; ``NA`` is Namibia and stays text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ready_rows(path: Path) -> list[tuple[str, ...]]:
    """Rows of an input that is in the catalogue's own form. Raises Refused for another form."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    if tuple(header) != COLUMNS:
        raise Refused(f"{path.name}: its columns are not {','.join(COLUMNS)}")
    return sorted((tuple(row) for row in rows), key=lambda cells: (cells[3], cells[0]))


def read_sources(inputs: Path) -> dict[str, dict[str, str]]:
    """Sources by id, from every ``sources*.csv``."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(inputs.glob("sources*.csv")):
        for one in read_csv(path):
            name = one.get("id") or one.get("source_id") or ""
            if name in found:
                raise Refused(f"{path.name}: source {name} is there twice")
            found[name] = {**one, "id": name, "read_in": one.get("read_in") or one.get("where_found") or ""}
    return found


def check_input_sources(inputs: Path, sources: Mapping[str, Mapping[str, str]]) -> None:
    """Nothing may even lie in the inputs whose source may not ship."""
    for path in sorted(inputs.glob("*.csv")):
        for number, named in sources_in(path):
            check_sources(f"{path.name} line {number}", named, sources)


def sources_in(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(line, the ids of the sources that it names) of each line of a CSV."""
    for number, one in enumerate(read_csv(path), 2):
        columns = [column for column in one if column == "sources" or column.endswith("_sources")]
        yield number, tuple(name for column in columns for name in ids(one[column] or ""))


def used_in(out: Path, inputs: Path) -> dict[str, set[str]]:
    """Source -> the files of the catalogue that name it, with what was made of it, else those of its inputs."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(out.glob("*.csv")):
        if path.name == "sources.csv":
            continue
        for one in read_csv(path):
            for name in ids(one.get("sources", "")):
                made = f" {one['how']}" if one.get("how") else ""
                found[name].add(f"{path.stem}{made}")
    shipped = set(found)
    for path in sorted(inputs.glob("*.csv")):
        for _, named in sources_in(path):
            for name in set(named) - shipped:
                found[name].add(f"inputs of {path.stem}")
    return found


def check_sources(where: str, used: Sequence[str], sources: Mapping[str, Mapping[str, str]]) -> None:
    """Every source is known and may ship. Raises Refused."""
    for source in used:
        if source not in sources:
            raise Refused(f"{where}: source {source} is not in sources.csv")
        says = sources[source]["redistribute"]
        if says not in MAY_SHIP:
            raise Refused(f"{where}: source {source} may not ship ({says!r})")


def check(rows: Iterable[Sequence[str]], sources: Mapping[str, Mapping[str, str]]) -> None:
    """Every row can be right and may ship. Raises Refused at the first that does not."""
    seen: set[str] = set()
    for cells in rows:
        one = dict(zip(COLUMNS, cells, strict=False))
        name = one["id"]
        if name in seen:
            raise Refused(f"{name}: there are two rows of that id")
        seen.add(name)
        if any("," in cell or '"' in cell or "\n" in cell for cell in cells):
            raise Refused(f"{name}: a cell holds a comma, a quote or a line break")
        if one["kind"] not in KINDS:
            raise Refused(f"{name}: kind {one['kind']!r} is none of {sorted(KINDS)}")
        if one["how"] not in HOWS:
            raise Refused(f"{name}: how {one['how']!r} is none of {sorted(HOWS)}")
        if not re.fullmatch(r"(19|20)\d\d", one["year"]):
            raise Refused(f"{name}: {one['year']!r} is no year")
        check_amount(name, one)
        if not ids(one["sources"]):
            raise Refused(f"{name}: it names no source")
        check_sources(name, ids(one["sources"]), sources)


def check_amount(name: str, one: Mapping[str, str]) -> None:
    """``0 ≤ low ≤ central ≤ high``, all finite. Raises Refused."""
    try:
        low, central, high = (float(one[part]) for part in ("low", "central", "high"))
    except ValueError:
        raise Refused(f"{name}: an amount is no number") from None
    if not all(map(math.isfinite, (low, central, high))):
        raise Refused(f"{name}: an amount is not finite")
    if low < 0:
        raise Refused(f"{name}: {one['low']} is negative")
    if not low <= central <= high:
        raise Refused(f"{name}: {one['low']} ≤ {one['central']} ≤ {one['high']} does not hold")


def cells_of(rows: Iterable[Row]) -> list[tuple[str, ...]]:
    """Rows as cells; the last one, the basis, only of a place's electricity."""
    return [row.cells() if row.basis else row.cells()[: len(COLUMNS)] for row in rows]


def keep_others(
    kept: Path, out: Path, built: Collection[str], sources: Mapping[str, Mapping[str, str]]
) -> list[list[str]]:
    """Copy the CSVs that this script does not write; the factor rows among them. Raises Refused as for its own."""
    rows: list[list[str]] = []
    for path in sorted(kept.glob("*.csv")):
        if path.name in built:
            continue
        for number, named in sources_in(path):
            check_sources(f"{path.name} line {number}", named, sources)
        if kept.resolve() != out.resolve():
            shutil.copyfile(path, out / path.name)
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
        if lines and tuple(lines[0][:14]) == COLUMNS[:14]:
            rows += lines[1:]
    return rows


def zone_rows(read: Inputs) -> list[tuple[str, ...]]:
    """(zone, iso3, country, name) of all zones."""
    rows = [("WORLD", "", "", "World")]
    rows += [(one["zone"], one["iso3"], "", one["name"]) for one in read.countries]
    rows += [(one["zone"], one["iso3"], "", one["name"]) for one in read.places_without_data]
    rows += [(one["zone"], "", one["country"], one["name"]) for one in (*read.zones, *read.subregions)]
    return sorted(rows)


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A CSV without quotes: ``catalogue`` splits its lines at commas."""
    lines = [",".join(header), *(",".join(cells) for cells in rows)]
    path.write_bytes(("\n".join(lines) + "\n").encode())


def write_sources(path: Path, sources: Mapping[str, Mapping[str, str]], used: Mapping[str, Collection[str]]) -> None:
    """Sources, quoted as CSV asks for, each with the files that rest on it."""
    columns = ("id", "title", "publisher", "year", "licence", "redistribute", "read_in", "licence_read_in", "used_in")
    told = {name: {**one, "used_in": "; ".join(sorted(used.get(name, ())))} for name, one in sources.items()}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([one.get(column, "") for column in columns] for _, one in sorted(told.items()))


def write_identity(out: Path) -> None:
    """Version, and SHA-256 over the bytes of all CSVs in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted(out.glob("*.csv")):
        digest.update(path.read_bytes())
    text = json.dumps({"version": VERSION, "sha256": digest.hexdigest()}, indent=2)
    (out / "catalogue.json").write_bytes((text + "\n").encode())


if __name__ == "__main__":
    raise SystemExit(main())
