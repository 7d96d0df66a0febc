"""One call to NVIDIA's library, with its refusal as a value."""

from types import ModuleType
from typing import Any, NamedTuple

_NAMES = {
    # the library's codes that we tell apart: nvml.h, nvmlReturn_t
    1: "UNINITIALIZED",
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


def call(nvml: ModuleType, function: str, *arguments: Any) -> Any | Refused:
    """What a function of the library gives, or ``Refused``. Old bindings and old drivers lack some functions."""
    wanted = getattr(nvml, function, None)
    if wanted is None:
        return Refused("FUNCTION_NOT_FOUND", f"this binding has no {function}")
    try:
        return wanted(*arguments)
    except nvml.NVMLError as fault:
        code = getattr(fault, "value", None)
        return Refused(_NAMES.get(code, "") if isinstance(code, int) else "", str(fault) or f"error {code}")
    except UnicodeDecodeError:
        return Refused("", "its answer is no text")
