"""The command's help and its reference: every verb explains itself with an example, and docs/cli.md says the same."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from footprint.cli import VERBS, group

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import build_cli_reference as reference  # noqa: E402 - scripts are no package

ALL = dict(reference.commands(group, ("footprint",)))
FOOTPRINT = str(Path(sys.executable).with_name("footprint"))


def test_the_reference_is_what_the_help_says():
    """Of a new process: a verb that a test has called by itself, without its group, keeps the --help it had there."""
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    code = "import sys, build_cli_reference; sys.stdout.write(build_cli_reference.reference())"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "scripts", capture_output=True, encoding="utf-8", check=True
    ).stdout
    assert written == said, "run python scripts/build_cli_reference.py"


def test_every_verb_stands_in_the_reference():
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for verb in VERBS:
        assert f"\n### footprint {verb}\n" in written


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_verb_says_what_it_does_and_has_an_example_of_itself(path):
    said = reference.help_of(ALL[path], path)
    assert ALL[path].help
    assert "Example" in said
    assert " ".join(path) in said.partition("Example")[2], "the example calls another verb"


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_option_says_what_it_does(path):
    """Arguments are told of in the first lines."""
    for option in ALL[path].params:
        assert isinstance(option, click.Argument) or option.help, option.name


@pytest.mark.parametrize("path", [path for path in ALL if not isinstance(ALL[path], click.Group)], ids=" ".join)
def test_every_verb_gives_a_document(path):
    """All but the dashboard, which is looked at."""
    assert path[-1] == "dashboard" or any("--json" in option.opts for option in ALL[path].params)


def test_the_width_of_the_terminal_changes_no_word():
    """Only where lines break: what is printed is what the reference has."""
    for columns in ("60", "200"):
        done = subprocess.run(
            [FOOTPRINT, "run", "--help"], capture_output=True, text=True, check=True, timeout=60,
            env=os.environ | {"COLUMNS": columns, "TERMINAL_WIDTH": columns},
        )  # fmt: skip
        assert done.stdout.split() == reference.help_of(ALL["footprint", "run"], ("footprint", "run")).split()
