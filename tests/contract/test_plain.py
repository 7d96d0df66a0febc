"""``FOOTPRINT_PLAIN=1`` in every verb, on a terminal: a screen reader meets no column, box, colour or moving line.

Renew the golden files with ``UPDATE_GOLDEN=1 pytest tests/contract/test_plain.py`` and read the diff. Those of other
verbs are made beside their own tests: ``tests/golden/*-plain.txt``, and ``plain_summary-*`` for run and attach.
"""

import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import pytest
from made_journals import START, run_id, write

from footprint.cli import group
from footprint.cli.plain_help import PlainFormatter
from footprint.store.database import path_of

GOLDEN = Path(__file__).parents[1] / "golden"
FOOTPRINT = str(Path(sys.executable).with_name("footprint"))
FORBIDDEN = {
    "box drawing or blocks": re.compile("[\u2500-\u259f]"),
    "an escape sequence": re.compile("\x1b"),
    "a cursor that goes back": re.compile("[\r\b]"),
    "columns": re.compile(r"\S(?: {2,}|\t)\S"),
}
HOSTS = Path(__file__).parents[1] / "histories" / "hosts_without_sensors.csv"
OWNED = ("--owner", "Mara", "--reason", "decision 12")
VERBS = {
    # words of a verb that need no other preparation than the store and the target of the fixture
    "run": ("run", "--name", "one", "--units", "images=10", "--budget", "0.001 J", "--", sys.executable, "-c", "pass"),
    "list": ("list",),
    "show": ("show", run_id(0)),
    "explain": ("explain", run_id(0)),
    "verify": ("verify", "--all"),
    "recompute": ("recompute", "--all", "--dry-run"),
    "targets set": ("targets", "set", "second", "--limit", "1 kWh", *OWNED),
    "targets list": ("targets", "list"),
    "targets check": ("targets", "check"),
    "targets history": ("targets", "history", "first"),
    "targets rebase": ("targets", "rebase", "first", "--reason", "new factors"),
    "targets remove": ("targets", "remove", "first", "--reason", "ended"),
    "compare": ("compare", run_id(0), run_id(1, START + 60), "--gate", "energy<=+5%"),
    "estimate": ("estimate", "--gpu", "NVIDIA H100 SXM", "--count", "8", "--hours", "100", "--units", "runs=1"),
    "estimate-power": ("estimate-power", "--csv", str(HOSTS), "--out", "power.csv"),
    "wall": ("wall", run_id(0), "0.0001"),
    "delete": ("delete", run_id(0), "--yes"),
    "doctor": ("doctor",),
    "top": ("top", "--window", "0.2"),
    "factors list": ("factors", "list"),
    "factors show": ("factors", "show", "aws:eu-west-3"),
    "factors diff": ("factors", "diff", "my-factors.csv"),
    "factors propose": ("factors", "propose", "my-factors.csv"),
    "store rebuild": ("store", "rebuild"),
    "store check": ("store", "check"),
}
OWN = """\
zone,indicator,part,year,low,central,high,kind,scope,unit,per,source_title,source_publisher,source_year,source_licence
FR,carbon_location,direct,2025,18,22,30,envelope,direct,gCO2e,kWh,Mix of 2025,Our supplier,2026,for our own use
"""
ASIDE = {"attach", "calibrate", "dashboard"}
"""They last until they are stopped, or for a while, and have tests of their own."""


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    """Two runs and a target, and a terminal that could do it all."""
    folder = os.environ["FOOTPRINT_HOME"]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-factors.csv").write_text(OWN, encoding="utf-8")
    for name, value in (("FOOTPRINT_PLAIN", "1"), ("TERM", "xterm-256color"), ("PYTHONIOENCODING", "utf-8")):
        monkeypatch.setenv(name, value)
    write(folder, 0, START, project="vision", name="été ✓ \x1b[31mred", tags={"seed": "7"})
    write(folder, 1, START + 60, project="a project with quite a long name", exit_code=3, seconds=9)
    subprocess.run(
        [FOOTPRINT, "targets", "set", "first", "--limit", "50 kgCO2e", "--project", "vision", *OWNED],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return folder


class Terminal:
    """A verb on a terminal: both its outputs and its input."""

    def __init__(self, *words, answer=b""):
        self._ours, theirs = pty.openpty()
        os.write(self._ours, answer)
        self.process = subprocess.Popen([FOOTPRINT, *words], stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)

    def first(self):
        """What comes first."""
        return self._text(os.read(self._ours, 100_000))

    def rest(self):
        """All that comes until the end."""
        parts = []
        while part := self._read():
            parts.append(part)
        self.process.wait(timeout=60)
        os.close(self._ours)
        return self._text(b"".join(parts))

    def _read(self):
        try:
            return os.read(self._ours, 100_000)
        except OSError:  # how Linux says that nobody writes there any more
            return b""

    @staticmethod
    def _text(content):
        return content.decode().replace("\r\n", "\n")


def said_by(*words, codes=(0, 1, 4)):
    terminal = Terminal(*words)
    said = terminal.rest()
    assert terminal.process.returncode in codes, said
    assert said.strip()
    return said


def assert_plain(said):
    for line in said.splitlines():
        for what, pattern in FORBIDDEN.items():
            assert not pattern.search(line), f"{what}: {line!r}"


def golden(name, text):
    path = GOLDEN / f"{name}-plain.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def leaves(command=group, path=()):
    """All verbs that do something, with the words that call them."""
    if not isinstance(command, click.Group):
        return [" ".join(path)]
    context = click.Context(command)
    found = [leaves(command.get_command(context, name), (*path, name)) for name in command.list_commands(context)]
    return [verb for part in found for verb in part]


def test_no_verb_is_forgotten_here():
    assert set(leaves()) == set(VERBS) | ASIDE


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_plain(verb):
    assert_plain(said_by(*VERBS[verb]))


def test_help_is_plain_of_every_verb():
    class Context(click.Context):
        formatter_class = PlainFormatter

    for verb in sorted([*VERBS, *ASIDE]):
        command = group
        for word in verb.split():
            command = command.get_command(Context(command), word)
        assert_plain(command.get_help(Context(command, info_name=verb)))
    said = said_by("run", "--help")
    assert_plain(said)
    assert "--help: Show this message and exit." in said


def test_attach_is_plain():
    with subprocess.Popen(["sleep", "60"]) as service:
        said = said_by("attach", str(service.pid), "--for", "0.3")
        service.kill()
    assert said.startswith("Run: attach")
    assert_plain(said)


def test_the_dashboard_is_plain():
    pytest.importorskip("dash")
    terminal = Terminal("dashboard", "--no-browser")
    said = terminal.first()
    terminal.process.send_signal(signal.SIGINT)
    assert_plain(said + terminal.rest().replace("^C", ""))
    golden("dashboard", re.sub(r":\d+/", ":PORT/", said))


def test_delete_asks_plainly():
    terminal = Terminal("delete", run_id(0), answer=b"y\n")
    said = terminal.rest().removeprefix("y\n")
    assert_plain(said)
    golden("delete", said)


def test_the_store_speaks_plainly_of_what_differs(home):
    said = said_by("store", "rebuild") + said_by("store", "check")
    with sqlite3.connect(path_of(home)) as connection:
        connection.execute("UPDATE runs SET name = 'other' WHERE run_id = ?", (run_id(0),))
    connection.close()
    said += said_by("store", "check")
    assert_plain(said)
    golden("store", said)


@pytest.mark.parametrize("verb", ["run", "list", "show", "doctor", "compare", "factors show"])
@pytest.mark.parametrize("setting", ["NO_COLOR", "CLICOLOR_FORCE"])
def test_nothing_is_coloured_on_any_terminal(verb, setting, monkeypatch):
    """NO_COLOR is honoured, as there is no colour at all."""
    monkeypatch.delenv("FOOTPRINT_PLAIN")
    monkeypatch.setenv(setting, "1")
    assert "\x1b" not in said_by(*VERBS[verb])
