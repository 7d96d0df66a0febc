"""Questions to the store: which runs, in what order, and what they add up to."""

import itertools
import json
import math
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_journals import START, result, run_id, write, write_live

from footprint import queries
from footprint.errors import NoSuchRun, UsageError
from footprint.interval import Interval, common_total, is_known, total
from footprint.queries import RunFilter
from footprint.queries.when import moment
from footprint.records.document import as_document
from footprint.records.raw import Settings
from footprint.store import rollups, upkeep

DAY_S = 86_400
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    """Six runs: two projects, three days, one inside another, one crashed."""
    write(tmp_path, 0, START, project="vision", tags={"seed": "7", "kind": "x"})
    write(tmp_path, 1, START + 60, project="vision", parent=run_id(0), team="blue")
    write(tmp_path, 2, START + DAY_S, project="ocean", name="50%_off")
    write(tmp_path, 3, START + 2 * DAY_S, project="ocean", end=False, tags={"seed": "7"})
    write(tmp_path, 4, START + 2 * DAY_S + 60, name="Train")
    write(tmp_path, 5, START + 2 * DAY_S + 120, parent=run_id(2, START + DAY_S), project="vision")
    store = queries.open_store(str(tmp_path), derive=result)
    yield store
    store.close()


def numbers(store, **asked):
    """Which runs, by their number in the energy: 30 W + number."""
    return [round(row.job_kwh.central * 3.6e6 / 4 - 30) for row in queries.list_runs(store, RunFilter(**asked))]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [5, 4, 3, 2, 1, 0]),
        ({"project": "vision"}, [5, 1, 0]),
        ({"team": "blue"}, [1]),
        ({"status": "crashed"}, [3]),
        ({"tag": {"seed": "7"}}, [3, 0]),
        ({"tag": {"seed": "7", "kind": "x"}}, [0]),
        ({"text": "TRAIN"}, [4]),
        ({"text": "%"}, [2]),
        ({"text": "50%_"}, [2]),
        ({"text": "5__off"}, []),
        ({"text": run_id(3, START + 2 * DAY_S).lower()}, [3]),
        ({"since": "2026-11-25T00:00:00.000Z"}, [5, 4, 3, 2]),
        ({"until": "2026-11-25T00:00:00.000Z"}, [1, 0]),
        ({"limit": 2}, [5, 4]),
        ({"limit": 2, "offset": 3}, [2, 1]),
        ({"limit": 0}, []),
        ({"offset": 5}, [0]),
        ({"sort": "energy"}, [5, 4, 3, 2, 1, 0]),
        ({"sort": "carbon", "descending": False}, [0, 1, 2, 3, 4, 5]),
        ({"sort": "project", "descending": False}, [2, 3, 0, 1, 5, 4]),
        ({"sort": "minerals"}, [5, 4, 3, 2, 1, 0]),
        ({"project": "'; DROP TABLE runs; --"}, []),
    ],
)
def test_filters_and_orders(store, asked, found):
    assert numbers(store, **asked) == found
    if "limit" not in asked and "offset" not in asked:
        assert queries.count_runs(store, RunFilter(**asked)) == len(found)


@pytest.mark.parametrize("asked", [{"sort": "started_at; --"}, {"status": "fine"}, {"limit": -1}, {"offset": -1}])
def test_what_cannot_be_asked_is_refused(store, asked):
    with pytest.raises(UsageError):
        queries.list_runs(store, RunFilter(**asked))


@pytest.mark.parametrize("sort", queries.SORTS)
def test_every_order_has_every_run(store, sort):
    for descending in (True, False):
        assert sorted(numbers(store, sort=sort, descending=descending)) == [0, 1, 2, 3, 4, 5]


def test_a_run_is_found_by_id_prefix_and_last(store):
    newest = run_id(5, START + 2 * DAY_S + 120)
    assert queries.resolve(store, newest) == newest
    assert queries.resolve(store, newest[:10].lower()) == newest
    assert queries.resolve(store, "last") == newest


def test_a_prefix_of_several_runs_names_them(store):
    with pytest.raises(UsageError, match=f"several runs begin like that.*{run_id(0)}"):
        queries.resolve(store, run_id(0)[:6])


@pytest.mark.parametrize(
    ("ref", "says"),
    [
        ("nonexistent", "footprint list"),
        ("", "footprint list"),
        ("train", f"the last run named 'Train' is {run_id(4, START + 2 * DAY_S + 60)}"),
        (run_id(0)[:-1] + "Z", run_id(0)),
        ("%", "footprint list"),
    ],
)
def test_a_run_that_is_not_there_is_answered_with_the_nearest(store, ref, says):
    with pytest.raises(NoSuchRun) as raised:
        queries.resolve(store, ref)
    assert says in str(raised.value)
    assert raised.value.exit_code == 3


def test_the_stored_document_is_the_one_that_the_run_gave(store):
    name = queries.resolve(store, "last")
    assert queries.document(store, name) == json.loads(json.dumps(as_document(result(queries.raw_run(store, name)))))
    with pytest.raises(NoSuchRun):
        queries.document(store, "none")


def test_a_run_counts_only_where_its_parent_does_not(store):
    assert queries.sums(store).runs == 4, "run 1 is inside run 0, run 5 inside run 2"
    assert queries.sums(store, asked=RunFilter(project="vision")).runs == 2, "the parent of run 5 is not among these"
    assert queries.sums(store, asked=RunFilter(team="blue")).runs == 1


def test_sums_of_days_and_projects_are_the_sum(store):
    whole = queries.sums(store).value.central
    assert sum(day.sum.value.central for day in queries.daily(store)) == pytest.approx(whole)
    projects = queries.by_project(store)
    assert sum(one.sum.value.central for one in projects) == pytest.approx(whole)
    assert [one.project for one in projects] == ["ocean", "", "vision"]
    assert [day.day for day in queries.daily(store)] == ["2026-11-24", "2026-11-25", "2026-11-26"]
    assert queries.over_time(store, "job_kwh", RunFilter(), 3) == queries.daily(store)
    months = queries.over_time(store, "job_kwh", RunFilter(), 2)
    assert [month.day for month in months] == ["2026-11"]
    whole = queries.sums(store).value
    assert months[0].sum.value[:3] == pytest.approx(whole[:3], rel=1e-12)
    assert months[0].sum.value.kind == whole.kind


@pytest.mark.parametrize("asked", [RunFilter(), RunFilter(status="completed"), RunFilter(text="no such run")])
def test_several_totals_are_each_the_sum(store, asked):
    keys = ("water", "job_kwh", "carbon_location", "minerals")
    assert queries.totals(store, keys, asked) == {key: queries.sums(store, key, asked) for key in keys}


def test_shares_of_the_energy(store):
    """How much was measured, and how much was used where the region is a guess."""
    assert queries.energy_shares(store).measured == 1.0
    ways = {run.zone_how for run in queries.list_runs(store)}
    assert queries.energy_shares(store, guesses=tuple(ways)).guessed == pytest.approx(1.0)
    assert queries.energy_shares(store, guesses=("nobody says so",)).guessed == 0.0
    assert queries.energy_shares(store, RunFilter(project="no such project")) == (None, 0.0)


@pytest.mark.parametrize("indicator", ["job_kwh", "carbon_location", "carbon", "minerals", "ewaste"])
def test_rollups_say_what_the_runs_say(store, indicator):
    """A filter that holds everything, and cannot be answered from rollups, gives the same sums."""
    all_of_them = RunFilter(since="2000-01-01T00:00:00.001Z")
    by_runs, by_rollups = (queries.daily(store, indicator, asked) for asked in (all_of_them, RunFilter()))
    assert str(by_runs) == str(by_rollups)
    some = RunFilter(since="2026-11-25T00:00:00.000Z", until="2026-11-26T00:00:00.000Z")
    assert str(queries.sums(store, indicator, some)) == str(
        queries.sums(store, indicator, some._replace(since="2026-11-24T23:59:59.999Z"))
    )


@pytest.mark.parametrize("project", [None, "vision", "ocean", "nobody's"])
@pytest.mark.parametrize("status", [None, "completed", "crashed"])
@pytest.mark.parametrize("days", [("", ""), ("2026-11-25", ""), ("2026-11-26", ""), ("", "2026-11-26")])
def test_filters_that_rollups_answer_say_what_the_runs_say(store, project, status, days):
    """A run counts where its parent is not in the filter, though rollups leave it out wherever that is stored."""
    since, until = (f"{day}T00:00:00.000Z" if day else None for day in days)
    asked = RunFilter(project=project, status=status, since=since, until=until)
    by_runs = asked._replace(since=f"{'2000-01-01' if since is None else days[0]}T00:00:00.001Z")
    for indicator in ("job_kwh", "carbon_location"):
        assert plain(queries.sums(store, indicator, asked)) == plain(queries.sums(store, indicator, by_runs))
        assert days_of(store, indicator, asked) == days_of(store, indicator, by_runs)
    assert [one.project for one in queries.by_project(store, asked)] == [
        one.project for one in queries.by_project(store, by_runs)
    ]


def plain(found):
    """A sum but for the last digits, which depend on the order of adding."""
    return [f"{bound:.12g}" for bound in found.value[:3]], found.value.kind, found.runs, found.unknown, found.why


def days_of(store, indicator, asked):
    return [(day.day, plain(day.sum)) for day in queries.daily(store, indicator, asked)]


def test_shared_errors_do_not_shrink(tmp_path):
    for number in range(4):
        write(tmp_path, number, START + number * DAY_S, project=f"p{number}")
    with queries.opened(str(tmp_path), derive=result) as store:
        value = queries.sums(store).value
        rows = queries.list_runs(store)
    assert value[:3] == pytest.approx(common_total(row.job_kwh for row in rows)[:3])
    assert value.kind == "p90"
    assert (value.high - value.central) / value.central == pytest.approx(0.1)


def test_what_shares_no_sensor_and_no_factor_is_independent():
    from footprint.queries.sums import _Group, _sum

    def group(factor, sensor, low=9.0):
        return _Group("job_kwh", "d", "", factor, sensor, False, 1, 0, Interval(low, 10.0, 11.0, "p90"))

    apart = _sum([group("f1", "a"), group("f2", "b")]).value
    assert apart == total([Interval(9.0, 10.0, 11.0, "p90")] * 2)
    for first, second, between in [
        (("f", "a"), ("f", "b"), None),
        (("f1", "a+m"), ("f2", "b+m"), None),
        (("f", "a"), ("g", "b"), ("f+g", "c")),
    ]:
        linked = [group(*first), group(*second)] + ([group(*between)] if between else [])
        assert _sum(linked).value == common_total(one.value for one in linked)


def test_a_sum_with_something_unknown_is_at_least_so_much(tmp_path):
    write(tmp_path, 0)

    def derive(raw):
        run = result(raw)
        if raw.head.run_id == run_id(1):
            nothing = Interval(math.nan, math.nan, math.nan, "lower_bound")
            return run._replace(energy=run.energy._replace(job_kwh=nothing), impacts={})
        return run

    write(tmp_path, 1)
    with queries.opened(str(tmp_path), derive=derive) as store:
        found = queries.sums(store)
        assert queries.list_runs(store, RunFilter(sort="energy"))[-1].run_id == run_id(1)
        assert not is_known(queries.list_runs(store)[0].job_kwh)
    assert (found.runs, found.unknown, found.value.kind) == (2, 1, "lower_bound")
    assert found.value.central == pytest.approx(30 * 4 / 3.6e6)


def test_sums_of_runs_that_carry_all_idle_energy_are_refused_with_a_word(tmp_path):
    write(tmp_path, 0, settings=Settings("all", 1.2))
    with queries.opened(str(tmp_path), derive=result) as store:
        assert is_known(queries.sums(store).value), "one alone is its own sum"
    write(tmp_path, 1)
    with queries.opened(str(tmp_path), derive=result) as store:
        found = queries.sums(store)
    assert not is_known(found.value)
    assert "cannot be added" in found.why


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(5)), st.lists(st.integers(-1, 4), min_size=5, max_size=5), st.data())
def test_sums_do_not_depend_on_the_order_in_which_runs_come(tmp_path_factory, order, parents, data):
    """Children before parents, one by one or together: the rows are those of a store made at once."""
    home = tmp_path_factory.mktemp("home")
    stops = data.draw(st.sets(st.sampled_from(order)))
    for number in order:
        parent = parents[number]
        write(
            home,
            number,
            START + number * 40_000,
            1,
            parent=None if parent in (-1, number) else run_id(parent, START + parent * 40_000),
        )
        if number in stops:
            queries.open_store(str(home), derive=result).close()
    with queries.opened(str(home), derive=result) as store:
        assert upkeep.differences(store, result) == []


def test_the_state_changes_whenever_a_run_comes_ends_or_goes(tmp_path):
    states = []

    def look():
        with queries.opened(str(tmp_path), derive=result) as store:
            states.append(queries.state(store))
            assert queries.state(store) == states[-1]

    look()
    first = write(tmp_path, 1)
    look()
    log = write_live(tmp_path, 2)
    look()
    log.abandon()
    look()
    with queries.opened(str(tmp_path), derive=result) as store:
        queries.delete_kept(store, [first])
    look()
    assert all(before != after for before, after in itertools.pairwise(states))


def test_the_timeline_has_the_power_of_each_second_and_a_gap_is_none(tmp_path):
    from made_journals import PACKAGE, frame, head

    from footprint import journal
    from footprint.records.raw import Event, RunEnd

    log = journal.Journal(str(tmp_path), head())
    for t_s in range(6):
        one = frame(float(t_s), 30.0)
        log.frame(one._replace(readings=(None,)) if t_s == 3 else one)
    log.event(Event(3.0, PACKAGE.name, "failed", "why"))
    log.close(RunEnd(5.0, "completed", 0))
    with queries.opened(str(tmp_path)) as store:
        points = queries.timeline(store, run_id(0))
    assert [t_s for t_s, _ in points] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert [power["package-0"] for _, power in points] == [pytest.approx(30.0)] * 2 + [None, None] + [
        pytest.approx(30.0)
    ]
    assert all(power["dram"] > 0 for _, power in points), "what is modelled is among the channels"


def test_a_run_is_accounted_for_again_with_its_derivations(tmp_path):
    name = write(tmp_path)
    with queries.opened(str(tmp_path)) as store:
        run = queries.accounted_run(store, name)
        assert json.loads(json.dumps(as_document(run))) == queries.document(store, name)
    assert run.impacts["carbon_location"].derivation is not None


@pytest.mark.parametrize(
    ("text", "end", "found"),
    [
        ("2026-11-24", False, "2026-11-24T00:00:00.000Z"),
        ("2026-11-24", True, "2026-11-25T00:00:00.000Z"),
        ("2026-11-24T09:00", True, "2026-11-24T09:00:00.000Z"),
        ("2026-11-24T09:00+02:00", False, "2026-11-24T07:00:00.000Z"),
        ("7d", False, "2026-11-17T12:00:00.000Z"),
        ("90 m", False, "2026-11-24T10:30:00.000Z"),
        ("2w", True, "2026-11-10T12:00:00.000Z"),
    ],
)
def test_times_as_people_write_them(text, end, found):
    assert moment(text, "--since", NOW, end=end) == found


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "d", "-7d", "999999w", "2026-11-24T25:00"])
def test_what_is_no_time_is_refused_by_name(text):
    with pytest.raises(UsageError, match="--since"):
        moment(text, "--since", NOW)


def test_runs_for_python_become_a_table(tmp_path):
    name = write(tmp_path, 1, project="vision")
    write(tmp_path, 2)
    found = queries.runs(project="vision", home=str(tmp_path))
    table = found.to_pandas()
    assert [row.run_id for row in found] == [name]
    assert list(table["run_id"]) == [name]
    assert table["job_kwh"][0] == found[0].job_kwh.central
    assert {"job_kwh_low", "job_kwh_high", "job_kwh_kind", "carbon_location", "carbon_location_low"} <= set(
        table.columns
    )
    assert table["started_at"][0].isoformat() == "2026-11-24T09:00:00+00:00"
    assert queries.runs(project="none", home=str(tmp_path)).to_pandas().empty
    assert queries.runs(since=datetime(2027, 1, 1, tzinfo=UTC), home=str(tmp_path)) == []
    with pytest.raises(TypeError):
        queries.runs(projekt="vision")


def test_asking_loads_no_table_library():
    import subprocess

    code = "import sys, footprint.queries; sys.exit(bool({'pandas', 'numpy', 'alembic'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_sum_of_nothing_known_is_unknown():
    assert not is_known(rollups.summed([])[0])


def test_a_sum_with_a_part_unknown_is_a_lower_bound():
    known = Interval(1.0, 2.0, 3.0, "p90")
    nothing = Interval(math.nan, math.nan, math.nan, "p90")
    assert rollups.summed([known, nothing]) == (known._replace(kind="lower_bound"), 1)
    assert rollups.summed([known]) == (known, 0)


@pytest.mark.parametrize("text", ["\udcff", "x" * 100_000, "a\0b", "'; drop table runs; --", "\n"])
def test_no_text_that_somebody_writes_breaks_a_query(store, text):
    """Names that were no UTF-8 are kept spelt out, and found by what was written."""
    with pytest.raises(NoSuchRun):
        queries.resolve(store, text)
    assert queries.list_runs(store, RunFilter(project=text, team=text, tag={text: text})) == []
    if len(text) <= 1_000:
        assert queries.list_runs(store, RunFilter(text=text)) == []
    else:
        with pytest.raises(UsageError, match="longer"):
            queries.list_runs(store, RunFilter(text=text))
