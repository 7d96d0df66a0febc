"""What making the hardware took, gCO2e: KG × 1000 × count × (hours ÷ lifetime) × share."""

from __future__ import annotations

from typing import NamedTuple

from footprint.estimation import parts_made
from footprint.estimation.given import Given
from footprint.estimation.record import Assumed
from footprint.estimation.routed import Routed
from footprint.estimation.routes import COMPONENTS
from footprint.estimation.time_used import count_of
from footprint.factors import Catalogue
from footprint.interval import Interval, exact, product, quotient, scaled
from footprint.records.derivation import Missing
from footprint.units import G_PER_KG, H_PER_YEAR


class Made(NamedTuple):
    """The embodied part of an estimate."""

    carbon_g: Interval | Missing
    assumed: tuple[Assumed, ...] = ()
    factors: tuple[str, ...] = ()


def made(given: Given, routed: Routed, catalogue: Catalogue) -> Made:
    """gCO2e of making the hardware that falls to the job."""
    if given.words.get("embodied") == "none":
        return Made(Missing("left out by --embodied none"))
    if "embodied_kg" in given.numbers:
        each = scaled(given.numbers["embodied_kg"], G_PER_KG)
        return _used_up(given, each, None)
    if given.has(*COMPONENTS):
        parts = parts_made.of(given, catalogue)
        used = _used_up(given, parts.carbon_g, catalogue)
        return used._replace(assumed=parts.assumed + used.assumed, factors=parts.factors + used.factors)
    if routed.embodied_g is None:
        return Made(Missing(routed.no_embodied))
    return _used_up(given, routed.embodied_g, catalogue)


def _used_up(given: Given, each_g: Interval, catalogue: Catalogue | None) -> Made:
    """The part of some devices' making that the job uses up; with a catalogue, their lifetime may be from there."""
    amount = product(each_g, count_of(given))
    used, assumed, factors = _time_share(given, catalogue)
    amount = product(amount, used)
    share = given.numbers.get("share")
    if share is None:
        share = exact(1.0)
        assumed += (Assumed("share", share, None, "no --share: the whole of each device is the job's"),)
    amount = product(amount, share)
    return Made(amount, assumed, factors)


def _time_share(
    given: Given, catalogue: Catalogue | None
) -> tuple[Interval, tuple[Assumed, ...], tuple[str, ...]]:  # fmt: skip
    """Hours ÷ lifetime; the whole where no hours are given, or what is given has no lifetime."""
    hours = given.numbers.get("device_hours", given.numbers.get("hours"))
    lifetime = _lifetime(given)
    if hours is None:
        return _whole("no hours: the whole of what making it took")
    if lifetime is not None:
        return quotient(hours, lifetime), (), ()
    if catalogue is None:
        return _whole("no --lifetime-hours or --lifetime-years: the whole of what making it took")
    row = parts_made.row("lifetime", catalogue)
    assumed = Assumed("lifetime_hours", scaled(row.value, H_PER_YEAR), row.id, "no lifetime: usual ones of hardware")
    return quotient(hours, scaled(row.value, H_PER_YEAR)), (assumed,), (row.id,)


def _whole(why: str) -> tuple[Interval, tuple[Assumed, ...], tuple[str, ...]]:
    return exact(1.0), (Assumed("time_share", exact(1.0), None, why),), ()


def _lifetime(given: Given) -> Interval | None:
    if "lifetime_years" in given.numbers:
        return scaled(given.numbers["lifetime_years"], H_PER_YEAR)
    return given.numbers.get("lifetime_hours")
