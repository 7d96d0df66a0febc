"""What is told of the next measurement is what it would do: held against the run accounted with it."""

import pytest

from footprint import catalogue
from footprint.account import account
from footprint.collectors.channel import Refusal
from footprint.narrowing import narrowings, width
from footprint.records.raw import IdlePower, RegionRef, Settings, WallReading
from tests import account_run

FIXABLE = Refusal("cpu", "package-0", "rapl_powercap", "only root may read it", "sudo chgrp …")
HOPELESS = Refusal("cpu", "package-0", "rapl_powercap", "a virtual machine is not shown it", "none on this machine")


def changed(*, host=None, channels=None, **head):
    """The hand-made run with another head; without channels nothing of it was measured."""
    raw = account_run.run()
    if host:
        head["host"] = raw.head.host._replace(**host)
    if channels == ():
        frames = tuple(frame._replace(readings=(), gpus=()) for frame in raw.frames)
        return raw._replace(head=raw.head._replace(channels=(), **head), frames=frames)
    return raw._replace(head=raw.head._replace(**head))


def rows_of(raw):
    return catalogue.load(raw.head.region.zone, raw.head.region.given, cpu=raw.head.host.cpu)


def told(raw, key="carbon_location"):
    """By what is done, the narrowing of an indicator."""
    known = rows_of(raw)
    run = account(raw, known)
    return {one.what: one for one in narrowings(run, raw, known, catalogue.usual_ranges)[key]}


def width_of(raw, key="carbon_location"):
    return width(account(raw, rows_of(raw)), key)


def test_a_meter_at_the_wall_is_told_as_a_reading_would_do_it():
    raw = account_run.run()
    kwh = account(raw, rows_of(raw)).energy.host_kwh.central
    read = changed(wall=WallReading(kwh * 0.98, kwh, kwh * 1.02, "stated"))
    one = told(raw, "primary_energy")["wall_meter"]
    assert one.share_now == pytest.approx(width_of(raw, "primary_energy"))
    assert one.share_then == pytest.approx(width_of(read, "primary_energy"))
    assert one.share_then < 0.7 * one.share_now


def test_a_stated_pue_is_told_as_stating_it_would_do_it():
    raw = changed(settings=Settings("reserved", None))
    pue = account(raw, rows_of(raw)).energy.pue.central
    one = told(raw)["pue"]
    assert one.share_then == pytest.approx(width_of(changed(settings=Settings("reserved", pue))))


def test_calibrated_idle_power_is_told_as_calibrating_would_do_it():
    """Where a job holds much and does little, how much it bears hangs on what is idle."""
    seen = {name: IdlePower(watts, "lowest-seen") for name, watts in account_run.IDLE_W.items()}
    raw = changed(idle=seen, settings=Settings("none", 1.2))
    calibrated = {name: IdlePower(watts, "calibrated") for name, watts in account_run.IDLE_W.items()}
    one = told(raw, "primary_energy")["calibration"]
    expected = width_of(changed(idle=calibrated, settings=Settings("none", 1.2)), "primary_energy")
    assert one.share_then == pytest.approx(expected)
    assert "calibration" not in told(account_run.run(), "primary_energy")


def test_counters_that_may_not_be_read_are_told_where_something_can_be_done():
    modelled = changed(channels=(), refusals=(FIXABLE,), idle={})
    one = told(modelled, "primary_energy")["processor_counters"]
    assert one.share_then < 0.95 * one.share_now
    assert "footprint doctor" in one.how
    assert "processor_counters" not in told(changed(channels=(), refusals=(HOPELESS,), idle={}))
    assert "processor_counters" not in told(changed(refusals=(FIXABLE,))), "they were read"


def test_a_region_is_asked_for_where_none_is_known():
    raw = changed(region=RegionRef("WORLD", "unknown", note="nothing says where this is"))
    for key, impact in account(raw, rows_of(raw)).impacts.items():
        if impact.derivation is not None and key != "ewaste":
            one = told(raw, key)["region"]
            assert one.share_then <= one.share_now
            assert "--region" in one.how
    assert told(raw, "primary_energy")["region"].share_then < 0.9 * told(raw, "primary_energy")["region"].share_now


def test_a_guessed_region_is_worth_a_word_and_narrows_nothing():
    one = told(changed(region=RegionRef("FR", "timezone", note="a guess")))["region"]
    assert one.share_then == one.share_now
    assert "region" not in told(account_run.run())


def test_the_range_of_a_country_is_the_middle_one_of_all_countries():
    usual = catalogue.usual_ranges()
    low, high = usual["carbon_location", "direct"]
    rows = [one for one in catalogue.rows(None, "carbon_location") if one.part == "direct" and one.zone != "WORLD"]
    narrower = sum(one.low / one.central > low for one in rows if one.central > 0)
    assert 0.4 < narrower / len(rows) < 0.6
    assert low < 1 < high
    assert all(ends[0] <= 1 <= ends[1] for ends in usual.values())
    assert not any(indicator == "pue" for indicator, _ in usual)


def test_a_virtual_machine_is_not_asked_for_its_plug():
    assert "wall_meter" not in told(changed(host={"virtual": True}))


def test_a_makers_figure_narrows_what_the_making_took():
    one = told(account_run.run(), "ewaste")
    assert list(one) == ["hardware"], "nothing else makes e-waste"
    assert one["hardware"].share_then < one["hardware"].share_now


def test_most_comes_first_and_nothing_is_worse_than_now():
    for raw in (account_run.run(), changed(region=RegionRef("WORLD", "unknown"), settings=Settings(), idle={})):
        known = rows_of(raw)
        found = narrowings(account(raw, known), raw, known, catalogue.usual_ranges)
        assert set(found) == set(account(raw, known).impacts)
        for some in found.values():
            assert [one.share_then for one in some] == sorted(one.share_then for one in some)
            assert all(0 < one.share_then <= one.share_now for one in some)
            assert all(one.how and one.assumed for one in some)


def test_a_long_run_is_told_as_a_short_one_of_the_same_power():
    """Only some of its looks are taken, and the ranges hardly change by that."""
    raw = account_run.run()
    many = raw._replace(frames=tuple(account_run.frame(number * 3600 / 400) for number in range(401)))
    short, long = told(raw), told(many)
    assert set(short) == set(long)
    for what, one in short.items():
        assert long[what].share_then == pytest.approx(one.share_then, rel=0.02)


def test_nothing_measured_is_nothing_to_narrow():
    raw = account_run.run()
    raw = raw._replace(frames=raw.frames[:1])
    known = rows_of(raw)
    assert narrowings(account(raw, known), raw, known, catalogue.usual_ranges) == {}
