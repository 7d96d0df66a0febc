"""Power of what no sensor measures: processors, memory, and what lies between them and the wall.

Pure: coefficients are rows of the catalogue (``power_model``), fitted on measured servers by
``scripts/build_power_model.py``; docs/method-power-model.md says how well they predict servers that the fit
has not seen, and which bounds are only argued. All intervals are envelopes.

    W of the processors = cores × (idle + (full − idle) × curve(load)),  W per core falling with cores per socket
    W of the memory     = GB × W per GB, on a line from idle to full load
    W at the wall       = (processors + memory + devices) × (1 + overhead)
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from footprint.collectors.machine import HostInfo
from footprint.factors import Catalogue, Factor
from footprint.interval import Interval, common_total, ordered, product, scaled, total
from footprint.processor import class_of, generation_of

_NEW = 2017
"""Servers since then have memory of DDR4 and later: far fewer watts per GB."""
_CURVE_STEPS = 10
_CORES_OF_A_SOCKET = (4.0, 256.0)
"""Beyond these the fall of watts per core with cores per socket is not carried on."""
_Rows = Mapping[tuple[str, str], Factor]


_MOST_IDLE = 0.7
"""A processor that would idle at more than this part of its full power is outside of what the table can tell."""


class _Load(NamedTuple):
    """Power of all processors of a host: idle, at full load, and the shares of the span between at 0, 10 … 100 %."""

    idle: Interval
    full: Interval
    curve: tuple[Interval, ...]


def cpu_power(host: HostInfo, load: float, catalogue: Catalogue) -> Interval:
    """Power (W) of the processors that a host sees at a load of 0 to 1: busy time over all logical CPUs' time.

    A virtual machine's is its threads' share of a server, never a whole server.
    """
    model = _load_model(host, catalogue)
    share = _share_at(model.curve, min(1.0, max(0.0, load)))
    low, central, high = (
        start + max(0.0, end - start) * part
        for start, end, part in zip(model.idle[:3], model.full[:3], share[:3], strict=True)
    )
    return ordered(low, central, high, "envelope")


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


def overhead(host: HostInfo, *, board_measured: bool, catalogue: Catalogue) -> Interval:
    """Energy beyond the components over the components' energy (a ratio): power supply, fans, board, disks, network.

    Where a board channel measures, only what lies outside it: the power supply.
    """
    zone = class_of(host.cpu, battery=host.battery)
    return _row(_rows(catalogue), zone, "overhead_board" if board_measured else "overhead").value


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
    return product(total((cpu, dram)), overhead(host, board_measured=False, catalogue=catalogue))


def rows_used(host: HostInfo, catalogue: Catalogue) -> tuple[Factor, ...]:
    """The coefficients that a host's model takes, for provenance."""
    generation = generation_of(host.cpu)
    kind = class_of(host.cpu, battery=host.battery)
    zones = {"unknown" if kind == "server" and generation is None else kind, kind, "server"}
    if generation is not None:
        zones.add(generation.name)
        if generation.year < _NEW:
            zones.add("server-before-2017")
    if host.virtual:
        zones.add("virtual")
    return tuple(row for (zone, _), row in _rows(catalogue).items() if zone in zones)


def _load_model(host: HostInfo, catalogue: Catalogue) -> _Load:
    """A host's idle and full power and its curve."""
    rows = _rows(catalogue)
    kind = class_of(host.cpu, battery=host.battery)
    curve = _curve(rows)
    if kind != "server":
        cores = _cores(host, 1 if kind == "board" else 2)
        idle, full = (scaled(_row(rows, kind, part).value, cores) for part in ("core_idle", "core_full"))
        return _Load(idle, full, curve)
    generation = generation_of(host.cpu)
    cores = _cores(host, generation.threads if generation else 2)
    zone = generation.name if generation else "unknown"
    idle, full = (_per_core(rows, zone, part, host) for part in ("idle", "full"))
    idle, full = scaled(idle, cores), scaled(full, cores)
    if idle.central > _MOST_IDLE * full.central:  # fewer cores than any server of the table: idle falls less than full
        central = _MOST_IDLE * full.central
        idle = ordered(idle.low * central / idle.central, central, idle.high, idle.kind)
    if host.virtual:
        return _shared(rows, idle, full, curve)
    return _Load(idle, full, curve)


def _cores(host: HostInfo, threads: int) -> float:
    """Physical cores; of a virtual machine, or where they are not told, its threads' worth of them."""
    logical = max(1, host.logical_cpus)
    if host.virtual or not host.cores or host.cores > logical:
        return logical / threads
    return float(host.cores)


def _per_core(rows: _Rows, zone: str, part: str, host: HostInfo) -> Interval:
    """W of one core; processors with more cores use less for each, where the host tells how many it has."""
    value = _row(rows, zone, f"core_{part}").value
    if host.virtual or not host.cores or not host.sockets or host.cores > host.logical_cpus:
        return value
    usual = _row(rows, zone, "cores").central
    falls = _row(rows, "server", f"{part}_falls").central
    fewest, most = _CORES_OF_A_SOCKET
    size = min(most, max(fewest, host.cores / host.sockets))
    return scaled(value, (size / usual) ** -falls)


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
