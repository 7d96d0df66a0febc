"""The upper half of the runs page: the finding in a sentence, amounts over time, and where the energy went."""

from __future__ import annotations

from typing import Any, NamedTuple

from dash import html
from dash.development.base_component import Component

from footprint.dashboard.components import amounts, empty, filters, grade, runs_table, shell, tables
from footprint.dashboard.components.aria import aria
from footprint.dashboard.components.moments import clock, day, hour
from footprint.dashboard.figures.over_time import HEIGHT, Bar, over_time
from footprint.dashboard.figures.theme import Palette, blank
from footprint.dashboard.selection import Order, Selection
from footprint.dashboard.source import Memory, RunSource, Seen
from footprint.interval import Interval
from footprint.queries import Daily, ProjectSum, RunRow, Sum

LOOKED_AT = 500
"""So many of the newest runs tell how well their regions are known."""
FEW_RUNS, FEW_DAYS = 24, 3
"""Up to so many runs on so many days are drawn one by one; more are summed by day."""
ALL = Selection(days=0)
ENERGY, CARBON = "job_kwh", "carbon_location"
UNITS = {ENERGY: "kWh", CARBON: "gCO2e"}
TITLES = {ENERGY: "Energy", CARBON: "Carbon"}


class Facts(NamedTuple):
    """What is known of a selection."""

    found: int
    energy: Sum
    carbon: Sum
    days: dict[str, list[Daily]]
    runs: list[RunRow]
    """The oldest first, where they are few; else none."""
    projects: list[ProjectSum]
    measured_share: float | None
    guessed_share: float
    """Share of the energy whose region is a guess or not known, of the newest runs."""
    nothing_yet: bool
    """There is no run at all."""
    messages: list[str]


def overview(source: RunSource, memory: Memory, chosen: Selection, colours: Palette) -> dict[str, Any]:
    """Everything that the page's callback fills in, by name."""
    seen = memory.ask(("overview", chosen), lambda: facts(source, chosen))
    if seen.value is None:
        return _nothing(seen)
    known = seen.value
    return {
        "headline": headline(known, chosen),
        "finding": finding(known),
        "problem": _problem(seen),
        "count": "1 run" if known.found == 1 else f"{known.found:,} runs",
        "none": empty.no_match() if known.found == 0 else [],
        "rows": {"display": "none"} if known.found == 0 else {"height": f"{runs_table.height(known.found)}px"},
        "empty": empty.no_runs_yet() if known.nothing_yet else [],
        "body_hidden": known.nothing_yet,
        "projects": _projects(known, chosen),
        "names": [html.Option(value=share.project) for share in known.projects if share.project],
        "fresh": f", as of {clock(seen.at)}",
        "energy": _chart(known, ENERGY, colours),
        "carbon": _chart(known, CARBON, colours),
    }


def facts(source: RunSource, chosen: Selection) -> Facts:
    """Ask for what the upper half of the page shows."""
    count = source.count(chosen)
    days = {indicator: source.daily(chosen, indicator) for indicator in (ENERGY, CARBON)}
    newest = source.runs(chosen, Order(), 0, LOOKED_AT)
    few = 0 < count <= FEW_RUNS and len(days[ENERGY]) <= FEW_DAYS
    return Facts(
        count,
        source.total(chosen, ENERGY),
        source.total(chosen, CARBON),
        days,
        newest[::-1] if few else [],
        source.projects(chosen),
        source.measured_share(chosen),
        _guessed(newest),
        count == 0 and source.count(ALL) == 0,
        source.messages(),
    )


def _guessed(runs: list[RunRow]) -> float:
    known = [run for run in runs if amounts.known(run.job_kwh)]
    whole = sum(run.job_kwh.central for run in known)
    guessed = sum(run.job_kwh.central for run in known if run.zone_how in grade.GUESSED)
    return guessed / whole if whole else 0.0


def headline(known: Facts, chosen: Selection) -> str:
    """``12 runs used 1.3 kWh in the last 30 days``."""
    when = f"in the last {chosen.days} days" if chosen.days else "in all"
    which = " that match" if chosen.filtered else ""
    if known.found == 0:
        return f"No runs{which} {when}"
    runs = f"1 run{which}" if known.found == 1 else f"{known.found:,} runs{which}"
    if not amounts.known(known.energy.value):
        return f"{runs} {when}; their energy is not known"
    return f"{runs} used {amounts.central(known.energy.value, 'kWh')} {when}"


def finding(known: Facts) -> str:
    """Where most of it went, the carbon of it, and how sure the figures are."""
    if known.found == 0:
        return ""
    parts = [known.energy.why and f"{known.energy.why}.", _most(known), _carbon(known)]
    parts.append(_measured(known.measured_share))
    if known.energy.unknown:
        parts.append(f"{known.energy.unknown} of them have no energy figure.")
    if known.energy.runs < known.found:
        parts.append(f"{known.found - known.energy.runs} inside other runs, counted there.")
    return " ".join(part for part in parts if part)


def _measured(share: float | None) -> str:
    if share is None:
        return ""
    if share < 0.005:
        return "All of the energy is modelled."
    if share > 0.995:
        return "All of the energy was measured."
    return f"{100 * share:.0f} % of the energy was measured, the rest modelled."


def _most(known: Facts) -> str:
    first = known.projects[0] if known.projects else None
    whole = known.energy.value
    if first is None or not amounts.known(first.sum.value) or not whole.central > 0:
        return ""
    percent = 100 * first.sum.value.central / whole.central
    if len(known.projects) == 1:
        return f"All in project {first.project}." if first.project else ""
    where = f"in project {first.project}" if first.project else "without a project"
    return f"Most {where} ({percent:.0f} %)." if percent >= 50 else f"Largest part {where} ({percent:.0f} %)."


def _carbon(known: Facts) -> str:
    carbon = known.carbon.value
    if not amounts.known(carbon):
        return ""
    spread = amounts.between(carbon, "gCO2e")
    return f"Carbon: {amounts.central(carbon, 'gCO2e')}" + (f" ({spread})" if spread else "") + ", location-based."


def _chart(known: Facts, indicator: str, colours: Palette) -> dict[str, Any]:
    """Figure, finding for those who do not see it, note, and the table of the same."""
    unit = UNITS[indicator]
    bars, per = bars_of(known, indicator)
    largest = max((bar.value.central for bar in bars), default=0.0)
    size, name = amounts.fit(largest, unit)
    title = TITLES[indicator]
    return {
        "figure": over_time(bars, size, colours, second=indicator == CARBON),
        "image": _spoken(title, bars, per),
        "note": _note(known, indicator, name, per),
        "table": _table(title, bars, per, unit),
    }


def bars_of(known: Facts, indicator: str) -> tuple[list[Bar], str]:
    """The bars and what each stands for: ``run`` or ``day``. What has no number has no bar."""
    unit = UNITS[indicator]
    if known.runs:
        of_runs = [(line, _of(line, indicator)) for line in known.runs]
        return [
            _bar(line.run_id, f"{_short(line.name or line.run_id)}<br>{hour(line.started_at)}", value, unit)
            for line, value in of_runs
            if value is not None and amounts.known(value)
        ], "run"
    return [
        _bar(item.day, day(item.day), item.sum.value, unit)
        for item in known.days[indicator]
        if amounts.known(item.sum.value)
    ], "day"


def _bar(key: str, label: str, value: Interval, unit: str) -> Bar:
    plain = label.replace("<br>", ", ")
    return Bar(key, label, value, amounts.counted(value, unit), f"<b>{plain}</b><br>{amounts.whole(value, unit)}")


def _of(line: RunRow, indicator: str) -> Interval | None:
    return line.job_kwh if indicator == ENERGY else line.impacts.get(indicator)


def _short(name: str) -> str:
    safe = name.replace("<", "‹").replace(">", "›")
    return safe if len(safe) <= 12 else f"{safe[:11]}…"


def _spoken(title: str, bars: list[Bar], per: str) -> str:
    if not bars:
        return f"{title} by {per}: nothing is known."
    most = max(bars, key=lambda bar: bar.value.central)
    return f"{title} by {per}, {len(bars)} bars. The largest is {most.label.replace('<br>', ', ')} with {most.words}."


def _note(known: Facts, indicator: str, unit: str, per: str) -> list[Any]:
    kinds = {bar.value.kind for bar in bars_of(known, indicator)[0]} - {"exact"}
    ranges = " and ".join(sorted(amounts.RANGE_WORDS[kind] for kind in kinds)) or "exact"
    how_sure = (
        grade.of_energy(known.measured_share)
        if indicator == ENERGY
        else grade.of_sum(known.measured_share, known.guessed_share)
    )
    note: list[Any] = [f"{unit} per {per}{' (UTC)' if per == 'day' else ''}; whiskers: {ranges}"]
    if how_sure:
        note.append(html.Span([" · grade ", html.Strong(how_sure.letter)], title=how_sure.why))
    return note


def _table(title: str, bars: list[Bar], per: str, unit: str) -> Component:
    rows: list[list[tables.Cell]] = [
        [
            bar.label.replace("<br>", ", "),
            bar.words,
            amounts.between(bar.value, unit) or amounts.DASH,
            amounts.kind_words(bar.value),
        ]
        for bar in bars
    ]
    return tables.table([per.capitalize(), title, "Range", "Kind of range"], rows, f"{title} by {per}", numbers=(1, 2))


def _projects(known: Facts, chosen: Selection) -> Component:
    """Bars of plain HTML: a name, a bar, an amount."""
    shown = [share for share in known.projects if amounts.known(share.sum.value)]
    largest = max((share.sum.value.central for share in shown), default=0.0) or 1.0
    lines = [
        html.Li(
            [
                _project(share, chosen),
                html.Span(
                    html.Span(
                        style={"width": f"{100 * share.sum.value.central / largest:.1f}%"}, className="share-bar"
                    ),
                    className="share-track",
                    **aria(hidden="true"),
                ),
                html.Span(amounts.counted(share.sum.value, "kWh"), className="share-amount"),
            ]
        )
        for share in shown[:6]
    ]
    more = len(shown) - len(lines)
    rest = [html.P(f"and {more} more projects", className="muted")] if more > 0 else []
    return html.Div([html.Ul(lines, className="shares"), *rest] if lines else html.P(amounts.DASH))


def _project(share: ProjectSum, chosen: Selection) -> Component:
    """A project's name, as a link to its runs where it has one."""
    name = filters.project(share.project, share.project, chosen) if share.project else "no project"
    return html.Span(name, className="share-name")


def _problem(seen: Seen[Facts]) -> list[Component]:
    said = [shell.notice(message) for message in (seen.value.messages if seen.value else ())]
    if not seen.problem:
        return said
    return [*said, shell.notice(f"{seen.problem}. What you see is from {clock(seen.at)}.", level="over")]


def _nothing(seen: Seen[Facts]) -> dict[str, Any]:
    """No answer now and none before: say what is wrong, and leave the charts empty."""
    nothing = {"figure": blank(HEIGHT), "image": "Nothing to show", "note": "", "table": []}
    return {
        "headline": "The runs cannot be read",
        "finding": "",
        "problem": [shell.notice(seen.problem, level="over")],
        "count": amounts.DASH,
        "none": [],
        "rows": {"display": "none"},
        "empty": [],
        "body_hidden": False,
        "projects": [],
        "names": [],
        "fresh": "",
        "energy": nothing,
        "carbon": nothing,
    }
