"""A run's document: it is JSON, it keeps 12 digits, and it can be read back."""

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from footprint.interval import KINDS, Interval, rounded
from footprint.records.derivation import Impact, Missing
from footprint.records.document import as_document, from_document
from footprint.records.gap import Gap
from footprint.records.hardware import Hardware, Held
from footprint.records.raw import RegionRef
from footprint.records.result import (
    Activity,
    Boundary,
    Component,
    Energy,
    HostResult,
    OwnCost,
    Provenance,
    Run,
    Served,
    SpanResult,
    UnitResult,
)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
maybe_text = st.none() | text
number = st.floats(allow_nan=False, allow_infinity=False)
names = st.lists(text, max_size=3).map(tuple)
class_ = st.sampled_from(["status", "direction", "inventory", "claim"])
missing = st.builds(Missing, st.text(min_size=1, max_size=10))


@st.composite
def intervals(draw):
    """Any interval, also one without a number."""
    if draw(st.integers(0, 9)) == 0:
        return Interval(math.nan, math.nan, math.nan, "lower_bound")
    return Interval(*sorted((draw(number), draw(number), draw(number))), draw(st.sampled_from(KINDS)))


figures = intervals() | missing


@st.composite
def impacts(draw):
    """With a total; or without, and then without parts."""
    if draw(st.booleans()):
        why = draw(missing)
        return Impact(draw(text), draw(class_), why, why, why)
    parts = draw(st.dictionaries(text, figures, max_size=3))
    return Impact(
        draw(text), draw(class_), draw(figures), draw(figures), draw(intervals()), parts, None, draw(names), draw(names),
        draw(names),
    )  # fmt: skip


runs = st.builds(
    Run,
    run_id=text, group=maybe_text, continues=maybe_text, parent=maybe_text, name=maybe_text, project=maybe_text,
    team=maybe_text, tags=st.dictionaries(text, text, max_size=3), status=text,
    exit_code=st.none() | st.integers(0, 255), error=maybe_text, started_at=text, ended_at=text,
    duration_s=number | st.just(math.nan), region=st.builds(RegionRef, text, text, text, text),
    host=st.builds(
        HostResult, text, text, st.integers(0, 512), st.none() | number, st.none() | st.booleans(), names,
        context=st.dictionaries(text, st.dictionaries(text, st.tuples(number, number, number), max_size=2), max_size=2),
        container=maybe_text,
    ),
    energy=st.builds(
        Energy, intervals(), intervals(), intervals(), intervals(), intervals(), text,
        st.lists(
            st.builds(Component, text, text, text, text, intervals(), intervals(), intervals(), number, text, intervals()), max_size=2
        ).map(tuple),
        st.lists(st.builds(Gap, text, number, number, text, text), max_size=2).map(tuple),
    ),
    boundary=st.builds(Boundary, names, names, names, names),
    own=st.builds(OwnCost, number, number, number | st.just(math.nan), st.booleans()),
    activity=st.builds(Activity, number, st.none() | number, st.integers(0, 9), number),
    impacts=st.dictionaries(text, impacts(), max_size=3),
    spans=st.lists(st.builds(SpanResult, text, names, st.integers(1, 9), number, intervals()), max_size=2).map(tuple),
    units=st.dictionaries(text, st.builds(UnitResult, number, st.dictionaries(text, intervals(), max_size=2), number), max_size=2),
    provenance=st.builds(
        Provenance, text, text, text, names,
        st.dictionaries(text, st.none() | text | number | st.booleans(), max_size=3),
        st.dictionaries(text, text, max_size=2),
    ),
    serving=st.none() | st.builds(
        Served, text, names, number, number, st.integers(0, 9), st.integers(0, 9), intervals(), intervals(),
    ),
    hardware=st.none() | st.builds(
        Hardware, number, st.lists(st.builds(Held, text, text, number, number), max_size=2).map(tuple), names,
    ),
)  # fmt: skip


def written(value):
    """A record as it must come back: numbers with 12 digits, mappings plain."""
    if isinstance(value, float):
        return rounded(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(written(part) for part in value))
    if isinstance(value, tuple | list):
        return type(value)(written(part) for part in value)
    if isinstance(value, dict):
        return {key: written(part) for key, part in value.items()}
    return value


def told(value):
    """For comparing: NaN is like NaN."""
    return repr(value)


@given(runs)
def test_a_document_read_back_is_the_run_with_12_digits(run):
    through_json = json.loads(json.dumps(as_document(run), allow_nan=False))
    assert told(from_document(through_json)) == told(written(run))


@given(runs)
def test_writing_again_what_was_read_gives_the_same_bytes(run):
    once = json.dumps(as_document(run))
    assert json.dumps(as_document(from_document(json.loads(once)))) == once


@given(runs)
def test_rounding_keeps_low_central_high_in_order(run):
    for interval in (run.energy.job_kwh, run.energy.host_kwh):
        shown = as_document(run._replace(energy=run.energy._replace(job_kwh=interval)))["energy"]["job_kwh"]
        if shown["central"] is not None:
            assert shown["low"] <= shown["central"] <= shown["high"]
