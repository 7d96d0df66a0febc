"""Servers on 127.0.0.1 that answer as meters do, or as broken ones: real sockets, no network."""

import contextlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

POWER = {"PowerControl": [{"Name": "System Power Control", "PowerConsumedWatts": 344, "PowerCapacityWatts": 800}]}
"""After the example of the DMTF's Power schema."""
METRICS = {"PowerWatts": {"Reading": 374, "DataSourceUri": "/redfish/v1/Chassis/1U/Sensors/TotalPower"}}
SHELLY = {"id": 0, "output": True, "apower": 212.5, "voltage": 231.2, "aenergy": {"total": 1203.412}}
"""After https://shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices/Switch"""
TASMOTA = {"StatusSNS": {"Time": "2026-11-25T10:00:00", "ENERGY": {"Total": 12.345, "Power": 187, "Voltage": 230}}}
"""After https://tasmota.github.io/docs/Commands/#management, Status 8."""


def controller(power=POWER, *, chassis=("1U",), model="Power"):
    """The pages of a management controller."""
    root = "/redfish/v1/Chassis"
    pages = {root: {"Members": [{"@odata.id": f"{root}/{name}"} for name in chassis]}}
    for name in chassis:
        pages[f"{root}/{name}"] = {"Id": name, model: {"@odata.id": f"{root}/{name}/{model}"}}
        pages[f"{root}/{name}/{model}"] = power
    return pages


class FakeMeter:
    """Answers by path. A page is JSON, bytes as they are, a status, or a function of the request."""

    def __init__(self, pages):
        self.pages = pages
        self.asked = []
        self.logins = []
        meter = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                meter.asked.append(self.path)
                meter.logins.append(self.headers.get("Authorization"))
                page = meter.pages.get(self.path, 404)
                with contextlib.suppress(OSError):  # whoever asked has gone
                    meter.answer(self, page(self) if callable(page) else page)

            def log_message(self, *_words):
                """Nothing is printed."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @staticmethod
    def answer(handler, page):
        if page is None:
            return
        status = page if isinstance(page, int) else 200
        body = page if isinstance(page, bytes) else b"" if isinstance(page, int) else json.dumps(page).encode()
        handler.send_response(status)
        if 300 <= status < 400:
            handler.send_header("Location", "http://127.0.0.1:9/elsewhere")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def cut_off(handler):
    """Less than its length says."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"apower": 1')
    handler.close_connection = True


def no_http(handler):
    """Something else than HTTP."""
    handler.wfile.write(b"220 mail.example ESMTP\r\n\r\n")
    handler.close_connection = True


def late(seconds):
    """An answer that comes late."""

    def page(_handler):
        time.sleep(seconds)
        return SHELLY

    return page


LONG = b'{"apower": "' + b"9" * 1_100_000 + b'"}'
BROKEN = {
    # what answers: a word of what is said of it
    "HTML": (b"<!DOCTYPE html><html>log in</html>", "HTML"),
    "half of it": (cut_off, "cut off"),
    "no JSON": (b"OK", "no JSON"),
    "nothing": (b"", "nothing"),
    "half of JSON": (b'{"apower": 1', "no JSON"),
    "a list": ([1, 2], "no "),
    "401": (401, "login"),
    "403": (403, "may not"),
    "404": (404, "no such path"),
    "500": (500, "500"),
    "elsewhere": (302, "leads elsewhere"),
    "1.1 MB": (LONG, "longer than"),
    "no HTTP": (no_http, "no HTTP"),
    "another encoding": ("é".encode("utf-16"), "no JSON"),
    "deep": (b"[" * 200_000, "no JSON"),
}
