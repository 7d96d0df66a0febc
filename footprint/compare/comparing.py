"""``compare``: results in, differences out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from footprint.compare.energies import EnergyRatio, Gains, ratio_of
from footprint.compare.record import OVERLAP, Comparison, Pair, Quantity
from footprint.compare.zones import StandIns, notes, why_not
from footprint.errors import UsageError
from footprint.interval import UNKNOWN, Interval, exact, is_known, ordered, product, quotient, scaled, weakest
from footprint.records.derivation import Impact, Missing
from footprint.records.result import Run, UnitResult

ENERGY = "job_kwh"
_ENDED = {"completed", "stopped"}


def compare(
    runs: Sequence[Run], gains: Gains, *, stand_ins: StandIns | None = None, anyway: bool = False
) -> Comparison:
    """Each run compared with the first. Raises UsageError for unlike idle policies, unless ``anyway``.

    ``gains``: of each run's channels, see ``energies.gains_of``; ``stand_ins``: of each run's factors those that stand
    in for its zone's own. All runs must be of one factor catalogue: UsageError.
    """
    _check_catalogues(runs)
    said = _policy_notes(runs, anyway=anyway)
    first = runs[0]
    zones = {run.region.zone for run in runs}
    if len(zones) > 1:
        said.append(f"the grids differ ({', '.join(sorted(zones))}): that is part of the differences in impacts")
    said += [*notes(runs, stand_ins or {}), *_own_notes(runs)]
    pairs = tuple(_pair(first, other, gains, stand_ins or {}) for other in runs[1:])
    return Comparison(tuple(runs), pairs, tuple(said))


def _own_notes(runs: Sequence[Run]) -> list[str]:
    """Runs with unlike factors of their users' own differ for another reason than the runs."""
    if len({run.provenance.own for run in runs}) == 1:
        return []
    return ["not all were worked out with the same factors of your own: that is part of the differences in impacts"]


def _check_catalogues(runs: Sequence[Run]) -> None:
    """Figures of two factor catalogues differ for another reason than the runs. Raises UsageError."""
    if len({run.provenance.catalogue_sha256 for run in runs}) > 1:
        versions = ", ".join(sorted({run.provenance.catalogue for run in runs}))
        why = f"their figures were made with different factor catalogues ({versions})"
        raise UsageError("these runs cannot be compared", why, "make them anew with one: footprint recompute RUN…")


def _policy_notes(runs: Sequence[Run], *, anyway: bool) -> list[str]:
    policies = {run.energy.idle_policy for run in runs}
    if len(policies) == 1:
        return []
    why = f"their idle policies differ ({', '.join(sorted(policies))}), so that they count different things"
    if not anyway:
        raise UsageError("these runs cannot be compared", why, "measure both with one --idle, or give --anyway")
    return [f"compared anyway: {why}"]


def _pair(a: Run, b: Run, gains: Gains, stand_ins: StandIns) -> Pair:
    if a.run_id == b.run_id:
        return Pair(a, b, tuple(_same(one) for one in _quantities(a, b, EnergyRatio(exact(1.0), ()), "", {})))
    why = "; ".join(dict.fromkeys(filter(None, (_not_judged(a), _not_judged(b)))))
    comparable = a.energy.job_kwh.central > 0 and is_known(b.energy.job_kwh)
    energy = ratio_of(a, b, gains) if comparable else EnergyRatio(UNKNOWN, ())
    if not comparable and not why:
        why = "there is no energy to compare with"
    return Pair(a, b, tuple(_quantities(a, b, energy, why, stand_ins)))


def _same(one: Quantity) -> Quantity:
    nothing = exact(0.0) if is_known(one.a) else UNKNOWN
    ratio = exact(1.0) if is_known(one.a) else UNKNOWN
    return one._replace(difference=nothing, ratio=ratio, verdict="same", why="", cancelled=())


def _not_judged(run: Run) -> str:
    """Why a run's figures cannot be judged; empty where they can."""
    called = f"run {run.run_id}"
    if not is_known(run.energy.job_kwh):
        return f"nothing was measured in {called}"
    if run.status == "running":
        return f"{called} is still being measured"
    if run.status not in _ENDED:
        return f"{called} {run.status}: its figures end where the measuring did, and are a lower bound"
    if run.energy.job_kwh.kind == "lower_bound":
        return f"a part of {called} could not be measured: its energy is a lower bound"
    return ""


def _quantities(a: Run, b: Run, energy: EnergyRatio, why: str, stand_ins: StandIns) -> Iterable[Quantity]:
    """The energy and every indicator that both have: of the whole runs, then of each unit that both counted."""
    whole = [_energy(a, b, energy, why), *_impacts(a, b, energy, why, stand_ins)]
    yield from whole
    for name in a.units:
        of_a, of_b = _for_all(a.units.get(name)), _for_all(b.units.get(name))
        if of_a > 0 and of_b > 0:
            yield from (_each(one, name, of_a, of_b) for one in whole if not _is_claim(a, one))


def _is_claim(run: Run, one: Quantity) -> bool:
    """A claim is no figure of a unit."""
    return one.key in run.impacts and run.impacts[one.key].kind == "claim"


def _for_all(unit: UnitResult | None) -> float:
    """How many units all energy of a run would make: more than were counted where that was in a part of it only."""
    return unit.amount / unit.share if unit is not None and unit.share > 0 else 0.0


def _energy(a: Run, b: Run, energy: EnergyRatio, why: str) -> Quantity:
    return _judged(ENERGY, "kWh", a.energy.job_kwh, b.energy.job_kwh, energy, why)


def _impacts(a: Run, b: Run, energy: EnergyRatio, why: str, stand_ins: StandIns) -> Iterable[Quantity]:
    for key, one in a.impacts.items():
        two = b.impacts.get(key)
        if two is None or isinstance(one.operational, Missing) or isinstance(two.operational, Missing):
            continue
        ratio, reason = _impact_ratio(a, b, one, two, energy)
        never = why_not(key, a, b, stand_ins) if a.run_id != b.run_id else ""
        yield _judged(key, one.unit, one.operational, two.operational, ratio, why or never or reason)


def _impact_ratio(a: Run, b: Run, one: Impact, two: Impact, energy: EnergyRatio) -> tuple[EnergyRatio, str]:
    """The ratio of the energies, times that of what a kWh does: 1 where both have the same factors."""
    if not is_known(energy.ratio) or not _is_positive(one.operational) or not is_known(_amount(two)):
        return EnergyRatio(UNKNOWN, ()), ""
    same = one.factors == two.factors and a.provenance.own == b.provenance.own and _same_site(a, b)
    per_a, per_b = _per_kwh(a, one), _per_kwh(b, two)
    if same:
        by = exact(per_b.central / per_a.central)
        said = (*energy.cancelled, "factors of the grid and the building")
        return EnergyRatio(product(energy.ratio, by), said), ""
    kinds = {_amount(one).kind, _amount(two).kind}
    if "lower_bound" in kinds:
        return EnergyRatio(UNKNOWN, ()), "a part of one figure is missing, and the factors differ"
    return EnergyRatio(product(energy.ratio, quotient(per_b, per_a)), energy.cancelled), ""


def _same_site(a: Run, b: Run) -> bool:
    """Whether the building adds the same to both: one PUE of one place."""
    if a.energy.pue != b.energy.pue:
        return False
    return a.energy.pue.kind == "exact" or a.host.id == b.host.id or (":" in a.region.given == b.region.given)


def _per_kwh(run: Run, impact: Impact) -> Interval:
    """What a kWh of the job does: the impact's range without that of the energy."""
    job, amount = run.energy.job_kwh, _amount(impact)
    ends = [part / whole if whole > 0 else math.nan for part, whole in zip(amount[:3], job[:3], strict=True)]
    low = ends[1] if math.isnan(ends[0]) else min(ends[0], ends[1])
    return Interval(low, ends[1], max(ends[1], ends[2]), "envelope")


def _amount(impact: Impact) -> Interval:
    return impact.operational if isinstance(impact.operational, Interval) else UNKNOWN


def _is_positive(value: Interval | Missing) -> bool:
    return isinstance(value, Interval) and value.central > 0


def _judged(key: str, unit: str, a: Interval, b: Interval, ratio: EnergyRatio, why: str) -> Quantity:  # noqa: PLR0917 - the two amounts and what is known of them
    one = Quantity(key, unit, None, a, b, a, b, UNKNOWN, ratio.ratio, "", why, ratio.cancelled)
    return _with_verdict(one)


def _with_verdict(one: Quantity) -> Quantity:
    """B is less or more where the whole range of the ratio says so."""
    difference = _difference(one)
    if one.why or not is_known(one.ratio):
        why = one.why or "there is nothing to compare with"
        return one._replace(difference=difference, verdict="cannot_tell", why=why)
    if one.ratio.high < 1.0:
        return one._replace(difference=difference, verdict="less")
    if one.ratio.low > 1.0:
        return one._replace(difference=difference, verdict="more")
    return one._replace(difference=difference, verdict="cannot_tell", why=OVERLAP)


def _difference(one: Quantity) -> Interval:
    """B − A: A times (ratio − 1), so that what is shared is left out here too."""
    central = one.b.central - one.a.central
    if not is_known(one.ratio) or math.isnan(central):
        return Interval(central, central, central, "lower_bound")
    ends = [amount * (ratio - 1.0) for amount in (one.a.low, one.a.high) for ratio in (one.ratio.low, one.ratio.high)]
    kind = weakest((one.a.kind, one.b.kind, one.ratio.kind))
    return ordered(min(ends), central, max(ends), kind)


def _each(one: Quantity, unit: str, of_a: float, of_b: float) -> Quantity:
    """One unit's part of both amounts. Counts are exact."""
    each = one._replace(
        per=unit, a=scaled(one.a, 1 / of_a), b=scaled(one.b, 1 / of_b), ratio=scaled(one.ratio, of_a / of_b),
        why="" if one.why == OVERLAP else one.why,
    )  # fmt: skip
    return _with_verdict(each)
