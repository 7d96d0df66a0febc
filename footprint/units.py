"""The only place with conversion factors. All are exact by definition."""

J_PER_KWH = 3_600_000
UJ_PER_J = 1_000_000
MJ_MILLI_PER_J = 1_000
"""Millijoules in a joule (NVML counts millijoules)."""
MW_MILLI_PER_W = 1_000
UW_PER_W = 1_000_000
G_PER_KG = 1_000
BYTES_PER_GB = 1_000_000_000
BYTES_PER_KIB = 1_024
H_PER_YEAR = 8_760
S_PER_H = 3_600
L_PER_M3 = 1_000
D_PER_YEAR = 365


def kwh(energy_j: float) -> float:
    """Energy in kWh of an energy in J."""
    return energy_j / J_PER_KWH


def joules(energy_kwh: float) -> float:
    """Energy in J of an energy in kWh."""
    return energy_kwh * J_PER_KWH
