"""Write the hardware files of the catalogue, ``devices.csv``, ``hardware.csv`` and ``language_models.csv``
in ``footprint/data``, from its inputs.

    python scripts/build_devices.py [--check]

Then run ``build_catalogue.py``: sources and the catalogue's hash are its work. ``--check`` writes nothing and exits 1
where a file is not what the inputs give.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence

from build_catalogue import ROOT, Refused, check, check_sources, read_csv, read_sources
from catalogue_rows import HEADER, ids

INPUTS = ROOT / "catalogue" / "inputs"
OUT = ROOT / "footprint" / "data"
DEVICES: Sequence[str] = (
    "kind", "name", "rating", "low_w", "rated_w", "high_w", "sources", "aliases", "note",
)  # fmt: skip
MODELS = "language_models.csv"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write, or compare; 0 where all is right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file differs")
    given = parser.parse_args(arguments)
    try:
        made = files()
    except (Refused, OSError) as fault:
        print(f"build_devices: {fault}", file=sys.stderr)
        return 1
    wrong = [name for name, text in made.items() if not _is(name, text)]
    if given.check:
        print("\n".join(f"{name}: it is not what the inputs give" for name in wrong), file=sys.stderr)
        return 1 if wrong else 0
    for name, text in made.items():
        (OUT / name).write_bytes(text.encode())
    print(f"{len(made)} files in {OUT}; now run scripts/build_catalogue.py")
    return 0


def files() -> dict[str, str]:
    """The files, by name. Raises Refused for a row that may not ship or cannot be right."""
    sources = read_sources(INPUTS)
    devices = [*_gpus(), *_cpus()]
    for cells in devices:
        one = dict(zip(DEVICES, cells, strict=True))
        check_sources(one["name"], ids(one["sources"]), sources)
        low, rated, high = (float(one[name]) for name in ("low_w", "rated_w", "high_w"))
        if any("," in cell for cell in cells) or not low <= rated <= high:
            raise Refused(f"{one['name']}: a comma, or power that is not low ≤ rated ≤ high")
    hardware = [_hardware(one) for one in read_csv(INPUTS / "hardware.csv")]
    check(hardware, sources)
    models = [tuple(one.values()) for one in read_csv(INPUTS / MODELS)]
    for one in read_csv(INPUTS / MODELS):
        check_sources(one["name"], ids(one["sources"]), sources)
    return {
        "devices.csv": _text(DEVICES, devices),
        "hardware.csv": _text(HEADER, sorted(hardware)),
        MODELS: _text(tuple(read_csv(INPUTS / MODELS)[0]), models),
    }


def _is(name: str, text: str) -> bool:
    path = OUT / name
    return path.exists() and path.read_bytes() == text.encode()


def _text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join([",".join(header), *(",".join(cells) for cells in rows)]) + "\n"


def _gpus() -> Iterable[tuple[str, ...]]:
    for one in read_csv(INPUTS / "devices_gpu.csv"):
        yield (
            "gpu", one["name"], one["rating"], one["low_w"], one["rated_w"], one["high_w"], one["sources"],
            one["aliases"], one["note"],
        )  # fmt: skip


def _cpus() -> Iterable[tuple[str, ...]]:
    for one in read_csv(INPUTS / "devices_cpu.csv"):
        power_w = one["tdp_w"]
        yield "cpu", one["name"], "TDP", power_w, power_w, power_w, one["sources"], "", ""


def _hardware(one: dict[str, str]) -> tuple[str, ...]:
    """A row of factors, in the order of ``HEADER``."""
    name = f"hardware/{one['zone']}/{one['part']}"
    return (
        name, "hardware", one["part"], one["zone"], one["per"], one["low"], one["central"], one["high"], "envelope",
        one["scope"], one["unit"], one["year"], one["how"], one["sources"], one["note"],
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
