"""The documents do not rot: every block in the README runs, every link leads somewhere, decisions stay short."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def blocks(language):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def environ():
    """``footprint`` and ``python`` are those that run the tests."""
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def test_the_readme_has_blocks_to_run():
    assert len(blocks("python")) >= 2
    assert len(blocks("sh")) >= 2


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_python_in_the_readme_runs(number, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", blocks("python")[number]],
        cwd=tmp_path, env=environ(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_commands_in_the_readme_run_one_after_the_other(tmp_path):
    done = subprocess.run(
        ["sh", "-eu", "-c", "\n".join(blocks("sh"))],
        cwd=tmp_path, env=environ(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "first" in done.stdout


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
