"""What the documents say of the factors' worth is what the catalogue and its inputs give."""

import csv
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import factor_coverage  # noqa: E402 - scripts are no package

from footprint import catalogue  # noqa: E402 - after the scripts, whose folder is no package

SOURCES = (ROOT / "docs" / "method-sources.md").read_text(encoding="utf-8")
TABLE = catalogue.zones()


def records(name: str) -> list[dict[str, str]]:
    with (ROOT / "catalogue" / "inputs" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_document_has_the_coverage_that_the_script_finds():
    """Run ``python scripts/factor_coverage.py`` and put its table into the document."""
    assert "\n".join(factor_coverage.lines()) in SOURCES


def test_two_sources_agree_more_often_than_not():
    """A range that most other figures miss would be no range."""
    for one in factor_coverage.coverages():
        assert one.inside / one.of > 0.8, one


def test_the_document_has_the_spread_by_class_of_country():
    for one in records("uncertainty"):
        if one["class"] in {*"ABCDE"}:
            line = rf"^\| {one['class']}: .* \| {one['low_ratio']} \| {one['high_ratio']} \| {one['n']} \|$"
            assert re.search(line, SOURCES, re.MULTILINE), one["class"]
    everywhere = next(one for one in records("uncertainty") if one["class"] == "all")
    assert f"{everywhere['low_ratio']} to {everywhere['high_ratio']}; 179 lay inside" in SOURCES


def test_the_document_counts_the_places():
    countries = [zone for zone in TABLE.names if zone not in TABLE.countries and zone != "WORLD"]
    assert f"{len(countries)} countries and territories" in SOURCES
    assert f"and {len(TABLE.regions)} cloud regions" in SOURCES
    stand_ins = [one for one in records("countries") if one["quality"]]
    assert f"{len(stand_ins)} territories have no figures of their own" in SOURCES
    assert f"{len(records('places_without_data'))}\n(such as Antarctica)" in SOURCES
    for start, length, words in (
        ("US-", 5, "51 states"), ("US-", 7, "27 eGRID subregions"), ("CA-", 5, "13 provinces of Canada"),
        ("CN-", 5, "30 of China"), ("NO", 3, ""),
    ):  # fmt: skip
        found = [zone for zone in TABLE.countries if zone.startswith(start) and len(zone) == length]
        assert not words or f"{len(found)} {words.partition(' ')[2]}" in SOURCES


def test_the_world_is_what_the_document_compares():
    world = factor_coverage.latest(factor_coverage.read(factor_coverage.DATA / "carbon_location.csv"), "total")["WORLD"]
    assert f"the world, {world.central:.1f} g" in SOURCES
