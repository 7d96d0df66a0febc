"""One small answer of a server that the user named: a GET, within a time, no redirects, no proxies, nothing kept.

Loaded where a meter is named in the settings, and nowhere else.
"""

import base64
import http.client
import ssl
from urllib.parse import urlsplit

from footprint.collectors.named import Address

_LARGEST = 1_000_000
"""Bytes; a plug's answer has about 1,000, a controller's about 10,000."""
_CHUNK = 65_536
_REASONS = {
    401: "it asks for a login, or does not take the one it got",
    403: "the login may not read this",
    404: "it knows no such path",
}


def get(address: Address, path: str, timeout_s: float) -> bytes:
    """What the server says at a path. OSError, with words for people, for all that is no answer of status 200."""
    connection = _connection(address, timeout_s)
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "footprint"}
    if address.login:
        headers["Authorization"] = "Basic " + base64.b64encode(address.login.encode()).decode("ascii")
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        if response.status != 200:
            raise OSError(_refused(response))
        return _read(response)
    except ssl.SSLCertVerificationError as fault:
        raise OSError(f"its certificate is not trusted ({fault.verify_message})") from None
    except TimeoutError:
        raise OSError(f"it did not answer within {timeout_s:g} s") from None
    except http.client.IncompleteRead:
        raise OSError("its answer is cut off") from None
    except (http.client.HTTPException, ValueError) as fault:
        raise OSError(f"what answers there speaks no HTTP ({type(fault).__name__})") from None
    except ConnectionRefusedError:
        raise OSError("nobody listens there") from None
    finally:
        connection.close()


def path_of(url: str) -> str:
    """The path of an address, with its query."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _connection(address: Address, timeout_s: float) -> http.client.HTTPConnection:
    parts = urlsplit(address.url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=timeout_s)
    return http.client.HTTPSConnection(host, parts.port, timeout=timeout_s, context=_trust(address))


def _trust(address: Address) -> ssl.SSLContext:
    """Whose word is believed. A certificate that the user named stands for itself, whatever name is written in it."""
    context = ssl.create_default_context(cafile=address.certificate or None)
    if address.certificate or not address.verify:
        context.check_hostname = False
    if not address.verify:
        context.verify_mode = ssl.CERT_NONE
    return context


def _read(response: http.client.HTTPResponse) -> bytes:
    data = bytearray()
    while some := response.read(_CHUNK):
        data += some
        if len(data) > _LARGEST:
            raise OSError(f"its answer is longer than {_LARGEST // 1_000_000} MB")
    if response.length:
        raise OSError("its answer is cut off")
    return bytes(data)


def _refused(response: http.client.HTTPResponse) -> str:
    if 300 <= response.status < 400:
        return f"it answers {response.status} and leads elsewhere: name that address"
    reason = _REASONS.get(response.status)
    return f"it answers {response.status}" + (f": {reason}" if reason else "")
