"""The summary of a run: at most 12 lines for people, or in ``plain`` one fact a line with units in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from footprint.equivalents import nearest
from footprint.interval import Interval
from footprint.records.derivation import Impact, Missing
from footprint.records.gap import Gap
from footprint.records.result import Component, Run, Served
from footprint.units import J_PER_KWH
from footprint.wording import amount, clean, count, duration, interval_text, number

_MOST_LINES = 12
_IN_SUMMARY = 3
"""A summary has at most so many lines, and so many of them are indicators."""

_KNOWN_FROM = {
    "flag": "given by --region",
    "argument": "given by region=",
    "environment": "given by FOOTPRINT_REGION",
    "file": "given by footprint.toml",
    "cloud": "said by the cloud host itself",
    "timezone": "a guess from the time zone",
    "unknown": "not known: the world's average, with the range of its countries",
}

_IDLE = {
    "reserved": "idle energy by what the job holds of the machine",
    "proportional": "the machine's energy by the job's share of the work",
    "all": "all idle energy of the machine is the job's",
    "none": "idle energy of the machine left out",
}


def equivalent(kwh: float) -> tuple[str, str]:
    """An everyday thing that takes about as much energy, and where its figure is from."""
    energy_j = kwh * J_PER_KWH
    one = nearest(energy_j)
    times = energy_j / one.energy_j
    said = duration(times) if one.unit == "s" else number(times)
    return one.text.format(amount=said), one.source


def text(run: Run, *, kept: bool = True) -> str:
    """At most 12 lines about a run, each beginning with its subject.

    ``kept`` is False where the run could not be stored: then there is nothing to see it with later.
    """
    return "\n".join(f"{subject:<7} {said}" for subject, said in facts(run, kept=kept))


def facts(run: Run, *, kept: bool = True) -> list[tuple[str, str]]:
    """The summary's lines as (subject, what is said of it), for those who lay them out themselves."""
    used = run.energy
    lines = [
        ("run", _headline(run)),
        ("energy", _energy(run)),
        ("method", _method(used.components)),
        *((label(key), _impact(run.impacts, key)) for key in _told(run.impacts)),
        ("region", _region(run)),
        ("gaps", _gaps(used.gaps)),
        ("idle", f"{used.idle_policy}: {_IDLE.get(used.idle_policy, 'a policy of another version')}"),
    ]
    if run.units:
        lines.append(("units", _units(run)))
    if _is_positive(used.job_kwh):
        thing, source = equivalent(used.job_kwh.central)
        lines.append(("like", f"{thing} ({source})"))
    lines.append(("see", _how_to_see(run.run_id, kept=kept)))
    return lines


def plain(run: Run, *, kept: bool = True) -> str:
    """The same for screen readers and logs: one fact a line, units in words, no columns. At most 12 lines."""
    used = run.energy
    lines = [
        f"Run: {_title(run)}",
        f"State: {_state(run)}; duration: {duration(run.duration_s)}; CPU time: {duration(run.activity.cpu_s)}",
        f"Energy: {_energy(run, spoken=True)}",
        f"Method: {_method(used.components)}",
        *(f"{label(key).capitalize()}: {_impact(run.impacts, key, spoken=True)}" for key in _told(run.impacts)),
        f"Region: {_region(run)}",
        f"Gaps: {_gaps(used.gaps)}",
        f"Idle energy: {used.idle_policy}, {_IDLE.get(used.idle_policy, 'a policy of another version')}",
    ]
    if run.units:
        lines.append(f"Units: {_units(run, spoken=True)}")
    if _is_positive(used.job_kwh) and len(lines) < _MOST_LINES - 1:
        thing, source = equivalent(used.job_kwh.central)
        lines.append(f"As much energy as: {thing}. Source: {source}")
    lines.append(f"To see it again: {_how_to_see(run.run_id, kept=kept, more='')}")
    return "\n".join(lines)


def _is_positive(value: Interval) -> bool:
    return math.isfinite(value.central) and value.central > 0


def _title(run: Run) -> str:
    """Name and project as far as there are any."""
    name = clean(run.name or run.run_id or "without a name")
    return f"{name}, project {clean(run.project)}" if run.project else name


def _state(run: Run) -> str:
    ended = clean(run.status)
    if run.error:
        return f"{ended}, with {clean(run.error)}"
    return f"{ended}, with exit code {run.exit_code}" if run.exit_code else ended


def _headline(run: Run) -> str:
    many = run.activity.processes
    work = f"{duration(run.activity.cpu_s)} of CPU time in {many} process{'' if many == 1 else 'es'}"
    return f"{_title(run)}: {_state(run)}, after {duration(run.duration_s)}, {work}"


def _energy(run: Run, *, spoken: bool = False) -> str:
    if math.isfinite(run.energy.job_kwh.central):
        return f"{interval_text(run.energy.job_kwh, 'kWh', spoken=spoken)}, this job's, at the wall"
    why = next((note for note in run.boundary.notes if "measured" in note), "nothing was measured")
    return f"no figure: {clean(why)}"


def _method(components: Iterable[Component]) -> str:
    """What was measured by what, and what comes from the model."""
    by_quality: dict[str, dict[str, list[str]]] = {}
    for one in components:
        by_quality.setdefault(one.quality, {}).setdefault(one.method, []).append(one.kind)
    said = [f"{_counted(kinds)} measured by {how}" for how, kinds in by_quality.get("measured", {}).items()]
    if "stated" in by_quality:
        said.append("the rest up to the wall by a reading that a person typed")
    if "modelled" in by_quality:
        said.append(f"{_counted(kind for kinds in by_quality['modelled'].values() for kind in kinds)} modelled")
    if not said:
        return "nothing was measured"
    return f"{said[0]}; nothing could be measured here" if set(by_quality) == {"modelled"} else "; ".join(said)


def _counted(kinds: Iterable[str]) -> str:
    """``2 cpu, gpu``."""
    counts: dict[str, int] = {}
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
    return ", ".join(f"{count} {kind}" if count > 1 else kind for kind, count in counts.items())


def _told(impacts: Mapping[str, Impact]) -> tuple[str, ...]:
    """The indicators that a summary has room for; ``show`` and ``explain`` have them all."""
    return tuple(impacts)[:_IN_SUMMARY]


def label(key: str) -> str:
    """An indicator in one word: ``carbon`` of ``carbon_location``."""
    return key.partition("_")[0]


def _impact(impacts: Mapping[str, Impact], key: str, *, spoken: bool = False) -> str:
    """Of the energy used; what making the hardware took beside it, or why that is not counted."""
    impact = impacts.get(key)
    if impact is None:
        return "no figure: not worked out for this run"
    text = interval_text(impact.operational, impact.unit, spoken=spoken)
    if isinstance(impact.operational, Missing) or not math.isfinite(impact.operational.central):
        return text
    if isinstance(impact.embodied, Missing):
        return f"{text}, for its electricity; without making the hardware"
    hardware = interval_text(impact.embodied, impact.unit, spoken=spoken)
    return f"{text}, for its electricity; {hardware}, for its share of the hardware"


def _region(run: Run) -> str:
    place = run.region
    given = f" ({clean(place.given)})" if place.given and place.given != place.zone else ""
    note = f"; {clean(place.note)}" if place.note and place.how not in {"unknown", "timezone"} else ""
    return f"{clean(place.zone)}{given}, {_KNOWN_FROM.get(place.how, clean(place.how))}{note}"


def _gaps(gaps: tuple[Gap, ...]) -> str:
    if not gaps:
        return "none"
    first = gaps[0]
    how = {"none": "left open", "model": "filled by the model"}.get(first.filled, first.filled)
    when = f"from {duration(first.from_s)} to {duration(first.to_s)}"
    more = f"; and {len(gaps) - 1} more" if len(gaps) > 1 else ""
    return f"{first.channel} not read {when}, {how}: {clean(first.why)}{more}"


def _units(run: Run, *, spoken: bool = False) -> str:
    """The first two units that were counted; `footprint show` has all."""
    said = []
    for name, unit in list(run.units.items())[:2]:
        each = unit.per_unit.get("job_kwh")
        takes = "" if each is None else amount(each.central, "kWh", spoken=spoken)
        per = f", {takes} each" if each is not None and math.isfinite(each.central) else ""
        said.append(f"{count(unit.amount)} {clean(name)}{per}")
    more = f"; and {len(run.units) - 2} more" if len(run.units) > 2 else ""
    return "; ".join(said) + more + served_text(run.serving, spoken=spoken)


def served_text(served: Served | None, *, spoken: bool = False) -> str:
    """The energy that a server's counts are over, which need not be all of the run's; idle apart."""
    if served is None or not math.isfinite(served.job_kwh.central):
        return ""
    whole = amount(served.job_kwh.central, "kWh", spoken=spoken)
    return f"; of {whole} while they were counted, {amount(served.idle_kwh.central, 'kWh', spoken=spoken)} of it idle"


def _how_to_see(run_id: str, *, kept: bool, more: str = "   (also: explain, dashboard)") -> str:
    return f"footprint show {run_id}{more}" if kept else f"{run_id} was not kept"
