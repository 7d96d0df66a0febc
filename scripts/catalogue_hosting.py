"""PUE and on-site water of cloud regions, of their providers, and of a machine of which nothing is known."""

from __future__ import annotations

import statistics

from catalogue_rows import Inputs, Range, Record, Row, ids, range_of

UNKNOWN_HOSTING = "unknown-hosting"
SITE_SPREAD = 0.25
"""A provider's yearly figure for one region, as it says itself: a quarter either way is an assumption."""


class Hosting:
    """The rows of ``pue.csv`` and ``on_site_water.csv``."""

    def __init__(self, inputs: Inputs) -> None:
        self._regions = inputs.cloud_regions
        self._facts = {one["fact"]: one for one in inputs.facts}

    def rows(self, use: str) -> list[Row]:
        """All rows of ``pue`` or ``wue``."""
        rows = [self._region(one, use) for one in self._regions]
        providers = sorted({one["region"].partition(":")[0] for one in self._regions})
        rows += [self._provider(provider, use) for provider in providers]
        fact = self._facts[f"unknown_{use}"]
        row = _hosting_row(use, UNKNOWN_HOSTING, range_of(fact), fact["year"], "fallback")
        return [*rows, row._replace(sources=ids(fact["sources"]), note=fact["note"])]

    def _region(self, record: Record, use: str) -> Row:
        region = record["region"]
        provider = region.partition(":")[0]
        if record[f"{use}_of"] != "site":
            company = record if record[use] else self._company(provider, use)
            return self._spread(region, provider, use) if company is None else self._mean(company, region, use)
        value, year, sources = float(record[use]), record[f"{use}_year"], ids(record["use_sources"])
        base = 1.0 if use == "pue" else 0.0
        half = (value - base) * SITE_SPREAD + 0.005
        amount = Range(max(base, value - half), value, value + half)
        note = "yearly mean that the provider publishes; the spread is an assumption"
        row = _hosting_row(use, region, amount, year, "published")
        return row._replace(sources=(*sources, "assumption"), note=note)

    def _provider(self, provider: str, use: str) -> Row:
        """A provider's mean, else the median and range of its sites."""
        company = self._company(provider, use)
        if company is None:
            return self._spread(provider, provider, use)
        note = "mean of all the provider's sites; low and high are those of all cloud sites"
        return self._mean(company, provider, use)._replace(how="published", note=note)

    def _mean(self, company: Record, zone: str, use: str) -> Row:
        """The provider's mean for a region of which it states nothing: it stands in."""
        spread, value = self._of_sites(None, use), float(company[use])
        amount = Range(min(spread.low, value), value, max(spread.high, value))
        note = "no figure of its own: mean of all the provider's sites; low and high are those of all cloud sites"
        row = _hosting_row(use, zone, amount, company[f"{use}_year"], "fallback")
        return row._replace(sources=(*ids(company["use_sources"]), "gsf_rtc"), note=note)

    def _spread(self, zone: str, provider: str, use: str) -> Row:
        """Of a region or provider without a figure: the median and range of sites that have one."""
        own = self._values(provider, use)
        spread = self._of_sites(provider if len(own) > 2 else None, use)
        whose = provider if len(own) > 2 else "all cloud providers"
        note = f"no figure of its own: median and range of the sites of {whose}"
        return _hosting_row(use, zone, spread, "2024", "fallback")._replace(sources=("gsf_rtc",), note=note)

    def _company(self, provider: str, use: str) -> Record | None:
        """A record with the provider's mean of all its sites."""
        return next((one for one in self._regions if _is_fleet(one, provider, use)), None)

    def _of_sites(self, provider: str | None, use: str) -> Range:
        values = self._values(provider, use)
        return Range(min(values), statistics.median(values), max(values))

    def _values(self, provider: str | None, use: str) -> list[float]:
        return [
            float(one[use]) for one in self._regions
            if one[f"{use}_of"] == "site" and provider in {None, one["region"].partition(":")[0]}
        ]  # fmt: skip


def _hosting_row(use: str, zone: str, amount: Range, year: str, how: str) -> Row:
    if use == "pue":
        return Row("pue", "facility", zone, "kWh-it", amount, 4, "facility over IT", "kWh", year, how, ())
    return Row("water", "on_site", zone, "kWh-it", amount, 4, "consumed", "L", year, how, ())


def _is_fleet(record: Record, provider: str, use: str) -> bool:
    return record["region"].startswith(f"{provider}:") and record[f"{use}_of"] == "fleet"
