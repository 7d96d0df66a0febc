"""The account of hardware closes: what runs held and what stood unused are the whole, by device and by indicator."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footprint import catalogue
from footprint.account.hardware_use import OVER, Stay, hosts_of
from footprint.impacts import INDICATORS, impacts_of
from footprint.interval import exact
from footprint.records.hardware import Hardware, Held

FR = catalogue.load("FR")
ROWS = FR.factors
MACHINE = (
    ("server-body", "the server around them", 1.0),
    ("server-cpu", "2 processors", 2.0),
    ("dram", "512 GB of memory", 512.0),
    ("gpu-h100", "NVIDIA H100", 1.0),
    ("gpu-h100", "NVIDIA H100", 1.0),
)
DAY_S = 86_400.0


def hardware(begins_s, ends_s, share):
    held = tuple(Held(component, name, amount, share) for component, name, amount in MACHINE)
    return Hardware((ends_s - begins_s) / 3600, held)


def stay(name, begins_s, ends_s, share, parent=None, host="a"):
    return Stay(name, host, "AMD EPYC 7763", parent, begins_s, ends_s, hardware(begins_s, ends_s, share))


def use(stays, since_s=0.0, until_s=DAY_S, rows=ROWS):
    return hosts_of(stays, since_s, until_s, rows)


@st.composite
def days(draw):
    """Runs that overlap, with gaps between them; together they hold no more than there is at any time."""
    count = draw(st.integers(1, 6))
    shares = draw(st.lists(st.floats(0, 1), min_size=count, max_size=count))
    most = max(1.0, math.fsum(shares))
    found = []
    for number, share in enumerate(shares):
        begins_s = draw(st.floats(0, DAY_S - 2))
        ends_s = draw(st.floats(begins_s + 1, DAY_S))
        found.append(stay(f"run {number}", begins_s, ends_s, share / most))
    return found


@given(days())
def test_what_runs_held_and_what_stood_unused_are_the_whole(stays):
    (host,) = use(stays)
    for device in host.devices:
        assert device.held + device.unused == pytest.approx(1, rel=1e-9)
        assert not device.why
    for split in host.impacts.values():
        for end in range(3):
            assert split.held[end] + split.unused[end] == pytest.approx(split.whole[end], rel=1e-9)
        assert split.unused.low >= 0


@given(days())
def test_what_runs_held_is_what_their_own_impacts_carry(stays):
    """Σ of the jobs' embodied part + unused = the hardware's share of the time, indicator by indicator."""
    (host,) = use(stays)
    nothing = exact(0.0)
    for key in INDICATORS:
        if key not in host.impacts:
            continue
        jobs = [
            impacts_of(nothing, nothing, exact(1.0), FR, 2026, hardware=one.hardware)[key].embodied for one in stays
        ]
        split = host.impacts[key]
        assert math.fsum(job.central for job in jobs) == pytest.approx(split.held.central, rel=1e-9)
        whole = impacts_of(nothing, nothing, exact(1.0), FR, 2026, hardware=hardware(0, DAY_S, 1.0))[key].embodied
        assert math.fsum(job.central for job in jobs) + split.unused.central == pytest.approx(whole.central, rel=1e-9)


@given(days(), st.floats(1, DAY_S - 1))
def test_two_periods_side_by_side_are_the_whole_period(stays, cut_s):
    whole = use(stays)[0].impacts["carbon_location"].held.central
    parts = [use(stays, 0.0, cut_s), use(stays, cut_s, DAY_S)]
    assert math.fsum(host.impacts["carbon_location"].held.central for part in parts for host in part) == pytest.approx(
        whole, rel=1e-9
    )


def test_a_run_inside_another_counts_there_and_not_again():
    outer, inner = stay("outer", 0, 3600, 0.5), stay("inner", 600, 1200, 0.25, parent="outer")
    alone, both = use([outer])[0], use([outer, inner])[0]
    assert both == alone
    assert both.runs == 1


def test_a_run_whose_parent_is_on_another_host_counts_on_its_own():
    outer, inner = stay("outer", 0, 3600, 0.5), stay("inner", 600, 1200, 0.25, parent="outer", host="b")
    assert [host.runs for host in use([outer, inner])] == [1, 1]


def test_hosts_stand_apart():
    first, second = use([stay("one", 0, 3600, 1.0), stay("two", 0, 7200, 1.0, host="b")])
    assert (first.host_id, second.host_id) == ("a", "b")
    assert second.devices[0].held == pytest.approx(2 * first.devices[0].held)


def test_of_two_gpus_of_a_kind_one_that_was_held_is_half_of_them():
    one = hardware(0, DAY_S, 0.0)
    held = (*one.held[:3], one.held[3]._replace(share=1.0), one.held[4])
    (host,) = use([stay("run", 0, DAY_S, 0.0)._replace(hardware=one._replace(held=held))])
    gpus = next(device for device in host.devices if device.component == "gpu-h100")
    assert (gpus.amount, gpus.held, gpus.unused) == (2.0, pytest.approx(0.5), pytest.approx(0.5))


def test_what_nobody_has_published_is_named_and_makes_at_least():
    (host,) = use([stay("run", 0, 3600, 0.5)])
    assert host.impacts["minerals"].lacking == ("NVIDIA H100",)
    assert host.impacts["minerals"].whole.kind == "lower_bound"
    assert "water" not in host.impacts


def test_runs_that_claim_more_than_there_is_are_told_so_and_nothing_is_below_zero():
    (host,) = use([stay("one", 0, DAY_S, 1.0), stay("two", 0, DAY_S, 1.0)])
    assert all(device.unused == 0 and device.why == OVER for device in host.devices)
    assert host.devices[0].held == pytest.approx(2)


def test_a_run_of_which_nothing_is_known_is_told_and_holds_nothing():
    told, untold = stay("one", 0, 3600, 0.5), stay("two", 0, 3600, 0.5)._replace(hardware=None)
    (host,) = use([told, untold])
    assert host.untold == 1
    assert host.devices == use([told])[0].devices


def test_a_run_before_the_period_is_not_in_it():
    assert use([stay("one", 0, 3600, 0.5)], 7200.0, DAY_S) == ()
