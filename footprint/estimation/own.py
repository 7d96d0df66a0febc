"""A user's own factors in an estimate: those that their settings name, as a run takes them."""

from __future__ import annotations

import os
from typing import NamedTuple

from footprint import catalogue, config, own_file, stated_contract
from footprint.estimation.record import Assumed
from footprint.factors import Catalogue
from footprint.own_factors import Applied, applied
from footprint.records.own_factors import OwnFactors
from footprint.records.raw import RegionRef


class WithOwn(NamedTuple):
    """A place's factors with the user's own in their places."""

    rows: Catalogue
    own: OwnFactors | None = None
    applied: Applied | None = None

    @property
    def assumed(self) -> list[Assumed]:
        """What of the user's own stands for what: nothing is mixed in silence."""
        return [] if self.applied is None else [Assumed("own factors", None, None, note) for note in self.applied.notes]


def with_own(rows: Catalogue, place: RegionRef, year: int | None) -> WithOwn:
    """The rows of a place as the settings have them. Raises UsageError for a file or a contract that cannot be."""
    settings = config.load({}, os.environ)
    if settings.factors.value is None and settings.contract.value is None:
        return WithOwn(rows)
    table = catalogue.zones()
    file = own_file.read(own_file.path_of(*settings.factors), table) if settings.factors.value is not None else None
    contract = stated_contract.of_setting(*settings.contract) if settings.contract.value is not None else None
    own = own_file.for_run(file, contract, place, table)
    if own is None:
        return WithOwn(rows)
    one = applied(rows, own, place.given, year)
    return WithOwn(one.catalogue, own, one)
