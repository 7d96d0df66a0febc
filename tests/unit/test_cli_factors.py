"""``footprint factors``: what is printed of the catalogue, and what is said of a place that is not in it."""

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from footprint import catalogue
from footprint.cli.factors import command
from footprint.cli.factors_text import plain_lines
from footprint.errors import UsageError
from footprint.factors import Factor, SourceRef


def run(*words: str) -> str:
    result = CliRunner().invoke(command, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_show_names_the_place_scope_year_and_source():
    text = run("show", "FR")
    for said in ("France (FR)", "gCO2e per kWh", "lifecycle", "year 20", "envelope", "Ember", "Licence:"):
        assert said in text, said


def test_show_json_is_the_contracts_document():
    told = json.loads(run("show", "US-CA", "--json"))
    assert told["schema"] == "footprint.factors/1"
    assert told["zone"] == "US-CA"
    assert told["catalogue"]
    for one in told["factors"]:
        assert one["low"] <= one["central"] <= one["high"]
        assert one["how"] in {"published", "derived", "fallback"}
        assert {"id", "title", "publisher", "year", "licence"} <= set(one["source"])
        assert {"indicator", "class", "per", "kind", "scope", "unit", "year"} <= set(one)


def test_show_of_a_cloud_region_has_its_pue_and_water():
    told = json.loads(run("show", "aws:us-west-1", "--json"))
    assert told["zone"] == "US-CA"
    assert {"pue", "water", "carbon_location"} <= {one["indicator"] for one in told["factors"]}


def test_one_indicator_and_one_year_can_be_asked_for():
    told = json.loads(run("show", "FR", "--indicator", "carbon_location", "--year", "2025", "--json"))
    assert {(one["indicator"], one["year"]) for one in told["factors"]} == {("carbon_location", 2025)}


def test_a_part_of_a_country_says_that_the_countrys_figures_are_shown():
    assert run("show", "FR-ARA").startswith("FR-ARA is not in the catalogue: the figures are those of France")


@pytest.mark.parametrize("words", [("show", "Frankreich"), ("show", "FR", "--indicator", "noise")])
def test_what_is_not_there_is_refused_with_what_is_near(words):
    with pytest.raises(UsageError) as refused:
        run(*words)
    assert refused.value.exit_code == 2
    assert "France" in str(refused.value) or "carbon_location" in str(refused.value)


@pytest.mark.parametrize(("year", "taken"), [(2023, 2023), (2024, 2023), (2025, 2025), (2030, 2025), (1999, 2023)])
def test_a_year_shows_what_a_run_of_that_year_takes(year, taken):
    """The year's own figure, else the nearest before it, else the nearest: each says of which year it is."""
    told = json.loads(run("show", "FR", "--indicator", "carbon_location", "--year", str(year), "--json"))
    assert [(one["part"], one["year"]) for one in told["factors"]] == [
        (part, taken) for part in ("total", "direct", "grid_losses", "upstream")
    ]
    assert (told["year"], told["years"]) == (year, [2023, 2025])
    said = run("show", "FR", "--indicator", "carbon_location", "--year", str(year))
    assert (f"year {taken}, as there is none of {year}" in said) == (year != taken)
    assert "Years of these figures: 2023, 2025." in said


def test_without_a_year_the_newest_of_each_part_is_shown():
    told = json.loads(run("show", "AU-NSW", "--indicator", "carbon_location", "--json"))
    assert [one["year"] for one in told["factors"]] == [2026] * 4
    assert told["years"] == [2024, 2026]


def test_show_says_whether_generation_or_consumption_is_counted():
    assert "direct (consumption), published" in run("show", "CA-QC", "--indicator", "carbon_location")
    assert "direct (generation), published" in run("show", "US-CAMX", "--indicator", "carbon_location")
    told = json.loads(run("show", "CA-QC", "--indicator", "carbon_location", "--json"))["factors"]
    assert {one["part"]: one["basis"] for one in told} == {
        "direct": "consumption", "upstream": "generation", "grid_losses": "direct of consumption and upstream of generation",
        "total": "direct of consumption and upstream of generation",
    }  # fmt: skip


def test_plain_figures_are_as_in_their_golden_file():
    """Each line names its factor, with words for what the other text tells by indents."""
    row = Factor(
        "water/plants/FR/2023", "water", "plants", "FR", "kWh", 0.5, 1.4, 2.5, "envelope", "direct", "L", 2023,
        "published", ("grid",), "of the mix",
    )  # fmt: skip
    hosting = row._replace(id="pue/x/2023", indicator="pue", part="facility", zone="hosting", per="kWh-it", note="")
    sources = {"grid": SourceRef("grid", "Electricity", "An office", 2026, "CC BY 4.0")}
    said = "\n".join(plain_lines("FR", "France", (row, hosting), sources)) + "\n"
    said = said.replace(catalogue.identity()[0], "VERSION")
    path = Path(__file__).parents[1] / "golden" / "factors-show-plain.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")


def test_figures_that_are_over_18_months_old_today_say_so():
    """In the text beside their year, in JSON as ``aged``; not where a year was asked for, which is then the run's."""
    today = datetime.now(UTC).date().isoformat()
    told = json.loads(run("show", "FR", "--json"))["factors"]
    assert {one["aged"] for one in told} <= {True, False}
    for one in told:
        assert one["aged"] == (one["per"] in {"kWh", "kWh-it"} and today[:7] >= f"{one['year'] + 2}-07")
    marked = [line for line in run("show", "FR").splitlines() if "over 18 months old" in line]
    assert len(marked) == sum(one["aged"] for one in told)
    assert all(re.search(r"year \d{4}, over 18 months old$", line) for line in marked)
    assert "over 18 months old" not in run("show", "FR", "--year", "2023")


def test_plain_list_has_no_columns(monkeypatch):
    monkeypatch.setenv("FOOTPRINT_PLAIN", "1")
    assert "\nNA: Namibia\n" in run("list")
    assert "  " not in run("list")


def test_list_has_every_place():
    text = run("list")
    assert "NA       Namibia" in text
    assert len(json.loads(run("list", "--json"))["zones"]) > 300


@pytest.mark.parametrize("words", [("--help",), ("show", "--help"), ("list", "--help")])
def test_help_has_an_example(words):
    assert "Example" in run(*words)
