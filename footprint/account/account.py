"""``account``: readings, settings and catalogue in; a run's result out. Pure: the same in, the same out."""

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from footprint import power_model
from footprint.account.elapsed import elapsed
from footprint.account.hardware import hardware_of
from footprint.account.job import Share, component, overhead, run_use, shares_of, summed
from footprint.account.parts import Parts, parts_of
from footprint.account.spans import spans_of
from footprint.account.typed import up_to_the_wall
from footprint.account.units import notes_of, units_of
from footprint.account.when import iso_time, year_of
from footprint.collectors.channel import is_at_wall
from footprint.factors import Catalogue, is_aged
from footprint.impacts import impacts_of
from footprint.impacts.facility import pue_of
from footprint.impacts.terms import at_least
from footprint.interval import UNKNOWN, common_total, product, scaled
from footprint.records.raw import THINNED, RawRun
from footprint.records.result import (
    Activity,
    Boundary,
    Energy,
    HostResult,
    OwnCost,
    Provenance,
    Run,
)
from footprint.units import J_PER_KWH

if TYPE_CHECKING:
    from footprint.own_factors import Applied
    from footprint.records.own_factors import OwnFactors

_MUCH_STOLEN = 0.02
"""From this part of the CPU time on, time that a hypervisor kept is told in so many words."""


class Result(Run):
    """A run's result. ``print`` shows its summary; a notebook shows it too."""

    __slots__ = ()

    def __str__(self) -> str:
        """The summary, at most 12 lines."""
        from footprint import summary

        return summary.text(self)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from footprint.html import html_of

        return html_of(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002, FBT001 - IPython's signature
        """What IPython shows in a terminal."""
        printer.text(str(self))


_FOLLOWED = {"run": "process tree", "track": "process and its descendants", "attach": "what was attached to"}
"""How a run's processes are found."""


class _Energies(NamedTuple):
    energy: Energy
    shares: tuple[Share, ...]
    parts: Parts
    factors: tuple[str, ...]


def account(raw: RawRun, catalogue: Catalogue) -> Result:
    """The result of a run from what was measured.

    A run with fewer than two frames has no energy: NaN, and ``boundary`` says why.
    """
    year = year_of(raw.head.started_at)
    own = None if raw.head.own is None else _own(raw.head.own, raw, catalogue, year)
    catalogue = catalogue if own is None else own.catalogue
    energies = _energies(raw, catalogue)
    energy = energies.energy
    hardware = hardware_of(raw, energies.shares)
    impacts = impacts_of(energy.job_kwh, energy.facility_kwh, energy.pue, catalogue, year, hardware=hardware)
    impacts = impacts if own is None else own.explained(impacts)
    factors = energies.factors + tuple(name for one in impacts.values() for name in (*one.factors, *one.made))
    units = units_of(raw, energy, impacts, elapsed(raw, energies.shares) if raw.counts and energies.shares else None)
    head, duration_s = raw.head, _duration(raw)
    status = raw.end.status if raw.end else "crashed" if raw.crashed else "running"
    return Result(
        run_id=head.run_id,
        group=head.group,
        continues=head.continues,
        parent=head.parent,
        name=head.name,
        project=head.project,
        team=head.team,
        tags=head.tags,
        status=status,
        exit_code=raw.end.exit_code if raw.end else None,
        error=raw.end.error if raw.end else None,
        started_at=iso_time(head.started_at),
        ended_at=iso_time(head.started_at + duration_s),
        duration_s=duration_s,
        region=head.region,
        host=HostResult(
            head.host.id, head.host.cpu, head.host.logical_cpus,
            head.host.memory_gb, head.host.virtual, head.host.gpus, raw.end.context if raw.end else {},
            head.host.container,
        ),
        energy=energy,
        boundary=_boundary(raw, energies, () if own is None else own.notes),
        own=_own_cost(raw, energy),
        activity=_activity(raw),
        impacts=impacts,
        spans=spans_of(raw, energies.shares, energy),
        units=units.results,
        provenance=_provenance(raw, catalogue, energies.parts, factors)._replace(
            own=head.own, instead_of={} if own is None else own.instead_of
        ),
        serving=units.served,
        hardware=hardware,
    )  # fmt: skip


def _own(own: "OwnFactors", raw: RawRun, catalogue: Catalogue, year: int) -> "Applied":
    from footprint.own_factors import applied  # few runs have any

    return applied(catalogue, own, raw.head.region.given, year)


def _duration(raw: RawRun) -> float:
    if raw.end is not None:
        return raw.end.t_s
    return raw.frames[-1].t_s if raw.frames else 0.0


def _energies(raw: RawRun, catalogue: Catalogue) -> _Energies:
    pue, pue_factor = pue_of(raw.head.settings.pue, raw.head.host.battery, catalogue)
    factors = (pue_factor,) if pue_factor else ()
    policy = raw.head.settings.idle
    if len(raw.frames) < 2:
        nothing = Energy(UNKNOWN, UNKNOWN, UNKNOWN, pue, UNKNOWN, policy)
        return _Energies(nothing, (), Parts((), (), ()), factors)
    parts = parts_of(raw, catalogue)
    shares = shares_of(raw, parts.parts)
    components = [component(share) for share in shares]
    components_j = summed([share.job_j for share in shares], shares)
    host_j = summed([share.part.host_j for share in shares], shares)
    job_j = components_j
    if not any(is_at_wall(part.method) for part in parts.parts):
        board = any(part.kind == "board" for part in parts.parts)
        lies_between = power_model.overhead(raw.head.host, board_measured=board, catalogue=catalogue)
        beyond = overhead(shares, lies_between, [after.t_s - before.t_s for before, after in pairwise(raw.frames)])
        components.append(beyond)
        job_j = common_total((components_j, beyond.job_j))
        host_j = common_total((host_j, beyond.host_j))
    if any(kind == "gpu" for kind in _unread_kinds(raw, parts)):
        components_j, job_j, host_j = (at_least(value) for value in (components_j, job_j, host_j))
    job_kwh = scaled(job_j, 1 / J_PER_KWH)
    energy = Energy(
        job_kwh,
        scaled(host_j, 1 / J_PER_KWH),
        product(job_kwh, pue),
        pue,
        scaled(components_j, 1 / J_PER_KWH),
        policy,
        tuple(components),
        parts.gaps,
    )
    return _Energies(energy, shares, parts, factors)


def _unread_kinds(raw: RawRun, parts: Parts) -> list[str]:
    names = {name for name, _ in parts.unread}
    return [channel.kind for channel in raw.head.channels if channel.name in names]


def _boundary(raw: RawRun, energies: _Energies, more: tuple[str, ...]) -> Boundary:
    components = energies.energy.components
    measured = sorted({one.kind for one in components if one.quality == "measured"})
    modelled = sorted({one.kind for one in components if one.quality == "modelled"})
    stated = sorted({one.kind for one in components if one.quality == "stated"})
    left_out = [f"{name} ({why})" for name, why in energies.parts.unread]
    left_out += [
        f"{one.channel} ({one.why})" for one in raw.head.refusals if one.kind == "gpu" and one.channel != "gpu"
    ]
    left_out += ["network", "cooling beyond PUE", "screens and other devices"]
    notes = [*raw.head.notes, *_notes_on_what_is_held(raw)]
    if len(raw.frames) < 2:
        notes.append("nothing was measured: the run ended before a second reading")
    if raw.end is not None and raw.end.lost:
        notes.append(f"part of the timeline was not kept: {raw.end.lost}")
    notes += [*notes_of(raw), *up_to_the_wall(raw, components), *more]
    return Boundary(tuple(measured), tuple(modelled), tuple(left_out), tuple(notes), tuple(stated))


def _own_cost(raw: RawRun, energy: Energy) -> OwnCost:
    """What the measuring used: its CPU time's share of the host's energy (J), and of the job's (ratio)."""
    if len(raw.frames) < 2:
        return OwnCost(0.0, 0.0, 0.0)
    own_s = raw.frames[-1].own_cpu_s
    host_s = max(run_use(raw).host_s, own_s)
    own_j = energy.host_kwh.central * J_PER_KWH * own_s / host_s if host_s > 0 else 0.0
    job_j = energy.job_kwh.central * J_PER_KWH
    thinned = any(event.what == THINNED for event in raw.events)
    return OwnCost(own_s, own_j, own_j / job_j if job_j > 0 else 0.0, thinned)


def _activity(raw: RawRun) -> Activity:
    if not raw.frames:
        return Activity(0.0, None, 0)
    first, last = raw.frames[0], raw.frames[-1]
    busy = None
    if first.host_busy_s is not None and last.host_busy_s is not None:
        busy = max(0.0, last.host_busy_s - first.host_busy_s)
    job_s = math.fsum(
        max(0.0, after.job_cpu_s - before.job_cpu_s) * after.weight
        for before, after in zip(raw.frames, raw.frames[1:], strict=False)
    )
    return Activity(job_s, busy, max(1, *(frame.processes for frame in raw.frames)), _stolen_s(raw))


def _stolen_s(raw: RawRun) -> float:
    """CPU seconds that a hypervisor kept from the machine during the run."""
    return max(0.0, (raw.frames[-1].steal_s or 0.0) - (raw.frames[0].steal_s or 0.0))


def _notes_on_what_is_held(raw: RawRun) -> list[str]:
    """What a reader must know of what the run held, and of time that the machine was not given."""
    notes = []
    moved = [frame.t_s for frame in raw.frames if frame.held.moved]
    if moved:
        notes.append(
            f"it was moved to another control group ({moved[0]:.0f} s): from then on idle energy goes by busy time"
        )
    if any(frame.held.inner_cpus or frame.held.inner_gb for frame in raw.frames):
        notes.append("what limited groups of others hold for themselves is not counted as held by this run")
    cpu_time_s = raw.frames[-1].t_s * raw.head.host.logical_cpus if raw.frames else 0.0
    stolen_s = _stolen_s(raw) if raw.frames else 0.0
    if cpu_time_s > 0 and stolen_s / cpu_time_s >= _MUCH_STOLEN:
        notes.append(
            f"the hypervisor kept {stolen_s / cpu_time_s:.0%} of the machine's CPU time for others: it is in no figure"
        )
    return notes


def _provenance(raw: RawRun, catalogue: Catalogue, parts: Parts, factors: tuple[str, ...]) -> Provenance:
    settings = raw.head.settings
    used: dict[str, object] = {"idle": settings.idle, "pue": settings.pue, "interval_s": settings.interval_s}
    held = raw.head.allocation
    used |= {"allocation": held.how, "held_cpus": held.cpus, "held_memory_gb": held.memory_gb, "held_gpus": held.gpus}
    used["followed"] = _FOLLOWED.get(raw.head.kind, raw.head.kind)
    idle = {part.channel: part.idle_how for part in parts.parts}
    models: tuple[str, ...] = ()
    if any(part.quality == "modelled" for part in parts.parts):
        models = tuple(row.id for row in power_model.rows_used(raw.head.host, catalogue))
    known, day = set(factors), iso_time(raw.head.started_at)
    aged = tuple(dict.fromkeys(row.id for row in catalogue.factors if row.id in known and is_aged(row, day)))
    return Provenance(
        raw.head.program, catalogue.version, catalogue.sha256, tuple(dict.fromkeys(factors + models)), used, idle,
        aged=aged,
    )  # fmt: skip
