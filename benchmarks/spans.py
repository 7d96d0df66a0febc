"""What 1,000 nested spans of 5 ms cost the job: time beyond what the job itself took."""

from pairs import OURS, THEIRS, Table, Workplace, alternate, median, ms

# Each span holds a wait of exactly 5 ms by the clock; what the loop takes beyond that is the spans' cost.
OUR_SPANS = """
import sys, time
import footprint
count, clock = int(sys.argv[1]), time.perf_counter
def work():
    began = clock()
    while clock() - began < 0.005: pass
    return clock() - began
with footprint.track("bench") as run:
    for warm in range(3):
        with run.span("warm"): work()
    inside, began, costs = 0.0, clock(), []
    with run.span("epoch"):
        for _ in range(count):
            before = clock()
            with run.span("step"): took = work()
            costs.append(clock() - before - took)
            inside += took
    whole = clock() - began
print(sorted(costs)[count // 2], (whole - inside) / inside)
"""

THEIR_TASKS = """
import sys, time
from codecarbon import OfflineEmissionsTracker
count, clock = int(sys.argv[1]), time.perf_counter
def work():
    began = clock()
    while clock() - began < 0.005: pass
    return clock() - began
tracker = OfflineEmissionsTracker(
    country_iso_code="FRA", measure_power_secs=1, log_level="critical", save_to_file=False
)
tracker.start_task("warm"); work(); tracker.stop_task()
inside, began, costs = 0.0, clock(), []
for number in range(count):
    before = clock()
    tracker.start_task(f"step {number}"); took = work(); tracker.stop_task()
    costs.append(clock() - before - took)
    inside += took
whole = clock() - began
tracker.stop()
print(sorted(costs)[count // 2], (whole - inside) / inside)
"""


def measure(times: int) -> Table:
    with Workplace() as place:
        shares: list[float] = []

        def ours() -> float:
            cost, share = place.figures(OURS / "python", OUR_SPANS, 1000)
            shares.append(share)
            return cost

        (costs,) = alternate(times, ours)
        theirs, their_share = place.figures(THEIRS / "python", THEIR_TASKS, 50)
    return Table(
        "Spans",
        f"1,000 spans of 5 ms inside another span, median of {times} processes. CodeCarbon's nearest thing is "
        "`start_task`/`stop_task`, which it does not nest: 50 of them, each of 5 ms.",
        ("", "footprint", "CodeCarbon"),
        [
            ("median cost of one span", f"{median(costs) * 1e3:.3f} ms", ms(theirs)),
            ("all of them, share of the job's time", f"{median(shares):.2%}", f"{their_share:.2%}"),
        ],
    )
