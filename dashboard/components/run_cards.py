"""The cards of one run: what it used, what made its impacts, how sure that is, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from footprint.dashboard.components import amounts, grade, shell, tables
from footprint.dashboard.components.aria import aria
from footprint.dashboard.components.document import interval, joined, measured_share, why_missing
from footprint.dashboard.components.indicators import added, label, of_impacts
from footprint.dashboard.components.moments import moment
from footprint.dashboard.components.status import badge
from footprint.dashboard.source import Document, FactorLine
from footprint.own_factors import claim_words
from footprint.records.derivation import Missing
from footprint.records.own_factors import Contract

FEW_SOURCES = 8
HOW = {
    "flag": "given on the command line",
    "argument": "given in the program",
    "environment": "given by the environment",
    "file": "given by a settings file",
    "cloud": "told by the cloud's hardware",
    "timezone": "guessed from the time zone",
    "unknown": "not known: the world's average",
}


def title(document: Document) -> str:
    """The finding: ``train used 12.4 Wh in 21.3 s``."""
    name = document.get("name") or "This run"
    energy = interval(document["energy"].get("job_kwh"))
    lasted = amounts.duration(document.get("duration_s"))
    if energy is None:
        return f"{name}: its energy is not known"
    return f"{name} used {amounts.central(energy, 'kWh')} in {lasted}"


def facts(document: Document) -> Component:
    """State, project, moment and place in one line."""
    region = document.get("region") or {}
    parts: list[Any] = [badge(str(document.get("status")), document.get("exit_code"))]
    if document.get("project"):
        parts.append(f"project {document['project']}")
    if document.get("team"):
        parts.append(f"team {document['team']}")
    parts.append(moment(document.get("started_at")))
    how = HOW.get(str(region.get("how")), str(region.get("how")))
    parts.append(f"zone {region.get('zone', amounts.DASH)}, {how}")
    parts.extend(f"{key}={value}" for key, value in (document.get("tags") or {}).items())
    spaced: list[Any] = []
    for number, part in enumerate(parts):
        spaced += [html.Span(" · ", **aria(hidden="true")), part] if number else [part]
    return html.P(spaced, className="muted facts")


def warnings(document: Document) -> list[Component]:
    """What must be known before the figures: a crash, a failed job, gaps."""
    said = []
    status, code = document.get("status"), document.get("exit_code")
    if status == "crashed":
        said.append(
            shell.notice(
                "This run crashed: its measuring ended without a stop. What was measured until then is shown.",
                level="over",
            )
        )
    elif status == "stopped":
        said.append(shell.notice("This run was stopped by its budget."))
    elif status == "running":
        said.append(shell.notice("This run is still going on. The figures are those up to now."))
    elif code:
        error = f" ({document['error']})" if document.get("error") else ""
        said.append(shell.notice(f"The job ended with exit code {code}{error}. Its energy was used all the same."))
    if document["energy"].get("gaps"):
        count = len(document["energy"]["gaps"])
        gaps = "1 gap" if count == 1 else f"{count} gaps"
        said.append(shell.notice(f"The readings have {gaps}: see “What is measured, and what is not” below."))
    return said


def figures(document: Document) -> Component:
    """The numbers that are looked for first, each with its range, kind and grade."""
    share = measured_share(document)
    how = str((document.get("region") or {}).get("how"))
    energy = document["energy"]
    impacts = document.get("impacts") or {}
    tiles = [
        _tile("Energy", energy.get("job_kwh"), "kWh", grade.of_energy(share)),
        *(
            _tile(
                one.name, _total(impacts.get(one.key)), one.unit, grade.of_impact(share, how), _claim(impacts, one.key)
            )
            for one in of_impacts()
        ),
        _tile("With cooling and losses of the building", energy.get("facility_kwh"), "kWh", None),
    ]
    return html.Dl(tiles, className="tiles")


def _tile(name: str, found: Any, unit: str, graded: grade.Grade | None, claim: str = "") -> Component:
    value = interval(found)
    if claim:
        return html.Div([html.Dt(name), html.Dd(html.Span(claim, className="below"))], className="tile")
    if value is None:
        detail: list[Any] = [html.Span(why_missing(found), className="below")]
    else:
        detail = [
            html.Span(words, className="below")
            for words in (amounts.between(value, unit), amounts.kind_words(value))
            if words
        ]
    if graded and value is not None:
        detail.append(html.Span([f"Grade {graded.letter}: ", graded.why], className="below"))
    shown = html.Dd([html.Span(amounts.central(value, unit), className="figure"), *detail])
    return html.Div([html.Dt(name), shown], className="tile")


def _claim(impacts: Mapping[str, Any], key: str) -> str:
    """What follows from a stated contract, as the claim that it is; empty for all other figures."""
    impact = impacts.get(key) or {}
    stated = impact.get("claim")
    if not stated:
        return ""
    return claim_words(interval(_total(impact)) or Missing("nothing was measured"), impact["unit"], Contract(**stated))


def _total(impact: Any) -> Any:
    if isinstance(impact, Mapping) and "total" in impact:
        return impact["total"]
    return impact


def impacts(document: Document) -> Component:
    """Each indicator in its own unit: operational, embodied and total. They are never added to each other."""
    rows: list[list[tables.Cell]] = []
    for key, impact in (document.get("impacts") or {}).items():
        unit = str(impact.get("unit", ""))
        name = label(key)
        if impact.get("missing"):
            rows.append([name, amounts.DASH, amounts.DASH, tables.amount(amounts.DASH, str(impact["missing"]))])
            continue
        claim = _claim({key: impact}, key)
        if claim:
            rows.append([name, amounts.DASH, amounts.DASH, tables.amount(amounts.DASH, claim)])
            continue
        rows.append([name, *(_cell(impact.get(part), unit) for part in ("operational", "embodied", "total"))])
        rows.extend(
            [html.Span(str(part).replace("_", " "), className="inside"), _cell(value, unit), "", ""]
            for part, value in (impact.get("parts") or {}).items()
        )
    if not rows:
        return html.P(f"{amounts.DASH} No impact was computed.")
    heads = ["Indicator", "Operational", "Embodied", "Total"]
    return tables.table(heads, rows, "Impacts by indicator", numbers=(1, 2, 3))


def _cell(found: Any, unit: str) -> Component:
    """An amount with its range, or a dash with its reason."""
    value = interval(found)
    if value is None:
        return tables.amount(amounts.DASH, f"missing: {why_missing(found)}")
    below = ", ".join(words for words in (amounts.between(value, unit), _kind(value)) if words)
    return tables.amount(amounts.central(value, unit), below)


def _kind(value: Any) -> str:
    return "" if value.kind in ("exact", "lower_bound") else amounts.kind_words(value)


def boundary(document: Document) -> Component:
    """What the figures hold and what they leave out, and each gap with its reason."""
    bounds = document.get("boundary") or {}
    lines = [
        ("Measured", joined(bounds.get("measured", ()), f"{amounts.DASH} nothing")),
        ("Modelled", joined(bounds.get("modelled", ()), f"{amounts.DASH} nothing")),
    ]
    told = [html.Div([html.Dt(name), html.Dd(words)]) for name, words in lines]
    told.append(html.Div([html.Dt("Left out"), html.Dd(_list(bounds.get("left_out", ()), "nothing is named"))]))
    if bounds.get("notes"):
        told.append(html.Div([html.Dt("To know"), html.Dd(_list(bounds["notes"], ""))]))
    gaps = document["energy"].get("gaps") or []
    told.append(
        html.Div([html.Dt("Gaps"), html.Dd(_gaps(gaps) if gaps else "none: each channel was read all the time")])
    )
    own = document.get("self") or {}
    told.append(html.Div([html.Dt("The measuring itself"), html.Dd(_own(own))]))
    return html.Dl(told, className="pairs")


def _list(words: Any, otherwise: str) -> Any:
    return html.Ul([html.Li(str(word)) for word in words]) if words else otherwise


def _gaps(gaps: Any) -> Component:
    filled = {"interpolated": "between its neighbours", "model": "by the model", "none": "not filled"}
    rows: list[list[tables.Cell]] = [
        [
            str(gap["channel"]),
            f"{amounts.duration(gap['from_s'])} to {amounts.duration(gap['to_s'])}",
            str(gap["why"]),
            filled.get(str(gap["filled"]), str(gap["filled"])),
        ]
        for gap in gaps
    ]
    return tables.table(["Channel", "From, to", "Why", "Filled"], rows, "Gaps in the readings")


def _own(own: Mapping[str, Any]) -> str:
    cpu_s, share = own.get("cpu_s"), own.get("share")
    if cpu_s is None:
        return f"{amounts.DASH} not known"
    of_job = "" if share is None else f", {amounts.digits(100 * share)} % of the job's energy"
    return f"{amounts.duration(cpu_s)} of CPU time{of_job}"


def factors(lines: list[FactorLine], document: Document) -> list[Component]:
    """The factors and the sources that they name by number; those of the power model folded away."""
    found = {line.id for line in lines}
    gone = [str(name) for name in (document.get("provenance") or {}).get("factors", ()) if name not in found]
    if not lines and not gone:
        return [html.P(f"{amounts.DASH} No factor was used.")]
    numbers: dict[str, int] = {}
    for line in lines:
        for source in line.sources:
            numbers.setdefault(source, len(numbers) + 1)
    of_model = [line for line in lines if line.indicator == "power_model"]
    of_impacts = [line for line in lines if line.indicator != "power_model"]
    old = [str(name) for name in (document.get("provenance") or {}).get("aged", ())]
    shown: list[Component] = [html.P(f"Over 18 months old at the start of the run: {', '.join(old)}.")] if old else []
    rows = _factor_rows(of_impacts, numbers, gone)
    shown.append(tables.table(_FACTOR_HEADS, rows, "Factors of impacts", numbers=(1, 2)))
    if of_model:
        model = tables.table(_FACTOR_HEADS, _factor_rows(of_model, numbers, []), "Power model", numbers=(1, 2))
        shown.append(
            html.Details([html.Summary(f"{len(of_model)} figures of the power model"), model], className="as-table")
        )
    shown.append(_listed(list(numbers)))
    return shown


def _listed(sources: list[str]) -> Component:
    """The sources by number; many are folded away."""
    listed = html.Ol([html.Li(source) for source in sources])
    if len(sources) <= FEW_SOURCES:
        return html.Div([html.H3("Sources"), listed], className="sources")
    return html.Details(
        [html.Summary(f"{len(sources)} sources, with publisher, year and licence"), listed],
        className="as-table sources",
    )


_FACTOR_HEADS = ("Factor", "Value", "Range", "Source")


def _factor_rows(lines: list[FactorLine], numbers: Mapping[str, int], gone: list[str]) -> list[list[tables.Cell]]:
    rows: list[list[tables.Cell]] = [
        [
            line.id,
            f"{amounts.digits(line.value.central)} {line.unit}",
            f"{amounts.digits(line.value.low)}–{amounts.digits(line.value.high)}",
            ", ".join(str(numbers[source]) for source in line.sources) or f"{amounts.DASH} no source is named",
        ]
        for line in lines
    ]
    return rows + [[name, amounts.DASH, amounts.DASH, "not in this version's catalogue"] for name in gone]


def method(document: Document) -> Component:
    """Settings and versions that made the figures, and how to see each step on the command line."""
    made = document.get("provenance") or {}
    energy, host = document["energy"], document.get("host") or {}
    pue = interval(energy.get("pue"))
    settings = ", ".join(
        f"{key} {'not set' if value is None else value}" for key, value in (made.get("settings") or {}).items()
    )
    facts_of_run = [
        ("Run", str(document.get("run_id"))),
        ("Idle policy", str(energy.get("idle_policy", amounts.DASH))),
        ("PUE", amounts.whole(pue, "") if pue else amounts.DASH),
        ("Settings", settings or amounts.DASH),
        (
            "Idle power",
            ", ".join(f"{channel}: {how}" for channel, how in (made.get("idle") or {}).items()) or amounts.DASH,
        ),
        ("Processor", str(host.get("cpu") or amounts.DASH)),
        ("GPUs", joined(host.get("gpus") or (), "none")),
        ("Program", str(made.get("footprint", amounts.DASH))),
        ("Catalogue", str(made.get("catalogue", amounts.DASH))),
    ]
    pairs = [html.Div([html.Dt(name), html.Dd(words)]) for name, words in facts_of_run if words]
    run_id = document.get("run_id")
    commands = "\n".join(
        (
            f"footprint explain {run_id}",
            f"footprint show {run_id} --json",
            *(f"footprint explain {run_id} {one.key}" for one in of_impacts()),
        )
    )
    return html.Div(
        [
            html.Dl(pairs, className="pairs"),
            html.P("Every step from reading to impact, on the command line:"),
            html.Pre(html.Code(commands), tabIndex=0, **aria(label="Commands")),
        ]
    )


def units(document: Document) -> Component | None:
    """Functional units, each beside its total; None where none were counted."""
    counted = document.get("units") or {}
    rows: list[list[tables.Cell]] = []
    for name, unit in counted.items():
        per = unit.get("per_unit") or {}
        cells = [_cell(per.get(one.key), one.unit) for one in added()]
        rows.append([name, amounts.digits(float(unit["count"])), *cells])
    if not rows:
        return None
    heads = ["Unit", "Count", *(f"{one.name} for one" for one in added())]
    return tables.table(heads, rows, "Per unit", numbers=range(1, len(heads)))


def spans(document: Document) -> Component | None:
    """Phases in their order; None where there are none."""
    rows: list[list[tables.Cell]] = []
    for span in document.get("spans") or ():
        path = span.get("path") or [span["name"]]
        name = html.Span(str(span["name"]), style={"paddingLeft": f"{max(0, len(path) - 1) * 16}px"})
        energy = _cell(span.get("job_kwh"), "kWh")
        rows.append([name, str(span.get("count", 1)), amounts.duration(span.get("duration_s")), energy])
    if not rows:
        return None
    return tables.table(["Phase", "Times", "Duration", "Energy"], rows, "Phases", numbers=(1, 2, 3))
