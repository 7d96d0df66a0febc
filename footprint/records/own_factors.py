"""Factors of a user's own, as they travel with a run: the rows that stand for its place, and a contract it states.

They are kept with the readings, so that the same figures come out later, whatever became of the file.
"""

from typing import NamedTuple

OWN = "own/"
"""What the ids of factors of a user's own begin with."""


class OwnRow(NamedTuple):
    """A line of a user's file of factors, checked. Fields are its columns."""

    zone: str
    """A grid's zone or a cloud region, as the catalogue spells it."""
    indicator: str
    part: str
    year: int
    low: float
    central: float
    high: float
    kind: str
    """Kind of the interval, see ``interval.KINDS``."""
    scope: str
    unit: str
    per: str
    source_title: str
    source_publisher: str
    source_year: int
    source_licence: str
    how: str = "published"
    note: str = ""

    @property
    def id(self) -> str:
        """``own/carbon_location/direct/FR/2024``: of the factor, and of its source."""
        return f"{OWN}{self.indicator}/{self.part}/{self.zone}/{self.year}"


class Contract(NamedTuple):
    """What a user says of the electricity that they buy: a claim, with what they have to show for it."""

    intensity_g_per_kwh: float
    """gCO2e for each kWh of the facility."""
    kind: str
    """``PPA``, ``GO``, ``REC`` or ``tariff``."""
    evidence: str
    year: int
    """The year that it covers."""

    @property
    def id(self) -> str:
        """``own/carbon_market/contract/PPA/2026``: of the factor that it claims, and of its source."""
        return f"{OWN}carbon_market/contract/{self.kind}/{self.year}"


class OwnFactors(NamedTuple):
    """What of a user's own factors a run was measured with."""

    file: str = ""
    """Name of the file, without its folder; empty where there is a contract alone."""
    sha256: str = ""
    """Of the file's bytes."""
    rows: tuple[OwnRow, ...] = ()
    """Those of the run's place."""
    contract: Contract | None = None
