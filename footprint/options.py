"""What a run may be told, for type checkers: keyword arguments of ``start``, ``track`` and ``tracked``."""

from collections.abc import Mapping
from typing import TypedDict


class Options(TypedDict, total=False):
    """What a run may be told; all of it is optional."""

    project: str | None
    team: str | None
    tags: Mapping[str, str] | None
    group: str | None
    continues: str | None
    region: str | None
    """Where it runs: ``FR``, ``US-CA``, ``aws:eu-west-3``."""
    pue: float | None
    """Facility energy ÷ IT energy, 1 or more."""
    idle: str | None
    """Whose the idle energy is: ``reserved``, ``proportional``, ``all``, ``none``."""
    interval: float | None
    """Seconds between two looks, 0.02 to 600."""
    metrics: str | None
    """Address of a server's own counters: ``http://127.0.0.1:8000/metrics``."""
    wall_kwh: float | str | None
    """What a meter at the wall counted in this run (kWh): ``0.41``, ``"0.40:0.41:0.42"``, ``"0.41±2%"``."""
    factors: str | None
    """A CSV of your own factors, which take the place of the catalogue's: docs/own-factors.md."""
    contract: str | Mapping[str, object] | None
    """What you state of the electricity you buy: ``"0 PPA 2026 EVIDENCE"``, or a mapping; shown as a claim."""
