"""How often another published figure lies inside the catalogue's ranges: what ``docs/method-sources.md`` tells.

    python scripts/factor_coverage.py

The other figures are in ``catalogue/inputs``: only such as may be passed on. Those that may not are told in the
document, typed with their source. A test holds the document to what this prints.
"""

from __future__ import annotations

import csv
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from catalogue_rows import Range, Technologies, mix_of, range_of

ROOT = Path(__file__).resolve().parent.parent
INPUTS, DATA = ROOT / "catalogue" / "inputs", ROOT / "footprint" / "data"
Record = Mapping[str, str]


class Compared(NamedTuple):
    """Another figure beside the catalogue's range."""

    place: str
    other: float
    ours: Range

    @property
    def inside(self) -> bool:
        """Whether the other figure lies inside."""
        return self.ours.low <= self.other <= self.ours.high


class Coverage(NamedTuple):
    """A line of the document's table."""

    what: str
    inside: int
    of: int
    ratio: str
    """Other figure over ours: median, and the lowest and highest."""
    outside: str


def read(path: Path) -> list[dict[str, str]]:
    """Records of a CSV."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def latest(rows: Iterable[Record], part: str) -> dict[str, Range]:
    """Zone -> its newest range of a part."""
    found: dict[str, Record] = {}
    for row in rows:
        if row["part"] == part and int(row["year"]) >= int(found.get(row["zone"], {"year": "0"})["year"]):
            found[row["zone"]] = row
    return {zone: range_of(row) for zone, row in found.items()}


def told(what: str, compared: Iterable[Compared]) -> Coverage:
    """How many lie inside, and by how much others differ."""
    all_of_them = sorted(compared, key=lambda one: one.place)
    ratios = sorted(one.other / one.ours.central for one in all_of_them)
    ratio = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    outside = [one.place for one in all_of_them if not one.inside]
    return Coverage(what, len(all_of_them) - len(outside), len(all_of_them), ratio, " ".join(outside))


def by_mix() -> Iterator[Compared]:
    """Published life-cycle intensities beside what the mix of generation of the same year gives by itself."""
    technologies = Technologies(read(INPUTS / "technologies.csv"))
    for country in read(INPUTS / "countries.csv"):
        mix = mix_of(country)
        if mix is not None and country["earlier_year"]:
            ours = technologies.mixed("lifecycle", mix)
            yield Compared(country["zone"], float(country["earlier_g_per_kwh"]), ours)


def by_next_year(carbon: Iterable[Record]) -> Iterator[Compared]:
    """The newest intensity of a place beside its range of an earlier year."""
    totals: dict[str, list[Record]] = {}
    for row in carbon:
        if row["part"] == "total" and row["zone"] != "WORLD":
            totals.setdefault(row["zone"], []).append(row)
    for zone, rows in totals.items():
        if len(rows) > 1:
            before, now = sorted(rows, key=lambda row: int(row["year"]))[-2:]
            yield Compared(zone, float(now["central"]), range_of(before))


def by_google(direct: Mapping[str, Range], checks: Iterable[Record]) -> Iterator[Compared]:
    """Operational intensities of grids that Google publishes, beside the direct part of their zones."""
    zones = {one["region"]: one["zone"] for one in read(INPUTS / "cloud_regions.csv")}
    for one in checks:
        if one["check"] == "grid_google":
            yield Compared(one["place"], float(one["value"]), direct[zones[one["place"]]])


def by_official(direct: Mapping[str, Range], checks: Iterable[Record]) -> Iterator[Compared]:
    """Direct intensities that national offices publish, beside the direct part of the country's row."""
    for one in checks:
        if one["check"] == "direct_official":
            yield Compared(one["place"], float(one["value"]), direct[one["place"]])


def by_wri(checks: Iterable[Record]) -> Iterator[Compared]:
    """Water of plants and reservoirs together, as the World Resources Institute has it."""
    water = read(DATA / "water.csv")
    plants, reservoirs = latest(water, "plants"), latest(water, "reservoirs")
    for one in checks:
        if one["check"] == "water_wri":
            both = zip(plants[one["place"]], reservoirs[one["place"]], strict=True)
            yield Compared(one["place"], float(one["value"]), Range(*(sum(pair) for pair in both)))


def by_state(total: Mapping[str, Range]) -> Iterator[Compared]:
    """Life cycle of the eGRID subregions, beside that of the states in them."""
    for one in read(INPUTS / "subregions.csv"):
        for state in one["states"].split(";"):
            if state.startswith("US-"):
                yield Compared(f"{state}/{one['zone']}", total[one["zone"]].central, total[state])


def by_bidding_zone(total: Mapping[str, Range]) -> Iterator[Compared]:
    """Nordic bidding zones, beside their countries."""
    for one in read(INPUTS / "zones.csv"):
        if not one["direct_g"]:
            yield Compared(one["zone"], total[one["zone"]].central, total[one["country"]])


def coverages() -> list[Coverage]:
    """All lines of the table."""
    carbon, checks = read(DATA / "carbon_location.csv"), read(INPUTS / "cross_checks.csv")
    total, direct = latest(carbon, "total"), latest(carbon, "direct")
    parts: list[tuple[str, Callable[[], Iterator[Compared]]]] = [
        ("life cycle by the mix alone, against Ember of the same year", by_mix),
        ("Ember's newest year, against our range of the year before it", lambda: by_next_year(carbon)),
        ("direct, against Google's grid intensities of 2024", lambda: by_google(direct, checks)),
        ("direct of India, the US and Australia, against their offices", lambda: by_official(direct, checks)),
        ("states of the US, against the subregions they lie in", lambda: by_state(total)),
        ("Nordic countries, against their bidding zones", lambda: by_bidding_zone(total)),
        ("water with reservoirs, against WRI 2020", lambda: by_wri(checks)),
    ]
    return [told(what, compare()) for what, compare in parts]


def lines() -> list[str]:
    """The table as the document has it."""
    head = ["| our range | another figure inside | other over ours: median (range) |", "|---|---|---|"]
    return head + [f"| {one.what} | {one.inside} of {one.of} | {one.ratio} |" for one in coverages()]


if __name__ == "__main__":
    print("\n".join(lines()))
    for one in coverages():
        print(f"\noutside ({one.what}): {one.outside or 'none'}")
