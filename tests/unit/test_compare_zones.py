"""No zone is ranked by a figure that tells a direction at most, is a claim, or stands in for the zone's own."""

import pytest
from click.testing import CliRunner
from made_journals import write
from made_results import gains_of, run

from footprint import catalogue
from footprint.cli import factors, list_runs
from footprint.cli.compare import _stand_ins
from footprint.compare import compare, gate, text
from footprint.compare.zones import stands_in
from footprint.impacts import INDICATORS
from footprint.interval import Interval, scaled
from footprint.records.derivation import Impact, Missing
from footprint.records.own_factors import OwnFactors
from footprint.records.raw import RegionRef


def with_impact(one, key, amount, factors=("f",), parts=None):
    """The run with one more impact: ``amount`` for a joule's job, a hundredth either way."""
    value = Interval(amount * 0.99, amount, amount * 1.01, "envelope")
    kind = INDICATORS[key].kind
    impact = Impact(INDICATORS[key].unit, kind, value, Missing("not counted"), value, parts or {}, None, factors)
    return one._replace(impacts={**one.impacts, key: impact})


def quantity(key, *runs, stand_ins=None):
    (pair,) = compare(runs, gains_of(*runs), stand_ins=stand_ins).pairs
    return next(one for one in pair.quantities if one.key == key and one.per is None)


@pytest.mark.parametrize("key", [key for key, one in INDICATORS.items() if one.kind != "status"])
def test_runs_in_two_zones_are_not_judged_by_what_is_no_status(key):
    """However far apart their figures are."""
    a = with_impact(run("a", zone="FR"), key, 1.0, ("f/FR",))
    b = with_impact(run("b", zone="PL"), key, 1000.0, ("f/PL",))
    one = quantity(key, a, b)
    assert one.verdict == "cannot_tell"
    assert "claim" in one.why or "zones are not ranked" in one.why


@pytest.mark.parametrize("key", [key for key, one in INDICATORS.items() if one.kind in {"direction", "inventory"}])
def test_runs_in_one_zone_are_judged_by_them(key):
    one = quantity(key, with_impact(run("a"), key, 1.0), with_impact(run("b", joules=3000.0), key, 3.0))
    assert one.verdict == "more"


def test_a_claim_is_compared_with_nothing_in_one_zone_either_and_passes_no_gate():
    a, b = with_impact(run("a"), "carbon_market", 1.0), with_impact(run("b"), "carbon_market", 0.1)
    assert quantity("carbon_market", a, b).verdict == "cannot_tell"
    judged = gate.judged([gate.parse("carbon_market<=+5%")], compare((a, b), gains_of(a, b)))
    assert gate.exit_code(judged) == 4


def test_a_claim_is_no_figure_of_a_unit():
    a, b = (with_impact(run(name, units={"images": 5.0}), "carbon_market", 1.0) for name in "ab")
    (pair,) = compare((a, b), gains_of(a, b)).pairs
    assert {one.key for one in pair.quantities if one.per} == {"job_kwh", "carbon_location"}


def in_parts(one, fallback):
    """Carbon of which a part is of the grid's losses."""
    carbon = one.impacts["carbon_location"]
    parts = {"direct": scaled(carbon.operational, 1 - fallback), "grid_losses": scaled(carbon.operational, fallback)}
    zone = one.region.zone
    ids = tuple(f"carbon_location/{part}/{zone}/2024" for part in parts)
    return one._replace(impacts={**one.impacts, "carbon_location": carbon._replace(parts=parts, factors=ids)})


@pytest.mark.parametrize(
    ("fallback", "verdict"), [(0.0, "more"), (0.05, "more"), (0.2, "cannot_tell"), (1.0, "cannot_tell")]
)
def test_carbon_that_mostly_stands_in_for_a_zones_own_ranks_no_zone(fallback, verdict):
    a, b = in_parts(run("a", zone="FR"), 0.0), in_parts(run("b", zone="PL"), fallback)
    ids = {b.run_id: {"carbon_location/grid_losses/PL/2024"}}
    one = quantity("carbon_location", a, b, stand_ins=ids)
    assert one.verdict == verdict
    assert (one.why == "") == (verdict == "more")
    said = "\n".join(compare((a, b), gains_of(a, b), stand_ins=ids).notes)
    assert ("carbon by location in PL" in said) == (fallback > 0)
    assert fallback == 0 or "stand in for the zone's own" in said


def test_in_one_zone_what_stands_in_is_shared_and_can_be_compared():
    a, b = in_parts(run("a"), 0.5), in_parts(run("b", joules=3000.0), 0.5)
    ids = {one.run_id: {"carbon_location/grid_losses/FR/2024"} for one in (a, b)}
    assert quantity("carbon_location", a, b, stand_ins=ids).verdict == "more"


def test_a_total_of_ones_own_that_stands_in_is_all_of_it():
    carbon = run("a").impacts["carbon_location"]._replace(factors=("own/carbon_location/total/FR/2024",))
    assert stands_in(carbon, {"own/carbon_location/total/FR/2024"}) == 1.0
    assert stands_in(carbon, ()) == 0.0


def test_the_reason_is_shown_to_people():
    a = with_impact(run("a", zone="FR"), "land", 1.0, ("f/FR",))
    b = with_impact(run("b", zone="PL"), "land", 9.0, ("f/PL",))
    lines = "\n".join(text.lines_of(compare((a, b), gains_of(a, b)), [], plain=False))
    assert (
        "cannot be judged: the zones differ (FR and PL), and zones are not ranked by what is of the class direction"
        in lines
    )


def test_own_factors_of_one_name_and_other_values_are_not_shared():
    """Their error does not cancel, and it is said that they differ."""
    a, b = run("a"), run("b", joules=2000.0)
    a, b = (
        one._replace(provenance=one.provenance._replace(own=OwnFactors("my.csv", sha)))
        for one, sha in ((a, "1"), (b, "2"))
    )
    comparison = compare((a, b), gains_of(a, b))
    assert any("factors of your own" in note for note in comparison.notes)
    (pair,) = comparison.pairs
    carbon = next(one for one in pair.quantities if one.key == "carbon_location")
    assert "factors of the grid and the building" not in carbon.cancelled


def test_the_catalogue_says_which_factors_stand_in():
    """Andorra has no figures of its own; France has."""
    andorra = run("a")._replace(region=run("a").region._replace(zone="AD", given="AD"))
    assert any(name.startswith("carbon_location/direct/AD") for name in _stand_ins(andorra))
    assert not any(name.startswith("carbon_location/direct/FR") for name in _stand_ins(run("b")))
    assert {row.how for row in catalogue.rows("AD", "carbon_location") if row.part == "direct"} == {"fallback"}


def test_a_list_in_the_order_of_a_direction_says_that_it_ranks_no_zone(tmp_path, monkeypatch):
    """Of one zone, and by a status, it says nothing."""
    monkeypatch.setenv("FOOTPRINT_HOME", str(tmp_path))
    write(tmp_path, 0, region=RegionRef("FR", "flag"))
    write(tmp_path, 1, region=RegionRef("PL", "flag"))
    for sort, says in (("land", True), ("carbon_location", False), ("energy", False)):
        result = CliRunner().invoke(list_runs.command, ("--sort", sort), catch_exceptions=False)
        assert ("ranks no zone" in result.stderr) == says, sort


def test_places_of_the_catalogue_are_in_the_order_of_their_names():
    """No list of places is in the order of a factor."""
    for words in (("list",), ("show",)):
        options = {option for one in factors.command.commands[words[0]].params for option in one.opts}
        assert not {"--sort", "--order"} & options
    names = list(catalogue.zones().names)
    assert names == sorted(names)
