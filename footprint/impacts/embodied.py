"""What making the hardware took, as far as it falls to a job: amount × making × hours ÷ lifetime × share.

The share is what the job holds of each part of the machine, as for idle energy; what no job holds stays unused, so
jobs and unused time add up to the whole. PUE never touches it: it is made, whether it is cooled or not.
"""

from collections.abc import Mapping
from typing import NamedTuple

from footprint.factors import Catalogue, Factor
from footprint.impacts import ewaste
from footprint.impacts.terms import at_least
from footprint.interval import Interval, common_total, exact, is_known, product, quotient, scaled, total
from footprint.records.derivation import Derivation, Impact, Missing, Step
from footprint.records.hardware import Hardware, Held
from footprint.units import H_PER_YEAR

__all__ = ["NOT_KNOWN", "Hardware", "Held", "with_making"]
NOT_KNOWN = "nothing is known of what this machine is made of"


class _Made(NamedTuple):
    held: Held
    row: Factor
    amount: Interval
    """All of it, new."""


class _Embodied(NamedTuple):
    amount: Interval
    steps: tuple[Step, ...]
    lacking: tuple[str, ...]
    factors: tuple[str, ...]
    used: Interval
    """Hours ÷ lifetime."""


def with_making(
    impacts: Mapping[str, Impact], hardware: Hardware | None, catalogue: Catalogue
) -> dict[str, Impact]:  # fmt: skip
    """Impacts by indicator, with what making the hardware adds where it is known."""
    if hardware is None or not hardware.hours > 0:
        return dict(impacts)
    rows: dict[str, dict[str, Factor]] = {}
    for row in catalogue.factors:
        if row.indicator == "embodied":
            rows.setdefault(row.part, {})[row.zone] = row
    lifetime = next(iter(rows.get("lifetime", {}).values()), None)
    if lifetime is None:
        return dict(impacts)
    made = {key: _added(key, impact, hardware, rows.get(key, {}), lifetime) for key, impact in impacts.items()}
    return {
        key: ewaste.with_collection(impact, catalogue) if key == ewaste.KEY else impact for key, impact in made.items()
    }


def _added(key: str, impact: Impact, hardware: Hardware, rows: Mapping[str, Factor], lifetime: Factor) -> Impact:
    """An indicator's impact with that of making the hardware; the impact as it is where no part of it is known."""
    made = [
        _Made(held, rows[held.component], scaled(rows[held.component].value, held.amount))
        for held in hardware.held
        if held.component in rows
    ]
    if not made:
        return impact
    lacking = [held.name for held in hardware.held if held.component not in rows] + list(hardware.unknown)
    used = quotient(exact(hardware.hours), scaled(lifetime.value, H_PER_YEAR))
    steps = tuple(_step(one, used, lifetime, hardware.hours) for one in made)
    amount = common_total(step.output for step in steps)
    factors = tuple(dict.fromkeys((lifetime.id, *(one.row.id for one in made))))
    return _summed(
        key, impact, _Embodied(at_least(amount) if lacking else amount, steps, tuple(lacking), factors, used)
    )


def _step(made: _Made, used: Interval, lifetime: Factor, hours: float) -> Step:
    share = exact(made.held.share)
    output = scaled(product(made.amount, used), made.held.share)
    inputs = {
        "amount": exact(made.held.amount), "making": made.row.value, "hours": exact(hours),
        "lifetime_h": scaled(lifetime.value, H_PER_YEAR), "share": share,
    }  # fmt: skip
    name = f"making of {made.held.name}, the job's part"
    formula = "amount × making × hours ÷ lifetime_h × share"
    sources = tuple(dict.fromkeys((*made.row.sources, *lifetime.sources)))
    return Step(name, formula, inputs, output, made.row.unit, made.row.id, sources)


def _summed(key: str, impact: Impact, made: _Embodied) -> Impact:
    """Using and making are independent; where one of them is missing or not whole, the sum is a lower bound."""
    operational, embodied = impact.operational, made.amount
    using = {} if isinstance(operational, Missing) or not is_known(operational) else {"operational": operational}
    inputs = {**using, "embodied": embodied}
    whole = total(inputs.values())
    if isinstance(operational, Missing):
        whole = at_least(whole)
    lacks = f", without {', '.join(made.lacking)}" if made.lacking else ""
    each = {f"part {number}": step.output for number, step in enumerate(made.steps, 1)}
    making = Step(f"making of the hardware{lacks}", " + ".join(each), each, embodied, impact.unit)
    last = Step(f"{key.replace('_', ' ')} of using and making", " + ".join(inputs), inputs, whole, impact.unit)
    before = impact.derivation.steps[:-1] if impact.derivation else ()
    derivation = Derivation(whole, (*before, *made.steps, making, last), _spread(impact, made))
    return impact._replace(
        embodied=embodied, total=whole, derivation=derivation, made=made.factors, lacking=made.lacking
    )


def _spread(impact: Impact, made: _Embodied) -> tuple[tuple[str, float], ...]:
    """The shares of the sum's spread: those of using, and of what the making took and how long hardware lives."""
    operational = impact.operational
    using = operational.high - operational.low if isinstance(operational, Interval) else 0.0
    making = made.amount.high - made.amount.low
    lifetime = min(making, made.amount.central * (made.used.high - made.used.low) / made.used.central)
    widths = {name: part * using for name, part in (impact.derivation.spread if impact.derivation else ())}
    widths |= {"lifetime_h": lifetime, "making": making - lifetime}
    whole = sum(widths.values())
    if not whole > 0:
        return ()
    shares = [(name, width / whole) for name, width in widths.items() if width > 0]
    return tuple(sorted(shares, key=lambda share: (-share[1], share[0])))
