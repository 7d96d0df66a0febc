"""Power of what no sensor measures: processors, memory, and what lies between them and the wall.

Pure: coefficients are rows of the catalogue (``power_model``), fitted on measured servers by
``scripts/build_power_model.py``; docs/method-power-model.md says how well they predict servers that the fit
has not seen, and which bounds are only argued. All intervals are envelopes.

    W of the processors = cores × (idle + (full − idle) × curve(load)),  W per core by design, size and design power
    W of the memory     = GB × W per GB, on a line from idle to full load
    W at the wall       = (processors + memory + devices) × (1 + share) + base
"""

import itertools
import math
from collections.abc import Mapping
from typing import NamedTuple

from footprint.collectors.machine import HostInfo
from footprint.factors import Catalogue, Factor
from footprint.interval import ZERO, Interval, common_total, exact, ordered, product, scaled, total
from footprint.processor import class_of, generation_of, key_of

_NEW = 2017
"""Servers since then have memory of DDR4 and later: far fewer watts per GB."""
_CURVE_STEPS = 10
_CORES_OF_A_SOCKET = (4.0, 256.0)
_TDP_OF_A_CORE = (0.5, 40.0)
_SOCKETS = (1.0, 8.0)
"""Beyond these the trends of watts per core are not carried on."""
_MANY_CORES = 16
"""Designs of which servers usually have so many cores a socket are not sold with fewer than four."""
_MANY_GPUS = 8
"""From so many on, switches and network cards stand beside them."""
_UNTOLD_SOCKETS = Interval(1.0, 1.5, 2.0, "envelope")
_Rows = Mapping[tuple[str, str], Factor]


_MOST_IDLE = 0.7
"""A processor that would idle at more than this part of its full power is outside of what the table can tell."""


class _Load(NamedTuple):
    """Power of all processors of a host: idle, at full load, and the shares of the span between at 0, 10 … 100 %."""

    idle: Interval
    full: Interval
    curve: tuple[Interval, ...]


class Overhead(NamedTuple):
    """What lies between the components and the wall: power supply, fans, board, disks, network."""

    base_w: Interval
    """W whatever the load: board, disks, network, fans that always turn, and the supply's own use."""
    share: Interval
    """Of what the components use: losses of the supply and of regulators, and fans that follow the heat."""

    def beyond(self, components: Interval, seconds: float = 1.0) -> Interval:
        """Energy (J) beyond that of the components in so many seconds; power (W) for power."""
        return common_total((scaled(self.base_w, seconds), product(components, self.share)))


class Asked(NamedTuple):
    """A host, and what is known of it beside what it tells itself."""

    host: HostInfo
    tdp_w: float | None = None
    """Design power (W) of one socket."""
    year: int | None = None
    """Of its design, where its name does not tell that."""


def cpu_power(host: HostInfo, load: float, catalogue: Catalogue) -> Interval:
    """Power (W) of the processors that a host sees at a load of 0 to 1: busy time over all logical CPUs' time.

    A virtual machine's is its threads' share of a server, never a whole server.
    """
    return cpu_power_of(Asked(host, tdp_of(host.cpu, catalogue)), load, catalogue)


def cpu_power_of(asked: Asked, load: float, catalogue: Catalogue) -> Interval:
    """The same for a host of which more is known than it tells."""
    model = _load_model(asked, catalogue)
    share = _share_at(model.curve, min(1.0, max(0.0, load)))
    low, central, high = (
        start + max(0.0, end - start) * part
        for start, end, part in zip(model.idle[:3], model.full[:3], share[:3], strict=True)
    )
    return ordered(low, central, high, "envelope")


def tdp_of(cpu: str, catalogue: Catalogue) -> float | None:
    """Design power (W) of a processor by its name, where the catalogue's rows hold it."""
    row = _rows(catalogue).get((key_of(cpu), "tdp"))
    return row.central if row is not None and row.per == "socket" else None


def dram_power(host: HostInfo, catalogue: Catalogue, load: float = 0.5) -> Interval:
    """Power (W) of the memory that a host sees, at a load of its processors of 0 to 1, which stands for its use."""
    rows = _rows(catalogue)
    zone = class_of(host.cpu, battery=host.battery)
    generation = generation_of(host.cpu)
    if zone == "server" and generation is not None and generation.year < _NEW:
        zone = "server-before-2017"
    idle, full = (_row(rows, zone, part).value for part in ("dram_idle", "dram_full"))
    part = min(1.0, max(0.0, load))
    per_gb = common_total((scaled(idle, 1 - part), scaled(full, part)))
    if host.memory_gb:
        return scaled(per_gb, host.memory_gb)
    return product(scaled(_row(rows, "any", "memory").value, max(1, host.logical_cpus)), per_gb)


def overhead(host: HostInfo, *, board_measured: bool, catalogue: Catalogue) -> Overhead:
    """What the host uses beyond its components.

    Where a board channel measures, only what lies outside it: the power supply. A virtual machine has a share of its
    server, whose board it does not see: all of it goes with what its components use, but for what stands beside GPUs.
    """
    rows = _rows(catalogue)
    zone = class_of(host.cpu, battery=host.battery)
    if board_measured:
        return Overhead(ZERO, _row(rows, zone, "overhead_board").value)
    share = zone == "server" and _is_share(host, rows)
    if share and not host.gpus:
        return Overhead(ZERO, _row(rows, "virtual", "overhead").value)
    base_w = ZERO if share else _row(rows, zone, "base").value
    if zone == "server" and not share:
        base_w = product(base_w, exact(float(host.sockets)) if host.sockets else _UNTOLD_SOCKETS)
    if host.gpus:
        base_w = common_total((base_w, scaled(_beside_a_gpu(host, rows, share=share), len(host.gpus))))
    return Overhead(base_w, _row(rows, zone, "share").value)


def _beside_a_gpu(host: HostInfo, rows: _Rows, *, share: bool) -> Interval:
    """W of what stands beside each GPU. A virtual machine with few does not see how many its server has."""
    few, many = (_row(rows, zone, "base").value for zone in ("gpu", "gpus"))
    if len(host.gpus) >= _MANY_GPUS:
        return many
    return ordered(few.low, (few.central + many.central) / 2, many.high, "envelope") if share else few


def idle_power(kind: str, limit_w: float | None, host: HostInfo, catalogue: Catalogue) -> Interval:
    """Power (W) of one channel of a kind (``cpu``, ``dram``, ``gpu``, ``board`` …) when nothing works.

    For a GPU by its power limit; for one package or memory channel the host's divided by its sockets.
    """
    rows = _rows(catalogue)
    if kind == "gpu":
        if limit_w is None:
            return _row(rows, "gpu", "idle_unknown").value
        return scaled(_row(rows, "gpu", "idle").value, limit_w)
    cpu, dram, sockets = cpu_power(host, 0.0, catalogue), dram_power(host, catalogue, 0.0), host.sockets or 1
    if kind == "cpu":
        return scaled(cpu, 1 / sockets)
    if kind == "dram":
        return scaled(dram, 1 / sockets)
    return overhead(host, board_measured=False, catalogue=catalogue).beyond(total((cpu, dram)))


def rows_used(host: HostInfo, catalogue: Catalogue) -> tuple[Factor, ...]:
    """The coefficients that a host's model takes, for provenance."""
    generation = generation_of(host.cpu)
    kind = class_of(host.cpu, battery=host.battery)
    zones = {"unknown" if kind == "server" and generation is None else kind, kind, "server", key_of(host.cpu)}
    if generation is not None:
        zones.add(generation.name)
        if generation.year < _NEW:
            zones.add("server-before-2017")
    if _is_share(host, _rows(catalogue)):
        zones.add("virtual")
    if host.gpus:
        zones |= {"gpu", "gpus"}
    rows = _rows(catalogue).items()
    return tuple(row for (zone, part), row in rows if zone in zones and not part.startswith("wall_"))


def wall_error(known: str, load: float, *, new: bool, catalogue: Catalogue) -> Interval:
    """Measured over predicted power at the wall of servers that the fit had not seen: an interval of 90 %.

    ``known`` says what the prediction knew: ``measured`` (other servers of the processor model), ``tdp``, ``design``
    or ``unknown``; ``new`` whether the server's design is of 2017 or later.
    """
    rows, zone = _rows(catalogue), "server" if new else "server-before-2017"
    points = [(level / 100, _row(rows, zone, f"wall_{known}_{level}")) for level in (0, 10, 50, 100)]
    for (start, below), (end, above) in itertools.pairwise(points):
        if load <= end:
            part = (load - start) / (end - start)
            low, high = below.low + (above.low - below.low) * part, below.high + (above.high - below.high) * part
            return Interval(low, 1.0, high, "p90")
    return points[-1][1].value


def _load_model(asked: Asked, catalogue: Catalogue) -> _Load:
    """A host's idle and full power and its curve."""
    rows, host = _rows(catalogue), asked.host
    if _is_share(host, rows):
        host = host._replace(virtual=True)
        asked = asked._replace(host=host)
    kind = class_of(host.cpu, battery=host.battery)
    curve = _curve(rows)
    if kind != "server":
        cores = _cores(host, 1 if kind == "board" else 2)
        idle, full = (scaled(_row(rows, kind, part).value, cores) for part in ("core_idle", "core_full"))
        return _Load(idle, full, curve)
    generation = generation_of(host.cpu)
    cores = _cores(host, generation.threads if generation else 2)
    zone = generation.name if generation else "unknown"
    idle, full = (scaled(_per_core(rows, zone, part, asked), cores) for part in ("idle", "full"))
    if idle.central > _MOST_IDLE * full.central:  # fewer cores than any server of the table: idle falls less than full
        central = _MOST_IDLE * full.central
        idle = ordered(idle.low * central / idle.central, central, idle.high, idle.kind)
    if host.virtual:
        return _shared(rows, idle, full, curve)
    return _Load(idle, full, curve)


def _is_share(host: HostInfo, rows: _Rows) -> bool:
    """Whether it is a part of a server: a virtual machine, or, where nothing tells, far less than such servers are."""
    if host.virtual is not None or host.battery:
        return bool(host.virtual)
    generation = generation_of(host.cpu)
    if generation is None or _row(rows, generation.name, "cores").central < _MANY_CORES:
        return False
    return max(1, host.logical_cpus) / generation.threads < _CORES_OF_A_SOCKET[0]


def _cores(host: HostInfo, threads: int) -> float:
    """Physical cores; of a virtual machine, or where they are not told, its threads' worth of them."""
    logical = max(1, host.logical_cpus)
    if host.virtual or not host.cores or host.cores > logical:
        return logical / threads
    return float(host.cores)


def _per_core(rows: _Rows, zone: str, part: str, asked: Asked) -> Interval:
    """W of one core: by its design; by the size of its socket, their number and design power where those are told;

    and by what servers with this very processor measured, where there are any.
    """
    host, value = asked.host, _row(rows, zone, f"core_{part}").value
    if host.virtual or not host.cores or not host.sockets or host.cores > host.logical_cpus:
        return value
    size, sockets = _within(_CORES_OF_A_SOCKET, host.cores / host.sockets), _within(_SOCKETS, host.sockets)
    suffix = "_tdp" if asked.tdp_w and (zone, f"core_{part}_tdp") in rows else ""
    falls, with_sockets = (
        _row(rows, "server", f"{part}_{name}{suffix}").central for name in ("falls", "falls_by_socket")
    )
    by = (size / _row(rows, zone, "cores").central) ** -falls * (sockets / 2) ** -with_sockets
    if not suffix or not asked.tdp_w:
        return scaled(value, by)
    value = _row(rows, zone, f"core_{part}_tdp").value
    rated = _within(_TDP_OF_A_CORE, asked.tdp_w / size) / _row(rows, zone, "tdp").central
    by *= rated ** _row(rows, "server", f"{part}_rises_tdp").central
    if zone == "unknown" and asked.year is not None:
        by *= _row(rows, zone, f"{part}_yearly").central ** (asked.year - 2020)
    measured = rows.get((key_of(host.cpu), f"{part}_effect"))
    if measured is not None:
        value = scaled(_row(rows, "server", f"{part}_measured").value, value.central * measured.central)
    return scaled(value, by)


def _within(ends: tuple[float, float], value: float) -> float:
    return min(ends[1], max(ends[0], value))


def _shared(rows: _Rows, idle: Interval, full: Interval, curve: tuple[Interval, ...]) -> _Load:
    """A virtual machine's share of a server that others keep awake: its idle is the server's at a low load,

    and its own load adds in proportion; the bounds hold the server's own curve too.
    """
    share = _row(rows, "virtual", "share").value
    awake = curve[1]
    high_span = max(0.0, full.high - idle.high)
    idle = ordered(
        idle.low,
        idle.central + (full.central - idle.central) * awake.central,
        idle.high + high_span * awake.high,
        "envelope",
    )
    straight = tuple(
        ordered(point.low, number / _CURVE_STEPS, point.high, "envelope") for number, point in enumerate(curve)
    )
    return _Load(product(idle, share), product(full, share), straight)


def _curve(rows: _Rows) -> tuple[Interval, ...]:
    """Share of the dynamic power at 0, 10 … 100 % load."""
    inner = (_row(rows, "server", f"curve_{100 * step // _CURVE_STEPS}").value for step in range(1, _CURVE_STEPS))
    return (Interval(0.0, 0.0, 0.0, "exact"), *inner, Interval(1.0, 1.0, 1.0, "exact"))


def _share_at(curve: tuple[Interval, ...], load: float) -> Interval:
    """The curve at a load, on straight lines between its points."""
    step = min(_CURVE_STEPS - 1, math.floor(load * _CURVE_STEPS))
    part = load * _CURVE_STEPS - step
    low, central, high = (
        before + (after - before) * part for before, after in zip(curve[step][:3], curve[step + 1][:3], strict=True)
    )
    return ordered(low, central, high, "envelope")


def _row(rows: _Rows, zone: str, part: str) -> Factor:
    try:
        return rows[zone, part]
    except KeyError:
        msg = f"the catalogue has no row power_model/{zone}/{part}"
        raise LookupError(msg) from None


_last: list[tuple[Catalogue, _Rows]] = []
"""Rows of the catalogue that was asked last: a run asks for every slice of its timeline."""


def _rows(catalogue: Catalogue) -> _Rows:
    if _last and _last[0][0] is catalogue:
        return _last[0][1]
    rows = {(row.zone, row.part): row for row in catalogue.factors if row.indicator == "power_model"}
    _last[:] = [(catalogue, rows)]
    return rows
