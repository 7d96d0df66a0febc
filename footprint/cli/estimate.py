"""``footprint estimate``: the impacts of a job that has not run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import click

from footprint import config, estimation
from footprint.cli import complain, stored
from footprint.cli.run_options import check_writable
from footprint.errors import UsageError
from footprint.estimation import text

_EPILOG = """\b
Examples:
  footprint estimate --gpu "NVIDIA H100 SXM" --count 8 --hours 100 --utilisation .8 \\
    --region aws:eu-west-3 --units runs=1
  footprint estimate --energy-kwh 1287000 --energy-at facility --pue 1.1 --intensity 429
  footprint estimate --tdp-w 400 --device-hours 1082990 --pue 1 --intensity 57 --json
  footprint estimate --power-w 250:330:400 --hours 24 --region FR --embodied-kg 1500 --lifetime-years 4
  footprint estimate --energy-kwh 900:1000:1200 --region FR --name plan --save
"""
_NUMBERS = {
    # option: what it is
    "energy-kwh": "Energy that the job uses.",
    "power-w": "Average draw of one device; with --hours.",
    "tdp-w": "Nameplate power of one device; × --utilisation.",
    "utilisation": "How busy a device is, 0 to 1. Default: 1, said so.",
    "count": "Number of devices. Default: 1.",
    "hours": "Hours that each device works; with --energy-kwh only the time share of embodied.",
    "device-hours": "Cumulated hours of all devices, instead of --count and --hours.",
    "tokens-out": "Tokens that a request writes; with --llm or --params-b.",
    "tokens-in": "Tokens that a request reads.",
    "requests": "Number of requests. Default: 1.",
    "pue": "Facility energy ÷ IT energy, 1 or more.",
    "intensity": "gCO2e per kWh of facility energy, by location.",
    "intensity-market": "gCO2e per kWh of facility energy, by contracts.",
    "wue": "Litres per kWh of IT energy on site.",
    "ewif": "Litres per kWh of electricity at the power plants.",
    "primary-energy": "MJ per kWh of facility energy.",
    "adpe": "kg Sb-eq per kWh of facility energy.",
    "embodied-kg": "kgCO2e to make one device; × --count.",
    "cpu-die-mm2": "Embodied by components: a processor's die.",
    "dram-gb": "Embodied by components: memory.",
    "ssd-gb": "Embodied by components: a drive.",
    "lifetime-hours": "Hours that a device is used in its life.",
    "lifetime-years": "The same in years of 8,760 h.",
    "share": "Part of the devices that is the job's, up to 1; for embodied only.",
}
_WORDS = {
    "energy-at": ("components|it|facility", "What --energy-kwh is the energy of. Default: it."),
    "gpu": ("NAME", "A GPU of the catalogue; with --hours."),
    "cpu": ("NAME", "A processor of the catalogue; with --hours."),
    "llm": ("NAME", "A language model of the catalogue; with --tokens-out."),
    "params-b": ("ACTIVE[:TOTAL]", "Its parameters in billions, instead of --llm."),
    "region": ("ZONE", "Where it would run: FR, US-CA, aws:eu-west-3."),
    "year": ("Y", "Picks the factors' year."),
    "embodied": ("auto|none", "none leaves it out. Default: auto, the named hardware's."),
    "name": ("NAME", "What to call the job."),
    "project": ("NAME", "The project that it belongs to."),
}


def _with_options(command: Any) -> Any:
    """All options, in the order of the tables: numbers take ``LOW:CENTRAL:HIGH`` too."""
    for name, words in reversed(_NUMBERS.items()):
        command = click.option(f"--{name}", metavar="N", help=words)(command)
    for name, (metavar, words) in reversed(_WORDS.items()):
        command = click.option(f"--{name}", metavar=metavar, help=words)(command)
    return command


@click.command("estimate", epilog=_EPILOG)
@_with_options
@click.option("--units", multiple=True, metavar="K=N", help="Functional units: adds the impacts of one.")
@click.option("--tag", multiple=True, metavar="K=V", help="A tag; may be given several times.")
@click.option("--save", is_flag=True, help="Keep it, as an estimate: in no sum of runs.")
@click.option("--json", "json_path", is_flag=False, flag_value="-", metavar="[FILE]", help="footprint.estimate/1.")
def command(json_path: str | None, **options: Any) -> None:
    """Estimate the impacts of a job that has not run.

    Give its energy, or its hardware and hours. Every number N may be LOW:CENTRAL:HIGH. What is not given comes from
    the catalogue with its range, and stands under "assumed". What --save keeps, "list --estimates" and "show" have.
    """
    for name in ("units", "tag"):
        options[name] = _pairs(name, options[name])
    if json_path not in {None, "-"}:
        check_writable(str(json_path))
    made = estimation.estimate(options, origin="flag")
    if options["save"] and made.estimate_id is None:
        complain("FOOTPRINT_DISABLED is set: the estimate is not kept; unset it to keep estimates")
    if json_path == "-":
        stored.echo_json(estimation.as_document(made))
        return
    if json_path is not None:
        _write(json_path, estimation.as_document(made))
    for line in text.lines_of(made, plain=config.is_plain(os.environ)):
        click.echo(line)


def _pairs(name: str, given: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in given:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise UsageError(f"--{name} {word!r}", "it is no pair", f"write it like --{name} key=value")
        if key in found:
            raise UsageError(f"--{name} {word!r}", f"{key!r} is given twice", "give it once")
        found[key] = value
    return found


def _write(path: str, document: Mapping[str, Any]) -> None:
    import json

    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
    except OSError as fault:
        why = fault.strerror or str(fault)
        what = f"--json {path}"
        raise UsageError(what, f"it cannot be written ({why})", "give a file in a folder that can") from None
