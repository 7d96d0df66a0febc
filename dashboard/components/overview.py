"""The upper half of the runs page: the finding in a sentence, amounts over time, and where the energy went."""

from __future__ import annotations

from typing import Any, NamedTuple

from dash import html
from dash.development.base_component import Component

from footprint.dashboard.components import amounts, empty, filters, grade, runs_table, shell, tables
from footprint.dashboard.components.aria import aria
from footprint.dashboard.components.indicators import ENERGY, Shown, all_shown, of_impacts
from footprint.dashboard.components.moments import clock, day, hour
from footprint.dashboard.figures.over_time import Bar, over_time
from footprint.dashboard.figures.theme import Palette
from footprint.dashboard.selection import Order, Selection
from footprint.dashboard.source import LOOKED_AT, Memory, RunSource, Seen, guessed_share
from footprint.interval import Interval
from footprint.queries import ProjectSum, RunRow, Sum, Summary

FEW_RUNS, FEW_DAYS = 24, 3
"""Up to so many runs on so many days are drawn one by one; more are summed by day."""
ALL = Selection(days=0)


class Facts(NamedTuple):
    """What is known of a selection."""

    found: int
    sums: dict[str, Summary]
    """Of energy and of each indicator, by key."""
    runs: list[RunRow]
    """The oldest first, where they are few; else none."""
    measured_share: float | None
    guessed_share: float
    """Share of the energy whose region is a guess or not known, of the newest runs."""
    nothing_yet: bool
    """There is no run at all."""
    messages: list[str]

    @property
    def energy(self) -> Sum:
        """The energy of the selection, kWh."""
        return self.sums[ENERGY].total

    @property
    def projects(self) -> list[ProjectSum]:
        """Energy by project."""
        return self.sums[ENERGY].projects


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
        **{one.place: _chart(known, one, colours) for one in all_shown()},
    }


def facts(source: RunSource, chosen: Selection) -> Facts:
    """Ask for what the upper half of the page shows."""
    count = source.count(chosen)
    sums = {one.key: source.summary(chosen, one.key) for one in all_shown()}
    newest = source.runs(chosen, Order(), 0, LOOKED_AT)
    few = 0 < count <= FEW_RUNS and len(sums[ENERGY].days) <= FEW_DAYS
    return Facts(
        count,
        sums,
        newest[::-1] if few else [],
        source.measured_share(chosen),
        guessed_share(newest),
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
    """Where most of it went, what it did by each indicator, and how sure the figures are."""
    if known.found == 0:
        return ""
    parts = [known.energy.why and f"{known.energy.why}.", _most(known), _impacts(known)]
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


def _impacts(known: Facts) -> str:
    """``Carbon by location: at least 71 g CO2e (82 g CO2e counted); water: …``: each in its own unit."""
    told = []
    for one in of_impacts():
        value = known.sums[one.key].total.value
        if amounts.known(value):
            spread = amounts.between(value, one.unit)
            told.append(f"{one.name}: {amounts.central(value, one.unit)}" + (f" ({spread})" if spread else ""))
    return "; ".join([*told[:1], *(f"{words[:1].lower()}{words[1:]}" for words in told[1:])]) + "." if told else ""


def _chart(known: Facts, shown: Shown, colours: Palette) -> dict[str, Any]:
    """Figure, finding for those who do not see it, and note."""
    bars, per = bars_of(known, shown)
    largest = max((bar.value.central for bar in bars), default=0.0)
    size, name = amounts.fit(largest, shown.unit)
    return {
        "figure": tables.graph(shown.place, over_time(bars, size, colours, second=not shown.is_energy)),
        "image": _spoken(shown.name, bars, per),
        "note": _note(known, shown, bars, name, per),
    }


def chart_table(source: RunSource, memory: Memory, chosen: Selection, shown: Shown) -> Component | None:
    """What a chart shows, as a table; made when it is opened, since it may have a row for each day of years."""
    seen = memory.ask(("overview", chosen), lambda: facts(source, chosen))
    if seen.value is None:
        return None
    bars, per = bars_of(seen.value, shown)
    return _table(shown.name, bars, per, shown.unit)


def bars_of(known: Facts, shown: Shown) -> tuple[list[Bar], str]:
    """The bars and what each stands for: ``run`` or ``day``. What has no number has no bar."""
    unit = shown.unit
    if known.runs:
        of_runs = [(line, _of(line, shown)) for line in known.runs]
        return [
            _bar(line.run_id, f"{_short(line.name or line.run_id)}<br>{hour(line.started_at)}", value, unit)
            for line, value in of_runs
            if value is not None and amounts.known(value)
        ], "run"
    return [
        _bar(item.day, day(item.day), item.sum.value, unit)
        for item in known.sums[shown.key].days
        if amounts.known(item.sum.value)
    ], "day"


def _bar(key: str, label: str, value: Interval, unit: str) -> Bar:
    plain = label.replace("<br>", ", ")
    return Bar(key, label, value, amounts.counted(value, unit), f"<b>{plain}</b><br>{amounts.whole(value, unit)}")


def _of(line: RunRow, shown: Shown) -> Interval | None:
    return line.job_kwh if shown.is_energy else line.impacts.get(shown.key)


def _short(name: str) -> str:
    safe = name.replace("<", "‹").replace(">", "›")
    return safe if len(safe) <= 12 else f"{safe[:11]}…"


def _spoken(title: str, bars: list[Bar], per: str) -> str:
    if not bars:
        return f"{title} by {per}: nothing is known."
    most = max(bars, key=lambda bar: bar.value.central)
    return f"{title} by {per}, {len(bars)} bars. The largest is {most.label.replace('<br>', ', ')} with {most.words}."


def _note(known: Facts, shown: Shown, bars: list[Bar], unit: str, per: str) -> list[Any]:
    kinds = {bar.value.kind for bar in bars} - {"exact"}
    ranges = " and ".join(sorted(amounts.RANGE_WORDS[kind] for kind in kinds)) or "exact"
    how_sure = (
        grade.of_energy(known.measured_share)
        if shown.is_energy
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
    nothing = {"figure": [], "image": "Nothing to show", "note": ""}
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
        **{one.place: nothing for one in all_shown()},
    }
