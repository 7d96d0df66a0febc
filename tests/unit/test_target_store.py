"""Targets over stored runs: recorded histories, the pinned catalogue, the events journal and ``ecology.toml``."""

import json
import math
import shutil
from datetime import UTC, date, datetime, timedelta

import made_history
import made_journals
import pytest

from footprint import catalogue, queries
from footprint.account.account import account
from footprint.errors import NotPossible, UsageError
from footprint.queries import target_use
from footprint.queries.opening import accounted
from footprint.store import catalogues, events
from footprint.targets import Pinned, target_of

TODAY = date(2026, 11, 24)
OWNED = {"owner": "Mara", "reason": "decision 12"}


@pytest.fixture
def home(tmp_path):
    path = tmp_path / "home"
    path.mkdir()
    return path


@pytest.fixture
def nowhere(tmp_path):
    """A folder above which there is no ``ecology.toml``."""
    path = tmp_path / "work" / "deeper"
    path.mkdir(parents=True)
    return path


def target(name="t", limit="1000 kWh", *, pin=None, **more):
    return target_of(name, OWNED | {"limit": limit} | more, current=pin or catalogues.current())


def stand(home, one, today=TODAY, derive=accounted):
    store = queries.open_store(str(home), derive)
    try:
        (found,) = queries.standings_of(store, (one,), today)
    finally:
        store.close()
    return found


# --- a recorded history: hosts fall silent ---


def test_nothing_can_be_told_once_hosts_fall_silent(home):
    """rack-2 and rack-3 were last heard of on 9 and 10 November; a limit that is kept by silence alone is not kept."""
    made_history.write(home, "hosts_fall_silent.csv")
    store = queries.open_store(str(home))
    one = target(limit="1 kWh", project="vision")
    told = {}
    for day in (6, 10, 13, 14, 16, 24):
        (found,) = queries.standings_of(store, (one,), date(2026, 11, day))
        told[day] = (found.status, found.silent)
    store.close()
    assert told == {
        6: ("on_track", ()),
        10: ("on_track", ()),
        13: ("on_track", ("rack-2",)),
        14: ("cannot_tell", ("rack-2", "rack-3")),
        16: ("cannot_tell", ("rack-2", "rack-3")),
        24: ("cannot_tell", ("rack-2", "rack-3")),
    }


def test_silence_takes_nothing_from_what_is_over(home):
    made_history.write(home, "hosts_fall_silent.csv")
    found = stand(home, target(limit="1 Wh", project="vision"))
    assert (found.status, found.silent) == ("over", ("rack-2", "rack-3"))


def test_a_host_that_works_for_others_is_not_silent(home):
    """Its runs are another project's now: the first project's saving is a real one."""
    for day in range(1, 21):
        project = "vision" if day < 8 else "notes"
        at = made_history.noon(date(2026, 11, day))
        made_history.write_run(home, day, at, host="rack-1", project=project)
    found = stand(home, target(project="vision"), date(2026, 11, 20))
    assert (found.status, found.coverage) == ("on_track", 1.0)


def test_a_long_run_is_heard_of_while_it_lasts(home):
    """One run of ten days, and nothing else: its host is not silent on its ninth day, and on its 14th it is."""
    head_day = date(2026, 11, 2)
    made_history.write_run(home, 1, made_history.noon(head_day - timedelta(days=1)), project="vision")
    made_history.write_run(home, 2, made_history.noon(head_day), project="vision", seconds=1)
    one = target(project="vision")
    assert stand(home, one, date(2026, 11, 8)).status == "cannot_tell"
    store = queries.open_store(str(home))
    days = target_use.runs_since(store, date(2026, 10, 1).toordinal(), {"energy"})
    store.close()
    longer = [run._replace(last_day=run.day + 10) if run.day == head_day.toordinal() else run for run in days]
    heard = target_use.host_days(longer, one, date(2026, 11, 11).toordinal())
    assert max(heard[0].days) == date(2026, 11, 11).toordinal()


# --- what is counted ---


def used(home, one, today=TODAY):
    return stand(home, one, today).used.central


def test_a_run_inside_another_counts_once_and_alone_where_its_parent_does_not(home):
    at = made_history.noon(TODAY)
    outer = made_history.write_run(home, 1, at, project="vision")
    made_history.write_run(home, 2, at, project="vision", parent=outer, watts=10)
    made_history.write_run(home, 3, at, project="notes", parent=outer, watts=10)
    store = queries.open_store(str(home))
    whole = {row.run_id: row.job_kwh.central for row in queries.list_runs(store)}
    store.close()
    inner = [value for run_id, value in whole.items() if run_id != outer]
    assert used(home, target(project="vision")) == pytest.approx(whole[outer])
    assert used(home, target(project="notes")) == pytest.approx(inner[0])
    assert used(home, target()) == pytest.approx(whole[outer])


@pytest.mark.parametrize(
    ("period", "first", "last", "days"),
    [("month", "2026-11-01", "2026-11-30", 4), ("quarter", "2026-10-01", "2026-12-31", 6), ("year", "2026-01-01", "2026-12-31", 7)],
)  # fmt: skip
def test_a_period_is_one_of_the_calendar(home, period, first, last, days):
    begun = [
        "2025-12-31",
        "2026-01-01",
        "2026-10-01",
        "2026-10-31",
        "2026-11-01",
        "2026-11-02",
        "2026-11-23",
        "2026-11-24",
    ]
    for number, day in enumerate(begun):
        made_history.write_run(home, number, made_history.noon(date.fromisoformat(day)), project="vision")
    found = stand(home, target(period=period))
    one = stand(home, target(period="year"), date(2025, 12, 31)).used.central
    assert (found.first_day, found.last_day) == (first, last)
    assert found.used.central == pytest.approx(days * one)


def test_the_use_of_days_adds_low_to_low(home):
    """Runs share their factors and sensors: the relative width of a month is that of a day."""
    for day in range(1, 21):
        made_history.write_run(home, day, made_history.noon(date(2026, 11, day)), project="vision")
    one = target("c", "1 tCO2e", project="vision")
    first, last = stand(home, one, date(2026, 11, 1)).used, stand(home, one, date(2026, 11, 20)).used
    assert last.low / last.central == pytest.approx(first.low / first.central)
    assert last.high / last.central == pytest.approx(first.high / first.central)


def test_runs_that_each_carry_the_idle_energy_cannot_be_added(home):
    for number in (1, 2):
        made_history.write_run(home, number, made_history.noon(TODAY) + number, idle="all")
    found = stand(home, target())
    assert found.status == "cannot_tell"
    assert "idle policy 'all'" in found.why


def test_without_any_run_nothing_can_be_told(home):
    found = stand(home, target(project="vision"))
    assert (found.status, found.coverage) == ("cannot_tell", 0.0)
    assert "no run of project vision" in found.why
    assert math.isnan(found.used.central)


def test_the_curve_grows_to_what_is_used_and_the_forecast_starts_there(home):
    for day in (2, 9, 16, 24):
        made_history.write_run(home, day, made_history.noon(date(2026, 11, day)), project="vision")
    one = target("c", "1 tCO2e", project="vision")
    store = queries.open_store(str(home))
    curve = queries.target_curve(store, one, TODAY)
    ahead = queries.target_forecast(store, one, TODAY)
    (found,) = queries.standings_of(store, (one,), TODAY)
    store.close()
    assert [point.day for point in curve] == [f"2026-11-{day:02d}" for day in range(1, 25)]
    assert [point.used.central for point in curve] == sorted(point.used.central for point in curve)
    assert curve[0].used.central == 0.0
    assert curve[-1].used[:3] == pytest.approx(found.used[:3])
    assert ahead[0] == (TODAY.isoformat(), found.used)
    assert ahead[-1].day == "2026-11-30"
    assert ahead[-1].used == found.forecast
    assert ahead[0].used.high > ahead[0].used.central > ahead[0].used.low


# --- the pinned catalogue ---


def _double(path):
    """All amounts of carbon in a file of factors."""
    lines = path.read_text().splitlines()
    head = lines[0].split(",")
    twice = []
    for line in lines[1:]:
        cells = line.split(",")
        for name in ("low", "central", "high") if "carbon_location" in line else ():
            cells[head.index(name)] = repr(2 * float(cells[head.index(name)]))
        twice.append(",".join(cells))
    path.write_text("\n".join([lines[0], *twice]) + "\n")


@pytest.fixture
def dearer(tmp_path):
    """Another catalogue: each kWh has twice the carbon, and so has each piece of hardware."""
    folder = tmp_path / "dearer"
    shutil.copytree(catalogue.DATA, folder)
    for name in ("carbon_location.csv", "embodied.csv"):
        _double(folder / name)
    stated = Pinned("2026.10", catalogues._digest(str(folder)))
    (folder / "catalogue.json").write_text(json.dumps(stated._asdict()))
    return folder


def by(folder):
    """Accounts for runs with another catalogue, as an earlier version of the program did."""
    return lambda raw: account(raw, catalogue.load(raw.head.region.zone, raw.head.region.given, str(folder)))


def keep(home, folder):
    pinned = Pinned(*catalogue.identity(str(folder)))
    shutil.copytree(folder, home / catalogues.FOLDER / catalogues.label(pinned))
    return pinned


def carbon(pin=None):
    return target("c", "1 tCO2e", project="vision", pin=pin)


def test_a_new_catalogue_alone_moves_no_figure(home, dearer):
    """The runs were reckoned with today's catalogue; the target is pinned to a kept earlier one, and counts by that."""
    made_history.write_run(home, 1, made_history.noon(TODAY), project="vision")
    pinned = keep(home, dearer)
    now = stand(home, carbon()).used.central
    assert stand(home, carbon(pinned)).used.central == pytest.approx(2 * now)
    assert stand(home, carbon(Pinned("2026.10"))).used.central == pytest.approx(2 * now)


def test_runs_of_an_earlier_catalogue_count_by_the_pinned_one(home, dearer):
    """Half of the runs were taken in by an earlier version: a target pinned to today's catalogue reckons them anew."""
    made_history.write_run(home, 1, made_history.noon(TODAY), project="vision")
    old = stand(home, carbon(Pinned(*catalogue.identity(str(dearer)))), derive=by(dearer)).used.central
    made_history.write_run(home, 2, made_history.noon(TODAY) + 60, project="vision")
    assert stand(home, carbon()).used.central == pytest.approx(old)


def test_a_catalogue_that_is_gone_leaves_nothing_to_tell(home, dearer):
    """Not even that a limit is passed: by other factors it might not be."""
    made_history.write_run(home, 1, made_history.noon(TODAY), project="vision")
    for pinned in (Pinned("2026.10", "cd" * 32), Pinned("2025.01")):
        found = stand(home, target("c", "1e-6 gCO2e", project="vision", pin=pinned))
        assert found.status == "cannot_tell"
        assert "cannot be read here" in found.why
        assert "rebase" in found.why


def test_a_copy_that_was_changed_is_no_copy(home, dearer):
    made_history.write_run(home, 1, made_history.noon(TODAY), project="vision")
    pinned = keep(home, dearer)
    with (home / catalogues.FOLDER / catalogues.label(pinned) / "water.csv").open("a") as file:
        file.write("\n")
    assert stand(home, carbon(pinned)).status == "cannot_tell"


def test_setting_a_target_keeps_the_catalogue_whole(home, nowhere):
    queries.set_target(str(home), target(), folder=str(nowhere))
    (name,) = [path.name for path in (home / catalogues.FOLDER).iterdir()]
    assert name == catalogues.label(catalogues.current())
    whole, folder = catalogues.found(str(home), catalogues.current())
    assert catalogues._digest(str(home / catalogues.FOLDER / name)) == whole.sha256
    assert folder == catalogue.DATA


# --- the events journal ---


def test_a_target_comes_back_as_it_was_set(home, nowhere):
    one = target(limit="50 kgCO2e", project="vi/sion ü", period="quarter")
    queries.set_target(str(home), one, folder=str(nowhere))
    assert queries.all_targets(str(home), str(nowhere)) == {"t": one}


def test_a_second_target_of_a_name_is_refused_and_the_first_stays(home, nowhere):
    first, second = target(), target(limit="5 kWh")
    queries.set_target(str(home), first, folder=str(nowhere))
    with pytest.raises(UsageError, match="one of that name already"):
        queries.set_target(str(home), second, folder=str(nowhere))
    assert queries.all_targets(str(home), str(nowhere)) == {"t": first}
    queries.set_target(str(home), second, replace=True, folder=str(nowhere))
    assert queries.all_targets(str(home), str(nowhere)) == {"t": second}


def test_of_two_that_are_set_at_once_the_first_holds(home, nowhere):
    """Another process wrote between the look and the line: its target stays, whatever comes after."""
    first = target()
    queries.set_target(str(home), first, folder=str(nowhere))
    (written,), _, _ = events.read(str(home))
    events.append(str(home), [dict(written) | {"limit": 5.0}])
    assert queries.all_targets(str(home), str(nowhere)) == {"t": first}


def test_the_history_tells_all_changes(home, nowhere):
    old = target(pin=Pinned("2025.01", "ab"))
    queries.set_target(str(home), old, folder=str(nowhere))
    before, after = queries.rebase_target(str(home), "t", "better factors", str(nowhere))
    queries.set_target(str(home), target(limit="5 kWh"), replace=True, folder=str(nowhere))
    queries.remove_target(str(home), "t", "over and done", str(nowhere))
    assert (before, after.catalogue) == (old, catalogues.current())
    told = [(one.what, one.reason, one.target.catalogue.version) for one in queries.target_history(str(home))]
    now = catalogues.current().version
    assert told == [
        ("set", "decision 12", "2025.01"), ("rebased", "better factors", now),
        ("changed", "decision 12", now), ("removed", "over and done", now),
    ]  # fmt: skip
    assert queries.all_targets(str(home), str(nowhere)) == {}
    with pytest.raises(NotPossible, match="there is no target 't'"):
        queries.remove_target(str(home), "t", "again", str(nowhere))


def test_rebasing_to_the_same_catalogue_writes_nothing(home, nowhere):
    queries.set_target(str(home), target(), folder=str(nowhere))
    size = events.size(str(home))
    before, after = queries.rebase_target(str(home), "t", "no reason at all", str(nowhere))
    assert before == after
    assert events.size(str(home)) == size


def test_targets_and_deletions_share_a_journal_and_outlive_the_store(home, nowhere):
    run_id = made_history.write_run(home, 1, made_history.noon(TODAY))
    queries.set_target(str(home), target(), folder=str(nowhere))
    store = queries.open_store(str(home))
    queries.delete_kept(store, [run_id])
    store.close()
    count, messages = queries.rebuild(str(home))
    assert (count, messages) == (0, [])
    assert list(queries.all_targets(str(home), str(nowhere))) == ["t"]


def test_a_target_on_an_indicator_of_a_later_version_is_passed_over(home, nowhere):
    queries.set_target(str(home), target(), folder=str(nowhere))
    (written,), _, _ = events.read(str(home))
    events.append(str(home), [dict(written) | {"name": "later", "indicator": "noise"}])
    assert list(queries.all_targets(str(home), str(nowhere))) == ["t"]


def test_past_periods_are_told_as_they_ended(home):
    for month in (8, 9, 10, 11):
        for day in range(1, 29):
            made_history.write_run(
                home, month * 100 + day, made_history.noon(date(2026, month, day)), project="vision", seconds=2
            )
    store = queries.open_store(str(home))
    one = target(limit="0.001 Wh", project="vision")
    past = queries.past_standings(store, one, TODAY)
    store.close()
    assert [found.first_day for found in past] == ["2026-10-01", "2026-09-01", "2026-08-01"]
    assert {found.status for found in past} == {"over"}
    assert {found.days_left for found in past} == {0}


# --- ecology.toml ---

WHOLE = """
[targets.vision-carbon]
limit = "50 kgCO2e"
project = "vision"
period = "month"
owner = "Mara"
reason = "decision 12"
catalogue = "2026.11"

[targets."all energy"]
limit = "20 kWh"
owner = "ops"
reason = "the circuit"
catalogue = "2026.11+abcdef"
"""


def write(folder, text):
    path = folder / "ecology.toml"
    path.write_text(text)
    return path


def test_a_file_is_found_upwards_and_joins_those_set_here(home, nowhere):
    path = write(nowhere.parent, WHOLE)
    queries.set_target(str(home), target("mine"), folder=str(nowhere))
    found = queries.all_targets(str(home), str(nowhere))
    assert list(found) == ["all energy", "mine", "vision-carbon"]
    assert found["vision-carbon"].catalogue == Pinned("2026.11")
    assert found["all energy"].catalogue == Pinned("2026.11", "abcdef")
    assert found["vision-carbon"].origin == str(path)


def test_a_name_in_both_is_refused_and_the_file_named(home, nowhere):
    queries.set_target(str(home), target("vision-carbon"), folder=str(nowhere))
    path = write(nowhere, WHOLE)
    with pytest.raises(UsageError, match="'vision-carbon'") as caught:
        queries.all_targets(str(home), str(nowhere))
    assert str(path) in str(caught.value)
    queries.remove_target(str(home), "vision-carbon", "the file has it", folder=str(nowhere))
    assert queries.all_targets(str(home), str(nowhere))["vision-carbon"].origin == str(path)
    with pytest.raises(UsageError, match="'all energy'") as caught:
        queries.set_target(str(home), target("all energy"), folder=str(nowhere))
    assert str(path) in str(caught.value)


def test_a_target_of_a_file_is_changed_in_the_file(home, nowhere):
    path = write(nowhere, WHOLE)
    for change in (queries.rebase_target, queries.remove_target):
        with pytest.raises(UsageError, match="changes are reviewed") as caught:
            change(str(home), "vision-carbon", "why", str(nowhere))
        assert str(path) in str(caught.value)
    assert events.size(str(home)) == 0


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("limit =", "limmit =", "nearest is limit"),
        ("[targets.vision-carbon]", "[target.vision-carbon]", "nearest is targets"),
        ('period = "month"', 'period = "mouth"', "nearest is month"),
        ('"50 kgCO2e"', '"50 kgCO2"', "nearest is kgCO2e"),
        ('"50 kgCO2e"', '"-50 kgCO2e"', "above 0"),
        ('"50 kgCO2e"', "50", "quotation marks"),
        ('owner = "Mara"\n', "", "it has no owner"),
        ('catalogue = "2026.11"\n', "", 'add the line: catalogue = "'),
        ("[targets.vision-carbon]", "[targets.vision-carbon", "cannot be read as TOML"),
        ('[targets."all energy"]', "[targets.vision-carbon]", "cannot be read as TOML"),
        ("[targets.vision-carbon]", 'a = "b"\n[targets.vision-carbon]', "word 'a'"),
        ("[targets.vision-carbon]", "targets.x = 3\n[targets.vision-carbon]", "is no table"),
    ],
)
def test_a_typo_in_the_file_is_one_line_with_its_name(home, nowhere, wrong, right, said):
    assert wrong in WHOLE
    path = write(nowhere, WHOLE.replace(wrong, right, 1))
    with pytest.raises(UsageError) as caught:
        queries.all_targets(str(home), str(nowhere))
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_target_keeps_its_catalogue_when_it_is_looked_at(home, nowhere):
    """So that the next version of the program can still reckon with it."""
    now = catalogues.label(catalogues.current())
    write(nowhere, WHOLE.replace('"2026.11"', f'"{now}"'))
    store = queries.open_store(str(home))
    queries.target_standings(store, TODAY, str(nowhere))
    store.close()
    assert (home / catalogues.FOLDER / now).is_dir()


def test_a_live_run_counts_up_to_now(home):
    began = datetime.now(UTC).replace(hour=0, minute=0, second=1).timestamp()
    log = made_journals.write_live(home, 1, began, project="vision")
    try:
        found = stand(home, target(project="vision"), datetime.now(UTC).date())
    finally:
        log.abandon()
    assert found.used.central > 0
    assert found.status == "on_track"
