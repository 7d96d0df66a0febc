"""Hand-made runs: as they were measured, as journals in a home, and as results. No live measuring."""

from footprint import journal
from footprint.account.when import civil
from footprint.collectors.channel import Channel
from footprint.interval import Interval, exact
from footprint.records.derivation import Impact, Missing
from footprint.records.raw import Allocation, Frame, HostInfo, RawRun, RegionRef, RunEnd, RunHead, Settings
from footprint.records.result import (
    Activity,
    Boundary,
    Component,
    Energy,
    HostResult,
    OwnCost,
    Provenance,
    Run,
    UnitResult,
)
from footprint.ulid import ulid

START = 1_795_510_800.0  # 2026-11-24T09:00:00Z
PACKAGE = Channel("cpu", "package-0", "rapl_powercap", "rapl-counter", "counter", "rapl:package-0", sensor="rapl-intel")


def run_id(number, started_at=START):
    """The id of the run of that number: ids sort by time."""
    return ulid(started_at, number.to_bytes(10, "big"))


def head(number=0, started_at=START, **more):
    fields = {"name": f"run {number}", "region": RegionRef("FR", "flag"), "settings": Settings("reserved", 1.2)} | more
    return RunHead(
        run_id(number, started_at), started_at, HostInfo("h1", "Linux", "Some CPU", 4, memory_gb=16.0),
        channels=(PACKAGE,), allocation=Allocation(4.0, 16.0, True, None, "whole-host"), **fields,
    )  # fmt: skip


def frame(t_s, watts=30.0):
    """Four logical CPUs, two of them busy with the job."""
    return Frame(t_s, (1000.0 + watts * t_s,), 50.0 + 2.0 * t_s, 2.0 * t_s, 1, 1.0, (), (), 0.001 * t_s, True)


def write(
    home, number=0, started_at=START, seconds=4, *, end=True, status="completed", exit_code=0, units=None, **more
):
    """A run's journal in a home; ``end=False``: as kill -9 leaves it. Gives its id."""
    log = journal.Journal(str(home), head(number, started_at, **more))
    for t_s in range(seconds + 1):
        log.frame(frame(float(t_s), watts=30.0 + number))
        log.newest(frame(float(t_s), watts=30.0 + number))
    if end:
        log.close(RunEnd(float(seconds), status, exit_code, None, units or {}))
    else:
        log.abandon()
    return run_id(number, started_at)


def write_live(home, number=0, started_at=START, **more):
    """A journal that is being written: keep what this gives to keep the lock."""
    log = journal.Journal(str(home), head(number, started_at, **more))
    for t_s in range(3):
        log.frame(frame(float(t_s)))
    return log


def iso(started_at):
    year, month, day = civil(int(started_at // 86_400))
    return f"{year:04d}-{month:02d}-{day:02d}T09:00:00.000Z"


def p90(central, by=0.1):
    return Interval(central * (1 - by), central, central * (1 + by), "p90")


def result(raw: RawRun) -> Run:
    """A run's result without the catalogue: quick, and the same each time. A joule makes a gram."""
    number = raw.frames[-1].readings[0] - raw.frames[0].readings[0] if raw.frames else float("nan")
    kwh = p90(number / 3.6e6)
    status = raw.end.status if raw.end else "crashed" if raw.crashed else "running"
    end_s = raw.end.t_s if raw.end else raw.frames[-1].t_s
    component = Component(
        "cpu", "package-0", "rapl-counter", "measured", p90(number), p90(number), exact(0.0), 1.0
    )  # fmt: skip
    carbon = p90(number, 0.3)
    return Run(
        raw.head.run_id, raw.head.group, raw.head.continues, raw.head.parent, raw.head.name, raw.head.project,
        raw.head.team, dict(raw.head.tags), status, raw.end.exit_code if raw.end else None, None,
        iso(raw.head.started_at), iso(raw.head.started_at), end_s, raw.head.region,
        HostResult("h1", "Some CPU", 4, 16.0, False, ()),
        Energy(kwh, kwh, p90(number * 1.2 / 3.6e6), exact(1.2), kwh, raw.head.settings.idle, (component,)),
        Boundary(("cpu",), (), ("network",)), OwnCost(0.004, 0.1, 0.001), Activity(8.0, 9.0, 1),
        {
            "carbon_location": Impact("gCO2e", "status", carbon, Missing("no data"), carbon, {"direct": carbon}, None, ("c/FR/2024",)),
            "minerals": Impact("kgSb-eq", "direction", Missing("no data"), Missing("no data"), Missing("no data")),
        },
        (), {"images": UnitResult(10.0, {"job_kwh": p90(kwh.central / 10)})},
        Provenance("0.1.0", "2026.11", "ab", ("c/FR/2024",), {"interval_s": 1.0, "pue": 1.2}, {"package-0": "modelled"}),
    )  # fmt: skip
