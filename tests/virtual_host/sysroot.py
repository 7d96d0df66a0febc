"""A folder that stands for ``/``, with a powercap tree whose counters move along known power curves.

``powercap_writer.c`` rewrites the counters twice a millisecond (about 6 % of one core on a small machine), so a counter is up to 0.6 ms
old, as real ones are up to 1 ms. Where the writer was starved for more than 0.8 ms, ``late_s`` says so: an accuracy
test then allows for it, since the virtual host was wrong and not the measuring.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from virtual_host.build import writer
from virtual_host.curves import Constant, Curve

RANGE_UJ = 262_143_328_850
"""The range of a counter of 32 bits with a unit of 2⁻¹⁴ J, as the kernel states it."""
_POWERCAP = "sys/class/powercap"
_NOBODY = 65_534
_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE = 1
_CAP_DAC_READ_SEARCH = 2


class Zone(NamedTuple):
    """One zone of the tree. Times are seconds after the origin."""

    id: str
    """``intel-rapl:0``, ``intel-rapl:0:1``."""
    name: str
    """What its ``name`` file says."""
    curve: Curve = Constant(50.0)
    range_uj: int | None = RANGE_UJ
    start_uj: float = 123_456_789_012
    unit_uj: float = 61.03515625
    limit_w: float | None = 250.0
    reset_at: float = -1.0
    freeze_at: float = -1.0
    freeze_to: float = 1e9
    """A counter that stood still leaps to what it should be."""
    silent_from: float = -1.0
    """From here on its file is empty."""
    silent_to: float = 1e9
    per_cpu_w: float = 0.0
    """So much more for each CPU that is really busy: beyond ``curve``, and not in ``exact_j``."""
    broken: str = ""
    """Instead of a moving counter: ``0400``, ``loop``, ``missing``, ``empty``, or any other text as its content."""


def package(number: int, curve: Curve, **more: Any) -> Zone:
    """A socket."""
    return Zone(f"intel-rapl:{number}", f"package-{number}", curve, **more)


def dram(number: int, curve: Curve, **more: Any) -> Zone:
    """The memory of a socket."""
    return Zone(f"intel-rapl:{number}:0", "dram", curve, **more)


class VirtualSysroot:
    """A host for ``FOOTPRINT_SYSROOT``. Counters move while it is open (a context manager)."""

    def __init__(
        self,
        folder: Path,
        *zones: Zone,
        vendor: str = "GenuineIntel",
        flags: str = "fpu msr",
        busy_cpus: float | None = None,
        steal_cpus: float = 0.0,
        period_us: int = 500,
    ) -> None:
        """``busy_cpus`` is how many CPUs ``/proc/stat`` says to be busy; None: what the real one says.

        ``steal_cpus``: how many of them a hypervisor keeps.
        """
        self.path = folder
        self.zones = zones
        self.origin_s = time.monotonic()
        self._late = folder.parent / f"{folder.name}.late"
        self._late.touch()
        self._config = folder.parent / f"{folder.name}.config"
        self._process: subprocess.Popen[str] | None = None
        self._lay_out_proc(vendor, flags)
        _write(folder / _POWERCAP / "intel-rapl/enabled", "1\n")
        (folder / _POWERCAP / "intel-rapl/subsystem").symlink_to("..")
        for zone in zones:
            self._lay_out(zone)
        self._config.write_text(self._configuration(busy_cpus, steal_cpus, period_us))

    @property
    def environ(self) -> Mapping[str, str]:
        """What a process needs to meet this host."""
        return {"FOOTPRINT_SYSROOT": str(self.path)}

    def __enter__(self) -> Self:
        command = [str(writer()), str(self._config), str(self._late)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "moving\n":
            raise RuntimeError("the counters do not move")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            assert self._process.stdout is not None
            self._process.terminate()
            self._process.wait()
            self._process.stdout.close()

    def zone(self, name: str) -> Zone:
        """The zone that a channel reads, by the channel's name."""
        for zone in self.zones:
            number = zone.id.split(":")[1]
            if name in (zone.name, f"{zone.name}-{number}"):
                return zone
        raise KeyError(name)

    def exact_j(self, channel: str, from_s: float, to_s: float) -> float:
        """Joules that a channel's thing used between two instants of ``time.monotonic()``, whatever its sensor says."""
        curve = self.zone(channel).curve
        return curve.energy_j(to_s - self.origin_s) - curve.energy_j(from_s - self.origin_s)

    def late_s(self, at_s: float) -> float:
        """How old the counters were at an instant because the writer was starved; 0 where it was not."""
        t_s = at_s - self.origin_s
        for line in self._late.read_text().splitlines():
            first_s, last_s = map(float, line.split())
            if first_s <= t_s <= last_s:
                return t_s - first_s
        return 0.0

    def counter_path(self, zone: Zone) -> Path:
        """The file of a zone's counter."""
        return self.path / _POWERCAP / zone.id / "energy_uj"

    def _lay_out_proc(self, vendor: str, flags: str) -> None:
        cpus = os.cpu_count() or 1
        record = f"vendor_id\t: {vendor}\nmodel name\t: Virtual CPU of known joules\nflags\t\t: {flags}\n\n"
        _write(self.path / "proc/cpuinfo", "".join(f"processor\t: {number}\n{record}" for number in range(cpus)))
        _write(self.path / "proc/meminfo", "MemTotal:       16000000 kB\n")
        _write(self.path / "sys/devices/system/cpu/online", f"0-{cpus - 1}\n" if cpus > 1 else "0\n")
        _write(self.path / "sys/class/dmi/id/sys_vendor", "Virtual Host\n")
        _write(self.path / "sys/class/dmi/id/product_name", "Known Joules\n")
        _write(self.path / "proc/stat", Path("/proc/stat").read_text())

    def _lay_out(self, zone: Zone) -> None:
        folder = self.path / _POWERCAP / zone.id
        _write(folder / "name", zone.name + "\n")
        if zone.range_uj is not None:
            _write(folder / "max_energy_range_uj", f"{zone.range_uj}\n")
        if zone.limit_w is not None:
            _write(folder / "constraint_0_name", "long_term\n")
            _write(folder / "constraint_0_power_limit_uw", f"{zone.limit_w * 1e6:.0f}\n")
        counter = self.counter_path(zone)
        if zone.broken == "loop":
            counter.symlink_to("energy_uj")
        elif zone.broken != "missing":
            contents = {"0400": f"{zone.start_uj:.0f}\n", "empty": ""}
            _write(counter, contents.get(zone.broken, zone.broken + "\n"))
            if zone.broken == "0400":
                _forbid(counter)

    def _configuration(self, busy_cpus: float | None, steal_cpus: float, period_us: int) -> str:
        lines = [f"origin={self.origin_s!r} period_us={period_us}"]
        plain = ("start_uj", "per_cpu_w", "unit_uj", "reset_at", "freeze_at", "freeze_to", "silent_from", "silent_to")
        for zone in self.zones:
            if not zone.broken:
                values = " ".join(f"{key}={getattr(zone, key)}" for key in plain)
                path = self.counter_path(zone)
                lines.append(f"zone path={path} curve={zone.curve.spec} range_uj={zone.range_uj or 0} {values}")
        cpus, mirror = os.cpu_count() or 1, int(busy_cpus is None)
        lines.append(
            f"stat path={self.path / 'proc/stat'} busy={busy_cpus or 0} cpus={cpus} steal={steal_cpus} mirror={mirror}"
        )
        return "\n".join(lines) + "\n"


def without_roots_rights() -> Mapping[str, Any]:
    """Arguments for ``subprocess`` after which 0400 means something to root too; none where we are not root."""
    return {"preexec_fn": _drop_rights} if os.geteuid() == 0 else {}


def _drop_rights() -> None:
    """Give up reading what file modes forbid: at the next exec, the kernel leaves these two out."""
    libc = ctypes.CDLL(None)
    for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def _forbid(path: Path) -> None:
    """Let nobody but another user read it: root's own files would stay readable to root, ours to us."""
    if os.geteuid() == 0:
        os.chown(path, _NOBODY, _NOBODY)
        path.chmod(0o400)
    else:
        path.chmod(0)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
