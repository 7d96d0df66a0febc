"""A user's own factors in a run: they take the catalogue's place, say so, and travel with the readings."""

import json
import math
import subprocess
import sys
from pathlib import Path

import account_run
import jsonschema
import pytest
from made_journals import head, write
from own_files import CARBON, PLANTS, RESIDUAL, SCARCITY, WHOLE, text_of

from footprint import catalogue, journal, own_file, queries
from footprint import journal_form as form
from footprint.account import account
from footprint.cli import explain_text, show_text
from footprint.cli.explain import known_of
from footprint.errors import UsageError
from footprint.factors import find
from footprint.interval import Interval
from footprint.own_factors import claim_words, claimed
from footprint.records.derivation import Missing
from footprint.records.document import as_document, from_document
from footprint.records.own_factors import Contract, OwnFactors
from footprint.records.raw import RegionRef
from footprint.summary import text as summary_text

TABLE = catalogue.zones()
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "run-1.json").read_text())
PPA = Contract(0.0, "PPA", "contract 17 with Windpark Nord", 2026)


def own(*rows, zone="FR", given="", contract=None):
    file = own_file.parse(text_of(*rows).encode(), "/a/folder/my.csv", TABLE) if rows else None
    return own_file.for_run(file, contract, RegionRef(zone, "flag", given or zone), TABLE)


def accounted(*rows, zone="FR", given="", contract=None, pue=1.2, units=None):
    """The run of ``account_run`` (in November 2026) with these rows."""
    raw = account_run.run()
    raw = raw._replace(end=raw.end._replace(units=units or {}))
    where = RegionRef(zone, "flag", given or zone)
    mine = own(*rows, zone=zone, given=given, contract=contract)
    settings = raw.head.settings._replace(pue=pue)
    head_ = raw.head._replace(region=where, own=mine, settings=settings)
    return account(raw._replace(head=head_), catalogue.load(zone, given))


def factor(indicator, part, zone="FR"):
    """The catalogue's own, of the run's year or the nearest before."""
    return find(catalogue.rows(zone, indicator), indicator, part, 2026)


# --- in the place of the catalogue's ---


def test_a_part_takes_the_place_of_the_catalogues_and_the_others_stay():
    run = accounted(CARBON)
    carbon, kwh = run.impacts["carbon_location"], run.energy.facility_kwh.central
    assert carbon.parts["direct"].central == pytest.approx(21.7 * kwh, rel=1e-12)
    assert carbon.parts["upstream"].central == pytest.approx(factor("carbon_location", "upstream").central * kwh)
    assert carbon.factors[0] == "own/carbon_location/direct/FR/2024"
    assert "own/carbon_location/direct/FR/2024" in run.provenance.factors
    gone = factor("carbon_location", "direct").id
    assert run.provenance.instead_of == {"own/carbon_location/direct/FR/2024": (gone,)}
    assert gone not in run.provenance.factors


def test_what_is_replaced_and_what_is_mixed_is_said():
    notes = "\n".join(accounted(CARBON).boundary.notes)
    assert "carbon_location, direct of FR: 21.7 gCO2e per kWh of my.csv, instead of the catalogue's" in notes
    assert "carbon_location: some of its parts are of my.csv, the others the catalogue's" in notes


def test_nothing_of_the_catalogues_is_added_to_a_total():
    run = accounted(WHOLE)
    carbon = run.impacts["carbon_location"]
    assert carbon.operational.central == pytest.approx(35 * run.energy.facility_kwh.central, rel=1e-12)
    assert set(carbon.parts) == {"direct", "upstream", "grid_losses"}
    assert all(isinstance(part, Missing) for part in carbon.parts.values())
    assert carbon.factors == ("own/carbon_location/total/FR/2024",)
    assert not [name for name in run.provenance.factors if name.startswith("carbon_location/")]
    assert len(run.provenance.instead_of["own/carbon_location/total/FR/2024"]) == 4
    assert any("whole: no part of the catalogue's is added to it" in note for note in run.boundary.notes)


def test_the_climates_path_to_species_follows_the_users_carbon():
    with_own, without = accounted(WHOLE), accounted(zone="FR")
    for run in (with_own, without):
        step = next(
            step
            for step in run.impacts["biodiversity"].derivation.steps
            if step.factor == "biodiversity/climate/WORLD/2017"
        )
        assert step.inputs["gCO2e"] == run.impacts["carbon_location"].operational


def test_a_row_of_a_later_year_than_the_run_gives_way_to_the_catalogues():
    assert "own/" not in "".join(accounted(CARBON | {"year": "2027"}).provenance.factors)
    later = accounted(CARBON, CARBON | {"year": "2027", "central": "29"})
    assert "own/carbon_location/direct/FR/2024" in later.provenance.factors


def test_of_several_years_the_nearest_before_the_run_is_taken():
    run = accounted(CARBON, CARBON | {"year": "2025", "central": "20"}, CARBON | {"year": "2019"})
    assert run.impacts["carbon_location"].factors[0] == "own/carbon_location/direct/FR/2025"


def test_pue_and_water_on_site_of_ones_own_building():
    site = {"low": "1.1", "central": "1.2", "high": "1.3", "unit": "kWh", "per": "kWh-it", "scope": "facility over IT"}
    run = accounted(CARBON | {"indicator": "pue", "part": "facility"} | site, pue=None)
    assert run.energy.pue == Interval(1.1, 1.2, 1.3, "envelope")
    assert run.energy.facility_kwh.central == pytest.approx(run.energy.job_kwh.central * 1.2)
    assert "own/pue/facility/FR/2024" in run.provenance.factors


def test_species_go_by_the_users_factor_where_there_is_one():
    row = {"indicator": "biodiversity", "part": "land", "low": "1e-9", "central": "2e-9", "high": "3e-9",
           "unit": "species.yr", "per": "m2.yr", "scope": "occupation"}  # fmt: skip
    run = accounted(CARBON | row | {"zone": "WORLD"})
    land = run.impacts["land"].operational.central
    assert run.impacts["biodiversity"].parts["land"].central == pytest.approx(2e-9 * land)


# --- water scarcity ---


def test_without_a_factor_there_is_no_scarcity_and_how_to_bring_one_is_said():
    missing = accounted().impacts["water_scarcity"].total
    assert isinstance(missing, Missing)
    assert "AWARE" in missing.missing
    assert "file of your own factors" in missing.missing


def test_scarcity_is_the_water_on_site_and_of_plants_each_times_its_places_factor():
    cloud = SCARCITY | {"zone": "aws:eu-west-3", "central": "4", "low": "4", "high": "4"}
    run = accounted(SCARCITY, cloud, given="aws:eu-west-3")
    water, scarce = run.impacts["water"], run.impacts["water_scarcity"]
    assert scarce.parts["plants"].central == pytest.approx(water.parts["plants"].central / 1000 * 2.5, rel=1e-12)
    assert scarce.parts["on_site"].central == pytest.approx(water.parts["on_site"].central / 1000 * 4, rel=1e-12)
    assert scarce.operational.central == pytest.approx(
        scarce.parts["plants"].central + scarce.parts["on_site"].central, rel=1e-12
    )
    assert (scarce.unit, scarce.kind, scarce.total.kind) == ("m3 world-eq", "direction", "lower_bound")
    assert sum(share for _, share in scarce.derivation.spread) == pytest.approx(1)
    assert scarce.derivation.value == scarce.derivation.steps[-1].output == scarce.total


def test_scarcity_says_which_place_it_lacks():
    run = accounted(SCARCITY | {"zone": "aws:eu-west-3"}, given="aws:eu-west-3")
    scarce = run.impacts["water_scarcity"]
    assert isinstance(scarce.parts["plants"], Missing)
    assert scarce.operational == run.impacts["water_scarcity"].parts["on_site"]._replace(kind="lower_bound")


def test_a_factor_of_ones_own_grows_old_too():
    assert "own/carbon_location/direct/FR/2024" in accounted(CARBON).provenance.aged
    assert "own/carbon_location/direct/FR/2026" not in accounted(CARBON | {"year": "2026"}).provenance.aged


def test_evaporation_of_reservoirs_is_in_no_scarcity():
    run = accounted(SCARCITY, PLANTS, PLANTS | {"part": "reservoirs", "central": "900", "high": "1000"})
    plants = run.energy.facility_kwh.central * 1.0
    assert run.impacts["water_scarcity"].parts["plants"].central == pytest.approx(plants / 1000 * 2.5)


# --- contracts ---


def test_without_contract_and_residual_mix_there_is_no_figure_and_why():
    missing = accounted().impacts["carbon_market"].total
    assert isinstance(missing, Missing)
    assert "no contract is stated" in missing.missing


def test_a_residual_mix_of_ones_own_is_used():
    run = accounted(RESIDUAL)
    market = run.impacts["carbon_market"]
    assert market.operational.central == pytest.approx(40 * run.energy.facility_kwh.central)
    assert not claimed(run)


def test_zero_is_the_claim_of_the_contract_beside_its_evidence():
    run = accounted(RESIDUAL, contract=PPA)
    market = run.impacts["carbon_market"]
    assert (market.kind, market.operational.central) == ("claim", 0.0)
    assert claimed(run) == {"carbon_market": PPA}
    said = claim_words(market.total, market.unit, PPA)
    assert said == (
        "claim of a power purchase agreement (PPA) for 2026, annual; evidence: contract 17 with Windpark Nord"
    )
    assert said in show_text.text(run, plain=False)
    assert said in " ".join(explain_text.text(run, known_of(run), "carbon_market").split())


def test_a_claim_above_zero_has_its_amount():
    stated = PPA._replace(intensity_g_per_kwh=12.0, kind="tariff")
    run = accounted(contract=stated)
    market = run.impacts["carbon_market"]
    assert market.operational.central == pytest.approx(12 * run.energy.facility_kwh.central)
    assert "claim of a supplier's tariff for 2026, annual" in claim_words(market.total, market.unit, stated)
    assert claim_words(market.operational, market.unit, stated).startswith("13.2 g CO2e (")


def test_a_contract_of_another_year_claims_nothing_and_says_why():
    run = accounted(contract=PPA._replace(year=2025))
    missing = run.impacts["carbon_market"].total
    assert isinstance(missing, Missing)
    assert "covers 2025, and this run is of 2026" in missing.missing
    assert "the contract that is stated covers 2025, and this run is of 2026: it is not used" in run.boundary.notes
    assert not claimed(run)


def test_a_contract_changes_no_other_figure():
    with_one, without = accounted(contract=PPA), accounted()
    for key, impact in without.impacts.items():
        assert with_one.impacts[key] == impact or key == "carbon_market"
    assert with_one.energy == without.energy


def test_a_claim_is_no_line_of_a_summary_and_no_part_of_a_unit():
    run = accounted(contract=PPA)
    assert "claim" not in summary_text(run)
    assert list(run.impacts)[-1] == "carbon_market"
    counted = accounted(contract=PPA, units={"images": 10.0}).units["images"].per_unit
    assert "carbon_location" in counted
    assert "carbon_market" not in counted


def test_claims_are_not_added_up_and_order_nothing(tmp_path):
    for number in range(2):
        write(tmp_path, number, own=own(contract=PPA))
    with queries.opened(str(tmp_path)) as store:
        found = queries.sums(store, "carbon_market")
        assert math.isnan(found.value.central)
        assert "claims are not added up" in found.why
        assert found.runs == 2
        assert queries.sums(store, "carbon_location").value.central > 0
        for row in queries.list_runs(store):
            assert "carbon_location" in row.impacts
            assert "carbon_market" not in row.impacts
        with pytest.raises(UsageError, match="cannot be sorted"):
            queries.list_runs(store, queries.RunFilter(sort="carbon_market"))


def test_the_page_shows_a_claim_as_one_and_adds_none_up():
    pytest.importorskip("dash")
    from footprint.dashboard.components import run_cards
    from footprint.dashboard.components.indicators import added
    from footprint.dashboard.selection import SHOWN, SORTABLE

    document = as_document(accounted(contract=PPA))
    said = "claim of a power purchase agreement (PPA) for 2026, annual; evidence: contract 17 with Windpark Nord"
    for card in (run_cards.figures(document), run_cards.impacts(document)):
        assert said in json.dumps(card.to_plotly_json(), default=lambda part: part.to_plotly_json(), ensure_ascii=False)
    assert "carbon_market" not in {one.key for one in added()} | set(SHOWN) | set(SORTABLE)


def test_the_page_names_the_source_of_an_own_factor(tmp_path):
    pytest.importorskip("dash")
    from footprint.dashboard.source import store_source

    run_id = write(tmp_path, own=own(CARBON, contract=PPA))
    source = store_source(str(tmp_path))
    lines = {line.id: line for line in source.factors(source.document(run_id))}
    assert lines["own/carbon_location/direct/FR/2024"].sources == (
        "Mix of 2024. A supplier, 2025. Licence: for us alone",
    )  # fmt: skip
    derived = source.derived(run_id, "carbon_location")
    assert "own/carbon_location/direct/FR/2024" in derived.sources


# --- as it is kept ---


def test_a_runs_own_factors_travel_in_its_journal(tmp_path):
    """So that a file that changed or went changes no figure of a run that is over."""
    mine = own(CARBON, SCARCITY, contract=PPA)
    run_id = write(tmp_path, own=mine)
    raw = journal.read(journal.path_of(str(tmp_path), run_id))
    assert raw.head.own == mine
    assert isinstance(raw.head.own, OwnFactors)


def test_a_journal_without_own_factors_is_read_as_before():
    content = json.loads(json.dumps(form.plain(head())))
    del content["own"]
    assert form.head_from(content).own is None


def test_the_document_holds_to_the_schema_and_comes_back_whole():
    run = accounted(CARBON, SCARCITY, contract=PPA)
    document = json.loads(json.dumps(as_document(run), allow_nan=False))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    told = document["provenance"]["own_factors"]
    assert (told["file"], len(told["sha256"])) == ("my.csv", 64)
    assert [row["id"] for row in told["rows"]] == [row.id for row in run.provenance.own.rows]
    assert document["impacts"]["carbon_market"]["claim"] == PPA._asdict()
    back = from_document(document)
    assert (back.provenance.own, back.provenance.instead_of) == (run.provenance.own, run.provenance.instead_of)
    assert as_document(back) == document


def test_a_run_without_own_factors_says_nothing_of_them():
    document = as_document(accounted())
    assert "own_factors" not in document["provenance"]
    assert "claim" not in document["impacts"]["carbon_market"]


def test_explain_knows_the_source_of_an_own_factor():
    run = accounted(CARBON)
    known = known_of(run)
    for text in (explain_text.text(run, known, "carbon_location"), explain_text.plain(run, known, "carbon_location")):
        assert "Mix of 2024. A supplier, 2025. Licence: for us alone" in " ".join(text.split())
        assert "not in this version's catalogue" not in text


def test_a_run_without_own_factors_loads_nothing_of_them(tmp_path):
    """They cost nothing to those who have none: neither at the start nor in the account."""
    code = (
        "import sys, footprint\n"
        "with footprint.track('x', region='FR') as run: pass\n"
        "str(run.result)\n"
        "print([name for name in sys.modules if 'own' in name.split('.')[-1].split('_') or 'contract' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]"
