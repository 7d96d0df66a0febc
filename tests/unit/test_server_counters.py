"""Which counters of which server are tokens and requests, and how much they rose, whatever happened in between."""

import pytest
from fake_server import CACHED_A_REQUEST, INPUT_A_REQUEST, OUTPUT_A_REQUEST, PAGES, vllm
from hypothesis import given
from hypothesis import strategies as st

from footprint.errors import UsageError
from footprint.serving.counters import KNOWN, STARTED, Selector, found_on, names_in, selector, servers_for
from footprint.serving.exposition import Page, parse
from footprint.serving.increase import Counts, advance, begins_inside

HAS = {"vLLM": "cior", "SGLang": "cior", "TGI": "ior", "llama.cpp": "io", "Triton": "r"}
EACH = {
    "input_tokens": INPUT_A_REQUEST,
    "output_tokens": OUTPUT_A_REQUEST,
    "cached_tokens": CACHED_A_REQUEST,
    "requests": 1,
}


def read(text, servers=KNOWN):
    page = parse(text.encode(), names_in(servers))
    assert isinstance(page, Page), page
    return page


def rise(*texts, servers=KNOWN, from_zero=False):
    """What was counted over several readings, and how often it began again."""
    counts, restarts = Counts(), 0
    for text in texts:
        advanced = advance(counts, read(text, servers), servers, from_zero=from_zero)
        counts, restarts = advanced.counts, restarts + advanced.restarted
    return dict(counts.amounts), restarts


@pytest.mark.parametrize("kind", PAGES)
def test_each_known_server_is_known_by_its_counters_and_its_counts_are_right(kind):
    assert found_on(read(PAGES[kind](3)).counts, KNOWN).name == kind
    amounts, restarts = rise(PAGES[kind](3), PAGES[kind](10))
    assert amounts == {unit: 7.0 * each for unit, each in EACH.items() if unit[0] in HAS[kind]}
    assert restarts == 0


@pytest.mark.parametrize("kind", PAGES)
def test_from_its_zero_all_is_counted_that_the_first_page_shows(kind):
    amounts, _ = rise(PAGES[kind](3), from_zero=True)
    assert amounts == {unit: 3.0 * each for unit, each in EACH.items() if unit[0] in HAS[kind]}


@pytest.mark.parametrize("kind", PAGES)
def test_names_without_colons_are_known_too(kind):
    """As libraries write them in OpenMetrics: ``vllm_prompt_tokens_total``."""
    first, later = (PAGES[kind](requests).replace(":", "_") for requests in (3, 10))
    assert rise(first, later) == rise(PAGES[kind](3), PAGES[kind](10))


def test_counters_that_are_made_at_the_first_request_begin_at_zero():
    assert rise(PAGES["TGI"](0), PAGES["TGI"](0), PAGES["TGI"](2))[0] == {
        "input_tokens": 240.0,
        "output_tokens": 80.0,
        "requests": 2.0,
    }


def test_engines_and_reasons_are_added_up_and_each_may_begin_again_alone():
    both = vllm(8) + vllm(4, engine="1")
    after = vllm(1) + vllm(6, engine="1")
    amounts, restarts = rise(both, after)
    assert amounts["requests"] == 1 + 2
    assert amounts["output_tokens"] == OUTPUT_A_REQUEST * 3
    assert restarts == 1


def test_a_server_that_began_again_is_seen_by_its_start_though_its_counters_are_higher():
    began = f"{STARTED} {{}}\n"
    amounts, restarts = rise(vllm(3) + began.format(1.7e9), vllm(5) + began.format(1.7e9 + 60))
    assert (amounts["requests"], restarts) == (5.0, 1)


def test_a_counter_that_is_gone_or_no_number_for_a_while_is_not_counted_twice_nor_lost():
    counts = Counts()
    for text, there in (
        (vllm(3), True),
        ("", False),
        (vllm(5).replace(f"{5.0 * OUTPUT_A_REQUEST}", "NaN"), None),
        (vllm(7), True),
    ):
        advanced = advance(counts, read(text), KNOWN, from_zero=False)
        counts = advanced.counts
        assert ("output_tokens" in advanced.units) is bool(there)
        assert ("requests" in advanced.units) is (there is not False)
    assert counts.amounts == {unit: 4.0 * each for unit, each in EACH.items()}


def test_another_name_for_the_same_counter_that_comes_later_is_not_added():
    later = vllm(9) + 'vllm:prompt_tokens_cached_total{engine="0"} 900\n'
    assert rise(vllm(3), later)[0]["cached_tokens"] == 6.0 * CACHED_A_REQUEST
    assert rise(later, later.replace("900", "950"))[0]["cached_tokens"] == 50.0


def test_a_mapping_adds_up_all_its_counters_and_keeps_to_their_labels():
    servers = servers_for(
        {
            "requests": ['http_requests_total{path="/generate", status="200"}', "batch_requests_total"],
            "images": "images_total",
        }
    )
    page = (
        'http_requests_total{{path="/generate",status="200",method="POST"}} {0}\n'
        'http_requests_total{{path="/generate",status="500",method="POST"}} 77{0}\n'
        'http_requests_total{{path="/metrics",status="200",method="GET"}} 88{0}\n'
        "images_total {1}\n"
    )
    first, later = page.format(1, 10), page.format(4, 20) + "batch_requests_total 5\n"
    assert rise(first, later, servers=servers)[0] == {"requests": 3.0 + 5.0, "images": 10.0}
    assert found_on(read(first, servers).counts, servers).name == "your mapping"
    assert found_on(read(vllm(3), servers).counts, servers) is None, "a mapping replaces what is known"


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("a_total", ()),
        (" a:b_total {} ", ()),
        ("a_total{b='1',a=\"x y\"}", (("a", "x y"), ("b", "1"))),
    ],
)
def test_a_selector_is_a_name_with_labels(text, labels):
    assert selector(text) == Selector(text.strip().split("{")[0].strip(), labels)


@pytest.mark.parametrize(
    "mapping",
    [
        {"requests": "http requests"},
        {"requests": 'a_total{b!="1"}'},
        {"requests": 'a_total{b=~"1"}'},
        {"requests": "rate(a_total[5m])"},
        {"requests": ""},
        {"requests": []},
        {"requests": 7},
        {"requests": ["a_total", 7]},
        {"requests": {"name": "a"}},
        {"out put": "a_total"},
        {"": "a_total"},
    ],
)
def test_a_mapping_that_cannot_be_is_one_clear_line(mapping):
    with pytest.raises(UsageError) as fault:
        servers_for(mapping)
    assert "[metrics]" in str(fault.value)
    assert "\n" not in str(fault.value)


def test_the_zero_of_a_server_lies_inside_the_run_by_its_start_or_because_nobody_listened_before():
    began = {(STARTED, ()): 1_000.0}
    assert begins_inside(began, 999.0, nobody_before=False)
    assert not begins_inside(began, 1_100.0, nobody_before=True)
    assert begins_inside({}, 1.0, nobody_before=True)
    assert not begins_inside({}, 1.0, nobody_before=False)
    several = {(STARTED, (("pod", "a"),)): 1_000.0, (STARTED, (("pod", "b"),)): 10.0}
    assert not begins_inside(several, 5.0, nobody_before=False)


# One counter of a server: it counts on, it is restarted, or its page cannot be read.
steps = st.lists(st.one_of(st.integers(0, 50), st.sampled_from(["restart", "unread"])), max_size=30)


@given(st.integers(0, 1_000), steps)
def test_what_is_counted_is_never_negative_never_more_than_was_done_and_exact_without_a_restart(before, steps):
    counts, value, done, restarted = Counts(), before, 0, False
    counts = advance(counts, read(f"llamacpp:tokens_predicted_total {value}\n"), KNOWN, from_zero=False).counts
    seen = 0.0
    for step in steps:
        if step == "restart":
            value, restarted = 0, True
        elif step != "unread":
            value, done = value + step, done + step
            page = read(f"llamacpp:tokens_predicted_total {value}\n")
            counts = advance(counts, page, KNOWN, from_zero=False).counts
            assert counts.amounts["output_tokens"] >= seen
            seen = counts.amounts["output_tokens"]
    assert 0 <= seen <= done
    if not restarted:
        assert seen == done
