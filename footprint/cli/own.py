"""The user's own factors by this environment's settings, as the verbs on factors need them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from footprint import catalogue, config
from footprint.factors import Factor, SourceRef
from footprint.own_factors import applied, is_own, known_factors, known_sources
from footprint.own_file import OwnFile, for_run, path_of, read
from footprint.records.own_factors import OwnFactors
from footprint.records.raw import RegionRef


class Merged(NamedTuple):
    """A place's factors, with the user's own in their places."""

    rows: tuple[Factor, ...]
    sources: Mapping[str, SourceRef]
    instead_of: Mapping[str, tuple[str, ...]]
    """Id of a factor of the user's own -> ids of the catalogue's that it stands for."""
    own: OwnFactors | None


def of_settings() -> OwnFile | None:
    """The file that the settings name, checked; None where they name none. Raises UsageError."""
    setting = config.load({}, os.environ).factors
    return None if setting.value is None else read(path_of(*setting), catalogue.zones())


def merged(where: RegionRef, year: int | None) -> Merged:
    """The factors of a place as a run of a year takes them. Raises UsageError for the file of the settings."""
    known, file = catalogue.load(where.zone, where.given), of_settings()
    own = for_run(file, None, where, catalogue.zones())
    if own is None:
        return Merged(known.factors, catalogue.sources(), {}, None)
    one = applied(known, own, where.given, year)
    mine = known_factors(own)
    rows = dict.fromkeys(mine[row.id] if is_own(row.id) else row for row in one.catalogue.factors)
    return Merged(tuple(rows), {**catalogue.sources(), **known_sources(own)}, one.instead_of, own)
