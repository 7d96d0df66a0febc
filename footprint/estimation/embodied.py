"""What making the hardware took, by indicator: amount × count × (hours ÷ lifetime) × share. PUE never touches it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from footprint.estimation import parts_made
from footprint.estimation.given import Given
from footprint.estimation.parts_made import Part
from footprint.estimation.record import Assumed
from footprint.estimation.routed import Routed
from footprint.estimation.time_used import count_of
from footprint.factors import Catalogue, Factor
from footprint.impacts import INDICATORS, carbon_location, carbon_market
from footprint.impacts.terms import at_least
from footprint.interval import Interval, common_total, exact, product, quotient, scaled
from footprint.records.derivation import Missing
from footprint.units import G_PER_KG, H_PER_YEAR

CARBON = carbon_location.KEY
_CARBONS = (CARBON, carbon_market.KEY)
"""Made is made, whoever's contract the electricity is of."""
_CARBON_ALONE = "--embodied-kg gives the carbon of making it alone"


class Making(NamedTuple):
    """What making the hardware took of one indicator, as far as it falls to the job."""

    amount: Interval | Missing
    lacking: tuple[str, ...] = ()
    """Hardware of which nobody knows it; with such the amount is "at least"."""


class Made(NamedTuple):
    """The embodied part of an estimate."""

    of: Mapping[str, Making]
    """By indicator: those of which nothing can be known are not there."""
    why: str = ""
    """Of the indicators that are not there, where it is not for want of figures."""
    assumed: tuple[Assumed, ...] = ()
    factors: tuple[str, ...] = ()


class _Used(NamedTuple):
    """The part of some hardware that the job uses up, and what had to be assumed for it."""

    part: Interval
    assumed: tuple[Assumed, ...] = ()
    factors: tuple[str, ...] = ()


def made(given: Given, routed: Routed, catalogue: Catalogue) -> Made:
    """What making the hardware took, as far as it falls to the job."""
    if given.words.get("embodied") == "none":
        return Made({}, "left out by --embodied none")
    parts = _parts(given, routed)
    told = "embodied_kg" in given.numbers
    found = _of_parts(given, routed, parts, catalogue) if parts else Made({}, routed.no_embodied)
    if not told:
        return found
    used = _used_up(given, None)
    carbon = Making(product(scaled(given.numbers["embodied_kg"], G_PER_KG), used.part))
    assumed = (*used.assumed, *(one for one in found.assumed if one not in used.assumed))
    return found._replace(
        of={**found.of, **dict.fromkeys(_CARBONS, carbon)}, assumed=assumed, why="" if parts else _CARBON_ALONE
    )


def without_effect(given: Given, made: Made) -> tuple[Assumed, ...]:
    """Options that were given for the making of hardware, where none is counted: said, not passed over."""
    if any(isinstance(making.amount, Interval) for making in made.of.values()):
        return ()
    names = [name for name in ("lifetime_hours", "lifetime_years", "share") if name in given.numbers]
    if given.has("energy_kwh", "llm", "params_b"):
        names += given.has("count", "hours", "device_hours")
    why = "given, and without effect: it counts for the making of hardware, and none is counted here"
    return tuple(Assumed(name, given.numbers[name], None, why) for name in names)


def _parts(given: Given, routed: Routed) -> tuple[Part, ...]:
    """Named devices and components; a processor's die says more of it than its name."""
    components = parts_made.components(given)
    by_die = "cpu_die_mm2" in given.numbers
    devices = [part for part in routed.made_of if not (by_die and part.kind == "cpu")]
    return (*devices, *components)


def _of_parts(given: Given, routed: Routed, parts: tuple[Part, ...], catalogue: Catalogue) -> Made:
    rows = parts_made.rows_of(catalogue)
    used = _used_up(given, rows["lifetime"]["device"], routed.device_hours)
    carbon = "embodied_kg" not in given.numbers
    of: dict[str, Making] = {}
    assumed: list[Assumed] = []
    factors: list[str] = []
    for key in INDICATORS:
        known = rows.get(key, {})
        if not known or (key == CARBON and not carbon):
            continue
        there = [part for part in parts if all(component in known for component, _ in part.rows)]
        lacking = tuple(part.name for part in parts if part not in there)
        of[key] = Making(Missing(f"nobody publishes what making {' and '.join(lacking)} takes of it"), lacking)
        if there:
            whole = common_total(product(known[name].value, many) for part in there for name, many in part.rows)
            amount = product(whole, used.part)
            of[key] = Making(at_least(amount) if lacking else amount, lacking)
        for part in there:
            assumed += [_about(part, key, known[component]) for component, _ in part.rows]
            factors += [known[component].id for component, _ in part.rows]
    if CARBON in of:
        of[carbon_market.KEY] = of[CARBON]
    return Made(of, "", (*assumed, *used.assumed), (*factors, *used.factors))


def _about(part: Part, key: str, row: Factor) -> Assumed:
    of = INDICATORS[key].name
    return Assumed(
        f"making_{key}", row.value, row.id, f"{of} of making {part.name}, {row.unit} per {row.per}: {row.note}"
    )


def _used_up(given: Given, lifetime: Factor | None, device_hours: Interval | None = None) -> _Used:
    """Count × (hours ÷ lifetime) × share; the lifetime may be the catalogue's, where that is given."""
    used = _time_share(given, lifetime, device_hours)
    part, assumed = product(count_of(given), used.part), used.assumed
    share = given.numbers.get("share")
    if share is None:
        share = exact(1.0)
        assumed += (Assumed("share", share, None, "no --share: the whole of each device is the job's"),)
    return _Used(product(part, share), assumed, used.factors)


def _time_share(given: Given, row: Factor | None, device_hours: Interval | None) -> _Used:
    """Hours ÷ lifetime; the whole where no hours are known, or what is given has no lifetime."""
    hours = given.numbers.get("device_hours", given.numbers.get("hours", device_hours))
    lifetime = _lifetime(given)
    if hours is None:
        return _whole("no hours: the whole of what making it took")
    if lifetime is not None:
        return _Used(quotient(hours, lifetime), _longer(given, lifetime))
    if row is None:
        return _whole("no --lifetime-hours or --lifetime-years: the whole of what making it took")
    usual_h = scaled(row.value, H_PER_YEAR)
    assumed = Assumed("lifetime_hours", usual_h, row.id, "no lifetime: usual ones of hardware")
    return _Used(quotient(hours, usual_h), (assumed,), (row.id,))


def _longer(given: Given, lifetime: Interval) -> tuple[Assumed, ...]:
    """Each device worn out before the job ends: more than one is made for it."""
    hours = given.numbers.get("hours")
    if hours is None or hours.low <= lifetime.high:
        return ()
    why = "hours are longer than a lifetime: more than one of each device is used up"
    return (Assumed("time_share", quotient(hours, lifetime), None, why),)


def _whole(why: str) -> _Used:
    return _Used(exact(1.0), (Assumed("time_share", exact(1.0), None, why),))


def _lifetime(given: Given) -> Interval | None:
    if "lifetime_years" in given.numbers:
        return scaled(given.numbers["lifetime_years"], H_PER_YEAR)
    return given.numbers.get("lifetime_hours")
