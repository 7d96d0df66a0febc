"""The factor catalogue: what it holds, how it is built, and that one zone's rows are those of the whole files."""

import csv
import hashlib
import json
import math
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from footprint import catalogue
from footprint.factors import find

ROOT = Path(__file__).parents[2]
DATA = ROOT / "footprint" / "data"
INPUTS = ROOT / "catalogue" / "inputs"
SCRIPT = ROOT / "scripts" / "build_catalogue.py"
ALL = catalogue.rows()
IN_ZONE = defaultdict(list)
for _row in ALL:
    IN_ZONE[_row.zone].append(_row)
COUNTRIES = [zone for zone in catalogue.zones().names if zone not in catalogue.zones().countries and zone != "WORLD"]


def build(inputs: Path, out: Path, kept: Path = DATA) -> subprocess.CompletedProcess:
    command = [sys.executable, str(SCRIPT), "--inputs", str(inputs), "--kept", str(kept), "--out", str(out)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def inputs(tmp_path):
    """A copy of the build's inputs that a test may spoil."""
    return Path(shutil.copytree(INPUTS, tmp_path / "inputs"))


def spoil(path: Path, where: dict[str, str], **cells: str) -> None:
    """Change cells of the first record that answers to ``where``."""
    with path.open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    record = next(one for one in records if where.items() <= one.items())
    record.update(cells)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, records[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)


def central(zone: str, indicator: str = "carbon_location", part: str = "total") -> float:
    row = find(IN_ZONE[zone], indicator, part)
    assert row is not None, (zone, indicator, part)
    return row.central


# --- the build ---


def test_the_files_are_what_the_build_makes_of_the_inputs(tmp_path):
    """Built anew elsewhere, every file has the same bytes."""
    result = build(INPUTS, tmp_path)
    assert result.returncode == 0, result.stderr
    for path in [*sorted(DATA.glob("*.csv")), DATA / "catalogue.json"]:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), f"{path.name}: build the catalogue again"


def test_the_hash_is_that_of_all_csvs_in_the_order_of_their_names():
    digest = hashlib.sha256()
    for path in sorted(DATA.glob("*.csv")):
        digest.update(path.read_bytes())
    assert catalogue.identity() == (json.loads((DATA / "catalogue.json").read_text())["version"], digest.hexdigest())


@pytest.mark.parametrize(
    ("file", "where", "cells", "says"),
    [
        ("sources.csv", {"id": "epa_egrid2023"}, {"redistribute": "no"}, "epa_egrid2023 may not ship"),
        ("sources.csv", {"id": "epa_egrid2023"}, {"redistribute": "unknown"}, "epa_egrid2023 may not ship"),
        ("zones.csv", {"zone": "US-CA"}, {"direct_sources": "hearsay"}, "hearsay is not in sources.csv"),
        ("facts.csv", {"fact": "unknown_pue"}, {"sources": ""}, "names no source"),
        ("facts.csv", {"fact": "unknown_pue"}, {"central": "9"}, "does not hold"),
        ("facts.csv", {"fact": "unknown_pue"}, {"low": "-1"}, "is negative"),
        ("facts.csv", {"fact": "unknown_pue"}, {"high": "nan"}, "not finite"),
        ("facts.csv", {"fact": "unknown_pue"}, {"note": "a, b"}, "a comma"),
        ("facts.csv", {"fact": "unknown_pue"}, {"year": "lately"}, "'lately' is no year"),
        ("residual_mix.csv", {"zone": "AU"}, {"how": "guessed"}, "how 'guessed' is none of"),
        ("subregions.csv", {"zone": "US-CAMX"}, {"direct_sources": "hearsay"}, "hearsay is not in sources.csv"),
        ("countries.csv", {"zone": "FR"}, {"earlier_sources": "greene_2025"}, "greene_2025 is not in sources.csv"),
        ("cloud_regions.csv", {"region": "aws:us-east-2"}, {"region": "aws:us-east-1"}, "two rows of that id"),
    ],
)
def test_the_build_refuses_a_row_in_one_clear_line(inputs, tmp_path, file, where, cells, says):
    """Exit code 1, one line that names the row and why, and no file written."""
    spoil(inputs / file, where, **cells)
    out = tmp_path / "out"
    result = build(inputs, out)
    assert result.returncode == 1
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr
    assert not (out / "catalogue.json").exists()


def test_the_build_refuses_a_kept_row_without_a_source(tmp_path):
    """Rows that other scripts write are held to the same rules."""
    kept = tmp_path / "kept"
    kept.mkdir()
    header = (DATA / "pue.csv").read_text(encoding="utf-8").splitlines()[0]
    (kept / "sensors.csv").write_text(
        f"{header}\nsensor/gain/x,sensor,gain,x,J,0.9,1,1.1,envelope,,ratio,2020,published,,\n"
    )
    result = build(INPUTS, tmp_path / "out", kept)
    assert result.returncode == 1
    assert "sensor/gain/x: it names no source" in result.stderr


# --- what it holds ---


def test_it_holds_the_world_200_countries_and_all_states_of_the_us():
    assert len(COUNTRIES) >= 200
    states = [zone for zone in catalogue.zones().names if re.fullmatch("US-[A-Z]{2}", zone)]
    subregions = [zone for zone in catalogue.zones().names if re.fullmatch("US-[A-Z]{4}", zone)]
    assert (len(states), len(subregions)) == (51, 27)
    for zone in (*COUNTRIES, *states, *subregions, "WORLD", "CA-QC", "AU-NSW", "CN-BJ", "SE3"):
        assert central(zone) > 0


def test_namibia_is_a_country_and_no_gap():
    assert catalogue.zones().names["NA"] == "Namibia"
    assert {row.zone for row in catalogue.load("NA").factors if row.indicator == "carbon_location"} == {"NA"}


def test_every_amount_is_ordered_finite_and_not_negative():
    for row in ALL:
        assert 0 <= row.low <= row.central <= row.high < math.inf, row


def test_no_row_claims_a_tested_interval():
    assert {row.kind for row in ALL if row.indicator in {"carbon_location", "water", "pue"}} == {"envelope"}


def test_every_row_has_sources_that_are_known_and_may_ship():
    with (DATA / "sources.csv").open(encoding="utf-8", newline="") as file:
        may_ship = {row["id"] for row in csv.DictReader(file) if row["redistribute"] in {"yes", "facts only"}}
    known = catalogue.sources()
    for row in ALL:
        assert row.sources
        assert set(row.sources) <= may_ship, row
    for source in known.values():
        assert source.title
        assert source.publisher
        assert source.licence


def test_no_two_rows_have_one_id():
    assert len({row.id for row in ALL}) == len(ALL)


def test_direct_and_upstream_make_the_total_in_every_zone_and_year():
    """Low, central and high alike, to 1e-9."""
    parts = defaultdict(dict)
    for row in ALL:
        if row.indicator == "carbon_location":
            parts[row.zone, row.year][row.part] = row
    for zone, of in parts.items():
        assert set(of) == {"direct", "upstream", "grid_losses", "total"}, zone
        for end in ("low", "central", "high"):
            both = getattr(of["direct"], end) + getattr(of["upstream"], end)
            assert both == pytest.approx(getattr(of["total"], end), rel=1e-9, abs=1e-9), (zone, end)


def test_norway_france_germany_and_poland_stand_in_the_known_order():
    assert central("NO") < central("FR") < central("DE") < central("PL")


def test_a_polish_kilowatt_hour_is_more_than_four_french_ones():
    assert central("PL") > 4 * central("FR")


def test_the_world_spans_the_5th_to_the_95th_percentile_of_countries():
    """No more than one country in twenty lies below, and none more above."""
    world = find(IN_ZONE["WORLD"], "carbon_location", "total")
    values = [central(zone) for zone in COUNTRIES]
    assert sum(value < world.low for value in values) <= 0.06 * len(values)
    assert sum(value > world.high for value in values) <= 0.06 * len(values)
    assert 400 < world.central < 550


def test_zones_with_a_direct_figure_say_that_upstream_was_added():
    california = {row.part: row for row in catalogue.rows("US-CA", "carbon_location")}
    assert california["direct"].how == "published"
    assert california["upstream"].how == "derived"
    assert california["upstream"].low < california["upstream"].central < california["upstream"].high
    assert "upstream of its own mix" in california["total"].note


def test_a_place_without_figures_of_its_own_is_a_fallback_and_says_whose_stand_in():
    monaco = next(row for row in catalogue.rows("MC", "carbon_location") if row.part == "total")
    assert monaco.how == "fallback"
    assert "FR" in monaco.note


def test_reservoirs_are_a_row_of_their_own():
    """The plants' water of a country of hydropower is near nothing; its reservoirs' is not."""
    assert central("NO", "water", "plants") < 0.1 < central("NO", "water", "reservoirs")


def test_a_pue_is_one_or_more():
    assert all(row.low >= 1 for row in ALL if row.indicator == "pue")


# --- reading it ---


@pytest.mark.parametrize("zone", ["FR", "NA", "US-CA", "WORLD", "CN-BJ", "NO2", "ZW", "AD"])
def test_one_zone_read_alone_gives_the_rows_of_the_whole_files(zone):
    mine = {"carbon_location", "water"}
    alone = {row for row in catalogue.load(zone).factors if row.indicator in mine and row.part != "on_site"}
    assert alone == {row for row in ALL if row.zone == zone and row.indicator in mine}
    assert alone


def test_the_most_specific_hosting_is_taken():
    """The region's figure, else its provider's, else that of unknown hosting."""

    def pue_zone(zone: str, given: str) -> list[str]:
        return [row.zone for row in catalogue.load(zone, given).factors if row.indicator == "pue"]

    assert pue_zone("US-CA", "aws:us-west-1") == ["aws:us-west-1"]
    assert pue_zone("FR", "aws:eu-nowhere-1") == ["aws"]
    assert pue_zone("FR", "somecloud:paris") == ["unknown-hosting"]
    assert pue_zone("FR", "FR") == ["unknown-hosting"]


def test_sensors_and_power_models_are_always_there():
    """They do not depend on the zone."""
    kinds = {row.indicator for row in catalogue.load("FR").factors}
    assert {"sensor", "power_model"} <= kinds


def test_the_loader_imports_nothing_but_the_standard_library_and_ourselves():
    code = "import sys; from footprint import catalogue; catalogue.load('FR'); catalogue.zones();"
    code += "print([m for m in sys.modules if m.split('.')[0] in {'csv', 'numpy', 'pandas', 'difflib', 'hashlib'}])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_data_folder_of_ones_own_can_be_read(tmp_path):
    build(INPUTS, tmp_path)
    assert catalogue.load("FR", data=str(tmp_path)) == catalogue.load("FR")
