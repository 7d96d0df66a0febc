"""Energy from a power that is a mean over the sensor's own window: the second before it was read, say.

Such a mean lags behind and is smooth; added up as if it were power now, a job would be charged for the second before
it and not for its own last one. But it holds the whole energy of its window, what happened between two looks too:
``E(t) = E(t - window) + mean(t) · window``. So each reading carries the energy on from one window before.
"""

from itertools import pairwise


class WindowedPower:
    """Adds up one channel's windowed means. Before the first reading, power is taken to have been what that one says.

    How far that may be off, and how old a mean may be, ``energy`` puts into the interval.
    """

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._points: list[tuple[float, float]] = []
        """(instant, energy up to it), of a little more than one window."""
        self._first_w = 0.0
        self._last_w = 0.0
        self._most_j = 0.0

    def add(self, t_s: float, mean_w: float) -> float:
        """The energy (J) up to a reading; it never falls, as means that are a little old could make it."""
        if not self._points:
            self._points = [(t_s, 0.0)]
            self._first_w = self._last_w = mean_w
            return 0.0
        if t_s > self._points[-1][0]:
            self._bridge(t_s - self._window_s, mean_w)
            self._points = [*self._of_use(t_s), (t_s, self._energy_j(t_s, mean_w))]
            self._last_w = mean_w
            self._most_j = max(self._most_j, self._points[-1][1])
        return self._most_j

    def _energy_j(self, t_s: float, mean_w: float) -> float:
        begin_s, window_j = t_s - self._window_s, mean_w * self._window_s
        first_s, first_j = self._points[0]
        if begin_s < first_s:
            return first_j + window_j - self._first_w * (first_s - begin_s)
        return self._at(begin_s) + window_j

    def _bridge(self, begin_s: float, mean_w: float) -> None:
        """Where nobody looked for longer than a window, the mean of both readings stands up to its begin."""
        last_s, last_j = self._points[-1]
        if begin_s > last_s:
            self._points.append((begin_s, last_j + (self._last_w + mean_w) / 2 * (begin_s - last_s)))

    def _at(self, t_s: float) -> float:
        """Energy up to an instant between two readings."""
        for (before_s, before_j), (after_s, after_j) in pairwise(self._points):
            if t_s <= after_s:
                return before_j + (after_j - before_j) * (t_s - before_s) / (after_s - before_s)
        return self._points[-1][1]

    def _of_use(self, t_s: float) -> list[tuple[float, float]]:
        """Points that may still be asked for: those within a window, and one before it.

        The very first stays while the window reaches back beyond it.
        """
        begin_s = t_s - self._window_s
        old = sum(point_s <= begin_s for point_s, _ in self._points)
        return self._points[max(0, old - 1) :]
