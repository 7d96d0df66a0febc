"""What it costs to begin: import, start and stop in a fresh process, and a whole measured command."""

from pairs import OURS, THEIRS, Table, Workplace, alternate, median, ms, ratio

OUR_START_STOP = """
import sys, time
a = time.perf_counter()
import footprint
b = time.perf_counter()
run = footprint.start("bench")
c = time.perf_counter()
run.stop()
d = time.perf_counter()
run.result
e = time.perf_counter()
print(c - b, d - c, e - d, e - a)
"""

THEIR_START_STOP = """
import time
a = time.perf_counter()
from codecarbon import OfflineEmissionsTracker
b = time.perf_counter()
tracker = OfflineEmissionsTracker(country_iso_code="FRA", measure_power_secs=1, log_level="critical")
tracker.start()
c = time.perf_counter()
tracker.stop()
d = time.perf_counter()
print(c - b, d - c, d - a)
"""


def measure(times: int) -> Table:
    with Workplace() as place:
        return Table(
            "Starting",
            f"Medians of {times} pairs, each in a fresh process, the sides taking turns. Import is over bare Python. "
            "CodeCarbon runs offline with the country given, so that it looks nothing up.",
            ("", "footprint", "CodeCarbon", "ratio"),
            [*_imports(place, times), *_start_stop(place, times), _command(place, times)],
        )


def _imports(place: Workplace, times: int) -> list[tuple[str, ...]]:
    def takes(python, code):
        return lambda: place.wall_s(python, "-c", code)

    columns = alternate(
        times,
        takes(OURS / "python", "pass"),
        takes(OURS / "python", "import footprint"),
        takes(OURS / "python", "import footprint; footprint.track"),
        takes(THEIRS / "python", "pass"),
        takes(THEIRS / "python", "from codecarbon import OfflineEmissionsTracker"),
    )
    bare, ours, ours_used, their_bare, theirs = map(median, columns)
    least = [min(column) for column in columns]
    our_least, their_least = least[1] - least[0], least[4] - least[3]
    return [
        ("import", ms(ours - bare), ms(theirs - their_bare), ratio(ours - bare, theirs - their_bare)),
        ("import, least of all rounds", ms(our_least), ms(their_least), ratio(our_least, their_least)),
        (
            "import and look up `track`", ms(ours_used - bare), ms(theirs - their_bare),
            ratio(ours_used - bare, theirs - their_bare),
        ),
    ]  # fmt: skip


def _start_stop(place: Workplace, times: int) -> list[tuple[str, ...]]:
    rounds = []
    for _ in range(times):
        ours = place.figures(OURS / "python", OUR_START_STOP)
        theirs = place.figures(THEIRS / "python", THEIR_START_STOP)
        rounds.append((*ours, *theirs))
    start, stop, result, whole, their_start, their_stop, their_whole = (median(c) for c in zip(*rounds, strict=True))
    both, their_both = start + stop, their_start + their_stop
    return [
        ("first start", ms(start), ms(their_start), ratio(start, their_start)),
        ("its stop", ms(stop), ms(their_stop), ratio(stop, their_stop)),
        ("start + stop", ms(both), ms(their_both), ratio(both, their_both)),
        ("looking at `result` (CodeCarbon: in its stop)", ms(result), "–", "–"),
        ("import, start, stop, result", ms(whole), ms(their_whole), ratio(whole, their_whole)),
    ]


def _command(place: Workplace, times: int) -> tuple[str, ...]:
    monitor = (THEIRS / "codecarbon", "monitor", "--offline", "--country-iso-code", "FRA", "--no-api", "--", "true")
    ours, theirs = alternate(
        max(5, times // 2),
        lambda: place.wall_s(OURS / "footprint", "run", "--", "true"),
        lambda: place.wall_s(*monitor),
    )
    a, b = median(ours), median(theirs)
    return ("`footprint run -- true`, `codecarbon monitor -- true`", ms(a), ms(b), ratio(a, b))
