"""A contract that a user states of the electricity they buy, from settings: checked before anything is started.

It makes ``carbon_market`` a claim beside its evidence. What becomes of it: ``own_factors``.
"""

import re
from collections.abc import Mapping

from footprint.errors import UsageError
from footprint.own_factors import CONTRACTS
from footprint.records.own_factors import Contract

_KEYS = ("intensity_g_per_kwh", "kind", "evidence", "year")
_AS_TEXT = 'write it like "0 PPA 2026 EVIDENCE": gCO2e per kWh, kind, year, what there is to show for it'
_YEARS = (1990, 2100)
_MOST_CHARACTERS = 500
_LARGEST = 1e9
_AMOUNT = re.compile(r"\d+\.?\d*|\.\d+")


def of_setting(value: object, origin: str) -> Contract:
    """A setting's contract; ``origin`` is where it was written. Raises UsageError."""
    if origin == "environment":
        return contract_of(value, "FOOTPRINT_CONTRACT")
    named = "--contract" if origin == "flag" else "contract" if origin == "argument" else f"contract in {origin}"
    return contract_of(value, named)


def contract_of(value: object, what: str) -> Contract:
    """A stated contract from a table of settings, or from text: ``0 PPA 2026 EVIDENCE``. Raises UsageError."""
    told = _from_text(value, what) if isinstance(value, str) else value
    if not isinstance(told, Mapping):
        raise UsageError(what, "it is neither a table nor text", _AS_TEXT)
    for key in told:
        if key not in _KEYS:
            raise UsageError(f"{what}, {key}", "there is no such key", f"use: {', '.join(_KEYS)}")
    for key in _KEYS:
        if told.get(key) in {None, ""}:
            raise UsageError(what, f"it has no {key}", f"give all of: {', '.join(_KEYS)}")
    amount, year, kind = told["intensity_g_per_kwh"], told["year"], str(told["kind"])
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount < _LARGEST:
        raise UsageError(
            f"{what}, intensity_g_per_kwh {amount!r}", "it is no number from 0 on", "give gCO2e per kWh, such as 0"
        )
    kinds = {one.casefold(): one for one in CONTRACTS}
    if kind.casefold() not in kinds:
        raise UsageError(f"{what}, kind {kind!r}", "there is no such kind", f"use one of: {', '.join(CONTRACTS)}")
    if isinstance(year, bool) or not isinstance(year, int) or not _YEARS[0] <= year <= _YEARS[1]:
        raise UsageError(f"{what}, year {year!r}", "it is no year", "give the year that it covers, such as 2026")
    evidence = str(told["evidence"]).strip()
    if not evidence.isprintable() or len(evidence) > _MOST_CHARACTERS:
        raise UsageError(f"{what}, evidence", "it is too long or cannot be printed", "write it on one line")
    return Contract(float(amount), kinds[kind.casefold()], evidence, year)


def _from_text(text: str, what: str) -> dict[str, object]:
    words = text.split(None, 3)
    if len(words) < 4:
        raise UsageError(f"{what} {text!r}", "it does not say intensity, kind, year and evidence", _AS_TEXT)
    amount, kind, year, evidence = words
    if not _AMOUNT.fullmatch(amount) or not year.isdecimal():
        raise UsageError(f"{what} {text!r}", "its intensity or its year is no number", _AS_TEXT)
    return {"intensity_g_per_kwh": float(amount), "kind": kind, "year": int(year), "evidence": evidence}
