"""Open spans: seconds go to the innermost one of each thread."""

import threading

from footprint.spans import Spans


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def make():
    seconds = {}
    clock = Clock()

    def add(number, amount):
        seconds[number] = seconds.get(number, 0.0) + amount

    return Spans(clock, add), clock, seconds


def test_time_goes_to_the_innermost_span():
    spans, clock, seconds = make()
    outer = spans.enter("outer")
    clock.now = 1.0
    inner = spans.enter("inner")
    clock.now = 3.0
    spans.leave(inner)
    clock.now = 7.0
    spans.leave(outer)
    clock.now = 20.0
    spans.collect(20.0)
    assert seconds == {outer: 5.0, inner: 2.0}


def test_a_span_that_is_entered_again_is_counted_once_more():
    spans, _, _ = make()
    for _ in range(3):
        spans.leave(spans.enter("step"))
    assert [(name.name, name.entered, name.inside) for name in spans.names()] == [("step", 3, None)]


def test_collecting_takes_the_time_so_far_and_no_second_twice():
    spans, clock, seconds = make()
    number = spans.enter("a")
    for now in (1.0, 2.5, 4.0):
        clock.now = now
        spans.collect(now)
    spans.leave(number)
    assert seconds == {number: 4.0}


def test_threads_have_spans_of_their_own():
    spans, clock, seconds = make()
    first = spans.enter("main")
    clock.now = 1.0
    inside, done = [], threading.Event()

    def other():
        inside.append(spans.enter("other"))
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    done.wait()
    thread.join()
    clock.now = 3.0
    spans.collect(3.0)
    assert seconds == {first: 3.0, inside[0]: 2.0}
    assert {name.name: name.inside for name in spans.names()} == {"main": None, "other": None}


def test_tasks_of_one_thread_may_close_in_another_order():
    spans, clock, seconds = make()
    first, second = spans.enter("a"), spans.enter("b")
    spans.leave(first)
    clock.now = 2.0
    spans.leave(second)
    assert seconds == {second: 2.0}
