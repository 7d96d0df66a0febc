"""An estimate for people: in lines that begin with their subject, or one fact a line in words."""

from __future__ import annotations

from collections.abc import Iterable

from footprint.estimation.record import Assumed, Component, Estimate
from footprint.impacts import INDICATORS, ewaste
from footprint.interval import Interval, is_known
from footprint.own_factors import claim_of
from footprint.records.derivation import Impact, Missing
from footprint.wording import claim_text, clean, interval_text, number

_UNIT_OF = {
    # what a number of ``assumed`` is counted in
    "intensity": "g/kWh", "wue": "L/kWh", "ewif": "L/kWh", "reservoirs": "L/kWh", "lifetime_hours": "h",
    "gpu_power_w": "W", "cpu_power_w": "W",
}  # fmt: skip


def summary(one: Estimate) -> str:
    """Lines that begin with their subject."""
    lines = [("estimate", f"{_title(one)}: not measured, worked out from what was given")]
    lines += [("made of", _component(part)) for part in one.energy.components]
    lines.append(("energy", _energy(one)))
    there = {key: impact for key, impact in one.impacts.items() if not _is_missing(impact)}
    lines += [(INDICATORS[key].name, _impact(impact, one)) for key, impact in there.items()]
    for name, unit in one.units.items():
        lines += [("unit", f"{_how_many(unit.amount)} {clean(name)}: {said}") for said in _each(one, name)]
    lines.append(("region", _region(one)))
    lines += [("assumed", _assumed(item)) for item in one.assumed]
    missing = [INDICATORS[key].name for key, impact in one.impacts.items() if _is_missing(impact)]
    if missing:
        lines.append(("no figure", f"{', '.join(missing)} (--json says why)"))
    if one.estimate_id is not None:
        lines.append(("saved", f"{_saved_at(one)} UTC: footprint show {one.estimate_id}"))
    width = max(len(subject) for subject, _ in lines) + 2
    return "\n".join(f"{subject:<{width}}{said}" for subject, said in lines)


def plain_summary(one: Estimate) -> str:
    """One fact a line, units in words."""
    lines = [f"Estimate, not measured: {_title(one)}"]
    lines += [f"Made of: {_component(part, spoken=True)}" for part in one.energy.components]
    lines += [
        f"Estimated energy of the machines: {interval_text(one.energy.job_kwh, 'kWh', spoken=True)}",
        f"Estimated energy of the facility: {interval_text(one.energy.facility_kwh, 'kWh', spoken=True)}",
    ]
    for key, impact in one.impacts.items():
        name = INDICATORS[key].name
        claim = None if _is_missing(impact) else _claim(impact, one)
        if claim is not None:
            lines.append(f"Estimated {name}: {_claimed(impact, claim, spoken=True)}")
            continue
        for part in ("total", "operational", "embodied"):
            lines.append(f"Estimated {name}, {_PARTS[part]}: {_spoken(impact, part)}")
            if _is_missing(impact):
                break
    for name, unit in one.units.items():
        lines.append(f"Units: {_how_many(unit.amount)} {clean(name)}")
        lines += [f"Each of {clean(name)}, {said}" for said in _each(one, name, spoken=True)]
    lines.append(f"Region: {_region(one)}")
    lines += [f"Assumed: {_assumed(item, spoken=True)}" for item in one.assumed]
    if one.estimate_id is not None:
        lines += [f"Saved: {_saved_at(one)} UTC", f"To see it again: footprint show {one.estimate_id}"]
    return "\n".join(lines)


_PARTS = {"total": "in all", "operational": "for its electricity", "embodied": "for making the hardware"}


def _saved_at(one: Estimate) -> str:
    return (one.saved_at or "")[:16].replace("T", " ")


def _spoken(impact: Impact, part: str) -> str:
    return interval_text(getattr(impact, part), impact.unit, spoken=True)


def _is_missing(impact: Impact) -> bool:
    return isinstance(impact.total, Missing)


def _title(one: Estimate) -> str:
    said = [clean(text) for text in (one.name, one.project and f"project {one.project}") if text]
    return ", ".join(said) or "a job that has not run"


def _component(part: Component, *, spoken: bool = False) -> str:
    energy = interval_text(part.job_kwh, "kWh", spoken=spoken)
    if part.method == "tokens":
        many = _many(part.amount.central)
        return f"{many} request{'' if many == '1' else 's'} of {clean(part.name or '')} (published figures): {energy}"
    if part.power_w is None:
        what = "energy" if part.kind == "other" else part.kind
        return f"{what} ({part.method}): {energy}"
    what = clean(part.name or "device")
    of, power = "times" if spoken else "×", interval_text(part.power_w, "W", spoken=spoken)
    return f"{_many(part.amount.central)} {of} {what} at {power} ({part.method}): {energy}"


def _energy(one: Estimate) -> str:
    job, facility = one.energy.job_kwh, one.energy.facility_kwh
    pue = _bare(one.energy.pue)
    return f"{interval_text(job, 'kWh')} of the machines; {interval_text(facility, 'kWh')} with PUE {pue}"


def _impact(impact: Impact, one: Estimate) -> str:
    claim = _claim(impact, one)
    if claim is not None:
        return _claimed(impact, claim)
    total = interval_text(impact.total, impact.unit)
    parts = [
        f"{interval_text(value, impact.unit)} {_PARTS[name]}"
        for name, value in (("operational", impact.operational), ("embodied", impact.embodied))
        if isinstance(value, Interval)
    ]
    return f"{total}: {' and '.join(parts)}{_without(impact)}{_collected(impact)}"


def _collected(impact: Impact) -> str:
    """What of waste the region collects."""
    part = impact.parts.get(ewaste.COLLECTED)
    return f"; {interval_text(part, impact.unit)} of it collected and recycled there" if part is not None else ""


def _claim(impact: Impact, one: Estimate) -> tuple[str, str] | None:
    """(whose claim it is, its evidence): of a factor that was given, or of a contract that is stated; else None."""
    if impact.kind != "claim":
        return None
    contract = one.provenance.own.contract if one.provenance.own is not None else None
    if contract is not None and contract.id in impact.factors:
        return claim_of(contract), contract.evidence
    return None if impact.factors else ("--intensity-market as it was given", "")


def _claimed(impact: Impact, claim: tuple[str, str], *, spoken: bool = False) -> str:
    """What is claimed beside its evidence, and what making the hardware took."""
    said = claim_text(impact.operational, impact.unit, *claim, spoken=spoken)
    if not isinstance(impact.embodied, Interval):
        return f"{said}; without making the hardware"
    return f"{said}; and {interval_text(impact.embodied, impact.unit, spoken=spoken)} {_PARTS['embodied']}"


def _without(impact: Impact) -> str:
    """What is in no sum here."""
    if impact.lacking:
        return f"; without making {' and '.join(map(clean, impact.lacking))}"
    return "" if isinstance(impact.embodied, Interval) else "; without making the hardware"


def _each(one: Estimate, name: str, *, spoken: bool = False) -> Iterable[str]:
    """What one unit takes, and the total that it is a part of."""
    for key, value in one.units[name].per_unit.items():
        if not is_known(value):
            continue
        if key != "job_kwh" and key not in one.impacts:
            continue
        total: Interval | Missing = one.energy.job_kwh if key == "job_kwh" else one.impacts[key].total
        of = "kWh" if key == "job_kwh" else one.impacts[key].unit
        called = "energy" if key == "job_kwh" else INDICATORS[key].name
        each = interval_text(value, of, spoken=spoken)
        whole = interval_text(total, of, spoken=spoken)
        yield f"{called}: {each}, of {whole} in all" if spoken else f"{called} {each} each, of {whole} in all"


def _region(one: Estimate) -> str:
    place = one.region
    if place.how == "given-factors" and not any(item.what == "region" for item in one.assumed):
        return "none is needed: the factors are given"
    given = f" ({clean(place.given)})" if place.given and place.given != place.zone else ""
    note = f"; {clean(place.note)}" if place.note else ""
    return f"{clean(place.zone)}{given}{note}"


def _assumed(item: Assumed, *, spoken: bool = False) -> str:
    of = _UNIT_OF.get(item.what, "")
    amount = "" if item.value is None else interval_text(item.value, of, spoken=spoken) if of else _bare(item.value)
    value = f" {amount}" if amount else ""
    factor = f" [{item.factor}]" if item.factor else ""
    return f"{item.what}{value}: {clean(item.why)}{factor}"


def _bare(value: Interval) -> str:
    """A number without a unit."""
    return " ".join(interval_text(value, "").split()).replace(" ,", ",").replace(" )", ")")


def _how_many(amount: Interval) -> str:
    return _many(amount.central) if amount.kind == "exact" else _bare(amount)


def _many(amount: float) -> str:
    """Whole numbers whole."""
    return f"{amount:,.0f}" if amount.is_integer() and amount < 1e15 else number(amount)


def lines_of(one: Estimate, *, plain: bool) -> Iterable[str]:
    """What the command prints."""
    return (plain_summary(one) if plain else summary(one)).splitlines()
