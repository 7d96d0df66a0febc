"""Which route an estimate takes: one, by what was given; and which options contradict it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from footprint.errors import UsageError
from footprint.estimation import catalogue_route, energy_route, nameplate_route, power_route, time_used, token_route
from footprint.estimation.given import Given
from footprint.estimation.parts_made import COMPONENTS
from footprint.estimation.routed import Question, Routed
from footprint.interval import ZERO


class Route(NamedTuple):
    """A way to the IT energy."""

    by: tuple[str, ...]
    """Any of these options chooses it."""
    takes: tuple[str, ...]
    """What belongs to it alone, or to few."""
    routed: Callable[[Question], Routed]


ROUTES: Mapping[str, Route] = {
    # one route a file: add yours here
    "energy": Route(("energy_kwh",), ("energy_at",), energy_route.routed),
    "power": Route(("power_w",), ("utilisation",), power_route.routed),
    "nameplate": Route(("tdp_w",), ("utilisation",), nameplate_route.routed),
    "catalogue": Route(("gpu", "cpu"), ("utilisation",), catalogue_route.routed),
    "tokens": Route(("llm", "params_b"), ("tokens_out", "tokens_in", "requests"), token_route.routed),
}
_KEPT = "--energy-kwh, --power-w, --tdp-w, --gpu, --cpu, --llm or --embodied-kg"


def chosen(given: Given) -> Callable[[Question], Routed]:
    """The route of what was given. Raises UsageError for none, two, or options of another one."""
    time_used.check(given)
    _check_embodied(given)
    named = [(route, by) for route in ROUTES.values() for by in given.has(*route.by)[:1]]
    if len(named) > 1:
        what = " and ".join(given.called(by) for _, by in named)
        raise UsageError(what, "each of them gives the energy by a way of its own", "give one of them")
    route = named[0][0] if named else None
    _check_takes(given, route)
    if route is not None:
        return route.routed
    if not given.has("embodied_kg", *COMPONENTS):
        raise UsageError("estimate", "nothing says what the job uses", f"give one of {_KEPT}; see --help")
    return _embodied_only


def _embodied_only(_question: Question) -> Routed:
    """Hardware without a job: no energy."""
    return Routed("embodied", ZERO, None, ())


def _check_takes(given: Given, route: Route | None) -> None:
    mine = route.takes if route is not None else ()
    for other in ROUTES.values():
        for name in given.has(*other.takes):
            if name not in mine:
                ways = ", ".join(given.called(by) for one in ROUTES.values() if name in one.takes for by in one.by)
                why = "nothing here goes by it"
                raise UsageError(given.called(name), why, f"it belongs to {ways}; leave it out or give that")


def _check_embodied(given: Given) -> None:
    """Embodied is given once, and a lifetime once. Raises UsageError."""
    kg, parts = given.has("embodied_kg"), given.has(*COMPONENTS)
    if kg and parts:
        what = f"{given.called('embodied_kg')} and {given.called(parts[0])}"
        raise UsageError(what, "both give what making a device took", "give one of them")
    if given.words.get("embodied") == "none" and (kg or parts):
        what = f"{given.called('embodied')} none and {given.called((kg + parts)[0])}"
        raise UsageError(what, "one leaves out what the other gives", "give one of them")
    if len(given.has("lifetime_hours", "lifetime_years")) > 1:
        what = f"{given.called('lifetime_hours')} and {given.called('lifetime_years')}"
        raise UsageError(what, "both give the lifetime", "give one of them")
