"""Everyday things that take a known energy: arithmetic from physics, so that no survey ages in it.

They compare energy alone. What an energy does to nature depends on place and time, so none of them is a claim
about carbon or water.
"""

from typing import NamedTuple


class Equivalent(NamedTuple):
    """A thing of everyday life, and the energy that one unit of it takes."""

    key: str
    text: str
    """With ``{amount}`` where the amount goes."""
    unit: str
    """``s`` (the amount is a duration) or empty (it is a number)."""
    energy_j: float
    """Energy (J) of one unit: of one second, of one litre, of one bath."""
    up_to_j: float
    """Used for energies up to this one (J), above those of the row before."""
    formula: str
    source: str
    year: int
    licence: str


_WATER = "CIPM 1950 (BIPM): 1 g of water by 1 °C takes 4.1855 J at 15 °C"
_FACT = "a fact of physics: free to use"

# Add yours here, in the order of up_to_j. Cite where its energy is from; leave out what depends on a brand or a habit.
EQUIVALENTS = (
    Equivalent(
        "led-lamp", "a 10 W LED lamp lit for about {amount}", "s", 10.0, 360_000.0,
        "10 W × time", "SI Brochure (BIPM): 1 W = 1 J/s", 2019, _FACT,
    ),
    Equivalent(
        "kettle", "heating about {amount} L of water from 15 °C to the boil", "", 355_767.5, 36_000_000.0,
        "4.1855 kJ/(kg K) × 85 K × 1 kg, without losses", _WATER, 1950, _FACT,
    ),
    Equivalent(
        "bath", "heating about {amount} baths of 150 L from 15 to 40 °C", "", 15_695_625.0, float("inf"),
        "4.1855 kJ/(kg K) × 25 K × 150 kg, without losses", _WATER, 1950, _FACT,
    ),
)  # fmt: skip


def nearest(energy_j: float) -> Equivalent:
    """The one whose amounts read well at this energy (J, not negative)."""
    return next(one for one in EQUIVALENTS if energy_j <= one.up_to_j)
