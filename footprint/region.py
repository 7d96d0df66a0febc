"""Which grid a region's name stands for. Pure: the zones that there are come from ``catalogue``.

An explicit region wins, else what the cloud says, else a guess from the clock's time zone that is labelled a
guess, else the world's average. A part of a country that the catalogue lacks falls to its country, and says so.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from footprint.errors import UsageError
from footprint.records.raw import RegionRef

WORLD = "WORLD"
_FIX = "give a country (FR), a state (US-CA) or a cloud region (aws:eu-west-3)"
_ALIASES = {
    # names in use that are not the catalogue's
    "UK": "GB", "EL": "GR", "USA": "US", "UNITED STATES OF AMERICA": "US", "AMERICA": "US", "GREAT BRITAIN": "GB",
    "ENGLAND": "GB", "HOLLAND": "NL", "THE NETHERLANDS": "NL", "CZECH REPUBLIC": "CZ", "TÜRKIYE": "TR",
    "IVORY COAST": "CI", "CÔTE D'IVOIRE": "CI", "REPUBLIC OF KOREA": "KR", "KOREA": "KR", "RUSSIAN FEDERATION": "RU",
    "VIET NAM": "VN", "BURMA": "MM", "SWAZILAND": "SZ", "MACEDONIA": "MK", "CABO VERDE": "CV", "TIMOR-LESTE": "TL",
    "VATICAN": "VA", "VATICAN CITY": "VA", "GLOBAL": WORLD, "DR CONGO": "CD", "UAE": "AE",
}  # fmt: skip
_ENDONYMS = {
    # what people call their country: it is told which code it is, not taken for it
    "deutschland": "DE", "allemagne": "DE", "alemania": "DE", "frankreich": "FR", "francia": "FR",
    "españa": "ES", "espana": "ES", "espagne": "ES", "spanien": "ES", "italia": "IT", "italie": "IT", "italien": "IT",
    "suisse": "CH", "schweiz": "CH", "svizzera": "CH", "österreich": "AT", "oesterreich": "AT", "autriche": "AT",
    "polska": "PL", "polen": "PL", "pologne": "PL", "sverige": "SE", "schweden": "SE", "suède": "SE", "norge": "NO",
    "norwegen": "NO", "norvège": "NO", "danmark": "DK", "dänemark": "DK", "suomi": "FI", "finnland": "FI",
    "nederland": "NL", "niederlande": "NL", "pays-bas": "NL", "belgique": "BE", "belgië": "BE", "belgien": "BE",
    "česko": "CZ", "tschechien": "CZ", "magyarország": "HU", "ungarn": "HU", "românia": "RO", "hellas": "GR",
    "griechenland": "GR", "éire": "IE", "irland": "IE", "brasil": "BR", "méxico": "MX", "nippon": "JP",
    "zhongguo": "CN", "bharat": "IN", "rossiya": "RU", "royaume-uni": "GB", "grossbritannien": "GB", "états-unis": "US",
    "vereinigte staaten": "US", "estados unidos": "US", "eesti": "EE", "lietuva": "LT", "latvija": "LV",
    "slovensko": "SK", "hrvatska": "HR", "shqipëri": "AL", "ísland": "IS", "türkiye": "TR", "ukraïna": "UA",
}  # fmt: skip


class ZoneTable(NamedTuple):
    """The zones and cloud regions that the catalogue has."""

    names: Mapping[str, str]
    """Zone -> its English name."""
    countries: Mapping[str, str]
    """Part of a country -> the country's zone."""
    iso3: Mapping[str, str]
    """Three-letter code -> zone."""
    regions: Mapping[str, str]
    """Cloud region (``aws:eu-west-3``) -> zone."""


def resolve(given: str, how: str, table: ZoneTable) -> RegionRef:
    """The zone that a user's region stands for. Raises UsageError that names the three nearest."""
    text = given.strip()
    if ":" in text:
        return _cloud(text, how, table)
    zone = _zone_of(text, table)
    if zone is not None:
        return RegionRef(zone, how, text)
    country = _country_of_part(text, table)
    if country is not None:
        note = f"{text.upper()} is not in the catalogue: the figures are those of {table.names[country]}"
        return RegionRef(country, how, text, note)
    raise UsageError(f"region {text!r}", f"no such place is known; nearest: {_nearest(text, table)}", _FIX)


def guess(cloud: tuple[str, str] | None, time_zone_country: str | None, table: ZoneTable) -> RegionRef:
    """The zone by what the machine says of itself: (provider, region), else the country of its time zone."""
    note = ""
    if cloud is not None:
        given = f"{cloud[0]}:{cloud[1]}".lower()
        found = _region_of(given, table)
        if found is not None:
            return RegionRef(table.regions[found], "cloud", found)
        note = f"the cloud region {given} is not in the catalogue"
    country = (time_zone_country or "").upper()
    if country in table.names:
        guessed = "a guess from the clock's time zone"
        return RegionRef(country, "timezone", note=f"{note}; {guessed}" if note else guessed)
    world = "nothing says where this is: the world's average"
    return RegionRef(WORLD, "unknown", note=f"{note}; {world}" if note else world)


def _zone_of(text: str, table: ZoneTable) -> str | None:
    code = text.upper()
    if code in table.names:
        return code
    if code in table.iso3:
        return table.iso3[code]
    if code in _ALIASES and _ALIASES[code] in table.names:
        return _ALIASES[code]
    plain = text.casefold()
    found = [zone for zone, name in table.names.items() if name.casefold() == plain]
    # a name may be a country's and a part's (Georgia): the country is meant
    found.sort(key=lambda zone: zone in table.countries)
    return found[0] if found else None


def _country_of_part(text: str, table: ZoneTable) -> str | None:
    """The country of an ISO 3166-2 code that the catalogue lacks."""
    country, dash, part = text.upper().partition("-")
    if not dash or len(country) != 2 or not part.isalnum() or not 1 <= len(part) <= 3:
        return None
    return country if country in table.names else None


def _region_of(given: str, table: ZoneTable) -> str | None:
    """The key of a cloud region; an availability zone (``eu-west-3a``, ``us-east1-b``) is its region's."""
    if given in table.regions:
        return given
    if given[-1:].isalpha():
        region = given[:-1].rstrip("-")
        if region in table.regions and region[-1].isdigit():
            return region
    return None


def _cloud(given: str, how: str, table: ZoneTable) -> RegionRef:
    found = _region_of(given.lower(), table)
    if found is not None:
        return RegionRef(table.regions[found], how, found)
    provider, _, region = given.lower().partition(":")
    own = [key for key in table.regions if key.startswith(f"{provider}:")]
    if not own:
        providers = ", ".join(sorted({key.partition(":")[0] for key in table.regions}))
        raise UsageError(f"region {given!r}", f"no such cloud is known; there are {providers}", _FIX)
    near = _closest(region, {key.partition(":")[2]: key for key in own})
    why = f"{provider} has no such region; nearest: {', '.join(near)}"
    raise UsageError(f"region {given!r}", why, _FIX)


def _nearest(text: str, table: ZoneTable) -> str:
    spoken: dict[str, str] = {}
    for zone, name in table.names.items():
        told = f"{zone} ({name})"
        spoken[zone.lower()] = spoken[name.casefold()] = told
    spoken.update({key.partition(":")[2]: key for key in table.regions})
    for name, zone in _ENDONYMS.items():
        if zone in table.names:
            spoken[name] = f"{zone} ({table.names[zone]})"
    return ", ".join(_closest(text, spoken))


def _closest(text: str, spoken: Mapping[str, str]) -> tuple[str, ...]:
    """Three different suggestions, nearest first."""
    import difflib  # only when something is wrong: it costs milliseconds

    found: Iterable[str] = difflib.get_close_matches(text.casefold(), spoken, n=12, cutoff=0.0)
    return tuple(dict.fromkeys(spoken[name] for name in found))[:3]
