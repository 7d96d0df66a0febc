"""The hardware files of the catalogue are what their inputs give, and every row names sources that may ship."""

import subprocess
import sys
from pathlib import Path

from footprint import catalogue

ROOT = Path(__file__).parents[2]


def test_the_files_are_what_the_build_makes_of_the_inputs():
    command = [sys.executable, str(ROOT / "scripts" / "build_devices.py"), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_rows_of_hardware_are_in_order_and_known_to_the_catalogue():
    rows = catalogue.rows(indicator="hardware")
    known = set(catalogue.sources())
    assert {row.zone for row in rows} == {"cpu", "gpu", "tokens"}
    for row in rows:
        assert 0 <= row.low <= row.central <= row.high
        assert set(row.sources) <= known


def test_a_measured_job_does_not_load_them():
    """A run asks for its zone: devices and hardware cost it nothing."""
    assert not [row for row in catalogue.load("FR").factors if row.indicator == "hardware"]
