"""What ``footprint targets`` says, on hand-made standings, compared with golden files.

Renew the golden files with ``UPDATE_GOLDEN=1 pytest tests/unit/test_target_text.py`` and read the diff.
"""

import math
import os
from pathlib import Path

import pytest

from footprint.cli import target_text
from footprint.interval import UNKNOWN, Interval
from footprint.queries import Change
from footprint.targets import Pinned, Standing, target_of

GOLDEN = Path(__file__).parents[1] / "golden"
PIN = Pinned("2026.11", "e19c18c7fe414d3a")
NOVEMBER = {"first_day": "2026-11-01", "last_day": "2026-11-30", "days_left": 6}


def target(name, limit, **more):
    told = {"limit": limit, "owner": "platform team", "reason": "budget of 2026, decision 12"} | more
    return target_of(name, told, current=PIN, origin=more.pop("origin", ""))


CARBON = target("vision-carbon", "50 kgCO2e", project="vision")
ENERGY = target("all-energy", "20 kWh", owner="ops", reason="what the circuit allows")
WATER = target("water", "3 m3", team="nlp", period="quarter")
FILE = CARBON._replace(name="from a file\x07", origin="/srv/lab/ecology.toml")
STANDINGS = (
    Standing(
        CARBON, Interval(20e3, 31e3, 42e3, "lower_bound"), Interval(27e3, 41e3, 58e3, "lower_bound"), 19e3, 0.118, 1.0,
        "on_track", **NOVEMBER,
    ),
    Standing(
        ENERGY, Interval(21.0, 24.0, 27.5, "p90"), Interval(25.0, 29.0, 36.0, "p90"), -4.0, 1.0, 0.94, "over",
        silent=("rack-2",), **NOVEMBER,
    ),
    Standing(
        WATER, Interval(300.0, 900.0, 2500.0, "lower_bound"), Interval(600.0, 1700.0, 4800.0, "lower_bound"), 2100.0,
        math.nan, 1.0, "cannot_tell", "water is of the class direction: whether it rises or falls can be told, not "
        "whether it is on track", first_day="2026-10-01", last_day="2026-12-31", days_left=37,
    ),
    Standing(
        FILE, Interval(20e3, 31e3, 42e3, "envelope"), UNKNOWN, 19e3, math.nan, 0.71, "cannot_tell",
        "hosts fell silent; silent: rack-2, rack-3; coverage is 71%, and silence is no saving",
        silent=("rack-2", "rack-3"), **NOVEMBER | {"days_left": 1},
    ),
    Standing(
        CARBON._replace(name="new"), UNKNOWN, UNKNOWN, math.nan, math.nan, 0.0, "cannot_tell",
        "no run of project vision is known of this period or of the 28 days before today", **NOVEMBER | {"days_left": 0},
    ),
)  # fmt: skip
CHANGES = (
    Change("set", "2026-10-30T08:15:00.000Z", CARBON, CARBON.reason),
    Change("changed", "2026-11-02T09:00:00.000Z", CARBON._replace(limit=60e3, text="60 kgCO2e"), "two more people"),
    Change("rebased", "2026-11-20T10:30:00.000Z", CARBON, "catalogue 2026.11 mends Norway"),
    Change("removed", "2026-11-24T17:45:00.000Z", CARBON, "the project has ended"),
)
PAST = (
    STANDINGS[0]._replace(status="on_track", first_day="2026-10-01", last_day="2026-10-31", days_left=0),
    STANDINGS[3]._replace(first_day="2026-09-01", last_day="2026-09-30", days_left=0),
)


def golden(name: str, text: str) -> None:
    path = GOLDEN / f"targets-{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("plain", "suffix"), [(False, ""), (True, "-plain")])
def test_what_targets_say(plain, suffix):
    golden(f"check{suffix}", target_text.standings(STANDINGS, plain=plain))
    golden(f"list{suffix}", target_text.listing(STANDINGS, plain=plain))
    golden(f"history{suffix}", target_text.history(CHANGES, PAST, plain=plain))
    after = STANDINGS[0]._replace(target=CARBON._replace(catalogue=Pinned("2026.12", "ff")), status="likely_over")
    golden(f"rebased{suffix}", target_text.rebased(STANDINGS[0], after, plain=plain))


def test_a_name_cannot_move_the_readers_cursor():
    """``clean`` is asked for each word that people wrote."""
    for plain in (False, True):
        said = target_text.standings(STANDINGS, plain=plain) + target_text.listing(STANDINGS, plain=plain)
        assert all(char.isprintable() or char == "\n" for char in said)


def test_no_history_is_said():
    assert target_text.history((), (), plain=False) == "No target was ever set here.\n"
