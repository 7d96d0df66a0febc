"""What a process needs to measure runs, made at the first one and shared by all: host, instruments, sampler."""

import os
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from footprint import catalogue, config, enclosing, home, region
from footprint.collectors import allocation, inventory, place
from footprint.collectors.channel import Channel
from footprint.collectors.host import Host, RealHost
from footprint.collectors.machine import BY_OWN_LIST, Allocation, HostInfo
from footprint.errors import UsageError
from footprint.instruments import Instruments, set_up
from footprint.ranks import Rank, rank_of
from footprint.records import wall_reading
from footprint.records.raw import RegionRef, RunHead, Settings, WallReading, plain_text
from footprint.sampler import Sampler
from footprint.ulid import ulid
from footprint.version import VERSION

if TYPE_CHECKING:
    from footprint.collectors.named import Named
    from footprint.records.own_factors import OwnFactors
    from footprint.server_counts import ServerCounts


class Machine(NamedTuple):
    """This process's eyes: one set for each sysroot."""

    host: Host
    instruments: Instruments
    sampler: Sampler
    info: HostInfo


class Request(NamedTuple):
    """What a user asked for when starting a run; None where nothing was said."""

    name: str | None = None
    project: str | None = None
    team: str | None = None
    tags: Mapping[str, str] = {}
    group: str | None = None
    continues: str | None = None
    region: str | None = None
    pue: float | None = None
    idle: str | None = None
    interval: float | None = None
    metrics: str | None = None
    """Address of the metrics page of a server that is measured."""
    wall_kwh: float | str | None = None
    """What a meter at the wall counted, as a person typed it."""
    factors: str | None = None
    """A file of the user's own factors."""
    contract: str | Mapping[str, object] | None = None
    """What the user states of the electricity that they buy."""


_machines: dict[str, Machine] = {}
_making = threading.RLock()
"""Reentrant, as a signal's handler may start a run."""


def machine(sysroot: str, named: "Named | None" = None) -> Machine:
    """The instruments for a sysroot, and for meters that settings name, made once a process."""
    key = sysroot if named is None else f"{sysroot} {named}"
    with _making:
        if key not in _machines:
            _machines[key] = looked_at(RealHost(sysroot, named=named))
        return _machines[key]


def machine_of(settings: config.Settings) -> Machine:
    """The instruments that settings ask for. Raises UsageError for meters that cannot be."""
    return machine(str(settings.sysroot.value or ""), _named(settings))


def _named(settings: config.Settings) -> "Named | None":
    """Meters that settings name; None, and nothing loaded, where they name none. Raises UsageError."""
    if not settings.redfish.value and not settings.wall_meter.value:
        return None
    from footprint import meters

    return meters.named(settings.redfish.value, settings.wall_meter.value, os.environ)


def looked_at(host: Host) -> Machine:
    """Eyes on any host, a recorded one too: its instruments are open."""
    instruments = set_up(host)
    gpus = tuple(channel.device for channel in instruments.channels if channel.kind == "gpu")
    return Machine(host, instruments, Sampler(instruments), inventory.inventory(host, "")._replace(gpus=gpus))


def settings_for(request: Request, origin: str) -> config.Settings:
    """Settings of a run: what was asked for, else the environment, files and defaults. Raises UsageError."""
    given = {
        "region": request.region,
        "pue": request.pue,
        "idle": request.idle,
        "interval": request.interval,
        "project": request.project,
        "team": request.team,
        "factors": request.factors,
        "contract": request.contract,
    }
    settings = config.load(given, os.environ, origin=origin)
    _named(settings)
    own_for(settings, None)
    return settings


def own_for(settings: config.Settings, where: RegionRef | None) -> "OwnFactors | None":
    """The user's own factors for a place, and the contract that they state; None, and nothing loaded, without any.

    Raises UsageError for a file or a contract that cannot be, whatever the place.
    """
    if settings.factors.value is None and settings.contract.value is None:
        return None
    from footprint import own_file, stated_contract

    table = catalogue.zones()
    file = own_file.read(own_file.path_of(*settings.factors), table) if settings.factors.value is not None else None
    contract = stated_contract.of_setting(*settings.contract) if settings.contract.value is not None else None
    return None if where is None else own_file.for_run(file, contract, where, table)


def server_counts_for(request: Request, settings: config.Settings) -> "ServerCounts | None":
    """What will read the counters of the server that was named, if one was. Raises UsageError for its address."""
    if request.metrics is None:
        return None
    from footprint.scrape import address_of
    from footprint.server_counts import ServerCounts
    from footprint.serving.counters import servers_for

    mapping = settings.metrics.value
    return ServerCounts(address_of(str(request.metrics)), servers_for(mapping if isinstance(mapping, dict) else None))


def region_for(settings: config.Settings, host: Host) -> RegionRef:
    """Where the run takes place: what was said, else what the host says without network. Raises UsageError."""
    table = catalogue.zones()
    if settings.region.value is not None:
        origin = settings.region.origin
        how = origin if origin in {"flag", "argument", "environment"} else "file"
        try:
            return region.resolve(str(settings.region.value), how, table)
        except UsageError as fault:
            if how in {"environment", "file"}:
                written_in = "FOOTPRINT_REGION" if how == "environment" else origin
                raise UsageError(f"{written_in}: {fault.what}", fault.why, fault.fix) from None
            raise
    cloud = place.cloud(host)
    zone = place.time_zone(host) if cloud is None else None
    country = place.country_of_time_zone(host, zone) if zone else None
    return region.guess(cloud, country, table)


def neighbours_of(eyes: Machine, activity: object) -> allocation.Neighbours:
    """What a run holds and who else lives there: that of what is attached to, else of this process."""
    subject = getattr(activity, "subject", None)
    if subject is None:
        return allocation.Neighbours(eyes.host, eyes.info, os.environ)
    return allocation.Neighbours(eyes.host, eyes.info, {}, str(subject))


def things_of(channels: tuple[Channel, ...]) -> dict[str, str]:
    """What each channel reads, by its name: a GPU that was replaced is another thing."""
    return {channel.name: channel.thing for channel in channels}


def unmeasured_head(request: Request) -> RunHead:
    """The head of a run of which nothing is measured."""
    host = HostInfo("", "", "", os.cpu_count() or 1)
    return RunHead(
        "", round(time.time(), 3), host, RegionRef("WORLD", "unknown"), Settings(),
        name=request.name, project=request.project, team=request.team, tags=dict(request.tags),
    )  # fmt: skip


def head_for(
    request: Request, settings: config.Settings, eyes: Machine, held: Allocation, *, parent: str | None, kind: str
) -> RunHead:
    """What is known of a run when it starts. Raises UsageError for a region that does not exist."""
    where = region_for(settings, eyes.host)
    now = time.time()
    rank = rank_of(os.environ)
    info = eyes.info._replace(id=home.host_id(str(settings.home.value)))
    held = _with_gpus(held, eyes, rank, kind)
    run_id = ulid(now, os.urandom(10))
    return RunHead(
        run_id=run_id,
        started_at=round(now, 3),
        host=info,
        region=where,
        settings=Settings(
            str(settings.idle.value),
            _float(settings.pue.value),
            _float(settings.interval.value) or 1.0,
        ),
        name=_text(request.name),
        project=_text(settings.project.value),
        team=_text(settings.team.value),
        tags={plain_text(key): plain_text(value) for key, value in request.tags.items()},
        group=_text(request.group or (rank.group if rank else None)),
        rank=rank.rank if rank else None,
        continues=_text(request.continues),
        parent=parent,
        kind=kind,
        channels=eyes.instruments.channels,
        refusals=eyes.instruments.plan.refusals,
        allocation=held,
        idle=home.idle_powers(str(settings.home.value), things_of(eyes.instruments.channels)),
        notes=_notes(kind, held, eyes),
        program=VERSION,
        catalogue=catalogue.identity()[0],
        wall=_wall(request),
        process=enclosing.process_of(run_id) if eyes.info.gpus else "",
        own=own_for(settings, where),
    )


def _wall(request: Request) -> WallReading | None:
    """What a person typed from a meter at the wall. Raises UsageError."""
    return None if request.wall_kwh is None else wall_reading.parse(request.wall_kwh)


def _text(value: object) -> str | None:
    return None if value is None else plain_text(str(value))


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _with_gpus(held: Allocation, eyes: Machine, rank: Rank | None, kind: str) -> Allocation:
    """An allocation with the GPU channels that the job may use, where something says which.

    What is attached to has an environment of its own, which is not ours to read.
    """
    gpus = tuple(channel for channel in eyes.instruments.channels if channel.kind == "gpu")
    if not gpus or kind == "attach":
        return held
    from footprint.collectors.cuda_visible import held_parts
    from footprint.collectors.held_gpus import held_gpus

    place = (rank.local_rank, rank.local_size) if rank is not None else (None, None)
    names, how = held_gpus(gpus, os.environ, *place)
    return held._replace(gpus=names, gpus_how=how, gpu_parts=held_parts(gpus, os.environ))


def _notes(kind: str, held: Allocation, eyes: Machine) -> tuple[str, ...]:
    """What the method cannot see here."""
    notes = []
    if kind == "track":
        notes.append("processes that outlive their parent leave the tree of a Python process and are not counted then")
    notes.append("children whose parent ignores SIGCHLD are counted while they live, not after")
    if kind != "attach":
        notes.append(
            "a container that the job has a service start, such as Docker's, is not its own and is not counted"
        )
    if held.how == "unknown":
        notes.append("no allocation is known: idle energy goes by busy time")
    elif not held.alone:
        notes.append("other processes live in the same allocation: idle energy goes by busy time")
    if eyes.instruments.channels and any(channel.kind == "gpu" for channel in eyes.instruments.channels):
        notes.append("GPU energy goes by SM time and contexts, as the driver tells them")
    if held.gpus and held.gpus_how in BY_OWN_LIST:
        notes.append(
            "where nobody has a context on a GPU, it is divided among the runs of this home that hold it by"
            " CUDA_VISIBLE_DEVICES: what another home, user or container holds so is not seen"
        )
    if eyes.info.hides_load:
        notes.append(
            "lxcfs hides what the rest of the machine does: the job's share of measured energy is too high unless that"
            " stands still, and its range goes down to what it were on a machine that is busy throughout"
        )
    return tuple(notes)


def forget_after_fork() -> None:
    """In a forked child: the parent's sampler, journals and descriptors are not ours."""
    for eyes in _machines.values():
        eyes.sampler.abandon()
    _machines.clear()


def hold_for_fork() -> None:
    """Before a fork, in the parent."""
    _making.acquire()
    for eyes in _machines.values():
        eyes.sampler.acquire()


def release_after_fork() -> None:
    """After a fork, in the parent."""
    for eyes in _machines.values():
        eyes.sampler.release()
    _making.release()


def _in_child() -> None:
    for eyes in _machines.values():
        eyes.sampler.release()
    _making.release()
    forget_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=hold_for_fork, after_in_parent=release_after_fork, after_in_child=_in_child)
