"""Asks a server for its metrics page: one request, never for long, never for much. Nothing here raises for what comes.

``http.client`` knows no proxies, cookies or passwords, and no other host is asked than the one that was named.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from footprint.errors import UsageError

if TYPE_CHECKING:
    from http.client import HTTPResponse
    from socket import socket as Socket  # noqa: N812 - the name below is the one that reads well

TIMEOUT_S = 0.5
LARGEST = 8_000_000
"""Bytes of a page. One of vLLM has some 100,000."""
_LEAST_S = 0.01
_CHUNK = 65_536
_PATH = "/metrics"
_LOOPBACK = ("localhost", "::1")
_REDIRECTS = (301, 302, 307, 308)
_LATE = f"it did not answer within {TIMEOUT_S} s"
_CUT_OFF = "it is cut off: less came than its length says"
_TOO_LONG = f"it is longer than {LARGEST // 1_000_000} MB, which no metrics page is"
_HEADERS = {
    # Not OpenMetrics where there is a choice: client libraries write vllm_… for vllm:… there.
    "Accept": "text/plain;version=0.0.4, */*;q=0.1",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "footprint",
}


class Address(NamedTuple):
    """Where a page is."""

    host: str
    port: int
    path: str

    @property
    def is_here(self) -> bool:
        """Whether it is this machine by its loopback address."""
        return self.host in _LOOPBACK or self.host.startswith("127.")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}{self.path}"


class Got(NamedTuple):
    """A page as it came."""

    data: bytes
    whole: bool
    """Its length was told, or its end: nothing can be missing."""
    open_metrics: bool


class NotGot(NamedTuple):
    """No page, and why: for a person."""

    why: str
    nobody: bool = False
    """Nobody listens at that address."""


def address_of(url: str) -> Address:
    """The address of ``http://127.0.0.1:8000/metrics``; without a path, ``/metrics``. Raises UsageError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme != "http" or not host:
        raise UsageError(f"--metrics {url!r}", "it is no address", "write it like http://127.0.0.1:8000/metrics")
    if parts.username is not None or parts.password is not None:
        raise UsageError("--metrics", "a password in an address is seen by others", "give an address without one")
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise UsageError(f"--metrics {url!r}", "an address has no such letters", "write them as %20 and the like")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(host, 80 if port is None else port, _PATH if path == "/" else path)


def get(address: Address, timeout_s: float = TIMEOUT_S) -> Got | NotGot:
    """The page at an address. A redirect is followed once, and only to another path of the same server."""
    # Here and not above: these 20 ms are for the thread that reads, not for the job that is about to start.
    import http.client  # noqa: F401 - the first time takes long: before the clock runs

    end_s = time.monotonic() + timeout_s
    for _ in range(2):
        answer = _ask(address, end_s)
        if not isinstance(answer, Address):
            return answer
        address = answer
    return NotGot("it only leads from one page to another")


def _ask(address: Address, end_s: float) -> Got | NotGot | Address:
    import http.client

    host = "127.0.0.1" if address.host == "localhost" else address.host
    connection = http.client.HTTPConnection(host, address.port, timeout=max(_LEAST_S, end_s - time.monotonic()))
    try:
        connection.request("GET", address.path, headers=_HEADERS)
        socket = connection.sock  # the connection forgets it where the server will close it
        response = connection.getresponse()
        if response.status in _REDIRECTS:
            return _led_to(address, response)
        return _refused(response) or _read(response, socket, end_s)
    except (http.client.HTTPException, OSError, ValueError) as fault:
        return NotGot(_said(fault), nobody=isinstance(fault, ConnectionRefusedError))
    finally:
        connection.close()


def _said(fault: Exception) -> str:
    """What went wrong, for a person."""
    import http.client

    if isinstance(fault, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(fault, TimeoutError):
        return _LATE
    if isinstance(fault, http.client.IncompleteRead):
        return _CUT_OFF
    if isinstance(fault, http.client.HTTPException):
        return f"what answers there speaks no HTTP ({type(fault).__name__})"
    return str(getattr(fault, "strerror", None) or fault or type(fault).__name__)


def _refused(response: HTTPResponse) -> NotGot | None:
    """Why a page is not read at all, by what is said of it beforehand."""
    if response.status != 200:
        return NotGot(f"it answers {response.status} {response.reason}".rstrip())
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return NotGot("it is compressed, which was not asked for")
    if response.length is not None and response.length > LARGEST:
        return NotGot(_TOO_LONG)
    return None


def _read(response: HTTPResponse, socket: Socket, end_s: float) -> Got | NotGot:
    """The page, in pieces, each of them in what is left of the time."""
    length, data = response.length, bytearray()
    while time.monotonic() < end_s:
        socket.settimeout(max(_LEAST_S, end_s - time.monotonic()))
        some = response.read1(_CHUNK)
        data += some
        if len(data) > LARGEST:
            return NotGot(_TOO_LONG)
        if not some or len(data) == length:
            break
    else:
        return NotGot(_LATE)
    if length is not None and len(data) < length:
        return NotGot(_CUT_OFF)
    kind = response.headers.get("Content-Type", "")
    return Got(bytes(data), length is not None or response.chunked, "openmetrics" in kind.lower())


def _led_to(address: Address, response: HTTPResponse) -> Address | NotGot:
    """Where a redirect leads, if to the same server."""
    target = response.headers.get("Location", "")
    try:
        parts = urlsplit(target)
        same = not parts.netloc or (parts.scheme == "http" and (parts.port or 80) == address.port)
        same = same and parts.hostname in {None, address.host}
    except ValueError:
        same = False
    if not same or not parts.path.startswith("/"):
        return NotGot(f"it answers {response.status} and leads elsewhere")
    return address._replace(path=parts.path + (f"?{parts.query}" if parts.query else ""))
