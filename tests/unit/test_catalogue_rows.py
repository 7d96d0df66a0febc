"""What must hold in every row of the catalogue and in every line of its inputs, whatever their figures are."""

import csv
import math
import re
import shutil
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from footprint import catalogue
from footprint.factors import Catalogue, find
from footprint.impacts import impacts_of
from footprint.interval import exact

ROOT = Path(__file__).parents[2]
DATA = ROOT / "footprint" / "data"
INPUTS = ROOT / "catalogue" / "inputs"
sys.path.insert(0, str(ROOT / "scripts"))

import build_catalogue  # noqa: E402 - scripts are no package
from catalogue_rows import FUELS  # noqa: E402 - scripts are no package

ALL = catalogue.rows()
OF_ZONE = defaultdict(list)
for _row in ALL:
    OF_ZONE[_row.zone].append(_row)
UNITS = {
    # (indicator, part) -> (unit, per), of all that a place has
    ("carbon_location", "total"): ("gCO2e", "kWh"),
    ("carbon_location", "direct"): ("gCO2e", "kWh"),
    ("carbon_location", "upstream"): ("gCO2e", "kWh"),
    ("carbon_location", "grid_losses"): ("gCO2e", "kWh"),
    ("carbon_market", "residual"): ("gCO2e", "kWh"),
    ("water", "plants"): ("L", "kWh"),
    ("water", "reservoirs"): ("L", "kWh"),
    ("water", "on_site"): ("L", "kWh-it"),
    ("pue", "facility"): ("kWh", "kWh-it"),
    ("land", "electricity"): ("m2.yr", "kWh"),
    ("minerals", "electricity"): ("kgSb-eq", "kWh"),
    ("primary_energy", "electricity"): ("MJ", "kWh"),
}
MAY_BE_ZERO = {("carbon_location", "grid_losses"), ("water", "reservoirs"), ("water", "on_site")}
"""Australia's upstream holds its losses; not every place has reservoirs; not every building is cooled with water."""
SCOPES = {"total": "lifecycle", "direct": "direct", "upstream": "upstream", "grid_losses": "losses"}
BASES = {"generation", "consumption", "direct of consumption and upstream of generation"}
ELECTRICITY = {"carbon_location", "water", "land", "minerals", "primary_energy"}
WITHOUT_FUEL = {"AL", "BT", "CD", "CF", "IS", "LS", "NP", "PY"}
"""Places whose plants burn nothing: their direct carbon is zero."""
PLACELESS = {"AQ", "BV", "GS", "HM", "PN", "TF", "TK", "UM"}


def records(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def known_sources() -> dict[str, dict[str, str]]:
    return build_catalogue.read_sources(INPUTS)


def mixes() -> list[dict[str, str]]:
    return [one for name in ("countries", "zones") for one in records(INPUTS / f"{name}.csv") if one["coal"]]


def of_part(zone: str, indicator: str, part: str, year: int | None = None):
    row = find(OF_ZONE[zone], indicator, part, year)
    assert row is not None, (zone, indicator, part)
    return row


# --- inputs ---


def test_the_shares_of_every_mix_sum_to_one():
    """As the sources print them, rounded, before the build makes them exact."""
    assert len(mixes()) > 340
    for one in mixes():
        shares = [float(one[fuel] or 0) for fuel in FUELS]
        assert math.fsum(shares) == pytest.approx(1, abs=5e-4), one["zone"]
        assert all(0 <= share <= 1 for share in shares), one["zone"]


@pytest.mark.parametrize("folder", [DATA, INPUTS])
def test_low_central_and_high_are_in_order_in_every_line_of_every_csv(folder):
    """Also where the columns have a prefix or a unit: ``hydro_l_low``, ``low_w``."""
    seen = 0
    for path in sorted(folder.glob("*.csv")):
        for number, one in enumerate(records(path), 2):
            for column in [name for name in one if re.search(r"(^|_)low(_|$)", name) and "ratio" not in name]:
                cells = [
                    one.get(re.sub(r"(^|_)low(_|$)", rf"\1{part}\2", column)) for part in ("low", "central", "high")
                ]
                cells[1] = cells[1] or one.get("rated_w")
                amounts = [float(cell) for cell in cells if cell]
                assert amounts == sorted(amounts), (path.name, number, column)
                assert all(0 <= amount < math.inf for amount in amounts), (path.name, number, column)
                seen += len(amounts) == 3
    assert seen > 250


def test_a_spread_between_methods_spans_their_agreement():
    for one in records(INPUTS / "uncertainty.csv"):
        assert float(one["low_ratio"]) < 1 < float(one["high_ratio"]), one["class"]


@pytest.mark.parametrize("path", sorted(INPUTS.glob("*.csv")), ids=lambda path: path.stem)
def test_every_input_is_refused_where_one_of_its_sources_may_not_ship(path):
    """Whichever source of the file it is: the line that names it first is told."""
    named = {name for _, names in build_catalogue.sources_in(path) for name in names}
    if not named and not path.stem.startswith("sources"):
        cells = [cell for one in records(path) for cell in one.values()]
        assert not any(re.search(r"\d", cell) for cell in cells), "a figure without a source"
    for name in sorted(named):
        sources = known_sources()
        sources[name] = {**sources[name], "redistribute": "no"}
        with pytest.raises(build_catalogue.Refused, match=f"line [0-9]+: source {name} may not ship"):
            build_catalogue.check_input_sources(INPUTS, sources)


def test_a_file_that_another_script_makes_is_refused_where_its_source_may_not_ship(tmp_path):
    """Devices are no rows of factors, and are held to the same."""
    kept = Path(shutil.copytree(DATA, tmp_path / "kept"))
    with (kept / "devices.csv").open("a", encoding="utf-8") as file:
        file.write("gpu,Some card,TDP,1,1,1,hearsay,,\n")
    with pytest.raises(build_catalogue.Refused, match=r"devices.csv line [0-9]+: source hearsay is not in sources.csv"):
        build_catalogue.build(INPUTS, kept, tmp_path / "out")


def test_what_may_not_be_passed_on_is_nowhere():
    """No row, no input and no source of those that were judged and left out."""
    gone = re.compile(
        r"aware|impact.?world|greene|green-e|\baib\b|ecoinvent|electricity_maps|watttime|ademe", re.IGNORECASE
    )
    for source, one in known_sources().items():
        assert one["redistribute"] in build_catalogue.MAY_SHIP, source
        assert not gone.search(source), source


# --- sources ---


def test_every_source_says_what_who_when_where_and_what_rests_on_it():
    for one in records(DATA / "sources.csv"):
        for column in ("id", "title", "publisher", "year", "licence", "redistribute"):
            assert one[column], (one["id"], column)
        assert one["used_in"], f"{one['id']} is used nowhere"
        assert one["read_in"] or one["publisher"] == "Compute Footprint", one["id"]
    for one in records(INPUTS / "sources.csv"):
        assert one["licence_read_in"], one["id"]


def test_the_licence_of_the_data_is_a_file_of_its_own_and_names_whom_to_attribute():
    text = " ".join((DATA / "LICENCE-DATA.md").read_text(encoding="utf-8").split())
    for name in (
        "Our World in Data", "Ember", "Energy Institute", "IPCC", "UNECE", "Lovering", "US EPA", "US EIA", "DCCEEW",
        "Environment and Climate Change Canada", "RIVM", "World Resources Institute", "Umweltbundesamt", "Google",
        "Green Algorithms", "CodeCarbon", "CC BY 4.0",
    ):  # fmt: skip
        assert name in text, name


# --- rows ---


def test_every_row_is_named_by_what_it_is():
    for row in ALL:
        if row.zone in catalogue.zones().names:
            whose = row.indicator if row.indicator != "embodied" else ""
            assert not whose or row.id == f"{row.indicator}/{row.part}/{row.zone}/{row.year}", row


def test_every_row_of_a_place_has_the_unit_of_its_part_and_a_year():
    for row in ALL:
        key = (row.indicator, row.part)
        if key in UNITS:
            assert (row.unit, row.per) == UNITS[key], row
            assert 1990 < row.year < 2100, row
            assert row.how in {"published", "derived", "fallback"}, row


def test_no_indicator_is_zero_where_energy_is_not():
    for row in ALL:
        if (row.indicator, row.part) in UNITS:
            burns_nothing = row.part in {"direct", "plants"} and row.zone in WITHOUT_FUEL
            assert row.central > 0 or burns_nothing or (row.indicator, row.part) in MAY_BE_ZERO, row
            assert row.high > 0 or (row.indicator, row.part) in MAY_BE_ZERO, row


def test_where_no_fuel_is_burnt_the_range_still_holds_that_of_imports():
    """Zero is what the plants of the place burn, not what is known of its sockets."""
    for zone in WITHOUT_FUEL:
        direct = of_part(zone, "carbon_location", "direct")
        assert direct.low == 0 < direct.high, direct


def test_every_place_has_every_indicator():
    wanted = {key for key in UNITS if key[0] in ELECTRICITY and key[1] != "on_site"}
    for zone in catalogue.zones().names:
        assert wanted <= {(row.indicator, row.part) for row in OF_ZONE[zone]}, zone


def test_every_figure_of_electricity_says_its_scope_and_whether_generation_or_consumption_is_counted():
    for row in ALL:
        if row.indicator in ELECTRICITY and row.part != "on_site" and row.zone in catalogue.zones().names:
            assert row.basis in BASES, row
            assert row.scope, row
        if row.indicator == "carbon_location":
            assert row.scope == SCOPES[row.part], row


def test_a_direct_figure_of_consumption_is_never_mixed_with_upstream_of_generation_in_silence():
    for zone, rows in OF_ZONE.items():
        for year in {row.year for row in rows if row.indicator == "carbon_location"}:
            parts = {row.part: row for row in rows if row.indicator == "carbon_location" and row.year == year}
            bases = {parts["direct"].basis, parts["upstream"].basis}
            if len(bases) == 1:
                assert parts["total"].basis in bases, zone
            else:
                assert parts["total"].basis == "direct of consumption and upstream of generation", zone
            if parts["direct"].how == "published":
                assert "plus upstream" in parts["total"].note or "plus scope 3" in parts["total"].note, zone
                assert parts["upstream"].low < parts["upstream"].high, zone


@pytest.mark.parametrize("year", [2020, 2022, 2023, 2024, 2025, 2026])
def test_direct_upstream_and_losses_make_the_carbon_of_a_kilowatt_hour_in_every_place(year):
    """Low, central and high alike, to 1e-9; and nothing is lost on the way from the rows to the result."""
    for zone in catalogue.zones().names:
        rows = Catalogue("", "", tuple(OF_ZONE[zone]))
        impact = impacts_of(exact(1.0), exact(1.0), exact(1.0), rows, year)["carbon_location"]
        of_row = [of_part(zone, "carbon_location", part, year) for part in ("total", "grid_losses")]
        assert of_row[0].year == of_row[1].year
        for end in ("low", "central", "high"):
            parts = math.fsum(getattr(part, end) for part in impact.parts.values())
            assert parts == pytest.approx(getattr(impact.operational, end), rel=1e-9, abs=1e-9), (zone, end)
            whole = math.fsum(getattr(row, end) for row in of_row)
            assert parts == pytest.approx(whole, rel=1e-9, abs=1e-9), (zone, end)


@pytest.mark.parametrize("year", [None, 2022, 2023, 2024, 2025])
def test_norway_france_germany_and_poland_stand_in_that_order_every_year(year):
    centrals = [of_part(zone, "carbon_location", "total", year).central for zone in ("NO", "FR", "DE", "PL")]
    assert centrals == sorted(centrals)
    assert len(set(centrals)) == 4


# --- what is a fallback ---


def test_a_place_without_data_takes_the_worlds_figures_in_a_wide_range_and_says_so():
    world = of_part("WORLD", "carbon_location", "total")
    for zone in PLACELESS:
        for row in OF_ZONE[zone]:
            assert row.how == "fallback", row
            assert row.note.startswith("no figure"), row
        total = of_part(zone, "carbon_location", "total")
        assert total.low < world.low < world.high < total.high


def test_a_neighbours_figures_are_a_fallback_in_every_indicator():
    for one in records(INPUTS / "countries.csv"):
        hows = {row.how for row in OF_ZONE[one["zone"]] if row.indicator in ELECTRICITY and row.part != "grid_losses"}
        assert (hows == {"fallback"}) == bool(one["quality"]), one["zone"]


def test_a_zone_without_a_mix_of_its_own_says_so():
    """Subregions of the US take their states', zones their country's."""
    without = [one["zone"] for one in records(INPUTS / "zones.csv") if not one["coal"]]
    without += [one["zone"] for one in records(INPUTS / "subregions.csv")]
    assert len(without) == 37
    for zone in without:
        for indicator, part in (("land", "electricity"), ("water", "plants"), ("minerals", "electricity")):
            row = of_part(zone, indicator, part)
            assert (row.how, row.note[:21]) == ("fallback", "no mix of its own: th") or row.how == "fallback", row
            assert row.note.startswith("no mix of its own"), row


def test_a_subregion_spans_the_states_that_lie_in_it():
    for one in records(INPUTS / "subregions.csv"):
        for indicator, part in (("land", "electricity"), ("water", "plants"), ("primary_energy", "electricity")):
            row = of_part(one["zone"], indicator, part)
            states = [of_part(state, indicator, part) for state in one["states"].split(";")]
            assert row.low == min(state.low for state in states), row
            assert row.high == max(state.high for state in states), row
            assert row.central == pytest.approx(sum(state.central for state in states) / len(states), rel=1e-6)


def test_a_subregions_direct_figure_is_that_of_egrid():
    camx = of_part("US-CAMX", "carbon_location", "direct")
    assert (camx.central, camx.year, camx.how, camx.basis) == (195.04, 2023, "published", "generation")
    assert "upstream by the mix of US-CA" in camx.note


def test_a_states_range_holds_its_subregions():
    for one in records(INPUTS / "subregions.csv"):
        for state in one["states"].split(";"):
            if state.startswith("US-"):
                for part in ("total", "direct"):
                    row = of_part(state, "carbon_location", part)
                    assert row.low <= of_part(one["zone"], "carbon_location", part).central <= row.high, (state, one)
                assert one["zone"] in of_part(state, "carbon_location", "total").note


def test_a_region_without_a_figure_of_its_own_is_a_fallback():
    """A company's mean stands for a site, and says so."""
    for one in records(INPUTS / "cloud_regions.csv"):
        for use, indicator in (("pue", "pue"), ("wue", "water")):
            row = next(row for row in OF_ZONE[one["region"]] if row.indicator == indicator)
            assert (row.how == "published") == (one[f"{use}_of"] == "site"), row
            assert row.how == "published" or row.note.startswith("no figure of its own"), row
            assert row.low < row.high, row


# --- cloud regions ---


def test_every_cloud_region_stands_in_a_zone_that_there_is_and_has_pue_and_water():
    table = catalogue.zones()
    providers = {region.partition(":")[0] for region in table.regions}
    assert {"aws", "gcp", "azure", "ovh", "scaleway", "hetzner"} <= providers
    for region, zone in table.regions.items():
        assert zone in table.names, region
        assert {row.indicator for row in OF_ZONE[region]} == {"pue", "water"}, region


@pytest.mark.parametrize(
    ("region", "zone"),
    [
        ("aws:ap-southeast-5", "MY"), ("aws:mx-central-1", "MX"), ("aws:eusc-de-east-1", "DE"),
        ("aws:cn-north-1", "CN-BJ"), ("azure:usgovvirginia", "US-VA"), ("gcp:us-central1", "US-IA"),
    ],
)  # fmt: skip
def test_a_cloud_region_is_where_its_provider_says(region, zone):
    assert catalogue.zones().regions[region] == zone


# --- years ---


def test_more_than_one_year_is_kept_where_the_inputs_have_it():
    years = defaultdict(set)
    for row in ALL:
        if row.indicator == "carbon_location" and row.part == "total":
            years[row.zone].add(row.year)
    assert sum(len(found) > 1 for found in years.values()) > 200
    assert years["FR"] == {2023, 2025}
    assert years["AU-NSW"] == {2024, 2026}
    assert len(years["WORLD"]) == 2


def test_a_run_takes_the_figure_of_its_year_else_the_one_before():
    taken = [of_part("FR", "carbon_location", "total", year).year for year in (2021, 2023, 2024, 2025, 2026)]
    assert taken == [2023, 2023, 2023, 2025, 2025]
    rows = catalogue.load("AU-NSW")
    used = [
        [name for name in impacts_of(exact(1.0), exact(1.0), exact(1.0), rows, year)[key].factors if "/AU-NSW/" in name]
        for key, year in (("carbon_location", 2024), ("carbon_market", 2025))
    ]
    assert {name.rpartition("/")[2] for name in used[0]} == {"2024"}
    assert used[1] == ["carbon_market/residual/AU-NSW/2025"]


# --- the form on disk ---


def test_a_copy_of_an_older_catalogue_still_loads(tmp_path):
    """Without the column that says the basis, and without the note."""
    for path in DATA.iterdir():
        shutil.copy(path, tmp_path)
    for columns in (15, 14):
        for path in tmp_path.glob("*.csv"):
            lines = path.read_text(encoding="utf-8").splitlines()
            if lines[0].startswith("id,indicator,part,zone"):
                kept = [",".join(line.split(",")[:columns]) for line in lines]
                path.write_text("\n".join(kept) + "\n", encoding="utf-8")
        older = catalogue.load("US-CA", "aws:us-west-1", data=str(tmp_path)).factors
        now = catalogue.load("US-CA", "aws:us-west-1").factors
        bare = [row._replace(basis="", note=row.note if columns == 15 else "") for row in now]
        assert list(older) == bare


def test_every_zone_read_alone_gives_its_rows_of_the_whole_files():
    for zone in catalogue.zones().names:
        alone = [row for row in catalogue.load(zone).factors if row.zone == zone]
        assert sorted(alone) == sorted(OF_ZONE[zone]), zone
