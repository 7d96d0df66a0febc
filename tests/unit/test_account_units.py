"""What one token or request took: all energy of the time in which it was counted, idle apart, for a run and by hour."""

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_journals import START, frame, head

from footprint import catalogue
from footprint.account import account
from footprint.account.hours import hours_of
from footprint.compare import compare
from footprint.interval import Interval
from footprint.records.document import as_document, from_document
from footprint.records.hours_document import as_document as hours_document
from footprint.records.raw import COUNTING, RESTARTED, UNCOUNTED, Counted, Event, IdlePower, RawRun, RunEnd, Settings

FR = catalogue.load("FR")
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "run-1.json").read_text())
IDLE = {"package-0": IdlePower(10.0, "calibrated")}


def served(
    counts, duration_s=100.0, *, step_s=1.0, units=None, events=(), end=True, started_at=START, watts=30.0, **more
):
    """A run at constant power that is alone on its host; every second a frame, and a server's counts."""
    frames = tuple(frame(number * step_s, watts) for number in range(round(duration_s / step_s) + 1))
    events = (Event(0.0, "", COUNTING, "vLLM"), *events)
    closed = RunEnd(duration_s, "completed", 0, None, units or {}) if end else None
    return RawRun(head(started_at=started_at, idle=IDLE, **more), frames, (), events, closed, not end, tuple(counts))


def counts(from_s, to_s, **amounts):
    return [Counted(from_s, {}), Counted(from_s, dict.fromkeys(amounts, 0.0)), Counted(to_s, amounts)]


def close(value, other):
    return value[:3] == pytest.approx(other[:3], rel=1e-9)


def test_over_a_whole_run_one_unit_is_the_total_over_the_count_exactly():
    run = account(served(counts(0.0, 100.0, output_tokens=500.0, input_tokens=4_000.0)), FR)
    assert list(run.units) == ["output_tokens", "input_tokens"]
    for unit in run.units.values():
        assert unit.share == 1.0
        assert [end * unit.amount for end in unit.per_unit["job_kwh"][:3]] == pytest.approx(run.energy.job_kwh[:3])
        for key in ("carbon_location", "water"):
            total = run.impacts[key].total
            assert [end * unit.amount for end in unit.per_unit[key][:3]] == pytest.approx(total[:3])
            assert unit.per_unit[key].kind == total.kind
    assert run.serving.job_kwh == run.energy.job_kwh
    assert (run.serving.server, run.serving.from_s, run.serving.to_s, run.serving.readings) == ("vLLM", 0.0, 100.0, 2)


def test_a_window_has_the_energy_of_its_own_time():
    """Counted from 20 s to 70 s of 100: at constant power, half of all energy."""
    run = account(served(counts(20.0, 70.0, output_tokens=500.0)), FR)
    unit = run.units["output_tokens"]
    assert unit.share == pytest.approx(0.5)
    assert unit.per_unit["job_kwh"].central * 500 == pytest.approx(run.energy.job_kwh.central / 2)
    assert run.serving.job_kwh.central == pytest.approx(run.energy.job_kwh.central / 2)
    assert unit.per_unit["carbon_location"].central * 500 == pytest.approx(
        run.impacts["carbon_location"].total.central / 2
    )
    assert any("from second 20.0 to 70.0" in note and "must not be added" in note for note in run.boundary.notes)


@pytest.mark.parametrize(("policy", "part"), [("reserved", 1 / 3), ("all", 1 / 3), ("none", 0.0)])
def test_idle_energy_stands_apart_by_the_policy_of_the_run(policy, part):
    """30 W, of which 10 W when idle, alone on the host."""
    more = {"settings": Settings(policy, 1.2)}
    run = account(served(counts(0.0, 100.0, requests=10.0), **more), FR)
    share = run.serving.idle_kwh.central / run.serving.job_kwh.central
    package = next(one for one in run.energy.components if one.channel == "package-0")
    idle_j = 10.0 * 100.0 if policy != "none" else 0.0
    assert idle_j / package.host_j.central == pytest.approx(part)
    assert share == 0.0 if policy == "none" else 0.0 < share < 1.0
    each = run.units["requests"].per_unit
    assert each["idle_kwh"].central * 10 == pytest.approx(run.serving.idle_kwh.central)
    assert each["idle_kwh"].central <= each["job_kwh"].central


def test_a_unit_that_the_job_counted_itself_is_not_replaced():
    run = account(served(counts(20.0, 70.0, requests=7.0, input_tokens=9.0), units={"requests": 5.0}), FR)
    assert run.units["requests"].amount == 5.0
    assert run.units["requests"].share == 1.0
    assert "idle_kwh" not in run.units["requests"].per_unit
    assert run.serving.units == ("input_tokens",)


def test_a_unit_that_could_not_be_read_any_more_has_a_window_of_its_own():
    raw = served([
        Counted(0.0, {}),
        Counted(40.0, {"output_tokens": 100.0, "requests": 4.0}),
        Counted(80.0, {"requests": 9.0}),
    ])  # fmt: skip
    run = account(raw, FR)
    assert run.units["output_tokens"].share == pytest.approx(0.4)
    assert run.units["requests"].share == pytest.approx(0.8)


def test_nothing_served_is_a_count_of_zero_with_its_energy_and_no_figure_for_one():
    run = account(served(counts(0.0, 100.0, output_tokens=0.0)), FR)
    assert run.units["output_tokens"].amount == 0.0
    assert run.units["output_tokens"].per_unit == {}
    assert run.serving.job_kwh.central > 0


def test_what_went_wrong_with_the_counts_is_in_the_notes():
    events = (
        Event(7.0, "", RESTARTED, "again"),
        Event(9.0, "", UNCOUNTED, "it is HTML"),
        Event(11.0, "", UNCOUNTED, "late"),
    )
    run = account(served(counts(0.0, 100.0, requests=3.0), events=events), FR)
    assert run.serving.restarts == 1
    assert any("began again at zero (1×, first seen at second 7.0)" in note for note in run.boundary.notes)
    assert any("not read at second 9.0: it is HTML (and 1× more)" in note for note in run.boundary.notes)


@pytest.mark.parametrize("end", [True, False])
def test_a_killed_or_running_run_has_the_last_known_counts(end):
    run = account(served(counts(0.0, 60.0, requests=6.0), end=end), FR)
    assert run.units["requests"].amount == 6.0
    assert run.units["requests"].share == pytest.approx(0.6)


def test_without_counts_nothing_is_said_of_a_server():
    run = account(RawRun(head(), (frame(0.0), frame(4.0)), end=RunEnd(4.0, "completed", 0, None, {"images": 2.0})), FR)
    assert run.serving is None
    assert as_document(run)["serving"] is None
    assert "share" not in as_document(run)["units"]["images"]
    one = account(served([Counted(0.0, {})]), FR)
    assert (one.serving, one.units) == (None, {})
    nothing = account(RawRun(head(), (frame(0.0),), counts=tuple(counts(0.0, 0.0, requests=1.0))), FR)
    assert nothing.serving is None


def test_the_document_holds_to_the_schema_and_is_read_back():
    document = as_document(account(served(counts(20.0, 70.0, output_tokens=500.0, requests=0.0)), FR))
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(document, allow_nan=False)))
    assert as_document(from_document(document)) == document
    older = {key: value for key, value in document.items() if key != "serving"}
    assert from_document(older).serving is None


def test_compare_takes_one_unit_of_each_whatever_part_of_the_runs_it_was_counted_in():
    """The same server at the same power: a token takes as much, counted over half of the run or over all of it."""
    whole = account(served(counts(0.0, 100.0, output_tokens=1_000.0)), FR)
    half = account(served(counts(25.0, 75.0, output_tokens=500.0)), FR)._replace(run_id="other")
    compared = compare([whole, half], {})
    (one,) = [one for one in compared.pairs[0].quantities if one.per == "output_tokens" and one.key == "job_kwh"]
    assert one.a.central == pytest.approx(whole.units["output_tokens"].per_unit["job_kwh"].central)
    assert one.b.central == pytest.approx(half.units["output_tokens"].per_unit["job_kwh"].central)
    assert one.a.central == pytest.approx(one.b.central)


def test_hours_are_those_of_the_clock_and_add_up_to_the_run():
    """Begun at 09:40, three hours at 20 and then 30 W; 100 tokens a minute, none in the last hour but one."""
    minutes = [Counted(0.0, {})] + [
        Counted(60.0 * m, {"output_tokens": 100.0 * min(m, 80) + 100.0 * max(0, m - 140)}) for m in range(1, 181)
    ]
    raw = served(minutes, 10_800.0, step_s=60.0, started_at=START + 2_400.0)
    run, hours = account(raw, FR), hours_of(raw, FR)
    assert [hour.begins_at[11:16] for hour in hours] == ["09:00", "10:00", "11:00", "12:00"]
    assert [(hour.from_s, hour.to_s) for hour in hours] == [(0, 1_200), (1_200, 4_800), (4_800, 8_400), (8_400, 10_800)]
    assert [hour.units["output_tokens"].amount for hour in hours] == pytest.approx([2_000, 6_000, 0, 4_000])
    assert sum(hour.job_kwh.central for hour in hours) == pytest.approx(run.energy.job_kwh.central)
    assert sum(hour.idle_kwh.central for hour in hours) == pytest.approx(run.serving.idle_kwh.central)
    for key in ("carbon_location", "water"):
        assert sum(hour.impacts[key].central for hour in hours) == pytest.approx(run.impacts[key].total.central)
    assert hours[2].units["output_tokens"].per_unit == {}, "an hour without a token has energy, and no figure for one"
    assert hours[2].job_kwh.central > 0
    busy = hours[1].units["output_tokens"].per_unit
    assert busy["job_kwh"].central * 6_000 == pytest.approx(hours[1].job_kwh.central)
    assert [hour.readings for hour in hours] == [20, 60, 60, 40]
    document = hours_document(run.run_id, hours)
    assert json.loads(json.dumps(document, allow_nan=False))["schema"] == "footprint.hours/1"


def test_hours_of_a_run_without_counts_have_its_energy_alone_and_of_nothing_there_are_none():
    raw = RawRun(head(), tuple(frame(float(t)) for t in range(0, 4_001, 100)), end=RunEnd(4_000.0, "completed"))
    hours = hours_of(raw, FR)
    assert [dict(hour.units) for hour in hours] == [{}, {}]
    assert hours_of(RawRun(head(), (frame(0.0),)), FR) == ()


readings = st.lists(
    st.tuples(st.floats(0.001, 50.0), st.floats(0.0, 1e9), st.booleans()), min_size=1, max_size=12
)  # fmt: skip


@given(readings, st.floats(0.0, 40_000.0), st.floats(1.0, 400.0))
def test_whatever_was_counted_and_when_hours_add_up_and_no_part_exceeds_the_whole(steps, offset_s, watts):
    t_s, amount, made = 0.0, 0.0, [Counted(0.0, {})]
    for seconds, rise, told in steps:
        t_s, amount = round(t_s + seconds * 60, 3), amount + rise
        made.append(Counted(t_s, {"output_tokens": amount} if told else {}))
    raw = served(made, t_s, step_s=t_s / 7, started_at=START + offset_s, watts=watts)
    run, hours = account(raw, FR), hours_of(raw, FR)
    assert sum(hour.job_kwh.central for hour in hours) == pytest.approx(run.energy.job_kwh.central, rel=1e-9)
    if run.serving is not None:
        assert 0 <= run.serving.idle_kwh.central <= run.serving.job_kwh.central * (1 + 1e-9)
        assert run.serving.job_kwh.central <= run.energy.job_kwh.central * (1 + 1e-9)
    for name, unit in run.units.items():
        counted = sum(hour.units[name].amount for hour in hours if name in hour.units)
        assert counted == pytest.approx(unit.amount, rel=1e-6, abs=1e-6)
        assert all(
            isinstance(value, Interval) and value.low <= value.central <= value.high for value in unit.per_unit.values()
        )
