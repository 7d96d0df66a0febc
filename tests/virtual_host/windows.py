"""Measures windows of time in a process of its own and prints what each channel counted, as JSON.

    python tests/virtual_host/windows.py '[1.0, 5.0]' [INTERVAL]

``from_s`` and ``to_s`` are the instants of the first and last reading on ``time.monotonic()``; ``user_from_s`` and
``user_to_s`` are when ``start`` had returned and when ``stop`` was called. Intervals are without the sensor's gain.
"""

import json
import sys
import time

import footprint
from footprint.energy import channel_energy


def measured(seconds: float, interval_s: float | None = None) -> dict[str, object]:
    """One window: start, sleep, stop."""
    run = footprint.start("window", interval=interval_s)
    user_from_s = time.monotonic()
    time.sleep(seconds)
    user_to_s = time.monotonic()
    run.stop()
    raw = run.raw()
    from_s = run._recorder.start_s  # the instant is no part of a result
    channels = {}
    for index, channel in enumerate(raw.head.channels):
        energy = channel_energy(index, channel, raw.frames, raw.edges, raw.events)
        if energy is not None:
            channels[channel.name] = {
                "energy_j": energy.total_j,
                "low_j": energy.total_j - energy.below_j,
                "high_j": energy.total_j + energy.above_j,
                "gaps": [gap.why for gap in energy.gaps],
                "coverage": energy.coverage,
                "method": channel.method,
            }
    return {
        "from_s": from_s,
        "to_s": from_s + raw.frames[-1].t_s,
        "user_from_s": user_from_s,
        "user_to_s": user_to_s,
        "cpu_s": time.process_time(),
        "channels": channels,
        "events": [event.why for event in raw.events],
    }


if __name__ == "__main__":
    between_s = float(sys.argv[2]) if len(sys.argv) > 2 else None
    print(json.dumps([measured(seconds, between_s) for seconds in json.loads(sys.argv[1])]))
