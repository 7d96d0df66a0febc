"""A server's power as its management controller tells it over the network, by the Redfish standard.

Only where the user's settings name the controller. The models: https://redfish.dmtf.org/schemas/v1/Power.json
(``PowerControl[].PowerConsumedWatts``) and https://redfish.dmtf.org/schemas/v1/EnvironmentMetrics.json
(``PowerWatts.Reading``).
"""

from collections.abc import Mapping
from typing import NamedTuple

from footprint.collectors.channel import MACHINE, Channel
from footprint.collectors.host import Host
from footprint.collectors.json_answer import NoNumber, member, number, parsed
from footprint.collectors.named import Redfish
from footprint.collectors.offer import Offer
from footprint.collectors.poller import PolledReader, Poller
from footprint.collectors.reading import Failed, Outcome, Power

NAME = "redfish"
TIMEOUT_S = 3.0
_PERIOD_S = 5.0
"""Controllers are slow, and bring their power up to date about once a second at best."""
_PATIENCE_S = 3 * TIMEOUT_S
_ROOT = "/redfish/v1/Chassis"
_MOST_CHASSIS = 32
_MOST_W = 200_000.0
_WHOLE = ("system", "server", "chassis")
"""How the power control of the whole machine is called where there are several."""


class _Place(NamedTuple):
    """Where a chassis tells its power."""

    path: str
    model: str
    """``Power`` or ``EnvironmentMetrics``."""


def discover(host: Host) -> Offer:
    """The channel of the controller that the user has named; it is not asked yet."""
    named = host.named.redfish if host.named is not None else None
    if named is None:
        return Offer(NAME)
    channel = Channel(
        "board", "board", NAME, "redfish-power", "power", MACHINE,
        refresh_s=_PERIOD_S, sensor="redfish-power", whole=True,
    )  # fmt: skip

    def open_reader(channels: tuple[Channel, ...]) -> RedfishReader:  # noqa: ARG001 - there is one
        return RedfishReader(host, named)

    return Offer(NAME, (channel,), open=open_reader)


class RedfishReader(PolledReader):
    """Finds the place of the power once, and asks there again and again."""

    def __init__(self, host: Host, named: Redfish) -> None:
        self._host = host
        self._named = named
        self._place: _Place | None = None
        super().__init__("board", Poller(host, self._ask, _PERIOD_S, _PATIENCE_S))

    def _ask(self) -> Outcome:
        try:
            if self._place is None:
                self._place = self._find()
            return Power(_power_w(self._get(self._place.path), self._place.model))
        except (OSError, NoNumber) as fault:
            self._place = None
            why = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
            return Failed(f"the management controller (Redfish): {why}")

    def _get(self, path: str) -> object:
        return parsed(self._host.fetch(self._named.address, path, TIMEOUT_S))

    def _find(self) -> _Place:
        """The one chassis that tells a power, or the one that the user named. OSError, NoNumber."""
        found: dict[str, _Place] = {}
        faults: list[str] = []
        for path in self._chassis():
            name = path.rstrip("/").rpartition("/")[2]
            if self._named.chassis in {"", name}:
                try:
                    found[name] = self._place_in(self._get(path))
                except NoNumber as fault:
                    faults.append(f"{name}: {fault}")
        if len(found) > 1:
            raise NoNumber(
                f'it has several chassis with a power: say which, as chassis = "{min(found)}" of {_list(found)}'
            )
        if not found and self._named.chassis and not faults:
            raise NoNumber(f"it has no chassis {self._named.chassis!r}")
        if not found:
            raise NoNumber(faults[0] if faults else "it lists no chassis")
        return next(iter(found.values()))

    def _chassis(self) -> list[str]:
        """Paths of all chassis. OSError, NoNumber."""
        members = member(self._get(_ROOT), "Members")
        if not isinstance(members, list):
            raise NoNumber("its list of chassis has no Members: it does not speak Redfish")
        paths = [_link(one) for one in members[:_MOST_CHASSIS]]
        return [path for path in paths if path is not None]

    def _place_in(self, chassis: object) -> _Place:
        """Where a chassis tells its power now. OSError, NoNumber."""
        why = "it tells no power"
        for model in ("Power", "EnvironmentMetrics"):
            path = _link(member(chassis, model))
            if path is None:
                continue
            try:
                _power_w(self._get(path), model)
            except NoNumber as fault:
                why = str(fault)
            else:
                return _Place(path, model)
        raise NoNumber(why)


def _link(value: object) -> str | None:
    """The path that a reference leads to, on the same server."""
    path = member(value, "@odata.id")
    fits = isinstance(path, str) and path.startswith("/") and not path.startswith("//")
    return (
        path if fits and isinstance(path, str) and path.isascii() and path.isprintable() and " " not in path else None
    )


def _power_w(document: object, model: str) -> float:
    """Power (W) of a resource of a model. Raises NoNumber."""
    if model == "EnvironmentMetrics":
        power = member(document, "PowerWatts")
        value, name = member(power, "Reading"), "PowerWatts"
    else:
        value, name = _consumed(member(document, "PowerControl")), "PowerConsumedWatts"
    if value is None:
        raise NoNumber(f"it tells no {name}")
    power_w = number(value, name)
    if not 0 < power_w <= _MOST_W:
        raise NoNumber(f"it tells {power_w:g} W, which no running machine takes")
    return power_w


def _consumed(controls: object) -> object:
    """The power of the whole machine among its power controls. Raises NoNumber where that cannot be told."""
    told = (
        [one for one in controls if member(one, "PowerConsumedWatts") is not None] if isinstance(controls, list) else []
    )
    if len(told) > 1:
        told = [one for one in told if any(word in str(member(one, "Name")).lower() for word in _WHOLE)]
        if len(told) != 1:
            raise NoNumber("it has several power controls, and does not say which is the whole machine's")
    return member(told[0], "PowerConsumedWatts") if told else None


def _list(found: Mapping[str, object]) -> str:
    return ", ".join(sorted(found))
