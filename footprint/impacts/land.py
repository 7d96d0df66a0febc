"""Land occupied for the electricity, m2.yr: plants, mines and reservoirs, as long as the job's kWh keep them.

The area between wind turbines is not in it; of dams the central value is the median one. Occupation is not the loss
of species: that is another indicator.
"""

from footprint.factors import Catalogue
from footprint.impacts import electricity
from footprint.impacts.terms import Energies
from footprint.records.derivation import Impact

KEY = "land"
UNIT = "m2.yr"
CLASS = "direction"
_NAMED = electricity.Named(
    KEY, UNIT, CLASS, "land of plants, mines and reservoirs",
    "the catalogue has no land figure for this zone",
    "the land for making the hardware: nobody publishes it in a form that may be passed on",
)  # fmt: skip


def impact_of(energies: Energies, catalogue: Catalogue, year: int | None) -> Impact:
    """The land that a job's electricity occupies (m2.yr), with its derivation."""
    return electricity.impact_of(_NAMED, energies, catalogue, year)
