"""Small pure parts: ids, times, budgets, ranks."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footprint import budget
from footprint.account.when import iso_time, year_of
from footprint.errors import UsageError
from footprint.ranks import Rank, rank_of
from footprint.ulid import ulid


@given(st.floats(0, 4e9), st.binary(min_size=10, max_size=10))
def test_ids_sort_by_time_and_have_26_characters(seconds, chance):
    assert len(ulid(seconds, chance)) == 26
    assert ulid(seconds, chance) < ulid(seconds + 0.002, bytes(10))


@given(st.integers(0, 253_402_300_799_000))
def test_times_are_what_datetime_says(millis):
    expected = dt.datetime.fromtimestamp(millis / 1_000, dt.UTC)
    assert year_of(millis / 1_000) == expected.year
    assert iso_time(millis / 1_000)[:19] == expected.isoformat()[:19] or millis % 1_000 >= 999


@pytest.mark.parametrize(
    ("text", "indicator", "limit"),
    [
        ("2 kgCO2e", "carbon_location", 2_000.0),
        ("0.5kWh", "energy", 0.5),
        ("3600 kJ", "energy", 1.0),
        ("10 L", "water", 10.0),
        ("73 m2.day", "land", 0.2),
        ("1e-3 tCO2e", "carbon_location", 1_000.0),
    ],
)
def test_a_budget_is_a_number_and_a_unit(text, indicator, limit):
    parsed = budget.parse(text)
    assert (parsed.indicator, parsed.limit) == (indicator, pytest.approx(limit))


@pytest.mark.parametrize("text", ["2 bananas", "-1 kWh", "nan kWh", "0 kWh", "kWh", "2", "1.2.3 kWh", "inf L"])
def test_a_budget_that_cannot_be_is_refused_and_named(text):
    with pytest.raises(UsageError, match="budget"):
        budget.parse(text)


TORCHRUN = {
    "RANK": "3", "WORLD_SIZE": "8", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2",
    "MASTER_ADDR": "h", "MASTER_PORT": "29500", "TORCHELASTIC_RUN_ID": "none",
}  # fmt: skip


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        (TORCHRUN, Rank("torchrun-h:29500-0", 3, 8, 1, 2)),
        ({"SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0", "SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "4"},
         Rank("slurm-7.0", 1, 4)),
        ({"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2", "PMIX_NAMESPACE": "ns"}, Rank("mpi-ns", 0, 2)),
        ({"SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0", "SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1"}, None),
        ({"SLURM_JOB_ID": "7"}, None),
        ({"RANK": "x", "WORLD_SIZE": "8"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_ranks_are_told_by_the_environment(environ, expected):
    assert rank_of(environ) == expected


def test_ranks_of_one_job_share_a_group_and_a_restart_is_another():
    other = rank_of(TORCHRUN | {"RANK": "5"})
    again = rank_of(TORCHRUN | {"TORCHELASTIC_RESTART_COUNT": "1"})
    assert rank_of(TORCHRUN).group == other.group != again.group
