"""One call to NVIDIA's library, with its refusal as a value."""

from types import ModuleType
from typing import Any, NamedTuple

_NAMES = {
    # the library's codes that we tell apart: nvml.h, nvmlReturn_t
    1: "UNINITIALIZED",
    2: "INVALID_ARGUMENT",
    3: "NOT_SUPPORTED",
    4: "NO_PERMISSION",
    6: "NOT_FOUND",
    9: "DRIVER_NOT_LOADED",
    12: "LIBRARY_NOT_FOUND",
    13: "FUNCTION_NOT_FOUND",
    15: "GPU_IS_LOST",
    16: "RESET_REQUIRED",
    18: "LIB_RM_VERSION_MISMATCH",
    28: "GPU_NOT_FOUND",
}


_STALE = ("UNINITIALIZED", "DRIVER_NOT_LOADED", "LIB_RM_VERSION_MISMATCH", "INVALID_ARGUMENT")
"""The library has lost its driver, or does not know a handle of before: it must be started again."""
_NOT_AVAILABLE = (0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)
"""What some drivers write where they have no value, instead of refusing: nvml.h, NVML_VALUE_NOT_AVAILABLE."""


class Refused(NamedTuple):
    """The library did not do it."""

    name: str
    """Its return code's name without ``NVML_ERROR_``; ``""`` for one that is not told apart."""
    word: str
    """What the library says, for people."""

    @property
    def is_gone(self) -> bool:
        """The GPU fell off the bus, or was taken away."""
        return self.name in ("GPU_IS_LOST", "GPU_NOT_FOUND")

    @property
    def is_stale(self) -> bool:
        """The driver was unloaded or exchanged under the library: no GPU answers until it is started again."""
        return self.name in _STALE


def call(nvml: ModuleType, function: str, *arguments: Any) -> Any | Refused:
    """What a function of the library gives, or ``Refused``. Old bindings and old drivers lack some functions."""
    wanted = getattr(nvml, function, None)
    if wanted is None:
        return Refused("FUNCTION_NOT_FOUND", f"this binding has no {function}")
    try:
        return wanted(*arguments)
    except nvml.NVMLError as fault:
        return refused(nvml, getattr(fault, "value", None), str(fault))
    except UnicodeDecodeError:
        return Refused("", "its answer is no text")


def refused(nvml: ModuleType, code: object, word: str = "") -> Refused:
    """A return code as a value."""
    if not word and isinstance(code, int):
        word = str(nvml.NVMLError(code))
    return Refused(_NAMES.get(code, "") if isinstance(code, int) else "", word or f"error {code}")


def amount(nvml: ModuleType, function: str, handle: Any) -> int | Refused:
    """A number that a function gives; ``Refused`` where the number says that there is none."""
    value = call(nvml, function, handle)
    return Refused("NOT_SUPPORTED", "[N/A]") if value in _NOT_AVAILABLE else value


AVERAGE_POWER, INSTANT_POWER = 185, 186
"""Fields of nvmlDeviceGetFieldValues: mean power over 1 s (Ampere but for GA100, and later), power now (all)."""
GPU_SCOPE, MODULE_SCOPE = 0, 1
_PARTS = ("dVal", "uiVal", "ulVal", "ullVal", "sllVal", "siVal", "usVal")
"""A value's part by its type: nvml.h, nvmlValueType_t."""


def field(nvml: ModuleType, handle: Any, number: int, scope: int = GPU_SCOPE) -> float | Refused:
    """The value of one field, or ``Refused``. A power of 0 is none: what is powered draws some."""
    values = call(nvml, "nvmlDeviceGetFieldValues", handle, [(number, scope)])
    if isinstance(values, Refused):
        return values
    one = values[0]
    if one.nvmlReturn != 0:
        return refused(nvml, one.nvmlReturn)
    part = _PARTS[one.valueType] if 0 <= one.valueType < len(_PARTS) else "ullVal"
    value = getattr(one.value, part)
    return Refused("NOT_SUPPORTED", "[N/A]") if value in _NOT_AVAILABLE or value <= 0 else float(value)
