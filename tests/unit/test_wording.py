"""Numbers for people; and what no text of ours may claim."""

import ast
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footprint import wording
from footprint.interval import UNKNOWN, Interval, exact
from footprint.records.derivation import Missing

ROOT = Path(__file__).parents[2]


def envelope(low, central, high):
    return Interval(low, central, high, "envelope")


@pytest.mark.parametrize(
    ("kwh", "said"),
    [
        (0.0, "0 kWh"),
        (1.415e-4, "142 mWh"),
        (9.996e-4, "1.00 Wh"),
        (9.994e-4, "999 mWh"),
        (1.0, "1.00 kWh"),
        (123_456.0, "123 MWh"),
        (4e-12, "4.00 nWh"),
        (4e-16, "4.00e-4 nWh"),
        (5e11, "500,000 GWh"),
        (math.nan, "no figure"),
        (math.inf, "no figure"),
    ],
)
def test_energies_have_three_digits_and_a_unit_that_fits(kwh, said):
    assert wording.energy(kwh) == said


def test_masses_and_volumes_have_their_own_units():
    assert wording.mass(0.031, "CO2e") == "31.0 mg CO2e"
    assert wording.mass(2_000_000.0) == "2.00 t"
    assert wording.volume(0.0003) == "300 µL"
    assert wording.volume(1_500.0) == "1.50 m3"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "0 s"),
        (0.05, "50.0 ms"),
        (0.9999, "1 s"),
        (10.34, "10.3 s"),
        (59.97, "1 min"),
        (125.0, "2 min 5 s"),
        (3_600.0, "1 h"),
        (12_000.0, "3 h 20 min"),
        (367_000.0, "4 d 5 h"),
        (78_894_000.0, "2.50 years"),
        (math.nan, "no figure"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds, said):
    assert wording.duration(seconds) == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (exact(0.002), "kWh", "2.00 Wh"),
        (envelope(0.001, 0.002, 0.004), "kWh", "2.00 Wh (1.00 to 4.00, envelope)"),
        (Interval(0.001, 0.002, 0.004, "p90"), "kWh", "2.00 Wh (1.00 to 4.00, 90 % interval)"),
        (envelope(1e-9, 0.002, 4e4), "kWh", "2.00 Wh (1.00 µWh to 40.0 MWh, envelope)"),
        (Interval(0.001, 0.002, 0.004, "lower_bound"), "kWh", "at least 1.00 Wh (2.00 Wh counted)"),
        (Interval(0.002, 0.002, 0.002, "lower_bound"), "kWh", "at least 2.00 Wh"),
        (envelope(0.0, 12.0, 30.0), "gCO2e", "12.0 g CO2e (0 to 30.0, envelope)"),
        (envelope(1e-12, 2e-12, 3e-12), "species.yr", "2.00e-12 species.yr (1.00e-12 species.yr to 3.00e-12 species.yr, envelope)"),
        (exact(2.16e-7), "m2.yr", "78.8 mm2.day"),
        (exact(1e-4), "m2.yr", "365 cm2.day"),
        (exact(0.5), "m2.yr", "182 m2.day"),
        (exact(12.0), "m2.yr", "12.0 m2.yr"),
        (envelope(0.5, 2.0, 3.0), "m2.yr", "2.00 m2.yr (0.500 to 3.00, envelope)"),
        (Interval(0.5, 2.0, 3.0, "lower_bound"), "m2.yr", "at least 0.500 m2.yr (2.00 m2.yr counted)"),
        (Interval(1e-5, 2e-5, 3e-5, "lower_bound"), "m2.yr", "at least 36.5 cm2.day (73.0 cm2.day counted)"),
        (Interval(1e-5, 2.0, 3.0, "lower_bound"), "m2.yr", "at least 36.5 cm2.day (2.00 m2.yr counted)"),
        (Missing("no factor\nhere"), "L", "no figure: no factor?here"),
        (UNKNOWN, "L", "no figure"),
    ],
)  # fmt: skip
def test_a_range_is_said_with_its_kind(value, unit, said):
    assert wording.interval_text(value, unit) == said


@given(st.floats(min_value=1e-30, max_value=1e30))
def test_what_is_not_zero_is_never_written_as_zero(value):
    for said in (wording.number(value), wording.energy(value), wording.mass(value), wording.volume(value)):
        assert re.search(r"[1-9]", said)


@given(st.floats(min_value=1e-20, max_value=1e20))
def test_a_written_number_is_within_half_a_percent_of_the_number(value):
    assert float(wording.number(value).replace(",", "")) == pytest.approx(value, rel=0.0051)


CLAIMS = re.compile(
    r"carbon[- ]neutral|\bgreen\b|eco-?friendly|sustainab|climate[- ]neutral|net[- ]zero|planet-friendly", re.IGNORECASE
)
NAMES_OF_OTHERS = re.compile(
    r"green cloud computing|green-e|green algorithms|greenalgorithms|green[ _-]coding|green[- ]software|ACS Sustainab\w+",
    re.IGNORECASE,
)


def _texts(path):
    """What a file can print: the strings of a program, the lines of anything else."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return enumerate(text.splitlines(), 1)
    strings = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    return ((node.lineno, node.value) for node in strings if isinstance(node.value, str))


def test_no_word_of_ours_claims_more_than_a_number():
    """Names of sources may hold such words; what we say ourselves may not."""
    found = []
    for folder in ("footprint", "collectors", "dashboard"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in {".py", ".csv", ".json", ".css", ".js", ".html", ".md", ".toml"}:
                continue
            for line, text in _texts(path):
                claim = CLAIMS.search(NAMES_OF_OTHERS.sub("", text))
                if claim:
                    found.append(f"{path.relative_to(ROOT)}:{line}: {claim[0]}")
    assert not found, "\n".join(found)
