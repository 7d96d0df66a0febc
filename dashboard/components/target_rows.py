"""The table of targets: a row each, with its bar, its status and who answers for it; and the finding in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from footprint.budget import ENERGY
from footprint.dashboard.components import amounts, grade, tables
from footprint.dashboard.components.aria import aria
from footprint.dashboard.components.indicators import label
from footprint.dashboard.components.target_status import told, worst_first
from footprint.dashboard.source import TargetFacts
from footprint.interval import Interval, exact, is_known
from footprint.targets import Standing

PATH = "/targets"
_HEADS = (
    "Target", "Used", "Budget", "Progress", "Forecast", "Remaining", "Status", "Data grade", "Owner and reason",
)  # fmt: skip
_SCALE = 1.5
"""The budget stands at 1 / 1.5 of a bar's width, unless more than that is used or expected."""


def headline(found: Sequence[TargetFacts]) -> str:
    """``1 of 3 targets is on track``; targets whose class allows no status are not counted."""
    counted = [one.standing for one in found if one.standing.target.kind == "status"]
    if not counted:
        return "1 target, without a status" if len(found) == 1 else f"{len(found)} targets, without a status"
    fine = sum(one.status == "on_track" for one in counted)
    targets = "target" if len(counted) == 1 else "targets"
    return f"{fine} of {len(counted)} {targets} on track"


def finding(found: Sequence[TargetFacts]) -> str:
    """What is over or likely to be, how much is left of it, and what cannot be told."""
    parts = []
    for one in (facts.standing for facts in found):
        if one.target.kind == "status" and one.status != "on_track":
            left = f", {_left(one)}" if math.isfinite(one.remaining) and one.status != "cannot_tell" else ""
            status = told(one)
            parts.append(f"{one.target.name}: {status.state.word.lower()}{left}.")
    return (
        " ".join(parts[:4])
        or "Each is expected to stay within its budget; the chance that it does not stands in its row."
    )


def line(found: Sequence[TargetFacts]) -> list[Any]:
    """The same in one line, which leads to the page of targets; empty where there are none."""
    if not found:
        return []
    ordered = sorted(found, key=lambda one: worst_first(one.standing))
    return [html.A(headline(found), href=PATH, className="go"), ". ", finding(ordered)]


def rows(found: Sequence[TargetFacts], chosen: str) -> Component:
    """The table. The first column's link chooses the target of the chart."""
    body: list[list[tables.Cell]] = [_row(facts, now=facts.standing.target.name == chosen) for facts in found]
    return html.Div(tables.table(_HEADS, body, "Targets", numbers=(1, 2, 4, 5)), className="targets")


def legend() -> str:
    """How a bar is read."""
    return (
        "Bar: used, with its range. Thin bar below: forecast range at the end of the period. "
        "Solid tick: even pace. Dashed tick: budget."
    )


def _row(facts: TargetFacts, *, now: bool) -> list[tables.Cell]:
    one = facts.standing
    unit = one.target.unit
    share = "" if not is_known(one.used) else f"{100 * one.used.central / one.target.limit:.0f} % of the budget"
    return [
        _name(one, now=now),
        tables.amount(amounts.counted(one.used, unit), amounts.below(one.used, unit) or share),
        amounts.counted(exact(one.target.limit), unit),
        _bar(one),
        tables.amount(amounts.counted(one.forecast, unit), whole_range(one.forecast, unit)),
        tables.amount(_remaining(one), _share_left(one)),
        _status(one),
        _grade(facts),
        tables.amount(one.target.owner, one.target.reason),
    ]


def _name(one: Standing, *, now: bool) -> Component:
    target = one.target
    marked: dict[str, Any] = {
        "data-key": "target", "data-value": target.name, **(aria(current="true") if now else {}),
    }  # fmt: skip
    link = html.A(target.name, href=f"{PATH}?{urlencode({'target': target.name})}", className="go main", **marked)
    what = f"{label(target.indicator)}, {target.scope}, {period(one)}"
    return html.Span([link, html.Span(what, className="below")], className="amount")


def period(one: Standing) -> str:
    """``November 2026``, ``quarter from 1 Oct``, ``2026``."""
    first = date.fromisoformat(one.first_day)
    return {"month": f"{first:%B %Y}", "year": f"{first:%Y}"}.get(
        one.target.period, f"{one.target.period} from {first.day} {first:%b %Y}"
    )


def whole_range(value: Interval, unit: str) -> str:
    """The whole range, of a lower bound too: what is counted is compared with the budget."""
    return amounts.between(value._replace(kind="envelope"), unit) if is_known(value) else ""


def _remaining(one: Standing) -> str:
    if not math.isfinite(one.remaining):
        return amounts.DASH
    amount = amounts.counted(exact(abs(one.remaining)), one.target.unit)
    return amount if one.remaining >= 0 else f"−{amount}"


def _share_left(one: Standing) -> str:
    if not math.isfinite(one.remaining):
        return ""
    return f"{100 * one.remaining / one.target.limit:.0f} % left" if one.remaining >= 0 else "passed by so much"


def _left(one: Standing) -> str:
    amount = amounts.counted(exact(abs(one.remaining)), one.target.unit)
    limit = amounts.counted(exact(one.target.limit), one.target.unit)
    return f"{amount} of {limit} left" if one.remaining >= 0 else f"{amount} above its {limit}"


def _status(one: Standing) -> Component:
    status = told(one)
    word = html.Span(
        [html.Span(status.state.sign, **aria(hidden="true")), f" {status.state.word}"],
        className=f"state state-{status.state.level}",
    )
    return html.Span([word, html.Span(status.why, className="below")], className="amount why")


def _grade(facts: TargetFacts) -> Component:
    if facts.standing.target.indicator == ENERGY:
        found = grade.of_energy(facts.shares.measured)
    else:
        found = grade.of_sum(facts.shares)
    return tables.amount(found.letter, found.why) if found else tables.amount(amounts.DASH, "no energy is known")


def _bar(one: Standing) -> Component:
    """Used and forecast in lanes of their own, so that neither range covers the other; ticks over both."""
    limit = one.target.limit
    highs = [value.high for value in (one.used, one.forecast) if is_known(value)]
    whole = max([_SCALE * limit, *(1.05 * high for high in highs)])

    def part(low: float, high: float, name: str) -> Component:
        style = {"left": f"{100 * low / whole:.2f}%", "width": f"{100 * max(0.0, high - low) / whole:.2f}%"}
        return html.Span(style=style, className=name)

    lanes: list[Component] = []
    if is_known(one.used):
        lanes += [part(0, one.used.low, "used"), part(one.used.low, one.used.high, "used-range")]
        lanes.append(part(one.used.central, one.used.central, "used-tick"))
    if is_known(one.forecast):
        lanes.append(part(one.forecast.low, one.forecast.high, "ahead"))
        lanes.append(part(one.forecast.central, one.forecast.central, "ahead-tick"))
    lanes += [part(limit * _elapsed(one), 0, "pace"), part(limit, 0, "limit")]
    level = told(one).state.level
    return html.Div(lanes, className=f"bullet bullet-{level}", role="img", **aria(label=_spoken(one)))


def _elapsed(one: Standing) -> float:
    """The share of the period that is over when today is."""
    days = (date.fromisoformat(one.last_day) - date.fromisoformat(one.first_day)).days + 1
    return 1 - one.days_left / days


def _spoken(one: Standing) -> str:
    unit = one.target.unit
    said = [f"Used {amounts.counted(one.used, unit)} of {amounts.counted(exact(one.target.limit), unit)}"]
    if is_known(one.forecast):
        said.append(f"forecast {whole_range(one.forecast, unit) or amounts.counted(one.forecast, unit)}")
    return f"{', '.join(said)}; an even pace would be {100 * _elapsed(one):.0f} % by today."
