"""Fit the sensorless power model on measured servers, and write ``footprint/data/power_model.csv``.

    python scripts/build_power_model.py [--check]

Prints how well the model predicts servers whose processor it has not seen (``docs/method-power-model.md``
holds that table). ``--check`` writes nothing and exits 1 where the file is not what the inputs give.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from footprint.processor import GENERATIONS, generation_of

ROOT = Path(__file__).resolve().parent.parent
SERVERS = ROOT / "catalogue" / "inputs" / "servers_power.csv"
OUT = ROOT / "footprint" / "data" / "power_model.csv"
HEADER = "id,indicator,part,zone,per,low,central,high,kind,scope,unit,year,how,sources,note"
MEASURED = "specpower_ccf;specpower_green_coding"
ASSUMED = "footprint_assumption"

OVERHEAD = (0.10, 0.28, 0.60)
"""From processors and memory to the wall in a server; see the method."""
DRAM_W_PER_GB = {
    # by whether the server is of 2017 or later: when idle, at full load
    True: ((0.005, 0.02, 0.20), (0.03, 0.12, 0.40)),
    False: ((0.05, 0.23, 0.80), (0.15, 0.60, 1.50)),
}
"""Central: what more memory adds at the wall among servers of one processor, less the overhead. Bounds are ours."""
NEW = 2017
REFERENCE_CORES = 32
HALF_LIFE_YEARS = 6
LEVELS = range(10, 100, 10)
FOLDS = 12


class Server(NamedTuple):
    """A measured server. Powers in W at the wall; ``cpu_*`` are W per core after overhead and memory are taken off."""

    key: str
    generation: str
    year: int
    cores: int
    per_socket: float
    memory_gb: float
    wall: dict[int, float]
    cpu_idle: float
    cpu_full: float


class Fit(NamedTuple):
    """log(W per core) = base + trend × (year − 2020) + generation − falls × log(cores per socket ÷ 32)."""

    base: float
    trend: float
    falls: float
    effects: dict[str, float]

    def per_core(self, generation: str, year: int, cores_per_socket: float) -> float:
        """W of one core."""
        effect = self.effects.get(generation, 0.0)
        size = math.log(cores_per_socket / REFERENCE_CORES)
        return math.exp(self.base + self.trend * (year - 2020) + effect - self.falls * size)


YEARS = {one.name: one.year for one in GENERATIONS}


def read_servers() -> list[Server]:
    """The servers whose generation and memory are known."""
    with SERVERS.open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    servers = []
    for one in records:
        generation = generation_of(one["cpu"])
        if generation is None or not one["memory_gb"]:
            continue
        wall = {level: float(one[f"w_{level}"]) for level in range(0, 101, 10) if one[f"w_{level}"]}
        cores, memory_gb = int(one["cores"]), float(one["memory_gb"])
        year = generation.year  # the table's own year is now that of the firmware, now that of the hardware
        # a quarter is the least that is left to the processors: where memory is large, its W per GB is less
        idle, full = (
            max(0.25 * inside_w, inside_w - dram[1] * memory_gb) / cores
            for inside_w, dram in zip((inside(wall[0]), inside(wall[100])), DRAM_W_PER_GB[year >= NEW], strict=True)
        )
        per_socket = cores / int(one["sockets"])
        servers.append(Server(one["cpu_key"], generation.name, year, cores, per_socket, memory_gb, wall, idle, full))
    return servers


def inside(wall_w: float) -> float:
    """Power of processors and memory at a wall power."""
    return wall_w / (1 + OVERHEAD[1])


class Problem(NamedTuple):
    """Weighted least squares with generations drawn to the trend: they are few, and some have one processor."""

    table: np.ndarray
    target: np.ndarray
    weights: np.ndarray
    pull: np.ndarray

    def solved(self) -> np.ndarray:
        """The coefficients."""
        root = np.sqrt(self.weights)
        left = np.vstack([self.table * root[:, None], self.pull])
        right = np.concatenate([self.target * root, np.zeros(len(self.pull))])
        return np.linalg.lstsq(left, right, rcond=None)[0]


def fit(servers: list[Server], which: str, most_falls: float) -> Fit:
    """The fit of idle or full power: each processor model counts nearly alike, newer ones more."""
    counts = Counter(server.key for server in servers)
    names = sorted({server.generation for server in servers})
    weights = np.array([counts[s.key] ** -0.7 * 0.5 ** ((2026 - s.year) / HALF_LIFE_YEARS) for s in servers])
    target = np.log([getattr(server, which) for server in servers])
    size = np.array([math.log(server.per_socket / REFERENCE_CORES) for server in servers])
    table = np.zeros((len(servers), len(names) + 2))
    for row, server in enumerate(servers):
        table[row, names.index(server.generation)] = 1
        table[row, -2:] = 1, server.year - 2020
    pull = np.zeros((len(names), table.shape[1]))
    pull[:, : len(names)] = np.eye(len(names)) * math.sqrt(float(np.median(weights)) / 2)
    problem = Problem(table, target, weights, pull)
    free = problem._replace(
        table=np.hstack([table, size[:, None]]), pull=np.hstack([pull, np.zeros((len(names), 1))])
    ).solved()
    falls = min(most_falls, max(0.0, -float(free[-1])))  # below 1: more cores never use less together
    solved = problem._replace(target=target + falls * size).solved()
    return Fit(float(solved[-2]), float(solved[-1]), falls, dict(zip(names, map(float, solved), strict=False)))


def fits(servers: list[Server]) -> tuple[Fit, Fit]:
    """Idle and full load. Idle power is nearly one of the socket."""
    return fit(servers, "cpu_idle", 0.9), fit(servers, "cpu_full", 0.9)


def curve(servers: list[Server]) -> dict[int, tuple[float, float, float]]:
    """Share of the dynamic power at each load: 5 %, 50 % and 95 % of the servers with all levels, since 2012."""
    shapes = {level: [] for level in LEVELS}
    for server in servers:
        if server.year >= 2012 and len(server.wall) == 11:
            span = server.wall[100] - server.wall[0]
            for level in LEVELS:
                shapes[level].append((server.wall[level] - server.wall[0]) / span)
    return {level: tuple(np.quantile(shape, (0.05, 0.5, 0.95))) for level, shape in shapes.items()}


def folds(servers: list[Server]) -> list[tuple[list[Server], list[Server]]]:
    """(what is learnt from, what is predicted): no processor model is in both."""
    keys = sorted({server.key for server in servers})
    parts = [set(keys[number::FOLDS]) for number in range(FOLDS)]
    return [([s for s in servers if s.key not in part], [s for s in servers if s.key in part]) for part in parts]


class Errors(NamedTuple):
    """True W per core over predicted, of servers with unseen processors."""

    idle: tuple[float, float]
    full: tuple[float, float]


def errors(servers: list[Server], parts: list[tuple[list[Server], list[Server]]]) -> Errors:
    """5 % and 95 % of the ratios; each processor model weighs alike, and only those since 2012 count."""
    ratios: dict[str, list[tuple[float, float]]] = {"idle": [], "full": []}
    counts = Counter(server.key for server in servers)
    for known, unseen in parts:
        idle, full = fits(known)
        for s in unseen:
            if s.year >= 2012:
                weight = 1 / counts[s.key]
                ratios["idle"].append((s.cpu_idle / idle.per_core(s.generation, s.year, s.per_socket), weight))
                ratios["full"].append((s.cpu_full / full.per_core(s.generation, s.year, s.per_socket), weight))
    return Errors(*((_quantile(pairs, 0.05), _quantile(pairs, 0.95)) for pairs in ratios.values()))


def _quantile(pairs: list[tuple[float, float]], share: float) -> float:
    total, seen = math.fsum(weight for _, weight in pairs), 0.0
    for value, weight in sorted(pairs):
        seen += weight
        if seen >= share * total:
            return value
    return max(pairs)[0]


class Row(NamedTuple):
    """A coefficient."""

    zone: str
    part: str
    per: str
    unit: str
    amounts: tuple[float, float, float]
    sources: str
    note: str
    kind: str = "envelope"

    def line(self) -> str:
        """As CSV."""
        how = "derived" if MEASURED in self.sources else "fallback"
        low, central, high = (f"{amount:.4g}" for amount in self.amounts)
        name = f"power_model/{self.zone}/{self.part}"
        cells = (name, "power_model", self.part, self.zone, self.per, low, central, high, self.kind)
        return ",".join((*cells, "without sensors", self.unit, "2026", how, self.sources, self.note))


def rows(servers: list[Server]) -> list[Row]:
    """All coefficients."""
    idle, full = fits(servers)
    bounds = errors(servers, folds(servers))
    found = [*_generation_rows(servers, idle, full, bounds), *_unknown_rows(servers)]
    found += [
        Row("server", "idle_falls", "cores per socket", "exponent", (idle.falls,) * 3, MEASURED, "", "exact"),
        Row("server", "full_falls", "cores per socket", "exponent", (full.falls,) * 3, MEASURED, "", "exact"),
    ]
    for level, shape in curve(servers).items():
        note = f"share of the dynamic power at {level} % load"
        found.append(Row("server", f"curve_{level}", "load", "ratio", shape, MEASURED, note))
    for zone, new in (("server", True), ("server-before-2017", False)):
        for part, dram in zip(("dram_idle", "dram_full"), DRAM_W_PER_GB[new], strict=True):
            note = "what more memory adds among servers of one processor; bounds are ours"
            found.append(Row(zone, part, "GB", "W", dram, f"{ASSUMED};{MEASURED}", note))
    found += [
        Row("server", "overhead", "J", "ratio", OVERHEAD, f"eighty_plus;{ASSUMED}", "supply and fans and board"),
        Row("server", "overhead_board", "J", "ratio", (0.04, 0.10, 0.25), "eighty_plus", "supply alone"),
        Row("virtual", "share", "W", "ratio", (0.6, 1.0, 1.6), ASSUMED, "the host's kind and neighbours are not seen"),
        Row("any", "memory", "logical CPU", "GB", (0.5, 2, 8), ASSUMED, "where the host does not say its memory"),
        Row("gpu", "idle", "W of the limit", "ratio", (0.03, 0.10, 0.25), ASSUMED, "idle power over power limit"),
        Row("gpu", "idle_unknown", "device", "W", (8, 30, 100), ASSUMED, "where no limit is known"),
    ]
    return [*found, *_small_rows()]


def _generation_rows(servers: list[Server], idle: Fit, full: Fit, bounds: Errors) -> list[Row]:
    found = []
    for one in GENERATIONS:
        mine = [server for server in servers if server.generation == one.name]
        sizes = [server.per_socket for server in mine]
        cores = float(np.median(sizes)) if sizes else REFERENCE_CORES
        note = f"{len(mine)} servers of {len({server.key for server in mine})} processors"
        for part, model, (low, high) in (("core_idle", idle, bounds.idle), ("core_full", full, bounds.full)):
            central = model.per_core(one.name, one.year, cores)
            amounts = (central * low, central, central * high)
            found.append(Row(one.name, part, "core", "W", amounts, MEASURED, note))
        found.append(Row(one.name, "cores", "socket", "cores", (min(sizes), cores, max(sizes)), MEASURED, note))
    return found


def _unknown_rows(servers: list[Server]) -> list[Row]:
    """A server of which nothing is known: each processor model since 2012 weighs alike, newer ones more."""
    counts = Counter(server.key for server in servers)
    late = [server for server in servers if server.year >= 2012]
    found = []
    for part, which in (("core_idle", "cpu_idle"), ("core_full", "cpu_full"), ("cores", "per_socket")):
        pairs = [(getattr(s, which), 0.5 ** ((2026 - s.year) / HALF_LIFE_YEARS) / counts[s.key]) for s in late]
        amounts = (_quantile(pairs, 0.05), _quantile(pairs, 0.5), _quantile(pairs, 0.95))
        per, unit = ("socket", "cores") if part == "cores" else ("core", "W")
        found.append(Row("unknown", part, per, unit, amounts, MEASURED, "any server since 2012"))
    return found


def _small_rows() -> list[Row]:
    """Machines that nobody has measured for us: bounds only, argued in the method."""
    table = {
        "desktop": ((0.3, 1.0, 3.0), (4, 10, 25), (0.05, 0.15, 0.40), (0.15, 0.50, 1.50)),
        "laptop": ((0.1, 0.4, 1.2), (1.5, 5, 12), (0.02, 0.08, 0.25), (0.15, 0.50, 1.50)),
        "board": ((0.1, 0.35, 0.8), (0.4, 1.0, 2.5), (0.03, 0.10, 0.30), (0.20, 0.70, 2.00)),
    }
    found = []
    for zone, (idle, full, dram, overhead) in table.items():
        found += [
            Row(zone, "core_idle", "core", "W", idle, ASSUMED, "bounds only"),
            Row(zone, "core_full", "core", "W", full, ASSUMED, "bounds only"),
            Row(zone, "dram_idle", "GB", "W", tuple(amount / 3 for amount in dram), ASSUMED, "bounds only"),
            Row(zone, "dram_full", "GB", "W", dram, ASSUMED, "bounds only"),
            Row(zone, "overhead", "J", "ratio", overhead, f"eighty_plus;{ASSUMED}", "without screens"),
            Row(zone, "overhead_board", "J", "ratio", (0.05, 0.14, 0.35), f"eighty_plus;{ASSUMED}", "supply alone"),
        ]
    return found


def report(servers: list[Server]) -> None:
    """How well servers with unseen processors are predicted at the wall."""
    parts, shape = folds(servers), curve(servers)
    factor = {0: 0.0, 100: 1.0} | {level: values[1] for level, values in shape.items()}
    bounds = errors(servers, parts)
    told: dict[tuple[str, int], list[tuple[float, bool, bool]]] = {}
    for known, unseen in parts:
        model = fits(known)
        for s in unseen:
            for level, wall_w in s.wall.items():
                told_of = _predicted(s, level, model, factor[level], bounds)
                error = told_of[1] / wall_w - 1
                result = (error, told_of[0] <= wall_w <= told_of[2], told_of[3] <= wall_w <= told_of[4])
                for group in ("all", *(("2017 and later",) if s.year >= NEW else ())):
                    told.setdefault((group, level), []).append(result)
    print("| servers | load | n | mean error | mean absolute error | in the processor's bounds | in all bounds |")
    print("|---|---|---|---|---|---|---|")
    for (group, level), results in sorted(told.items()):
        if level in (0, 10, 30, 50, 70, 100):
            signed, inner, outer = (np.array(column, dtype=float) for column in zip(*results, strict=True))
            shown = (f"{signed.mean():+.0%}", f"{abs(signed).mean():.0%}", f"{inner.mean():.0%}", f"{outer.mean():.0%}")
            print(f"| {group} | {level} % | {len(results)} | {' | '.join(shown)} |")


def _predicted(
    server: Server, level: int, model: tuple[Fit, Fit], factor: float, bounds: Errors
) -> tuple[float, float, float, float, float]:
    """Wall power: low, central, high by the processor's bounds alone; low and high by all bounds."""
    place = server.generation, server.year, server.per_socket
    idle, full = (fitted.per_core(*place) for fitted in model)
    inner, outer = [], []
    for at, idle_error, full_error in zip((0, 1, 2), *((low, 1.0, high) for low, high in bounds), strict=True):
        start, end = idle * idle_error, full * full_error
        cpu = server.cores * (start + max(0.0, end - start) * factor)
        inner.append((1 + OVERHEAD[1]) * (cpu + dram_w(server, level, 1)))
        outer.append((1 + OVERHEAD[at]) * (cpu + dram_w(server, level, at)))
    return inner[0], inner[1], inner[2], outer[0], outer[2]


def dram_w(server: Server, level: int, at: int) -> float:
    """Power of a server's memory: on a line from idle to full load; ``at`` picks low, central or high."""
    idle, full = DRAM_W_PER_GB[server.year >= NEW]
    return server.memory_gb * (idle[at] + (full[at] - idle[at]) * level / 100)


def main(arguments: list[str] | None = None) -> int:
    """Fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where the file differs")
    given = parser.parse_args(arguments)
    servers = read_servers()
    text = "\n".join([HEADER, *(row.line() for row in rows(servers))]) + "\n"
    if given.check:
        return 0 if OUT.read_text(encoding="utf-8") == text else 1
    OUT.write_text(text, encoding="utf-8")
    report(servers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
