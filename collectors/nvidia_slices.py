"""Slices of a divided NVIDIA GPU (Multi-Instance GPU): each one's part of the whole.

Power is measured of the whole GPU alone, so a slice's part is told by its size: the mean of its parts of the
multiprocessors and of the memory. Sums of such means over slices cannot be more than the GPU.
"""

from types import ModuleType
from typing import Any, NamedTuple

from footprint.collectors.nvml_call import Refused, call

_MIB = 1 << 20


class Slice(NamedTuple):
    """One slice: a compute instance, alone in its GPU instance or beside others that share its memory."""

    uuid: str
    numbers: tuple[int, int] | None
    """Of its GPU instance and compute instance, by which the driver names it beside a process; None: not told."""
    part: float
    """Of the GPU, 0 to 1."""


class _Size(NamedTuple):
    """A slice's parts of the whole; ``memory`` None where not told."""

    compute: float
    memory: float | None


def slices_of(nvml: ModuleType, handle: Any) -> tuple[Slice, ...]:
    """The slices of a GPU that this process may see; none where it is not divided."""
    mode = call(nvml, "nvmlDeviceGetMigMode", handle)
    if isinstance(mode, Refused) or mode[0] != 1:
        return ()
    most = call(nvml, "nvmlDeviceGetMaxMigDeviceCount", handle)
    if isinstance(most, Refused):
        return ()
    asked = (call(nvml, "nvmlDeviceGetMigDeviceHandleByIndex", handle, number) for number in range(most))
    devices = [device for device in asked if not isinstance(device, Refused)]
    numbers = [_numbers(nvml, device) for device in devices]
    memory = call(nvml, "nvmlDeviceGetMemoryInfo", handle)
    whole_mib = 0.0 if isinstance(memory, Refused) else memory.total / _MIB
    found = []
    for device, mine in zip(devices, numbers, strict=True):
        beside = sum(mine is not None and other is not None and other[0] == mine[0] for other in numbers) or 1
        size = _size(nvml, device, most, whole_mib, beside)
        part = size.compute if size.memory is None else (size.compute + size.memory) / 2
        found.append(Slice(_uuid(nvml, device), mine, min(1.0, part)))
    return tuple(found)


def _numbers(nvml: ModuleType, device: Any) -> tuple[int, int] | None:
    instance = call(nvml, "nvmlDeviceGetGpuInstanceId", device)
    compute = call(nvml, "nvmlDeviceGetComputeInstanceId", device)
    return None if isinstance(instance, Refused) or isinstance(compute, Refused) else (instance, compute)


def _size(nvml: ModuleType, device: Any, most: int, whole_mib: float, beside: int) -> _Size:
    """A slice's size. ``most`` slices of one unit fill a GPU; ``beside`` slices share this one's memory."""
    told = call(nvml, "nvmlDeviceGetAttributes_v2", device)
    if isinstance(told, Refused):
        return _Size(1.0 / most, None)
    units = told.computeInstanceSliceCount or told.gpuInstanceSliceCount / beside or 1
    memory = told.memorySizeMB / whole_mib / beside if whole_mib > 0 and told.memorySizeMB > 0 else None
    return _Size(units / most, memory)


def _uuid(nvml: ModuleType, device: Any) -> str:
    uuid = call(nvml, "nvmlDeviceGetUUID", device)
    if isinstance(uuid, Refused):
        return ""
    return uuid.decode("utf-8", "replace") if isinstance(uuid, bytes) else str(uuid)
