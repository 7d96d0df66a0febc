"""Published results from their published inputs: exact arithmetic, each within the rounding of the print."""

import csv
import json
from pathlib import Path

import pytest

import footprint

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
}
with (Path(__file__).parent / "cases.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']}-{case['output']}")
def test_the_published_inputs_give_the_published_number(case):
    given = {OPTIONS.get(name, name): value for name, value in json.loads(case["inputs"]).items()}
    amount = OUTPUTS[case["output"]](footprint.estimate(**given))
    assert amount.low == amount.central == amount.high, "given numbers are exact"
    assert abs(amount.central - float(case["value"])) <= float(case["tolerance"])


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
