"""NVIDIA GPUs by the driver's own library: an energy counter where the GPU has one, else its power.

Only functions that every user may call are used; profiling counters are never opened. Any of them may be
missing or refuse, on each GPU for itself. API: https://docs.nvidia.com/deploy/nvml-api/
"""

from types import ModuleType
from typing import Any

from footprint.collectors.channel import Channel, Refusal
from footprint.collectors.cuda_visible import visible as visible  # noqa: PLC0414 - offered from here
from footprint.collectors.host import Host
from footprint.collectors.nvidia_gpu import best_way, generation_of, sensor_class
from footprint.collectors.nvidia_module import module_of
from footprint.collectors.nvidia_reader import Device, NvmlReader
from footprint.collectors.nvidia_slices import slices_of
from footprint.collectors.nvml_call import Refused, call
from footprint.collectors.offer import Offer
from footprint.units import MW_MILLI_PER_W

NAME = "nvidia_nvml"
_REFRESH_S = 0.1
"""Energy counters are brought up to date every 20 to 100 ms, as the GPU's generation has it."""
_VENDOR = "10de"
_INSTALL = (
    "install the NVIDIA driver: https://www.nvidia.com/drivers; in a container, pass the GPUs in: docker run --gpus all"
)
_NO_GPU = "none needed where there is no NVIDIA GPU; else install the NVIDIA driver"
_GUEST = 2
"""nvml.h, NVML_GPU_VIRTUALIZATION_MODE_VGPU: a virtual GPU, seen from inside its virtual machine."""


def discover(host: Host) -> Offer:
    """The GPUs of a host. The library stays initialised for the reader; without a GPU it is shut down again."""
    nvml = host.library("pynvml")
    if nvml is None:
        return Offer(NAME, refusals=(_no_library(host),))
    started = call(nvml, "nvmlInit")
    if isinstance(started, Refused):
        return Offer(NAME, refusals=(_not_started(started),))
    devices, refusals = _devices(host, nvml)
    if not devices:
        call(nvml, "nvmlShutdown")
        return Offer(NAME, refusals=refusals)
    return Offer(NAME, tuple(device.channel for device in devices), refusals, _Opener(host, nvml, devices))


def names(channels: tuple[Channel, ...]) -> tuple[str, ...]:
    """Model names of the GPUs among some channels, in their order."""
    return tuple(channel.device for channel in channels if channel.collector == NAME)


def _devices(host: Host, nvml: ModuleType) -> tuple[tuple[Device, ...], tuple[Refusal, ...]]:
    """GPUs, each followed by the module that it is on if it is the first there; and what is refused."""
    count = call(nvml, "nvmlDeviceGetCount")
    if isinstance(count, Refused):
        why = f"the NVIDIA driver does not count its GPUs: {count.word}"
        return (), (Refusal("gpu", "nvidia-gpu", NAME, why, "look at `nvidia-smi` and `sudo dmesg | grep NVRM`"),)
    if count == 0:
        return (), (Refusal("gpu", "gpu", NAME, "the NVIDIA driver sees no GPU here", _NO_GPU),)
    devices: dict[str, Device] = {}
    refusals: list[Refusal] = []
    for index in range(count):
        gpu = _gpu(nvml, index)
        if isinstance(gpu, Refusal):
            refusals.append(gpu)
            continue
        module = module_of(host, nvml, gpu, NAME)
        if module is not None:
            gpu = gpu._replace(channel=gpu.channel._replace(inside=module.channel.thing))
        devices[gpu.channel.thing] = gpu
        if module is not None:
            devices.setdefault(module.channel.thing, module)
    return tuple(devices.values()), tuple(refusals)


def _gpu(nvml: ModuleType, index: int) -> Device | Refusal:
    """One GPU by the best way to its energy, else why there is none."""
    name = f"gpu-{index}"
    handle = call(nvml, "nvmlDeviceGetHandleByIndex", index)
    if isinstance(handle, Refused):
        return Refusal("gpu", name, NAME, f"the driver does not open it: {handle.word}", _fix(handle))
    device = _text(call(nvml, "nvmlDeviceGetName", handle))
    uuid = _text(call(nvml, "nvmlDeviceGetUUID", handle)) or str(index)
    generation = generation_of(nvml, handle)
    way = best_way(nvml, handle, generation)
    if isinstance(way, Refused):
        return _nothing(nvml, handle, Refusal("gpu", name, NAME, device, _fix(way)), way)
    slices = slices_of(nvml, handle)
    channel = Channel(
        kind="gpu",
        name=name,
        collector=NAME,
        method=way.method,
        reading=way.reading,
        thing=f"nvml:{uuid}",
        limit_w=_limit_w(nvml, handle),
        refresh_s=_REFRESH_S,
        sensor=sensor_class(way.method, generation),
        device=device,
        window_s=way.window_s,
        slices=tuple((one.uuid, one.part) for one in slices),
    )
    return Device(handle, uuid, channel, way, slices)


def _nothing(nvml: ModuleType, handle: Any, refusal: Refusal, refused: Refused) -> Refusal:
    """Why a GPU gives neither energy nor power; ``refusal.why`` holds its model."""
    if call(nvml, "nvmlDeviceGetVirtualizationMode", handle) == _GUEST:
        why = f"it is a virtual GPU, and its host does not tell its power: {refused.word}"
        return refusal._replace(why=why, fix="none in this virtual machine: measure on its host, where the GPU is")
    what = f"{refusal.why} gives" if refusal.why else "it gives"
    return refusal._replace(why=f"{what} neither energy nor power: {refused.word}")


def _text(value: Any) -> str:
    """A name as the binding gives it: bytes in old ones."""
    if isinstance(value, Refused):
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _limit_w(nvml: ModuleType, handle: Any) -> float | None:
    """The board's highest power limit, which the driver holds its mean power to; None where not stated."""
    constraints = call(nvml, "nvmlDeviceGetPowerManagementLimitConstraints", handle)
    if not isinstance(constraints, Refused):
        limit_mw = constraints[1]
    else:
        enforced = call(nvml, "nvmlDeviceGetEnforcedPowerLimit", handle)
        limit_mw = 0 if isinstance(enforced, Refused) else enforced
    return limit_mw / MW_MILLI_PER_W or None


def _fix(refused: Refused) -> str:
    """What helps against a driver's refusal."""
    if refused.is_gone or refused.name == "RESET_REQUIRED":
        return "reset the GPU or restart the machine: sudo nvidia-smi --gpu-reset"
    if refused.name == "NO_PERMISSION":
        return 'let this user open /dev/nvidia*: sudo usermod --append --groups video "$USER", then log in again'
    if refused.name in ("NOT_SUPPORTED", "FUNCTION_NOT_FOUND"):
        return "none on this GPU and driver; a newer driver may tell more"
    return "look at `nvidia-smi` and `sudo dmesg | grep NVRM`"


def _not_started(refused: Refused) -> Refusal:
    fixes = {
        "DRIVER_NOT_LOADED": "sudo modprobe nvidia; where that fails, install the driver again",
        "LIB_RM_VERSION_MISMATCH": "restart the machine: the driver was updated while the old one runs",
        "LIBRARY_NOT_FOUND": _INSTALL,
    }
    fix = fixes.get(refused.name) or _fix(refused)
    return Refusal("gpu", "nvidia-gpu", NAME, f"the NVIDIA driver's library does not start: {refused.word}", fix)


def _no_library(host: Host) -> Refusal:
    """Why there is no library: there may simply be no GPU, which is no fault."""
    if _shows_a_gpu(host):
        why = "there is an NVIDIA device, but no driver library (libnvidia-ml.so.1) or no binding (nvidia-ml-py)"
        return Refusal("gpu", "nvidia-gpu", NAME, why, f"{_INSTALL}; pip install nvidia-ml-py")
    return Refusal("gpu", "gpu", NAME, "no NVIDIA driver library (libnvidia-ml.so.1) on this machine", _NO_GPU)


def _shows_a_gpu(host: Host) -> bool:
    """Whether the machine shows an NVIDIA device: by the driver's files, else on the PCI bus."""
    if host.exists("/proc/driver/nvidia") or host.exists("/dev/nvidia0"):
        return True
    try:
        rows = host.read_text("/proc/bus/pci/devices").splitlines()
        return any(_is_nvidia(row) for row in rows)
    except OSError:
        return any(_is_nvidia_device(host, name) for name in host.list_dir("/sys/bus/pci/devices"))


def _is_nvidia(row: str) -> bool:
    """A line of /proc/bus/pci/devices: place, then vendor and device in eight hexadecimal digits."""
    fields = row.split(maxsplit=2)
    return len(fields) > 1 and fields[1].lower().startswith(_VENDOR)


def _is_nvidia_device(host: Host, name: str) -> bool:
    try:
        return host.read_text(f"/sys/bus/pci/devices/{name}/vendor").endswith(_VENDOR)
    except OSError:
        return False


class _Opener:
    """Opens readers. The first takes over the library as discovery started it."""

    def __init__(self, host: Host, nvml: ModuleType, devices: tuple[Device, ...]) -> None:
        self._host = host
        self._nvml = nvml
        self._devices = devices
        self._started = True

    def __call__(self, channels: tuple[Channel, ...]) -> NvmlReader:
        """A reader for these channels."""
        if not self._started:
            call(self._nvml, "nvmlInit")  # where it refuses, every reading says so
        self._started = False
        wanted = {channel.name for channel in channels}
        return NvmlReader(
            self._host, self._nvml, tuple(device for device in self._devices if device.channel.name in wanted)
        )
