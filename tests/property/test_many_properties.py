"""Impacts of many runs at once are those of each of them one by one, to 1e-12, whatever the runs."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footprint import catalogue
from footprint.factors import Catalogue
from footprint.impacts import INDICATORS, impacts_of
from footprint.interval import KINDS, UNKNOWN, Interval, exact, product
from footprint.records.derivation import Missing
from footprint.records.hardware import Hardware, Held

pytest.importorskip("numpy")

from footprint.recompute import many
from footprint.recompute.formulas import difference
from footprint.recompute.many_runs import Runs, amounts, labels, machines

ZONES = sorted(catalogue.zones().names)
COMPONENTS = sorted({row.zone for row in catalogue.load("FR").factors if row.indicator == "embodied"})
HOSTINGS = ("", "aws:eu-west-3", "gcp:europe-west1", "nobody:nowhere")
CATALOGUES = {}

amount = st.just(0.0) | st.floats(1e-9, 1e6)


@st.composite
def intervals(draw, least=0.0):
    kind = draw(st.sampled_from(KINDS))
    central = least + draw(amount)
    if kind == "exact":
        return exact(central)
    return Interval(max(least, central * draw(st.floats(0, 1))), central, central * draw(st.floats(1, 30)), kind)


held = st.builds(
    Held,
    st.sampled_from([*COMPONENTS, "of-which-nobody-knows"]),
    st.just("a part"),
    st.sampled_from([0.5, 1.0, 2.0, 512.0]),
    st.just(0.0) | st.floats(0, 1),
)
hardware = st.none() | st.builds(
    Hardware,
    st.sampled_from([0.0, math.nan]) | st.floats(1e-6, 1e5),
    st.lists(held, max_size=4).map(tuple),
    st.sampled_from([(), ("memory of unknown size",)]),
)
pues = st.just(exact(1.0)) | st.just(UNKNOWN) | intervals(least=1.0)
runs = st.tuples(
    st.just(UNKNOWN) | intervals(),
    pues,
    st.sampled_from(ZONES),
    st.sampled_from(HOSTINGS),
    st.none() | st.integers(2019, 2027),
    hardware,
)


def whole(zone, hosting):
    """The catalogue as it is."""
    if (zone, hosting) not in CATALOGUES:
        CATALOGUES[zone, hosting] = catalogue.load(zone, hosting)
    return CATALOGUES[zone, hosting]


def in_columns(found):
    jobs, pue, zones, hostings, years, held_by = zip(*found, strict=True)
    return Runs(amounts(jobs), amounts(pue), labels(zones), labels(hostings), labels(years), machines(held_by))


def one_by_one(run, factors):
    job, pue, zone, hosting, year, held_by = run
    return impacts_of(job, product(job, pue), pue, factors(zone, hosting), year, hardware=held_by)


def assert_equal_to_one_by_one(found, factors=whole):
    seen = []
    for block in many.impacts_of_many(in_columns(found), factors):
        for place, row in enumerate(block.rows):
            seen.append(row)
            for key, impact in one_by_one(found[row], factors).items():
                for field in ("operational", "embodied", "total"):
                    at_once, alone = getattr(block.impacts[key], field).at(place), getattr(impact, field)
                    if isinstance(alone, Missing):
                        assert at_once == alone
                    else:
                        assert at_once.kind == alone.kind
                        assert difference(at_once, alone) <= 1e-12, (key, field, at_once, alone)
    assert sorted(seen) == list(range(len(found)))


@settings(max_examples=60, deadline=None)
@given(st.lists(runs, min_size=1, max_size=12))
def test_many_runs_are_each_of_them(found):
    """Every kind, nothing measured, PUE of 1, no energy, any zone, hosting and year, with hardware and without."""
    assert_equal_to_one_by_one(found)


@settings(max_examples=60, deadline=None)
@given(st.lists(runs, min_size=1, max_size=6), st.data())
def test_so_they_are_by_any_factors(found, data):
    """Factors that lack, of any kind, of zero: as a user's own or a later catalogue may have them."""
    lacking = data.draw(
        st.sets(st.sampled_from(sorted({(row.indicator, row.part) for row in whole("FR", "").factors})))
    )
    kinds = data.draw(st.lists(st.sampled_from([*KINDS, "p90", "zero"]), min_size=5, max_size=5))

    def factors(zone, hosting):
        known = whole(zone, hosting)
        rows = [row for row in known.factors if (row.indicator, row.part) not in lacking]
        return Catalogue("t", "0", tuple(of_kind(row, kinds[len(row.id) % 5]) for row in rows))

    assert_equal_to_one_by_one(found, factors)


def of_kind(row, kind):
    if kind == "zero" and row.part != "lifetime":
        return row._replace(low=0.0, central=0.0, high=0.0, kind="exact")
    if kind == "exact":
        return row._replace(low=row.central, high=row.central, kind="exact")
    return row if kind == "zero" else row._replace(kind=kind)


def test_no_indicator_needs_to_be_worked_out_run_by_run():
    """All of their derivations can be read: their formulas give their numbers."""
    for zone in ZONES:
        for measured in (True, False):
            kinds = many.made_up.Kinds("envelope", "p90", False, measured)
            assert many.made_up.of_using(kinds, whole(zone, ""), 2026, set()) is not None
    assert INDICATORS
