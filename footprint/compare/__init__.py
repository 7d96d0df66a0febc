"""Runs beside each other: what differs, by how much, and whether that is more than what is not known. Pure.

Two runs of one machine share the errors of its sensors and of the power model; in one place they share the factors.
What they share cannot make one of them use less than the other, so it is left out of the ranges of a difference.
"""

from footprint.compare.comparing import compare
from footprint.compare.energies import gains_of
from footprint.compare.gate import Gate, judged, parse
from footprint.compare.record import Comparison, Pair, Quantity, as_document

__all__ = ["Comparison", "Gate", "Pair", "Quantity", "as_document", "compare", "gains_of", "judged", "parse"]
