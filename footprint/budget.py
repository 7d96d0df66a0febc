"""A budget for one run: an amount of an indicator or of energy, as a person writes it (``2 kgCO2e``)."""

import math
import re
from typing import NamedTuple

from footprint.errors import UsageError
from footprint.interval import Interval
from footprint.records.result import Run

_UNITS = {
    # unit: (what it is of, how many of that indicator's own unit)
    "gco2e": ("carbon_location", 1.0),
    "kgco2e": ("carbon_location", 1e3),
    "tco2e": ("carbon_location", 1e6),
    "j": ("energy", 1 / 3_600_000),
    "kj": ("energy", 1 / 3_600),
    "mj": ("energy", 1 / 3.6),
    "wh": ("energy", 1e-3),
    "kwh": ("energy", 1.0),
    "mwh": ("energy", 1e3),
    "ml": ("water", 1e-3),
    "l": ("water", 1.0),
    "m3": ("water", 1e3),
}
_KNOWN = "gCO2e, kgCO2e, tCO2e, J, kJ, MJ, Wh, kWh, MWh, mL, L, m3"


class Budget(NamedTuple):
    """A limit for one run."""

    text: str
    indicator: str
    """``energy`` (kWh at the wall) or an indicator."""
    limit: float
    """In kWh, or the indicator's unit."""

    def used(self, run: Run) -> Interval | None:
        """What a run has used of it; None where there is no figure."""
        if self.indicator == "energy":
            value = run.energy.job_kwh
        else:
            impact = run.impacts.get(self.indicator)
            if impact is None or not isinstance(impact.total, Interval):
                return None
            value = impact.total
        return None if math.isnan(value.central) else value


def parse(text: str) -> Budget:
    """A budget from ``2 kgCO2e``. Raises UsageError for no number, a negative one or an unknown unit."""
    found = re.fullmatch(r"\s*([-+]?[\d.]+(?:e[-+]?\d+)?|[-+]?nan|[-+]?inf)\s*([A-Za-z]\w*)\s*", text, re.IGNORECASE)
    if found is None:
        raise UsageError(f"budget {text!r}", "it is not a number and a unit", 'write it like "2 kgCO2e" or "0.5 kWh"')
    try:
        amount = float(found[1])
    except ValueError:
        amount = math.nan
    if not math.isfinite(amount) or amount <= 0:
        raise UsageError(f"budget {text!r}", "it must be above 0", 'write it like "2 kgCO2e" or "0.5 kWh"')
    unit = _UNITS.get(found[2].lower())
    if unit is None:
        raise UsageError(f"budget {text!r}", f"there is no unit {found[2]!r}", f"use one of: {_KNOWN}")
    return Budget(text.strip(), unit[0], amount * unit[1])
