"""``recompute --all --sums``: what the sums would be by another catalogue, as runs made anew would give them."""

import json

import other_catalogue
import pytest
from click.testing import CliRunner
from made_journals import START, run_id, write

from footprint import queries
from footprint.cli import recompute as verb
from footprint.cli.recompute_text import sums_text
from footprint.interval import Interval, is_known
from footprint.queries.selecting import ALL, RunFilter
from footprint.recompute import preview, recomputing
from footprint.records.document import interval_from
from footprint.records.raw import Settings
from footprint.store import examining
from footprint.store.rollups import summed

pytest.importorskip("numpy")

RUNS = 4


@pytest.fixture
def home(tmp_path):
    """Four runs, two of a project; the PUE of two is stated, that of the others the catalogue's."""
    folder = tmp_path / "home"
    for number in range(RUNS):
        write(folder, number, START + number, project="vision" if number % 2 else None,
              settings=Settings("reserved", 1.2 if number < 2 else None))  # fmt: skip
    queries.open_store(str(folder)).close()
    return folder


@pytest.fixture
def dearer(home, tmp_path):
    """Another catalogue, which the home keeps: twice the carbon for each kWh, and twice the PUE."""
    folder = other_catalogue.make(tmp_path / "dearer", names=("carbon_location.csv", "pue.csv"))
    return other_catalogue.keep(home, folder)


def looked(home, stated=None, asked=ALL):
    with queries.opened(str(home)) as store:
        return preview.preview(store, asked, recomputing.factors_of(str(home), stated))


def one_by_one(home, stated):
    """The totals that runs made anew have, by indicator."""
    with queries.opened(str(home)) as store:
        factors = recomputing.factors_of(str(home), stated)
        ids = [run_id(number, START + number) for number in range(RUNS)]
        made = list(recomputing.recompute(store, ids, factors, examining.examine(store), dry_run=True))
    found = {}
    for one in made:
        for key, impact in (one.after or one.before)["impacts"].items():
            if "total" in impact:
                found.setdefault(key, []).append(interval_from(impact["total"]))
    return {key: summed(values)[0] for key, values in found.items()}


def approx(value):
    return pytest.approx(tuple(value[:3]), rel=1e-10, abs=0)


@pytest.mark.parametrize("other", [False, True])
def test_the_sums_are_those_of_the_runs_made_anew(home, dearer, other):
    """Documents have 12 digits, so sums of what they say agree to a little less."""
    stated = f"{dearer.version}+{dearer.sha256}" if other else None
    found, alone = looked(home, stated), one_by_one(home, stated)
    assert found.runs == RUNS
    assert found.left_out == {}
    assert {"carbon_location", "water", "minerals", "ewaste"} <= set(alone)
    for key, change in found.sums.items():
        assert is_known(change.after) == (key in alone)
        if key in alone:
            assert change.after[:3] == approx(alone[key])
            assert change.after.kind == alone[key].kind
            assert (change.before[:3] == approx(change.after)) == (not other or key == "ewaste")


def test_only_the_runs_of_a_filter_count(home):
    some, everything = looked(home, asked=RunFilter(project="vision")), looked(home)
    assert (some.runs, everything.runs) == (RUNS // 2, RUNS)
    assert some.sums["land"].before.central < everything.sums["land"].before.central


def test_a_run_in_a_place_that_the_catalogue_does_not_have_is_told_of(home, tmp_path):
    poorer = other_catalogue.keep(home, other_catalogue.make(tmp_path / "poorer", without_zones=("FR",)))
    found = looked(home, f"{poorer.version}+{poorer.sha256}")
    assert found.runs == 0
    assert list(found.left_out.values()) == [RUNS]
    assert "has no zone FR" in next(iter(found.left_out))
    assert not any(is_known(change.after) for change in found.sums.values())


def test_runs_that_carry_the_whole_idle_energy_are_in_no_sum(home):
    write(home, RUNS, START + RUNS, settings=Settings("all", 1.2))
    found = looked(home)
    assert (found.runs, found.left_out) == (RUNS, {preview.ALL_OF_IDLE: 1})


def test_claims_are_in_no_sum(home):
    assert "carbon_market" not in looked(home).sums


def test_the_verb_shows_both_sums_and_keeps_nothing(home, dearer, monkeypatch):
    monkeypatch.setenv("FOOTPRINT_HOME", str(home))
    done = CliRunner().invoke(verb.command, ["--all", "--sums", "--catalogue", dearer.version])
    assert done.exit_code == 0, done.output
    assert "Sums over 4 runs, with their energies as they stand:" in done.output
    assert "carbon by location: " in done.output
    assert " → " in done.output
    assert "e-waste: " in done.output
    told = json.loads(CliRunner().invoke(verb.command, ["--all", "--sums", "--json"]).output)
    assert told["schema"] == "footprint.recompute-sums/1"
    assert told["runs"] == RUNS
    assert set(told["impacts"]["land"]) == {"unit", "class", "before", "after"}
    assert told["impacts"]["water_scarcity"]["after"] is None or told["impacts"]["water_scarcity"]["after"]["low"] > 0
    with queries.opened(str(home)) as store:
        assert "recomputed" not in queries.document(store, run_id(0, START))["provenance"]


def test_what_changes_and_what_does_not_is_said_in_words_too(home):
    factors = recomputing.factors_of(str(home), None)
    was, now = Interval(1.0, 2.0, 3.0, "envelope"), Interval(2.0, 4.0, 6.0, "envelope")
    found = preview.Preview(1, {"land": preview.Change(was, was), "water": preview.Change(was, now)}, {"why so": 2})
    plain = sums_text(found, factors, plain=True)
    assert plain.startswith("Sums over 1 run, with")
    assert "land: " in plain
    assert ", as before\n" in plain
    assert ", before: " in plain
    assert "In no sum: 2 runs: why so\n" in plain
    assert "→" not in plain


def test_sums_are_of_all_runs():
    done = CliRunner().invoke(verb.command, ["last", "--sums"])
    assert "it adds up all runs" in str(done.exception)
