"""Meters that answer over the network, as settings name them: ``[redfish]`` and ``[wall_meter]``, checked.

Loaded only where one is named. A login is read from a file of its own or from the environment, and kept nowhere.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

from footprint.collectors.named import Address, Login, Named, Redfish, WallMeter
from footprint.errors import UsageError

_REDFISH = ("address", "chassis", "login_file", "certificate", "verify")
_WALL = (
    "url", "power", "power_unit", "energy", "energy_unit", "refresh_s", "error_pct", "login_file", "certificate",
    "verify",
)  # fmt: skip
_POWER_UNITS = {"W": 1.0, "kW": 1e3, "mW": 1e-3}
_ENERGY_UNITS = {"Wh": 3.6e3, "kWh": 3.6e6, "J": 1.0, "Wmin": 60.0}
_REFRESH_S = {"power": 1.0, "counter": 60.0}
"""Where the user does not say: plugs renew their power each second, and their energy each minute."""
_LONGEST_REFRESH_S = 3_600.0
_MOST_METERS = 8
_LOGINS = {"redfish": "FOOTPRINT_REDFISH_LOGIN", "wall_meter": "FOOTPRINT_WALL_METER_LOGIN"}

Table = Mapping[str, object]


def named(redfish: object, wall_meter: object, environ: Mapping[str, str]) -> Named:
    """The meters of two settings: a table, a list of tables, or for Redfish the address alone. Raises UsageError."""
    controller = None if not redfish else _redfish(redfish, environ)
    tables = wall_meter if isinstance(wall_meter, list) else [wall_meter] if wall_meter else []
    if len(tables) > _MOST_METERS:
        raise UsageError(
            "[[wall_meter]]", f"there are {len(tables)}", f"name at most {_MOST_METERS}, one a power supply"
        )
    meters = tuple(_wall(_table(one, "wall_meter", _WALL), environ) for one in tables)
    if len({meter.reading for meter in meters}) > 1:
        raise UsageError("[[wall_meter]]", "some give power and some energy", "use power for all, or energy for all")
    return Named(controller, meters)


def shown(value: object) -> str:
    """A setting of meters for people: who is asked, without paths, logins and queries."""
    tables = value if isinstance(value, list) else [value]
    return ", ".join(
        _server(one.get("address", one.get("url", "")) if isinstance(one, Mapping) else one) for one in tables
    )


def _redfish(value: object, environ: Mapping[str, str]) -> Redfish:
    table = _table({"address": value} if isinstance(value, str) else value, "redfish", _REDFISH)
    address = _address(table, "address", "redfish", environ)
    if urlsplit(address.url).path.strip("/") or urlsplit(address.url).query:
        raise UsageError("[redfish] address", "it has a path", "write the controller alone: https://10.0.0.5")
    return Redfish(address, str(table.get("chassis", "")))


def _wall(table: Table, environ: Mapping[str, str]) -> WallMeter:
    ways = [key for key in ("power", "energy") if key in table]
    if len(ways) != 1:
        why = "it names both power and energy" if ways else "it names neither power nor energy"
        fix = 'write power = "apower" for runs of minutes, or energy = "aenergy.total" for runs of hours'
        raise UsageError("[wall_meter]", why, fix)
    units = _POWER_UNITS if ways == ["power"] else _ENERGY_UNITS
    unit = str(table.get(f"{ways[0]}_unit", "W" if ways == ["power"] else "kWh"))
    if unit not in units:
        raise UsageError(f"[wall_meter] {ways[0]}_unit {unit!r}", "it is not known", f"use one of: {', '.join(units)}")
    reading = "power" if ways == ["power"] else "counter"
    refresh_s = _number(table.get("refresh_s", _REFRESH_S[reading]), "refresh_s", 0.0, _LONGEST_REFRESH_S)
    error = table.get("error_pct")
    error_pct = None if error is None else _number(error, "error_pct", 0.0, 50.0)
    return WallMeter(
        _address(table, "url", "wall_meter", environ), _path(table[ways[0]], ways[0]), reading, units[unit], refresh_s,
        error_pct,
    )  # fmt: skip


def _table(value: object, name: str, known: tuple[str, ...]) -> Table:
    if not isinstance(value, Mapping):
        raise UsageError(f"setting {name}", "it is no table", f"write [{name}] and its keys below")
    for key in value:
        if key in {"password", "login", "user", "token"}:
            fix = f'write USER:PASSWORD into a file of your own and login_file = "PATH", or set {_LOGINS[name]}'
            raise UsageError(f"[{name}] {key}", "settings are shown and shared", fix)
        if key not in known:
            raise UsageError(f"[{name}] {key}", "there is no such key", f"use one of: {', '.join(known)}")
    return value


def _address(table: Table, key: str, name: str, environ: Mapping[str, str]) -> Address:
    """Where a meter answers. Raises UsageError for an address that is none, and for a login that would be seen."""
    url, what = table.get(key), f"[{name}] {key}"
    try:
        parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not isinstance(url, str) or not fits or not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError(what, "it is no address", "write it like http://192.168.1.40/rpc/Switch.GetStatus?id=0")
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            what, "a login in an address is shown to others", f'use login_file = "PATH" or {_LOGINS[name]}'
        )
    login = _login(table, name, environ)
    if login and parts.scheme == "http" and not _is_here(parts.hostname or ""):
        raise UsageError(what, "a login would be sent for all to read", "use https, or a meter that asks for none")
    certificate = os.path.expanduser(str(table.get("certificate", "")))
    if certificate and not os.access(certificate, os.R_OK):
        raise UsageError(f"[{name}] certificate", f"{certificate} cannot be read", "name the file of its certificate")
    verify = table.get("verify", True)
    if not isinstance(verify, bool):
        raise UsageError(f"[{name}] verify", "it is neither true nor false", "write verify = false, or leave it out")
    return Address(url, login, certificate, verify)


def _login(table: Table, name: str, environ: Mapping[str, str]) -> Login:
    """From a file that only its owner can read, else from the environment."""
    path = os.path.expanduser(str(table.get("login_file", "")))
    if not path:
        return _checked_login(environ.get(_LOGINS[name], ""), _LOGINS[name])
    what = f"[{name}] login_file"
    try:
        mode = os.stat(path).st_mode
        with open(path, encoding="utf-8") as file:
            text = file.read(1_000)
    except (OSError, UnicodeDecodeError) as fault:
        why = getattr(fault, "strerror", None) or "it is no text"
        raise UsageError(what, f"{path}: {why}", "name a readable file with one line USER:PASSWORD") from None
    if sys.platform != "win32" and mode & 0o077:
        raise UsageError(what, f"others may read {path}", f"chmod 600 {path}")
    return _checked_login(text.strip(), what)


def _checked_login(text: str, what: str) -> Login:
    if text and (":" not in text or not text.isprintable()):
        raise UsageError(what, "it holds no login", "write one line USER:PASSWORD")
    return Login(text)


def _path(value: object, key: str) -> tuple[str, ...]:
    """``"aenergy.total"`` as keys; a list stands for itself, where a key has a dot in it."""
    keys = value.split(".") if isinstance(value, str) else value
    if not isinstance(keys, list) or not keys or not all(isinstance(one, str) and one for one in keys):
        raise UsageError(f"[wall_meter] {key}", "it is no path into the answer", f'write it like {key} = "a.b.c"')
    return tuple(keys)


def _number(value: object, key: str, above: float, most: float) -> float:
    found = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if not above < found <= most:
        raise UsageError(
            f"[wall_meter] {key}", f"it is no number above {above:g}, up to {most:g}", "give such a number"
        )
    return found


def _is_here(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")


def _server(url: object) -> str:
    try:
        parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
        host, port = parts.hostname or "?", parts.port
    except ValueError:
        return "?"
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")
