"""``footprint dashboard --from``: several hosts' homes on one page, in a real browser."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("dash", reason="the dashboard's extra is not installed: pip install 'compute-footprint[dashboard]'")

import made_history
import made_journals
from test_dashboard import Dashboard, footprint, free_port, ready

from footprint import journal

if TYPE_CHECKING:
    from browser import Open

pytest_plugins = ["browser"]


def files(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*"))


def test_three_homes_are_one_page_and_none_is_written(tmp_path: Path, open_page: Open) -> None:
    """A run that two folders know counts once, and opens with its power and its derivation."""
    homes = [tmp_path / name for name in ("rack-1", "rack-2", "rack-3")]
    ids = []
    for number, home in enumerate(homes):
        home.mkdir()
        ids.append(made_history.write_run(home, number, made_journals.START + number, host=home.name))
    shutil.copy(journal.path_of(str(homes[0]), ids[0]), journal.path_of(str(homes[2]), ids[0]))
    before = files(tmp_path)
    started = Dashboard(tmp_path / "own", "--port", str(free_port()), "--from", *map(str, homes))
    watched = ready(open_page(started.url("/?days=0")))
    page = watched.page
    assert page.text_content("#runs-count") == "3 runs"
    page.click(f"a[href='/run/{ids[1]}']")
    page.wait_for_selector("#power-chart .scatterlayer .js-line", state="attached")
    page.click("button:text-is('Carbon by location')")
    page.wait_for_selector("dialog[open] .steps li")
    assert "package-0" in page.inner_text("dialog")
    assert watched.violations() == []
    assert watched.complaints == []
    assert started.end() == (0, "")
    assert files(tmp_path) == before


def test_folders_that_cannot_be_shown_are_one_line(tmp_path: Path) -> None:
    """Wrong usage is exit 2, before anything listens."""
    (tmp_path / "empty").mkdir()
    for arguments, words in (
        (["--from", str(tmp_path / "none")], "there is no such folder"),
        (["--from", str(tmp_path / "empty")], "it holds no runs"),
        ([str(tmp_path / "empty")], "put --from before folders"),
    ):
        result = footprint(tmp_path, "dashboard", "--no-browser", *arguments)
        assert result.returncode == 2
        assert result.stdout == ""
        assert result.stderr.count("\n") == 1
        assert result.stderr.startswith("footprint: ")
        assert words in result.stderr
