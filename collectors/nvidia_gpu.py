"""What an NVIDIA GPU is and how its energy is had: a counter, else power, the best that it offers."""

from types import ModuleType
from typing import Any, NamedTuple

from footprint.collectors.nvml_call import AVERAGE_POWER, GPU_SCOPE, INSTANT_POWER, Refused, amount, call, field
from footprint.collectors.reading import Counter, Power
from footprint.units import MJ_MILLI_PER_J, MW_MILLI_PER_W

_WINDOW_S = 1.0
"""NVIDIA's averaged power is the mean over so long: nvml.h, NVML_FI_DEV_POWER_AVERAGE."""
_MAJORS = {2: "fermi", 3: "kepler", 5: "maxwell", 6: "pascal", 9: "hopper", 10: "blackwell", 12: "blackwell"}
"""By the first number of the compute capability: https://developer.nvidia.com/cuda-gpus"""
_MEANS = ("ampere", "ada", "hopper", "blackwell")
"""Their power is a mean over 1 s, says the reference of nvmlDeviceGetPowerUsage; that of others is power now."""


class Way(NamedTuple):
    """A way to a GPU's energy."""

    method: str
    reading: str
    """``counter`` or ``power``."""
    window_s: float
    source: str | int
    """A function of the library, or the number of a field."""
    scope: int = GPU_SCOPE

    def read(self, nvml: ModuleType, handle: Any) -> Counter | Power | Refused:
        """What it gives now."""
        if isinstance(self.source, str):
            value: float | Refused = amount(nvml, self.source, handle)
        else:
            value = field(nvml, handle, self.source, self.scope)
        if isinstance(value, Refused):
            return value
        return Counter(value / MJ_MILLI_PER_J) if self.reading == "counter" else Power(value / MW_MILLI_PER_W)


_ENERGY = Way("nvml-energy", "counter", 0.0, "nvmlDeviceGetTotalEnergyConsumption")
_MEAN = Way("nvml-power-mean", "power", _WINDOW_S, AVERAGE_POWER)
_INSTANT = Way("nvml-power-instant", "power", 0.0, INSTANT_POWER)
_POWER = Way("nvml-power", "power", 0.0, "nvmlDeviceGetPowerUsage")


def best_way(nvml: ModuleType, handle: Any, generation: str) -> Way | Refused:
    """The best way that a GPU offers; why there is none, in the library's words for its power.

    A counter comes first. Then a mean, because it holds what happens between two looks, and its window can be taken
    off; then power now. A counter at 0 has not counted since the driver was loaded: it is there in name only.
    """
    usage = _POWER._replace(method="nvml-power-mean", window_s=_WINDOW_S) if generation in _MEANS else _POWER
    why: Refused | None = None
    for way in (_ENERGY, _MEAN, usage, _INSTANT) if generation in _MEANS else (_ENERGY, _MEAN, _INSTANT, usage):
        value = way.read(nvml, handle)
        if isinstance(value, Refused):
            why = value if way is usage or why is None else why
        elif isinstance(value, Power) or value.energy_j > 0:
            return way
    return why or Refused("NOT_SUPPORTED", "the energy counter stands at 0")


def generation_of(nvml: ModuleType, handle: Any) -> str:
    """The generation of a GPU, which its sensors go by; empty where the driver does not tell it."""
    capability = call(nvml, "nvmlDeviceGetCudaComputeCapability", handle)
    if isinstance(capability, Refused):
        return ""
    major, minor = capability
    if major == 7:
        return "turing" if minor >= 5 else "volta"
    if major == 8:
        return "ga100" if minor == 0 else "ada" if minor >= 9 else "ampere"
    return _MAJORS.get(major, "")


def sensor_class(method: str, generation: str) -> str:
    """The class of a sensor in ``sensors.csv``. Of power now it does not matter which function gives it."""
    kind = method.removesuffix("-instant")
    return f"{kind}-{generation}" if generation else kind
