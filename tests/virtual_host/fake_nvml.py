"""GPUs that do not exist, met through a ``libnvidia-ml.so.1`` of our own (``fake_nvml.c``)."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from virtual_host.build import library
from virtual_host.curves import Constant, Curve


class FakeGpu(NamedTuple):
    """One GPU: its power curve, its sensor and its faults. Times are seconds after the origin."""

    curve: Curve = Constant(100.0)
    name: str = "NVIDIA Fake 1"
    uuid: str = ""
    refresh_s: float = 0.1
    phase_s: float = 0.0
    jitter_s: float = 0.0
    """Refreshes come up to this much early or late."""
    start_mj: float = 5_000_000.0
    limit_w: float | None = 400.0
    energy: bool = True
    power: bool = True
    use: bool = True
    processes: bool = True
    samples: bool = True
    constraints: bool = True
    lost_at: float = -1.0
    fail_at: float = -1.0
    fail_code: int = 999
    reset_at: float = -1.0
    back_at: float = -1.0
    """A lost GPU answers again from then on."""
    late_s: float = 0.0
    """The energy counter's value comes so long after it was true."""
    capability: tuple[int, int] | None = None
    mean: bool = False
    """``nvmlDeviceGetPowerUsage`` is the mean over the last second, as since Ampere."""
    fields: bool = False
    """Power is told by fields too: power now, and with ``mean`` that."""
    virtualised: int = 0
    slices: tuple[tuple[int, int], ...] = ()
    """Of a divided GPU of 7 units and 80 GiB: (units, MiB) of each; processes name theirs instead of a percentage."""
    module: Curve | None = None
    """Power of the superchip's module around it."""
    place: str = "00000000:01:00.0"


class FakeGpus:
    """Writes what the library reads. ``environ`` is what a process needs to meet these GPUs."""

    def __init__(
        self, folder: Path, *gpus: FakeGpu, without: tuple[str, ...] = (), init_code: int = 0,
        unload_at: float = -1.0, load_at: float = -1.0,
    ) -> None:  # fmt: skip
        self.gpus = gpus
        self.origin_s = time.monotonic()
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f"origin={self.origin_s!r} init_code={init_code} unload_at={unload_at} load_at={load_at}"]
        lines += [self._line(index, gpu) for index, gpu in enumerate(gpus)]
        config = folder / "gpus.txt"
        config.write_text("\n".join(lines) + "\n")
        path = [str(library(*without)), os.environ.get("LD_LIBRARY_PATH", "")]
        self.environ: Mapping[str, str] = {
            "LD_LIBRARY_PATH": ":".join(filter(None, path)),
            "FAKE_NVML": str(config),
        }

    def uuid(self, index: int) -> str:
        """The UUID of a GPU."""
        return self.gpus[index].uuid or f"GPU-{index:08x}-aaaa-bbbb-cccc-{index:012x}"

    def exact_j(self, index: int, from_s: float, to_s: float) -> float:
        """Joules of a GPU between two instants of ``time.monotonic()``."""
        curve = self.gpus[index].curve
        return curve.energy_j(to_s - self.origin_s) - curve.energy_j(from_s - self.origin_s)

    def run_on(self, index: int, *pids_and_percent: tuple[int, int]) -> None:
        """Processes that hold a GPU from now on, each with its percentage of the SM time."""
        path = self._pids(index)
        fresh = path.with_suffix(".new")
        fresh.write_text("".join(f"{pid} {percent}\n" for pid, percent in pids_and_percent))
        fresh.rename(path)

    def _pids(self, index: int) -> Path:
        return self._folder / f"gpu-{index}.pids"

    def _line(self, index: int, gpu: FakeGpu) -> str:
        values = {
            "curve": gpu.curve.spec,
            "name": gpu.name.replace(" ", "_"),
            "uuid": self.uuid(index),
            "pids": self._pids(index),
            "limit_mw": (gpu.limit_w or 0) * 1000,
        }
        plain = ("refresh_s", "phase_s", "jitter_s", "start_mj", "lost_at", "fail_at", "fail_code", "reset_at")
        plain += ("back_at", "late_s", "virtualised", "place")
        values |= {key: getattr(gpu, key) for key in plain}
        if gpu.capability is not None:
            values |= {"major": gpu.capability[0], "minor": gpu.capability[1]}
        if gpu.module is not None:
            values["module"] = gpu.module.spec
        slices = (f"{units}/{mib}/{number + 1}" for number, (units, mib) in enumerate(gpu.slices))
        values["slices"] = ",".join(slices)
        flags = ("energy", "power", "use", "processes", "samples", "constraints", "mean", "fields")
        values |= {key: int(getattr(gpu, key)) for key in flags}
        return "gpu " + " ".join(f"{key}={value}" for key, value in values.items())
