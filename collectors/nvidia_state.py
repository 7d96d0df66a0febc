"""The state that an NVIDIA GPU is in while a job runs: temperature, clock, power limit, and what slows it down."""

from types import ModuleType
from typing import Any

from footprint.collectors.nvml_call import Refused, call
from footprint.units import MW_MILLI_PER_W

_GPU_SENSOR, _SM_CLOCK = 0, 1
"""nvml.h: NVML_TEMPERATURE_GPU, NVML_CLOCK_SM."""
_REASONS = {"slowed_by_power": 0x04 | 0x80, "slowed_by_heat": 0x20 | 0x40, "slowed_by_hardware": 0x08}
"""Bits of nvml.h's clock event reasons: power cap and power brake; thermal, in software and hardware; other."""


class GpuState:
    """Follows one GPU's state. What it does not tell is asked for once."""

    def __init__(self, nvml: ModuleType) -> None:
        self._nvml = nvml
        self._refused: set[str] = set()

    def now(self, handle: Any) -> dict[str, float]:
        """Quantities by name: °C, MHz, W; 1 where the clock is held down for that reason, else 0."""
        found: dict[str, float] = {}
        temperature = self._ask("nvmlDeviceGetTemperature", handle, _GPU_SENSOR)
        clock = self._ask("nvmlDeviceGetClockInfo", handle, _SM_CLOCK)
        limit = self._ask("nvmlDeviceGetEnforcedPowerLimit", handle)
        reasons = self._ask("nvmlDeviceGetCurrentClocksEventReasons", handle)
        if reasons is None:
            reasons = self._ask("nvmlDeviceGetCurrentClocksThrottleReasons", handle)
        if temperature is not None:
            found["temperature_c"] = float(temperature)
        if clock is not None:
            found["clock_mhz"] = float(clock)
        if limit is not None:
            found["power_limit_w"] = limit / MW_MILLI_PER_W
        if reasons is not None:
            found |= {name: float(bool(reasons & bits)) for name, bits in _REASONS.items()}
        return found

    def _ask(self, function: str, *arguments: Any) -> Any | None:
        if function in self._refused:
            return None
        answer = call(self._nvml, function, *arguments)
        if isinstance(answer, Refused):
            if answer.name in ("NOT_SUPPORTED", "FUNCTION_NOT_FOUND", "NO_PERMISSION"):
                self._refused.add(function)
            return None
        return answer
