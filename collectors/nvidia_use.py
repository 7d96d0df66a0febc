"""Who uses an NVIDIA GPU: its utilisation, the processes with a context on it, and their shares of the SM time."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import Any

from footprint.collectors.host import Host
from footprint.collectors.nvidia_slices import Slice
from footprint.collectors.nvml_call import Refused, call
from footprint.collectors.reading import GpuUse

_PERCENT = 100
_KEPT_S = 2.0
"""The driver samples processes once or a few times a second: between its samples the last one holds."""
_NEVER = ("NOT_SUPPORTED", "FUNCTION_NOT_FOUND", "NO_PERMISSION")
_RUNNING = ("nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2")


class GpuWatch:
    """Follows one GPU's users. What the driver never tells is asked for once."""

    def __init__(self, host: Host, nvml: ModuleType, handle: Any, slices: tuple[Slice, ...] = ()) -> None:
        self._host = host
        self._nvml = nvml
        self.handle = handle
        """Set anew where the library is started again."""
        self._slices = {one.numbers: one for one in slices if one.numbers is not None}
        self._refused: set[str] = set()
        self._last_stamp_us = 0
        self._shares: dict[int, tuple[float, float]] = {}
        """(share, when) by process id."""
        self._ours: set[int] = set()

    def use(self) -> GpuUse:
        """Use of the GPU now."""
        return self._use_of_slices() if self._slices else self._use_of_time()

    def _use_of_time(self) -> GpuUse:
        rates = self._ask("nvmlDeviceGetUtilizationRates")
        util = None if rates is None else _share(rates.gpu)
        processes = self._processes()
        holders = None if processes is None else {process.pid for process in processes}
        shares = self._sm_shares()
        if holders is None or not self._are_of_this_system(holders) or (not holders and util):
            # A driver that names nobody on a busy GPU hides the processes of another container from us.
            return GpuUse(util, (), known=False)
        if shares is None:
            return GpuUse(util, tuple((pid, None) for pid in sorted(holders)), known=True)
        active = {pid for pid, share in shares.items() if share > 0}
        return GpuUse(util, tuple((pid, shares.get(pid, 0.0)) for pid in sorted(holders | active)), known=True)

    def _use_of_slices(self) -> GpuUse:
        """Of a divided GPU the driver tells no times, but who is on which slice: a slice is shared alike."""
        processes = self._processes()
        if processes is None or not self._are_of_this_system({process.pid for process in processes}):
            return GpuUse(None, (), known=False, divided=True)
        on: dict[tuple[int, int], set[int]] = {}
        for process in processes:
            on.setdefault((process.gpuInstanceId, process.computeInstanceId), set()).add(process.pid)
        parts: dict[int, float] = {}
        for numbers, pids in on.items():
            if numbers not in self._slices:  # a slice that was made since, or that is hidden from us
                return GpuUse(None, (), known=False, divided=True)
            for pid in pids:
                parts[pid] = parts.get(pid, 0.0) + self._slices[numbers].part / len(pids)
        return GpuUse(None, tuple(sorted(parts.items())), known=True, divided=True)

    def _ask(self, function: str, *arguments: Any) -> Any | None:
        """An answer, or None. A function that can never answer is not asked again."""
        if function in self._refused:
            return None
        answer = call(self._nvml, function, self.handle, *arguments)
        if not isinstance(answer, Refused):
            return answer
        if answer.name in _NEVER:
            self._refused.add(function)
        return None

    def _processes(self) -> list[Any] | None:
        """Processes with a compute context; None where the driver does not tell."""
        for function in _RUNNING:
            processes = self._ask(function)
            if processes is not None:
                return list(processes)
        return None

    def _sm_shares(self) -> dict[int, float] | None:
        """Share of the SM time by process, by the driver's newest samples; None where it takes none."""
        function = "nvmlDeviceGetProcessUtilization"
        if function in self._refused:
            return None
        now_s = self._host.monotonic()
        samples = self._ask(function, self._last_stamp_us)
        if function in self._refused:
            return None
        for pid, share in self._newest(samples or ()).items():
            self._shares[pid] = (share, now_s)
        self._shares = {pid: kept for pid, kept in self._shares.items() if now_s - kept[1] <= _KEPT_S}
        return {pid: share for pid, (share, _) in self._shares.items()}

    def _newest(self, samples: Iterable[Any]) -> dict[int, float]:
        """Mean share of each process over samples that are new. Some drivers fill up with rubbish: that is left out."""
        since_us = self._last_stamp_us
        by_pid: dict[int, list[float]] = {}
        for sample in samples:
            share = _share(sample.smUtil)
            if sample.pid > 0 and share is not None and sample.timeStamp > since_us:
                by_pid.setdefault(sample.pid, []).append(share)
                self._last_stamp_us = max(self._last_stamp_us, sample.timeStamp)
        return {pid: sum(shares) / len(shares) for pid, shares in by_pid.items()}

    def _are_of_this_system(self, pids: set[int]) -> bool:
        """Whether the driver's process numbers are ours. In a container they may be the host's: no use here."""
        self._ours &= pids
        if not pids or self._ours:
            return True
        self._ours = {pid for pid in pids if self._is_here(pid)}
        # Where other users' processes are hidden from us, nothing can be told from their absence.
        return bool(self._ours) or not self._is_here(1)

    def _is_here(self, pid: int) -> bool:
        try:
            self._host.read_proc(f"/proc/{pid}/stat")
        except PermissionError:
            return True
        except OSError:
            return False
        return True


def _share(percent: int) -> float | None:
    """0 to 1 of a percentage; None for one that cannot be."""
    return percent / _PERCENT if 0 <= percent <= _PERCENT else None
