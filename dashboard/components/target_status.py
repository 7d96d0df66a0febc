"""Where a target stands, as sign, word, colour and reason."""

from __future__ import annotations

import math
from typing import NamedTuple

from footprint.dashboard.components.status import State
from footprint.targets import Standing

_STATES = {
    "on_track": State("✓", "On track", "fine"),
    "likely_over": State("△", "Likely over", "watch"),
    "over": State("✕", "Over", "over"),
    "cannot_tell": State("?", "Cannot tell", "none"),
}
NO_STATUS = State("–", "No status", "none")
"""Of an indicator whose class allows none: it can be told whether it rises or falls, not whether it is on track."""


class Told(NamedTuple):
    """A state with its reason."""

    state: State
    why: str


def told(standing: Standing) -> Told:
    """The state of a target and why it is so."""
    if standing.target.kind != "status":
        return Told(NO_STATUS, standing.why)
    state = _STATES[standing.status]
    if standing.why:
        return Told(state, standing.why)
    if standing.remaining < 0:
        return Told(state, "the budget is used up")
    return Told(state, f"{chance(standing.p_over)} that the budget is passed" if math.isfinite(standing.p_over) else "")


def chance(p: float) -> str:
    """``12 % chance``: a forecast is never certain."""
    if p < 0.01:
        return "less than 1 % chance"
    return "more than 99 % chance" if p > 0.99 else f"{100 * p:.0f} % chance"


def worst_first(standing: Standing) -> tuple[int, str]:
    """The order in which targets want to be looked at."""
    order = ("over", "likely_over", "cannot_tell", "on_track")
    return (len(order) if standing.target.kind != "status" else order.index(standing.status), standing.target.name)
