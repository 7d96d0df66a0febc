"""Words for people live in text modules (docs/decisions/0008): verbs hand them on, and print none of their own."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLI = ROOT / "footprint" / "cli"
PRINTING = {"echo", "secho", "print", "confirm", "prompt", "to_stderr"}
SENTENCE = re.compile(r"[^\W\d_]+ [^\W\d_]+")
VERBS = sorted(path for path in CLI.glob("*.py") if not path.name.endswith("_text.py"))


def name_of(function):
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def literals(call):
    """All text that is written into the arguments of a call."""
    inside = (part for argument in call.args for part in ast.walk(argument))
    return [part.value for part in inside if isinstance(part, ast.Constant) and isinstance(part.value, str)]


def sentences_printed(source):
    """Literals with two words or more that are printed, with their lines; not those of `complain`, which are faults."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and name_of(node.func) in PRINTING and SENTENCE.search(" ".join(literals(node))):
            yield node.lineno, literals(node)


def test_the_scan_finds_what_it_looks_for():
    assert list(sentences_printed('click.echo(f"Deleted for good: {x}")'))
    assert not list(sentences_printed("click.echo(verb_text.deleted(ids))"))
    assert not list(sentences_printed('complain("the disk is full: so it is; make room")'))


@pytest.mark.parametrize("path", VERBS, ids=lambda path: path.name)
def test_a_verb_prints_no_sentence_of_its_own(path):
    assert not list(sentences_printed(path.read_text(encoding="utf-8")))


def test_each_file_that_the_decision_names_is_there():
    text = (ROOT / "docs" / "decisions" / "0008-where-words-live.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:footprint|dashboard|docs)/[\w./*]+)`", text)
    assert len(named) >= 8
    for name in named:
        assert list(ROOT.glob(name.rstrip("/"))), name


def test_text_modules_print_nothing_themselves():
    """They give text, so that it can be tested, translated and shown elsewhere."""
    for path in CLI.glob("*_text.py"):
        assert "click" not in path.read_text(encoding="utf-8"), path.name


def test_no_colour_and_no_escape_sequence_is_written_anywhere():
    for path in [*(ROOT / "footprint").rglob("*.py"), *(ROOT / "collectors").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"click\.style|secho|\\x1b|\\033", text), path
