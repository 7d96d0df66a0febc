"""``recompute``: figures made anew are kept as a new version, the old ones stay, and the store can be made anew."""

import json
import os
import sqlite3
from datetime import date

import other_catalogue
import pytest
from made_journals import START, run_id, write, write_live

from footprint import journal, queries
from footprint.errors import NotPossible
from footprint.queries.opening import accounted
from footprint.queries.versions import document_of_version, newest_version
from footprint.queries.wall import state_wall
from footprint.recompute import recomputing, verifying
from footprint.recompute.recomputing import CHANGED, REFUSED, SAME
from footprint.records.wall_reading import parse
from footprint.store import catalogues, chain, events, examining, folding, upkeep, version_events
from footprint.store.database import path_of
from footprint.targets import target_of

RUNS = 3
TODAY = date(2026, 11, 24)


def ids():
    return [run_id(number, START + number) for number in range(RUNS)]


@pytest.fixture
def home(tmp_path):
    """Three runs, taken in with this program's catalogue."""
    folder = tmp_path / "home"
    for number in range(RUNS):
        write(folder, number, START + number, project="vision")
    queries.open_store(str(folder)).close()
    return folder


@pytest.fixture
def dearer(home, tmp_path):
    """Another catalogue, which the home keeps: each kWh has twice the carbon."""
    return other_catalogue.keep(home, other_catalogue.make(tmp_path / "dearer"))


def recompute(home, run_ids, stated=None, **more):
    with queries.opened(str(home)) as store:
        factors = recomputing.factors_of(str(home), stated)
        return list(recomputing.recompute(store, run_ids, factors, examining.examine(store), **more))


def carbon(document):
    return document["impacts"]["carbon_location"]["parts"]["direct"]["central"]


def document(home, one, number=None):
    with queries.opened(str(home)) as store:
        return queries.document(store, one) if number is None else document_of_version(store, one, number)


def all_hold(home):
    with queries.opened(str(home)) as store:
        seen = examining.examine(store)
        assert (seen.faults, examining.faults_of_segments(store, seen)) == ((), [])
        found = [verifying.verify(store, one, seen) for one in verifying.all_runs(store, seen)]
    assert [one for one in found if one.state != verifying.HOLDS] == []
    return found


def rows(home):
    with queries.opened(str(home)) as store:
        return upkeep.all_rows(store)


# --- versions ---


def test_the_same_catalogue_and_program_change_nothing_and_keep_nothing(home):
    before = rows(home), events.size(str(home))
    assert [one.state for one in recompute(home, ids())] == [SAME] * RUNS
    assert (rows(home), events.size(str(home))) == before


def test_another_catalogue_makes_a_new_version_and_the_old_one_stays(home, dearer):
    old = document(home, ids()[0])
    (outcome,) = recompute(home, ids()[:1], "2026.10")
    assert (outcome.state, outcome.version) == (CHANGED, 2)
    new = document(home, ids()[0])
    assert new == outcome.after
    assert document(home, ids()[0], 1) == old
    assert carbon(new) == pytest.approx(2 * carbon(old))
    assert new["energy"] == old["energy"]
    mark = new["provenance"]["recomputed"]
    assert (mark["version"], mark["footprint"]) == (2, "0.1.0")
    assert (new["provenance"]["catalogue"], new["provenance"]["catalogue_sha256"]) == (dearer.version, dearer.sha256)
    assert document(home, ids()[1]) == document(home, ids()[1], 1)


def test_lists_and_sums_use_the_newest(home, dearer):
    recompute(home, ids(), "2026.10")
    with queries.opened(str(home)) as store:
        totals = [queries.document(store, one)["impacts"]["carbon_location"]["total"]["central"] for one in ids()]
        listed = {row.run_id: row.impacts["carbon_location"].central for row in queries.list_runs(store)}
        summed = queries.sums(store, "carbon_location").value.central
    assert [listed[one] for one in ids()] == totals
    assert summed == pytest.approx(sum(totals))


def test_a_pinned_target_keeps_its_own_catalogue(home, dearer):
    def used(pin):
        options = {"limit": "1 tCO2e", "owner": "Mara", "reason": "plan", "project": "vision", "period": "month"}
        target = target_of("c", options, current=pin)
        with queries.opened(str(home)) as store:
            (standing,) = queries.standings_of(store, [target], TODAY)
        return standing.used.central

    before = used(catalogues.current())
    recompute(home, ids(), "2026.10")
    assert used(catalogues.current()) == pytest.approx(before)
    assert used(dearer) > before


def test_a_rebuilt_store_has_all_versions(home, dearer):
    recompute(home, ids()[:2], "2026.10")
    recompute(home, ids()[:1])
    with queries.opened(str(home)) as store:
        folding.fold(store, at_least=1)
    before, versions = rows(home), [document(home, ids()[0], number) for number in (1, 2, 3)]
    queries.rebuild(str(home))
    assert rows(home) == before
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(path_of(str(home)) + suffix):
            os.unlink(path_of(str(home)) + suffix)
    assert rows(home) == before
    assert [document(home, ids()[0], number) for number in (1, 2, 3)] == versions
    assert queries.store_differences(str(home)) == ([], [])
    assert [one.version for one in all_hold(home)] == [3, 2, 1]


def test_going_back_to_the_first_catalogue_is_a_third_version(home, dearer):
    first = document(home, ids()[0])
    recompute(home, ids()[:1], "2026.10")
    (outcome,) = recompute(home, ids()[:1], catalogues.label(catalogues.current()))
    assert (outcome.state, outcome.version, carbon(outcome.after)) == (CHANGED, 3, carbon(first))
    with queries.opened(str(home)) as store:
        assert newest_version(store, ids()[0]) == 3


def test_another_program_makes_a_new_version_and_the_first_stays_as_it_was_made(tmp_path):
    """Not even the database is needed to read what a program of the past made."""

    def earlier(raw, folder=None):
        run = accounted(raw, folder)
        return run._replace(duration_s=run.duration_s * 2)

    home = tmp_path / "home"
    name = write(home, 0, START)
    queries.open_store(str(home), earlier).close()
    links = [line.partition(" ")[2] for line in (home / chain.FILE).read_text().splitlines()]
    os.unlink(home / chain.FILE)
    chain.append(str(home), [json.loads(one) | {"footprint": "0.0.9"} for one in links])
    with sqlite3.connect(path_of(str(home))) as connection:
        connection.execute("DELETE FROM seals")
        connection.execute("DELETE FROM meta WHERE key IN ('chain_size', 'chain_head')")
    connection.close()
    old = document(home, name)
    (outcome,) = recompute(home, [name])
    assert (outcome.state, outcome.after["duration_s"]) == (CHANGED, old["duration_s"] / 2)
    assert outcome.after["provenance"]["recomputed"]["footprint"] == "0.1.0"
    os.unlink(path_of(str(home)))
    assert document(home, name, 1) == old
    assert document(home, name) == outcome.after
    all_hold(home)


def test_a_version_that_there_is_not_is_told_with_those_that_there_are(home, dearer):
    recompute(home, ids()[:1], "2026.10")
    with pytest.raises(NotPossible, match="versions 1 to 2"):
        document(home, ids()[0], 3)
    with pytest.raises(NotPossible, match="version 1 alone"):
        document(home, ids()[1], 2)


def test_looking_only_keeps_nothing(home, dearer):
    before = rows(home), events.size(str(home))
    found = recompute(home, ids(), "2026.10", dry_run=True)
    assert [one.state for one in found] == [CHANGED] * RUNS
    assert all(carbon(one.after) == pytest.approx(2 * carbon(one.before)) for one in found)
    assert (rows(home), events.size(str(home))) == before


def test_the_catalogue_of_new_figures_is_kept(home, tmp_path):
    folder = other_catalogue.make(tmp_path / "old")
    other_catalogue.keep(home, folder)
    name = write(home, 9, START + 9)
    queries.open_store(str(home), other_catalogue.by(folder)).close()
    for path in (home / catalogues.FOLDER).iterdir():
        if not path.name.startswith("2026.10"):
            path.rename(tmp_path / "away")
    assert recompute(home, [name])[0].state == CHANGED
    kept = {path.name for path in (home / catalogues.FOLDER).iterdir()}
    assert catalogues.label(catalogues.current()) in kept


def test_a_run_that_was_never_taken_in_comes_with_its_newest_version(home, dearer):
    """As after the database was lost between the keeping and the taking in."""
    recompute(home, ids()[:1], "2026.10")
    new = document(home, ids()[0])
    with sqlite3.connect(path_of(str(home))) as connection:
        connection.execute("DELETE FROM runs")
    connection.close()
    assert document(home, ids()[0]) == new


def test_a_reading_at_the_wall_after_it_counts_with_the_catalogue_of_the_version(home, dearer):
    recompute(home, ids()[:1], "2026.10")
    before = document(home, ids()[0])
    with queries.opened(str(home)) as store:
        state_wall(store, ids()[0], parse("0.0001", "KWH"))
    after = document(home, ids()[0])
    assert after["energy"]["job_kwh"] != before["energy"]["job_kwh"]
    assert after["provenance"]["catalogue"] == "2026.10"
    assert after["provenance"]["recomputed"] == before["provenance"]["recomputed"]
    all_hold(home)
    assert recompute(home, ids()[:1])[0].version == 3
    all_hold(home)


def test_deleting_a_run_leaves_none_of_its_versions(home, dearer):
    recompute(home, ids()[:2], "2026.10")
    with queries.opened(str(home)) as store:
        queries.delete_kept(store, [ids()[0]])
    assert version_events.versions_of(str(home), ids()[0]) == ()
    assert len(version_events.versions_of(str(home), ids()[1])) == 2
    assert len(all_hold(home)) == RUNS - 1


# --- what stays as it is ---


def test_a_place_that_the_catalogue_has_no_more_leaves_the_old_figures(home, tmp_path):
    without = other_catalogue.make(tmp_path / "without", "2027.01", without_zones=("FR",))
    other_catalogue.keep(home, without)
    old = document(home, ids()[0])
    (outcome,) = recompute(home, ids()[:1], "2027.01")
    assert outcome.state == REFUSED
    assert "has no zone FR" in outcome.why
    assert document(home, ids()[0]) == old


@pytest.mark.parametrize("given", ["aws:eu-west-3", "aws:nowhere-1"])
def test_a_cloud_region_that_is_elsewhere_now_leaves_the_old_figures(home, dearer, given):
    from footprint.records.raw import RegionRef

    name = write(home, 9, START + 9, region=RegionRef("DE", "flag", given))
    (outcome,) = recompute(home, [name], "2026.10")
    assert outcome.state == REFUSED
    assert given in outcome.why


def test_a_record_that_was_tampered_with_is_refused_and_the_others_are_made_anew(home, dearer):
    os.unlink(journal.path_of(str(home), ids()[0]))
    write(home, 0, START, project="vision", seconds=7)
    found = recompute(home, ids(), "2026.10")
    assert [one.state for one in found] == [REFUSED, CHANGED, CHANGED]
    assert "does not hold" in found[0].why


def test_a_changed_version_shows(home, dearer):
    """Somebody writes the events journal anew, its checksums right, and has the store made anew."""
    recompute(home, ids()[:1], "2026.10")
    found, _, _ = events.read(str(home))
    (event,) = [one for one in found if one["what"] == version_events.RECOMPUTED]
    wrong = version_events.unpacked(event["packed"])
    wrong["impacts"]["carbon_location"]["total"]["central"] /= 2
    os.unlink(events.path_of(str(home)))
    events.append(str(home), [dict(event) | {"packed": version_events.packed(wrong)}])
    queries.rebuild(str(home))
    with queries.opened(str(home)) as store:
        verdict = verifying.verify(store, ids()[0], examining.examine(store))
    assert verdict.state == verifying.DIFFERS


def test_a_changed_first_version_shows(home, dearer):
    recompute(home, ids()[:1], "2026.10")
    found, _, _ = events.read(str(home))
    (event,) = [one for one in found if one["what"] == version_events.RECOMPUTED]
    wrong = version_events.unpacked(event["first"]["packed"]) | {"name": "x"}
    os.unlink(events.path_of(str(home)))
    events.append(str(home), [dict(event) | {"first": event["first"] | {"packed": version_events.packed(wrong)}}])
    with queries.opened(str(home)) as store:
        verdict = verifying.verify(store, ids()[0], examining.examine(store))
    assert [one.what for one in verdict.differences] == ["version 1"]


def test_a_running_run_is_refused(home, dearer):
    live = write_live(home, 9, START + 9)
    (outcome,) = recompute(home, [run_id(9, START + 9)], "2026.10")
    live.abandon()
    assert (outcome.state, "measured" in outcome.why) == (REFUSED, True)


def test_a_catalogue_that_is_not_kept_is_told_with_those_that_are(home, dearer):
    for stated in ("2020.01", f"{dearer.version}+ffff", "2026.10+", "+", "no such"):
        if stated == "2026.10+":
            assert recomputing.factors_of(str(home), stated).pinned == dearer
            continue
        with pytest.raises(NotPossible) as fault:
            recomputing.factors_of(str(home), stated)
        assert catalogues.label(dearer) in str(fault.value)


def test_an_event_of_another_form_is_passed_over(home):
    events.append(str(home), [{"what": version_events.RECOMPUTED, "run_id": ids()[0], "number": "two"}])
    events.append(str(home), [{"what": version_events.RECOMPUTED, "run_id": ids()[0], "first": {"number": 1}}])
    all_hold(home)
    assert version_events.versions_of(str(home), ids()[0]) == ()


def test_two_second_versions_of_a_run_are_one(home, dearer):
    """Two processes without a common lock: the first counts."""
    recompute(home, ids()[:1], "2026.10")
    before = document(home, ids()[0])
    found, _, _ = events.read(str(home))
    events.append(str(home), [one for one in found if one["what"] == version_events.RECOMPUTED])
    assert len(version_events.versions_of(str(home), ids()[0])) == 2
    assert document(home, ids()[0]) == before
    all_hold(home)
