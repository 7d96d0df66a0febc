"""A server's power as its management controller tells it in the machine itself: DCMI's "Get Power Reading" over IPMI.

The message is in the Data Center Manageability Interface Specification 1.5, section 6.6.1. What the controller
averages over, and whether it meters before or behind the power supply, its maker decides.
"""

from footprint.collectors.channel import MACHINE, Channel, Refusal
from footprint.collectors.host import Host
from footprint.collectors.offer import Offer
from footprint.collectors.poller import PolledReader, Poller
from footprint.collectors.reading import Failed, Outcome, Power
from footprint.collectors.sysfs import GROUP, words

NAME = "ipmi"
DEVICES = ("/dev/ipmi0", "/dev/ipmi/0", "/dev/ipmidev/0")
_TIMEOUT_S = 2.0
_FIRST_S = 0.3
"""So long the start of a run may wait for a controller."""
_PERIOD_S = 5.0
"""Each message keeps the kernel's driver busy for some milliseconds."""
_PATIENCE_S = 10.0
_GROUP_EXTENSION, _GET_POWER, _DCMI = 0x2C, 0x02, 0xDC
_REQUEST = bytes((_DCMI, 1, 0, 0))
"""System power statistics, as of now."""
_LENGTH = 19
_ACTIVE = 0x40
_MOST_W = 60_000
_CODES = {
    0xC0: "it is busy",
    0xC1: "it knows no DCMI",
    0xC3: "it did not answer in time",
    0xC9: "it knows no power reading",
    0xCB: "it has no power sensor",
    0xCC: "it knows no power reading",
    0xD4: "it may not be asked from here",
    0xD5: "it cannot tell its power in this state",
}
_FIX = (
    f"sudo groupadd --force --system {GROUP} && sudo usermod --append --groups {GROUP} $USER && "
    f'echo \'KERNEL=="ipmi*", GROUP="{GROUP}", MODE="0660"\' | sudo tee /etc/udev/rules.d/70-ipmi.rules && '
    "sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=ipmi (whoever may ask the controller may "
    "also switch the machine off: a read-only Redfish account gives less away)"
)
_NO_FIX = "none on this machine: if its controller speaks Redfish, name it as [redfish] address in footprint.toml"


def discover(host: Host) -> Offer:
    """The controller's power, asked once; no offer and no refusal where there is no controller."""
    path = next((path for path in DEVICES if host.exists(path)), None)
    if path is None:
        return Offer(NAME)
    try:
        first = power_in(host.ipmi(path, _GROUP_EXTENSION, _GET_POWER, _REQUEST, _FIRST_S))
    except PermissionError:
        why = f"{path} may be used by root alone"
        return Offer(NAME, refusals=(Refusal("board", "board", NAME, why, _FIX),))
    except OSError as fault:
        first = Failed(f"{path}: {words(fault) if fault.strerror else fault}")
    if isinstance(first, Failed):
        return Offer(NAME, refusals=(Refusal("board", "board", NAME, first.why, _NO_FIX),))
    channel = Channel(
        "board", "board", NAME, "dcmi-power", "power", MACHINE, refresh_s=_PERIOD_S, sensor="dcmi-power", whole=True
    )

    def open_reader(channels: tuple[Channel, ...]) -> IpmiReader:  # noqa: ARG001 - there is one
        return IpmiReader(host, path, first)

    return Offer(NAME, (channel,), open=open_reader)


def power_in(answer: bytes) -> Power | Failed:
    """Power (W) in the answer to "Get Power Reading": completion code, DCMI's mark, W now, and statistics."""
    if not answer:
        return Failed("the management controller (IPMI) answers with nothing")
    if answer[0] != 0:
        why = _CODES.get(answer[0], f"it answers with code {answer[0]:02x}h")
        return Failed(f"the management controller (IPMI): {why}")
    if len(answer) < _LENGTH or answer[1] != _DCMI:
        return Failed("the management controller (IPMI) gives an answer of another form")
    power_w = int.from_bytes(answer[2:4], "little")
    if not answer[18] & _ACTIVE:
        return Failed("the management controller (IPMI) does not measure power now")
    if not 0 < power_w <= _MOST_W:
        return Failed(f"the management controller (IPMI) tells {power_w} W, which no running machine takes")
    return Power(float(power_w))


class IpmiReader(PolledReader):
    """Asks the controller every few seconds, beside the job."""

    def __init__(self, host: Host, path: str, first: Power) -> None:
        self._host = host
        self._path = path
        super().__init__("board", Poller(host, self._ask, _PERIOD_S, _PATIENCE_S, first))

    def _ask(self) -> Outcome:
        try:
            return power_in(self._host.ipmi(self._path, _GROUP_EXTENSION, _GET_POWER, _REQUEST, _TIMEOUT_S))
        except OSError as fault:
            return Failed(f"{self._path}: {words(fault) if fault.strerror else fault}")
