"""Reading a server beside a run: real sockets, a server that counts, starts late, starts again, or talks nonsense."""

import os
import threading
import time

import pytest
from fake_server import FakeServer, free_port, llamacpp, sglang, tgi, vllm
from made_journals import frame, head

from footprint import journal, scrape
from footprint.records.raw import COUNTING, RESTARTED, UNCOUNTED, Counted, Event, RawRun, RunEnd
from footprint.server_counts import LONGEST_S, ServerCounts
from footprint.serving.counters import KNOWN, STARTED, servers_for

UNITS = ("cached_tokens", "input_tokens", "output_tokens", "requests")
REQUESTS = {"requests": "http_requests_total"}


class Kept:
    """What a run would keep."""

    def __init__(self):
        self.counts, self.events = [], []

    def count(self, counted):
        self.counts.append(counted)

    def note(self, event):
        self.events.append(event)

    def said(self):
        return [(event.what, event.why) for event in self.events]


class Clock:
    """A clock that a test moves on."""

    def __init__(self):
        self.now_s = 1_000.0

    def __call__(self):
        return self.now_s


class Reading(ServerCounts):
    """Read when the test says so, in its own thread: the same reading, without the waiting."""

    def begin(self, start_s, run_started_at, clock):
        self._start_s, self._run_started_at, self._clock = start_s, run_started_at, clock

    def look(self, kept):
        self._read()
        self.hand_over(kept)


def begun(url, servers=KNOWN, run_started_at=None):
    clock, kept = Clock(), Kept()
    reading = Reading(scrape.address_of(url), servers)
    reading.begin(clock.now_s, time.time() if run_started_at is None else run_started_at, clock)
    return reading, clock, kept


def test_an_attached_server_is_counted_from_the_first_reading_on():
    with FakeServer(lambda: vllm(3)) as server:
        reading, clock, kept = begun(server.url)
        clock.now_s += 0.01
        reading.look(kept)
        server.page = lambda: vllm(10)
        clock.now_s += 5
        reading.look(kept)
    assert kept.counts[0] == Counted(0.01, {})
    assert kept.counts[-1] == Counted(
        5.01, {"cached_tokens": 210.0, "input_tokens": 840.0, "output_tokens": 280.0, "requests": 7.0}
    )
    assert kept.said() == [(COUNTING, "vLLM")]
    assert reading.why_not is None


def test_a_server_that_starts_within_the_run_is_counted_from_its_zero():
    port = free_port()
    reading, clock, kept = begun(f"http://127.0.0.1:{port}/metrics")
    reading.look(kept)
    assert (kept.counts, kept.events, reading.why_not) == ([], [], "nobody listens there")
    with FakeServer(lambda: sglang(4), port):
        clock.now_s += 30
        reading.look(kept)
    assert kept.counts[0] == Counted(0.0, {})
    assert kept.counts[-1].amounts["requests"] == 4.0
    assert kept.said() == [(COUNTING, "SGLang")], "that nobody listened before it was started is no news"


def test_why_a_server_was_not_read_is_not_forgotten_when_it_is_gone():
    with FakeServer(lambda: "<html>") as server:
        reading, _, kept = begun(server.url)
        reading.look(kept)
    reading.look(kept)
    assert "HTML" in reading.why_not


@pytest.mark.parametrize(("began_s", "from_s", "requests"), [(+1.0, 0.0, 4.0), (-100.0, 7.0, 0.0)])
def test_where_the_page_says_when_its_process_began_that_decides(began_s, from_s, requests):
    page = sglang(4) + f"{STARTED} {time.time() + began_s}\n"
    with FakeServer(lambda: page) as server:
        reading, clock, kept = begun(server.url)
        clock.now_s += 7
        reading.look(kept)
    assert kept.counts == [Counted(from_s, {}), kept.counts[1]]
    assert kept.counts[1].amounts["requests"] == requests


def test_counters_that_come_with_the_first_request_are_counted_from_the_first_page_on():
    with FakeServer(lambda: tgi(0)) as server:
        reading, clock, kept = begun(server.url)
        reading.look(kept)
        assert "no counter of vLLM, SGLang, TGI, llama.cpp, Triton" in reading.why_not
        server.page = lambda: tgi(2)
        clock.now_s += 9
        reading.look(kept)
    assert kept.counts == [
        Counted(0.0, {}),
        Counted(9.0, {"input_tokens": 240.0, "output_tokens": 80.0, "requests": 2.0}),
    ]


def test_a_server_that_starts_again_is_noted_and_counted_on():
    with FakeServer(lambda: llamacpp(8)) as server:
        reading, clock, kept = begun(server.url)
        for requests in (8, 10, 1, 3):
            server.page = lambda requests=requests: llamacpp(requests)
            reading.look(kept)
            clock.now_s += 1
    assert kept.counts[-1].amounts["output_tokens"] == 40 * (2 + 1 + 2)
    assert [what for what, _ in kept.said()] == [COUNTING, RESTARTED]
    assert kept.events[1].t_s == 2.0


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (b"<html>502 Bad Gateway</html>", "HTML"),
        (b"{}\n", "no metric"),
        (b"vllm:prompt_tokens_total\n", "no metric"),
        (b"renamed_tokens_total 5\n", "none of the counters any more"),
        (b"", "none of the counters any more"),
        (b"x 1\n" * 2_100_000, "longer than 8 MB"),
    ],
)
def test_a_bad_page_in_between_is_told_once_and_nothing_is_lost_or_counted_for_it(bad, said):
    with FakeServer(lambda: vllm(3)) as server:
        reading, clock, kept = begun(server.url)
        for page in (vllm(3), bad, bad, vllm(9)):
            server.page = lambda page=page: page
            reading.look(kept)
            clock.now_s += 60
    assert [counted.t_s for counted in kept.counts] == [0.0, 0.0, 180.0]
    assert kept.counts[-1].amounts["requests"] == 6.0
    (found, why), (what, told) = kept.said()
    assert (found, why, what) == (COUNTING, "vLLM", UNCOUNTED)
    assert said in told


def test_a_counter_that_is_no_number_is_left_out_of_that_reading_alone_and_told_once():
    with FakeServer(lambda: vllm(3)) as server:
        reading, _, kept = begun(server.url)
        for page in (vllm(3), vllm(5).replace(" 200.0\n", " NaN\n"), vllm(6).replace(" 240.0\n", " NaN\n"), vllm(7)):
            server.page = lambda page=page: page
            reading.look(kept)
    assert [set(counted.amounts) for counted in kept.counts[2:4]] == [{"cached_tokens", "input_tokens", "requests"}] * 2
    assert kept.counts[-1].amounts["output_tokens"] == 160.0
    assert kept.said()[1:] == [(UNCOUNTED, "vllm:generation_tokens_total is NaN, which is no count")]


def test_a_flapping_server_does_not_fill_the_journal_with_events():
    with FakeServer(lambda: vllm(3)) as server:
        reading, _, kept = begun(server.url)
        for number in range(400):
            server.page = lambda number=number: vllm(3) if number % 2 == 0 else "<html>"
            reading.look(kept)
    assert len(kept.events) == 100


def test_a_mapping_names_the_counters_of_any_server():
    with FakeServer(lambda: 'http_requests_total{path="/"} 7\n') as server:
        reading, _, kept = begun(server.url, servers_for(REQUESTS))
        reading.look(kept)
        server.page = lambda: 'http_requests_total{path="/"} 9\nhttp_requests_total{path="/a"} 1\n'
        reading.look(kept)
    assert kept.counts[-1].amounts == {"requests": 3.0}
    assert kept.said() == [(COUNTING, "your mapping")]


def test_it_reads_by_itself_once_more_at_the_end_and_its_cost_is_counted():
    kept, requests = Kept(), 1
    with FakeServer(lambda: llamacpp(requests)) as server:
        reading = ServerCounts(scrape.address_of(server.url), KNOWN)
        reading.begin(time.monotonic(), time.time(), time.monotonic)
        while not server.asked:
            time.sleep(0.01)
        requests = 6
        reading.finish()
        reading.hand_over(kept)
    assert kept.counts[-1].amounts["output_tokens"] == 200.0
    assert reading.cpu_s > 0
    assert not any(thread.name == "footprint-metrics" for thread in threading.enumerate()), "and no more after that"


def test_the_end_does_not_wait_for_a_server_that_hangs():
    hangs = threading.Event()
    with FakeServer(lambda: hangs.wait(60) and "") as server:
        reading = ServerCounts(scrape.address_of(server.url), KNOWN)
        reading.begin(time.monotonic(), time.time(), time.monotonic)
        reading.finish()
        assert not hangs.is_set(), "the end came before the answer"
        hangs.set()


def test_it_is_read_ever_more_seldom_down_to_once_a_minute():
    reading, clock, _ = begun("http://127.0.0.1:1/metrics")
    waits = []
    while clock.now_s < 1_000.0 + 86_400:
        waits.append(reading._wait_s())
        clock.now_s += waits[-1]
    assert waits[0] == 0.5
    assert waits == sorted(waits)
    assert set(waits[-1_000:]) == {LONGEST_S}
    assert len(waits) < 1_440 + 60


def test_counts_of_an_hour_take_little_room_in_the_journal_and_are_read_back(tmp_path):
    log = journal.Journal(str(tmp_path), head())
    log.frame(frame(0.0))
    before = os.path.getsize(log.path)
    counts = [Counted(0.0, {})] + [
        Counted(60.0 * minute, dict.fromkeys(UNITS, 123_456_789.0 * minute))
        for minute in range(1, 61)
    ]  # fmt: skip
    for counted in counts:
        log.counted(counted)
    assert os.path.getsize(log.path) - before < 10_000
    log.frame(frame(3_600.0))
    log.event(Event(1.0, "", COUNTING, "vLLM"))
    log.close(RunEnd(3_600.0, "completed", 0))
    raw = journal.read(log.path)
    assert raw.counts == tuple(counts)
    assert len(raw.frames) == 2
    assert raw.events[0].why == "vLLM"


def test_a_run_that_was_killed_keeps_the_last_known_counts(tmp_path):
    log = journal.Journal(str(tmp_path), head())
    log.frame(frame(0.0))
    log.counted(Counted(0.0, {}))
    log.counted(Counted(3.0, {"requests": 7.0}))
    log.newest(frame(4.0))
    log.abandon()
    assert journal.read(log.path).counts[-1] == Counted(3.0, {"requests": 7.0})


def test_a_journal_from_before_there_were_counts_has_none(tmp_path):
    log = journal.Journal(str(tmp_path), head())
    log.frame(frame(0.0))
    log.close(RunEnd(0.0, "completed", 0))
    assert journal.read(log.path).counts == () == RawRun(head(), ()).counts
