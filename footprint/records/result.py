"""The result of a run, ``footprint.run/1``: frozen, floats with the unit in the name."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from footprint.interval import Interval, exact
from footprint.records.derivation import Impact
from footprint.records.gap import Gap
from footprint.records.hardware import Hardware
from footprint.records.raw import RegionRef

if TYPE_CHECKING:  # most runs have none, and do not load what they are
    from footprint.records.own_factors import OwnFactors


class Component(NamedTuple):
    """One channel's energy over the run: ``host_j = job_j + rest_j`` (central, to 1e-9)."""

    kind: str
    """``cpu``, ``gpu``, ``dram``, ``board``, ``overhead`` or ``other``."""
    channel: str
    method: str
    quality: str
    """``measured``, ``modelled`` or ``stated``: read from a meter by a person, who typed it."""
    host_j: Interval
    job_j: Interval
    rest_j: Interval
    coverage: float
    """Share of the run's time in which the channel was read."""
    note: str = ""
    held_idle_j: Interval = exact(0.0)
    """What of ``job_j`` is for the time in which what the run holds stood still: a GPU at 0 %, idle CPUs of its own."""


class Energy(NamedTuple):
    """What the run used. ``job_kwh`` is wall energy; PUE makes ``facility_kwh`` of it, once."""

    job_kwh: Interval
    host_kwh: Interval
    facility_kwh: Interval
    pue: Interval
    components_kwh: Interval
    idle_policy: str
    components: tuple[Component, ...] = ()
    gaps: tuple[Gap, ...] = ()


class Boundary(NamedTuple):
    """What the figures hold and what they leave out."""

    measured: tuple[str, ...]
    modelled: tuple[str, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    """What a person read from a meter and typed."""


class OwnCost(NamedTuple):
    """What the measuring itself used. JSON calls it ``self``."""

    cpu_s: float
    energy_j: float
    share: float
    """Of the job's energy."""
    thinned: bool = False


class Activity(NamedTuple):
    """What the job and the host did."""

    cpu_s: float
    host_cpu_s: float | None
    processes: int
    steal_s: float = 0.0
    """CPU seconds that a hypervisor kept from the machine meanwhile: nobody's here, and in no figure."""


class SpanResult(NamedTuple):
    """A phase: its energy includes the phases inside it."""

    name: str
    path: tuple[str, ...]
    entered: int
    """How often; JSON calls it ``count``."""
    duration_s: float
    job_kwh: Interval


class UnitResult(NamedTuple):
    """A functional unit: how many, and what one of them took (SCI, ISO/IEC 21031)."""

    amount: float
    """How many; JSON calls it ``count``."""
    per_unit: Mapping[str, Interval]
    """``job_kwh`` and the indicators' totals, for one unit; of a server's own counts also ``idle_kwh``."""
    share: float = 1.0
    """Of the run's energy, what was used in the time in which they were counted."""


class Served(NamedTuple):
    """What a server counted by itself: over which time, and the energy of that time. JSON calls it ``serving``."""

    server: str
    """Which kind of server it was by its counters."""
    units: tuple[str, ...]
    """Which of the run's units are its counts."""
    from_s: float
    to_s: float
    readings: int
    restarts: int
    """How often its counters began again at zero."""
    job_kwh: Interval
    """All energy of that time: what the figures of one unit are parts of."""
    idle_kwh: Interval
    """What of it is idle energy."""


class Hour(NamedTuple):
    """An hour of the clock (UTC) in a run, or the part of it that lies in the run."""

    begins_at: str
    from_s: float
    to_s: float
    job_kwh: Interval
    idle_kwh: Interval
    impacts: Mapping[str, Interval]
    """Totals by indicator."""
    units: Mapping[str, UnitResult]
    """What the server counted in it. Between two of its readings counts are spread evenly."""
    readings: int = 0


class HostResult(NamedTuple):
    """The machine as a result shows it."""

    id: str
    cpu: str
    logical_cpus: int
    memory_gb: float | None
    virtual: bool | None
    gpus: tuple[str, ...]
    context: Mapping[str, Mapping[str, tuple[float, float, float]]] = {}
    """The state that devices were in during the run: by device and quantity, (least, mean, most)."""
    container: str | None = None
    """The kind of container that the run was in; None outside one."""


class Provenance(NamedTuple):
    """What made the figures, for whoever wants to make them again."""

    footprint: str
    catalogue: str
    catalogue_sha256: str
    factors: tuple[str, ...]
    settings: Mapping[str, object]
    idle: Mapping[str, str]
    """By channel: where its idle power is from."""
    own: "OwnFactors | None" = None
    """The user's own factors that stand for the run's place, and the contract that they state."""
    instead_of: Mapping[str, tuple[str, ...]] = {}
    """Id of a factor of the user's own -> ids of the catalogue's that it was used in place of."""
    recomputed: Mapping[str, object] = {}
    """Of figures that were made anew: ``version`` (from 2 on), ``at`` and ``footprint``, the program that made them."""
    aged: tuple[str, ...] = ()
    """Ids of factors of ``factors`` whose year ended over 18 months before the run's start."""


class Run(NamedTuple):
    """One job under measurement, accounted for."""

    run_id: str
    group: str | None
    continues: str | None
    parent: str | None
    name: str | None
    project: str | None
    team: str | None
    tags: Mapping[str, str]
    status: str
    exit_code: int | None
    error: str | None
    started_at: str
    ended_at: str
    duration_s: float
    region: RegionRef
    host: HostResult
    energy: Energy
    boundary: Boundary
    own: OwnCost
    activity: Activity
    impacts: Mapping[str, Impact]
    spans: tuple[SpanResult, ...]
    units: Mapping[str, UnitResult]
    provenance: Provenance
    serving: Served | None = None
    """Where a server's own counters were read."""
    hardware: Hardware | None = None
    """What it held of its machine; None where nothing was measured."""
