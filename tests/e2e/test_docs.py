"""The documents do not rot: every block in the README and in "getting started" runs, every link leads somewhere, decisions stay short."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from footprint.cli import VERBS, group
from footprint.collectors import rapl_refusals

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def blocks(name):
    """(language, text) of each block that is to run, in the order of the document."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(r"^```(python|sh|sh until-stopped)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def environ():
    """``footprint`` and ``python`` are those that run the tests; a browser is one that shows nothing."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path, "BROWSER": "true"}


def run_block(language, text, folder):
    """Run a block as a reader would. Gives what it prints."""
    if language == "sh until-stopped":
        return until_stopped(text, folder)
    command = [sys.executable, "-c", text] if language == "python" else ["sh", "-eu", "-c", text]
    done = subprocess.run(
        command, cwd=folder, env=environ(), capture_output=True, text=True, timeout=120, check=False
    )  # fmt: skip
    assert done.returncode == 0, (text, done.stderr)
    assert language != "python" or (done.stdout and not done.stderr), (text, done.stderr)
    return done.stdout + done.stderr


def until_stopped(text, folder):
    """A block that lasts: its first line, then Ctrl-C, which must end it."""
    with subprocess.Popen(
        text.split(), cwd=folder, env=environ(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:  # fmt: skip
        said = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode in {0, 130}
    return said


@pytest.mark.parametrize(
    ("name", "python", "sh"), [("README.md", 2, 2), ("docs/getting-started.md", 4, 8), ("docs/own-factors.md", 1, 3)]
)
def test_blocks_run_one_after_the_other(name, python, sh, tmp_path):
    """In one folder and with one store, as somebody who follows the document has them."""
    languages = [language for language, _ in blocks(name)]
    assert languages.count("python") >= python
    assert languages.count("sh") >= sh
    said = "".join(run_block(language, text, tmp_path) for language, text in blocks(name))
    assert "first" in said


def test_getting_started_shows_each_thing_that_it_is_to_show():
    """And no block is left out of the run because of its language."""
    text = (ROOT / "docs" / "getting-started.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^```\S", text, re.MULTILINE)) == len(blocks("docs/getting-started.md"))
    everything = "".join(block for _, block in blocks("docs/getting-started.md"))
    for shown in ("track(", "@footprint.tracked", "start(", "stop(", "span(", "count(", "--budget", "targets", "compare",
                  "estimate", "attach", "dashboard", "explain"):  # fmt: skip
        assert shown in everything, shown


SYMPTOMS = ("no sensor", "permission denied", "gpu", "run is not found", "region", "too wide", "store is damaged",
            "disk is full", "dashboard does not open", "container", "slurm, torchrun")  # fmt: skip


def test_troubleshooting_has_each_symptom_with_a_command():
    text = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    for symptom in SYMPTOMS:
        (body,) = [body for title, body in sections.items() if symptom in title.lower()]
        assert "\n```" in body, symptom
    for anchor in re.findall(r"\]\(#([\w-]+)\)", text):
        assert anchor in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in sections}, anchor


def test_troubleshooting_gives_the_commands_that_doctor_gives():
    text = " ".join((ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8").replace("\\\n", " ").split())
    assert rapl_refusals.MAY_READ.partition("; then log in")[0] in text
    assert rapl_refusals.LOAD_MODULE in text


COMMAND = re.compile(r"(?:^|[`\s;|({])footprint ((?:[a-z]+ )?[a-z]+)((?: [^`|;#\n]*)?)", re.MULTILINE)


def verb_of(words):
    """The verb that these words call, as far as they name one."""
    command = group
    for word in words:
        if isinstance(command, click.Group):
            command = command.get_command(click.Context(command), word)
    return command


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if path.name != "cli.md"], ids=lambda path: path.name)
def test_options_of_the_command_in_documents_exist(path):
    """`footprint VERB --option`, in the text and in blocks."""
    for words, rest in COMMAND.findall(path.read_text(encoding="utf-8")):
        if words.split()[0] in VERBS:
            given = re.findall(r"(?:^| )(--[a-z-]+)", f" {words} {rest}".partition(" -- ")[0])
            known = {option for one in verb_of(words.split()).params for option in one.opts} | {"--help"}
            assert set(given) <= known, f"footprint {words}{rest}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(path):
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith(("#", "mailto:")):
            assert (path.parent / target.split("#")[0]).exists(), f"{path.relative_to(ROOT)}: {target}"


def test_each_file_that_the_architecture_names_exists():
    """`path/to/file.py` in backticks; NAME and VERB stand for what is to be written."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for name in re.findall(r"`([\w./-]+/[\w.-]*)`", text):
        if "NAME" not in name and "VERB" not in name:
            assert (ROOT / name).exists(), name


def test_decisions_are_numbered_without_holes_and_short():
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for record in records:
        assert len(record.read_text(encoding="utf-8").splitlines()) < 30, record.name
