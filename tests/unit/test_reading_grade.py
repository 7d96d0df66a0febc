"""The first paragraph of ``explain`` can be read at school: its grade by Flesch and Kincaid is 8 at most."""

import pytest

from footprint import catalogue, explain
from footprint.account import account
from footprint.cli import explain_text
from footprint.impacts import INDICATORS
from footprint.records.own_factors import Contract, OwnFactors
from footprint.records.raw import RegionRef, Settings
from footprint.wording import amount
from tests import account_run
from tests.reading_grade import first_paragraph, grade, syllables

MOST = 8.0


@pytest.mark.parametrize(
    ("word", "count"),
    [("the", 1), ("water", 2), ("electricity", 5), ("makes", 1), ("uses", 2), ("counted", 2), ("measured", 2),
     ("1.50", 1), ("kWh", 1), ("building", 2), ("reservoirs", 3), ("evaporation", 5), ("people", 2), ("on-site", 2)],
)  # fmt: skip
def test_syllables_are_counted_as_they_are_spoken(word, count):
    assert abs(syllables(word) - count) <= (1 if word == "measured" else 0)


def test_the_grade_is_that_of_known_texts():
    """A primer, and the first sentence of Lincoln's address at Gettysburg, for which tools give about 11."""
    assert grade("The cat sat on the mat. The dog ran.") < 1
    lincoln = (
        "Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in Liberty,"
        " and dedicated to the proposition that all men are created equal."
    )
    assert 10 < grade(lincoln) < 15


def run_of(*, zone="FR", how="flag", note="", sensors=True, pue=1.2, frames=None, contract=None):
    raw = account_run.run()
    head = raw.head._replace(region=RegionRef(zone, how, "", note), settings=Settings("reserved", pue))
    if contract:
        head = head._replace(own=OwnFactors("footprint.toml", "0" * 64, (), contract))
    looks = raw.frames[:frames] if frames else raw.frames
    if not sensors:
        head = head._replace(channels=(), idle={})
        looks = tuple(frame._replace(readings=(), gpus=()) for frame in looks)
    return raw._replace(head=head, frames=looks)


ODD = {
    "measured": run_of(),
    "by a model": run_of(sensors=False, pue=None),
    "an unknown place": run_of(zone="WORLD", how="unknown", note="nothing says where this is: the world's average"),
    "a guessed place": run_of(how="timezone", note="a guess from the clock's time zone"),
    "a part that fell to its country": run_of(note="FR-ARA is not in the catalogue: the figures are those of France"),
    "a building that adds nothing": run_of(pue=1.0),
    "a long name of a place": run_of(zone="US"),
    "nothing measured": run_of(frames=1),
    "a contract": run_of(contract=Contract(kind="PPA", intensity_g_per_kwh=0.0, year=2026, evidence="certificate 7")),
}


def text_of(raw, key, plain=False):
    rows = catalogue.load(raw.head.region.zone, "", cpu=raw.head.host.cpu)
    run = account(raw, rows)
    place = catalogue.zones().names[raw.head.region.zone]
    known = explain.known_of(run, rows.factors, catalogue.sources(), place)
    return (explain_text.plain if plain else explain_text.text)(run, known, key)


@pytest.mark.parametrize("key", INDICATORS)
@pytest.mark.parametrize("odd", ODD)
def test_the_first_paragraph_is_of_grade_8_at_most(odd, key):
    said = first_paragraph(text_of(ODD[odd], key))
    assert grade(said) <= MOST, f"grade {grade(said):.1f}: {said}"


@pytest.mark.parametrize("key", INDICATORS)
def test_the_first_paragraph_says_the_figure_with_its_numbers_or_why_there_is_none(key):
    """A derivation: the energy, what the building adds, what a kWh stands for, and what that makes."""
    said = first_paragraph(text_of(ODD["measured"], key))
    name = INDICATORS[key].name
    if "there is no figure" in said:
        assert f"no figure for {name}. " in said
        assert len(said.split(". ")) >= 2
        return
    assert f": {name} is " in said
    if key != "ewaste":
        assert " at the plug." in said
        assert "(times 1.20)" in said
        assert "In France, each kWh stands for " in said
    assert " the hardware is " in said


def test_the_numbers_of_the_paragraph_are_those_of_the_run():
    raw = ODD["measured"]
    run = account(raw, catalogue.load("FR", cpu=raw.head.host.cpu))
    said = first_paragraph(text_of(raw, "primary_energy"))
    energy, using = run.energy, run.impacts["primary_energy"].operational
    assert f"The job took {amount(energy.job_kwh.central, 'kWh')} at the plug." in said
    assert f"that is {amount(energy.facility_kwh.central, 'kWh')}." in said
    assert f"stands for {amount(using.central / energy.facility_kwh.central, 'MJ')}." in said
    assert f"makes {amount(using.central, 'MJ')}." in said


def test_a_run_without_sensors_says_that_a_model_speaks():
    said = first_paragraph(text_of(ODD["by a model"], "carbon_location"))
    assert "No sensor could be read. A model says that the job took" in said


def test_a_claim_is_called_one_and_goes_by_the_contract_not_the_place():
    said = first_paragraph(text_of(ODD["a contract"], "carbon_market"))
    assert "carbon by contract: claim of" in said
    assert "In France" not in said
