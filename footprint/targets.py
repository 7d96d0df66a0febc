"""Targets: a limit on an indicator for a scope and a period, with an owner and a reason; and how it stands. Pure.

``forecast`` tells where it is going, ``silence`` which hosts are heard of; docs/method-targets.md has more words.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from footprint import budget
from footprint.errors import UsageError, nearest
from footprint.forecast import WINDOW_DAYS, Use, above, forecast
from footprint.impacts import INDICATORS
from footprint.interval import UNKNOWN, Interval, is_known
from footprint.silence import Heard

PERIODS = ("month", "quarter", "year")
STATUSES = ("on_track", "likely_over", "over", "cannot_tell")
OVER, LIKELY = 0.95, 0.66
ENOUGH = 0.9
"""Coverage below this says nothing of being on track."""
_NEVER = {
    "claim": "it is a claim, shown beside its evidence: no target can rest on it",
    "inventory": "it is an inventory: it is shown, and never a target",
}
_KEYS = ("limit", "indicator", "project", "team", "period", "owner", "reason", "catalogue")
"""What says a target, in ``ecology.toml`` as on the command line."""


class Scope(NamedTuple):
    """Whose use counts: of one project, of one team, or of everything that is kept here."""

    kind: str
    """``project``, ``team`` or ``everything``."""
    name: str = ""

    def __str__(self) -> str:
        """``project vision``, ``everything``."""
        return f"{self.kind} {self.name}" if self.name else self.kind


class Pinned(NamedTuple):
    """The catalogue of factors that a target is reckoned with, until it is rebased."""

    version: str
    sha256: str = ""
    """Empty where only the version was stated."""


class Target(NamedTuple):
    """A limit with its owner and its reason."""

    name: str
    indicator: str
    """``energy`` (kWh at the wall) or an indicator."""
    scope: Scope
    period: str
    """One of ``PERIODS``, by the calendar, in UTC."""
    limit: float
    """In ``unit``."""
    text: str
    """The limit as it was written."""
    owner: str
    reason: str
    catalogue: Pinned
    origin: str = ""
    """The ``ecology.toml`` it is from; empty: it was set here."""

    @property
    def unit(self) -> str:
        """kWh, or the indicator's unit."""
        return "kWh" if self.indicator == budget.ENERGY else INDICATORS[self.indicator].unit

    @property
    def kind(self) -> str:
        """The class of its indicator: energy is measured, and can be on or off track."""
        return "status" if self.indicator == budget.ENERGY else INDICATORS[self.indicator].kind


class Standing(NamedTuple):
    """Where a target stands."""

    target: Target
    used: Interval
    """In the target's unit; NaN where nothing is known."""
    forecast: Interval
    """For the whole period; NaN where it cannot be told."""
    remaining: float
    """Limit − used, central; below 0: passed by so much."""
    p_over: float
    """Probability that the period ends over the limit; NaN where it cannot be told."""
    coverage: float
    status: str
    """One of ``STATUSES``."""
    why: str = ""
    """Why it cannot be told."""
    silent: tuple[str, ...] = ()
    """Hosts that fell silent."""
    first_day: str = ""
    """ISO dates of the period, both ends in it."""
    last_day: str = ""
    days_left: int = 0


# --- what a target may be ---


def target_of(name: str, told: Mapping[str, object], *, current: Pinned, origin: str = "") -> Target:
    """A target as people write it (keys: limit, indicator, project, team, period, owner, reason, catalogue).

    ``current`` stands in where ``told`` names no catalogue. Raises UsageError with the nearest word.
    """
    where = f" in {origin}" if origin else ""
    what = f"target {name!r}{where}"
    if not name.strip() or not name.isprintable() or len(name) > 80:
        raise UsageError(what, "a name has 1 to 80 printable characters", "give it another name")
    for key in told:
        if key not in _KEYS:
            raise UsageError(what, f"it has an unknown key {key!r}{nearest(key, _KEYS)}", f"use: {', '.join(_KEYS)}")
    words = {key: _word(what, key, value) for key, value in told.items() if value is not None}
    for key in ("limit", "owner", "reason"):
        if not words.get(key):
            raise UsageError(what, f"it has no {key}", f"give one: {_GIVE[key]}")
    indicator = None if "indicator" not in words else _indicator(what, words["indicator"])
    of, limit = budget.amount(words["limit"], f"{what}: limit", indicator)
    period = words.get("period", "month")
    if period not in PERIODS:
        why = f"there is no period {period!r}{nearest(period, PERIODS)}"
        raise UsageError(what, why, f"use one of: {', '.join(PERIODS)}")
    pinned = pinned_of(words["catalogue"]) if "catalogue" in words else current
    scope = _scope(what, words.get("project", ""), words.get("team", ""))
    return Target(name, of, scope, period, limit, words["limit"], words["owner"], words["reason"], pinned, origin)


_GIVE = {
    "limit": 'limit "50 kgCO2e"',
    "owner": "who answers for it",
    "reason": "why it is this much",
}


def _word(what: str, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise UsageError(what, f"{key} is no text ({value!r})", f'write it in quotation marks: {key} = "…"')
    if not value.isprintable():
        raise UsageError(what, f"{key} has characters that cannot be printed", "write it on one line")
    return value.strip()


def _indicator(what: str, key: str) -> str:
    """An indicator that can have a target, of its short name too."""
    key = {"carbon": "carbon_location"}.get(key, key)
    kind = INDICATORS[key].kind if key in INDICATORS else ""
    if kind in _NEVER:
        raise UsageError(what, f"{key} can have no target: {_NEVER[kind]}", f"use one of: {', '.join(allowed())}")
    if key not in allowed():
        why = f"there is no indicator {key!r} that can be counted{nearest(key, allowed())}"
        raise UsageError(what, why, f"use one of: {', '.join(allowed())}")
    return key


def allowed() -> tuple[str, ...]:
    """What can have a target: energy, and indicators that are no claim and no inventory."""
    return (budget.ENERGY, *(key for key, one in INDICATORS.items() if one.kind not in _NEVER and key in budget.UNITS))


def _scope(what: str, project: str, team: str) -> Scope:
    if project and team:
        raise UsageError(what, "it names a project and a team", "name one of them; neither means everything")
    if project:
        return Scope("project", project)
    return Scope("team", team) if team else Scope("everything")


def pinned_of(text: str) -> Pinned:
    """A catalogue as people write it: ``2026.11``, or ``2026.11+e19c18c7fe41`` with the beginning of its hash."""
    version, _, sha256 = text.partition("+")
    return Pinned(version, sha256)


# --- how it stands ---


def standing(target: Target, use: Use, heard: Heard) -> Standing:
    """Where a target stands: ``over`` from p 0.95 on, ``likely_over`` from 0.66 on, else ``on_track``.

    ``cannot_tell``, with why: the indicator has no status, no run or figure is known, or hosts fell silent. Use that
    has passed the limit is over all the same: silence takes nothing away from it.
    """
    used = use.used if use.runs and not use.refused else UNKNOWN
    if use.unknown and is_known(used):
        used = used._replace(kind="lower_bound")
    coverage = heard.coverage * (1 - use.unknown / use.runs) if use.runs else 0.0
    known = Standing(
        target, used, UNKNOWN, target.limit - used.central, math.nan, coverage, "cannot_tell", silent=heard.silent,
        days_left=use.days_left,
    )  # fmt: skip
    why = _no_figure(target, use)
    if why:
        return known._replace(why=why)
    expected = forecast(use)
    if target.kind != "status":
        return known._replace(forecast=expected.interval, why=_NO_STATUS.format(target.indicator, target.kind))
    if above(used, target.limit) >= OVER:
        return known._replace(forecast=expected.interval, p_over=expected.p_over(target.limit), status="over")
    if coverage < ENOUGH:
        return known._replace(why=_silence(heard, use, coverage))
    p_over = expected.p_over(target.limit)
    return known._replace(forecast=expected.interval, p_over=p_over, status=status_of(p_over))


_NO_STATUS = "{} is of the class {}: whether it rises or falls can be told, not whether it is on track"


def status_of(p_over: float) -> str:
    """The word for a probability."""
    return "over" if p_over >= OVER else "likely_over" if p_over >= LIKELY else "on_track"


def _no_figure(target: Target, use: Use) -> str:
    if use.refused:
        return use.refused
    if not use.runs:
        return f"no run of {target.scope} is known of this period or of the {WINDOW_DAYS} days before today"
    if use.unknown == use.runs:
        return f"none of its {use.runs} runs has a figure"
    return ""


def _silence(heard: Heard, use: Use, coverage: float) -> str:
    told = []
    if heard.coverage < ENOUGH:
        hosts = f"; silent: {', '.join(heard.silent)}" if heard.silent else ""
        told.append(f"hosts fell silent{hosts}")
    if use.unknown:
        told.append(f"{use.unknown} of {use.runs} runs have no figure")
    return f"{' and '.join(told)}; coverage is {coverage:.0%}, and silence is no saving"
