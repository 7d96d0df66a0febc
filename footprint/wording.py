"""Numbers for people: three significant digits, a unit that fits, the range and its kind; and the summary of a run.

A missing value says that it is missing and why. No word here claims more than its number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from footprint.equivalents import nearest
from footprint.interval import Interval
from footprint.records.derivation import Impact, Missing
from footprint.records.gap import Gap
from footprint.records.result import Component, Run
from footprint.units import J_PER_KWH

_SCALES: dict[str, tuple[tuple[float, str], ...]] = {
    # unit: (how many of it, the unit that is written), the largest first
    "kWh": ((1e6, "GWh"), (1e3, "MWh"), (1.0, "kWh"), (1e-3, "Wh"), (1e-6, "mWh"), (1e-9, "µWh"), (1e-12, "nWh")),
    "J": ((1e9, "GJ"), (1e6, "MJ"), (1e3, "kJ"), (1.0, "J"), (1e-3, "mJ"), (1e-6, "µJ")),
    "W": ((1e6, "MW"), (1e3, "kW"), (1.0, "W"), (1e-3, "mW"), (1e-6, "µW")),
    "g": ((1e6, "t"), (1e3, "kg"), (1.0, "g"), (1e-3, "mg"), (1e-6, "µg")),
    "gCO2e": (
        (1e6, "t CO2e"),
        (1e3, "kg CO2e"),
        (1.0, "g CO2e"),
        (1e-3, "mg CO2e"),
        (1e-6, "µg CO2e"),
        (1e-9, "ng CO2e"),
    ),
    "L": ((1e3, "m3"), (1.0, "L"), (1e-3, "mL"), (1e-6, "µL"), (1e-9, "nL")),
    "m2.yr": ((1.0, "m2.yr"), (1e-4, "cm2.yr"), (1e-6, "mm2.yr")),
    "MJ": ((1e6, "TJ"), (1e3, "GJ"), (1.0, "MJ"), (1e-3, "kJ"), (1e-6, "J")),
    "kgSb-eq": ((1.0, "kg Sb-eq"), (1e-3, "g Sb-eq"), (1e-6, "mg Sb-eq"), (1e-9, "µg Sb-eq"), (1e-12, "ng Sb-eq")),
    "kg": ((1e3, "t"), (1.0, "kg"), (1e-3, "g"), (1e-6, "mg"), (1e-9, "µg")),
}

_SPOKEN = {
    "GWh": "gigawatt-hours", "MWh": "megawatt-hours", "kWh": "kilowatt-hours", "Wh": "watt-hours",
    "mWh": "milliwatt-hours", "µWh": "microwatt-hours", "nWh": "nanowatt-hours",
    "t CO2e": "tonnes of CO2 equivalent", "kg CO2e": "kilograms of CO2 equivalent",
    "g CO2e": "grams of CO2 equivalent", "mg CO2e": "milligrams of CO2 equivalent",
    "µg CO2e": "micrograms of CO2 equivalent", "ng CO2e": "nanograms of CO2 equivalent",
    "m2.yr": "square metres for a year", "cm2.yr": "square centimetres for a year",
    "mm2.yr": "square millimetres for a year",
    "m3": "cubic metres", "L": "litres", "mL": "millilitres", "µL": "microlitres", "nL": "nanolitres",
    "MW": "megawatts", "kW": "kilowatts", "W": "watts", "mW": "milliwatts", "µW": "microwatts",
    "TJ": "terajoules", "GJ": "gigajoules", "MJ": "megajoules", "kJ": "kilojoules", "J": "joules",
    "mJ": "millijoules", "µJ": "microjoules",
    "kg Sb-eq": "kilograms of antimony equivalent", "g Sb-eq": "grams of antimony equivalent",
    "mg Sb-eq": "milligrams of antimony equivalent", "µg Sb-eq": "micrograms of antimony equivalent",
    "ng Sb-eq": "nanograms of antimony equivalent",
    "t": "tonnes", "kg": "kilograms", "g": "grams", "mg": "milligrams", "µg": "micrograms",
}  # fmt: skip

_MOST_LINES = 12
_IN_SUMMARY = 3
"""A summary has at most so many lines, and so many of them are indicators."""

_KINDS = {"p90": "90 % interval"}
"""Kinds that have another name for people."""

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


# --- numbers ---


def number(value: float) -> str:
    """Three significant digits, no exponent between 0.001 and a million: ``0.0123``, ``12,300``."""
    if not math.isfinite(value):
        return "no figure"
    if value == 0:
        return "0"
    rounded = float(f"{value:.3g}")
    size = abs(rounded)
    if not 1e-3 <= size < 1e6:
        mantissa, exponent = f"{rounded:.2e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    return f"{rounded:,.{max(0, 2 - math.floor(math.log10(size)))}f}"


def scale(value: float, unit: str) -> tuple[float, str]:
    """How many of ``unit`` the unit is that reads best at this value, and its name."""
    scales = _SCALES.get(unit, ((1.0, unit),))
    size = abs(float(f"{value:.3g}")) if math.isfinite(value) else 0.0
    if size == 0:
        return next((scale for scale in scales if scale[0] == 1.0), scales[-1])
    return next((scale for scale in scales if size >= scale[0] * (1 - 1e-9)), scales[-1])


def _amount(value: float, unit: str, *, spoken: bool = False) -> str:
    if not math.isfinite(value):
        return "no figure"
    by, name = scale(value, unit)
    return f"{number(value / by)} {_SPOKEN.get(name, name) if spoken else name}"


def energy(kwh: float) -> str:
    """An energy (kWh) with a unit that fits: ``141 mWh``."""
    return _amount(kwh, "kWh")


def mass(grams: float, of: str = "") -> str:
    """A mass (g), ``of`` what: ``mass(0.031, "CO2e")`` is ``31.0 mg CO2e``."""
    return " ".join(filter(None, (_amount(grams, "g"), of)))


def volume(litres: float) -> str:
    """A volume (L): ``12.5 mL``."""
    return _amount(litres, "L")


def duration(seconds: float) -> str:
    """A time (s) as people say it: ``50 ms``, ``10.3 s``, ``2 min 5 s``, ``4 d 6 h``, ``2.50 years``."""
    if not math.isfinite(seconds):
        return "no figure"
    if seconds < 0.9995:
        return f"{number(seconds * 1e3)} ms" if seconds else "0 s"
    if seconds < 59.95:
        return f"{seconds:.3g} s"
    whole = round(seconds)
    for long_s, long, short_s, short in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= long_s:
            if whole >= 365 * 86_400:
                return f"{number(seconds / (365.25 * 86_400))} years"
            rest = whole % long_s // short_s
            return f"{whole // long_s} {long}" + (f" {rest} {short}" if rest else "")
    return f"{whole} s"


def interval_text(value: Interval | Missing, unit: str, *, spoken: bool = False) -> str:
    """An amount with its range and the range's kind: ``141 mWh (89.0 to 210, envelope)``.

    ``unit`` is the unit of the record: ``kWh``, ``gCO2e``, ``L``, ``J`` …; units that are not known are written
    as they are. ``at least`` for a lower bound, ``no figure: why`` for what is missing. ``spoken``: units in words.
    """
    if isinstance(value, Missing):
        return f"no figure: {clean(value.missing)}"
    if not math.isfinite(value.central):
        return "no figure"
    central = _amount(value.central, unit, spoken=spoken)
    if value.kind == "lower_bound":
        low = _amount(value.low, unit, spoken=spoken)
        return f"at least {low}" if value.low == value.central else f"at least {low} ({central} counted)"
    if value.kind == "exact" or value.low == value.high:
        return central
    return f"{central} ({_range(value, unit, spoken=spoken)}, {_KINDS.get(value.kind, value.kind)})"


def _range(value: Interval, unit: str, *, spoken: bool) -> str:
    """Both ends in the unit of the central value; each in its own where that would not read well."""
    by, _ = scale(value.central, unit)
    ends = (value.low / by, value.high / by)
    if all(end == 0 or 1e-3 <= abs(end) < 1e6 for end in ends):
        return f"{number(ends[0])} to {number(ends[1])}"
    return f"{_amount(value.low, unit, spoken=spoken)} to {_amount(value.high, unit, spoken=spoken)}"


def clean(text: str) -> str:
    """One line without control characters: a run's name must not move the reader's cursor."""
    return "".join(char if char.isprintable() else "?" for char in text)


# --- what a run says ---


def equivalent(kwh: float) -> tuple[str, str]:
    """An everyday thing that takes about as much energy, and where its figure is from."""
    energy_j = kwh * J_PER_KWH
    one = nearest(energy_j)
    amount = energy_j / one.energy_j
    said = duration(amount) if one.unit == "s" else number(amount)
    return one.text.format(amount=said), one.source


def summary(run: Run, *, kept: bool = True) -> str:
    """At most 12 lines about a run, each beginning with its subject.

    ``kept`` is False where the run could not be stored: then there is nothing to see it with later.
    """
    return "\n".join(f"{subject:<7} {text}" for subject, text in facts(run, kept=kept))


def facts(run: Run, *, kept: bool = True) -> list[tuple[str, str]]:
    """The summary's lines as (subject, what is said of it), for those who lay them out themselves."""
    used = run.energy
    lines = [
        ("run", _headline(run)),
        ("energy", _energy(run)),
        ("method", _method(used.components)),
        *((_label(key), _impact(run.impacts, key)) for key in _told(run.impacts)),
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


def plain_summary(run: Run, *, kept: bool = True) -> str:
    """The same for screen readers and logs: one fact a line, units in words, no columns. At most 12 lines."""
    used = run.energy
    lines = [
        f"Run: {_title(run)}",
        f"State: {_state(run)}; duration: {duration(run.duration_s)}; CPU time: {duration(run.activity.cpu_s)}",
        f"Energy: {_energy(run, spoken=True)}",
        f"Method: {_method(used.components)}",
        *(f"{_label(key).capitalize()}: {_impact(run.impacts, key, spoken=True)}" for key in _told(run.impacts)),
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


def _label(key: str) -> str:
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
        amount = "" if each is None else _amount(each.central, "kWh", spoken=spoken)
        per = f", {amount} each" if each is not None and math.isfinite(each.central) else ""
        said.append(f"{count(unit.amount)} {clean(name)}{per}")
    more = f"; and {len(run.units) - 2} more" if len(run.units) > 2 else ""
    return "; ".join(said) + more


def count(amount: float) -> str:
    """Whole numbers whole: ``128,000``."""
    return f"{amount:,.0f}" if float(amount).is_integer() and amount < 1e15 else number(amount)


def _how_to_see(run_id: str, *, kept: bool, more: str = "   (also: explain, dashboard)") -> str:
    return f"footprint show {run_id}{more}" if kept else f"{run_id} was not kept"
