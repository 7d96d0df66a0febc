"""A socket or a memory channel that cannot be read is modelled, beside its neighbours that are measured."""

import pytest

from footprint import catalogue
from footprint.account import account
from footprint.collectors.channel import Channel, Refusal
from footprint.records.raw import Event, Frame, HostInfo, RawRun, RegionRef, RunEnd, RunHead, Settings

ROWS = catalogue.load("FR")
HOST = HostInfo("h", "Linux", "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz", 80, 2, 40, 192.0, False)


def channel(kind, name):
    return Channel(kind, name, "rapl_powercap", "rapl-counter", "counter", f"rapl:{name}", range_j=1e6, limit_w=300.0)


PACKAGES = (channel("cpu", "package-0"), channel("cpu", "package-1"))
DRAMS = (channel("dram", "dram-0"), channel("dram", "dram-1"))


def parts(channels, readings, refusals=(), events=()):
    """Components by channel of a run of ten seconds on a busy host."""
    frames = tuple(
        Frame(10.0 * number, tuple(values), 400.0 * number, 100.0 * number) for number, values in enumerate(readings)
    )
    head = RunHead(
        "01J", 0.0, HOST, RegionRef("FR", "flag"), Settings("proportional"), channels=channels, refusals=refusals
    )
    run = account(RawRun(head, frames, (), events, RunEnd(10.0, "completed", 0)), ROWS)
    return {one.channel: one for one in run.energy.components}, run


def test_a_refused_socket_is_modelled_as_its_part_of_the_machine():
    refusal = Refusal("cpu", "package-1", "rapl_powercap", "energy_uj: Permission denied", "chmod")
    found, run = parts(PACKAGES[:1], [(0.0,), (1_000.0,)], (refusal,))
    assert found["package-0"].quality == "measured"
    assert found["package-1"].quality == "modelled"
    both, _ = parts((), [(), ()])
    assert found["package-1"].host_j.central == pytest.approx(both["cpu"].host_j.central / 2)
    assert "cpu" in run.boundary.measured
    assert "cpu" in run.boundary.modelled


def test_a_socket_that_never_answers_is_modelled_and_its_gap_says_so():
    events = (Event(0.0, "package-1", "failed", "Input/output error"),)
    found, run = parts(PACKAGES, [(0.0, None), (1_000.0, None)], (), events)
    assert found["package-1"].quality == "modelled"
    assert [(gap.channel, gap.filled) for gap in run.energy.gaps] == [("package-1", "model")]


def test_a_refused_memory_channel_is_modelled_as_its_part_of_the_memory():
    refusal = Refusal("dram", "dram-1", "rapl_powercap", "energy_uj: Permission denied", "chmod")
    found, _ = parts((*PACKAGES, DRAMS[0]), [(0.0, 0.0, 0.0), (1_000.0, 1_000.0, 90.0)], (refusal,))
    assert found["dram-1"].quality == "modelled"
    assert "dram" not in found


def test_cores_that_are_refused_add_nothing_to_their_package():
    refusal = Refusal("cpu", "core-0", "rapl_powercap", "energy_uj: Permission denied", "chmod")
    found, _ = parts(PACKAGES, [(0.0, 0.0), (1_000.0, 900.0)], (refusal,))
    assert set(found) == {"package-0", "package-1", "dram", "overhead"}


def test_where_no_socket_is_read_the_whole_machine_is_modelled_once():
    refusals = tuple(Refusal("cpu", f"package-{n}", "rapl_powercap", "Permission denied", "chmod") for n in (0, 1))
    found, _ = parts((), [(), ()], refusals)
    assert set(found) == {"cpu", "dram", "overhead"}
