"""Metrics pages: what is read of good ones, and that bad ones are refused with a reason, whatever they hold."""

import pytest
from fake_server import PAGES, vllm
from hypothesis import given
from hypothesis import strategies as st

from footprint.serving.exposition import NoPage, Page, parse

A = ("a_total", ())


def counts(text, *wanted, **more):
    page = parse(text.encode(), set(wanted), **more)
    assert isinstance(page, Page), page
    return page.counts


def refused(data, **more):
    page = parse(data if isinstance(data, bytes) else data.encode(), {"a_total"}, **more)
    assert isinstance(page, NoPage), page
    return page.why


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("a_total 7", 7.0),
        ("a_total 7.0 1700000000000", 7.0),
        ("a_total{} 1e3", 1000.0),
        ("\ta_total\t 1.5E+2 \r", 150.0),
        ('a_total 7 # {trace_id="KOO5S4vxi0o"} 0.67', 7.0),
        ("a_total 7 # {} 0.67 1520879607.789", 7.0),
        ("a_total .5", 0.5),
        ("a_total 0", 0.0),
    ],
)  # fmt: skip
def test_a_sample_is_read_in_every_form_that_the_formats_allow(line, value):
    assert counts(line + "\n", "a_total") == {A: value}


def test_labels_tell_series_apart_whatever_stands_in_their_values():
    text = (
        'a_total{b="1",a="x} 9 # {"} 1\na_total{a="\\"\\\\\\n",} 2\na_total{a = "y" , b = "2"} 3\na_total{a="été"} 4\n'
    )
    assert counts(text, "a_total") == {
        ("a_total", (("a", "x} 9 # {"), ("b", "1"))): 1.0,
        ("a_total", (("a", '"\\\n'),)): 2.0,
        ("a_total", (("a", "y"), ("b", "2"))): 3.0,
        ("a_total", (("a", "été"),)): 4.0,
    }


def test_of_a_series_that_stands_twice_the_first_counts():
    assert counts("a_total 7\na_total 9\n", "a_total") == {A: 7.0}


def test_names_that_were_not_asked_for_are_left_out_also_created_and_buckets():
    text = 'a_created 1.7e9\na_total 7\na_total_bucket{le="1"} 2\nb_total 3\na_totals 4\n'
    assert counts(text, "a_total") == {A: 7.0}


@pytest.mark.parametrize("value", ["NaN", "nan", "+Inf", "-Inf", "-1", "-1e300"])
def test_what_is_no_count_is_told_and_not_taken_for_one(value):
    page = parse(f"a_total {value}\nb_total 2\n".encode(), {"a_total", "b_total"})
    assert page == Page({("b_total", ()): 2.0}, {"a_total": value})


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("<!DOCTYPE html><html><body>a_total 7</body></html>", "HTML"),
        ("\n  <html>", "HTML"),
        ('{"a_total": 7}\n', "no metrics"),
        ("[1, 2]\n", "line 1 is no metric"),
        ("Not found\n", "line 1 is no metric"),
        ("ok\n", "line 1 is no metric"),
        ("# a comment\n", "no metrics"),
        ("a_total 7\nb_total\n", "line 2 is no metric"),
        ("a_total seven\n", "line 1 is no metric"),
        ("a_total 1_000\n", "line 1 is no metric"),
        ("a_total 0x10\n", "line 1 is no metric"),
        ('a_total{a="1} 7\n', "line 1 is no metric"),
        ("a_total{a=1} 7\n", "labels in its line 1"),
        ("a-total 7\n", "line 1 is no metric"),
        (b"\x00\x01\x02\xff\xfe\n", "line 1 is no metric"),
        (b"\x1f\x8b\x08\x00 gzip", "line 1 is no metric"),
        ("a_total " + "7" * 70_000 + "\n", "line 1 is no metric"),
    ],
)
def test_what_is_no_metrics_page_is_refused_with_why(data, why):
    said = refused(data)
    assert why in said
    assert len(said) < 120
    assert said.isprintable()


def test_a_page_that_was_cut_off_is_refused_where_that_can_be_seen():
    assert "cut off" in refused("a_total 7\nb_tot", whole=False)
    assert "cut off" in refused('a_total 7\na_total{b="1"} 1', whole=False)
    assert "cut off" in refused("a_total 7\n", open_metrics=True)
    assert counts("a_total 7\n# EOF\n", "a_total", open_metrics=True) == {A: 7.0}
    assert counts("a_total 7\n# EOF", "a_total", open_metrics=True) == {A: 7.0}
    assert counts("a_total 7", "a_total") == {A: 7.0}, "its length was told: the missing end of line is a habit"


def test_an_empty_page_has_counted_nothing_yet():
    """Some servers make a counter at the first request."""
    assert counts("", "a_total") == {}
    assert counts("# TYPE b_total counter\nb_total 3\n", "a_total") == {}


def test_a_page_without_end_is_refused():
    many = "".join(f'a_total{{n="{n}"}} 1\n' for n in range(10_001))
    assert "10,000 series" in refused(many)


@pytest.mark.parametrize("kind", PAGES)
def test_the_documented_pages_are_read_whole_and_not_when_cut_in_a_line(kind):
    text = PAGES[kind](7)
    names = {line.split("{")[0].split(" ")[0] for line in text.splitlines() if line and line[0] != "#"}
    whole = parse(text.encode(), names)
    assert isinstance(whole, Page)
    assert len(whole.counts) == sum(line[:1] not in {"", "#"} for line in text.splitlines())
    for length in range(1, len(text), 11):
        cut = parse(text.encode()[:length], names, whole=False)
        assert isinstance(cut, NoPage) or text[length - 1] == "\n"


@given(st.binary(max_size=400), st.booleans(), st.booleans())
def test_no_bytes_raise_anything(data, whole, open_metrics):
    for some in (data, vllm(3).encode() + data, data + b"\na_total 7\n"):
        page = parse(some, {"a_total", "vllm:prompt_tokens_total"}, whole=whole, open_metrics=open_metrics)
        assert isinstance(page, Page | NoPage)


@given(st.text(st.sampled_from('a_total{}=",\\ 1.eE+-NaInf#\n\t\r'), max_size=80))
def test_no_text_that_is_nearly_a_page_raises_or_gives_what_is_no_count(text):
    page = parse(text.encode(), {"a", "a_total"})
    if isinstance(page, Page):
        assert all(0 <= value < float("inf") for value in page.counts.values())


names = st.from_regex(r"[a-z_:][a-z0-9_:]{0,8}", fullmatch=True)
labels = st.dictionaries(st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True), st.text(max_size=6), max_size=3)
series = st.tuples(names, labels.map(lambda one: tuple(sorted(one.items()))))


@given(st.dictionaries(series, st.floats(0, 1e18), max_size=8))
def test_what_is_written_by_the_format_is_read_back(written):
    def line(name, labels, value):
        escaped = [(key, text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")) for key, text in labels]
        inside = ",".join(f'{key}="{text}"' for key, text in escaped)
        return f"{name}{{{inside}}} {value!r}\n"

    text = "# TYPE x counter\n" + "".join(line(*one, value) for one, value in written.items())
    assert counts(text, *{name for name, _ in written}) == written
