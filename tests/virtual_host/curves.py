"""Power curves whose energy is known in closed form. ``curves.h`` holds the same for the C side."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple, Protocol


class Curve(Protocol):
    """Power over time, from an origin at 0 s."""

    @property
    def spec(self) -> str:
        """As the C side reads it."""

    def power_w(self, t_s: float) -> float:
        """Power at an instant."""

    def energy_j(self, t_s: float) -> float:
        """Energy from the origin to an instant."""


class Constant(NamedTuple):
    """The same power all the time."""

    watts: float

    @property
    def spec(self) -> str:
        return f"constant:{self.watts!r}"

    def power_w(self, t_s: float) -> float:
        return self.watts

    def energy_j(self, t_s: float) -> float:
        return self.watts * max(0.0, t_s)


class Square(NamedTuple):
    """High for a part of each period, then low; bursts are a square wave with a small ``duty``."""

    low_w: float
    high_w: float
    period_s: float
    duty: float = 0.5

    @property
    def spec(self) -> str:
        return f"square:{self.low_w!r}:{self.high_w!r}:{self.period_s!r}:{self.duty!r}"

    def power_w(self, t_s: float) -> float:
        return self.high_w if t_s % self.period_s < self.duty * self.period_s else self.low_w

    def energy_j(self, t_s: float) -> float:
        t_s = max(0.0, t_s)
        whole, rest_s = divmod(t_s, self.period_s)
        high_s = whole * self.duty * self.period_s + min(rest_s, self.duty * self.period_s)
        return self.high_w * high_s + self.low_w * (t_s - high_s)


class Ramp(NamedTuple):
    """From one power to another in a straight line, then constant."""

    from_w: float
    to_w: float
    seconds: float

    @property
    def spec(self) -> str:
        return f"ramp:{self.from_w!r}:{self.to_w!r}:{self.seconds!r}"

    def power_w(self, t_s: float) -> float:
        return self.to_w if t_s >= self.seconds else self.from_w + (self.to_w - self.from_w) * t_s / self.seconds

    def energy_j(self, t_s: float) -> float:
        t_s = max(0.0, t_s)
        inside_s = min(t_s, self.seconds)
        slope = (self.to_w - self.from_w) / self.seconds
        return self.from_w * inside_s + slope * inside_s**2 / 2 + self.to_w * (t_s - inside_s)


class Steps(NamedTuple):
    """Powers that hold from an instant on: ``((0.0, 50.0), (1.5, 120.0))``. The first begins at 0 s."""

    steps: tuple[tuple[float, float], ...]

    @property
    def spec(self) -> str:
        return "steps:" + ",".join(f"{from_s!r}={watts!r}" for from_s, watts in self.steps)

    def power_w(self, t_s: float) -> float:
        return next(watts for from_s, watts in reversed(self.steps) if from_s <= max(0.0, t_s))

    def energy_j(self, t_s: float) -> float:
        ends = [*self.steps, (max(t_s, self.steps[-1][0]), 0.0)]
        return sum(watts * max(0.0, min(until_s, t_s) - from_s) for (from_s, watts), (until_s, _) in pairwise(ends))
