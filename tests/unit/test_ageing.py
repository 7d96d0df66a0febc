"""Which factors of a run are old, and that a run takes those of its own year."""

import csv
import shutil
from pathlib import Path

import pytest

from footprint import catalogue
from footprint.account import account
from footprint.factors import Factor, is_aged
from footprint.records.document import as_document, from_document
from tests import account_run

FILE = "carbon_location.csv"


def factor(year, per="kWh"):
    return Factor("f", "water", "plants", "FR", per, 1, 2, 3, "envelope", "", "L", year, "published", ("s",))


@pytest.mark.parametrize(
    ("year", "day", "aged"),
    [
        (2023, "2025-06-30T23:59:59.999Z", False),
        (2023, "2025-07-01T00:00:00.000Z", True),
        (2024, "2026-06-30", False),
        (2024, "2026-07-01", True),
        (2025, "2024-01-01", False),
        (0, "2026-07-01", False),
    ],
)
def test_a_factor_is_old_18_months_after_the_end_of_its_year(year, day, aged):
    assert is_aged(factor(year), day) is aged


@pytest.mark.parametrize("per", ["m2.yr", "J", "piece", "GB"])
def test_what_does_not_describe_a_year_does_not_age(per):
    """A sensor's error, what land does to species, what making memory took."""
    assert not is_aged(factor(2011, per), "2026-07-01")
    assert is_aged(factor(2011, "kWh-it"), "2026-07-01")


def begun(year):
    """The hand-made run, begun on the 24 November of a year."""
    raw = account_run.run()
    days = {2020: 18_590, 2022: 19_320, 2024: 20_051, 2026: 20_781}[year]
    return raw._replace(head=raw.head._replace(started_at=days * 86_400.0))


def by_year(folder, years):
    """A folder of factors in which France's carbon is known for several years."""
    shutil.copytree(catalogue.DATA, folder, dirs_exist_ok=True)
    path = Path(folder) / FILE
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    newest = {row[2]: row for row in sorted(rows[1:], key=lambda row: row[11]) if row[3] == "FR"}
    france = list(newest.values())
    others = [row for row in rows if row[3] != "FR"]
    at = next(number for number, row in enumerate(others) if number and row[3] > "FR")
    made = []
    for year in years:
        for row in france:
            name = "/".join([*row[0].split("/")[:-1], str(year)])
            low, central, high = (f"{float(cell) * (1 + (2030 - year) / 100):.6g}" for cell in row[5:8])
            made.append([name, *row[1:5], low, central, high, *row[8:11], str(year), *row[12:]])
    path.write_text("\n".join(",".join(row) for row in [*others[:at], *made, *others[at:]]) + "\n")
    return str(folder)


@pytest.mark.parametrize(("of", "taken"), [(2020, 2022), (2022, 2022), (2024, 2024), (2026, 2025)])
def test_a_run_takes_the_factors_of_its_own_year_or_the_nearest_before(tmp_path, of, taken):
    """From the files to the figure: a run of 2024 is not told by what the grid of 2025 was."""
    folder = by_year(tmp_path / "data", (2022, 2024, 2025))
    raw = begun(of)
    run = account(raw, catalogue.load("FR", data=folder, cpu=raw.head.host.cpu))
    carbon = run.impacts["carbon_location"]
    assert carbon.factors
    assert {int(name.rpartition("/")[2]) for name in carbon.factors} == {taken}
    rows = {row.id: row for row in catalogue.load("FR", data=folder).factors}
    per_kwh = sum(rows[name].central for name in carbon.factors)
    assert carbon.operational.central == pytest.approx(run.energy.facility_kwh.central * per_kwh)


def test_old_factors_are_named_in_the_document_and_only_where_there_are_any(tmp_path):
    folder = by_year(tmp_path / "data", (2022, 2025))
    known = catalogue.load("FR", data=folder, cpu=account_run.run().head.host.cpu)
    of_2026, of_2022 = account(begun(2026), known), account(begun(2022), known)
    assert not any(name.startswith("carbon_location/") for name in of_2026.provenance.aged)
    assert set(of_2026.provenance.aged) <= set(of_2026.provenance.factors)
    assert of_2022.provenance.aged == ()
    told = as_document(of_2026)
    assert told["provenance"]["aged"] == list(of_2026.provenance.aged) != []
    assert "aged" not in as_document(of_2022)["provenance"]
    assert as_document(from_document(told)) == told


def test_the_making_of_hardware_and_the_sensors_are_never_among_the_old():
    raw = begun(2026)
    run = account(raw, catalogue.load("FR", cpu=raw.head.host.cpu))
    kinds = {name.partition("/")[0] for name in run.provenance.aged}
    assert kinds
    assert not kinds & {"embodied", "sensor", "power_model", "biodiversity"}
