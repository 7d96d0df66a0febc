"""Names of Arm cores by what they say of themselves: their designer and its number for the design.

A machine may have cores of several designs (big.LITTLE): then each is named, with how many there are of it.
Numbers: Arm's technical reference manuals (main ID register), and Linux's arch/arm64/include/asm/cputype.h.
"""

from __future__ import annotations

from collections.abc import Mapping

_DESIGNS: Mapping[tuple[str, str], str] = {
    ("0x41", "0xc07"): "Arm Cortex-A7",
    ("0x41", "0xc09"): "Arm Cortex-A9",
    ("0x41", "0xc0f"): "Arm Cortex-A15",
    ("0x41", "0xd03"): "Arm Cortex-A53",
    ("0x41", "0xd04"): "Arm Cortex-A35",
    ("0x41", "0xd05"): "Arm Cortex-A55",
    ("0x41", "0xd07"): "Arm Cortex-A57",
    ("0x41", "0xd08"): "Arm Cortex-A72",
    ("0x41", "0xd09"): "Arm Cortex-A73",
    ("0x41", "0xd0a"): "Arm Cortex-A75",
    ("0x41", "0xd0b"): "Arm Cortex-A76",
    ("0x41", "0xd0c"): "Arm Neoverse-N1",
    ("0x41", "0xd0d"): "Arm Cortex-A77",
    ("0x41", "0xd40"): "Arm Neoverse-V1",
    ("0x41", "0xd41"): "Arm Cortex-A78",
    ("0x41", "0xd42"): "Arm Cortex-A78AE",
    ("0x41", "0xd44"): "Arm Cortex-X1",
    ("0x41", "0xd46"): "Arm Cortex-A510",
    ("0x41", "0xd47"): "Arm Cortex-A710",
    ("0x41", "0xd48"): "Arm Cortex-X2",
    ("0x41", "0xd49"): "Arm Neoverse-N2",
    ("0x41", "0xd4b"): "Arm Cortex-A78C",
    ("0x41", "0xd4d"): "Arm Cortex-A715",
    ("0x41", "0xd4e"): "Arm Cortex-X3",
    ("0x41", "0xd4f"): "Arm Neoverse-V2",
    ("0x41", "0xd80"): "Arm Cortex-A520",
    ("0x41", "0xd81"): "Arm Cortex-A720",
    ("0x41", "0xd82"): "Arm Cortex-X4",
    ("0x41", "0xd83"): "Arm Neoverse-V3AE",
    ("0x41", "0xd84"): "Arm Neoverse-V3",
    ("0x41", "0xd8e"): "Arm Neoverse-N3",
    ("0x42", "0x516"): "Cavium ThunderX2",
    ("0x43", "0x0a1"): "Cavium ThunderX",
    ("0x43", "0x0af"): "Cavium ThunderX2",
    ("0x46", "0x001"): "Fujitsu A64FX",
    ("0x48", "0xd01"): "HiSilicon Kunpeng 920",
    ("0x4e", "0x003"): "NVIDIA Denver 2",
    ("0x4e", "0x004"): "NVIDIA Carmel",
    ("0x50", "0x000"): "APM X-Gene",
    ("0x51", "0xc00"): "Qualcomm Falkor",
    ("0x61", "0x022"): "Apple M1 Icestorm",
    ("0x61", "0x023"): "Apple M1 Firestorm",
    ("0x61", "0x032"): "Apple M2 Blizzard",
    ("0x61", "0x033"): "Apple M2 Avalanche",
    ("0x6d", "0xd49"): "Microsoft Azure Cobalt 100",
    ("0xc0", "0xac3"): "Ampere-1",
    ("0xc0", "0xac4"): "Ampere-1a",
}


def cores(cpuinfo: str) -> str:
    """The designs of a machine's cores, from all of ``/proc/cpuinfo``; empty where it names none.

    ``Arm Neoverse-N1``; ``4 Arm Cortex-A53 + 2 Arm Cortex-A72``; ``Arm 0x99:0x001`` for one that is not known here.
    """
    counts: dict[str, int] = {}
    implementer = ""
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "CPU implementer":
            implementer = value.strip().lower()
        elif name.strip() == "CPU part":
            design = named(implementer, value.strip().lower())
            counts[design] = counts.get(design, 0) + 1
    if len(counts) < 2:
        return "".join(counts)
    return " + ".join(f"{count} {design}" for design, count in counts.items())


def named(implementer: str, part: str) -> str:
    """One design; by its numbers where it is not known here."""
    return _DESIGNS.get((implementer, part), f"Arm {implementer}:{part}")
