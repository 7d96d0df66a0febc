"""What all tests share. This file also puts ``tests/`` on the path, so that ``virtual_host`` can be imported."""

import os

import pytest
from fake_meters import FakeMeter
from hypothesis import HealthCheck, settings
from virtual_host.fixtures import fake_gpus, virtual_sysroot

# No test asserts a timing, so hypothesis must not either. Examples are the same in each run, so that a change is judged
# by what it changes; HYPOTHESIS_PROFILE=search looks for new ones.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("search"), derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

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


@pytest.fixture
def serve():
    """Starts meters that answer over real sockets, and ends them."""
    started = []

    def start(pages):
        started.append(FakeMeter(pages))
        return started[-1]

    yield start
    for meter in started:
        meter.close()
