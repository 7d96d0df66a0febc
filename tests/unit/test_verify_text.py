"""What ``verify`` and ``recompute`` say.

Renew the golden files with ``UPDATE_GOLDEN=1 pytest tests/unit/test_verify_text.py`` and read the diff.
"""

import os
from pathlib import Path

import pytest

from footprint.cli import recompute_text, verify_text
from footprint.recompute.comparing import NOTHING, Difference
from footprint.recompute.recomputing import CHANGED, REFUSED, SAME, Factors, Outcome
from footprint.recompute.verifying import CANNOT_TELL, DIFFERS, HOLDS, Verdict
from footprint.store.examining import Examined
from footprint.targets import Pinned

GOLDEN = Path(__file__).parents[1] / "golden"
NAME = "01M86CH3M0000000000000000"
CATALOGUE = "2026.11+e19c18c7fe41"
HEAD = "c744f25e67d72616988244f735de17f387fa16394c3c3f4dbd968a800abfea5b"
WHOLE = Examined(5, HEAD, (), (), {}, frozenset({f"{NAME}9"}), {}, frozenset())
SOME = (
    Verdict(f"{NAME}0", HOLDS, version=1, catalogue=CATALOGUE, is_sealed=True),
    Verdict(f"{NAME}1", HOLDS, version=2, catalogue=CATALOGUE, is_sealed=True, note="it was first sealed with another"),
    Verdict(
        f"{NAME}2", DIFFERS, is_sealed=True, catalogue=CATALOGUE,
        differences=(
            Difference("readings", "sha256 ab12", "sha256 cd34"),
            Difference("energy.job_kwh.central", 0.0123, 0.0246),
            Difference("tags.été \x1b[31m", NOTHING, "7"),
            *(Difference(f"list: column {number}", "x" * (200 if number == 0 else 3), None) for number in range(12)),
        ),
    ),
    Verdict(f"{NAME}3", CANNOT_TELL, catalogue="2020.01+abababababab", why="the catalogue is not kept here any more"),
)  # fmt: skip


def golden(name, text):
    """Compare with the golden file of that name."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("every", [False, True])
def test_verify(plain, every):
    faults = ["segment 2026-11.fps: its runs stand in another order than they were put there"] if every else []
    examined = WHOLE._replace(notes=("until 2026-11-25 the store knew another chain",)) if every else WHOLE
    said = verify_text.text(SOME, examined, faults, every=every, plain=plain)
    golden(f"verify{'-all' if every else ''}{'-plain' if plain else ''}.txt", said)


def test_a_home_without_a_chain_says_so():
    none = WHOLE._replace(links=0, head="0" * 64, deleted=frozenset())
    assert verify_text.text((), none, (), every=True, plain=False).splitlines()[-1].endswith("there is none here yet")


def told(carbon, water, catalogue="2026.11"):
    def interval(central):
        return {"low": 0.9 * central, "central": central, "high": 1.1 * central, "kind": "p90"}

    return {
        "energy": {"job_kwh": interval(0.5)},
        "impacts": {
            "carbon_location": {"unit": "gCO2e", "class": "status", "total": interval(carbon)},
            "water": {"unit": "L", "class": "direction", **water},
            "land": {"unit": "m2.yr", "class": "direction", "total": interval(0.01)},
        },
        "provenance": {"catalogue": catalogue},
    }


OUTCOMES = (
    Outcome(
        f"{NAME}0", CHANGED, told(100.0, {"missing": "no data"}),
        told(200.0, {"total": told(1.0, {})["energy"]["job_kwh"]}, "2027.01"), version=2,
    ),
    Outcome(f"{NAME}1", SAME, told(1.0, {"missing": "no data"}), version=1),
    Outcome(f"{NAME}2", REFUSED, told(1.0, {"missing": "no data"}), why="its record does not hold", version=1),
    Outcome(f"{NAME}3", CHANGED, told(1.0, {"missing": "no"}), told(1.0, {"missing": "no"}), version=3),
)  # fmt: skip


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("dry_run", [False, True])
def test_recompute(plain, dry_run):
    factors = Factors(Pinned("2027.01", "ab" * 32), "/nowhere")
    said = recompute_text.text(OUTCOMES, factors, dry_run=dry_run, plain=plain)
    golden(f"recompute{'-dry' if dry_run else ''}{'-plain' if plain else ''}.txt", said)


def test_of_many_runs_those_that_stay_are_counted():
    many = [Outcome(f"{NAME}{number}", SAME, told(1.0, {"missing": "no"})) for number in range(30)]
    said = recompute_text.text(many, Factors(Pinned("2027.01", "ab" * 32), ""), dry_run=False, plain=False)
    assert said == "Runs: 30. Figures that changed: 0. As before: 30.\n"
