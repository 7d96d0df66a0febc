"""What the rows of the catalogue are made of: ranges, mixes of generation, factors by technology.

``catalogue_carbon``, ``catalogue_mix`` and ``catalogue_hosting`` make the rows of them, ``build_catalogue`` reads,
checks and writes. All amounts are per kWh. ``docs/method-impacts.md`` says the same in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

Record = Mapping[str, str]
FUELS = ("coal", "gas", "oil", "nuclear", "hydro", "wind", "solar", "biomass", "geothermal")
SEA_COOLED_FUELS = {"coal", "nuclear", "biomass"}
COLUMNS: tuple[str, ...] = (
    "id",
    "indicator",
    "part",
    "zone",
    "per",
    "low",
    "central",
    "high",
    "kind",
    "scope",
    "unit",
    "year",
    "how",
)
COLUMNS += ("sources", "note")
"""Of every file with factor rows."""
HEADER = (*COLUMNS, "basis")
"""Of those that are made of a place's electricity."""
STEPS = {"lifecycle", "upstream", "water"}
GENERATION = "generation"


class Range(NamedTuple):
    """``low ≤ central ≤ high``."""

    low: float
    central: float
    high: float


class Row(NamedTuple):
    """One row of a catalogue file, as text."""

    indicator: str
    part: str
    zone: str
    per: str
    amount: Range
    digits: int
    scope: str
    unit: str
    year: str
    how: str
    sources: tuple[str, ...]
    note: str = ""
    basis: str = ""
    """Of what electricity: that which is generated in the place, or that which is consumed there."""

    def cells(self) -> tuple[str, ...]:
        """The cells in the order of ``HEADER``."""
        low, central, high = (number(value, self.digits) for value in self.amount)
        name = f"{self.indicator}/{self.part}/{self.zone}/{self.year}"
        return (
            name, self.indicator, self.part, self.zone, self.per, low, central, high, "envelope", self.scope,
            self.unit, self.year, self.how, ";".join(dict.fromkeys(self.sources)), self.note, self.basis,
        )  # fmt: skip


class Inputs(NamedTuple):
    """The build's inputs, by file."""

    countries: Sequence[Record]
    technologies: Sequence[Record]
    zones: Sequence[Record]
    zones_earlier: Sequence[Record]
    subregions: Sequence[Record]
    places_without_data: Sequence[Record]
    cloud_regions: Sequence[Record]
    uncertainty: Sequence[Record]
    facts: Sequence[Record]


class Mix(NamedTuple):
    """Shares of generation by fuel, summing to 1, and their sources."""

    shares: Mapping[str, float]
    sources: tuple[str, ...]


def number(value: float, digits: int) -> str:
    """A number with at most ``digits`` decimals, without trailing zeros."""
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def ids(text: str) -> tuple[str, ...]:
    """The ids in a cell."""
    return tuple(part for part in text.split(";") if part)


def range_of(record: Record, prefix: str = "") -> Range:
    """The three amounts in a record's columns ``low``, ``central``, ``high``, each after ``prefix``."""
    return Range(*(float(record[f"{prefix}{part}"]) for part in Range._fields))


class Technologies:
    """What a kWh of each fuel does, and mixtures of them."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._ranges: dict[tuple[str, str], Range] = {}
        self._sources: dict[tuple[str, str], tuple[str, ...]] = {}
        self._units: dict[str, str] = {}
        for one in records:
            key = (one["quantity"], one["technology"])
            self._ranges[key] = range_of(one)
            self._sources[key] = ids(one["sources"])
            self._units[one["quantity"]] = one["unit"].partition("/")[0]

    def mixed(self, quantity: str, mix: Mix, fuels: Iterable[str] = FUELS, sea_cooled: float = 0.0) -> Range:
        """Sum of share × factor, once with all lows, centrals and highs (an envelope)."""
        sums = [0.0, 0.0, 0.0]
        for fuel in fuels:
            low, central, high = self._ranges[quantity, fuel]
            if quantity == "water" and fuel in SEA_COOLED_FUELS:
                low *= 1.0 - sea_cooled
            share = mix.shares[fuel]
            sums = [sums[0] + share * low, sums[1] + share * central, sums[2] + share * high]
        return Range(*sums)

    def indicators(self) -> tuple[str, ...]:
        """Quantities that are an indicator by themselves: all but the steps towards carbon and water."""
        return tuple(quantity for quantity in self._units if quantity not in STEPS)

    def unit(self, quantity: str) -> str:
        """Unit of a quantity, of one kWh."""
        return self._units[quantity]

    def sources(self, quantity: str, mix: Mix, fuels: Iterable[str] = FUELS) -> tuple[str, ...]:
        """Sources of the factors that the mix uses."""
        return tuple(
            source for fuel in fuels if mix.shares[fuel] > 0 for source in self._sources[quantity, fuel]
        )  # fmt: skip


def mix_of(record: Record) -> Mix | None:
    """The mix in a record; None where it has none."""
    if not record["coal"]:
        return None
    shares = {fuel: float(record[fuel] or 0) for fuel in FUELS}
    whole = sum(shares.values())
    return Mix({fuel: share / whole for fuel, share in shares.items()}, ids(record["mix_sources"]))


def widened(total: Range, ratios: Record) -> Range:
    """A range that also spans what a second method says for nine places of ten."""
    low, high = float(ratios["low_ratio"]), float(ratios["high_ratio"])
    return Range(min(total.low, total.central * low), total.central, max(total.high, total.central * high))


def percentile(values: Sequence[float], share: float) -> float:
    """By linear interpolation between the order statistics."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def spanning(ranges: Sequence[Range]) -> Range:
    """The mean of the centrals, from the lowest low to the highest high."""
    central = sum(one.central for one in ranges) / len(ranges)
    return Range(min(one.low for one in ranges), central, max(one.high for one in ranges))


def of_subregion(zone: str, rows: Sequence[Row]) -> Row:
    """A subregion's row from those of the states in it: no mix of the subregion itself is at hand."""
    states = " and ".join(row.zone for row in rows)
    whose = f"that of {states}" if len(rows) == 1 else f"the mean of {states}; low and high span them"
    return rows[0]._replace(
        zone=zone, amount=spanning([row.amount for row in rows]), how="fallback",
        sources=(*(source for row in rows for source in row.sources), *_placed(rows)),
        note=f"no mix of its own: {whose}",
    )  # fmt: skip


def _placed(rows: Sequence[Row]) -> tuple[str, ...]:
    return ("vote_7_transcriptions",) if rows[0].zone.startswith("US-") else ()


def of_placeless(record: Record, world: Row, most: float) -> Row:
    """The world's row for a place without any data: from nothing to ``most``, which is what oil alone would make."""
    amount = Range(0.0, world.amount.central, max(world.amount.high, most))
    return world._replace(
        zone=record["zone"], amount=amount, how="fallback", note="no figures of its own: those of the world stand in"
    )


def proxy_note(record: Record) -> str:
    """Whose figures stand in for a place's own."""
    of = record["proxy_of"]
    if not of or of == "own_approximation":
        return "an approximation from few figures"
    return f"no figures of its own: those of {' and '.join(of.split(';'))} stand in"
