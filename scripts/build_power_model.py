"""Write the power model's coefficients, ``power_model.csv`` and ``processors.csv`` in ``footprint/data``.

    python scripts/build_power_model.py [--check] [--report]

``--report`` prints how well the model predicts servers that it has not seen (``docs/method-power-model.md`` holds
these tables). ``--check`` writes nothing and exits 1 where a file is not what the inputs give.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from server_fit import (
    BASE_W,
    CORES,
    DRAM_W_PER_GB,
    NEW,
    SHARE,
    TDP_PER_CORE,
    Model,
    Server,
    Told,
    fitted,
    quantile,
    read_servers,
    tdp_table,
    unseen,
)

from footprint.processor import GENERATIONS

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "footprint" / "data" / "power_model.csv"
PROCESSORS = ROOT / "footprint" / "data" / "processors.csv"
HEADER = "id,indicator,part,zone,per,low,central,high,kind,scope,unit,year,how,sources,note"
MEASURED = "specpower_ccf;specpower_green_coding"
ASSUMED = "footprint_assumption"
PAIRS = "tud_rome2021;tud_firestarter2021;scaphandre_201;eighty_plus"
RATED = "codecarbon_cpu_power;codecarbon_cpu_scrapes"
KINDS = ("measured", "tdp", "design", "unknown")
"""What is known of a server, the most first; see ``server_fit.unseen``."""
TOLD_AT = (0, 10, 50, 100)
TAIL = 0.04
"""Of the errors on each side: a little wider than 5 %, as the errors are those of few servers."""
LEAST_YEAR = 2012
"""Errors of older servers say little about those of today."""


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


class Fitted(NamedTuple):
    """The two models, and what they said of servers that they had not seen."""

    servers: list[Server]
    by_tdp: Model
    by_design: Model
    told: dict[str, list[Told]]


def fit_all() -> Fitted:
    """Everything that the rows are made of."""
    servers = read_servers()
    told = {kind: unseen(servers, kind) for kind in KINDS}
    return Fitted(servers, fitted(servers, by_tdp=True), fitted(servers, by_tdp=False), told)


def rows(made: Fitted) -> list[Row]:
    """All coefficients."""
    return [
        *_design_rows(made), *_unknown_rows(made), *_exponent_rows(made), *_curve_rows(made), *_error_rows(made),
        *_dram_rows(), *_overhead_rows(), *_other_rows(), *_small_rows(),
    ]  # fmt: skip


def _core_error(told: Iterable[Told], which: str) -> tuple[float, float]:
    """5 % and 95 % of measured over predicted W per core; each processor model weighs alike."""
    seen = {id(one.server): one for one in told if one.server.year >= LEAST_YEAR}
    counts = Counter(one.server.key for one in seen.values())
    pairs = [(getattr(one, which), 1 / counts[one.server.key]) for one in seen.values()]
    return quantile(pairs, 0.05), quantile(pairs, 0.95)


def _design_rows(made: Fitted) -> list[Row]:
    found = []
    for one in GENERATIONS:
        mine = [server for server in made.servers if server.generation == one.name]
        sizes = [server.per_socket for server in mine]
        rated = [server.tdp_w / server.per_socket for server in mine if server.tdp_w]
        cores = float(np.median(sizes)) if sizes else CORES
        usual = float(np.median(rated)) if rated else TDP_PER_CORE
        note = f"{len(mine)} servers of {len({server.key for server in mine})} processors"
        found.append(Row(one.name, "cores", "socket", "cores", (min(sizes), cores, max(sizes)), MEASURED, note))
        for kind, suffix, model in (("design", "", made.by_design), ("tdp", "_tdp", made.by_tdp)):
            if kind == "tdp" and not rated:
                continue
            typical = Server("", one.name, one.year, round(2 * cores), 2, usual * cores, 0, {}, 0, 0)
            for part, fit in (("idle", model.idle), ("full", model.full)):
                low, high = _core_error(made.told[kind], f"cpu_{part}")
                central = fit.per_core(typical)
                amounts = (central * low, central, central * high)
                found.append(Row(one.name, f"core_{part}{suffix}", "core", "W", amounts, MEASURED, note))
        if rated:
            found.append(Row(one.name, "tdp", "core", "W", (min(rated), usual, max(rated)), MEASURED + ";" + RATED, ""))
    return found


def _unknown_rows(made: Fitted) -> list[Row]:
    """A server of which nothing is known: each processor model since 2012 weighs alike, newer ones more."""
    counts = Counter(server.key for server in made.servers)
    late = [server for server in made.servers if server.year >= LEAST_YEAR]
    found = []
    for part, which in (("core_idle", "cpu_idle"), ("core_full", "cpu_full"), ("cores", "per_socket")):
        pairs = [(getattr(s, which), 0.5 ** ((2026 - s.year) / 6) / counts[s.key]) for s in late]
        amounts = (quantile(pairs, 0.05), quantile(pairs, 0.5), quantile(pairs, 0.95))
        per, unit = ("socket", "cores") if part == "cores" else ("core", "W")
        found.append(Row("unknown", part, per, unit, amounts, MEASURED, "any server since 2012"))
    for part, fit in (("idle", made.by_tdp.idle), ("full", made.by_tdp.full)):
        low, high = _core_error(made.told["unknown"], f"cpu_{part}")
        central = math.exp(fit.base + fit.falls * math.log(CORES / found[-1].amounts[1]))
        amounts = (central * low, central, central * high)
        note = "by size and design power; of 2020; design not known"
        found.append(Row("unknown", f"core_{part}_tdp", "core", "W", amounts, MEASURED, note))
        yearly = (math.exp(fit.trend),) * 3
        found.append(Row("unknown", f"{part}_yearly", "year", "ratio", yearly, MEASURED, note, "exact"))
    usual = [server.tdp_w / server.per_socket for server in late if server.tdp_w]
    amounts = (min(usual), TDP_PER_CORE, max(usual))
    return [*found, Row("unknown", "tdp", "core", "W", amounts, MEASURED + ";" + RATED, "any server since 2012")]


def _exponent_rows(made: Fitted) -> list[Row]:
    found = []
    for suffix, model in (("", made.by_design), ("_tdp", made.by_tdp)):
        for part, fit in (("idle", model.idle), ("full", model.full)):
            told = {"falls": fit.falls, "rises": fit.rises, "falls_by_socket": -fit.sockets}
            for name, value in told.items():
                if name != "rises" or suffix:
                    per = {"falls": "cores per socket", "rises": "TDP per core", "falls_by_socket": "sockets"}[name]
                    note = f"W per core {'rise' if name == 'rises' else 'fall'} with this power of it"
                    named = f"{part}_{name}{suffix}"
                    found.append(Row("server", named, per, "exponent", (value,) * 3, MEASURED, note, "exact"))
    for part in ("idle", "full"):
        low, high = _core_error(made.told["measured"], f"cpu_{part}")
        note = "measured over predicted; other servers with the same processor model are known"
        found.append(Row("server", f"{part}_measured", "W", "ratio", (low, 1.0, high), MEASURED, note))
    return found


def _curve_rows(made: Fitted) -> list[Row]:
    return [
        Row("server", f"curve_{level}", "load", "ratio", shape, MEASURED, f"of the dynamic power at {level} % load")
        for level, shape in made.by_tdp.curve.items()
    ]


def _error_rows(made: Fitted) -> list[Row]:
    """Measured over predicted power at the wall: what makes an interval of 90 %."""
    found = []
    for zone, new in (("server", True), ("server-before-2017", False)):
        for kind in KINDS:
            for level in TOLD_AT:
                low, high = wall_error(made.told[kind], level, new=new, tail=TAIL / 2 if kind == "unknown" else TAIL)
                note = f"measured over predicted power at the wall; {_KNOWN[kind]}"
                amounts = (min(low, 1.0), 1.0, max(high, 1.0))
                found.append(Row(zone, f"wall_{kind}_{level}", "W", "ratio", amounts, MEASURED, note, "p90"))
    return found


_KNOWN = {
    "measured": "other servers of the processor model are known",
    "tdp": "design and TDP are known",
    "design": "design is known",
    "unknown": "design is not known",
}


def wall_error(told: Iterable[Told], level: int, *, new: bool, tail: float) -> tuple[float, float]:
    """Low and high of measured over predicted power at the wall, each server weighing alike."""
    ratios = [
        (one.wall_w / one.predicted_w, 1.0) for one in told if one.level == level and (one.server.year >= NEW) == new
    ]
    return quantile(ratios, tail), quantile(ratios, 1 - tail)


def _dram_rows() -> list[Row]:
    note = "what more memory adds among servers of one processor; bounds are ours"
    return [
        Row(zone, part, "GB", "W", dram, f"{ASSUMED};{MEASURED}", note)
        for zone, new in (("server", True), ("server-before-2017", False))
        for part, dram in zip(("dram_idle", "dram_full"), DRAM_W_PER_GB[new], strict=True)
    ]


def _overhead_rows() -> list[Row]:
    """From the components to the wall: constant W, and a share of what the components use; argued in the method."""
    table = {
        # zone: (W for each of, base, share)
        "server": ("socket", BASE_W, SHARE, PAIRS),
        "desktop": ("machine", (3, 15, 45), (0.08, 0.20, 0.50), f"eighty_plus;{ASSUMED}"),
        "laptop": ("machine", (0.5, 3, 8), (0.06, 0.15, 0.40), f"eighty_plus;{ASSUMED}"),
        "board": ("machine", (0.3, 0.8, 3), (0.10, 0.25, 0.50), f"rpi5_power;{ASSUMED}"),
    }
    found = []
    for zone, (per, base, share, sources) in table.items():
        found.append(Row(zone, "base", per, "W", base, sources, "board and fans and disks and network at any load"))
        found.append(Row(zone, "share", "W", "ratio", share, sources, "supply and regulators and faster fans"))
    gpus = f"server_gear_4090;dgx_specification;{ASSUMED}"
    found += [
        Row("gpu", "base", "GPU", "W", (0, 10, 40), gpus, "fans and slots; fewer than eight GPUs"),
        Row("gpus", "base", "GPU", "W", (25, 105, 210), "flagperf", "switches and network cards; eight or more"),
        Row("virtual", "overhead", "J", "ratio", (0.10, 0.28, 0.60), f"eighty_plus;{ASSUMED}", "a share of a server"),
        Row("server", "overhead", "J", "ratio", (0.08, 0.40, 1.00), PAIRS, "where only energy of components is known"),
        Row("gpu", "overhead", "J", "ratio", (0.10, 0.40, 0.75), f"flagperf;{gpus}", "where only GPUs are known"),
    ]  # fmt: skip
    board = {"server": (0.04, 0.10, 0.25)} | dict.fromkeys(("desktop", "laptop", "board"), (0.05, 0.14, 0.35))
    for zone, ratio in board.items():
        found.append(Row(zone, "overhead_board", "J", "ratio", ratio, f"eighty_plus;{ASSUMED}", "supply alone"))
    return found


def _other_rows() -> list[Row]:
    return [
        Row("virtual", "share", "W", "ratio", (0.6, 1.0, 1.6), ASSUMED, "the host's kind and neighbours are not seen"),
        Row("any", "memory", "logical CPU", "GB", (0.5, 2, 8), ASSUMED, "where the host does not say its memory"),
        Row("gpu", "idle", "W of the limit", "ratio", (0.03, 0.10, 0.25), ASSUMED, "idle power over power limit"),
        Row("gpu", "idle_unknown", "device", "W", (8, 30, 100), ASSUMED, "where no limit is known"),
    ]


def _small_rows() -> list[Row]:
    """Machines that nobody has measured for us: bounds only, argued in the method."""
    table = {
        "desktop": ((0.3, 1.0, 3.0), (4, 10, 25), (0.05, 0.15, 0.40)),
        "laptop": ((0.1, 0.4, 1.2), (1.5, 5, 12), (0.02, 0.08, 0.25)),
        "board": ((0.1, 0.35, 0.8), (0.4, 1.0, 2.5), (0.03, 0.10, 0.30)),
    }
    found = []
    for zone, (idle, full, dram) in table.items():
        found += [
            Row(zone, "core_idle", "core", "W", idle, ASSUMED, "bounds only"),
            Row(zone, "core_full", "core", "W", full, ASSUMED, "bounds only"),
            Row(zone, "dram_idle", "GB", "W", tuple(amount / 3 for amount in dram), ASSUMED, "bounds only"),
            Row(zone, "dram_full", "GB", "W", dram, ASSUMED, "bounds only"),
        ]
    return found


def processors(made: Fitted) -> list[str]:
    """Server processors by key: TDP, and how their W per core compare with their design's where they were measured."""
    rated, models = tdp_table(), made.by_tdp.models
    counts = Counter(one.key for one in made.servers)
    lines = []
    for key in sorted(rated):
        told = [f"{math.exp(value):.4g}" for value in models[key]] if key in models else ["", ""]
        sources = f"{RATED};{MEASURED}" if key in models else RATED
        lines.append(",".join((key, f"{rated[key]:g}", *told, str(counts[key]), sources)))
    return lines


def report(made: Fitted) -> None:
    """How well servers that were not seen are predicted at the wall; the interval is that of the other folds."""
    print("| known | servers | load | n | mean error | mean absolute error | in the interval | high ÷ low |")
    print("|---|---|---|---|---|---|---|---|")
    for kind in KINDS:
        for new in (True, False):
            for level in (0, 10, 50, 100):
                told = [t for t in made.told[kind] if t.level == level and (t.server.year >= NEW) == new]
                _report_line(kind, told, level, new=new)


def _report_line(kind: str, told: Sequence[Told], level: int, *, new: bool) -> None:
    inside, widths = 0, []
    for fold in {one.fold for one in told}:
        others = [one for one in told if one.fold != fold]
        low, high = wall_error(others, level, new=new, tail=TAIL / 2 if kind == "unknown" else TAIL)
        widths.append(high / low)
        inside += sum(low <= one.wall_w / one.predicted_w <= high for one in told if one.fold == fold)
    errors = np.array([one.predicted_w / one.wall_w - 1 for one in told])
    means = f"{errors.mean():+.0%}", f"{abs(errors).mean():.0%}"
    words = (*means, f"{inside / len(told):.0%}", f"{np.mean(widths):.1f}")
    era = "2017 and later" if new else "before 2017"
    print(f"| {_KNOWN[kind]} | {era} | {level} % | {len(told)} | {' | '.join(words)} |")


def main(arguments: list[str] | None = None) -> int:
    """Fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file differs")
    parser.add_argument("--report", action="store_true", help="print how well unseen servers are predicted")
    given = parser.parse_args(arguments)
    made = fit_all()
    texts = {
        OUT: "\n".join([HEADER, *(row.line() for row in rows(made))]) + "\n",
        PROCESSORS: "\n".join(["key,tdp_w,idle,full,servers,sources", *processors(made)]) + "\n",
    }
    if given.check:
        return 0 if all(path.read_text(encoding="utf-8") == text for path, text in texts.items()) else 1
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    if given.report:
        report(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
