"""The fit of the sensorless power model on measured servers, and how well it predicts those it has not seen.

    log(W per core) = base + trend × (year − 2020) + design + model
                      − falls × log(cores per socket ÷ 32) + rises × log(TDP per core ÷ 4) + sockets × log(sockets ÷ 2)

Once with the thermal design power (TDP) and once without. ``build_power_model.py`` writes what comes of it.
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from footprint.processor import GENERATIONS, generation_of, key_of

ROOT = Path(__file__).resolve().parent.parent
SERVERS = ROOT / "catalogue" / "inputs" / "servers_power.csv"

BASE_W = (4.0, 12.0, 55.0)
"""W at the wall of each socket's board, fans and disks, whatever the load; see the method."""
SHARE = (0.06, 0.17, 0.40)
"""Power supply, regulators and faster fans as a share of what the components use."""
DRAM_W_PER_GB = {
    # by whether the server is of 2017 or later: when idle, at full load
    True: ((0.005, 0.02, 0.20), (0.03, 0.12, 0.40)),
    False: ((0.05, 0.23, 0.80), (0.15, 0.60, 1.50)),
}
"""Central: what more memory adds at the wall among servers of one processor, less the overhead. Bounds are ours."""
NEW = 2017
CORES, TDP_PER_CORE, SOCKETS = 32, 4.0, 2
"""What a fit's base is told for."""
HALF_LIFE_YEARS = 4
LEVELS = range(10, 100, 10)
FOLDS = 12
MOST = 0.95
"""Exponents of cores stay below 1: more cores never use less together."""


class Server(NamedTuple):
    """A measured server. Powers in W at the wall; ``cpu_*`` are W per core after overhead and memory are taken off."""

    key: str
    generation: str
    year: int
    cores: int
    sockets: int
    tdp_w: float | None
    memory_gb: float
    wall: Mapping[int, float]
    cpu_idle: float
    cpu_full: float

    @property
    def per_socket(self) -> float:
        """Cores of a socket."""
        return self.cores / self.sockets


class Fit(NamedTuple):
    """See the module."""

    base: float
    trend: float
    falls: float
    rises: float
    sockets: float
    effects: Mapping[str, float]

    def per_core(self, one: Server, model: float = 0.0) -> float:
        """W of one core of a server."""
        known = self.base + self.trend * (one.year - 2020) + self.effects.get(one.generation, 0.0) + model
        known += self.sockets * math.log(one.sockets / SOCKETS) - self.falls * math.log(one.per_socket / CORES)
        if self.rises and one.tdp_w:
            known += self.rises * math.log(one.tdp_w / one.per_socket / TDP_PER_CORE)
        return math.exp(known)


class Model(NamedTuple):
    """Idle and full load, and the curve between."""

    idle: Fit
    full: Fit
    curve: Mapping[int, tuple[float, float, float]]
    models: Mapping[str, tuple[float, float]]
    """Of processor models that were measured: how much their logarithms are above the design's, idle and full."""

    def wall(self, one: Server, level: int) -> float:
        """W at the wall, central."""
        idle, full = self.models.get(one.key, (0.0, 0.0))
        start, end = self.idle.per_core(one, idle), self.full.per_core(one, full)
        part = {0: 0.0, 100: 1.0}.get(level) if level in {0, 100} else self.curve[level][1]
        cpu = one.cores * (start + max(0.0, end - start) * float(part or 0.0))
        return BASE_W[1] * one.sockets + (1 + SHARE[1]) * (cpu + dram_w(one, level))


def tdp_table() -> dict[str, float]:
    """TDP (W) of server processors by their key; those that two names with one key disagree about are left out."""
    found: dict[str, set[float]] = {}
    with (ROOT / "catalogue" / "inputs" / "devices_cpu.csv").open(encoding="utf-8", newline="") as file:
        for one in csv.DictReader(file):
            if generation_of(one["name"]) is not None and any(map(str.isdigit, key_of(one["name"]))):
                found.setdefault(key_of(one["name"]), set()).add(float(one["tdp_w"]))
    return {key: values.pop() for key, values in found.items() if len(values) == 1}


def read_servers() -> list[Server]:
    """The servers whose generation and memory are known."""
    tdp = tdp_table()
    with SERVERS.open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    servers = []
    for one in records:
        generation = generation_of(one["cpu"])
        if generation is None or not one["memory_gb"]:
            continue
        wall = {level: float(one[f"w_{level}"]) for level in range(0, 101, 10) if one[f"w_{level}"]}
        cores, sockets, memory_gb = int(one["cores"]), int(one["sockets"]), float(one["memory_gb"])
        year = generation.year  # the table's own year is now that of the firmware, now that of the hardware
        dram = DRAM_W_PER_GB[year >= NEW]
        # a quarter is the least that is left to the processors: where memory is large, its W per GB is less
        idle, full = (
            max(0.25 * inside_w, inside_w - per_gb[1] * memory_gb) / cores
            for inside_w, per_gb in zip((inside(wall[0], sockets), inside(wall[100], sockets)), dram, strict=True)
        )
        key = key_of(one["cpu"])
        servers.append(
            Server(key, generation.name, year, cores, sockets, tdp.get(key), memory_gb, wall, idle, full)
        )  # fmt: skip
    return servers


def inside(wall_w: float, sockets: int) -> float:
    """Power of processors and memory at a wall power; two fifths are the least that is left to them."""
    return max(0.4 * wall_w, wall_w - BASE_W[1] * sockets) / (1 + SHARE[1])


def dram_w(one: Server, level: int, at: int = 1) -> float:
    """Power of a server's memory: on a line from idle to full load; ``at`` picks low, central or high."""
    idle, full = DRAM_W_PER_GB[one.year >= NEW]
    return one.memory_gb * (idle[at] + (full[at] - idle[at]) * level / 100)


def fitted(servers: Sequence[Server], *, by_tdp: bool, models: bool = True) -> Model:
    """Idle and full power, each processor model counting nearly alike, newer ones more."""
    known = [one for one in servers if one.tdp_w or not by_tdp]
    idle, full = (_fit(known, which, by_tdp=by_tdp) for which in ("cpu_idle", "cpu_full"))
    above = _models(servers, idle, full) if models else {}
    return Model(idle, full, _curve(servers), above)


def _fit(servers: Sequence[Server], which: str, *, by_tdp: bool) -> Fit:
    counts = Counter(one.key for one in servers)
    names = sorted({one.generation for one in servers})
    weights = np.array([counts[one.key] ** -0.7 * 0.5 ** ((2026 - one.year) / HALF_LIFE_YEARS) for one in servers])
    target = np.log([getattr(one, which) for one in servers])
    size = np.array([math.log(one.per_socket / CORES) for one in servers])
    tdp = np.array([math.log((one.tdp_w or 0) / one.per_socket / TDP_PER_CORE) if by_tdp else 0.0 for one in servers])
    table = np.zeros((len(servers), len(names) + 3))
    for row, one in enumerate(servers):
        table[row, names.index(one.generation)] = 1
        table[row, -3:] = 1, one.year - 2020, math.log(one.sockets / SOCKETS)
    # designs are drawn to the trend: they are few, and some have one processor
    pull = np.sqrt(np.median(weights)) * np.eye(len(names), table.shape[1])
    free = _solved(np.hstack([table, size[:, None], tdp[:, None]]), target, weights, np.pad(pull, ((0, 0), (0, 2))))
    rises = min(MOST, max(0.0, float(free[-1]))) if by_tdp else 0.0
    falls = min(MOST - rises, max(0.0, -float(free[-2])))
    solved = _solved(table, target + falls * size - rises * tdp, weights, pull)
    base, trend, sockets = map(float, solved[-3:])
    return Fit(base, trend, falls, rises, sockets, dict(zip(names, map(float, solved), strict=False)))


def _solved(table: np.ndarray, target: np.ndarray, weights: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """Weighted least squares."""
    root = np.sqrt(weights)
    left = np.vstack([table * root[:, None], pull])
    return np.linalg.lstsq(left, np.concatenate([target * root, np.zeros(len(pull))]), rcond=None)[0]


def _models(servers: Iterable[Server], idle: Fit, full: Fit) -> dict[str, tuple[float, float]]:
    """How far the processor models lie from their design, drawn to it where few servers were measured."""
    found: dict[str, list[tuple[float, float]]] = {}
    for one in servers:
        if one.key:
            above = math.log(one.cpu_idle / idle.per_core(one)), math.log(one.cpu_full / full.per_core(one))
            found.setdefault(one.key, []).append(above)
    return {
        key: (math.fsum(a for a, _ in some) / (len(some) + 1), math.fsum(b for _, b in some) / (len(some) + 1))
        for key, some in found.items()
    }


def _curve(servers: Iterable[Server]) -> dict[int, tuple[float, float, float]]:
    """Share of the dynamic power at each load: 5 %, 50 % and 95 % of the servers with all levels, since 2012."""
    shapes: dict[int, list[float]] = {level: [] for level in LEVELS}
    for one in servers:
        if one.year >= 2012 and len(one.wall) == 11:
            span = one.wall[100] - one.wall[0]
            for level in LEVELS:
                shapes[level].append((one.wall[level] - one.wall[0]) / span)
    return {level: tuple(map(float, np.quantile(shape, (0.05, 0.5, 0.95)))) for level, shape in shapes.items()}


class Told(NamedTuple):
    """A measured power and what a model said that had not seen it."""

    server: Server
    level: int
    wall_w: float
    predicted_w: float
    cpu_idle: float
    """Measured W per core over predicted, when idle."""
    cpu_full: float
    fold: int


def unseen(servers: Sequence[Server], kind: str) -> list[Told]:
    """Every measured power with its prediction from other servers.

    ``kind`` says what the model may know: ``measured``, other servers with this processor model; ``tdp``, its design
    and TDP; ``design``, its design alone; ``unknown``, no server of its design.
    """
    group: Callable[[Server], str] = {
        "measured": lambda one: f"{one.key} {one.cores} {one.wall[0]} {one.wall[100]}",
        "unknown": lambda one: one.generation,
    }.get(kind, lambda one: one.key)  # fmt: skip
    names = sorted({group(one) for one in servers})
    parts = [set(names[number::FOLDS]) for number in range(FOLDS)]
    return [told for number, part in enumerate(parts) for told in _of_fold(servers, kind, group, part, number)]


def _of_fold(
    servers: Sequence[Server], kind: str, group: Callable[[Server], str], part: set[str], number: int
) -> Iterable[Told]:
    known = [one for one in servers if group(one) not in part]
    model = fitted(known, by_tdp=kind != "design", models=kind == "measured")
    for one in servers:
        if group(one) not in part or (kind != "design" and not one.tdp_w):
            continue
        if kind == "measured" and one.key not in model.models:
            continue
        above = model.models.get(one.key, (0.0, 0.0))
        idle, full = model.idle.per_core(one, above[0]), model.full.per_core(one, above[1])
        for level, wall_w in one.wall.items():
            yield Told(one, level, wall_w, model.wall(one, level), one.cpu_idle / idle, one.cpu_full / full, number)


def quantile(pairs: Iterable[tuple[float, float]], share: float) -> float:
    """Of (value, weight)."""
    pairs = sorted(pairs)
    total, seen = math.fsum(weight for _, weight in pairs), 0.0
    for value, weight in pairs:
        seen += weight
        if seen >= share * total:
            return value
    return pairs[-1][0]


YEARS = {one.name: one.year for one in GENERATIONS}
