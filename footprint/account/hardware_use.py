"""The hardware of a host over a period: what its runs held of each device, and what stood unused.

    amount × hours of the period = Σ amount × share × hours of the runs + unused

Times the making of one ÷ its lifetime, so that what runs carry of the making and the unused rest are the whole. A run
inside another of the same host counts there. A run that lies in the period in part counts for that part of its time.
"""

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from footprint.factors import Factor
from footprint.impacts import INDICATORS
from footprint.impacts.terms import at_least
from footprint.interval import Interval, common_total, quotient, scaled
from footprint.records.hardware import Hardware
from footprint.units import H_PER_YEAR, S_PER_H

_MORE = 1e-9
"""Relative: below it, more held than there is is rounding."""
OVER = (
    "runs hold more of it than there is: some carry the whole of it each (idle policy 'all'), or a run's share is off"
)


class Stay(NamedTuple):
    """A run on a host, as far as its hardware goes. Times are seconds since 1970."""

    run_id: str
    host_id: str
    cpu: str
    parent: str | None
    begins_s: float
    ends_s: float
    hardware: Hardware | None


class Split(NamedTuple):
    """What making hardware took of one indicator over the period: the whole, what runs held, and the rest."""

    unit: str
    whole: Interval
    held: Interval
    unused: Interval
    lacking: tuple[str, ...] = ()
    """Devices of which nobody knows it: then all three are "at least"."""


class DeviceUse(NamedTuple):
    """A kind of device of a host, over the period."""

    component: str
    name: str
    amount: float
    """Pieces, GB or cores."""
    held: float
    """Part of amount × time that runs held, 0 to 1."""
    unused: float
    """The rest."""
    impacts: Mapping[str, Split]
    why: str = ""
    """Where runs hold more than there is."""


class HostUse(NamedTuple):
    """A host's hardware over a period."""

    host_id: str
    cpu: str
    hours: float
    runs: int
    """How many are counted: not those inside another."""
    devices: tuple[DeviceUse, ...]
    impacts: Mapping[str, Split]
    unknown: tuple[str, ...] = ()
    """Hardware that is there, and of which nothing is known."""
    untold: int = 0
    """Runs of which is not known what they held: their part is among the unused."""


class _Device(NamedTuple):
    component: str
    name: str
    amount: float
    held_h: float
    """Amount × share × hours of the runs."""


class _Ledger:
    """What the runs of one host held, one after the other: of a million runs only sums are kept."""

    def __init__(self, since_s: float, until_s: float) -> None:
        self._since_s, self._until_s = since_s, until_s
        self._ids: set[str] = set()
        self._names: dict[str, str] = {}
        self._amounts: dict[str, float] = {}
        self._held: dict[str, list[float]] = {}
        self.cpu, self.runs, self.untold = "", 0, 0
        self.unknown: dict[str, None] = {}

    def add(self, stay: Stay) -> None:
        """One more run, unless it is inside one that was added."""
        self._ids.add(stay.run_id)
        if stay.parent in self._ids:
            return
        self.cpu, self.runs = stay.cpu, self.runs + 1
        if stay.hardware is None:
            self.untold += 1
            return
        self.unknown |= dict.fromkeys(stay.hardware.unknown)
        inside_s = min(stay.ends_s, self._until_s) - max(stay.begins_s, self._since_s)
        hours = stay.hardware.hours * inside_s / (stay.ends_s - stay.begins_s)
        there: dict[str, float] = {}
        for one in stay.hardware.held:
            key = f"{one.component} {one.name}" if one.component.startswith("gpu") else one.component
            there[key] = there.get(key, 0.0) + one.amount
            self._names[key] = one.name
            held = self._held.setdefault(key, [])
            held.append(one.amount * one.share * hours)
            if len(held) > _MANY:
                held[:] = [math.fsum(held)]
        for key, amount in there.items():
            self._amounts[key] = max(self._amounts.get(key, 0.0), amount)

    def devices(self) -> list[_Device]:
        """By kind: the most of it that a run saw, and what all runs held."""
        return [
            _Device(key.partition(" ")[0], name, self._amounts[key], math.fsum(self._held[key]))
            for key, name in self._names.items()
        ]


_MANY = 10_000


def hosts_of(
    stays: Iterable[Stay], since_s: float, until_s: float, rows: Iterable[Factor]
) -> tuple[HostUse, ...]:  # fmt: skip
    """Each host that had runs in the period, by its id. ``rows`` are the catalogue's of making hardware.

    A run comes before those inside it.
    """
    ledgers: dict[str, _Ledger] = {}
    for stay in stays:
        if stay.ends_s > max(since_s, stay.begins_s) and stay.begins_s < until_s:
            ledgers.setdefault(stay.host_id, _Ledger(since_s, until_s)).add(stay)
    making: dict[str, dict[str, Factor]] = {}
    for row in rows:
        if row.indicator == "embodied":
            making.setdefault(row.part, {})[row.zone] = row
    hours = (until_s - since_s) / S_PER_H
    return tuple(_host(name, ledgers[name], hours, making) for name in sorted(ledgers))


def _host(host_id: str, ledger: _Ledger, hours: float, making: Mapping[str, Mapping[str, Factor]]) -> HostUse:
    devices = tuple(_use(device, hours, making) for device in ledger.devices())
    return HostUse(
        host_id, ledger.cpu, hours, ledger.runs, devices, _summed(devices), tuple(ledger.unknown), ledger.untold
    )  # fmt: skip


def _use(device: _Device, hours: float, making: Mapping[str, Mapping[str, Factor]]) -> DeviceUse:
    whole_h = device.amount * hours
    over = device.held_h > whole_h * (1 + _MORE)
    unused_h = max(0.0, whole_h - device.held_h)
    lifetime_h = scaled(making["lifetime"]["device"].value, H_PER_YEAR)
    impacts = {}
    for key, indicator in INDICATORS.items():
        row = making.get(key, {}).get(device.component)
        if row is not None:
            an_hour = quotient(row.value, lifetime_h)
            whole, held, unused = (scaled(an_hour, many) for many in (whole_h, device.held_h, unused_h))
            impacts[key] = Split(indicator.unit, whole, held, unused)
    return DeviceUse(
        device.component, device.name, device.amount, device.held_h / whole_h if whole_h > 0 else 0.0,
        unused_h / whole_h if whole_h > 0 else 0.0, impacts, OVER if over else "",
    )  # fmt: skip


def _summed(devices: tuple[DeviceUse, ...]) -> dict[str, Split]:
    """By indicator, over all devices that have it."""
    found = {}
    for key in INDICATORS:
        there = [device.impacts[key] for device in devices if key in device.impacts]
        if not there:
            continue
        lacking = tuple(device.name for device in devices if key not in device.impacts)
        sums = [common_total(getattr(one, part) for one in there) for part in ("whole", "held", "unused")]
        whole, held, unused = (at_least(one) if lacking else one for one in sums)
        found[key] = Split(there[0].unit, whole, held, unused, lacking)
    return found
