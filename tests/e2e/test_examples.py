"""The examples run as they stand, under measurement: the demo is the first thing that a newcomer sees."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_demo_trains_a_model_and_its_run_is_kept(tmp_path):
    pytest.importorskip("sklearn", reason="scikit-learn is not installed: make demo brings it")
    command = ["run", "--name", "digits", "--project", "demo", "--region", "FR", "--json", str(tmp_path / "run.json")]
    done = subprocess.run(
        [sys.executable, "-m", "footprint", *command, "--", sys.executable, str(EXAMPLES / "train_digits.py")],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "unseen digits read correctly" in done.stdout
    run = json.loads((tmp_path / "run.json").read_text())
    assert run["activity"]["cpu_s"] > 1
    assert run["energy"]["job_kwh"]["central"] > 0
    assert run["impacts"]["carbon_location"]["operational"]["central"] > 0
    shown = subprocess.run([sys.executable, "-m", "footprint", "show", run["run_id"]], capture_output=True, check=False)
    assert shown.returncode == 0
