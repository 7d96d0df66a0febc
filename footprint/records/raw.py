"""What is measured and kept: enough to compute every figure of a run again.

Times are seconds since the run's start on a clock that never steps back. Counters are as the
sensor gives them (J), so that a mistake in reading wraps or in attribution can be mended later.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from footprint.collectors.channel import Channel, Refusal
from footprint.collectors.machine import Allocation as Allocation  # noqa: PLC0414 - part of what is measured
from footprint.collectors.machine import HeldUse as HeldUse  # noqa: PLC0414 - part of what is measured
from footprint.collectors.machine import HostInfo as HostInfo  # noqa: PLC0414 - part of what is measured
from footprint.records.wall_reading import WallReading as WallReading  # noqa: PLC0414 - part of what is kept

if TYPE_CHECKING:  # most runs have none, and do not load what they are
    from footprint.records.own_factors import OwnFactors


def plain_text(text: str) -> str:
    """Text as it can be kept: bytes that were no UTF-8 (in a file's name, say) are spelt out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


class RegionRef(NamedTuple):
    """Where the run takes place, and how we know."""

    zone: str
    """Key of the factors' zone: ``FR``, ``US-CA``, ``WORLD``."""
    how: str
    """``flag | argument | environment | file | cloud | timezone | unknown``."""
    given: str = ""
    """What was given: ``aws:eu-west-3``; empty where nothing was."""
    note: str = ""
    """What a reader must know: a sub-zone fell to its country, a guess."""


class IdlePower(NamedTuple):
    """A channel's power when nothing works, and where the figure is from."""

    power_w: float
    how: str
    """``calibrated`` or ``lowest-seen``."""


POLICIES = ("reserved", "proportional", "all", "none")
"""Whose the idle energy is; ``attribution`` says what each means."""


class Settings(NamedTuple):
    """The settings that a result depends on."""

    idle: str = "reserved"
    pue: float | None = None
    interval_s: float = 0.9


class RunHead(NamedTuple):
    """What is known when a run starts."""

    run_id: str
    started_at: float
    """Seconds since 1970, by the host's clock."""
    host: HostInfo
    region: RegionRef
    settings: Settings
    name: str | None = None
    project: str | None = None
    team: str | None = None
    tags: Mapping[str, str] = {}
    group: str | None = None
    rank: int | None = None
    continues: str | None = None
    parent: str | None = None
    kind: str = "run"
    """``run`` (a command), ``track`` (inside a Python process) or ``attach``."""
    channels: tuple[Channel, ...] = ()
    """What is read; a frame's readings stand in this order."""
    refusals: tuple[Refusal, ...] = ()
    allocation: Allocation = Allocation(0.0)
    idle: Mapping[str, IdlePower] = {}
    """By channel, where it is known before the run."""
    notes: tuple[str, ...] = ()
    """What the method cannot see here; goes into ``boundary``."""
    program: str = ""
    """Version of footprint."""
    catalogue: str = ""
    """Version of the factor catalogue."""
    wall: WallReading | None = None
    """What a person typed from a meter at the wall, with the run's start or afterwards."""
    own: "OwnFactors | None" = None
    """The user's own factors for the run's place, and the contract that they state; None where there is neither."""
    process: str = ""
    """Runs of one process have one, on hosts with GPUs: the id of its first run."""


class GpuShare(NamedTuple):
    """Use of one GPU at an instant: SM shares 0 to 1, and how many processes hold it. ``None``: not told."""

    util: float | None
    job_util: float | None
    holders: int | None
    job_holders: int | None
    job_part: float | None = None
    """Of a divided GPU (MIG): how much of it the slices hold that the job is on; the shares are then by size too."""


class Frame(NamedTuple):
    """All readings of one instant, energy and activity: the *snapshot* of the field's terms, as seen by one run."""

    t_s: float
    readings: tuple[float | None, ...]
    """By channel: a counter's value, or the energy integrated so far of a power channel (J); None: no reading."""
    host_busy_s: float | None
    """CPU seconds that all processes of the host have used since it started; None where not visible."""
    job_cpu_s: float
    """CPU seconds that the run's processes have used, dead ones included."""
    processes: int = 1
    weight: float = 1.0
    """The run's part of ``job_cpu_s``: below 1 where runs of one process overlap."""
    gpus: tuple[GpuShare, ...] = ()
    """By GPU channel, in the order of the channels."""
    spans: tuple[tuple[int, float], ...] = ()
    """(number of the span, seconds) since the frame before: innermost spans only."""
    own_cpu_s: float = 0.0
    """CPU seconds that the measuring itself has used."""
    alone: bool = True
    """No process of others has been seen in the run's allocation so far."""
    held: HeldUse = HeldUse()
    steal_s: float | None = None
    """CPU seconds that a hypervisor has kept from this machine since it started; None where it does not say."""
    gpu_held_s: tuple[float, ...] = ()
    """By GPU channel: seconds since the run's start, each times its part among the runs of this home that hold the
    GPU by a list of visible ones; empty while none but this one has been seen."""


THINNED = "thinned"
"""What an event without a channel says of the measuring itself: it looked less often than it was asked to."""


class Event(NamedTuple):
    """Something happened to a channel: ``failed``, ``gone``, ``back``, ``lost`` (timeline dropped) …"""

    t_s: float
    channel: str
    what: str
    why: str


COUNTING, RESTARTED, UNCOUNTED = "counting", "restarted", "uncounted"
"""What events without a channel say of a server's own counts: of which kind of server, from zero again, not read."""


class Counted(NamedTuple):
    """What a server had counted at an instant, since the first of these: by unit, those that could be read then."""

    t_s: float
    amounts: Mapping[str, float]
    """Of the first one none: it says from when on is counted."""


class Edge(NamedTuple):
    """The two refreshes of a slow counter around the run's start or stop: the truth lies on the line between them."""

    channel: str
    at: str
    """``start`` or ``stop``."""
    t_s: float
    """The instant that is asked about."""
    before_t_s: float
    before_j: float
    after_t_s: float
    after_j: float


class SpanName(NamedTuple):
    """A phase of a run: its name and the number of the span around it (None: the run itself)."""

    number: int
    name: str
    inside: int | None
    entered: int = 1
    """How often it was entered."""


Range = tuple[float, float, float]
"""(least, mean, most) of a quantity over the looks at it."""


class RunEnd(NamedTuple):
    """What is known when a run stops."""

    t_s: float
    status: str
    """``completed``, ``stopped``; an orphan is ``crashed``."""
    exit_code: int | None = None
    error: str | None = None
    """Type of the exception that ended a block."""
    units: Mapping[str, float] = {}
    spans: tuple[SpanName, ...] = ()
    lost: str | None = None
    """What could not be kept, and why."""
    context: Mapping[str, Mapping[str, Range]] = {}
    """The state that devices were in: quantities by device, each with its unit in its name."""


class RawRun(NamedTuple):
    """A run as measured: what the journal holds."""

    head: RunHead
    frames: tuple[Frame, ...]
    edges: tuple[Edge, ...] = ()
    events: tuple[Event, ...] = ()
    end: RunEnd | None = None
    """None: still running, or the measuring was cut off."""
    crashed: bool = False
    counts: tuple[Counted, ...] = ()
    """What the server itself counted, where somebody asked for it."""
