"""A host of known joules: a powercap tree whose counters move, and an NVIDIA library whose GPUs do not exist.

Both are built from C at test time (gcc), follow power curves whose energy is known in closed form, and are met by
the product through its ordinary ways: ``FOOTPRINT_SYSROOT`` and the dynamic loader. ``fixtures.py`` has fixtures.
"""

from virtual_host.build import NoCompiler, library, writer
from virtual_host.curves import Constant, Curve, Ramp, Square, Steps
from virtual_host.fake_nvml import FakeGpu, FakeGpus
from virtual_host.sysroot import VirtualSysroot, Zone, dram, package, without_roots_rights

__all__ = [
    "Constant",
    "Curve",
    "FakeGpu",
    "FakeGpus",
    "NoCompiler",
    "Ramp",
    "Square",
    "Steps",
    "VirtualSysroot",
    "Zone",
    "dram",
    "library",
    "package",
    "without_roots_rights",
    "writer",
]
