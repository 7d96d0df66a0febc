"""The built-in collectors, in one literal table.

To add one: write ``collectors/NAME.py`` with ``def discover(host: Host) -> Offer`` and its recorded
host under ``tests/hosts/``, then add a line here.
"""

from __future__ import annotations

import importlib

from footprint.collectors.channel import Refusal
from footprint.collectors.host import Host
from footprint.collectors.offer import Offer

BUILT_IN = (
    # name of the module; the earlier one wins where two read the same thing
    "rapl_powercap",
    "rapl_perf",
    "rapl_msr",
    "nvidia_nvml",
    "hwmon",
    "redfish",
    "ipmi",
    "wall_meter",
)

_LAST_RESORTS = ("rapl_perf", "rapl_msr")
"""Other ways to the packages: loaded and asked only where those before them leave one unread, and it could be had."""

_NAMED = ("redfish", "wall_meter")
"""They ask a server: loaded only where the user's settings name one."""
_CONTROLLERS = ("/dev/ipmi0", "/dev/ipmi/0", "/dev/ipmidev/0")
"""How Linux calls a management controller; where there is none, ``ipmi`` is not loaded."""


def discover(host: Host, names: tuple[str, ...] = BUILT_IN) -> tuple[Offer, ...]:
    """What each collector offers on this host. A collector that breaks refuses, and its neighbours go on."""
    offers: list[Offer] = []
    for name in names:
        if _is_asked(host, name, offers):
            offers.append(_offer(host, name))
    return tuple(offers)


def _is_asked(host: Host, name: str, offers: list[Offer]) -> bool:
    """Whether a collector can have anything to say here: those that cannot are not even loaded."""
    if name in _LAST_RESORTS:
        return not offers or _leave_a_package(offers)
    if name in _NAMED:
        return host.named is not None
    return name != "ipmi" or any(map(host.exists, _CONTROLLERS))


def _leave_a_package(offers: list[Offer]) -> bool:
    """Whether a package that these refuse might be had in another way: one whose fix is no "none" is there."""
    read = [channel.name for offer in offers for channel in offer.channels]
    refused = {
        one.channel
        for offer in offers
        for one in offer.refusals
        if one.channel.startswith("package-") and not one.fix.startswith("none ")
    }
    return any(name not in read and not any(one.startswith(f"{name}-die-") for one in read) for name in refused)


def _offer(host: Host, name: str) -> Offer:
    try:
        module = importlib.import_module(f"footprint.collectors.{name}")
        offer: Offer = module.discover(host)
    except Exception as fault:  # noqa: BLE001 - a broken collector must neither break its neighbours nor the user's job
        why = f"the collector failed while looking: {type(fault).__name__}: {fault}"
        fix = "report this as a bug, with the output of `footprint doctor --json`"
        return Offer(name, refusals=(Refusal("other", name, name, why, fix),))
    return offer
