"""``%%footprint`` in a real IPython shell; one process a test. A test's cells are run one after the other."""

import json
import os
import subprocess
import sys

import pytest

pytest.importorskip("IPython")

DRIVER = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance(colors="NoColor")
for cell in ["%load_ext footprint.integrations.notebook", *json.loads(sys.argv[1])]:
    with capture_output() as out:
        done = shell.run_cell(cell, store_history=True)
    error = done.error_in_exec or done.error_before_exec
    print(json.dumps({
        "out": out.stdout, "err": out.stderr, "shown": [o.data for o in out.outputs],
        "error": type(error).__name__ if error else None, "value": repr(done.result) if done.result is not None else None,
    }))
"""


def cells(*sources, env=None):
    """What each cell printed, showed and raised."""
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, json.dumps(sources)],
        capture_output=True, text=True, timeout=120, env=os.environ | {"IPYTHONDIR": os.devnull} | (env or {}), check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    loaded, *rest = [json.loads(line) for line in done.stdout.splitlines()]
    assert loaded["error"] is None, loaded
    return rest


def stored():
    command = [sys.executable, "-m", "footprint", "list", "--json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)["runs"]


def test_a_cell_is_measured_and_its_summary_shown_and_nothing_printed():
    (cell,) = cells("%%footprint fit --project p --region FR --tag k=v\nx = sum(range(2_000_000))")
    assert (cell["out"], cell["err"], cell["error"]) == ("", "", None)
    (shown,) = cell["shown"]
    assert shown["text/plain"].startswith("run     fit, project p: completed")
    assert shown["text/html"].startswith('<div class="footprint-run"><table><caption')
    (run,) = stored()
    assert (run["name"], run["project"], run["tags"]) == ("fit", "p", {"k": "v"})
    assert run["job_kwh"]["central"] > 0


def test_what_the_cell_prints_its_value_and_its_names_are_its_own():
    before, cell, after = cells("a = 20", "%%footprint\nprint('said')\nb = a + 1\n!echo shell\na * 2 + 2", "(a, b, _)")
    assert before["shown"] == []
    assert cell["out"].split() == ["said", "shell", "Out[3]:", "42"]
    assert after["value"] == "(20, 21, 42)"


def test_an_error_of_the_cell_passes_through_and_its_run_is_kept():
    cell, after = cells("%%footprint bad\nkept = 1\nraise LookupError('mine')", "kept")
    assert cell["error"] == "LookupError"
    assert cell["out"].count("LookupError: mine") == 1, "the traceback stands there once"
    assert "raise LookupError('mine')" in cell["out"]
    assert "completed, with LookupError" in cell["shown"][0]["text/plain"]
    assert after["value"] == "1"
    assert [run["exit_code"] for run in stored()] == [1]


def test_the_cell_and_later_cells_know_the_run_where_it_is_named():
    cell, after = cells(
        "%%footprint --as run\nwith run.span('first'): sum(range(2_000_000))\nrun.count('images', 8)",
        "run.result.units['images'].amount, [s.name for s in run.result.spans]",
    )
    assert "8 images" in cell["shown"][0]["text/plain"]
    assert "<caption" in cell["shown"][0]["text/html"].split("Phases")[0]
    assert after["value"] == "(8, ['first'])"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--region Atlantis", "region 'Atlantis'"),
        ("--pue 0.5", "pue"),
        ("--interval soon", "interval"),
        ("--idle free", "idle"),
        ("--colour red", "--colour"),
        ("a b", "b"),
        ("--tag novalue", "KEY=VALUE"),
        ("--as 1st", "variable"),
        ("'not closed", "quotation"),
    ],
)
def test_a_wrong_line_is_one_clear_line_and_nothing_is_started(line, says):
    (cell,) = cells(f"%%footprint {line}\nprint('ran')")
    assert (cell["out"], cell["shown"], cell["error"]) == ("", [], "UsageError")
    assert cell["err"].startswith("UsageError: footprint: ")
    assert len(cell["err"].strip().splitlines()) == 1
    assert says in cell["err"]
    assert stored() == []


def test_a_cell_that_is_no_python_starts_nothing():
    for source in ("def f(:", "await something"):
        (cell,) = cells(f"%%footprint\n{source}")
        assert cell["error"] == "SyntaxError"
    assert stored() == []


def test_results_show_themselves_as_tables_and_in_a_terminal_as_the_summary():
    made, shown = cells(
        "import footprint\nwith footprint.track('x', region='FR') as run: sum(range(2_000_000))",
        "from IPython.core.formatters import DisplayFormatter\n"
        "made = [DisplayFormatter().format(one)[0] for one in (run.result, run.stop())]\n"
        "print([(sorted(one), 'energy ' in one['text/plain'], '<table>' in one['text/html']) for one in made])",
    )
    assert made["error"] is None
    assert shown["out"].strip() == str([(["text/html", "text/plain"], True, True)] * 2)


def test_plain_output_is_one_fact_a_line_and_no_table():
    (cell,) = cells("%%footprint\nsum(range(2_000_000))", env={"FOOTPRINT_PLAIN": "1"})
    (shown,) = cell["shown"]
    assert list(shown) == ["text/plain"]
    assert "\nEnergy: " in shown["text/plain"]


def test_disabled_the_cell_runs_and_nothing_is_shown_or_kept():
    cell, after = cells("%%footprint\ny = 3", "y", env={"FOOTPRINT_DISABLED": "1"})
    assert (cell["shown"], cell["error"], after["value"]) == ([], None, "3")
    assert stored() == []


def test_help_of_the_magic_is_there():
    (cell,) = cells("%%footprint?")
    assert "Measure this cell" in cell["out"]
    assert "--region" in cell["out"]
