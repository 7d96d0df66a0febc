"""Servers on loopback that show metrics pages as vLLM, SGLang, TGI, llama.cpp and Triton document them, and bad ones.

Started as a program it counts by itself: ``python tests/fake_server.py KIND PORT SECONDS``, ten requests a second.
"""

import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

INPUT_A_REQUEST, OUTPUT_A_REQUEST, CACHED_A_REQUEST = 120, 40, 30


def family(name, kind, samples, created=None):
    """A metric as ``prometheus_client`` writes it, in the text format 0.0.4."""
    lines = [f"# HELP {name} What it counts.", f"# TYPE {name} {kind}"]
    lines += [f"{name}{suffix}{{{labels}}} {value!r}" for suffix, labels, value in samples]
    if created is not None:
        base = name.removesuffix("_total")
        lines += [f"# HELP {base}_created When.", f"# TYPE {base}_created gauge", f"{base}_created {created!r}"]
    return "\n".join(lines) + "\n"


def vllm(requests, engine="0"):
    labels = f'engine="{engine}",model_name="a/model"'
    return (
        family("vllm:num_requests_running", "gauge", [("", labels, 3.0)])
        + family("vllm:prefix_cache_queries_total", "counter", [("", labels, 1.0 * INPUT_A_REQUEST * requests)], 1.7e9)
        + family("vllm:prefix_cache_hits_total", "counter", [("", labels, 1.0 * CACHED_A_REQUEST * requests)], 1.7e9)
        + family("vllm:prompt_tokens_total", "counter", [("", labels, 1.0 * INPUT_A_REQUEST * requests)], 1.7e9)
        + family("vllm:generation_tokens_total", "counter", [("", labels, 1.0 * OUTPUT_A_REQUEST * requests)], 1.7e9)
        + family(
            "vllm:request_success_total",
            "counter",
            [
                ("", f'{labels},finished_reason="stop"', float(requests - requests // 4)),
                ("", f'{labels},finished_reason="length"', float(requests // 4)),
                ("", f'{labels},finished_reason="abort"', 0.0),
            ],
            1.7e9,
        )
        + family(
            "vllm:iteration_tokens_total",
            "histogram",
            [("_bucket", f'{labels},le="1.0"', 3.0), ("_sum", labels, 9e9), ("_count", labels, 7e9)],
        )
    )


def sglang(requests):
    labels = 'model_name="a/model"'
    return (
        family("sglang:prompt_tokens_total", "counter", [("", labels, 1.0 * INPUT_A_REQUEST * requests)])
        + family("sglang:generation_tokens_total", "counter", [("", labels, 1.0 * OUTPUT_A_REQUEST * requests)])
        + family(
            "sglang:cached_tokens_total",
            "counter",
            [
                ("", f'{labels},cache_source="device"', 20.0 * requests),
                ("", f'{labels},cache_source="host"', 10.0 * requests),
            ],
        )
        + family("sglang:num_requests_total", "counter", [("", labels, float(requests))])
        + family("sglang:cache_hit_rate", "gauge", [("", labels, 0.25)])
    )


def tgi(requests):
    """Its counters are made at the first request."""
    page = "# TYPE tgi_queue_size gauge\ntgi_queue_size 0\n"
    if requests:
        page += (
            f"# TYPE tgi_request_count counter\ntgi_request_count {requests + 2}\n\n"
            f"# TYPE tgi_request_success counter\ntgi_request_success {requests}\n\n"
            "# TYPE tgi_request_input_length histogram\n"
            f'tgi_request_input_length_bucket{{le="1"}} 0\n'
            f'tgi_request_input_length_bucket{{le="+Inf"}} {requests}\n'
            f"tgi_request_input_length_sum {INPUT_A_REQUEST * requests}\ntgi_request_input_length_count {requests}\n\n"
            "# TYPE tgi_request_generated_tokens histogram\n"
            f"tgi_request_generated_tokens_sum {OUTPUT_A_REQUEST * requests}\n"
            f"tgi_request_generated_tokens_count {requests}\n"
        )
    return page


def llamacpp(requests):
    return (
        "# HELP llamacpp:prompt_tokens_total Number of prompt tokens processed.\n"
        "# TYPE llamacpp:prompt_tokens_total counter\n"
        f"llamacpp:prompt_tokens_total {INPUT_A_REQUEST * requests}\n"
        "# TYPE llamacpp:tokens_predicted_total counter\n"
        f"llamacpp:tokens_predicted_total {OUTPUT_A_REQUEST * requests}\n"
        "# TYPE llamacpp:predicted_tokens_seconds gauge\nllamacpp:predicted_tokens_seconds 33.2\n"
    )


def triton(requests):
    return family(
        "nv_inference_request_success",
        "counter",
        [("", 'model="a",version="1"', requests - 1), ("", 'model="b",version="1"', 1)],
    )


PAGES = {"vLLM": vllm, "SGLang": sglang, "TGI": tgi, "llama.cpp": llamacpp, "Triton": triton}


class FakeServer:
    """Shows ``page()`` at /metrics. It counts what it was asked."""

    def __init__(self, page, port=0, content_type="text/plain; version=0.0.4; charset=utf-8", moved=None):
        self.page, self.content_type, self.moved, self.asked = page, content_type, moved or {}, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                there = self.path.startswith("/metrics") and self.path not in outer.moved
                body = outer.page() if there else b""
                body = body if isinstance(body, bytes) else body.encode()
                outer.asked.append((self.path, dict(self.headers)))
                self.send_response(200 if there else 307 if self.path in outer.moved else 404)
                if self.path in outer.moved:
                    self.send_header("Location", outer.moved[self.path])
                self.send_header("Content-Type", outer.content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args):
                """No line for each request."""

        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/metrics"

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_fault):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class RawServer:
    """Answers each connection with the given pieces of bytes, ``pause_s`` between them, and then hangs up."""

    def __init__(self, *pieces, pause_s=0.0):
        self._pieces, self._pause_s = pieces, pause_s
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/metrics"

    def __enter__(self):
        threading.Thread(target=self._answer, daemon=True).start()
        return self

    def __exit__(self, *_fault):
        self._socket.close()

    def _answer(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._say, args=(connection,), daemon=True).start()

    def _say(self, connection):
        with connection:
            try:
                connection.recv(65_536)
                for piece in self._pieces:
                    connection.sendall(piece)
                    time.sleep(self._pause_s)
            except OSError:
                pass


def free_port():
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


if __name__ == "__main__":
    kind, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    began_s = time.monotonic()
    with FakeServer(lambda: PAGES[kind](int(10 * (time.monotonic() - began_s)) + 1), port) as server:
        print(server.port, flush=True)
        end_s = began_s + seconds
        while time.monotonic() < end_s:
            sum(range(200_000))
            time.sleep(0.005)
