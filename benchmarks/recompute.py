"""How quickly the impacts of a million runs are worked out anew, and how far from one by one they are.

    python benchmarks/recompute.py [RUNS]

The runs are drawn by chance with a fixed seed: 60 zones, three of them in clouds' regions as well, five years, energies
of all kinds (some of no energy, some of which nothing was measured), 40 kinds of machine. What is timed begins with
columns of runs and ends with columns of all impacts, the reading of the catalogue among it.
"""

import functools
import itertools
import math
import random
import sys
import time

import numpy as np
from pairs import Table

from footprint import catalogue
from footprint.factors import Catalogue
from footprint.impacts import impacts_of
from footprint.interval import product
from footprint.recompute.formulas import difference
from footprint.recompute.many import impacts_of_many
from footprint.recompute.many_runs import FIELDS, Amounts, Impacts, Labels, Machines, Runs
from footprint.records.derivation import Impact, Missing
from footprint.records.hardware import Hardware, Held

SEED = 20261125
SAMPLE = 1_000
PLACES = 60
CLOUDS = ("aws:eu-west-3", "gcp:europe-west1", "azure:westeurope")
YEARS = (2022, 2023, 2024, 2025, 2026)


def measure(count: int = 1_000_000) -> Table:
    """Seconds for all of them, and the worst difference of a sample."""
    runs = fabricated(count)
    sample = np.array(sorted(random.Random(SEED).sample(range(count), min(count, SAMPLE))))
    told: list[tuple[int, dict[str, Impacts], int]] = []
    wall, cpu = time.perf_counter(), time.process_time()
    for rows, impacts in impacts_of_many(runs):
        told += [(int(rows[place]), dict(impacts), int(place)) for place in np.flatnonzero(np.isin(rows, sample))]
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    alone_cpu = worst = 0.0
    for row, impacts, place in told:
        alone, took = _one_by_one(runs, row)
        alone_cpu += took
        worst = max(worst, *(_apart(impacts, place, key, impact) for key, impact in alone.items()))
    times = count / len(told)
    return Table(
        "Impacts of many runs at once",
        "All nine indicators with their intervals, from columns of energies, places and hardware, the catalogue being "
        f"read on the way. Goal: 1,000,000 runs in 10 s, as one by one to 1e-12; compared are {len(told):,} of them.",
        ("", "runs", "s", "CPU s", "worst relative difference"),
        [
            ("at once", f"{count:,}", f"{wall:.1f}", f"{cpu:.1f}", f"{worst:.1e}"),
            ("one by one: the sample's time for all", f"{count:,}", "", f"{alone_cpu * times:.0f}", ""),
        ],
    )


def fabricated(count: int) -> Runs:
    """Runs by chance."""
    draw = np.random.default_rng(SEED)
    zones = tuple(random.Random(SEED).sample(sorted(catalogue.zones().names), PLACES))
    hostings = np.where(draw.random(count) < 0.7, 0, draw.integers(1, 1 + len(CLOUDS), count))
    places = draw.integers(0, PLACES, count)
    regions = catalogue.zones().regions
    cloud_zones = np.array([0, *(PLACES + number for number in range(len(CLOUDS)))])
    zones += tuple(regions[cloud] for cloud in CLOUDS)
    job = _amounts(draw, 10 ** draw.normal(-1, 1.5, count), ("envelope", "p90", "lower_bound"))
    job.central[draw.random(count) < 0.01] = np.nan
    pue = _amounts(draw, 1 + draw.random(count), ("envelope", "exact"))
    return Runs(
        job, pue, Labels(np.where(hostings == 0, places, cloud_zones[hostings]), zones),
        Labels(hostings, ("", *CLOUDS)), Labels(draw.integers(0, len(YEARS), count), YEARS), _machines(draw, count),
    )  # fmt: skip


def _amounts(draw: np.random.Generator, central: np.ndarray, kinds: tuple[str, ...]) -> Amounts:
    codes = draw.integers(0, len(kinds), len(central))
    wide = np.array([kind != "exact" for kind in kinds])[codes]
    low = np.where(wide, central * draw.uniform(0.6, 1, len(central)), central)
    high = np.where(wide, central * draw.uniform(1, 1.6, len(central)), central)
    return Amounts(low, central, high, Labels(codes, kinds))


def _machines(draw: np.random.Generator, count: int) -> Machines:
    kinds = [
        Hardware(1.0, (Held("server-body", "the server", 1.0, 1.0), Held("server-cpu", "processors", sockets, 1.0),
                       Held("dram", f"{memory:g} GB", memory, 1.0), *((Held(gpu, gpu, 1.0, 1.0),) * gpus)))
        for sockets, memory, (gpu, gpus) in itertools.product(
            (1.0, 2.0), (64.0, 128.0, 256.0, 512.0),
            (("gpu-a100", 0), ("gpu-a100", 1), ("gpu-a100", 4), ("gpu-h100", 8), ("gpu-t4", 1)),
        )
    ]  # fmt: skip
    hours = 10 ** draw.normal(0, 1, count)
    hours[draw.random(count) < 0.02] = 0.0
    return Machines(Labels(draw.integers(0, len(kinds), count), tuple(kinds)), hours, draw.random((count, 11)))


def _one_by_one(runs: Runs, row: int) -> tuple[dict[str, Impact], float]:
    """(a run's impacts, CPU seconds that they took)."""
    zone, hosting, year, machine = (
        one.names[one.codes[row]] for one in (runs.zone, runs.hosting, runs.year, runs.machines.kinds)
    )
    job, pue, known = runs.job_kwh.known(row), runs.pue.known(row), _catalogue(zone, hosting)
    shares = runs.machines.shares[row, : len(machine.held)]
    held = tuple(one._replace(share=float(share)) for one, share in zip(machine.held, shares, strict=True))
    hardware = Hardware(float(runs.machines.hours[row]), held)
    began = time.process_time()
    impacts = impacts_of(job, product(job, pue), pue, known, year, hardware=hardware)
    return impacts, time.process_time() - began


def _apart(impacts: dict[str, Impacts], place: int, key: str, alone: Impact) -> float:
    """The largest relative difference of an indicator's amounts; infinite where they are not of one kind."""
    worst = 0.0
    for field in FIELDS:
        ours, theirs = getattr(impacts[key], field).at(place), getattr(alone, field)
        if isinstance(ours, Missing) or isinstance(theirs, Missing):
            worst = max(worst, 0.0 if ours == theirs else math.inf)
        else:
            worst = max(worst, difference(ours, theirs) if ours.kind == theirs.kind else math.inf)
    return worst


@functools.cache
def _catalogue(zone: str, hosting: str) -> Catalogue:
    return catalogue.load(zone, hosting)


if __name__ == "__main__":
    told = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    print(told.text, told.header, *told.rows, sep="\n")
