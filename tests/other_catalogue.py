"""Another catalogue of factors than this program's, as an earlier or a later version brings one."""

import json
import shutil
from pathlib import Path

from footprint import catalogue
from footprint.account import account
from footprint.store import catalogues
from footprint.targets import Pinned


def make(folder: Path, version="2026.10", *, times=2.0, names=("carbon_location.csv",), without_zones=()) -> Path:
    """This program's catalogue with the factors of some files multiplied, and without some zones."""
    shutil.copytree(catalogue.DATA, folder)
    for name in names:
        _multiply(folder / name, times)
    if without_zones:
        path = folder / "zones.csv"
        lines = path.read_text().splitlines()
        path.write_text("\n".join(line for line in lines if line.partition(",")[0] not in without_zones) + "\n")
    stated = Pinned(version, catalogues._digest(str(folder)))
    (folder / "catalogue.json").write_text(json.dumps(stated._asdict()))
    return folder


def without(folder: Path, *names) -> Path:
    """The same without some of its files, as a catalogue of the first days."""
    for name in names:
        (folder / name).unlink()
    stated = Pinned(catalogue.identity(str(folder))[0], catalogues._digest(str(folder)))
    (folder / "catalogue.json").write_text(json.dumps(stated._asdict()))
    return folder


def keep(home, folder) -> Pinned:
    """Put a catalogue among those that a home keeps."""
    pinned = Pinned(*catalogue.identity(str(folder)))
    shutil.copytree(folder, Path(home) / catalogues.FOLDER / catalogues.label(pinned))
    return pinned


def by(folder):
    """Accounts for runs with another catalogue, as another version of the program does."""
    return lambda raw, data=None: account(
        raw, catalogue.load(raw.head.region.zone, raw.head.region.given, data or str(folder), raw.head.host.cpu)
    )


def _multiply(path, times):
    lines = path.read_text().splitlines()
    head = lines[0].split(",")
    changed = []
    for line in lines[1:]:
        cells = line.split(",")
        for name in ("low", "central", "high"):
            cells[head.index(name)] = repr(times * float(cells[head.index(name)]))
        changed.append(",".join(cells))
    path.write_text("\n".join([lines[0], *changed]) + "\n")
