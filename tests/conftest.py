"""What all tests share. This file also puts ``tests/`` on the path, so that ``virtual_host`` can be imported."""

from virtual_host.fixtures import fake_gpus, virtual_sysroot

__all__ = ["fake_gpus", "virtual_sysroot"]
