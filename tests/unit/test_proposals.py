"""What other factors would change: ``factors diff`` row by row, ``factors propose`` in twenty reference runs."""

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from own_files import CARBON, SCARCITY, WHOLE, text_of

from footprint import catalogue
from footprint.cli import factors_diff_text, factors_propose_text
from footprint.cli.factors import command
from footprint.errors import NotPossible, UsageError
from footprint.impacts import INDICATORS
from footprint.interval import Interval
from footprint.own_factors import factor_of
from footprint.own_file import parse
from footprint.proposals import differences, effects
from footprint.proposals.reference_runs import REFERENCE_RUNS
from footprint.records.derivation import Impact, Missing

TABLE = catalogue.zones()


def run(*words):
    result = CliRunner().invoke(command, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A working directory with a file of one's own factors that no setting names."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "my.csv"
    path.write_text(text_of(CARBON, SCARCITY))
    return path


# --- the reference runs ---


def test_there_are_twenty_reference_runs_of_places_and_hardware_that_the_catalogue_knows():
    assert len(REFERENCE_RUNS) == 20
    components = {row.zone for row in catalogue.rows(indicator="embodied")}
    for one in REFERENCE_RUNS:
        assert one.zone in TABLE.names
        assert one.given in TABLE.regions or not one.given
        assert not one.given or TABLE.regions[one.given] == one.zone
        assert {component for component, _, _ in one.held} <= components
        assert one.job_kwh > 0


def test_they_cover_grids_far_apart_places_without_figures_and_hosting_with_its_own_pue():
    assert len({one.zone for one in REFERENCE_RUNS}) >= 15
    assert {"AD", "WORLD"} <= {one.zone for one in REFERENCE_RUNS}
    assert {bool(one.given) for one in REFERENCE_RUNS} == {True, False}
    assert any(one.battery for one in REFERENCE_RUNS)


# --- propose ---


def proposed(*rows, before=None):
    return effects.propose(parse(text_of(*rows).encode(), "my.csv", TABLE), before)


def test_only_the_runs_of_its_places_are_changed():
    proposal = proposed(CARBON)
    changed = {(one.run.name, one.run.zone) for one in proposal.runs if one.is_changed}
    assert changed == {(one.name, one.zone) for one in REFERENCE_RUNS if one.zone == "FR"}
    for one in proposal.runs:
        assert set(one.effects) == set(INDICATORS)


def test_an_effect_has_old_and_new_and_how_much_that_is():
    (laptop,) = [one for one in proposed(WHOLE).runs if one.run.zone == "FR" and one.run.battery]
    effect = laptop.effects["carbon_location"]
    assert effect.new.operational.central == pytest.approx(0.004 * 35)
    assert effect.change == pytest.approx(effect.new.total.central / effect.old.total.central - 1)
    assert not laptop.effects["land"].is_changed


def test_what_was_without_a_figure_gets_one():
    (one,) = [one for one in proposed(SCARCITY).runs if one.run.zone == "FR" and one.run.given]
    told = effects.document(proposed(SCARCITY))["runs"]
    (same,) = [run for run in told if run["given"] == one.run.given and run["zone"] == "FR"]
    assert "missing" in same["impacts"]["water_scarcity"]["old"]
    assert same["impacts"]["water_scarcity"]["new"]["central"] > 0
    assert same["impacts"]["water_scarcity"]["change_pct"] is None


def test_a_place_without_a_reference_run_is_shown_by_a_kilowatt_hour():
    (other,) = proposed(CARBON | {"zone": "IT"}).others
    assert (other.run.zone, other.run.job_kwh, other.is_changed) == ("IT", 1.0, True)
    assert not any(one.is_changed for one in proposed(CARBON | {"zone": "IT"}).runs)


def test_against_the_file_in_force_a_proposal_shows_what_differs_from_that():
    before = parse(text_of(CARBON, SCARCITY).encode(), "before.csv", TABLE)
    proposal = proposed(CARBON, before=before)
    changed = {key for one in proposal.runs for key, effect in one.effects.items() if effect.is_changed}
    assert changed == {"water_scarcity"}


def test_the_proposed_file_is_not_compared_with_itself():
    same = parse(text_of(CARBON).encode(), "my.csv", TABLE)
    assert proposed(CARBON, before=same).before is None


def test_propose_prints_and_writes_nothing(own):
    before = {path: path.stat().st_mtime_ns for path in own.parent.rglob("*")}
    said = run("propose", str(own))
    assert "2 rows, all right" in said
    assert "Of 20 reference runs 2 would have other figures; nothing is written" in said
    assert "water scarcity: no figure to" in said
    assert {path: path.stat().st_mtime_ns for path in own.parent.rglob("*")} == before


def test_propose_as_json(own):
    told = json.loads(run("propose", str(own), "--json"))
    assert told["schema"] == "footprint.propose/1"
    assert len(told["runs"]) == 20
    assert told["against"]["own_factors"] is None
    for one in told["runs"]:
        assert set(one["impacts"]) == set(INDICATORS)
        assert one["changed"] == any(effect["changed"] for effect in one["impacts"].values())


def test_propose_of_a_wrong_file_is_refused_with_its_line(own):
    own.write_text(text_of(CARBON, SCARCITY | {"low": "-1"}))
    with pytest.raises(UsageError, match="line 3, column low: -1 is negative"):
        run("propose", str(own))


def test_plain_text_has_one_fact_a_line(own, monkeypatch):
    monkeypatch.setenv("FOOTPRINT_PLAIN", "1")
    for words in (("propose", str(own)), ("diff", str(own))):
        for line in run(*words).splitlines():
            assert line
            assert not line.startswith(" ")


# --- as people see it ---


def made_up(change, *, parts=None):
    """An effect by hand: a figure and what it would be."""
    value = Interval(80.0, 100.0, 150.0, "envelope")
    old = Impact("gCO2e", "status", value, Missing("not counted"), value, {"direct": value})
    return effects.Effect(old, old._replace(total=change, operational=change, parts=parts or {"direct": change}))


def hand_made():
    laptop, other = REFERENCE_RUNS[0], REFERENCE_RUNS[10]
    less, none = Interval(70.0, 90.0, 120.0, "envelope"), Missing("no factor")
    first = effects.Affected(
        laptop, {"carbon_location": made_up(less), "water": made_up(Interval(9.0, 90.0, 120.0, "lower_bound"))}, ()
    )
    second = effects.Affected(
        other,
        {"carbon_location": made_up(Interval(80.0, 100.0, 150.0, "envelope"), parts={"direct": less}),
         "land": effects.Effect(made_up(less).new._replace(total=none), made_up(less).new)},
        (),
    )  # fmt: skip
    same = effects.Affected(other, {"carbon_location": made_up(Interval(80.0, 100.0, 150.0, "envelope"))}, ())
    file = parse(text_of(CARBON, SCARCITY).encode(), "my.csv", TABLE)
    return effects.Proposal(file, None, (first, second, same), (first,), 3)


@pytest.mark.parametrize("plain", [False, True])
def test_a_proposal_is_as_in_its_golden_file(plain):
    said = "\n".join(factors_propose_text.lines(hand_made(), plain=plain)) + "\n"
    golden("factors-propose-plain" if plain else "factors-propose", said.replace(catalogue.identity()[0], "VERSION"))


@pytest.mark.parametrize("plain", [False, True])
def test_differences_are_as_in_their_golden_file(plain):
    one, two = (factor_of(row) for row in parse(text_of(CARBON, SCARCITY).encode(), "my.csv", TABLE).rows)
    row = one._replace(id="carbon_location/direct/FR/2024")
    changes = (
        differences.Change(row, row._replace(low=20.0, central=24.0, year=2025)),
        differences.Change(row, row._replace(sources=("other",), note="read anew")),
    )
    sides = differences.Side("2026.10+0", "0", (row, row)), differences.Side("2026.11+1", "1", (row, row, two))
    found = differences.Differences(*sides, (two._replace(id="x"),), (row,), changes)
    said = "\n".join(factors_diff_text.lines(found, plain=plain)) + "\n"
    golden("factors-diff-plain" if plain else "factors-diff", said)


def golden(name, said):
    path = Path(__file__).parents[1] / "golden" / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")


# --- diff ---


def test_a_file_is_held_against_the_rows_that_a_run_would_take(own):
    told = json.loads(run("diff", str(own), "--json"))
    assert told["schema"] == "footprint.factors_diff/1"
    (new,), (change,) = told["new"], told["changed"]
    assert (new["indicator"], told["gone"]) == ("water_scarcity", [])
    assert (change["zone"], change["part"], change["new"]["central"]) == ("FR", "direct", 21.7)
    assert change["change_pct"] == pytest.approx(100 * (21.7 / change["old"]["central"] - 1))


def test_of_a_total_the_parts_that_are_not_added_any_more_are_told():
    found = differences.of_own(parse(text_of(WHOLE).encode(), "my.csv", TABLE))
    assert {row.part for row in found.gone} == {"direct", "upstream", "grid_losses"}


def test_what_stands_on_a_site_is_held_against_its_hosting():
    pue = CARBON | {"indicator": "pue", "part": "facility", "unit": "kWh", "per": "kWh-it", "scope": "facility over IT",
                    "low": "1.1", "central": "1.2", "high": "1.3"}  # fmt: skip
    rows = (pue | {"zone": zone} for zone in ("alibaba", "aws:eu-west-3", "FR"))
    found = differences.of_own(parse(text_of(*rows).encode(), "my.csv", TABLE))
    assert [change.old.zone for change in found.changed] == ["alibaba", "aws:eu-west-3", "unknown-hosting"]


def test_without_a_word_the_file_of_the_settings_is_compared(own, monkeypatch):
    with pytest.raises(UsageError, match="no setting names a file"):
        run("diff")
    monkeypatch.setenv("FOOTPRINT_FACTORS", "my.csv")
    assert "1 new, 0 not added any more, 1 changed" in run("diff")


@pytest.fixture
def older(tmp_path):
    """A catalogue as it might have been: one row more, one less, one of another amount, one of other sources."""
    folder = Path(shutil.copytree(catalogue.DATA, tmp_path / "older"))
    path = folder / "land.csv"
    header, first, second, third, *rest = path.read_text().splitlines()
    cells = second.split(",")
    cells[6] = str(float(cells[6]) * 1.1)
    cells[7] = str(float(cells[7]) * 2)
    others = third.split(",")
    others[13] = "assumption"
    more = first.replace("/20", "/19", 1)
    path.write_text("\n".join([header, more, ",".join(cells), ",".join(others), *rest]) + "\n")
    return folder


def test_two_catalogues_are_compared_row_by_row(older):
    told = json.loads(run("diff", str(older), "--json"))
    land = catalogue.rows(indicator="land")
    assert [row["id"] for row in told["new"]] == [land[0].id]
    assert [row["id"] for row in told["gone"]] == [land[0].id.replace("/20", "/19")]
    amount, source = told["changed"]
    assert (amount["id"], source["id"]) == (land[1].id, land[2].id)
    assert amount["change_pct"] == pytest.approx(100 * (1 / 1.1 - 1), abs=0.01)
    assert source["fields"] == ["sources"]
    assert json.loads(run("diff", str(older), catalogue.DATA, "--json"))["changed"] == told["changed"]


def test_a_zone_and_an_indicator_may_be_chosen(older):
    assert "0 new, 0 gone, 0 changed" in run("diff", str(older), "--indicator", "water")
    zone = catalogue.rows(indicator="land")[1].zone
    assert "1 changed" in run("diff", str(older), "--zone", zone)


def test_a_catalogue_and_itself_do_not_differ():
    assert "0 new, 0 gone, 0 changed, 0 with other sources" in run("diff", catalogue.DATA)
    version = catalogue.identity()[0]
    assert "0 new, 0 gone, 0 changed" in run("diff", version)


@pytest.mark.parametrize(
    ("words", "fault", "says"),
    [
        (("diff", "1999.1"), NotPossible, "name one of"),
        (("diff", "a", "b", "c"), UsageError, "two at most"),
        (("diff", "none.csv"), UsageError, "No such file"),
        (("diff", "."), UsageError, "it holds no catalogue"),
        (("diff", "--zone", "Frankreich", "2026"), UsageError, "FR (France)"),
        (("diff", "--indicator", "noise", "2026"), UsageError, "there are carbon_location"),
        (("propose", "none.csv"), UsageError, "No such file"),
        (("propose", "."), UsageError, "it is no file"),
    ],
)
def test_what_cannot_be_compared_is_refused(words, fault, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(fault) as refused:
        run(*words)
    assert says in str(refused.value)


# --- list and show ---


def test_show_marks_what_is_ones_own_and_what_it_stands_for(own, monkeypatch):
    monkeypatch.setenv("FOOTPRINT_FACTORS", "my.csv")
    told = json.loads(run("show", "FR", "--json"))
    mine = [row for row in told["factors"] if row["own"]]
    assert [row["id"] for row in mine] == ["own/carbon_location/direct/FR/2024", "own/water_scarcity/scarcity/FR/2023"]
    assert mine[0]["instead_of"][0].startswith("carbon_location/direct/FR/")
    assert mine[0]["source"]["publisher"] == "A supplier"
    assert told["own_factors"]["file"] == "my.csv"
    carbon = {row["part"] for row in told["factors"] if row["indicator"] == "carbon_location"}
    assert carbon == {"direct", "upstream", "grid_losses"}, "the catalogue's total is no sum of these"
    said = run("show", "FR")
    assert "yours    instead of carbon_location/direct/FR/" in said
    assert "Mix of 2024. A supplier, 2025. Licence: for us alone" in said


def test_show_of_another_place_has_none_of_them(own, monkeypatch):
    monkeypatch.setenv("FOOTPRINT_FACTORS", "my.csv")
    assert "yours" not in run("show", "DE")


def test_list_tells_of_which_places_there_are_factors_of_ones_own(own, monkeypatch):
    monkeypatch.setenv("FOOTPRINT_FACTORS", "my.csv")
    said = run("list")
    assert "France, 2 of your own\n" in said
    assert "Your own factors: my.csv, 2 in FR" in said
    told = json.loads(run("list", "--json"))
    assert told["own_factors"]["zones"] == {"FR": 2}
    assert next(one for one in told["zones"] if one["zone"] == "FR")["own"] == 2
