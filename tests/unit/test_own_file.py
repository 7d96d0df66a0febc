"""A user's file of factors: what is right is read, and the first thing wrong is one line that names where it is."""

import hashlib
import os

import pytest
from own_files import CARBON, PLANTS, RESIDUAL, SCARCITY, WHOLE, text_of

from footprint import catalogue, own_file, stated_contract
from footprint.errors import UsageError
from footprint.own_factors import CONTRACTS, PARTS
from footprint.own_file import COLUMNS
from footprint.records.own_factors import Contract
from footprint.records.raw import RegionRef

TABLE = catalogue.zones()


def parsed(text, encoding="utf-8"):
    return own_file.parse(text.encode(encoding), "my.csv", TABLE)


def refused(text, encoding="utf-8"):
    with pytest.raises(UsageError) as fault:
        parsed(text, encoding)
    line = str(fault.value)
    assert fault.value.exit_code == 2
    assert "\n" not in line
    assert "my.csv" in line
    assert all((fault.value.what, fault.value.why, fault.value.fix))
    return line


def test_a_whole_file_is_read_as_it_is():
    found = parsed(text_of(CARBON, SCARCITY))
    one, two = found.rows
    assert (one.id, one.central, one.kind, one.source_publisher) == (
        "own/carbon_location/direct/FR/2024", 21.7, "envelope", "A supplier",
    )  # fmt: skip
    assert two.per == "m3"
    assert found.sha256 == hashlib.sha256(text_of(CARBON, SCARCITY).encode()).hexdigest()


def test_a_byte_order_mark_and_the_line_ends_of_windows_are_no_fault():
    text = text_of(CARBON)
    assert parsed(text.replace("\n", "\r\n"), "utf-8-sig").rows == parsed(text).rows


def test_columns_may_stand_in_any_order_and_blank_lines_are_passed_over():
    lines = text_of(CARBON, columns=COLUMNS[::-1]).splitlines()
    assert parsed("\n\n".join(lines)).rows == parsed(text_of(CARBON)).rows


def test_region_is_another_word_for_zone_and_names_of_places_are_known():
    text = text_of(CARBON | {"zone": "France"}).replace("zone,", "Region,", 1)
    assert parsed(text).rows == parsed(text_of(CARBON)).rows
    assert parsed(text_of(CARBON | {"zone": "FRA"})).rows == parsed(text_of(CARBON)).rows


def test_text_in_quotation_marks_may_have_commas_and_a_line_of_its_own_counts():
    quoted = text_of(CARBON | {"source_title": '"One, two"'})
    assert parsed(quoted).rows[0].source_title == "One, two"
    assert "line 3, column low" in refused(quoted + text_of(CARBON | {"zone": "DE", "low": "-1"}).splitlines()[1])


@pytest.mark.parametrize(
    ("cells", "line", "column", "says"),
    [
        ({"low": "-1"}, 2, "low", "is negative"),
        ({"low": "31"}, 2, "low", "low 31 is above high 30"),
        ({"central": "31"}, 2, "central", "does not lie between"),
        ({"central": "nan"}, 2, "central", "is no number"),
        ({"high": "inf"}, 2, "high", "is no number"),
        ({"high": "1e300"}, 2, "high", "more than there is"),
        ({"central": ""}, 2, "central", "it is empty"),
        ({"central": "1_0"}, 2, "central", "is no number"),
        ({"central": '"21,7"'}, 2, "central", "decimal point"),
        ({"unit": "kgCO2e"}, 2, "unit", "give the amount in gCO2e per kWh"),
        ({"per": "MWh"}, 2, "per", "give the amount in gCO2e per kWh"),
        ({"zone": "Frankreich"}, 2, "zone", "FR (France)"),
        ({"zone": "FR-75"}, 2, "zone", "write FR"),
        ({"zone": "aws:eu-west-9"}, 2, "zone", "aws:eu-west"),
        ({"zone": ""}, 2, "zone", "it is empty"),
        ({"indicator": "carbon_locaton"}, 2, "indicator", "the nearest is carbon_location"),
        ({"part": "upsteam"}, 2, "part", "the nearest is upstream"),
        ({"kind": "range"}, 2, "kind", "use one of: exact, p90"),
        ({"kind": "exact"}, 2, "kind", "has no range"),
        ({"scope": "lifecycle"}, 2, "scope", "is direct, and not 'lifecycle'"),
        ({"year": "24"}, 2, "year", "is no year"),
        ({"year": "2024.5"}, 2, "year", "is no year"),
        ({"source_title": ""}, 2, "source_title", "it names no source"),
        ({"source_publisher": ""}, 2, "source_publisher", "it names no source"),
        ({"source_licence": ""}, 2, "source_licence", "it names no source"),
        ({"source_year": ""}, 2, "source_year", "is no year"),
        ({"source_title": "\x1b[31m"}, 2, "source_title", "cannot be printed"),
    ],
)
def test_what_is_wrong_in_a_cell_is_told_with_its_line_and_column(cells, line, column, says):
    said = refused(text_of(CARBON | cells))
    assert f"my.csv, line {line}, column {column}: " in said
    assert says in said


@pytest.mark.parametrize("column", COLUMNS)
def test_each_column_that_is_missing_is_named(column):
    columns = tuple(name for name in COLUMNS if name != column)
    assert f"line 1, column {column}: it is missing" in refused(text_of(CARBON, columns=columns))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it is empty"),
        ("\n\n", "it is empty"),
        (text_of(), "a header and no row"),
        (text_of(CARBON).replace("zone,", "zone,colour,", 1), "there is no column 'colour'"),
        (text_of(CARBON).replace("note", "zone").replace("zone,", "zone,zone,", 1), "it is there twice"),
        (text_of(CARBON).replace(",", ";"), "not separated by commas"),
        (text_of(CARBON) + "FR,water\n", "line 3: it has 2 cells, and the header has 15"),
        (text_of(CARBON, CARBON), "is there already, in line 2"),
        (text_of(CARBON, CARBON | {"zone": "France"}), "line 3, column zone"),
        (text_of(CARBON) + '"FR', "it is no CSV"),
        (text_of(CARBON, WHOLE), "line 2, column part: FR has a total of carbon_location in line 3"),
    ],
)
def test_what_is_wrong_with_the_whole_is_told(text, says):
    assert says in refused(text)


def test_what_is_no_utf_8_is_told_with_its_line():
    assert "line 2: it is not UTF-8" in refused(text_of(CARBON | {"source_title": "Stromnetz Köln"}), "latin-1")
    assert "it is not UTF-8" in refused(text_of(CARBON), "utf-16")


def test_a_pue_below_one_cannot_be():
    pue = CARBON | {"indicator": "pue", "part": "facility", "unit": "kWh", "per": "kWh-it", "scope": "facility over IT"}
    cells = {"zone": "aws", "low": "0.9", "central": "1.1", "high": "1.2"}
    assert "column low: a PUE of 0.9 is below 1" in refused(text_of(pue | cells))
    assert parsed(text_of(pue | cells | {"low": "1.05"})).rows[0].zone == "aws"


def test_every_part_that_may_be_brought_is_one_that_can_be_read():
    rows = [
        CARBON | {"zone": "DE", "indicator": indicator, "part": part, "unit": one.unit, "per": one.per,
                  "scope": one.scope or "all", "low": "1", "central": "1", "high": "1", "kind": "exact"}
        for indicator, parts in PARTS.items() for part, one in parts.items() if part != "total"
    ]  # fmt: skip
    assert len(parsed(text_of(*rows)).rows) == sum(len(parts) for parts in PARTS.values()) - 1


# --- where the file stands ---


def test_a_files_name_in_settings_is_relative_to_the_settings_file(tmp_path):
    assert own_file.path_of("a.csv", "/etc/x/footprint.toml") == "/etc/x/a.csv"
    assert own_file.path_of("a.csv", "flag") == "a.csv"
    assert own_file.path_of("/b/a.csv", "/etc/footprint.toml") == "/b/a.csv"


@pytest.mark.parametrize("value", [7, "", "  ", ["a.csv"]])
def test_a_setting_that_is_no_name_is_refused(value):
    with pytest.raises(UsageError):
        own_file.path_of(value, "argument")


def test_what_is_no_readable_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, says in (
        (tmp_path / "none.csv", "No such file"),
        (tmp_path, "it is no file"),
        (tmp_path / "pipe", "no file"),
    ):
        with pytest.raises(UsageError, match=says):
            own_file.read(str(path), TABLE)


def test_a_file_that_changed_is_read_again(tmp_path):
    path = tmp_path / "my.csv"
    path.write_text(text_of(CARBON))
    before = own_file.read(str(path), TABLE)
    path.write_text(text_of(CARBON, SCARCITY))
    assert len(own_file.read(str(path), TABLE).rows) == len(before.rows) + 1


# --- which rows a place takes ---


def for_run(text, zone, given=""):
    found = own_file.for_run(parsed(text), None, RegionRef(zone, "flag", given or zone), TABLE)
    return [] if found is None else sorted(row.id for row in found.rows)


def test_a_run_takes_the_rows_of_its_place_and_no_others():
    text = text_of(CARBON, CARBON | {"zone": "DE"}, PLANTS)
    assert for_run(text, "FR") == ["own/carbon_location/direct/FR/2024", "own/water/plants/FR/2024"]
    assert for_run(text, "PL") == []


def test_a_cloud_regions_row_goes_before_its_grids():
    text = text_of(CARBON, CARBON | {"zone": "aws:eu-west-3"})
    assert for_run(text, "FR", "aws:eu-west-3") == ["own/carbon_location/direct/aws:eu-west-3/2024"]
    assert for_run(text, "FR") == ["own/carbon_location/direct/FR/2024"]


def test_a_state_takes_its_countrys_scarcity_but_no_countrys_grid():
    text = text_of(SCARCITY | {"zone": "US"}, CARBON | {"zone": "US"})
    assert for_run(text, "US-CA") == ["own/water_scarcity/scarcity/US/2023"]


def test_site_and_grid_take_the_scarcity_of_their_own_places():
    text = text_of(SCARCITY, SCARCITY | {"zone": "aws:eu-west-3"})
    assert for_run(text, "FR", "aws:eu-west-3") == [
        "own/water_scarcity/scarcity/FR/2023", "own/water_scarcity/scarcity/aws:eu-west-3/2023",
    ]  # fmt: skip


def test_a_building_in_a_country_is_none_of_a_clouds_there():
    """A provider's line is for all of its regions that have none of their own."""
    pue = CARBON | {"indicator": "pue", "part": "facility", "unit": "kWh", "per": "kWh-it", "scope": "facility over IT"}
    amounts = {"low": "1.1", "central": "1.2", "high": "1.3"}
    text = text_of(*(pue | amounts | {"zone": zone} for zone in ("FR", "aws", "aws:eu-west-3")))
    assert for_run(text, "FR") == ["own/pue/facility/FR/2024"]
    assert for_run(text, "FR", "aws:eu-west-3") == ["own/pue/facility/aws:eu-west-3/2024"]
    assert for_run(text, "IE", "aws:eu-west-1") == ["own/pue/facility/aws/2024"]
    assert for_run(text, "FR", "gcp:europe-west9") == []


def test_the_file_is_named_only_where_something_of_it_is_used():
    stated = Contract(0.0, "GO", "x", 2026)
    found = own_file.for_run(parsed(text_of(RESIDUAL)), stated, RegionRef("PL", "flag"), TABLE)
    assert (found.file, found.rows, found.contract) == ("", (), stated)


# --- contracts ---


def test_a_contract_is_read_from_a_table_and_from_text():
    table = {"intensity_g_per_kwh": 0, "kind": "PPA", "evidence": "contract 17, of May", "year": 2026}
    stated = stated_contract.contract_of(table, "contract")
    assert stated == Contract(0.0, "PPA", "contract 17, of May", 2026)
    assert stated_contract.contract_of("0 ppa 2026 contract 17, of May", "--contract") == stated
    assert {stated_contract.contract_of(f"1.5 {kind} 2026 x", "c").kind for kind in CONTRACTS} == set(CONTRACTS)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("", "does not say"), ("0 PPA 2026", "does not say"), ("x PPA 2026 e", "is no number"),
        ("-1 PPA 2026 e", "is no number"), ("0 EAC 2026 e", "use one of: PPA, GO, REC, tariff"),
        ("0 PPA 26 e", "it is no year"), (7, "neither a table nor text"), ({}, "it has no intensity_g_per_kwh"),
        ({"intensity": 0}, "there is no such key"),
        ({"intensity_g_per_kwh": -1, "kind": "GO", "evidence": "e", "year": 2026}, "no number from 0 on"),
        ({"intensity_g_per_kwh": float("nan"), "kind": "GO", "evidence": "e", "year": 2026}, "no number from 0 on"),
        ({"intensity_g_per_kwh": 0, "kind": "GO", "evidence": "", "year": 2026}, "it has no evidence"),
        ({"intensity_g_per_kwh": 0, "kind": "GO", "evidence": "e"}, "it has no year"),
        ({"intensity_g_per_kwh": 0, "kind": "GO", "evidence": "a\x1b[1m", "year": 2026}, "cannot be printed"),
    ],
)  # fmt: skip
def test_a_contract_that_cannot_be_is_refused(value, says):
    with pytest.raises(UsageError, match=says) as fault:
        stated_contract.of_setting(value, "environment")
    assert "FOOTPRINT_CONTRACT" in str(fault.value)
