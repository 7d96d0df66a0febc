"""What would narrow a run's figures: each next measurement or setting, and how wide they would be with it. Pure.

The run is accounted again with one thing changed, and nothing else: what is not known now is taken as known, around
the value that stands there already. So no central value is made up. What is told is half the range over the central
value, now and then. What the next measurement would find, nobody knows.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from footprint import power_model
from footprint.account.account import account
from footprint.account.parts import parts_of
from footprint.collectors.channel import Channel, is_at_wall
from footprint.factors import Catalogue, Factor
from footprint.impacts import carbon_market
from footprint.interval import Interval, is_known, rounded
from footprint.records.raw import IdlePower, RawRun
from footprint.records.result import Run
from footprint.records.wall_reading import STATED, WallReading
from footprint.region import WORLD

METER = 0.02
"""Error of a meter at the wall, either way: plugs for homes state 1 to 2 %."""
MAKERS = (2 / 3, 1.5)
"""Range of a maker's own carbon figure over its central value: as the catalogue takes those that are published."""
_WORTH = 0.98
"""What leaves more of the range than this is not told; but the place is, where nobody named it: its factors would be
others, and that no range of a figure shows."""
_MOST_FRAMES = 32
"""Of a long run so many looks are taken: ranges hardly depend on them, and accounts take as long as there are looks."""
_IDLE_KINDS = ("cpu", "gpu", "dram")


class Narrowing(NamedTuple):
    """A next measurement or setting, and what it would do to one indicator."""

    what: str
    """``region``, ``wall_meter``, ``processor_counters``, ``calibration``, ``pue``, ``hardware`` or ``contract``."""
    how: str
    """What to do, with the command."""
    assumed: str
    """What is taken for known then."""
    share_now: float
    """Half the range over the central value."""
    share_then: float


class _Change(NamedTuple):
    what: str
    how: str
    assumed: str
    raw: RawRun
    catalogue: Catalogue


Usual = Callable[[], Mapping[tuple[str, str], tuple[float, float]]]
"""By indicator and part, low and high over the central value of the middle one of all places (``catalogue``): asked
for only where nothing is known of a run's place."""


def narrowings(run: Run, raw: RawRun, catalogue: Catalogue, usual: Usual) -> dict[str, tuple[Narrowing, ...]]:
    """By indicator, what would narrow it, most first; empty where nothing was measured."""
    if not is_known(run.energy.job_kwh):
        return {}
    few = _thinned(raw)
    now = run if few is raw else account(few, catalogue)
    found: dict[str, list[Narrowing]] = {key: [] for key in run.impacts}
    for change in _changes(now, few, catalogue, usual):
        then = account(change.raw, change.catalogue)
        for key, some in found.items():
            before, after = width(run, key), _ratio(now, then, key)
            if before is not None and after is not None and (after < _WORTH or change.what == "region"):
                some.append(
                    Narrowing(change.what, change.how, change.assumed, rounded(before), rounded(before * after))
                )
    return {key: tuple(sorted(some, key=lambda one: (one.share_then, one.what))) for key, some in found.items()}


def width(run: Run, key: str) -> float | None:
    """Half the range of an indicator over its central value; None where there is no figure, or no range."""
    total = run.impacts[key].total if key in run.impacts else None
    if not isinstance(total, Interval) or not is_known(total) or not total.central > 0:
        return None
    return (total.high - total.low) / 2 / total.central or None


def _ratio(now: Run, then: Run, key: str) -> float | None:
    before, after = width(now, key), width(then, key)
    if before is None:
        return None
    return min(1.0, (after or 0.0) / before)


def _thinned(raw: RawRun) -> RawRun:
    """The run with at most so many of its looks, the first and the last among them."""
    if len(raw.frames) <= _MOST_FRAMES:
        return raw
    last = len(raw.frames) - 1
    kept = (raw.frames[round(number * last / (_MOST_FRAMES - 1))] for number in range(_MOST_FRAMES))
    return raw._replace(frames=tuple(kept))


# --- what could be known ---


def _changes(run: Run, raw: RawRun, catalogue: Catalogue, usual: Usual) -> Iterator[_Change]:
    """What is not known of a run and can be: each with all else as it is."""
    for change in (
        _named_region(run, raw, catalogue, usual),
        _wall_meter(run, raw, catalogue),
        _processor_counters(raw, catalogue),
        _calibration(run, raw, catalogue),
        _stated_pue(run, raw, catalogue),
        _makers_figures(run, raw, catalogue),
        _contract(run, raw, catalogue),
    ):
        if change is not None:
            yield change


def _named_region(run: Run, raw: RawRun, catalogue: Catalogue, usual: Usual) -> _Change | None:
    how = "say where the machine is (--region, or FOOTPRINT_REGION)"
    if run.region.how == "timezone":
        assumed = "the place is as guessed: the range holds no other place"
        return _Change("region", how, assumed, raw, catalogue)
    if run.region.zone != WORLD:
        return None
    ranges = usual()
    changed = [
        _with_range(row, *ranges[row.indicator, row.part])
        if row.zone == WORLD and row.per == "kWh" and (row.indicator, row.part) in ranges
        else row
        for row in catalogue.factors
    ]
    assumed = "a country's own figures, known as well as those of the middle one of all countries"
    return _Change("region", how, assumed, raw, catalogue._replace(factors=tuple(changed)))


def _with_range(row: Factor, low: float, high: float) -> Factor:
    """A row that is known as well as that, or better where it was."""
    return row._replace(low=max(row.low, row.central * low), high=min(row.high, row.central * high))


def _wall_meter(run: Run, raw: RawRun, catalogue: Catalogue) -> _Change | None:
    """A virtual machine has no plug of its own."""
    if raw.head.host.virtual or any(is_at_wall(one.method) for one in run.energy.components):
        return None
    kwh = run.energy.host_kwh.central
    reading = WallReading(kwh * (1 - METER), kwh, kwh * (1 + METER), STATED)
    how = "read a meter at the plug (footprint wall RUN KWH±2%, or a smart plug in footprint.toml)"
    assumed = f"a meter that is good to {METER:.0%}"
    return _Change("wall_meter", how, assumed, raw._replace(head=raw.head._replace(wall=reading)), catalogue)


def _processor_counters(raw: RawRun, catalogue: Catalogue) -> _Change | None:
    """Where processors have counters that may not be read: as if they had counted what the model says."""
    refused = [one for one in raw.head.refusals if one.kind == "cpu"]
    if not any(one.fix and not one.fix.startswith("none") for one in refused):
        return None
    modelled = [one for one in parts_of(raw, catalogue).parts if one.kind == "cpu" and one.quality == "modelled"]
    if not modelled:
        return None
    sensor = "rapl-package-amd" if "AMD" in raw.head.host.cpu.upper() else "rapl-package"
    counted = [list(itertools.accumulate(part.slices_j, initial=1.0)) for part in modelled]
    names = [part.channel if part.channel.startswith("package-") else "package-0" for part in modelled]
    channels = tuple(
        Channel("cpu", name, "rapl_powercap", "rapl-counter", "counter", f"rapl:{name}", sensor=sensor)
        for name in names
    )
    frames = tuple(
        frame._replace(readings=(*frame.readings, *(values[number] for values in counted)))
        for number, frame in enumerate(raw.frames)
    )
    left = tuple(one for one in raw.head.refusals if one.kind != "cpu")
    head = raw.head._replace(channels=(*raw.head.channels, *channels), refusals=left)
    how = "let the processor's counters be read (footprint doctor says how)"
    assumed = "the processor's counters (RAPL), with the error of their kind"
    return _Change("processor_counters", how, assumed, raw._replace(head=head, frames=frames), catalogue)


def _calibration(run: Run, raw: RawRun, catalogue: Catalogue) -> _Change | None:
    measured = {one.channel for one in run.energy.components if one.quality == "measured"}
    idle = dict(raw.head.idle)
    for channel in raw.head.channels:
        known = idle.get(channel.name)
        if channel.name not in measured or channel.kind not in _IDLE_KINDS or (known and known.how == "calibrated"):
            continue
        model = power_model.idle_power(channel.kind, channel.limit_w, raw.head.host, catalogue)
        idle[channel.name] = IdlePower(known.power_w if known else model.central, "calibrated")
    if idle == raw.head.idle:
        return None
    how = "measure the machine at rest, for later runs (footprint calibrate)"
    assumed = "idle power of each channel, to a tenth"
    return _Change("calibration", how, assumed, raw._replace(head=raw.head._replace(idle=idle)), catalogue)


def _stated_pue(run: Run, raw: RawRun, catalogue: Catalogue) -> _Change | None:
    pue = run.energy.pue
    if not pue.high > pue.low:
        return None
    settings = raw.head.settings._replace(pue=pue.central)
    how = "ask for the building's PUE, and state it (--pue, or FOOTPRINT_PUE)"
    return _Change(
        "pue", how, "a PUE that is known", raw._replace(head=raw.head._replace(settings=settings)), catalogue
    )


def _makers_figures(run: Run, raw: RawRun, catalogue: Catalogue) -> _Change | None:
    """The making of hardware is taken by kinds of it, unless its maker published a figure."""
    made = {name for impact in run.impacts.values() for name in impact.made}
    changed = tuple(
        _with_range(row, *MAKERS) if row.id in made and row.part != "lifetime" else row for row in catalogue.factors
    )
    if changed == catalogue.factors:
        return None
    how = "have the maker's own figure for this hardware (a row of catalogue/inputs/embodied.csv)"
    assumed = f"a maker's published figure, from {MAKERS[0]:.2f} to {MAKERS[1]:.2f} times as much"
    return _Change("hardware", how, assumed, raw, catalogue._replace(factors=changed))


def _contract(run: Run, raw: RawRun, catalogue: Catalogue) -> _Change | None:
    """A claim by what is left of the grid, where a contract would state its own."""
    market = run.impacts.get(carbon_market.KEY)
    used = set(market.factors) if market is not None else set()
    changed = tuple(
        row._replace(low=row.central, high=row.central) if row.id in used and row.low < row.high else row
        for row in catalogue.factors
    )
    if changed == catalogue.factors:
        return None
    how = "state the contract that the electricity is bought by (contract in footprint.toml)"
    return _Change("contract", how, "a contract's own figure", raw, catalogue._replace(factors=changed))
