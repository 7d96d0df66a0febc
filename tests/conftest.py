"""What all tests share. This file also puts ``tests/`` on the path, so that ``virtual_host`` can be imported."""

import os

import pytest
from virtual_host.fixtures import fake_gpus, virtual_sysroot

__all__ = ["fake_gpus", "virtual_sysroot"]


@pytest.fixture(autouse=True)
def _of_its_own(tmp_path_factory, monkeypatch):
    """Each test has an empty home and configuration folder, and none of the settings of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("FOOTPRINT_")]:
        monkeypatch.delenv(name)
    folder = tmp_path_factory.mktemp("user")
    monkeypatch.setenv("FOOTPRINT_HOME", str(folder / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
