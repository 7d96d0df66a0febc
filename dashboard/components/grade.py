"""The data grade of an amount: A measured, B measured with a regional factor, C modelled, D screening estimate."""

from __future__ import annotations

from typing import NamedTuple

from footprint.dashboard.source import GUESSED
from footprint.queries import EnergyShares

MEASURED_ENOUGH = 0.9
"""Share of the energy that must be measured for A or B. The rest (power supply, fans) is modelled on most hosts."""
HALF = 0.5
LEGEND = "Grades: A measured, B measured with a regional factor, C modelled, D screening estimate."


class Grade(NamedTuple):
    """A letter and why."""

    letter: str
    why: str


def of_energy(measured_share: float | None) -> Grade | None:
    """The grade of an energy by how much of it was measured; None where nothing is known."""
    if measured_share is None:
        return None
    percent = f"{100 * measured_share:.0f} %" if measured_share >= 0.005 else "none"
    return Grade("A" if measured_share >= MEASURED_ENOUGH else "C", f"{percent} of the energy was measured")


def of_impact(measured_share: float | None, zone_how: str) -> Grade | None:
    """The grade of an impact: that of the energy, lowered by what is known of the place."""
    energy = of_energy(measured_share)
    if energy is None:
        return None
    if zone_how in GUESSED:
        return Grade("D", f"{energy.why}; the region is a guess or not known")
    if energy.letter == "A":
        return Grade("B", f"{energy.why}; the factor is the region's")
    return Grade("C", energy.why)


def of_sum(shares: EnergyShares) -> Grade | None:
    """The grade of an impact summed over runs: D where the region of half of the energy or more is a guess."""
    return of_impact(shares.measured, "unknown" if shares.guessed >= HALF else "flag")
