"""Numbers for people: three significant digits, a unit that fits, the range and its kind.

A missing value says that it is missing and why. No word here claims more than its number.
"""

from __future__ import annotations

import math

from footprint.interval import Interval
from footprint.records.derivation import Missing
from footprint.units import D_PER_YEAR

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
    "m3 world-eq": ((1.0, "m3 world-eq"), (1e-3, "L world-eq"), (1e-6, "mL world-eq"), (1e-9, "µL world-eq")),
    "m2.yr": (
        (1.0, "m2.yr"),
        (1 / D_PER_YEAR, "m2.day"),
        (1e-4 / D_PER_YEAR, "cm2.day"),
        (1e-6 / D_PER_YEAR, "mm2.day"),
    ),
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
    "m2.yr": "square metres for a year", "m2.day": "square metres for a day",
    "cm2.day": "square centimetres for a day", "mm2.day": "square millimetres for a day",
    "m3 world-eq": "cubic metres, world equivalent", "L world-eq": "litres, world equivalent",
    "mL world-eq": "millilitres, world equivalent", "µL world-eq": "microlitres, world equivalent",
    "m3": "cubic metres", "L": "litres", "mL": "millilitres", "µL": "microlitres", "nL": "nanolitres",
    "MW": "megawatts", "kW": "kilowatts", "W": "watts", "mW": "milliwatts", "µW": "microwatts",
    "TJ": "terajoules", "GJ": "gigajoules", "MJ": "megajoules", "kJ": "kilojoules", "J": "joules",
    "mJ": "millijoules", "µJ": "microjoules",
    "kg Sb-eq": "kilograms of antimony equivalent", "g Sb-eq": "grams of antimony equivalent",
    "mg Sb-eq": "milligrams of antimony equivalent", "µg Sb-eq": "micrograms of antimony equivalent",
    "ng Sb-eq": "nanograms of antimony equivalent",
    "t": "tonnes", "kg": "kilograms", "g": "grams", "mg": "milligrams", "µg": "micrograms",
}  # fmt: skip

_KINDS = {"p90": "90 % interval"}
"""Kinds that have another name for people."""


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


def scale_beside(value: float, other: float, unit: str) -> tuple[float, str]:
    """The scale of ``value`` where it stands beside ``other``: that of ``other`` where the two cannot be compared at a
    glance, as days and years.
    """
    own, others = scale(value, unit), scale(other, unit)
    return own if is_decimal(own[0] / others[0]) or abs(value / others[0]) < 1e-3 else others


def is_decimal(by: float) -> bool:
    """Whether one scale is told from the other by its decimal point alone."""
    power = math.log10(by)
    return abs(power - round(power)) < 1e-9


def amount(value: float, unit: str, *, spoken: bool = False) -> str:
    """An amount with a unit that fits: ``141 mWh``; ``spoken``: with the unit in words."""
    if not math.isfinite(value):
        return "no figure"
    by, name = scale(value, unit)
    return f"{number(value / by)} {_SPOKEN.get(name, name) if spoken else name}"


def energy(kwh: float) -> str:
    """An energy (kWh) with a unit that fits: ``141 mWh``."""
    return amount(kwh, "kWh")


def mass(grams: float, of: str = "") -> str:
    """A mass (g), ``of`` what: ``mass(0.031, "CO2e")`` is ``31.0 mg CO2e``."""
    return " ".join(filter(None, (amount(grams, "g"), of)))


def volume(litres: float) -> str:
    """A volume (L): ``12.5 mL``."""
    return amount(litres, "L")


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
    central = amount(value.central, unit, spoken=spoken)
    if value.kind == "lower_bound":
        by, name = scale_beside(value.low, value.central, unit)
        low = f"{number(value.low / by)} {_SPOKEN.get(name, name) if spoken else name}"
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
    return f"{amount(value.low, unit, spoken=spoken)} to {amount(value.high, unit, spoken=spoken)}"


def clean(text: str) -> str:
    """One line without control characters: a run's name must not move the reader's cursor."""
    return "".join(char if char.isprintable() else "?" for char in text)


def count(many: float) -> str:
    """Whole numbers whole: ``128,000``."""
    return f"{many:,.0f}" if float(many).is_integer() and many < 1e15 else number(many)


def claim_text(value: Interval | Missing, unit: str, of: str, evidence: str, *, spoken: bool = False) -> str:
    """An amount that is somebody's claim for a year, beside its evidence: ``claim of X, annual`` where it is zero.

    ``of`` whom or what: ``a supplier's tariff for 2026``; no evidence is said to be none.
    """
    said = f"claim of {clean(of)}, annual; evidence: {clean(evidence) if evidence else 'none is named'}"
    if isinstance(value, Interval) and value.central == 0:
        return said
    return f"{interval_text(value, unit, spoken=spoken)}: {said}"
