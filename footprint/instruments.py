"""What is read on this host, opened once a process: channels, host activity, GPU use; and one look at all of it."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from footprint.collectors import registry
from footprint.collectors.channel import Channel
from footprint.collectors.host import Host
from footprint.collectors.offer import Observer, Offer, Reader
from footprint.collectors.plan import Plan, choose, counted
from footprint.collectors.process_activity import HostActivity
from footprint.collectors.reading import Counter, Failed, Gone, GpuUse, Outcome, Power
from footprint.counters import bound_w

if TYPE_CHECKING:
    from footprint.collectors.cpu_state import CpuState

_TRIES = 3
_CLOSE_S = 0.0005
_LATE_S = 0.1
"""A driver that takes so long will take it again: nobody waits for that three times."""
_SHORTEST_S = 0.2
"""A wrap guard does not look oftener: no real counter runs round so quickly."""
_SLOW_S = 0.01
"""A counter that is refreshed less often than this needs its edges bracketed."""
_AWAITED_S = 0.5
"""Nobody waits at an edge for a meter that is slower than this, or looks several times between its refreshes."""


_STATE_EVERY_S = 1.8
"""The state that devices are in is looked at no oftener than this: it is told, and nothing is worked out from it."""


class Instant(NamedTuple):
    """Everything that was read at one instant."""

    t_s: float
    """On the host's monotonic clock."""
    values: tuple[float | None, ...]
    """By channel: a counter's value, or a power channel's energy so far (J)."""
    outcomes: tuple[Outcome, ...]
    host_busy_s: float | None
    gpu_use: Mapping[str, GpuUse]
    steal_s: float | None = None
    """CPU seconds that a hypervisor has kept from this machine; None where it kept none."""


class Instruments:
    """Open readers of the chosen channels. Not safe for threads: the sampler's lock guards it."""

    def __init__(self, host: Host, plan: Plan, readers: tuple[Reader, ...]) -> None:
        self.host = host
        self.plan = plan
        self.channels: tuple[Channel, ...] = counted(plan.channels)
        self._readers = readers
        self._usual_s = 0.0
        """How long reading takes, of late."""
        self._activity = HostActivity(host)
        self._integrals = {channel.name: _integral(channel) for channel in self.channels if channel.reading == "power"}
        self.slow = tuple(
            channel
            for channel in self.channels
            if channel.reading == "counter" and _SLOW_S <= channel.refresh_s <= _AWAITED_S
        )
        self.has_power = any(
            channel.reading == "power" and channel.refresh_s <= _AWAITED_S for channel in self.channels
        )
        self.wrap_guard_s = min(map(_half_a_turn_s, self.channels), default=math.inf)
        """Looks further apart than this could miss that a counter has started again."""
        self._observers: tuple[Observer, ...] | None = None
        self._cpu_state: CpuState | None = None
        self._observed_s = -math.inf
        slow_collectors = {channel.collector for channel in self.slow}
        self._slow_readers = tuple(
            reader for reader, offer in zip(readers, plan_collectors(plan), strict=True) if offer in slow_collectors
        )

    def look(self) -> Instant:
        """One look at every channel. Never raises for what a sensor does."""
        t_s, outcomes = self._read()
        ordered = tuple(outcomes.get(channel.name, _NO_ANSWER) for channel in self.channels)
        values = tuple(
            self._value(channel, outcome, t_s) for channel, outcome in zip(self.channels, ordered, strict=True)
        )
        busy_s = self._activity.busy_s()
        return Instant(t_s, values, ordered, busy_s, self._gpu_use(), self._activity.steal_s)

    def _read(self) -> tuple[float, dict[str, Outcome]]:
        """(instant, outcomes). Where reading took far longer than usual, as on a machine that starves us, nobody

        knows when the values were true: then it is done again, and the quickest of three is taken.
        """
        best_s = math.inf
        best: tuple[float, dict[str, Outcome]] = (0.0, {})
        for _ in range(_TRIES):
            before_s = self.host.monotonic()
            outcomes: dict[str, Outcome] = {}
            for reader in self._readers:
                outcomes.update(reader.read())
            after_s = self.host.monotonic()
            if after_s - before_s < best_s:
                best_s, best = after_s - before_s, ((before_s + after_s) / 2, outcomes)
            if best_s <= _CLOSE_S + 3 * self._usual_s or after_s - before_s > _LATE_S:
                break
        self._usual_s = best_s if self._usual_s == 0 else 0.9 * self._usual_s + 0.1 * best_s
        return best

    def conditions(self) -> Mapping[str, Mapping[str, float]]:
        """The state that devices are in; empty where it was looked at a moment ago. Edges of runs do without."""
        now_s = self.host.monotonic()
        if now_s - self._observed_s < _STATE_EVERY_S:
            return {}
        self._observed_s = now_s
        if self._observers is None:
            from footprint.collectors.cpu_state import CpuState

            self._cpu_state = CpuState(self.host)
            readers = (reader for reader in self._readers if isinstance(reader, Observer))
            self._observers = (*readers, self._cpu_state)
        found: dict[str, Mapping[str, float]] = {}
        for observer in self._observers:
            found.update(observer.conditions())
        return found

    def look_at_slow(self) -> tuple[float, dict[str, float]]:
        """(instant, value by channel) of the counters that are refreshed slowly."""
        before_s = self.host.monotonic()
        values: dict[str, float] = {}
        for reader in self._slow_readers:
            for name, outcome in reader.read().items():
                if isinstance(outcome, Counter):
                    values[name] = outcome.energy_j
        return (before_s + self.host.monotonic()) / 2, values

    def close(self) -> None:
        """Give back everything that is open; a second call is harmless."""
        for reader in self._readers:
            reader.close()
        if self._cpu_state is not None:
            self._cpu_state.close()
        self._activity.close()

    def _gpu_use(self) -> dict[str, GpuUse]:
        use: dict[str, GpuUse] = {}
        for reader in self._readers:
            use.update(reader.gpu_use())
        return use

    def _value(self, channel: Channel, outcome: Outcome, t_s: float) -> float | None:
        if isinstance(outcome, Counter):
            return outcome.energy_j
        if isinstance(outcome, Power):
            return self._integrals[channel.name].add(t_s, outcome.power_w)
        return None


class _Energy(Protocol):
    """Adds up a power channel."""

    def add(self, t_s: float, power_w: float) -> float:
        """The energy up to this reading, in J."""


def _integral(channel: Channel) -> _Energy:
    if channel.window_s <= 0:
        return _Integral()
    from footprint.mean_power import WindowedPower

    return WindowedPower(channel.window_s)


_NO_ANSWER = Failed("the collector gave no answer for this channel")


class _Integral:
    """Energy of a power channel: trapezoids between its readings, across gaps too (a gap is shown as one)."""

    def __init__(self) -> None:
        self._energy_j = 0.0
        self._last: tuple[float, float] | None = None

    def add(self, t_s: float, power_w: float) -> float:
        """The energy up to this reading, in J."""
        if self._last is not None:
            before_s, before_w = self._last
            self._energy_j += (power_w + before_w) / 2 * max(0.0, t_s - before_s)
        self._last = (t_s, power_w)
        return self._energy_j


def _half_a_turn_s(channel: Channel) -> float:
    """The least time in which a counter can run through half its range."""
    if channel.range_j is None:
        return math.inf
    return max(_SHORTEST_S, channel.range_j / bound_w(channel) / 2)


def plan_collectors(plan: Plan) -> tuple[str, ...]:
    """The collectors that have a channel in the plan, each once, in its order."""
    return tuple(dict.fromkeys(channel.collector for channel in counted(plan.channels)))


def set_up(host: Host) -> Instruments:
    """Discover, choose and open what can be read on this host."""
    offers = registry.discover(host)
    plan = choose(offers)
    readers = tuple(_open(offer, plan) for name in plan_collectors(plan) for offer in offers if offer.collector == name)
    return Instruments(host, plan, readers)


def _open(offer: Offer, plan: Plan) -> Reader:
    if offer.open is None:
        message = f"collector {offer.collector} offers channels and no way to open them"
        raise TypeError(message)
    return offer.open(tuple(channel for channel in counted(plan.channels) if channel.collector == offer.collector))


def failure(outcome: Outcome) -> str | None:
    """Why a channel gave no reading; None where it gave one."""
    return outcome.why if isinstance(outcome, Failed | Gone) else None
