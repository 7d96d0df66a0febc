"""Asking for a metrics page, over real sockets: good answers, bad ones, late ones, endless ones."""

import pytest
from fake_server import FakeServer, RawServer, free_port, vllm

from footprint import scrape
from footprint.errors import UsageError
from footprint.scrape import Address, Got, NotGot, address_of, get

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


def why(url):
    answer = get(address_of(url))
    assert isinstance(answer, NotGot), answer
    assert answer.why.isprintable()
    return answer.why


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8000/metrics", Address("127.0.0.1", 8000, "/metrics")),
        ("http://localhost:8000", Address("localhost", 8000, "/metrics")),
        ("http://[::1]:8000/", Address("::1", 8000, "/metrics")),
        ("http://gpu-7/stats?model=a", Address("gpu-7", 80, "/stats?model=a")),
    ],
)
def test_an_address_is_read_and_its_path_may_be_left_out(url, address):
    assert address_of(url) == address


@pytest.mark.parametrize(
    "url",
    ["", "8000", "127.0.0.1:8000/metrics", "https://127.0.0.1/metrics", "ftp://x/", "http://", "http://a:b/", "http://a:99999/",
     "http://[::1/", "http://me:secret@127.0.0.1/metrics", "http://127.0.0.1/é", "http://127.0.0.1/a b", "http://127.0.0.1/a\r\nX: y",
     "file:///etc/passwd"],
)  # fmt: skip
def test_what_is_no_address_is_one_clear_line_without_a_password_in_it(url):
    with pytest.raises(UsageError) as fault:
        address_of(url)
    assert str(fault.value).isprintable()
    assert "secret" not in str(fault.value)


def test_only_loopback_addresses_are_this_machine():
    here = ("http://127.0.0.1:1", "http://127.9.9.9:1", "http://localhost:1", "http://[::1]:1")
    assert all(address_of(url).is_here for url in here)
    away = ("http://192.168.0.7:1", "http://example.org", "http://localhost.example.org", "http://[fe80::1]:1")
    assert not any(address_of(url).is_here for url in away)


def test_a_page_is_asked_for_once_plainly_and_comes_whole():
    with FakeServer(lambda: vllm(3)) as server:
        answer = get(address_of(server.url))
    assert answer == Got(vllm(3).encode(), whole=True, open_metrics=False)
    ((path, headers),) = server.asked
    assert (path, headers["Accept-Encoding"], headers["Connection"]) == ("/metrics", "identity", "close")
    assert "Authorization" not in headers
    assert "openmetrics" not in headers["Accept"]


def test_a_page_without_a_length_is_whole_for_all_that_is_known_only_if_it_came_in_chunks():
    with RawServer(b"HTTP/1.0 200 OK\r\n\r\na_total 7\n") as server:
        assert get(address_of(server.url)) == Got(b"a_total 7\n", whole=False, open_metrics=False)
    chunked = (
        HEAD.replace(b"text/plain", b"application/openmetrics-text; version=1.0.0")
        + b"Transfer-Encoding: chunked\r\n\r\n"
    )
    with RawServer(chunked + b"a\r\na_total 7\n\r\n0\r\n\r\n") as server:
        assert get(address_of(server.url)) == Got(b"a_total 7\n", whole=True, open_metrics=True)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (HEAD + b"Content-Length: 100\r\n\r\na_total 7\n", "cut off"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\na_total 7\n", "cut off"),
        (HEAD + b"Content-Length: 200000000\r\n\r\na_total 7\n", "longer than 8 MB"),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab", "compressed"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "404 Not Found"),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "503 Busy"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://example.org/metrics\r\n\r\n", "leads elsewhere"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/metrics\r\n\r\n", "leads elsewhere"),
        (b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/metrics\r\n\r\n", "leads elsewhere"),
        (b"HTTP/1.1 302 Found\r\n\r\n", "leads elsewhere"),
        (b"HTTP/1.1 307 Temporary\r\nLocation: /metrics\r\n\r\n", "one page to another"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "no HTTP"),
        (b"\x16\x03\x01\x02\x00\x01\x00", "no HTTP"),
        (b"", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n", "no HTTP"),
    ],
)
def test_bad_answers_are_refused_with_why(answer, said):
    with RawServer(answer) as server:
        assert said in why(server.url)


def test_a_page_without_end_is_given_up_at_8_megabytes():
    with RawServer(HEAD + b"\r\n", *[b"a_total 7\n" * 100_000] * 20) as server:
        assert "longer than 8 MB" in why(server.url)


def test_a_server_that_says_nothing_or_drips_is_not_waited_for():
    with RawServer(b"", pause_s=5) as server:
        assert "did not answer within 0.5 s" in why(server.url)
    with RawServer(HEAD + b"\r\n", *[b"a_total 7\n"] * 100, pause_s=0.05) as server:
        assert "did not answer within 0.5 s" in why(server.url)


def test_nobody_at_an_address_is_told_apart_from_a_bad_answer():
    answer = get(Address("127.0.0.1", free_port(), "/metrics"))
    assert answer == NotGot("nobody listens there", nobody=True)
    with RawServer(b"") as server:
        assert get(address_of(server.url)).nobody is False


def test_a_redirect_to_another_path_of_the_same_server_is_followed_once():
    """As ``/metrics`` to ``/metrics/``, where a page is mounted below a path. Another port is another server."""
    with FakeServer(lambda: "a_total 7\n", moved={"/metrics": "/metrics/"}) as server:
        assert get(address_of(server.url)).data == b"a_total 7\n"
    assert [path for path, _ in server.asked] == ["/metrics", "/metrics/"]


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    with FakeServer(lambda: "a_total 7\n") as server:
        assert isinstance(get(address_of(server.url)), Got)
    assert scrape.TIMEOUT_S <= 0.5
