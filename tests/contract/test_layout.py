"""The shape of the code: packages, links, floors, names. What a newcomer would break without knowing."""

import configparser
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import footprint

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LINKED = {"collectors", "dashboard"}
"""Stand at the top and are linked into the package."""


def lint_contracts():
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return parser


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def floors():
    """The layers of the contract: of each floor its modules, the highest first."""
    layers = lines(lint_contracts()["importlinter:contract:floors"]["layers"])
    return [[name.strip(" ()") for name in layer.replace(":", "|").split("|")] for layer in layers]


def exists(name):
    return (ROOT / "footprint" / name).exists() or (ROOT / "footprint" / f"{name}.py").exists()


def packages_in_the_tree():
    """Every folder of the three trees that has an ``__init__.py``, by its import name."""
    found = set()
    for top in ("footprint", "collectors", "dashboard"):
        for init in (ROOT / top).rglob("__init__.py"):
            parts = init.parent.relative_to(ROOT).parts
            if parts[0] == "footprint" and len(parts) > 1 and parts[1] in LINKED:
                continue  # reached through the link
            found.add(".".join(parts if parts[0] == "footprint" else ("footprint", *parts)))
    return found


def test_every_package_is_listed_for_installation():
    """A zip without links is installed from this list alone; a package that lacks there would be missing silently."""
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == packages_in_the_tree()


def test_a_folder_of_modules_is_a_package():
    """A folder with modules but without ``__init__.py`` would not be installed."""
    for top in ("footprint", "collectors", "dashboard"):
        for module in (ROOT / top).rglob("*.py"):
            assert (module.parent / "__init__.py").exists(), module


@pytest.mark.parametrize("name", sorted(LINKED))
def test_the_linked_folders_are_links_and_mapped_for_installation(name):
    link = ROOT / "footprint" / name
    assert PROJECT["tool"]["setuptools"]["package-dir"][f"footprint.{name}"] == name
    if (ROOT / ".git").exists() and sys.platform != "win32":
        assert link.is_symlink()
        assert link.resolve() == ROOT / name


def test_every_data_file_is_installed():
    """What stands beside the modules and is no module is named under package-data."""
    data = PROJECT["tool"]["setuptools"]["package-data"]
    for top in ("footprint", "collectors", "dashboard"):
        for path in (ROOT / top).rglob("*"):
            parts = path.relative_to(ROOT).parts
            is_ours = path.is_file() and path.suffix not in {".py", ".pyc"} and "__pycache__" not in parts
            if not is_ours or (parts[0] == "footprint" and parts[1] in LINKED):
                continue
            package = parts[0] if top == "footprint" else f"footprint.{top}"
            inside = Path(*parts[1:])
            nearest = [
                package + "".join(f".{part}" for part in inside.parts[:depth]) for depth in range(len(inside.parts))
            ]
            patterns = [
                (pattern, Path(*inside.parts[depth:]))
                for depth, name in enumerate(nearest)
                for pattern in data.get(name, [])
            ]
            assert any(rest.match(pattern) for pattern, rest in patterns), (
                f"{path.relative_to(ROOT)} would not be installed"
            )


def test_coverage_and_pytest_look_at_all_three_folders():
    assert set(PROJECT["tool"]["coverage"]["run"]["source"]) == {"footprint", *LINKED}
    assert PROJECT["tool"]["pytest"]["ini_options"]["testpaths"] == ["tests"]


def test_the_linked_folders_are_never_imported_by_their_own_names():
    """Ruff refuses it: a user's folder of that name beside the job would be taken instead."""
    banned = PROJECT["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]
    assert set(banned) >= LINKED
    assert "TID" in PROJECT["tool"]["ruff"]["lint"]["select"]


def test_every_module_stands_on_a_floor_and_no_floor_is_empty():
    modules = {
        path.stem
        for path in (ROOT / "footprint").iterdir()
        if path.stem not in {"__init__", "__main__", "__pycache__", "data", "py"}
        and (path.is_dir() or path.suffix == ".py")
    }
    named = {name for floor in floors() for name in floor}
    layers = lint_contracts()["importlinter:contract:floors"]["layers"]
    may_lack = {name for name in named if f"({name})" in layers}
    assert named - may_lack <= modules <= named


def test_what_stands_below_a_line_is_held_to_that_line():
    """The lists of the forbidden contracts are whole: from the line down to the ground, and nothing above it."""
    order = floors()
    contracts = lint_contracts()
    for contract, first, last in (("measured", "launcher", "version"), ("pure", "narrowing", "records")):
        top = next(number for number, floor in enumerate(order) if first in floor)
        bottom = next(number for number, floor in enumerate(order) if last in floor)
        wanted = {f"footprint.{name}" for floor in order[top : bottom + 1] for name in floor if exists(name)}
        listed = set(lines(contracts[f"importlinter:contract:{contract}"]["source_modules"]))
        assert wanted <= listed, f"{contract}: missing {sorted(wanted - listed)}"
        above = {f"footprint.{name}" for floor in order[:top] for name in floor}
        assert not listed & above


def test_the_floors_hold():
    """import-linter on the tree as it is. Adding a module without a floor, or an import that points up, fails here."""
    linter = Path(sys.executable).with_name("lint-imports")
    if not linter.exists():
        pytest.skip("import-linter is not installed: make lint brings it")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_module_without_a_floor_fails(tmp_path):
    """The contract is exhaustive: tried on a copy with one more module."""
    linter = Path(sys.executable).with_name("lint-imports")
    if not linter.exists():
        pytest.skip("import-linter is not installed: make lint brings it")
    package = tmp_path / "footprint"
    package.mkdir()
    names = sorted({name for floor in floors() for name in floor})
    for name in ["__init__", "brand_new", *names]:
        (package / f"{name}.py").write_text("")
    whole = lint_contracts()
    short = configparser.ConfigParser()
    for section in ("importlinter", "importlinter:contract:floors"):
        short[section] = whole[section]
    with (tmp_path / ".importlinter").open("w") as file:
        short.write(file)
    done = subprocess.run(
        [linter, "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 1, done.stdout
    assert "brand_new" in done.stdout


def test_public_names_are_those_of_the_contract():
    assert set(footprint.__all__) >= {"track", "tracked", "start", "runs", "__version__"}
    for name in footprint.__all__:
        assert getattr(footprint, name) is not None
    assert set(footprint.__all__) <= set(dir(footprint))
    with pytest.raises(AttributeError, match="nonsense"):
        footprint.nonsense  # noqa: B018 - looking it up is the test


def test_the_version_is_said_once():
    assert PROJECT["project"]["version"] == footprint.__version__
