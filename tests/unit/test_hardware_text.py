"""What ``footprint list --hardware`` prints. Renew with ``UPDATE_GOLDEN=1 pytest tests/unit/test_hardware_text.py``."""

import os
from pathlib import Path

import pytest

from footprint.account.hardware_use import Stay, hosts_of
from footprint.cli import hardware_text
from footprint.factors import Factor
from footprint.records.hardware import Hardware, Held

GOLDEN = Path(__file__).parents[1] / "golden"


def row(part, zone, per, unit, amount):
    low, central, high = amount
    return Factor(
        f"embodied/{part}/{zone}", "embodied", part, zone, per, low, central, high, "envelope", "manufacture", unit,
        2026, "published", ("x",),
    )  # fmt: skip


ROWS = (
    row("lifetime", "device", "device", "years", (3, 4, 6)),
    row("carbon_location", "server-cpu", "processor", "gCO2e", (12_000, 21_000, 52_000)),
    row("carbon_location", "gpu-h100", "GPU", "gCO2e", (109_000, 164_000, 246_000)),
    row("minerals", "server-cpu", "processor", "kgSb-eq", (0.002, 0.02, 0.04)),
    row("ewaste", "gpu-h100", "GPU", "kg", (1.2, 1.7, 1.7)),
)
HELD = (Held("server-cpu", "2 processors", 2.0, 0.25), Held("gpu-h100", "NVIDIA H100\x1b[2J", 1.0, 1.0))
STAYS = (
    Stay("one", "8f3a2c", "AMD EPYC 7763", None, 0.0, 36_000.0, Hardware(10.0, HELD, ("a card, which was not read",))),
    Stay("two", "8f3a2c", "AMD EPYC 7763", None, 40_000.0, 41_000.0, None),
    Stay("three", "b00b5e", "", None, 0.0, 3_600.0, Hardware(2.0, (HELD[0]._replace(share=30.0),))),
)


@pytest.mark.parametrize("plain", [False, True])
def test_the_text_is_as_agreed(plain):
    hosts = hosts_of(STAYS, 0.0, 86_400.0, ROWS)
    said = hardware_text.text("1970-01-01T00:00:00.000Z", "1970-01-02T00:00:00.000Z", hosts, plain=plain) + "\n"
    path = GOLDEN / f"list-hardware{'-plain' if plain else ''}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")
    assert "\x1b" not in said
