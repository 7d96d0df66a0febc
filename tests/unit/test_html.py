"""A run in a notebook: what a reader sees and hears, on hand-made runs."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from test_summary import DIGITS, RUNS

from footprint import summary, wording
from footprint.html import html_of
from footprint.interval import Interval, exact
from footprint.records.result import SpanResult, UnitResult

GOLDEN = Path(__file__).parents[1] / "golden"
SPANS = DIGITS._replace(
    spans=(
        SpanResult("epoch 1", ("epoch 1",), 1, 4.0, Interval(1e-5, 2e-5, 3e-5, "envelope")),
        SpanResult("check", ("epoch 1", "check"), 3, 0.5, exact(2e-6)),
    ),
    units={"tokens": UnitResult(128_000, {"job_kwh": exact(1e-9), "carbon_location": exact(1e-7)}), "none": UnitResult(0, {})},
)  # fmt: skip


class Tables(HTMLParser):
    """Captions, headers and cells of a document; refuses what is not closed in its order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.found = [], []
        self.feed(text)
        self.close()
        assert self.open == [], "a tag was not closed"

    def handle_starttag(self, tag, attrs):
        assert not {name for name, _ in attrs} - {"class", "scope", "style"}
        self.open.append((tag, dict(attrs)))
        if tag in {"caption", "th", "td"}:
            self.found.append([tag, dict(attrs).get("scope"), ""])

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        self.found[-1][2] += data

    def texts(self, tag, scope=None):
        return [text for kind, where, text in self.found if (kind, where) == (tag, scope)]


@pytest.mark.parametrize("run", [*RUNS.values(), SPANS], ids=[*RUNS, "spans"])
def test_each_table_has_a_caption_and_headers_and_no_colour(run):
    text = html_of(run)
    tables = Tables(text)
    assert len(tables.texts("caption")) == text.count("<table>") >= 1
    assert all(tables.texts("caption"))
    assert len(tables.texts("th", "row")) == text.count("<tr>") - text.count("<thead>")
    assert len(tables.texts("th", "col")) >= 2 * text.count("<table>")
    assert "color" not in text
    assert "<script" not in text


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_it_says_what_the_summary_says(run):
    said = " ".join(text for _, _, text in Tables(html_of(run)).found)
    for subject, text in summary.facts(run):
        if subject != "units":
            assert wording.clean(text) in said


def test_it_is_as_in_the_golden_file():
    text = re.sub(r"(</caption>|</tr>|</table>)", "\\1\n", html_of(SPANS)) + "\n"
    path = GOLDEN / "run.html"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_names_cannot_write_html():
    bad = "<img src=x onerror=alert(1)>&\"'"
    run = SPANS._replace(name=bad, project=bad, error=bad, units={bad: UnitResult(1, {})})
    run = run._replace(spans=(SpanResult(bad, (bad,), 1, 1.0, exact(1.0)),))
    text = html_of(run)
    assert "<img" not in text
    assert sum(bad in found for _, _, found in Tables(text).found) >= 3


def test_a_long_list_of_phases_is_cut_and_says_so():
    spans = tuple(SpanResult(f"step {n}", (f"step {n}",), 1, 1.0, exact(1e-6)) for n in range(500))
    tables = Tables(html_of(SPANS._replace(spans=spans)))
    assert any("first 30 of 500" in caption for caption in tables.texts("caption"))
    assert "step 29" in tables.texts("th", "row")
    assert "step 30" not in tables.texts("th", "row")


def test_results_late_results_and_open_runs_show_themselves():
    code = (
        "import footprint\nrun = footprint.start('cell', region='FR')\nsum(range(2_000_000))\n"
        "print('Run cell: running' in run._repr_html_())\nlater = run.stop()\n"
        "shown = {thing._repr_html_() for thing in (run, later, run.result)}\n"
        "print(len(shown), 'Run cell: completed' in shown.pop())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["True", "1", "True"]


def test_a_run_of_which_nothing_was_measured_says_why():
    code = "import footprint\nwith footprint.track('x') as run: pass\nprint(run._repr_html_())"
    environ = os.environ | {"FOOTPRINT_DISABLED": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environ, check=True)
    assert "no figure: nothing was measured" in done.stdout
