"""Whoever reads gets the newest answer at once, whatever the one who is asked does."""

import threading
import time

from footprint.collectors.host import RealHost
from footprint.collectors.poller import Poller
from footprint.collectors.reading import NOT_YET, Failed, Power


class Clock(RealHost):
    """A host whose clock can be put on."""

    def __init__(self):
        super().__init__()
        self.ahead_s = 0.0

    def monotonic(self):
        return time.monotonic() + self.ahead_s


def until(condition, within_s=5.0):
    end_s = time.monotonic() + within_s
    while not condition() and time.monotonic() < end_s:
        time.sleep(0.005)
    return condition()


def test_an_answer_is_there_once_it_has_come_and_stays_until_the_next():
    poller = Poller(RealHost(), lambda: Power(5.0), 0.01, 1.0)
    assert until(lambda: poller.read() == Power(5.0))
    poller.close()
    poller.close()


def test_a_first_answer_that_is_handed_in_counts_at_once():
    gate = threading.Event()
    poller = Poller(RealHost(), lambda: Power(float(gate.wait(5))), 0.01, 1.0, Power(7.0))
    assert poller.read() == Power(7.0)
    gate.set()
    poller.close()


def test_somebody_who_never_answers_is_told_of_and_waited_for_by_nobody():
    gate, clock = threading.Event(), Clock()
    answers = iter([Power(5.0)])

    def ask():
        answer = next(answers, None)
        if answer is None:
            gate.wait(20)
        return answer or Power(6.0)

    poller = Poller(clock, ask, 0.01, 1.0)
    assert until(lambda: poller.read() == Power(5.0))
    clock.ahead_s = 30.0
    assert poller.read() == Failed("it has not answered for 30 s")
    gate.set()
    poller.close()


def test_nothing_has_come_yet_is_no_reading():
    gate = threading.Event()
    poller = Poller(RealHost(), lambda: Power(float(gate.wait(5))), 0.01, 1.0)
    assert poller.read() == Failed(NOT_YET)
    gate.set()
    poller.close()


def test_a_failure_is_told_as_it_is_and_asked_again():
    answers = iter([Failed("no"), Power(5.0)])
    poller = Poller(RealHost(), lambda: next(answers, Power(5.0)), 0.01, 1.0)
    assert until(lambda: poller.read() in (Failed("no"), Power(5.0)))
    assert until(lambda: poller.read() == Power(5.0))
    poller.close()


def test_nobody_is_asked_any_more_where_nobody_has_read_for_long_and_again_when_somebody_does():
    clock, asked = Clock(), []

    def ask():
        asked.append(1)
        return Power(5.0)

    poller = Poller(clock, ask, 0.01, 1.0)
    assert until(lambda: poller.read() == Power(5.0))
    clock.ahead_s = 700.0

    def is_quiet():
        before = len(asked)
        time.sleep(0.05)
        return len(asked) == before

    assert until(is_quiet)
    before = len(asked)
    assert until(lambda: poller.read() == Power(5.0))
    assert until(lambda: len(asked) > before)
    poller.close()
