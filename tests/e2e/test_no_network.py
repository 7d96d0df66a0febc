"""Nothing asks the network: neither while measuring nor in the verbs that look at runs."""

import os
import subprocess
import sys

import pytest

# An audit hook sees every attempt to name a host, to connect or to send, by whichever module.
GUARD = """
import sys
def refuse(event, details):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.connect", "socket.sendto"):
        address = details[1] if event in ("socket.connect", "socket.sendto") else details[0]
        if not isinstance(address, (str, bytes)) or event.startswith("socket.get"):  # a path: a socket on this machine
            sys.stderr.write(f"ASKED THE NETWORK: {event} {details!r}\\n")
            sys.stderr.flush()
sys.addaudithook(refuse)
"""


@pytest.fixture
def guarded(tmp_path):
    """Python processes that say so when the network is asked, children too."""
    (tmp_path / "sitecustomize.py").write_text(GUARD)

    def run(*arguments):
        environ = os.environ | {"PYTHONPATH": str(tmp_path)}
        return subprocess.run(
            [sys.executable, *arguments], env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )  # fmt: skip

    return run


def test_the_guard_sees_an_attempt(guarded):
    code = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('127.0.0.1', 9))"
    assert "ASKED THE NETWORK" in guarded("-c", code).stderr


def test_no_verb_asks_the_network(guarded):
    done = guarded("-m", "footprint", "run", "--name", "quiet", "--", sys.executable, "-c", "sum(range(1000))")
    assert "footprint show" in done.stderr
    verbs = (["list"], ["show", "last"], ["explain", "last"], ["doctor"], ["factors", "show", "FR"], ["store", "check"])
    for verb in verbs:
        answer = guarded("-m", "footprint", *verb)
        assert answer.returncode == 0, (verb, answer.stderr)
        assert "ASKED THE NETWORK" not in answer.stderr + done.stderr, verb


def test_tracking_does_not_ask_the_network(guarded):
    code = "import footprint\nwith footprint.track('quiet') as run: sum(range(1000))\nprint(run.result)"
    done = guarded("-c", code)
    assert (done.returncode, done.stderr) == (0, "")
