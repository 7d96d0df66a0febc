"""The module that a GPU of a superchip is on (Grace Hopper, Grace Blackwell): its processor, memory and GPUs together.

Each of its GPUs tells the module's power, so a module is known by its processor's socket and counted once. It holds
what is measured inside it; it is a board, of which only what is beyond its contents is added.
"""

from types import ModuleType
from typing import TYPE_CHECKING, Any

from footprint.collectors.channel import Channel
from footprint.collectors.host import Host
from footprint.collectors.nvidia_gpu import Way
from footprint.collectors.nvml_call import AVERAGE_POWER, INSTANT_POWER, MODULE_SCOPE, Refused, call, field
from footprint.units import MW_MILLI_PER_W

if TYPE_CHECKING:
    from footprint.collectors.nvidia_reader import Device

_SUPERCHIPS = ("GH200", "GB200", "GB300")
"""On other GPUs it is not said what a "module" holds: perhaps not the processor."""
_MOST_POWER = 188
"""nvml.h, NVML_FI_DEV_POWER_MAX_LIMIT."""
_WAYS = (
    Way("nvml-module-mean", "power", 1.0, AVERAGE_POWER, MODULE_SCOPE),
    Way("nvml-module-instant", "power", 0.0, INSTANT_POWER, MODULE_SCOPE),
)


def module_of(host: Host, nvml: ModuleType, gpu: "Device", collector: str) -> "Device | None":
    """The module around a GPU; None where there is none, or nobody tells its power or which one it is."""
    if not any(word in gpu.channel.device for word in _SUPERCHIPS):
        return None
    ways = [way for way in _WAYS if not isinstance(way.read(nvml, gpu.handle), Refused)]
    socket = _socket(host, nvml, gpu.handle)
    if not ways or socket is None:
        return None
    limit_mw = field(nvml, gpu.handle, _MOST_POWER, MODULE_SCOPE)
    channel = Channel(
        kind="board",
        name=f"module-{socket}",
        collector=collector,
        method=ways[0].method,
        reading="power",
        thing=f"module:{socket}",
        limit_w=None if isinstance(limit_mw, Refused) else limit_mw / MW_MILLI_PER_W,
        refresh_s=gpu.channel.refresh_s,
        sensor="nvml-module",
        device=gpu.channel.device,
        window_s=ways[0].window_s,
    )
    return gpu._replace(channel=channel, way=ways[0], slices=())


def _socket(host: Host, nvml: ModuleType, handle: Any) -> int | None:
    """The socket that a GPU hangs on: the memory node of its place on the bus, as the kernel has it."""
    place = call(nvml, "nvmlDeviceGetPciInfo", handle)
    if isinstance(place, Refused):
        return None
    bus = place.busId.decode("ascii", "replace") if isinstance(place.busId, bytes) else str(place.busId)
    domain, _, rest = bus.lower().partition(":")
    try:
        node = int(host.read_text(f"/sys/bus/pci/devices/{int(domain, 16):04x}:{rest}/numa_node"))
    except (OSError, ValueError):
        return None
    return node if node >= 0 else None
