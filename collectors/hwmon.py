"""Energy and power as drivers show them under ``/sys/class/hwmon``: a counter where there is one, else power.

The attributes of hwmon do not say what they count, so only drivers are read whose documents do. Others are refused:
what an unnamed rail counts may be a part of what is counted already. Layout: https://docs.kernel.org/hwmon/
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from footprint.collectors.channel import MACHINE, Channel, Refusal
from footprint.collectors.host import Host
from footprint.collectors.offer import Offer
from footprint.collectors.reading import Failed, Gone, GpuUse, Outcome, Power
from footprint.collectors.sysfs import GROUP, CounterFile, NumberFile, is_number, number, quoted, words
from footprint.units import UW_PER_W

NAME = "hwmon"
_FOLDER = "/sys/class/hwmon"
_COUNTED_S = 0.001
"""Counters in a chip are brought up to date about once a millisecond."""
_SAMPLED_S = 0.1
"""Drivers do not say how old a power is: taken to be this, but for ACPI's meters, which say it."""
_METER_S = 1.0
_BY_FIRMWARE = ("ibmpowernv",)
"""Their counters are brought up to date by the firmware, as their powers are."""
_LIMIT_MARGIN = 1.5
"""For short times a board draws more than its limits say."""
_LIMITS = ("cap_max", "rated_max", "crit", "max")
_SECOND_LOOK_S = 0.003
_MS_PER_S = 1_000
_ACPI = ("hwmon-energy", "acpi-power-meter")
_NO_FIX = "none on this machine: the figure is made without it"


class _Device(NamedTuple):
    """One folder of the class."""

    host: Host
    own: str
    path: str
    """Where its attributes are: its own folder, or with older drivers its parent device's."""
    driver: str
    place: str
    """Its place on the bus, where it has one: it is the same after the next start."""
    device: str
    attributes: frozenset[str]

    def label(self, sensor: str) -> str:
        """What the driver calls a sensor (``energy1``, ``power2``); empty where it does not."""
        name = f"{sensor}_label"
        try:
            return self.host.read_text(f"{self.path}/{name}") if name in self.attributes else ""
        except OSError:
            return ""

    def sensors(self, kind: str) -> list[str]:
        """``energy`` or ``power`` sensors, by number."""
        names = {name.partition("_")[0] for name in self.attributes if name.endswith(("_input", "_average"))}
        numbers = sorted(
            int(name[len(kind) :]) for name in names if name.startswith(kind) and name[len(kind) :].isdigit()
        )
        return [f"{kind}{each}" for each in numbers]


class _Thing(NamedTuple):
    """Something that a driver counts, and the sensors that do, the best first."""

    kind: str
    name: str
    thing: str
    sensors: tuple[str, ...]
    whole: bool = False
    inside: str | None = None
    classes: tuple[str, str] = ("hwmon-energy", "hwmon-power")
    """Of a counter and of a power, in sensors.csv."""


class _File(NamedTuple):
    """The attribute that a channel reads."""

    channel: Channel
    path: str
    attribute: str


def discover(host: Host) -> Offer:
    """What the known drivers count on a host, each file read once; never raises for what it finds."""
    files: list[_File] = []
    refusals: list[Refusal] = []
    for device in _devices(host):
        things = _DRIVERS.get(device.driver, _unknown)(device)
        for found in things:
            file = found if isinstance(found, Refusal) else _file(device, found, refusals)
            if isinstance(file, Refusal):
                refusals.append(file)
            elif file is not None:
                files.append(file)
    kept = _once(files, refusals)

    def open_reader(channels: tuple[Channel, ...]) -> HwmonReader:
        names = {channel.name for channel in channels}
        return HwmonReader(host, tuple(file for file in kept if file.channel.name in names))

    offered = tuple(file.channel for file in kept)
    return Offer(NAME, offered, tuple(refusals), open_reader if kept else None)


def _devices(host: Host) -> list[_Device]:
    """Devices with energy or power, in the order of their place."""
    found = []
    for name in host.list_dir(_FOLDER):
        own = f"{_FOLDER}/{name}"
        for path in (own, f"{own}/device"):
            attributes = frozenset(host.list_dir(path))
            if any(one.startswith(("energy", "power")) and one.endswith(("_input", "_average")) for one in attributes):
                place, device = _identity(host, own)
                found.append(_Device(host, own, path, _driver(host, own), place or name, device, attributes))
                break
    return sorted(found, key=lambda device: (device.driver, len(device.place), device.place))


def _driver(host: Host, own: str) -> str:
    for path in (f"{own}/name", f"{own}/device/name"):
        try:
            return host.read_text(path)
        except OSError:
            continue
    return "unnamed"


def _identity(host: Host, own: str) -> tuple[str, str]:
    """Place on the PCI bus and number of the model; empty for what is not on it."""
    try:
        lines = host.read_text(f"{own}/device/uevent").splitlines()
    except OSError:
        return "", ""
    values = {key: value for key, _, value in (line.partition("=") for line in lines)}
    return values.get("PCI_SLOT_NAME", ""), values.get("PCI_ID", "")


def _amd_energy(device: _Device) -> Iterator[_Thing]:
    """The counters that powercap reads too, of each socket; cores are inside. https://docs.kernel.org/5.8/hwmon/amd_energy.html"""
    for sensor in device.sensors("energy"):
        _, is_socket, socket = device.label(sensor).partition("Esocket")
        if is_socket:
            name = f"package-{socket}"
            yield _Thing("cpu", name, f"rapl:{name}", (sensor,), classes=("rapl-package-amd", "hwmon-power"))


def _xgene(device: _Device) -> Iterator[_Thing]:
    """https://docs.kernel.org/hwmon/xgene-hwmon.html"""
    for sensor in device.sensors("power"):
        label = device.label(sensor).lower()
        if label.startswith("cpu"):
            yield _Thing("cpu", "package-0", "hwmon:package-0", (sensor,))
        elif label.startswith("io"):
            yield _Thing("other", "io-0", "hwmon:io-0", (sensor,))


def _acpi_meter(device: _Device) -> Iterator[_Thing | Refusal]:
    """What the machine takes in. https://docs.kernel.org/hwmon/acpi_power_meter.html"""
    if number(device.host, f"{device.path}/power1_is_battery") == 1:
        yield _refusal(device, "other", "it measures a battery, not the machine", _NO_FIX)
        return
    name = _oem_info(device).lower().partition(" power socket ")
    if name[2].isdigit():
        yield _superchip(device, name[0], name[2])
    else:
        yield _Thing("board", "board", MACHINE, ("power1",), whole=True, classes=_ACPI)


def _superchip(device: _Device, what: str, socket: str) -> _Thing | Refusal:
    """A meter of NVIDIA's Grace: of the module (GPUs too), or of the processor with its memory, which is inside it.

    https://docs.nvidia.com/grace-perf-tuning-guide/power-thermals.html
    """
    module = f"module:{socket}"
    if what == "module":
        return _Thing("board", f"module-{socket}", module, ("power1",), classes=_ACPI)
    if what == "grace":
        return _Thing("board", f"grace-{socket}", f"grace:{socket}", ("power1",), inside=module, classes=_ACPI)
    return _refusal(device, "other", f"it is a part of grace-{socket}, which counts it already", _NO_FIX)


def _oem_info(device: _Device) -> str:
    try:
        return device.host.read_text(f"{device.path}/power1_oem_info")
    except OSError:
        return ""


def _powernv(device: _Device) -> Iterator[_Thing]:
    """POWER servers: the system, and each chip in it. https://docs.kernel.org/hwmon/ibmpowernv.html"""
    sensors: dict[str, tuple[str, ...]] = {}
    for sensor in (*device.sensors("energy"), *device.sensors("power")):
        label = device.label(sensor).strip()
        sensors[label] = (*sensors.get(label, ()), sensor)
    for label, ways in sensors.items():
        word, _, chip = label.partition(" ")
        if label == "System":
            yield _Thing("board", "board", MACHINE, ways, whole=True)
        elif word == "Chip" and chip.isdigit():  # "Chip 0 Vdd" and the like are inside it
            yield _Thing("cpu", f"package-{chip}", f"hwmon:package-{chip}", ways)


def _amd_gpu(device: _Device) -> Iterator[_Thing | Refusal]:
    """https://docs.kernel.org/gpu/amdgpu/thermal.html: only processors with graphics show a northbridge's voltage."""
    if "in1_input" in device.attributes:
        why = "it is a processor with graphics: its power holds the processor's, which is counted otherwise"
        yield _refusal(device, "gpu", why, _NO_FIX)
    else:
        yield _gpu(device, "power1")


def _other_gpu(device: _Device) -> Iterator[_Thing]:
    """i915 and xe show the card's energy, and only for cards; nouveau some GPUs' power."""
    yield _gpu(device, "energy1", "power1")


def _gpu(device: _Device, *sensors: str) -> _Thing:
    return _Thing("gpu", f"{device.driver}-{device.place}", f"hwmon:{device.driver}:{device.place}", sensors)


def _unknown(device: _Device) -> Iterator[Refusal]:
    why = f"the driver {device.driver} does not say what its power is that of: it may be counted already"
    yield _refusal(device, "other", why, _NO_FIX)


_DRIVERS: Mapping[str, Callable[[_Device], Iterator[_Thing | Refusal]]] = {
    "amd_energy": _amd_energy,
    "apm_xgene": _xgene,
    "power_meter": _acpi_meter,
    "ibmpowernv": _powernv,
    "amdgpu": _amd_gpu,
    "i915": _other_gpu,
    "xe": _other_gpu,
    "nouveau": _other_gpu,
}


def _file(device: _Device, thing: _Thing, refusals: list[Refusal]) -> _File | None:
    """The first of a thing's sensors that gives something; those before it are refused."""
    for sensor in thing.sensors:
        for attribute in (f"{sensor}_average", f"{sensor}_input"):
            if attribute not in device.attributes:
                continue
            refusal = _unreadable(device, thing, attribute)
            if refusal is None:
                return _File(_channel(device, thing, sensor), device.path, attribute)
            refusals.append(refusal)
    return None


def _unreadable(device: _Device, thing: _Thing, attribute: str) -> Refusal | None:
    """Why an attribute cannot be used, if so."""
    path = f"{device.path}/{attribute}"
    reload = f"look at `sudo dmesg | grep -i {device.driver}`, and reload the driver: sudo modprobe -r {device.driver}"
    reload += f" && sudo modprobe {device.driver}"
    try:
        text = device.host.read_text(path)
        if text == "0":
            device.host.sleep(_SECOND_LOOK_S)
            text = device.host.read_text(path)
    except OSError as fault:
        denied = isinstance(fault, PermissionError)
        fix = _may_read(device, attribute) if denied else reload
        return Refusal(thing.kind, thing.name, NAME, f"{path} cannot be read: {words(fault)}", fix)
    if not is_number(text):
        return Refusal(thing.kind, thing.name, NAME, f"{path} holds {quoted(text)}, no number", reload)
    if text == "0" and thing.kind != "gpu":  # a GPU may sleep
        return Refusal(thing.kind, thing.name, NAME, f"{path} stands at 0: there is no sensor behind it", reload)
    return None


def _may_read(device: _Device, attribute: str) -> str:
    """A rule for the driver's devices: their numbers may be others at the next start, and files are made anew then."""
    inner = device.path.removeprefix(device.own).lstrip("/")
    file = "/".join(part for part in ("/sys%p", inner, attribute) if part)
    rule = (
        f'ACTION=="add", SUBSYSTEM=="hwmon", ATTR{{name}}=="{device.driver}", '
        f'RUN+="/bin/chgrp {GROUP} {file}", RUN+="/bin/chmod 0440 {file}"'
    )
    return (
        f'sudo groupadd --force --system {GROUP} && sudo usermod --append --groups {GROUP} "$USER" && '
        f"echo '{rule}' | sudo tee /etc/udev/rules.d/70-{device.driver}-energy.rules && "
        "sudo udevadm control --reload && sudo udevadm trigger --action=add --subsystem-match=hwmon; then log in again "
        "(only this group can read it, since fine energy readings can give secrets away: PLATYPUS, CVE-2020-8694)"
    )


def _channel(device: _Device, thing: _Thing, sensor: str) -> Channel:
    is_counter = sensor.startswith("energy")
    return Channel(
        kind=thing.kind,
        name=thing.name,
        collector=NAME,
        method="hwmon-energy" if is_counter else "hwmon-power",
        reading="counter" if is_counter else "power",
        thing=thing.thing,
        limit_w=_limit_w(device),
        refresh_s=_COUNTED_S if is_counter and device.driver not in _BY_FIRMWARE else _sampled_s(device),
        sensor=thing.classes[0 if is_counter else 1],
        device=f"{device.driver} {device.device}".strip(),
        whole=thing.whole,
        inside=thing.inside,
    )


def _sampled_s(device: _Device) -> float:
    """A power is a mean over this long, or this old."""
    if device.driver != "power_meter":
        return _SAMPLED_S
    interval_ms = number(device.host, f"{device.path}/power1_average_interval")
    return interval_ms / _MS_PER_S if interval_ms else _METER_S


def _limit_w(device: _Device) -> float | None:
    """More than this is impossible: the highest limit that is stated, with a margin; None where none is."""
    names = [f"power1_{limit}" for limit in _LIMITS]
    limits_uw = [number(device.host, f"{device.path}/{name}") or 0 for name in names if name in device.attributes]
    return max(limits_uw, default=0) / UW_PER_W * _LIMIT_MARGIN or None


def _refusal(device: _Device, kind: str, why: str, fix: str) -> Refusal:
    return Refusal(kind, f"{device.driver}-{device.place}", NAME, why, fix)


def _once(files: list[_File], refusals: list[Refusal]) -> tuple[_File, ...]:
    """Each thing once: of two meters of one machine, nobody says whether one holds the other."""
    kept: dict[str, _File] = {}
    for file in files:
        channel = file.channel
        if channel.name in kept:
            why = f"{file.path} is a second {channel.name}: the first may hold it already"
            refusals.append(Refusal(channel.kind, channel.name, NAME, why, _NO_FIX))
        else:
            kept[channel.name] = file
    return tuple(kept.values())


class HwmonReader:
    """Keeps the attributes' files open; one ``pread`` each, a look."""

    def __init__(self, host: Host, files: tuple[_File, ...]) -> None:
        self._host = host
        self._counters = {
            file.channel.name: CounterFile(host, file.path, file.attribute, moves=file.channel.kind != "gpu")
            for file in files
            if file.channel.reading == "counter"
        }
        self._powers = {
            file.channel.name: NumberFile(host, file.path, file.attribute, "power")
            for file in files
            if file.channel.reading == "power"
        }

    def read(self) -> Mapping[str, Outcome]:
        """A counter (J) or power (W), or why there is none, for each channel."""
        now_s = self._host.monotonic()
        outcomes: dict[str, Outcome] = {name: file.read(now_s) for name, file in self._counters.items()}
        for name, file in self._powers.items():
            value = file.read()
            outcomes[name] = value if isinstance(value, Failed | Gone) else Power(value / UW_PER_W)
        return outcomes

    def gpu_use(self) -> Mapping[str, GpuUse]:
        """Nothing: hwmon does not say who uses a GPU."""
        return {}

    def close(self) -> None:
        """Close the files; a second call is harmless."""
        for counter in self._counters.values():
            counter.close()
        for power in self._powers.values():
            power.close()
