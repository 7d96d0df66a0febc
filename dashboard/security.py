"""Who may ask, and what a page may load: this machine alone, in both."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, request

NAMES = frozenset({"127.0.0.1", "localhost"})
"""Host names under which the page answers. Any other is a stranger's name that was pointed here (DNS rebinding)."""


def policy(script_hashes: Sequence[str]) -> str:
    """The Content-Security-Policy: all from here; scripts inline only by hash."""
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *script_hashes]),
        # Plotly, the grid and React set styles on elements; a style cannot run code.
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "object-src": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def is_ours(host: str) -> bool:
    """Whether a Host header names this machine."""
    return host.rsplit(":", 1)[0] in NAMES if ":" in host else host in NAMES


def guard(server: Flask, script_hashes: Sequence[str]) -> None:
    """Turn strangers' names away and send the headers with every answer."""
    headers = {
        "Content-Security-Policy": policy(script_hashes),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
    }

    @server.before_request
    def known_name() -> Response | None:
        if is_ours(request.environ.get("HTTP_HOST", "")):
            return None
        return Response("This page answers to 127.0.0.1 and localhost alone.\n", 403, mimetype="text/plain")

    @server.after_request
    def strict(response: Response) -> Response:
        response.headers.update(headers)
        return response
