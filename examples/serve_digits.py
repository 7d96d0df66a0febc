"""Serve a small model that reads handwritten digits over HTTP, and say at the end what one request took.

    python examples/serve_digits.py --port 8008 --region FR
    curl -d '[0,0,5,13,9,1,0,0, ...]' http://127.0.0.1:8008/
    curl http://127.0.0.1:8008/metrics

A request is 64 numbers from 0 to 16, the grey of 8 x 8 pixels, as JSON; the answer is ``{"digit": 3}``. It ends at
Ctrl-C, at SIGTERM or after ``--requests``. Only this machine can reach it. No data is downloaded: the digits come with
scikit-learn. The training is not part of the run; see train_digits.py for one.
"""

import argparse
import contextlib
import json
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier

import footprint

PIXELS = 64
LONGEST = 10_000
"""Bytes of a request; longer ones are refused unread."""
J_PER_KWH = 3_600_000


class Digits(ThreadingHTTPServer):
    """Answers requests, each in a thread of its own, and counts those that got a digit."""

    daemon_threads = True

    def __init__(self, port, model, run, limit):
        super().__init__(("127.0.0.1", port), Handler)
        self.model, self.run, self.limit = model, run, limit
        self._answered, self._lock = 0, threading.Lock()

    def answered(self):
        """One more request has its answer; after the last one, stop."""
        self.run.count("requests")
        with self._lock:
            self._answered += 1
            if self._answered == self.limit:
                threading.Thread(target=self.shutdown).start()

    def metrics(self):
        """What it has counted, in the text format of Prometheus: for ``footprint attach --metrics``."""
        return (
            "# HELP digits_requests_total Requests that got a digit.\n"
            "# TYPE digits_requests_total counter\n"
            f"digits_requests_total {self._answered}\n"
        )


class Handler(BaseHTTPRequestHandler):
    """One request: pixels in, a digit out."""

    def do_GET(self):
        """Show what was counted."""
        found = self.path == "/metrics"
        body = self.server.metrics().encode() if found else b""
        self.answer(200 if found else 404, "text/plain; version=0.0.4; charset=utf-8", body)

    def do_POST(self):
        """Read the digit, or say what is wrong with the request."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LONGEST:
            self.tell(413, {"error": f"send a Content-Length of {LONGEST} or less"})
            return
        try:
            pixels = [float(value) for value in json.loads(self.rfile.read(int(length)))]
        except (ValueError, TypeError):
            pixels = []
        if len(pixels) != PIXELS or not all(0 <= value <= 16 for value in pixels):
            self.tell(400, {"error": f"send {PIXELS} numbers from 0 to 16 as JSON"})
            return
        self.tell(200, {"digit": int(self.server.model.predict([pixels])[0])})
        self.server.answered()

    def tell(self, status, content):
        """Answer as JSON."""
        self.answer(status, "application/json", json.dumps(content).encode())

    def answer(self, status, kind, body):
        """Answer with bytes of a kind."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        """No line for each request."""


def trained():
    """A model that knows the digits that it has seen."""
    images, digits = load_digits(return_X_y=True)
    return DecisionTreeClassifier(random_state=0).fit(images, digits)


def report(run):
    """What all requests took together, and one of them: a figure for one never stands without the whole."""
    result = run.result
    requests = result.units.get("requests")
    joules = result.energy.job_kwh.central * J_PER_KWH
    print(f"{requests.amount if requests else 0:.0f} requests in {result.duration_s:.1f} s: {joules:.3g} J in all")
    if requests:
        for key, scale, unit in (("job_kwh", J_PER_KWH, "J"), ("carbon_location", 1, "gCO2e")):
            low, central, high, kind = requests.per_unit[key]
            print(f"each: {central * scale:.3g} {unit} ({low * scale:.3g} to {high * scale:.3g}, {kind})")
    print(f"waiting for requests is in these figures too; see: footprint show {result.run_id}")


def main():
    """Train, serve, and report."""
    parser = argparse.ArgumentParser(description="Serve a model that reads handwritten digits, and measure it.")
    parser.add_argument("--port", type=int, default=8008, help="0: any that is free")
    parser.add_argument("--requests", type=int, default=0, help="end after so many; 0: serve until Ctrl-C")
    parser.add_argument("--region", help="where it runs: FR, US-CA, aws:eu-west-3")
    options = parser.parse_args()
    model = trained()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl-C does
    with (
        footprint.track("serve digits", project="demo", region=options.region) as run,
        Digits(options.port, model, run, options.requests) as server,
        contextlib.suppress(KeyboardInterrupt),
    ):
        print(f"serving on http://127.0.0.1:{server.server_port}/", flush=True)
        server.serve_forever(poll_interval=0.1)
    report(run)


if __name__ == "__main__":
    main()
