"""Adding an indicator touches what ARCHITECTURE.md says, and nothing else."""

import re
from pathlib import Path

import pytest

from footprint import catalogue
from footprint.impacts import INDICATORS

ROOT = Path(__file__).parents[2]
SHARED = {"__init__", "facility", "terms", "electricity", "embodied"}
OF_THE_WHOLE_WORLD = {
    "biodiversity",  # follows from land, water and carbon, by factors that are the same everywhere
    "ewaste",  # hardware weighs the same everywhere: rows of embodied.csv
    "water_scarcity",  # no factor of it may be passed on: a user may bring them
    "carbon_market",  # residual mixes of the few zones that have one: residual_mix.csv
}
WORDS_OF_THE_CONTRACT = {
    "footprint/budget.py",  # the units that people write limits in
    "footprint/estimation/nature.py",  # those whose factor may be given
    "footprint/explain.py",  # the pathways of biodiversity, in words
    "footprint/estimation/given.py",  # the option that gives its factor
    "footprint/own_factors.py",  # what a user may bring factors of
}


def test_an_indicator_is_a_module_with_its_line_in_the_table():
    modules = {path.stem for path in (ROOT / "footprint" / "impacts").glob("*.py")} - SHARED
    assert modules == set(INDICATORS)


@pytest.mark.parametrize("key", [key for key in INDICATORS if key not in OF_THE_WHOLE_WORLD])
def test_an_indicator_has_a_file_of_factors_of_its_own_for_every_country(key):
    header, *lines = (ROOT / "footprint" / "data" / f"{key}.csv").read_text(encoding="utf-8").splitlines()
    place = header.split(",").index("zone")
    assert {line.split(",")[place] for line in lines} >= {zone for zone in catalogue.zones().names if len(zone) == 2}


@pytest.mark.parametrize("key", INDICATORS)
def test_an_indicator_is_tested_by_name(key):
    tests = (ROOT / "tests" / "unit").glob("test_*.py")
    assert any(f'"{key}"' in path.read_text(encoding="utf-8") for path in tests)


@pytest.mark.parametrize("key", [key for key in INDICATORS if key not in {"carbon_location", "water"}])
def test_nothing_else_knows_an_indicator_by_name(key):
    """So that one more needs no change elsewhere. The first two grew up with the code and are named in examples."""
    named = set()
    for top in ("footprint", "collectors", "dashboard"):
        for path in (ROOT / top).rglob("*.py"):
            inside = path.relative_to(ROOT).as_posix()
            if inside.startswith(("footprint/impacts/", "footprint/collectors", "footprint/dashboard")):
                continue
            if re.search(rf"[\"']{key}[\"']", path.read_text(encoding="utf-8")):
                named.add(inside)
    assert named <= WORDS_OF_THE_CONTRACT
