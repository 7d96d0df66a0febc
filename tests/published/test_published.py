"""Published results from their published inputs: exact arithmetic, each within the rounding of the print."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import footprint
from footprint import estimation
from footprint.cli.estimate import command

OPTIONS = {
    "carbon_intensity_g_per_kwh": "intensity",
    "carbon_intensity_market_g_per_kwh": "intensity_market",
    "primary_energy_mj_per_kwh": "primary_energy",
    "adpe_kg_per_kwh": "adpe",
}
OUTPUTS = {
    "energy_job_kwh": lambda made: made.energy.job_kwh,
    "energy_facility_kwh": lambda made: made.energy.facility_kwh,
    "carbon_operational_g": lambda made: made.impacts["carbon_location"].operational,
    "carbon_embodied_g": lambda made: made.impacts["carbon_location"].embodied,
    "carbon_total_g": lambda made: made.impacts["carbon_location"].total,
    "carbon_market_operational_g": lambda made: made.impacts["carbon_market"].operational,
    "primary_energy_operational_mj": lambda made: made.impacts["primary_energy"].operational,
    "minerals_operational_kg_sb": lambda made: made.impacts["minerals"].operational,
    "water_operational_l": lambda made: made.impacts["water"].operational,
}
with (Path(__file__).parent / "cases.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))


def flags_of(given):
    """The command line of a case, as somebody would write it."""
    words = []
    for name, value in given.items():
        flag = f"--{name.replace('_', '-')}"
        pairs = value.items() if name == "units" else [(None, value)]
        words += [word for key, one in pairs for word in (flag, str(one) if key is None else f"{key}={one}")]
    return words


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']}-{case['output']}")
def test_the_published_inputs_give_the_published_number(case):
    given = {OPTIONS.get(name, name): value for name, value in json.loads(case["inputs"]).items()}
    amount = OUTPUTS[case["output"]](footprint.estimate(**given))
    assert amount.low == amount.central == amount.high, "given numbers are exact"
    assert abs(amount.central - float(case["value"])) <= float(case["tolerance"])
    said = CliRunner().invoke(command, [*flags_of(given), "--json"])
    told = estimation.from_document(json.loads(said.stdout))
    assert OUTPUTS[case["output"]](told).central == pytest.approx(amount.central, rel=1e-11), "as the command says"


@pytest.mark.parametrize(
    ("given", "published_g"),
    [
        # Boavizta's documentation of UBA Texte 94/2021: 0.0197 kg/mm² × 294 mm² + 9.14 kg; 400 GB at 50.6 GB/cm²
        ({"cpu_die_mm2": 294}, 14_930),
        ({"ssd_gb": 400}, 23_730),
    ],
)
def test_components_made_lie_in_the_catalogues_range(given, published_g):
    amount = footprint.estimate(**given).impacts["carbon_location"].embodied
    assert amount.low <= published_g <= amount.high


def test_what_google_publishes_of_a_prompt_lies_in_the_range():
    """0.24 Wh, 0.26 mL on site, and 0.03 g by contracts with the making: the place is not named, so the range is wide."""
    one = footprint.estimate(llm="gemini-apps-median-text-prompt", requests=1)
    assert one.energy.facility_kwh.central == pytest.approx(0.000_24)
    assert one.impacts["carbon_location"].total.low <= 0.03 <= one.impacts["carbon_location"].total.high
    assert one.impacts["water"].total.low <= 0.000_26 <= one.impacts["water"].total.high
