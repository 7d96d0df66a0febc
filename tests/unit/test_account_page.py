"""The page that walks one run from the wall to what stood still says what the account says."""

import re
from pathlib import Path

import account_run
import pytest

from footprint import catalogue
from footprint.account import account

PAGE = (Path(__file__).parents[2] / "docs" / "account.md").read_text(encoding="utf-8")
RUN = account(account_run.run(), catalogue.load("FR", cpu=account_run.run().head.host.cpu))
WH_PER_J = 1 / 3_600


def test_every_row_of_the_page_is_the_accounts():
    """Host, job, held idle and rest of each channel, in Wh."""
    rows = re.findall(r"^\| (\S+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", PAGE, re.MULTILINE)
    assert {row[0] for row in rows} == {one.channel for one in RUN.energy.components}
    for one in RUN.energy.components:
        told = next(row[1:] for row in rows if row[0] == one.channel)
        counted = (one.host_j, one.job_j, one.held_idle_j, one.rest_j)
        assert [float(cell) for cell in told] == [
            pytest.approx(amount.central * WH_PER_J, abs=0.051) for amount in counted
        ]


def test_each_channel_closes():
    for one in RUN.energy.components:
        assert one.job_j.central + one.rest_j.central == pytest.approx(one.host_j.central, rel=1e-9)


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        (r"\*\*([\d,]+) Wh at the wall", RUN.energy.host_kwh.central * 1e3),
        (r"([\d,]+) Wh of this run\*\*", RUN.energy.job_kwh.central * 1e3),
        (r"\*\*(\d+) Wh stood still", sum(one.held_idle_j.central for one in RUN.energy.components) * WH_PER_J),
        (r"facility used ([\d,]+) Wh", RUN.energy.facility_kwh.central * 1e3),
        (r"some (\d+) J", RUN.own.energy_j),
        (r"that is ([\d.]+) gCO2e", RUN.impacts["carbon_location"].operational.central),
        (r"adds ([\d.]+) gCO2e", RUN.impacts["carbon_location"].embodied.central),
        (r"Together ([\d.]+) gCO2e", RUN.impacts["carbon_location"].total.central),
        (r"water, L \| ([\d.]+)", RUN.impacts["water"].operational.central),
        (r"energy, MJ \| ([\d.]+)", RUN.impacts["primary_energy"].operational.central),
        (r"Sb-eq \| ([\d.]+)", RUN.impacts["minerals"].operational.central * 1e6),
        (r"Sb-eq \| [\d.]+ \| ([\d.]+)", RUN.impacts["minerals"].embodied.central * 1e6),
    ],
)
def test_the_figures_in_its_text_are_the_runs(words, amount):
    told = float(re.search(words, PAGE).group(1).replace(",", ""))
    assert told == pytest.approx(amount, rel=0.006)
