"""The upper half of the runs page: the finding in a sentence, amounts over time, and where the energy went."""

from __future__ import annotations

from typing import Any, NamedTuple

from dash import html
from dash.development.base_component import Component

from footprint.dashboard.components import amounts, empty, filters, grade, runs_table, shell, tables
from footprint.dashboard.components.aria import aria
from footprint.dashboard.components.indicators import ENERGY, Shown, added
from footprint.dashboard.components.moments import clock, day, hour, month
from footprint.dashboard.components.over_time import Bar, over_time
from footprint.dashboard.memory import Memory, Seen
from footprint.dashboard.selection import Order, Selection
from footprint.dashboard.source import RunSource
from footprint.interval import Interval
from footprint.queries import Daily, EnergyShares, ProjectSum, RunRow, Sum

FEW_RUNS, FEW_DAYS = 24, 3
"""Up to so many runs on so many days are drawn one by one; more are summed by day."""
ALL = Selection(days=0)


class Facts(NamedTuple):
    """What is known of a selection."""

    found: int
    sums: dict[str, Sum]
    """Of energy and of each indicator, by key."""
    times: list[Daily]
    """The quantity that is shown, by day or by month."""
    runs: list[RunRow]
    """The oldest first, where they are few; else none."""
    projects: list[ProjectSum]
    """Energy by project."""
    shares: EnergyShares
    nothing_yet: bool
    """There is no run at all."""
    messages: list[str]

    @property
    def energy(self) -> Sum:
        """The energy of the selection, kWh."""
        return self.sums[ENERGY]


def overview(source: RunSource, memory: Memory, chosen: Selection) -> dict[str, Any]:
    """Everything that the upper half of the page shows, by name."""
    seen = memory.ask(("overview", chosen), lambda: facts(source, chosen))
    if seen.value is None:
        return _nothing(seen)
    known, shown = seen.value, _shown(chosen)
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
        "tiles": _tiles(known, chosen),
        "title": f"{shown.name} over time",
        **_chart(known, shown),
    }


def facts(source: RunSource, chosen: Selection) -> Facts:
    """Ask for what the upper half of the page shows."""
    count = source.count(chosen)
    times = source.over_time(chosen, _shown(chosen).key)
    few = 0 < count <= FEW_RUNS and len(times) <= FEW_DAYS
    return Facts(
        count,
        source.totals(chosen, tuple(one.key for one in added())),
        times,
        source.runs(chosen, Order(), 0, FEW_RUNS)[::-1] if few else [],
        source.projects(chosen),
        source.shares(chosen),
        count == 0 and source.count(ALL) == 0,
        source.messages(),
    )


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
    """Where most of it went, and how sure the figures are."""
    if known.found == 0:
        return ""
    parts = [known.energy.why and f"{known.energy.why}.", _most(known)]
    parts.append(_measured(known.shares.measured))
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


def _shown(chosen: Selection) -> Shown:
    """The quantity that the chart shows."""
    return next(one for one in added() if one.place == chosen.show)


def _tiles(known: Facts, chosen: Selection) -> Component:
    """Each quantity in its own unit, with its range; a tile puts its quantity into the chart."""
    tiles = [html.Li(_tile(known.sums[one.key].value, one, chosen)) for one in added()]
    return html.Nav(html.Ul(tiles, className="tiles"), **aria(label="Amounts: choose one for the chart"))


def _tile(value: Interval, shown: Shown, chosen: Selection) -> Component:
    name = html.Span([shown.name, " "], className="tile-name")
    spread = amounts.between(value, shown.unit)
    parts: list[Component] = [name, html.Span([amounts.central(value, shown.unit), " "], className="figure")]
    if spread:
        parts.append(html.Span(spread, className="below"))
    now = shown.place == chosen.show
    return filters.option("show", shown.place, parts, chosen._replace(show=shown.place), now=now, style="tile")


def _chart(known: Facts, shown: Shown) -> dict[str, Any]:
    """The bars, the finding for those who do not see them, and a note."""
    bars, per = bars_of(known, shown)
    largest = max((bar.value.central for bar in bars), default=0.0)
    size, name = amounts.fit(largest, shown.unit)
    return {
        "figure": over_time(bars, size, second=not shown.is_energy),
        "image": _spoken(shown.name, bars, per),
        "note": _note(known, shown, bars, name, per),
    }


def chart_table(source: RunSource, memory: Memory, chosen: Selection) -> Component | None:
    """What a chart shows, as a table; made when it is opened, since it may have a row for each day of years."""
    seen = memory.ask(("overview", chosen), lambda: facts(source, chosen))
    if seen.value is None:
        return None
    shown = _shown(chosen)
    bars, per = bars_of(seen.value, shown)
    return _table(shown.name, bars, per, shown.unit)


def bars_of(known: Facts, shown: Shown) -> tuple[list[Bar], str]:
    """The bars and what each stands for: ``run``, ``day`` or ``month``. What has no number has no bar."""
    unit = shown.unit
    if known.runs:
        of_runs = [(line, _of(line, shown)) for line in known.runs]
        return [
            _bar(f"{_short(line.name or line.run_id)}, {hour(line.started_at)}", value, unit)
            for line, value in of_runs
            if value is not None and amounts.known(value)
        ], "run"
    by_month = any(len(item.day) == len("2026-11") for item in known.times)
    label, per = (month, "month") if by_month else (day, "day")
    return [_bar(label(item.day), item.sum.value, unit) for item in known.times if amounts.known(item.sum.value)], per


def _bar(label: str, value: Interval, unit: str) -> Bar:
    return Bar(label, value, amounts.counted(value, unit), f"{label}: {amounts.whole(value, unit)}")


def _of(line: RunRow, shown: Shown) -> Interval | None:
    return line.job_kwh if shown.is_energy else line.impacts.get(shown.key)


def _short(name: str) -> str:
    return name if len(name) <= 12 else f"{name[:11]}…"


def _spoken(title: str, bars: list[Bar], per: str) -> str:
    if not bars:
        return f"{title} by {per}: nothing is known."
    most = max(bars, key=lambda bar: bar.value.central)
    return f"{title} by {per}, {len(bars)} bars. The largest is {most.label} with {most.words}."


def _note(known: Facts, shown: Shown, bars: list[Bar], unit: str, per: str) -> list[Any]:
    kinds = {bar.value.kind for bar in bars} - {"exact"}
    ranges = " and ".join(sorted(amounts.RANGE_WORDS[kind] for kind in kinds)) or "exact"
    how_sure = grade.of_energy(known.shares.measured) if shown.is_energy else grade.of_sum(known.shares)
    note: list[Any] = [f"{unit} per {per}{'' if per == 'run' else ' (UTC)'}; whiskers: {ranges}"]
    if how_sure:
        note.append(html.Span([" · grade ", html.Strong(how_sure.letter)], title=how_sure.why))
    return note


def _table(title: str, bars: list[Bar], per: str, unit: str) -> Component:
    rows: list[list[tables.Cell]] = [
        [
            bar.label,
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
        "tiles": [],
        "title": "Over time",
        "figure": [],
        "image": "Nothing to show",
        "note": "",
    }
