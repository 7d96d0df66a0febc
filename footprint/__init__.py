"""What your computing does to nature: measured, with its error, explained down to its source.

    import footprint

    with footprint.track("train", project="vision", region="FR") as run:
        train()
    print(run.result)

Nothing is imported before it is used, and nothing leaves this machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from footprint.errors import FootprintError, UsageError
    from footprint.public import runs, start, track, tracked
    from footprint.version import VERSION as __version__  # noqa: N811 - the name that Python users look for

__all__ = ["FootprintError", "UsageError", "__version__", "runs", "start", "track", "tracked"]

_HOMES = {
    "FootprintError": ("footprint.errors", "FootprintError"),
    "UsageError": ("footprint.errors", "UsageError"),
    "__version__": ("footprint.version", "VERSION"),
    "runs": ("footprint.public", "runs"),
    "start": ("footprint.public", "start"),
    "track": ("footprint.public", "track"),
    "tracked": ("footprint.public", "tracked"),
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        message = f"module 'footprint' has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    module, attribute = _HOMES[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
