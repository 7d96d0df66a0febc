"""How much of its e-waste a place collects and recycles, by its own figure or its region's: rows of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalogue_rows import Range, Record, Row, ids

OWN_SPREAD = 0.2
"""Denominators differ from country to country, and nobody publishes a range: ours."""
WORLD = "World"


class Collected:
    """Shares of e-waste that are documented as collected and recycled, by zone."""

    def __init__(self, collection: Sequence[Record], regions: Sequence[Record]) -> None:
        self._figures: Mapping[str, Record] = {one["place"]: one for one in collection}
        self._regions: Mapping[str, str] = {one["zone"]: one["region"] for one in regions}

    def rows(self, zones: Sequence[tuple[str, str]]) -> list[Row]:
        """A row for each (zone, its country or nothing)."""
        return [self._row(zone, country or zone) for zone, country in zones]

    def _row(self, zone: str, country: str) -> Row:
        own = self._figures.get(country)
        if own is not None:
            note = own["note"] or "as the country reports it; denominators differ"
            return self._of(zone, own, "published" if zone == country else "fallback", note)
        place = self._regions.get(country, WORLD)
        figure = self._figures[place]
        if zone == "WORLD":
            return self._of(zone, figure, "published", "documented collection of the world")
        central = float(figure["central"])
        row = self._of(zone, figure, "fallback", f"no figure of its own: that of {place}; its countries differ widely")
        return row._replace(
            amount=Range(0.0, central, min(1.0, 2 * central)), sources=(*row.sources, "un_m49", "hardware_assumption")
        )

    def _of(self, zone: str, figure: Record, how: str, note: str) -> Row:
        central = float(figure["central"])
        low = float(figure["low"] or central * (1 - OWN_SPREAD))
        high = max(float(figure["high"] or central), central * (1 + OWN_SPREAD))
        sources = (*ids(figure["sources"]), "hardware_assumption")
        amount = Range(low, central, min(1.0, high))
        return Row(
            "ewaste", "collected", zone, "kg", amount, 6, "end of life", "share", figure["year"], how, sources, note
        )
