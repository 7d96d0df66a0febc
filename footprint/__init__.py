"""What your computing does to nature: measured, with its error, explained down to its source.

    import footprint

    with footprint.track("train", project="vision", region="FR") as run:
        train()
    print(run.result)

What ``start`` needs is imported here, so that starting a run takes no time from the job; all else is imported
when it is used. Only the standard library is. Nothing leaves this machine.
"""

from footprint.interrupt import at_once

at_once()

from footprint.errors import FootprintError, UsageError  # noqa: E402 - Ctrl-C while the command loads them is met above
from footprint.public import estimate, runs, start, track, tracked  # noqa: E402 - likewise
from footprint.version import VERSION as __version__  # noqa: E402, N811 - the name that Python users look for

__all__ = ["FootprintError", "UsageError", "__version__", "estimate", "runs", "start", "track", "tracked"]
