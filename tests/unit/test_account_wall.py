"""A meter at the wall in the account: read by us or typed by a person, it replaces the modelled overhead."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_account_board import GPU, METER, PACKAGE, ROWS, SECONDS, run_of

from footprint.account import account
from footprint.collectors.channel import AT_WALL
from footprint.collectors.plan import inside_the_whole
from footprint.records.raw import WallReading
from footprint.records.wall_reading import parse
from footprint.units import J_PER_KWH

WALL = METER._replace(name="wall", collector="wall_meter", method="wall-power", thing=AT_WALL, sensor="wall-meter")
READING = parse("0.40:0.41:0.42")


def kwh(joules):
    return joules / J_PER_KWH


def with_typed(raw, reading):
    return raw._replace(head=raw.head._replace(wall=reading))


def typed(joules, width=0.01, error="stated"):
    value = kwh(joules)
    return WallReading(value * (1 - width), value, value * (1 + width), error, f"{value:.6g}")


def by_channel(result):
    return {one.channel: one for one in result.energy.components}


def test_a_typed_reading_contains_the_components_and_replaces_the_overhead():
    result = account(with_typed(run_of({PACKAGE: 100.0}), typed(1500)), ROWS)
    parts = by_channel(result)
    assert set(parts) == {"package-0", "wall-typed"}
    assert parts["wall-typed"].host_j.central == pytest.approx(500)
    assert (parts["wall-typed"].method, parts["wall-typed"].quality) == ("wall-typed", "stated")
    assert result.energy.host_kwh.central == pytest.approx(kwh(1500))
    assert result.energy.host_kwh.low <= kwh(1500 * 0.99)
    assert result.boundary.stated == ("board",)
    assert any("a person typed" in note for note in result.boundary.notes)


def test_a_typed_reading_stands_for_what_would_have_been_modelled():
    plain = account(run_of({}), ROWS)
    middle = plain.energy.host_kwh.central * J_PER_KWH
    result = account(with_typed(run_of({}), typed(middle)), ROWS)
    assert set(by_channel(result)) == {"wall-typed"}
    assert result.energy.host_kwh.central == pytest.approx(kwh(middle))
    assert result.energy.host_kwh.high < plain.energy.host_kwh.high


def test_a_typed_reading_below_the_parts_is_no_reading_and_all_else_stays():
    plain = account(run_of({PACKAGE: 100.0}), ROWS)
    result = account(with_typed(run_of({PACKAGE: 100.0}), typed(400)), ROWS)
    assert result.energy._replace(gaps=()) == plain.energy
    (gap,) = result.energy.gaps
    assert (gap.channel, gap.filled) == ("wall-typed", "model")
    assert "less than" in gap.why
    assert any(gap.why in part for part in result.boundary.left_out)


def test_a_typed_reading_a_little_below_the_parts_is_within_the_error_of_both():
    result = account(with_typed(run_of({PACKAGE: 100.0}), typed(980)), ROWS)
    assert result.energy.gaps == ()
    assert by_channel(result)["wall-typed"].host_j.central == 0
    assert result.energy.host_kwh.central == pytest.approx(kwh(1000))


def test_a_reading_in_another_unit_is_no_reading():
    result = account(with_typed(run_of({PACKAGE: 100.0}), parse("410")), ROWS)
    assert "which no machine draws" in result.energy.gaps[0].why
    assert "overhead" in by_channel(result)


def test_a_reading_without_an_error_is_taken_with_the_wide_one_that_nobody_states():
    wide = account(with_typed(run_of({PACKAGE: 100.0}), typed(1500, 0.0, "unstated")), ROWS).energy.host_kwh
    assert kwh(1000) < wide.low <= kwh(1200)
    assert kwh(1875) <= wide.high < kwh(2000)


def test_a_meter_at_the_wall_leaves_nothing_to_be_modelled_and_one_on_the_board_only_the_supply():
    channels = inside_the_whole((PACKAGE, WALL))
    wall = account(run_of(dict(zip(channels, (100.0, 300.0), strict=True))), ROWS)
    assert {name: one.host_j.central for name, one in by_channel(wall).items()} == pytest.approx(
        {"package-0": 1000, "wall": 2000}
    )
    assert any("nothing is modelled beyond" in note for note in wall.boundary.notes)
    board = account(run_of({PACKAGE: 100.0, METER: 300.0}), ROWS)
    assert set(by_channel(board)) == {"package-0", "board", "overhead"}
    assert any("whose loss is modelled" in note for note in board.boundary.notes)


def test_a_meter_at_the_wall_contains_the_one_on_the_board():
    packages = PACKAGE._replace(inside=None)
    channels = inside_the_whole((packages, WALL, METER))
    assert {one.name: one.inside for one in channels} == {
        "package-0": METER.thing,
        "wall": None,
        "board": WALL.thing,
    }
    raw = run_of(dict(zip(channels, (100.0, 400.0, 300.0), strict=True)))
    assert {name: one.host_j.central for name, one in by_channel(account(raw, ROWS)).items()} == pytest.approx(
        {"package-0": 1000, "board": 2000, "wall": 1000}
    )


def test_a_typed_reading_contains_the_meters_too():
    channels = inside_the_whole((PACKAGE._replace(inside=None), METER))
    raw = with_typed(run_of(dict(zip(channels, (100.0, 300.0), strict=True))), typed(3600))
    assert {name: one.host_j.central for name, one in by_channel(account(raw, ROWS)).items()} == pytest.approx(
        {"package-0": 1000, "board": 2000, "wall-typed": 600}
    )


watts = st.floats(0.1, 500)


@given(
    st.lists(watts, min_size=3, max_size=3), st.sets(st.sampled_from([PACKAGE, GPU, METER, WALL])),
    st.floats(1, 100_000), st.floats(0, 0.5), st.floats(0, 1), st.sampled_from(["stated", "unstated"]),
)  # fmt: skip
def test_every_joule_is_the_jobs_or_the_rests_whatever_a_person_types(powers, chosen, joules, width, share, error):
    order = [one._replace(inside=None) for one in (PACKAGE, GPU, METER, WALL) if one in chosen]
    channels = inside_the_whole(tuple(order))
    raw = run_of(dict(zip(channels, [*powers, math.fsum(powers)], strict=False)), share=share)
    result = account(with_typed(raw, typed(joules, width, error)), ROWS)
    plain = account(raw, ROWS)
    for one in result.energy.components:
        assert one.host_j.central == pytest.approx(one.job_j.central + one.rest_j.central, rel=1e-9, abs=1e-9)
        for value in (one.host_j, one.job_j, one.rest_j):
            assert 0 <= value.low <= value.central <= value.high < math.inf
    host_j = math.fsum(one.host_j.central for one in result.energy.components)
    assert result.energy.host_kwh.central * J_PER_KWH == pytest.approx(host_j, rel=1e-9)
    if "wall-typed" in by_channel(result):
        assert "overhead" not in by_channel(result)
        assert host_j >= joules * (1 - 1e-9)
    else:
        assert result.energy._replace(gaps=()) == plain.energy._replace(gaps=())
        assert result.energy.gaps


@given(
    st.lists(watts, min_size=2, max_size=2), st.sampled_from([(PACKAGE,), (METER,), (PACKAGE, METER), (PACKAGE, WALL), ()]),
    st.floats(1, 100_000), st.floats(0, 1), st.floats(0, 1), st.sampled_from(["reserved", "proportional", "none"]),
)  # fmt: skip
def test_runs_that_share_a_host_never_exceed_what_its_meter_counted(powers, chosen, joules, first, second, policy):
    """Two runs beside each other over one window, of which a person typed one reading."""
    second *= 1 - first
    channels = inside_the_whole(tuple(one._replace(inside=None) for one in chosen))
    watts_of = dict(zip(channels, [powers[0], math.fsum(powers)], strict=False))
    results = []
    for share in (first, second):
        raw = with_typed(run_of(watts_of, share=share), typed(joules))
        head = raw.head._replace(settings=raw.head.settings._replace(idle=policy))
        results.append(account(raw._replace(head=head), ROWS).energy)
    a, b = results
    assert a.host_kwh == b.host_kwh
    assert a.job_kwh.central + b.job_kwh.central <= a.host_kwh.central * (1 + 1e-9)
    if policy == "proportional" and first + second > 0:
        busy = first + second
        assert a.job_kwh.central + b.job_kwh.central == pytest.approx(a.host_kwh.central * busy, rel=1e-9)


def test_the_run_lasts_as_long_as_its_frames():
    assert run_of({}).end.t_s == SECONDS
