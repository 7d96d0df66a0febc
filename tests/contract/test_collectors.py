"""Adding a collector touches what ARCHITECTURE.md says, and nothing else."""

import ast
import importlib
import re
from pathlib import Path

import pytest

from footprint.collectors import registry

ROOT = Path(__file__).parents[2]
HOSTS = {path.stem for path in (ROOT / "tests" / "hosts").glob("*.txt")}


def functions_of(path):
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)}


def file_of_test(name):
    return ROOT / "tests" / "unit" / f"test_{name}.py"


def hosts_in(path):
    return {word for word in re.findall(r"\w+", path.read_text(encoding="utf-8")) if word in HOSTS}


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_a_collector_is_a_module_with_its_line_its_recorded_host_and_its_test(name):
    module = importlib.import_module(f"footprint.collectors.{name}")
    assert name == module.NAME
    assert callable(module.discover)
    assert file_of_test(name).exists()
    assert hosts_in(file_of_test(name)), f"no recorded host is used in {file_of_test(name).name}"


def test_every_module_that_discovers_has_its_line_in_the_registry():
    found = {path.stem for path in (ROOT / "collectors").glob("*.py") if "discover" in functions_of(path)}
    assert found - {"registry"} == set(registry.BUILT_IN)


def test_every_recorded_host_is_used_and_says_where_it_comes_from():
    used = set().union(*(hosts_in(path) for path in (ROOT / "tests").rglob("test_*.py")))
    assert used >= HOSTS
    for name in HOSTS:
        first = (ROOT / "tests" / "hosts" / f"{name}.txt").read_text(encoding="utf-8").split("\n== ")[0]
        assert len(first.splitlines()) >= 2, f"{name}: say what is special about it, and where it comes from"


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_nothing_but_the_registry_knows_a_collector_by_name(name):
    """So that one more needs no change elsewhere. Modules that are parts of it begin with its first word."""
    own = name.partition("_")[0]
    for top in ("footprint", "collectors", "dashboard"):
        for path in (ROOT / top).rglob("*.py"):
            if path.stem.startswith(own) or path == ROOT / "collectors" / "registry.py":
                continue
            imported = re.findall(rf"^\s*(?:from|import) .*\b{name}\b", path.read_text(encoding="utf-8"), re.MULTILINE)
            assert not imported, f"{path.relative_to(ROOT)} imports {name}"


def test_the_architecture_names_the_files_and_they_exist():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    section = text.partition("## How to add a collector")[2].partition("\n## ")[0]
    named = re.findall(r"`((?:collectors|tests|footprint)/[\w./*]+)`", section)
    assert {"collectors/registry.py", "footprint/data/sensors.csv"} <= set(named)
    for name in named:
        assert list(ROOT.glob(name)), f"ARCHITECTURE.md names {name}, which is not there"
