"""Results of runs made by hand, to be compared: one sensor or the model, with an error of the class and one's own."""

from footprint.interval import UNKNOWN, Interval, exact, product, scaled
from footprint.records.derivation import Impact, Missing
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
    UnitResult,
)

GAIN = Interval(0.93, 1.0, 1.07, "envelope")
GAINS = {"package-0": GAIN}
"""Of every run here that has a sensor."""
INTENSITY = {"FR": Interval(20.0, 40.0, 180.0, "envelope"), "PL": Interval(600.0, 800.0, 1000.0, "envelope")}


def around(central, low, high):
    return Interval(central * low, central, central * high, "envelope")


def run(
    name="a", joules=1000.0, *, own=0.0, host="h1", zone="FR", status="completed", policy="reserved", units=None,
    quality="measured", duration_s=10.0, host_joules=None, sha="c1", measured=True,
):  # fmt: skip
    """A run whose job took so many joules, with its own relative error and that of its sensor or the model."""
    error = GAIN if quality == "measured" else Interval(0.5, 1.0, 2.0, "envelope")
    host_j = around(host_joules or joules * 1.25, error.low, error.high)
    job_j = around(joules, error.low * (1 - own), error.high * (1 + own))
    method = "rapl-counter" if quality == "measured" else "model"
    channel = "package-0" if quality == "measured" else "cpu"
    component = Component("cpu", channel, method, quality, host_j, job_j, exact(0.0), 1.0)
    job_kwh = scaled(job_j, 1 / 3.6e6) if measured else UNKNOWN
    pue = exact(1.2)
    carbon = product(product(job_kwh, pue), INTENSITY[zone]) if measured else UNKNOWN
    impacts = {
        "carbon_location": Impact("gCO2e", "status", carbon, Missing("not counted"), carbon, {}, None, (f"carbon/{zone}",)),
        "minerals": Impact("kgSb-eq", "direction", Missing("no data"), Missing("no data"), Missing("no data")),
    }  # fmt: skip
    return Run(
        run_id=f"01RUN{name.upper():0>21}", group=None, continues=None, parent=None, name=name, project=None, team=None,
        tags={}, status=status, exit_code=0, error=None, started_at="2026-11-24T09:00:00.000Z",
        ended_at="2026-11-24T09:00:10.000Z", duration_s=duration_s, region=RegionRef(zone, "flag", zone),
        host=HostResult(host, "A CPU", 4, 16.0, False, ()),
        energy=Energy(job_kwh, job_kwh, product(job_kwh, pue), pue, job_kwh, policy, (component,) if measured else ()),
        boundary=Boundary((), (), ()), own=OwnCost(0, 0, 0), activity=Activity(1, 1, 1), impacts=impacts, spans=(),
        units={key: UnitResult(amount, {}) for key, amount in (units or {}).items()},
        provenance=Provenance("0.1.0", "2026.11", sha, (), {}, {}),
    )  # fmt: skip


def gains_of(*runs):
    """What is known of these runs' sensors."""
    return {one.run_id: GAINS for one in runs}
