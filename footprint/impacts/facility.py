"""PUE: the energy of the whole facility for each kWh that the machine takes from its plug (ISO/IEC 30134-2)."""

from footprint.factors import Catalogue, find
from footprint.interval import Interval, exact


def pue_of(setting: float | None, battery: bool, catalogue: Catalogue) -> tuple[Interval, str | None]:  # noqa: FBT001 - a fact of the host, not a switch
    """PUE (a ratio ≥ 1), and the id of the factor it is from.

    A user's own value is exact; so is 1 on a machine with a battery, which stands in no data centre; else the cloud
    region's or its provider's, else the interval of unknown hosting. None: no factor was used.
    """
    if setting is not None:
        return exact(setting), None
    if battery:
        return exact(1.0), None
    row = find(catalogue.factors, "pue", "facility")
    if row is None:
        return Interval(1.0, 1.0, 1.0, "lower_bound"), None
    return row.value, row.id
