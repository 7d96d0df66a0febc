"""How a run's figures were made: every step from reading to impact, as data. The text is ``cli/explain_text.py``.

Nothing is computed here a second way: the steps up to the energy come from the run's components, the steps of an
impact from the derivation that made it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from footprint.factors import Factor, SourceRef
from footprint.interval import Interval, exact, is_known, rounded
from footprint.narrowing import Narrowing
from footprint.records.derivation import Impact, Missing, Step
from footprint.records.result import Component, Run

SCHEMA = "footprint.explain/1"
SYMBOLS = {
    # what the inputs of a formula are, for people
    "job_kwh": "the job's energy at the wall",
    "pue": "what the building adds (PUE)",
    "facility_kwh": "energy of the whole facility",
    "direct": "burning fuel in the plants",
    "upstream": "mining and moving fuel and building plants",
    "grid_losses": "losses of the grid",
    "electricity": "what making a kilowatt-hour does",
    "plants": "water that the plants consume",
    "on_site": "water that cools the data centre",
    "reservoirs": "evaporation of reservoirs",
    "residual": "what is left of the grid's electricity",
    "contract": "what a stated contract claims",
    "total": "what making a kilowatt-hour does, all in one",
    "scarcity": "how scarce water is where it is taken",
    "making": "making the hardware",
    "lifetime_h": "how long hardware is used",
    "land": "land that is occupied",
    "water": "water that is consumed",
}
_METHODS = {
    "model": "the power model",
    "rapl-counter": "the processor's energy counter (RAPL)",
    "rapl-mmio-counter": "the processor's energy counter (RAPL, memory-mapped)",
    "rapl-perf": "the processor's energy counter (RAPL, as a perf event)",
    "rapl-msr": "the processor's energy counter (RAPL, in its register)",
}


class Known(NamedTuple):
    """What is known beside a run: what the catalogue says of its factors, and what would narrow its ranges."""

    factors: Mapping[str, Factor]
    sources: Mapping[str, SourceRef]
    place: str
    """English name of the run's zone."""
    narrow: Mapping[str, tuple[Narrowing, ...]] = {}
    """By indicator, what would narrow its range, most first."""


def known_of(run: Run, rows: Iterable[Factor], sources: Mapping[str, SourceRef], place: str) -> Known:
    """The catalogue's rows and sources, and those of the user's own factors that the run was measured with."""
    factors = {row.id: row for row in rows}
    own = run.provenance.own
    if own is None:
        return Known(factors, sources, place)
    from footprint.own_factors import known_factors, known_sources

    return Known(factors | known_factors(own), {**sources, **known_sources(own)}, place)


def document(run: Run, known: Known, indicator: str | None = None) -> dict[str, Any]:
    """``footprint.explain/1``: of one indicator, or of all under ``indicators``."""
    if indicator is not None:
        return {"schema": SCHEMA, "run_id": run.run_id, **_explained(run, known, indicator)}
    energy = energy_steps(run, known)
    all_of_them = {key: _explained(run, known, key, energy) for key in run.impacts}
    return {"schema": SCHEMA, "run_id": run.run_id, "indicators": all_of_them}


def steps_of(run: Run, known: Known, indicator: str, energy: tuple[Step, ...] | None = None) -> tuple[Step, ...]:
    """All steps, the last of which gives the impact; those of the energy alone where there is no impact.

    ``energy`` are those of ``energy_steps``, where they are at hand already.
    """
    impact = run.impacts.get(indicator)
    derivation = impact.derivation if impact is not None else None
    first = energy_steps(run, known) if energy is None else energy
    return first + (derivation.steps if derivation is not None else ())


def energy_steps(run: Run, known: Known) -> tuple[Step, ...]:
    """From what each channel gave to the job's energy at the wall, and to that of the facility."""
    energy = run.energy
    if not is_known(energy.job_kwh):
        return ()
    steps: list[Step] = []
    for component in energy.components:
        steps += _component_steps(component, run, known)
    inputs = {component.channel: component.job_j for component in energy.components}
    formula = f"({' + '.join(inputs)}) ÷ 3,600,000"
    steps.append(Step("the job's energy at the wall", formula, inputs, energy.job_kwh, "kWh"))
    pue = next((known.factors[name] for name in run.provenance.factors if _is_pue(name, known)), None)
    return (*steps, _facility_step(run, pue))


def spread_of(run: Run, indicator: str) -> tuple[tuple[str, float], ...]:
    """Which input makes how much of the spread; the job's energy is told by its channels. Shares sum to 1."""
    impact = run.impacts.get(indicator)
    if impact is None or impact.derivation is None:
        return ()
    shares: list[tuple[str, float]] = []
    widths = {one.channel: one.job_j.high - one.job_j.low for one in run.energy.components}
    whole = math.fsum(widths.values())
    for name, share in impact.derivation.spread:
        if name == "job_kwh" and whole > 0:
            shares += [(channel, share * width / whole) for channel, width in widths.items() if width > 0]
        else:
            shares.append((name, share))
    return tuple(sorted(shares, key=lambda one: (-one[1], one[0])))


def aged_of(run: Run, known: Known, indicator: str) -> tuple[Factor, ...]:
    """The factors behind an indicator whose year ended over 18 months before the run's start."""
    impact = run.impacts.get(indicator)
    if impact is None:
        return ()
    used = {*impact.factors, *(name for name in run.provenance.factors if _is_pue(name, known))}
    return tuple(known.factors[name] for name in run.provenance.aged if name in used and name in known.factors)


# --- steps ---


def _facility_step(run: Run, pue: Factor | None) -> Step:
    energy = run.energy
    name = "energy of the whole facility: cooling and power supply of the building are in it"
    inputs = {"job_kwh": energy.job_kwh, "pue": energy.pue}
    step = Step(name, "job_kwh × pue", inputs, energy.facility_kwh, "kWh")
    return step if pue is None else step._replace(factor=pue.id, sources=pue.sources)


def _is_pue(name: str, known: Known) -> bool:
    return name.startswith("pue/") and name in known.factors


def _component_steps(component: Component, run: Run, known: Known) -> list[Step]:
    channel = component.channel
    share = component.job_j.central / component.host_j.central if component.host_j.central else 0.0
    inputs = {"host_j": component.host_j, "share": exact(share)}
    sources = _model_sources(component, run, known)
    whole = Step(_host_words(component), _host_formula(component), {}, component.host_j, "J", None, sources)
    job = Step(f"the job's part of {channel}", "host_j × share", inputs, component.job_j, "J")
    return [whole, job]


def _host_words(component: Component) -> str:
    if component.channel == "overhead":
        return "overhead of the machine, by the power model: power supply, fans, board, network card, disks"
    if component.quality == "modelled":
        return f"{component.channel} of the machine, by the power model: no sensor could be read"
    if component.quality == "stated":
        return f"{component.channel} of the machine: what a person read at the wall, less what is counted above"
    how = _METHODS.get(component.method, component.method)
    read = "" if component.coverage >= 0.9995 else f", read in {component.coverage:.0%} of the time"
    beyond = ", less what is counted above" if component.kind == "board" else ""
    return f"{component.channel} of the machine, read from {how}{read}{beyond}"


def _host_formula(component: Component) -> str:
    if component.channel == "overhead":
        return "constant power × time + energy of the components × share"
    if component.quality == "modelled":
        return "power at the machine's load × time"
    if component.quality == "stated":
        return "reading of the meter − energy of the parts inside"
    if component.method.endswith("power"):
        return "power × time"
    return "counter at the end − counter at the start"


def _model_sources(component: Component, run: Run, known: Known) -> tuple[str, ...]:
    if component.quality != "modelled":
        return ()
    used = (known.factors[name] for name in run.provenance.factors if name in known.factors)
    found = (source for factor in used if factor.indicator == "power_model" for source in factor.sources)
    return tuple(dict.fromkeys(found))


# --- as data ---


def _explained(run: Run, known: Known, indicator: str, energy: tuple[Step, ...] | None = None) -> dict[str, Any]:
    impact = run.impacts.get(indicator)
    explained: dict[str, Any] = {
        "steps": step_documents(steps_of(run, known, indicator, energy), known),
        "spread": [{"input": name, "share": rounded(share)} for name, share in spread_of(run, indicator)],
        "narrow": [one._asdict() for one in known.narrow.get(indicator, ())],
        "aged": [factor.id for factor in aged_of(run, known, indicator)],
    }
    if impact is None or isinstance(impact.total, Missing):
        explained["missing"] = why_missing(impact)
    return explained


def step_documents(steps: Iterable[Step], known: Known) -> list[dict[str, Any]]:
    """Steps as ``footprint.explain/1`` has them."""
    return [_step_document(step, known) for step in steps]


def input_words(name: str) -> str:
    """What an input of the spread is, for people."""
    return SYMBOLS.get(name, f"energy of {name}")


def source_words(source: SourceRef) -> str:
    """Title, publisher, year and licence as one line."""
    year = f", {source.year}" if source.year is not None else ""
    return f"{source.title}. {source.publisher}{year}. Licence: {source.licence}"


def narrow_lines(run: Run, known: Known, indicator: str) -> list[str]:
    """The two next steps that would narrow a figure most; and that naming its place would tell another figure."""
    steps = [one for one in known.narrow.get(indicator, ()) if one.share_then < one.share_now]
    lines = []
    if steps:
        lines.append(f"What would narrow this most: {steps[0].how}, {from_to(steps[0])}.")
    if steps[1:]:
        lines.append(f"Next to that: {steps[1].how}, to about {_ranges(steps[1])[1]}.")
    return lines + place_lines(run, known, indicator)


def place_lines(run: Run, known: Known, indicator: str) -> list[str]:
    """Where nobody named the place of a run: what the range says of that, and how to name it."""
    said = {
        "timezone": "The place is a guess, and the range holds no other place",
        "unknown": "The place is not known, and nine of ten countries lie in the range of the world",
    }.get(run.region.how)
    asked = [one for one in known.narrow.get(indicator, ()) if one.what == "region"]
    return [f"{said}: {one.how}." for one in asked] if said else []


def from_to(one: Narrowing) -> str:
    """The range now and then, as the end of a sentence."""
    now, then = _ranges(one)
    return f"from {now} to about {then}"


def _ranges(one: Narrowing) -> tuple[str, str]:
    """The range now and then: as ``±45%``, ``±20%``; as its width by the figure where that is wider."""
    if one.share_now <= 1:
        return f"±{one.share_now:.0%}", f"±{one.share_then:.0%}"
    return f"a range {2 * one.share_now:.1f} times the figure", f"{2 * one.share_then:.1f} times"


def aged_line(run: Run, known: Known, indicator: str) -> str:
    """Which of the factors behind a figure are old; empty where none is."""
    by_year: dict[int, dict[str, None]] = {}
    for factor in aged_of(run, known, indicator):
        words = input_words("pue" if factor.indicator == "pue" else factor.part)
        by_year.setdefault(factor.year, {})[words] = None
    if not by_year:
        return ""
    said = "; ".join(f"of {year} {_listed(names)}" for year, names in sorted(by_year.items()))
    return f"Over 18 months old at the start of the run: {said}."


def _listed(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def why_missing(impact: Impact | None) -> str:
    """Why an indicator has no figure."""
    if impact is not None and isinstance(impact.total, Missing):
        return impact.total.missing
    return "this indicator was not worked out"


def _step_document(step: Step, known: Known) -> dict[str, Any]:
    return {
        "name": step.name,
        "formula": step.formula,
        "inputs": {name: _interval_document(value) for name, value in step.inputs.items()},
        "factor": _factor_document(step.factor, known) if step.factor is not None else None,
        "output": _interval_document(step.output),
        "unit": step.unit,
        "sources": list(step.sources),
    }


def _interval_document(value: Interval) -> dict[str, Any]:
    ends = {
        name: rounded(end) if math.isfinite(end) else None for name, end in zip(value._fields, value[:3], strict=False)
    }
    return {**ends, "kind": value.kind}


def _factor_document(name: str, known: Known) -> dict[str, Any]:
    factor = known.factors.get(name)
    if factor is None:
        return {"id": name, "note": "not in this version's catalogue"}
    return {**factor._asdict(), "sources": list(factor.sources)}
