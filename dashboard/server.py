"""Listening on this machine alone."""

from __future__ import annotations

import errno
import signal
import socket
from collections.abc import Callable
from types import FrameType

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from footprint.errors import NotPossible

ADDRESS = "127.0.0.1"
FIRST_PORT, TRIES = 8050, 20
BACKLOG = 128


class Quiet(WSGIRequestHandler):
    """Answers without a line in the terminal for each request; errors are still told."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the page is one reader's own."""


def listen(port: int | None) -> socket.socket:
    """A socket that listens on ``port``, or on the first free one from 8050 on where none is named."""
    for number in [port] if port is not None else range(FIRST_PORT, FIRST_PORT + TRIES):
        taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((ADDRESS, number))
            taken.listen(BACKLOG)
        except OSError as problem:
            taken.close()
            if port is not None:
                raise _refused(port, problem) from problem
        else:
            return taken
    last = FIRST_PORT + TRIES - 1
    raise NotPossible("no free port", f"{FIRST_PORT} to {last} are all taken", "name one with --port N")


def serving(application: Flask, listening: socket.socket) -> BaseWSGIServer:
    """A server on a socket. Werkzeug's threads are enough: the page has one reader, on this machine."""
    number = listening.getsockname()[1]
    return make_server(ADDRESS, number, application, threaded=True, request_handler=Quiet, fd=listening.fileno())


def serve(server: BaseWSGIServer, announce: Callable[[], None]) -> None:
    """Announce, and answer until Ctrl-C or SIGTERM; both end it at once and quietly."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        announce()
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _refused(port: int, problem: OSError) -> NotPossible:
    if problem.errno == errno.EADDRINUSE:
        why = "another program listens there"
    elif problem.errno == errno.EACCES:
        why = "this user may not use it"
    else:
        why = problem.strerror or str(problem)
    return NotPossible(f"port {port} cannot be used", why, "name another with --port N, or none to take a free one")
