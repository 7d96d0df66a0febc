"""Of which year the factors are: from the start of a run, or the year that an estimate names, to the ids in its result."""

import json
from datetime import UTC, datetime

import pytest
from account_run import run as measured
from click.testing import CliRunner

from footprint import catalogue
from footprint.account.account import account
from footprint.cli.estimate import command
from footprint.explain import document, known_of
from footprint.records.raw import RegionRef

TAKEN = {2021: 2023, 2023: 2023, 2024: 2023, 2025: 2025, 2026: 2025, 2031: 2025}
"""Year of a run in France → year of the carbon that it takes: its own, else the nearest before, else the nearest."""


def of_year(year: int, zone: str = "FR"):
    """The result of the hand-made run, had it started at noon on the first of July of ``year``."""
    raw = measured()
    started = datetime(year, 7, 1, 12, tzinfo=UTC).timestamp()
    head = raw.head._replace(started_at=started, region=RegionRef(zone, "flag"))
    return account(raw._replace(head=head), catalogue.load(zone))


def years_of(result, key: str) -> set[str]:
    return {name.rpartition("/")[2] for name in result.impacts[key].factors}


@pytest.mark.parametrize(("year", "taken"), TAKEN.items())
def test_a_run_takes_the_factors_of_its_year(year, taken):
    """Direct, upstream and losses are of one year; the carbon of 2023 is not that of 2025."""
    result = of_year(year)
    assert years_of(result, "carbon_location") == {str(taken)}
    kwh = result.energy.facility_kwh.central
    rows = [row for row in catalogue.rows("FR", "carbon_location") if row.year == taken and row.part != "total"]
    assert result.impacts["carbon_location"].operational.central == pytest.approx(
        kwh * sum(row.central for row in rows)
    )


def test_the_same_run_of_another_year_differs_in_carbon_alone():
    """Water and land have one year: nothing of them moves."""
    before, now = of_year(2023), of_year(2025)
    assert before.energy == now.energy
    assert before.impacts["carbon_location"].operational != now.impacts["carbon_location"].operational
    for key in ("water", "land", "primary_energy", "minerals"):
        assert before.impacts[key] == now.impacts[key], key


def test_a_residual_mix_is_that_of_the_runs_year():
    for year, g_per_kwh in ((2024, 810), (2025, 810), (2026, 790)):
        result = of_year(year, "AU")
        assert years_of(result, "carbon_market") == {str(year)}
        share = result.impacts["carbon_market"].operational.central / result.energy.facility_kwh.central
        assert share == pytest.approx(g_per_kwh)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("US-CA", "direct figure (generation) plus upstream of its own mix; low and high span those of US-CAMX"),
        ("US-CAMX", "direct figure (generation) plus upstream by the mix of US-CA"),
        ("CA-QC", "direct figure (consumption) plus upstream of its own mix"),
        ("BR-SIN", "direct figure (generation; CO2 only) plus upstream of its own mix"),
        ("AU-NSW", "direct figure (scope 2 of the national accounts) plus scope 3 of the same"),
    ],
)
def test_explain_says_where_upstream_was_added_to_a_direct_figure(zone, said):
    """Life cycle is a sum of two figures of different origin there: nothing is mixed in silence."""
    known = known_of(of_year(2026, zone), catalogue.rows(zone), catalogue.sources(), zone)
    steps = {one["name"]: one for one in document(of_year(2026, zone), known, "carbon_location")["steps"]}
    factors = [one["factor"] for one in steps.values() if one["factor"] and one["factor"]["id"].startswith("carbon_")]
    assert {one["part"] for one in factors} == {"direct", "upstream", "grid_losses"}
    for one in factors:
        if one["part"] != "grid_losses":
            assert one["note"].startswith(said), one
            assert one["basis"], one
    direct = next(one for one in factors if one["part"] == "direct")
    assert (direct["how"], direct["scope"]) == ("published", "direct")


@pytest.mark.parametrize("zone", ["US-CAMX", "US-CA", "SE3", "CN-YN", "AQ"])
def test_a_place_with_one_year_takes_it_for_every_run(zone):
    assert years_of(of_year(2022, zone), "carbon_location") == years_of(of_year(2026, zone), "carbon_location")


@pytest.mark.parametrize(("year", "taken"), TAKEN.items())
def test_an_estimate_takes_the_factors_of_the_year_that_it_names(year, taken):
    """And says so where there are none of that year."""
    words = ["--energy-kwh", "10", "--region", "FR", "--year", str(year)]
    said = CliRunner().invoke(command, [*words, "--json"], catch_exceptions=False).output
    told = json.loads(said)
    assumed = {one["factor"]: one["why"] for one in told["assumed"] if one["factor"]}
    carbon = {name: why for name, why in assumed.items() if name.startswith("carbon_location/")}
    assert {name.rpartition("/")[2] for name in carbon} == {str(taken)}
    for why in carbon.values():
        assert why.endswith(f", {taken}" if year == taken else f", {taken}, as there is none of {year}"), why
