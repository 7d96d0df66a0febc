"""How a run's figure was made, in a drawer: each step with formula, inputs, factor and sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from footprint.dashboard.components import amounts
from footprint.dashboard.components.aria import aria
from footprint.dashboard.components.document import interval
from footprint.dashboard.components.indicators import all_shown
from footprint.dashboard.source import Derived

DRAWER, BODY, TITLE = "derivation", "derivation-body", "derivation-title"
BUTTON = "derive"


def buttons() -> Component:
    """A button for energy and for each indicator; the browser opens the drawer, a callback fills it."""
    made = [
        html.Button(one.name, id={"type": BUTTON, "indicator": one.key}, type="button", n_clicks=0, className="control",
                    **_opens(one.name))
        for one in all_shown()
    ]  # fmt: skip
    return html.Div([html.Span("How was this made?", className="muted"), *made], className="derive")


def _opens(name: str) -> dict[str, Any]:
    return {"data-opens": DRAWER, **aria(haspopup="dialog", label=f"How was this made: {name}")}


def drawer() -> Component:
    """The dialog, closed: Escape, its button and a click beside it close it again."""
    close = html.Button("Close", type="button", className="control", **{"data-closes": DRAWER})  # type: ignore[arg-type]
    head = html.Div([html.H2("How it was made", id=TITLE, tabIndex=-1), close], className="drawer-head")
    body = html.Div(id=BODY, tabIndex=0, className="drawer-body", role="region", **aria(label="Steps"))
    return html.Dialog(html.Div([head, body]), id=DRAWER, className="drawer", **aria(labelledby=TITLE))


def steps(derived: Derived) -> list[Component]:
    """The drawer's content."""
    found: list[Component] = [html.P(derived.note, className="muted")] if derived.note else []
    if derived.missing:
        found.append(html.P(f"{amounts.DASH} No figure: {derived.missing}."))
    numbers = {source: number for number, source in enumerate(derived.sources, 1)}
    if derived.steps:
        found.append(html.Ol([_step(step, numbers) for step in derived.steps], className="steps"))
    if derived.sources:
        listed = html.Ol([html.Li(words) for words in derived.sources.values()])
        found.append(html.Div([html.H3("Sources"), listed], className="sources"))
    if derived.spread:
        found.append(html.H3("What the spread is due to"))
        found.append(html.Ul([html.Li(f"{100 * share:.0f} %: {words}") for words, share in derived.spread]))
    found += [html.P(line) for line in derived.next_steps]
    return found


def _step(step: Mapping[str, Any], numbers: Mapping[str, int]) -> Component:
    unit = str(step["unit"])
    lines: list[Any] = [html.P(str(step["name"]), className="main"), html.Pre(html.Code(str(step["formula"])))]
    inputs = [html.Div([html.Dt(name), html.Dd(_plain(value))]) for name, value in (step.get("inputs") or {}).items()]
    if inputs:
        lines.append(html.Dl(inputs, className="pairs"))
    lines.append(html.P(["= ", html.Strong(amounts.whole(interval(step["output"]), unit))]))
    if step.get("factor"):
        lines.append(html.P(_factor(step["factor"]), className="below"))
    named = [str(numbers[name]) for name in step.get("sources") or () if name in numbers]
    if named:
        lines.append(html.P(f"Sources: {', '.join(dict.fromkeys(named))}", className="below"))
    return html.Li(lines)


def _plain(found: Any) -> str:
    """An input as it goes into the formula, without a unit of its own."""
    value = interval(found)
    if value is None:
        return amounts.DASH
    middle = amounts.digits(value.central)
    if value.low == value.high:
        return middle
    return f"{middle} ({amounts.digits(value.low)} to {amounts.digits(value.high)}, {amounts.kind_words(value)})"


def _factor(factor: Mapping[str, Any]) -> str:
    if "central" not in factor:
        return f"factor {factor['id']}: {factor['note']}"
    values = [amounts.digits(float(factor[key])) for key in ("central", "low", "high")]
    note = f"; {factor['note']}" if factor.get("note") else ""
    unit = f"{factor['unit']} per {factor['per']}"
    return f"factor {factor['id']}: {values[0]} ({values[1]} to {values[2]}) {unit}, {factor['how']}{note}"
