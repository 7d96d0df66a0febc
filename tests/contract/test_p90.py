"""Only what is tested to hold nine of ten may be called a 90 % interval: docs/method.md names those figures."""

import re
from pathlib import Path

from footprint import catalogue
from footprint.account import account
from footprint.records.raw import RegionRef
from tests import account_run

ROOT = Path(__file__).parents[2]
MAKES_IT = {
    # file -> where it is counted how often it holds
    "estimation/host_power.py": "docs/method-power-model.md",
    "power_model.py": "docs/method-power-model.md",
    "forecast.py": "tests/unit/test_targets.py",
    "interval.py": "tests/unit/test_interval.py",
    "recompute/columns.py": "tests/property/test_many_properties.py",
}
MENTIONS_IT = {"account/spans.py", "wording.py", "dashboard/components/amounts.py"}
"""Files that name the kind, or weaken it."""


def test_no_other_module_makes_a_90_percent_interval():
    """Whoever adds one says in docs/method.md why it is, and where that is counted."""
    found = {
        str(path.relative_to(ROOT / "footprint"))
        for path in (ROOT / "footprint").rglob("*.py")
        if '"p90"' in path.read_text(encoding="utf-8")
    }
    found |= {
        f"dashboard/{path.relative_to(ROOT / 'dashboard')}"
        for path in (ROOT / "dashboard").rglob("*.py")
        if '"p90"' in path.read_text(encoding="utf-8")
    }
    assert found - MENTIONS_IT == set(MAKES_IT)
    assert all((ROOT / counted).exists() for counted in MAKES_IT.values())


def test_in_the_catalogue_only_the_tested_errors_of_the_power_model_are_90_percent_intervals():
    """Low and high of places, hardware and sensors are envelopes: no coverage of theirs was tested."""
    named = {row.id for row in catalogue.rows() if row.kind == "p90"}
    assert named
    assert all(re.fullmatch(r"power_model/server[a-z0-9-]*/wall_\w+", name) for name in named), named


def test_no_figure_of_a_run_is_one():
    """Nor does it become one by adding or multiplying."""
    for zone in ("FR", "US-CA", "WORLD"):
        raw = account_run.run()
        raw = raw._replace(head=raw.head._replace(region=RegionRef(zone, "flag")))
        run = account(raw, catalogue.load(zone, cpu=raw.head.host.cpu))
        kinds = {run.energy.job_kwh.kind, run.energy.host_kwh.kind, run.energy.facility_kwh.kind}
        kinds |= {value.kind for impact in run.impacts.values() for value in impact if hasattr(value, "kind")}
        assert "p90" not in kinds


def test_the_method_names_what_is_one():
    said = (ROOT / "docs" / "method.md").read_text(encoding="utf-8")
    table = said.split("**Which figures are `p90`:**")[1].split("\n\n")[1]
    for name in ("estimate-power --scope wall", "a target's period", "a factor of your own"):
        assert name in table
