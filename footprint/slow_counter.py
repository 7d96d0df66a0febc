"""A counter that is refreshed every 20 to 100 ms: when was it refreshed, and what did it hold at an instant?

What is read at an instant is up to one period old. The next refresh after the instant and the period
give the two points between which the counter ran; ``energy.edge_value`` takes the line between them.
"""

from collections.abc import Callable
from typing import NamedTuple

from footprint.collectors.channel import Channel
from footprint.records.raw import Edge

_PERIODS = 15
_LONGEST_S = 0.15
"""A change that took longer to come is two refreshes, or a counter that stood still: no period."""


class _Question(NamedTuple):
    at: str
    t_s: float
    value_j: float
    answer: Callable[[Edge], None]
    run_start_s: float


class SlowCounter:
    """Follows one counter's refreshes while somebody looks often."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._periods: list[tuple[float, float]] = []
        """(time between two refreshes, how closely they were seen), the newest last."""
        self._value_j: float | None = None
        self._seen_s = 0.0
        """When it was last seen unchanged."""
        self._changed_s: float | None = None
        self._blur_s = 0.0
        """How long before it was seen the last change may have come."""
        self._questions: list[_Question] = []
        self._answers: list[tuple[_Question, float | None, float, float]] = []
        """(question, refresh before it if that was seen, refresh after it, value then)."""

    @property
    def period_s(self) -> float | None:
        """Median time between two refreshes of late, of those that were seen closely; None before two were seen."""
        sharpest_s = min((blur_s for _, blur_s in self._periods), default=0.0)
        sharp = sorted(period_s for period_s, blur_s in self._periods if blur_s <= 2 * sharpest_s)
        return sharp[len(sharp) // 2] if sharp else None

    @property
    def asked(self) -> bool:
        """Whether an answer is still owed."""
        return bool(self._questions or self._answers)

    def owes(self, answer: Callable[[Edge], None]) -> bool:
        """Whether an answer is still owed to somebody."""
        asked = [*self._questions, *(owed[0] for owed in self._answers)]
        return any(question.answer == answer for question in asked)

    def ask(self, at: str, t_s: float, value_j: float, answer: Callable[[Edge], None], run_start_s: float) -> None:
        """Ask for the counter's true value at an instant at which it read ``value_j``. The answer may come later."""
        self._questions.append(_Question(at, t_s, value_j, answer, run_start_s))
        self.see(t_s, value_j)

    def see(self, t_s: float, value_j: float) -> None:
        """A reading. A change tells when the counter was refreshed, to half the time between two looks."""
        if self._value_j is None or t_s - self._seen_s > _LONGEST_S:
            self._value_j, self._seen_s, self._changed_s = value_j, t_s, None
            return
        if value_j == self._value_j:
            self._seen_s = t_s
            return
        changed_s, blur_s, before_s = (self._seen_s + t_s) / 2, t_s - self._seen_s, self._changed_s
        if before_s is not None and changed_s - before_s <= _LONGEST_S:
            self._periods = [*self._periods, (changed_s - before_s, blur_s + self._blur_s)][-_PERIODS:]
        self._changed_s, self._blur_s, self._value_j, self._seen_s = changed_s, blur_s, value_j, t_s
        self._answers += [
            (question, before_s if before_s is not None and before_s <= question.t_s else None, changed_s, value_j)
            for question in self._questions
            if question.t_s < changed_s
        ]
        self._questions = [question for question in self._questions if question.t_s >= changed_s]
        self._give_answers()

    def give_up(self, answer: Callable[[Edge], None]) -> None:
        """Somebody waits no longer: what is owed to him stays unanswered, and the interval is wider for it."""
        self._give_answers()
        self._questions = [question for question in self._questions if question.answer != answer]
        self._answers = [owed for owed in self._answers if owed[0].answer != answer]

    def _give_answers(self) -> None:
        """Answer what can be answered: where the refresh before was not seen, it came one period earlier."""
        period_s = self.period_s
        owed: list[tuple[_Question, float | None, float, float]] = []
        for question, seen_s, changed_s, value_j in self._answers:
            if seen_s is None and period_s is None:
                owed.append((question, seen_s, changed_s, value_j))
                continue
            before_s = seen_s if seen_s is not None else changed_s - (period_s or 0.0)
            start_s = question.run_start_s
            question.answer(
                Edge(
                    self.channel.name,
                    question.at,
                    round(question.t_s - start_s, 6),
                    round(before_s - start_s, 6),
                    question.value_j,
                    round(changed_s - start_s, 6),
                    value_j,
                )
            )
        self._answers = owed
