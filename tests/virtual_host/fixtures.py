"""Fixtures: ``virtual_sysroot(*zones)`` and ``fake_gpus(*gpus)`` make hosts that end with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from virtual_host.build import NoCompiler, library, writer
from virtual_host.fake_nvml import FakeGpu, FakeGpus
from virtual_host.sysroot import VirtualSysroot, Zone


@pytest.fixture
def virtual_sysroot(tmp_path: Path) -> Iterator[Callable[..., VirtualSysroot]]:
    """Makes hosts with moving powercap counters."""
    _need(writer)
    with ExitStack() as open_hosts:

        def make(*zones: Zone, **more: Any) -> VirtualSysroot:
            folder = tmp_path / f"sysroot-{len(list(tmp_path.glob('sysroot-*.late')))}"
            return open_hosts.enter_context(VirtualSysroot(folder, *zones, **more))

        yield make


@pytest.fixture
def fake_gpus(tmp_path: Path) -> Callable[..., FakeGpus]:
    """Makes hosts with GPUs that do not exist."""
    _need(library)

    def make(*gpus: FakeGpu, **more: Any) -> FakeGpus:
        return FakeGpus(tmp_path / f"gpus-{len(list(tmp_path.glob('gpus-*')))}", *gpus, **more)

    return make


def _need(build: Callable[[], Path]) -> None:
    try:
        build()
    except NoCompiler as fault:
        pytest.skip(f"THE VIRTUAL HOST IS NOT BUILT, so nothing is compared with known joules: {fault}")
