"""The state that processors are in while a job runs: temperature, clock of the first one, how often it was slowed down.

Only what one read of a kept file gives; a file that takes long to read is let go. Layouts:
https://docs.kernel.org/hwmon/coretemp.html, .../k10temp.html, https://docs.kernel.org/admin-guide/pm/cpufreq.html
"""

from __future__ import annotations

from collections.abc import Mapping

from footprint.collectors.host import Handle, Host

_SLOW_S = 0.001
"""Some kernels wake a processor and wait, to tell its clock: that costs more than it is worth."""
_FOLDER = "/sys/class/hwmon"
_FIRST = "/sys/devices/system/cpu/cpu0"
_LABELS = {"coretemp": ("Package id ",), "k10temp": ("Tdie", "Tctl"), "zenpower": ("Tdie", "Tctl")}
"""By driver, what begins the label of a package's temperature, the best first."""
_MILLI, _KILO = 1e-3, 1e-3


class CpuState:
    """Keeps the files open; one read each, a look."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._files: list[tuple[str, str, float, Handle]] = []
        """(device, quantity, scale, open file)."""
        for device, path in _temperatures(host):
            self._keep(device, "temperature_c", _MILLI, path)
        self._keep("cpu-0", "clock_mhz", _KILO, f"{_FIRST}/cpufreq/scaling_cur_freq")
        self._keep("package-0", "throttle_count", 1.0, f"{_FIRST}/thermal_throttle/package_throttle_count")

    def conditions(self) -> Mapping[str, Mapping[str, float]]:
        """Quantities by device; what cannot be read this time is left out."""
        found: dict[str, dict[str, float]] = {}
        for device, quantity, scale, file in self._files:
            value = _number(file)
            if value is not None:
                found.setdefault(device, {})[quantity] = value * scale
        return found

    def close(self) -> None:
        """Close the files."""
        for *_, file in self._files:
            file.close()
        self._files = []

    def _keep(self, device: str, quantity: str, scale: float, path: str) -> None:
        try:
            file = self._host.open(path)
        except OSError:
            return
        before_s = self._host.monotonic()
        value = _number(file)
        if value is None or self._host.monotonic() - before_s > _SLOW_S:
            file.close()
        else:
            self._files.append((device, quantity, scale, file))


def _temperatures(host: Host) -> list[tuple[str, str]]:
    """(package, its file) of each processor's temperature."""
    found: list[tuple[str, str]] = []
    for name in host.list_dir(_FOLDER):
        folder = f"{_FOLDER}/{name}"
        labels = _LABELS.get(_text(host, f"{folder}/name"))
        if labels is None:
            continue
        named = {
            _text(host, f"{folder}/{one}"): f"{folder}/{one.removesuffix('_label')}_input"
            for one in host.list_dir(folder)
            if one.startswith("temp") and one.endswith("_label")
        }
        begun = ([label for label in sorted(named) if label.startswith(wanted)] for wanted in labels)
        for label in next(filter(None, begun), []):
            number = label.rpartition(" ")[2]
            found.append((f"package-{number if number.isdigit() else len(found)}", named[label]))
    return found


def _text(host: Host, path: str) -> str:
    try:
        return host.read_text(path)
    except OSError:
        return ""


def _number(file: Handle) -> float | None:
    try:
        return float(int(file.read()))
    except (OSError, ValueError):
        return None
