"""Power of a host without sensors, from what is known of it and its load.

At the wall a server's interval is one of 90 %: measured over predicted power of servers that the fit had not seen
(docs/method-power-model.md). Where something that the model needs is not told, all that it may be is tried, and the
interval is an envelope. So it is for small machines and for the processors alone, whose share of a server's power
nobody has published.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

from footprint import catalogue
from footprint.collectors.machine import HostInfo
from footprint.factors import Catalogue, Factor
from footprint.interval import Interval, common_total, ordered, weakest
from footprint.power_model import Asked, cpu_power_of, dram_power, overhead, tdp_of, wall_error
from footprint.processor import Generation, class_of, generation_of, key_of

SCOPES = ("wall", "package")
"""``wall``: all that the machine draws. ``package``: its processors, as their own sensors would count."""
_NEW = 2017
_THREADS = 2
"""Of a core, where the design is not known."""
_UNTOLD_YEARS = (2014, 2020, 2024)
_UNTOLD_GB = (1.0, 4.0, 16.0)
"""Per core."""


T = TypeVar("T")


class Told(NamedTuple):
    """What is told of a host, and its load. ``None`` is "not told"."""

    load: float
    """Busy time of all logical CPUs over their time, 0 to 1."""
    cpu: str = ""
    sockets: int | None = None
    cores: int | None = None
    """Of the whole machine, as ``threads`` and ``memory_gb``."""
    threads: int | None = None
    tdp_w: float | None = None
    """Design power of one socket."""
    memory_gb: float | None = None
    year: int | None = None
    """Of the machine: it counts where the processor's name does not tell its design."""


class _Case(NamedTuple):
    """A host that may be the one meant."""

    asked: Asked
    central: bool


def power(told: Told, scope: str) -> Interval:
    """Power (W) at the wall or of the processors."""
    rows = _rows(told.cpu)
    cases = list(_cases(told, rows))
    found = [_of_case(case.asked, told.load, scope, rows) for case in cases]
    central = next(value for value, case in zip(found, cases, strict=True) if case.central)
    if len(found) == 1:
        return central
    low, high = min(value.low for value in found), max(value.high for value in found)
    return ordered(low, central.central, high, weakest((central.kind, "envelope")))


def _of_case(asked: Asked, load: float, scope: str, rows: Catalogue) -> Interval:
    cpu, wall = cpu_power_of(asked, load, rows), _wall(asked, load, rows)
    if scope == "wall":
        return wall
    loss = overhead(asked.host, board_measured=False, catalogue=rows).share
    # what was fitted is what the central losses leave of the power at the wall: other losses leave more or less
    low = cpu.low * (1 + loss.central) / (1 + loss.high)
    high = cpu.high * (1 + loss.central) / (1 + loss.low)
    return ordered(min(low, wall.low), min(cpu.central, wall.central), min(high, wall.high), "envelope")


def _wall(asked: Asked, load: float, rows: Catalogue) -> Interval:
    host = asked.host
    components = common_total((cpu_power_of(asked, load, rows), dram_power(host, rows, load)))
    beyond = overhead(host, board_measured=False, catalogue=rows).beyond(components)
    whole = common_total((components, beyond))
    if class_of(host.cpu, battery=False) != "server":
        return whole
    generation = generation_of(host.cpu)
    year = generation.year if generation else asked.year or _UNTOLD_YEARS[1]
    error = wall_error(_known(asked, generation, rows), load, new=year >= _NEW, catalogue=rows)
    central = whole.central
    return ordered(central * error.low, central, central * error.high, "p90")


def _known(asked: Asked, generation: Generation | None, rows: Catalogue) -> str:
    """How much the prediction knows; see ``power_model.wall_error``."""
    if generation is None:
        return "unknown"
    if not asked.tdp_w:
        return "design"
    key = key_of(asked.host.cpu)
    measured = any(row.zone == key and row.part == "full_effect" for row in rows.factors)
    return "measured" if measured else "tdp"


def _cases(told: Told, rows: Catalogue) -> Iterator[_Case]:
    """The host that is told, and, where something lacks, all that it may be; one of them is the central one."""
    generation = generation_of(told.cpu)
    small = class_of(told.cpu, battery=False) != "server"
    sockets = _three(told.sockets, (1, 1, 1) if small else _sockets_of(told, generation, rows))
    years: tuple[int | None, int | None, int | None] = (told.year, told.year, told.year)
    if generation is None and not small:
        years = _three(told.year, _UNTOLD_YEARS)
    for at_socket, at_memory, at_year in itertools.product(
        *(_ends(three) for three in (sockets, _three(told.memory_gb, _UNTOLD_GB), years))
    ):
        count = sockets[at_socket]
        for at_core, cores in _cores_of(told, count or 1, generation, rows):
            memory_gb = told.memory_gb or _UNTOLD_GB[at_memory] * cores
            threads = told.threads or cores * (generation.threads if generation else _THREADS)
            host = HostInfo("", "", told.cpu, max(threads, cores), count, cores, memory_gb, virtual=False)
            tdp_w = told.tdp_w or tdp_of(told.cpu, rows)
            central = (at_socket, at_memory, at_year, at_core) == (1, 1, 1, 1)
            yield _Case(Asked(host, tdp_w, years[at_year]), central)


def _three(told: T | None, untold: tuple[T, T, T]) -> tuple[T, T, T]:
    return untold if told is None else (told, told, told)


def _ends(three: tuple[object, object, object]) -> tuple[int, ...]:
    """Which of low, central and high are to be tried: all where they differ."""
    return (1,) if len(set(three)) == 1 else (0, 1, 2)


def _sockets_of(told: Told, generation: Generation | None, rows: Catalogue) -> tuple[int, int, int]:
    """Where nobody tells them: two as soon as there are more cores than processors of that design have."""
    cores = told.cores or (told.threads or 0) // (generation.threads if generation else _THREADS)
    most = _row(rows, generation.name if generation else "unknown", "cores").high
    least = max(1, -int(-cores // most))
    return (least, least, max(2, least)) if cores <= most else (least, least, least)


def _cores_of(told: Told, sockets: int, generation: Generation | None, rows: Catalogue) -> Iterator[tuple[int, int]]:
    """(which of low, central and high, cores)."""
    if told.cores or told.threads:
        yield 1, told.cores or max(1, (told.threads or 1) // (generation.threads if generation else _THREADS))
        return
    if class_of(told.cpu, battery=False) != "server":
        yield from enumerate((2, 4, 8))
        return
    usual = _row(rows, generation.name if generation else "unknown", "cores")
    if told.tdp_w:  # a socket's design power tells its size better than its design alone
        watts = _row(rows, generation.name if generation else "unknown", "tdp")
        ends = (told.tdp_w / watts.high, told.tdp_w / watts.central, told.tdp_w / watts.low)
        yield from enumerate(max(1, round(sockets * min(usual.high, max(usual.low, end)))) for end in ends)
        return
    yield from enumerate(max(1, round(sockets * end)) for end in (usual.low, usual.central, usual.high))


def _row(rows: Catalogue, zone: str, part: str) -> Factor:
    name = f"power_model/{zone}/{part}"
    return next((row for row in rows.factors if row.id == name), None) or _row(rows, "unknown", part)


@functools.lru_cache(maxsize=512)
def _rows(cpu: str) -> Catalogue:
    """The model's rows, and those of a processor."""
    rows = _all()
    return rows._replace(factors=(*rows.factors, *catalogue.of_processor(cpu)))


@functools.cache
def _all() -> Catalogue:
    rows = catalogue.load("WORLD")
    return rows._replace(factors=tuple(row for row in rows.factors if row.indicator == "power_model"))
