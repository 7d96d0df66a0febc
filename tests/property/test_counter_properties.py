"""Energy of a RAPL counter through its faults: right, or the interval and a gap say so; never below 0 or above limit × time.

The counter is met through the collector, from the text of its file on; its power is known in closed form.
"""

from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from footprint.collectors import rapl_powercap
from footprint.collectors.channel import Channel
from footprint.collectors.recorded_host import RecordedHost
from footprint.energy import channel_energy
from footprint.records.raw import Frame

LIMIT_W = 300.0
"""What the collector makes of a zone that states 150 W."""
SLACK_S = 0.002
"""At both ends of a step, a counter may lag by a refresh of 1 ms: so much more time is allowed for its energy."""
ZONE = "/sys/class/powercap/intel-rapl:0"
TREE = f"""# a package
== {ZONE}/name
package-0
== {ZONE}/constraint_0_power_limit_uw
150000000
"""


class Faulty(RecordedHost):
    """A package along steps of power, whose counter wraps, begins anew, stands still and is cut short as it is told."""

    def set_up(self, steps, start_uj, range_uj, reset_s, freezes, broken):
        self.steps, self.start_uj, self.range_uj, self.reset_s = steps, start_uj, range_uj, reset_s
        self.freezes, self.broken = freezes, broken

    def true_j(self, t_s):
        """Energy from 0 s on."""
        ends = [*(from_s for from_s, _ in self.steps[1:]), float("inf")]
        return sum(
            watts * max(0.0, min(t_s, until_s) - from_s)
            for (from_s, watts), until_s in zip(self.steps, ends, strict=True)
        )

    def shown_uj(self, t_s):
        """What the counter stands at."""
        for from_s, until_s in self.freezes:
            if from_s <= t_s < until_s:
                t_s = from_s
        if self.reset_s is not None and t_s >= self.reset_s:
            value = (self.true_j(t_s) - self.true_j(self.reset_s)) * 1e6
        else:
            value = self.start_uj + self.true_j(t_s) * 1e6
        return int(value) % self.range_uj

    def open(self, path):
        if path != f"{ZONE}/energy_uj":
            return super().open(path)
        host = self

        class Handle:
            def read(self):
                fault = host.broken.get(host.now_s)
                digits = str(host.shown_uj(host.now_s))
                if fault == "cut":
                    return digits[: len(digits) // 2].encode()
                if fault == "stray":
                    return f"{digits[: len(digits) // 2]}\n".encode()
                return f"{digits}\n".encode() if fault is None else fault

            def close(self):
                pass

        return Handle()


seconds = st.floats(0.005, 1.5).map(lambda value: round(value, 4))
looks = st.lists(seconds, min_size=2, max_size=20).map(
    lambda gaps: [round(0.01 + sum(gaps[:number]), 4) for number in range(len(gaps) + 1)]
)
curves = st.lists(st.tuples(st.floats(0.1, 5), st.floats(1.0, LIMIT_W)), min_size=1, max_size=6).map(
    lambda parts: [(sum(length for length, _ in parts[:number]), watts) for number, (_, watts) in enumerate(parts)]
)


def measured(host, times):
    """(channel, frames) through the collector."""
    host.now_s = 0.0
    broken, host.broken = host.broken, {}
    offer = rapl_powercap.discover(host)
    host.broken = broken
    reader = offer.open(offer.channels)
    (channel,) = offer.channels
    channel = channel._replace(range_j=host.range_uj / 1e6)
    frames = []
    for t_s in times:
        host.now_s = t_s
        outcome = reader.read()["package-0"]
        frames.append(Frame(round(t_s - times[0], 6), (getattr(outcome, "energy_j", None),), None, 0.0))
    assert channel.limit_w == LIMIT_W
    return channel, tuple(frames)


def faulty(steps, start_uj=10**12, range_uj=10**15, reset_s=None, freezes=(), broken=None):
    host = Faulty.from_text(TREE)
    host.set_up(steps, start_uj, range_uj, reset_s, list(freezes), dict(broken or {}))
    return host


def check(energy, truth_j, duration_s, count):
    """What must hold whatever happened: no energy below 0 or above the limit, and the truth inside the interval."""
    assert all(slice_j >= 0 for slice_j in energy.slices_j)
    assert 0 <= energy.total_j <= LIMIT_W * (duration_s + SLACK_S * count) + 1e-3
    assert 0 <= energy.below_j <= energy.total_j + 1e-9
    assert energy.above_j >= 0
    assert energy.total_j - energy.below_j <= truth_j + 0.01
    assert truth_j <= energy.total_j + energy.above_j + 0.01


@given(curves, looks, st.floats(0, 1))
@settings(deadline=None)
def test_without_faults_energy_is_exact_through_any_number_of_wraps(steps, times, start):
    """A range that cannot go round between two looks: the sampler sees to that."""
    range_uj = int(LIMIT_W * max(b - a for a, b in pairwise(times)) * 2e6) + 10_000_000
    host = faulty(steps, int(start * range_uj), range_uj)
    channel, frames = measured(host, times)
    energy = channel_energy(0, channel, frames, (), ())
    truth_j = host.true_j(times[-1]) - host.true_j(times[0])
    assert abs(energy.total_j - truth_j) <= 1e-3
    assert energy.gaps == ()
    check(energy, truth_j, frames[-1].t_s, len(frames))


@given(curves, looks, st.data())
@settings(deadline=None)
def test_energy_that_a_counter_shows_late_is_neither_lost_nor_counted_twice(steps, times, data):
    """Frozen within the run, between a reading before and one after: the whole is exact, however it is looked at."""
    from_s = data.draw(st.floats(times[0] + 1e-4, times[-1]).map(lambda value: round(value, 4)))
    until_s = data.draw(st.floats(from_s, times[-1]).map(lambda value: round(value, 4)))
    assume(times[0] < from_s <= until_s <= times[-1])
    host = faulty(steps, freezes=[(from_s, until_s)])
    channel, frames = measured(host, times)
    energy = channel_energy(0, channel, frames, (), ())
    truth_j = host.true_j(times[-1]) - host.true_j(times[0])
    if energy is None:  # too little of the run was readable: the model stands in
        assert len(times) <= 3
        return
    check(energy, truth_j, frames[-1].t_s, len(frames))
    seen = [a for a in times if from_s <= a < until_s]
    if not energy.gaps or all("limit" not in gap.why for gap in energy.gaps):
        assert abs(energy.total_j - truth_j) <= 1e-3
    if len(seen) > 1 and seen[-1] - seen[0] > 0.021:
        assert energy.gaps


@given(curves, looks, st.data())
@settings(deadline=None)
def test_whatever_befalls_a_counter_the_interval_holds_the_truth_and_a_gap_says_what_is_missing(steps, times, data):
    """One reset, or values that are not the counter's; and files that are empty, words or cut short.

    No two strange values follow each other, and none is the first: nobody could tell them from a counter.
    """
    reset_s = data.draw(st.none() | st.floats(times[0], times[-1]))
    broken = {}
    last = "stray"  # what the last number was; nothing strange comes before the counter's first
    for t_s in times:
        fault = data.draw(st.sampled_from([None] * 6 + [b"", b"-5\n", b"words\n", "cut", "stray"]))
        if fault == "stray" and (last == "stray" or reset_s is not None):
            continue
        if fault == "cut" and not any(earlier < t_s and earlier not in broken for earlier in times):
            continue
        if fault in {None, "stray"}:
            last = fault
        if fault is not None:
            broken[t_s] = fault
    host = faulty(steps, reset_s=reset_s, broken=broken)
    channel, frames = measured(host, times)
    energy = channel_energy(0, channel, frames, (), ())
    if energy is None:
        return
    truth_j = host.true_j(times[-1]) - host.true_j(times[0])
    check(energy, truth_j, frames[-1].t_s, len(frames))
    if abs(energy.total_j - truth_j) > 0.01:
        assert energy.gaps


readings = st.none() | st.floats(0, 1e6) | st.integers(0, 5).map(float)


@given(st.lists(st.tuples(st.floats(0.001, 100), readings), min_size=2, max_size=15), st.sampled_from([None, 1e3, 1e6]))
@settings(deadline=None)
def test_no_readings_whatever_give_energy_below_zero_or_above_the_limit(points, range_j):
    channel = Channel(
        "cpu", "package-0", "rapl_powercap", "rapl-counter", "counter", "rapl:package-0",
        range_j=range_j, limit_w=LIMIT_W,
    )  # fmt: skip
    times = [sum(gap for gap, _ in points[:number]) for number in range(len(points))]
    frames = tuple(Frame(t_s, (value,), None, 0.0) for t_s, (_, value) in zip(times, points, strict=True))
    energy = channel_energy(0, channel, frames, (), ())
    if energy is None:
        return
    most_j = LIMIT_W * (times[-1] + SLACK_S * len(points))
    assert all(slice_j >= 0 for slice_j in energy.slices_j)
    assert 0 < energy.total_j <= most_j * (1 + 1e-9)
    assert 0 <= energy.below_j <= energy.total_j
    assert energy.above_j >= 0
