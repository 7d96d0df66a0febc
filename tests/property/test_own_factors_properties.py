"""What must hold of a user's own factors, whatever their zone, part, year and size; and of any bytes given as a file."""

import csv
import io
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footprint import catalogue, own_file
from footprint import journal_form as form
from footprint.errors import UsageError
from footprint.impacts import INDICATORS, impacts_of
from footprint.interval import Interval, exact, product
from footprint.own_factors import PARTS, SITE, TOTAL, applied, is_own
from footprint.own_file import COLUMNS
from footprint.records.derivation import Missing
from footprint.records.own_factors import Contract, OwnFactors
from footprint.records.raw import RegionRef

TABLE = catalogue.zones()
YEAR = 2026
CACHE = {}
FOLLOW = {"biodiversity": {"carbon_location", "water", "land"}, "water_scarcity": {"water"}}
"""Indicators that are made of others."""
CHOICES = [(indicator, part) for indicator, parts in PARTS.items() for part in parts if indicator != "pue"]

zones = st.sampled_from(sorted(zone for zone in TABLE.names if len(zone) == 2))
sizes = st.floats(1e-9, 1e3).map(lambda size: float(f"{size:.6g}"))
words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)


@st.composite
def rows(draw, zone):
    """Lines of some parts of a zone, never a total with its parts, as cells of a CSV."""
    chosen = draw(st.lists(st.sampled_from(CHOICES), min_size=1, max_size=6, unique=True))
    totals = {indicator for indicator, part in chosen if part == TOTAL}
    found = []
    for indicator, part in chosen:
        if indicator in totals and part != TOTAL:
            continue
        one, low, year = PARTS[indicator][part], draw(sizes), draw(st.integers(1990, YEAR))
        central = low * draw(st.floats(1, 10))
        ends = (low, central, central * draw(st.floats(1, 10)))
        texts = [draw(words) for _ in range(3)]
        found.append({
            "zone": zone, "indicator": indicator, "part": part, "year": year, "kind": "envelope",
            "scope": one.scope or "all", "unit": one.unit, "per": one.per, "source_title": texts[0],
            "source_publisher": texts[1], "source_year": 2025, "source_licence": texts[2],
            **{name: repr(end) for name, end in zip(("low", "central", "high"), ends, strict=True)},
        })  # fmt: skip
    return found


def written(lines):
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().encode()


def of_zone(lines, zone):
    file = own_file.parse(written(lines), "my.csv", TABLE)
    return own_file.for_run(file, None, RegionRef(zone, "flag", zone), TABLE)


def impacts(known, kwh=1.0):
    pue = exact(1.4)
    return impacts_of(exact(kwh), product(exact(kwh), pue), pue, known, YEAR)


def known_of(zone):
    return CACHE.setdefault(zone, catalogue.load(zone))


@settings(max_examples=60, deadline=None)
@given(st.data(), zones)
def test_own_factors_take_their_places_and_no_others(data, zone):
    lines = data.draw(rows(zone))
    before, one = known_of(zone), applied(known_of(zone), of_zone(lines, zone), zone, YEAR)
    ids = {row.id for row in one.catalogue.factors if is_own(row.id)}
    assert ids == set(one.instead_of)
    assert len(ids) == len(lines)
    found, was = impacts(one.catalogue), impacts(before)
    touched = {line["indicator"] for line in lines}
    for key in INDICATORS:
        if key not in touched and not FOLLOW.get(key, set()) & touched:
            assert found[key] == was[key], key
    gone = {name for names in one.instead_of.values() for name in names}
    for impact in found.values():
        assert not gone & set(impact.factors)


@settings(max_examples=60, deadline=None)
@given(st.data(), zones)
def test_sums_hold_and_nothing_is_added_to_a_total(data, zone):
    """Direct, upstream and losses add up to what using the hardware took; or the total is it, alone."""
    lines = data.draw(rows(zone))
    found = impacts(applied(known_of(zone), of_zone(lines, zone), zone, YEAR).catalogue)
    carbon = found["carbon_location"]
    total = next((line for line in lines if (line["indicator"], line["part"]) == ("carbon_location", TOTAL)), None)
    parts = [part.central for part in carbon.parts.values() if isinstance(part, Interval)]
    if total is None:
        assert math.fsum(parts) == pytest.approx(carbon.operational.central, rel=1e-9)
    else:
        assert parts == []
        assert carbon.operational.central == pytest.approx(1.4 * float(total["central"]), rel=1e-9)
        assert len(carbon.factors) == 1
    for impact in found.values():
        for value in (impact.operational, impact.total, *impact.parts.values()):
            assert isinstance(value, Missing) or 0 <= value.low <= value.central <= value.high


@settings(max_examples=50, deadline=None)
@given(
    st.data(), zones, st.one_of(st.none(), st.builds(Contract, sizes, st.just("GO"), words, st.integers(2000, 2050)))
)
def test_what_is_read_is_kept_to_the_last_digit(data, zone, contract):
    """From the file to the journal and back: the same rows, texts and numbers."""
    lines = data.draw(rows(zone))
    own = of_zone(lines, zone)._replace(contract=contract)
    for line, row in zip(lines, own.rows, strict=True):
        assert (row.low, row.central, row.high) == tuple(float(line[name]) for name in ("low", "central", "high"))
        assert (row.source_title, row.source_licence) == (line["source_title"], line["source_licence"])
    content = json.loads(json.dumps(form.plain(own)))
    assert form._own_from(content) == own


@settings(max_examples=50, deadline=None)
@given(st.data(), zones, zones)
def test_a_run_elsewhere_is_not_touched(data, zone, other):
    """But by what is of the whole world or of a provider."""
    lines = data.draw(rows(zone))
    found = of_zone(lines, other)
    assert (found is None) == (zone != other)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_file_or_a_line_that_says_why_not(data):
    found = read_or_refused(data)
    if isinstance(found, str):
        assert "\n" not in found
        assert found.startswith("factors file my.csv")


def read_or_refused(data):
    """The file, or the line that says why it is none."""
    try:
        return own_file.parse(data, "my.csv", TABLE)
    except UsageError as fault:
        return str(fault)


CELLS = st.one_of(
    st.text(max_size=12), st.sampled_from(["FR", "carbon_location", "direct", "2024", "-1", "nan", "1e999", "gCO2e", "kWh",
                                           "envelope", "aws:eu-west-3", "WORLD", "", " ", '"', "\r", "1,5"]),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=len(COLUMNS), max_size=len(COLUMNS)), min_size=1, max_size=3))
def test_any_cells_are_rows_or_a_line_that_says_what_is_wrong_where(lines):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(lines)
    found = read_or_refused(out.getvalue().encode("utf-8", "surrogatepass"))
    if isinstance(found, str):
        assert "my.csv" in found
    else:
        assert all(math.isfinite(row.high) and row.low >= 0 for row in found.rows)


def test_what_a_site_takes_is_of_the_site():
    assert {(indicator, part) for indicator, parts in PARTS.items() for part, one in parts.items() if one.of == SITE} == {
        ("water", "on_site"), ("pue", "facility"),
    }  # fmt: skip
    assert OwnFactors() == OwnFactors("", "", (), None)
